/* SPDX-License-Identifier: MIT
 *
 * The Raspberry Pi Pico.
 */
#define MICROPY_HW_BOARD_NAME "Raspberry Pi Pico"
