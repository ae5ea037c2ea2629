/* SPDX-License-Identifier: MIT
 *
 * The Raspberry Pi Pico 2.
 */
#define MICROPY_HW_BOARD_NAME "Raspberry Pi Pico 2"
