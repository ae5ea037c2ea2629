/* SPDX-License-Identifier: MIT
 *
 * Options of the port qemu. The board's name and chip come from mpconfigboard.mk.
 */
#define MICROPY_PY_SYS_PLATFORM "qemu"
