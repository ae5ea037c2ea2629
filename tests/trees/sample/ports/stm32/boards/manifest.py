# Frozen into every stm32 board.
freeze("$(PORT_DIR)/modules")
require("unittest")
