# Modules beyond the core; extmod/extmod.mk says the same for make.

set(MICROPY_SOURCE_EXTMOD
    ${MICROPY_DIR}/extmod/modmachine.c
    ${MICROPY_DIR}/extmod/modos.c
)
