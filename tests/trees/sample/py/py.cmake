# The core's sources; py/py.mk says the same for make.

set(MICROPY_PY_DIR "${MICROPY_DIR}/py")

set(MICROPY_SOURCE_PY
    ${MICROPY_PY_DIR}/frozenmod.c
    ${MICROPY_PY_DIR}/lexer.c
    ${MICROPY_PY_DIR}/modmath.c
    ${MICROPY_PY_DIR}/modsys.c
    ${MICROPY_PY_DIR}/modthread.c
    ${MICROPY_PY_DIR}/mpprint.c
    ${MICROPY_PY_DIR}/objmodule.c
    ${MICROPY_PY_DIR}/qstr.c
    ${MICROPY_PY_DIR}/runtime.c
)
