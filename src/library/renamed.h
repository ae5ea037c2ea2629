/* SPDX-License-Identifier: MIT
 *
 * Boards that MicroPython has renamed: firmware of the one name is firmware for the other.
 */
#ifndef LIBRARY_RENAMED_H
#define LIBRARY_RENAMED_H

#include "base/arena.h"
#include "base/vec.h"

/*
 * Appends the other names that the board may have or have had, without itself, the likeliest first; strings in the arena.
 * PICO <-> RPI_PICO (v1.20 to v1.21), GENERIC_X -> ESP32_GENERIC-X and ESP32_GENERIC_X (port NULL or "": of ESP8266 too)
 * and back, and last the board without its SPIRAM or THREAD.
 */
void renamed_boards(const char *board_id, const char *port, struct arena *a, struct strv *out);

#endif
