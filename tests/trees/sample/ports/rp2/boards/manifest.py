# Frozen into every rp2 board.
freeze("$(PORT_DIR)/modules")
require("unittest")
