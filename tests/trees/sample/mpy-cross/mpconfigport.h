/* SPDX-License-Identifier: MIT
 *
 * Options of mpy-cross. It has the core's sources in it, but never runs a program.
 */
#define MICROPY_HW_BOARD_NAME "mpy-cross"
#define MICROPY_HW_MCU_NAME "host"
#define MICROPY_PY_SYS_PLATFORM "host"
