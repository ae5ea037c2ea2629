/* SPDX-License-Identifier: MIT
 *
 * An ESP behind an emulated port: its reset circuit, its UART, what it does after a reset.
 *
 *	chip=esp32       esp8266 esp32 esp32s2 esp32s3 esp32c2 esp32c3 esp32c6
 *	flash=FILE       the flash chip's bytes; FILE is there and has its size. It outlives the board
 *	params=BYTES     a flash chip that says another size than FILE has
 *	reply=FILE       what its MicroPython answers to each script; without it firmware is silent
 *	log=FILE         a line for each request that the loader obeys: "sync", "md5 00010000 00001000", "erase ...", "program ..."
 *	loader           it waits in the loader already
 *	line=uart        uart (two transistors), jtag (its own USB)
 *	pace             bytes take as long as they take at the port's speed
 *	turnaround=MS    each answer comes so much later: an adapter's latency timer
 *	erase=US         time of a sector's erase; write=US: of 1 KiB
 *	crystal=26       instead of the 40 MHz that its ROM believes in: it misjudges CHANGE_BAUD. ESP32: what its ROM has measured
 *	max_baud=N       above it the line carries garbage
 *	secure=boot,encrypt,download    what its eFuses say
 *	mac=HEX          its MAC address, twelve digits
 *	revision=N       of the chip, 100 * major + minor
 *	fault=KIND@N     at the Nth block of data, once: silent, garbage, cut, other, twice, error, gone, lost
 *	tell=N           tells the rig "reached" when N bytes were programmed since it has power, and says no more
 *
 * It tells the rig: "loader" (waits for requests), "boot" (started firmware), "unbootable", "stub".
 */
#ifndef EMU_ESP_BOARD_H
#define EMU_ESP_BOARD_H

/* Runs until the port is closed for good; `firmware` is what it runs when its flash has an image. The program's exit status. */
int esp_board(char **words, void (*firmware)(const char *reply));

#endif
