# What a plain `make` builds.

FROZEN_MANIFEST ?= $(VARIANT_DIR)/manifest.py
