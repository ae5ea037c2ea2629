/* SPDX-License-Identifier: MIT
 *
 * The options of `mpflash flash`.
 */
#ifndef CMD_FLASH_OPTIONS_H
#define CMD_FLASH_OPTIONS_H

/* Rows of a table of options (cmd/options.h) that fill `o`, a struct flash_options. */
/* clang-format off */
#define FLASH_OPTIONS(o) \
	{ "version", 'v', NULL, OPT_LIST, "VERSION", \
	  "stable (default), preview, X.Y.Z or ?; with --build a ref (default: the tree as it is)", \
	  &(o).versions }, \
	{ "board", 'b', NULL, OPT_LIST, "ID", \
	  "this board: its id, its description, or ? (default: what each says itself)", \
	  &(o).boards }, \
	{ "variant", 0, "var", OPT_STRING, "NAME", "this variant of the board; -: none", \
	  &(o).variant }, \
	{ "port", 'p', NULL, OPT_LIST, "PORT", "only boards of this MicroPython port", \
	  &(o).ports }, \
	{ "cpu", 0, "chip", OPT_STRING, "CPU", "only boards with this chip", &(o).cpu }, \
	{ "serial", 's', "serial-port", OPT_LIST, "PORT", \
	  "the device at this serial port (or glob; repeat)", &(o).make.serial }, \
	{ "ignore", 'i', NULL, OPT_LIST, "PORT", \
	  "not this serial port (or glob; repeat; also MPFLASH_IGNORE)", &(o).make.ignore }, \
	{ "bluetooth", 0, "bt", OPT_FLAG, NULL, "Bluetooth ports too", &(o).make.bluetooth }, \
	{ "device", 0, NULL, OPT_STRING, "ID", \
	  "the device of this id, or whose id begins so (list --json shows them)", \
	  &(o).make.device }, \
	{ "volume", 0, NULL, OPT_LIST, "DIR", \
	  "the UF2 drive that is mounted there (repeat; wants --board)", &(o).make.volumes }, \
	{ "probe", 0, "probe-id", OPT_STRING, "ID", \
	  "the debug probe with this in its serial number (wants --board)", \
	  &(o).make.probe_id }, \
	{ "method", 0, "flash-method", OPT_STRING, "NAME", \
	  "auto (default), uf2, dfu, esptool, pyocd, picoboot, ...: see list --json", \
	  &(o).method }, \
	{ "bootloader", 0, "bl", OPT_STRING, "WAY", \
	  "the way into the bootloader: auto, manual, mpy, touch1200, none", \
	  &(o).make.bootloader }, \
	{ "target", 0, NULL, OPT_STRING, "NAME", \
	  "what pyOCD (or the --method's tool) calls the chip", &(o).target }, \
	{ "auto-install-packs", 0, NULL, OPT_FLAG, NULL, \
	  "pyOCD may fetch the CMSIS pack of the chip (default; or --no-auto-install-packs)", \
	  &(o).make.packs }, \
	{ "build", 0, NULL, OPT_FLAG, NULL, "build the firmware from the MicroPython tree", \
	  &(o).build }, \
	{ "clean", 0, NULL, OPT_FLAG, NULL, "with --build: from nothing", &(o).clean }, \
	{ "force", 'f', NULL, OPT_FLAG, NULL, \
	  "fetch, build and flash again what is up to date", &(o).make.always }, \
	{ "custom", 'c', NULL, OPT_FLAG, NULL, \
	  "firmware that was added under the board's custom id", &(o).custom }, \
	{ "image", 0, NULL, OPT_STRING, "FILE", "this file", &(o).make.image }, \
	{ "erase", 0, NULL, OPT_FLAG, NULL, "erase all of the flash before", &(o).erase }, \
	{ "format", 0, NULL, OPT_FLAG, NULL, \
	  "make the board's file system anew afterwards: all files are lost", &(o).format }, \
	{ "files", 0, NULL, OPT_STRING, "DIR", \
	  "then put this folder's files onto the board's file system, but those that it has", \
	  &(o).make.files_dir }, \
	{ "flash_mode", 0, "fm", OPT_STRING, "MODE", \
	  "ESP: keep (default), qio, qout, dio, dout", &(o).mode }, \
	{ "retry", 0, NULL, OPT_FLAG, NULL, \
	  "ESP: when the line fails, once more and slower (default; or --no-retry)", \
	  &(o).retry }, \
	{ "retry-baud", 0, NULL, OPT_COUNT, "BAUD", "ESP: at this speed then (115200)", \
	  &(o).retry_baud }, \
	{ "retry-flash-mode", 0, "rfm", OPT_STRING, "MODE", "ESP: in this mode then (dio)", \
	  &(o).retry_mode }, \
	{ "dry-run", 'n', NULL, OPT_FLAG, NULL, \
	  "only tell the plan, with what is here: fetches nothing, asks no site", \
	  &(o).make.dry_run }, \
	{ "json", 0, NULL, OPT_FLAG, NULL, "events on stdout, one JSON object a line", \
	  &(o).make.json }, \
	{ "explain", 0, NULL, OPT_FLAG, NULL, "tell of each step why it runs or not", \
	  &(o).make.explain }, \
	{ "offline", 0, NULL, OPT_FLAG, NULL, "fetch nothing", &(o).make.offline }, \
	{ "recheck", 0, NULL, OPT_FLAG, NULL, \
	  "compare the device's bytes, whatever the record and the board say", \
	  &(o).make.recheck }, \
	{ "unlock", 0, NULL, OPT_FLAG, NULL, \
	  "a locked chip may be erased to unlock it: all that is on it is lost", \
	  &(o).make.unlock }, \
	{ "allow", 0, NULL, OPT_LIST, "FINDING", \
	  "flash in spite of what a check found: filesystem, id-code, ... (repeat)", \
	  &(o).make.allows }, \
	{ "probing", 0, NULL, OPT_FLAG, NULL, \
	  "ask boards what they run (default; or --no-probing: trust the record)", \
	  &(o).make.probe }, \
	{ "jobs", 'j', NULL, OPT_COUNT, "N", "run N compilers at once", &(o).make.jobs }, \
	{ "directory", 'C', "mpy", OPT_STRING, "DIR", \
	  "the MicroPython tree (default: MICROPY_DIR, or from here upwards)", \
	  &(o).make.tree_dir }, \
	{ "builder", 0, NULL, OPT_STRING, "NAME", "host, docker, podman or auto", \
	  &(o).make.builder }, \
	{ "board-dir", 0, NULL, OPT_LIST, "DIR", \
	  "a board, or a folder of boards, outside the tree", &(o).make.board_dirs }, \
	{ "set", 0, NULL, OPT_LIST, "VAR=VALUE", "a make variable for the port's make", \
	  &(o).make.sets }, \
	{ "rules", 0, NULL, OPT_LIST, "FILE", "read this rule file too", \
	  &(o).make.rules_files }
/* clang-format on */

#endif
