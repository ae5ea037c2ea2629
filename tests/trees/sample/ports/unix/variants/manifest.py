# Frozen into every variant that does not say otherwise.
freeze("$(PORT_DIR)/modules")
