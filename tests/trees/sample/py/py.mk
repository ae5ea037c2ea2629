# The core: its objects, its generated headers, frozen content and user modules.

HEADER_BUILD = $(BUILD)/genhdr
QSTR_DEFS_COLLECTED = $(HEADER_BUILD)/qstrdefs.collected.h

# A change in one of these scans every source again; any other header does not.
QSTR_GLOBAL_DEPENDENCIES += $(PY_SRC)/mpconfig.h mpconfigport.h

PY_CORE_C = $(addprefix py/, \
	frozenmod.c \
	lexer.c \
	modmath.c \
	modsys.c \
	modthread.c \
	mpprint.c \
	objmodule.c \
	qstr.c \
	runtime.c \
	)

# C modules from outside the tree: USER_C_MODULES=DIR takes every DIR/*/micropython.mk.
ifneq ($(USER_C_MODULES),)
SRC_USERMOD_C :=
CFLAGS_USERMOD :=
$(foreach module, $(wildcard $(USER_C_MODULES)/*/micropython.mk), \
	$(eval USERMOD_DIR = $(patsubst %/,%,$(dir $(module)))) \
	$(info Including User C Module from $(USERMOD_DIR)) \
	$(eval include $(module)) \
)
SRC_USERMOD_PATHFIX_C := $(patsubst $(USER_C_MODULES)/%,%,$(SRC_USERMOD_C))
CFLAGS += $(CFLAGS_USERMOD)
endif

PY_CORE_O = $(addprefix $(BUILD)/, $(PY_CORE_C:.c=.o))
PY_O += $(PY_CORE_O) $(addprefix $(BUILD)/, $(SRC_USERMOD_PATHFIX_C:.c=.o))
SRC_QSTR += $(PY_CORE_C) $(SRC_USERMOD_PATHFIX_C)

ifneq ($(FROZEN_MANIFEST),)
CFLAGS += -DMICROPY_MODULE_FROZEN_MPY
PY_O += $(BUILD)/frozen_content.o

# Every MICROPY_MANIFEST_X reaches the manifest as $(X).
MICROPY_MANIFEST_PORT_DIR ?= $(CURDIR)
MICROPY_MANIFEST_BOARD_DIR ?= $(BOARD_DIR)
MICROPY_MANIFEST_MPY_DIR ?= $(TOP)
MICROPY_MANIFEST_MPY_LIB_DIR ?= $(MPY_LIB_DIR)
MANIFEST_VARIABLES = $(foreach var,$(filter MICROPY_MANIFEST_%, $(.VARIABLES)),-v "$(subst MICROPY_MANIFEST_,,$(var))=$($(var))")

# Always run: the script itself compares dates, of the .py files with those of their .mpy files.
$(BUILD)/frozen_content.c: FORCE $(HEADER_BUILD)/qstrdefs.generated.h | $(MICROPY_MPYCROSS_DEPENDENCY)
	$(Q)$(MAKE_MANIFEST) -o $@ $(MANIFEST_VARIABLES) -b "$(BUILD)" $(if $(MPY_CROSS_FLAGS),-f"$(MPY_CROSS_FLAGS)") $(FROZEN_MANIFEST)
endif

FORCE:
.PHONY: FORCE

$(HEADER_BUILD)/mpversion.h: FORCE | $(HEADER_BUILD)
	$(Q)$(PYTHON) $(PY_SRC)/makeversionhdr.py $@

# mpconfigport.mk is optional, but a change of it may change everything.
MPCONFIGPORT_MK = $(wildcard mpconfigport.mk)

$(HEADER_BUILD)/qstrdefs.generated.h: $(PY_SRC)/qstrdefs.h $(QSTR_DEFS) $(QSTR_DEFS_COLLECTED) $(PY_SRC)/makeqstrdata.py mpconfigport.h $(MPCONFIGPORT_MK) $(PY_SRC)/mpconfig.h | $(HEADER_BUILD)
	$(ECHO) "GEN $@"
	$(Q)$(PYTHON) $(PY_SRC)/makeqstrdata.py $(PY_SRC)/qstrdefs.h $(QSTR_DEFS) $(QSTR_DEFS_COLLECTED) > $@

$(HEADER_BUILD)/moduledefs.h: $(HEADER_BUILD)/moduledefs.collected $(PY_SRC)/makemoduledefs.py
	$(ECHO) "GEN $@"
	$(Q)$(PYTHON) $(PY_SRC)/makemoduledefs.py $< > $@

# Or gcc turns memset's loop into a call of memset.
$(BUILD)/shared/libc/string0.o: CFLAGS += -ffreestanding -fno-builtin -fno-lto
