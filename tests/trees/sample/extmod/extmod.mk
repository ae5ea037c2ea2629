# Modules beyond the core, for every port.

SRC_EXTMOD_C += \
	extmod/modmachine.c \
	extmod/modos.c \

PY_O += $(addprefix $(BUILD)/, $(SRC_EXTMOD_C:.c=.o))
SRC_QSTR += $(SRC_EXTMOD_C)
