# The standard variant's own modules, with those of every variant.
include("$(PORT_DIR)/variants/manifest.py")
require("unittest")
