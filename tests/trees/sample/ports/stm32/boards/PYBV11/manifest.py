# The pyboard's own modules, with those of every board.
include("$(PORT_DIR)/boards/manifest.py")
freeze("$(BOARD_DIR)/modules", "pybtour.py")
