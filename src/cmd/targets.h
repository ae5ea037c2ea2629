/* SPDX-License-Identifier: MIT
 *
 * What the commands that take targets share: the options that say what a target means, and looking at its graph
 * without doing any of it.
 */
#ifndef CMD_TARGETS_H
#define CMD_TARGETS_H

#include "cmd/options.h"
#include "graph/graph.h"
#include "graph/session.h"

/* Rows of an option table; `opt` is a struct make_options. All of them are part of what a target is. */
/* clang-format off */
#define TARGET_OPTIONS(opt) \
	{ "directory", 'C', "mpy", OPT_STRING, "DIR", \
	  "the MicroPython tree (default: MICROPY_DIR, or from here upwards)", &(opt).tree_dir }, \
	{ "output", 'o', NULL, OPT_STRING, "DIR", \
	  "put files into DIR/BOARD (default: TREE/build-mpflash/BOARD)", &(opt).out_dir }, \
	{ "board-dir", 0, NULL, OPT_LIST, "DIR", \
	  "a board, or a folder of boards, outside the tree", &(opt).board_dirs }, \
	{ "builder", 0, NULL, OPT_STRING, "NAME", \
	  "build with the tools of this machine (host), in docker or podman, or (auto, the default) in an engine where tools are missing", \
	  &(opt).builder }, \
	{ "container", 0, NULL, OPT_STRING, "IMAGE", \
	  "build in this image instead of the rules'", &(opt).container }, \
	{ "image", 0, NULL, OPT_STRING, "FILE", \
	  "flash or verify this firmware instead of a built one", &(opt).image }, \
	{ "manifest", 0, NULL, OPT_STRING, "FILE", \
	  "freeze what this manifest names, instead of the board's own", &(opt).manifest }, \
	{ "method", 0, NULL, OPT_STRING, "NAME", \
	  "flash by this method (default: the rules' first that works)", &(opt).method }, \
	{ "offline", 0, NULL, OPT_FLAG, NULL, "fetch nothing for TARGET@REF", &(opt).offline }, \
	{ "rules", 0, NULL, OPT_LIST, "FILE", "read this rule file too", &(opt).rules_files }, \
	{ "stamp", 0, NULL, OPT_STRING, "KIND", \
	  "content: commits that change nothing built are no reason to build (default); exact: they are (with @)", \
	  &(opt).stamp }, \
	{ "set", 0, NULL, OPT_LIST, "VAR=VALUE", "a make variable for the port's make", \
	  &(opt).sets }, \
	{ "user-c-modules", 0, NULL, OPT_LIST, "DIR", \
	  "build in this C module, or those in this folder (several: several --user-c-modules)", \
	  &(opt).c_modules }

/* Rows for the commands that act on devices: which of them, and how. */
#define DEVICE_OPTIONS(opt) \
	{ "serial", 's', "serial-port", OPT_LIST, "PORT", \
	  "the device at this serial port (or glob; repeat)", &(opt).serial }, \
	{ "ignore", 'i', NULL, OPT_LIST, "PORT", \
	  "not this serial port (or glob; repeat; also MPFLASH_IGNORE)", &(opt).ignore }, \
	{ "bluetooth", 0, "bt", OPT_FLAG, NULL, "Bluetooth ports too", &(opt).bluetooth }, \
	{ "device", 0, NULL, OPT_STRING, "ID", \
	  "the device of this id, or whose id begins so (list --json shows them)", &(opt).device }, \
	{ "probe", 0, "probe-id", OPT_STRING, "ID", \
	  "the debug probe with this in its serial number, or a GDB server's HOST:PORT", &(opt).probe_id }, \
	{ "volume", 0, NULL, OPT_LIST, "DIR", "the UF2 drive that is mounted there (repeat)", \
	  &(opt).volumes }, \
	{ "range", 0, NULL, OPT_STRING, "FROM-TO", \
	  "what read- reads: addresses, or FROM+SIZE (default: all of the flash)", &(opt).range }, \
	{ "all-devices", 0, NULL, OPT_FLAG, NULL, "all devices that are the board, at once", \
	  &(opt).all_devices }, \
	{ "bootloader", 0, "bl", OPT_STRING, "WAY", \
	  "how a running board is told to enter its bootloader: auto, manual, mpy, touch1200, none", \
	  &(opt).bootloader }, \
	{ "auto-install-packs", 0, NULL, OPT_FLAG, NULL, \
	  "let pyOCD fetch the CMSIS pack of a chip that it does not know", &(opt).packs }, \
	{ "recheck", 0, NULL, OPT_FLAG, NULL, \
	  "compare the device's bytes, whatever the record and the board say", &(opt).recheck }, \
	{ "unlock", 0, NULL, OPT_FLAG, NULL, \
	  "a locked chip may be erased to unlock it: all that is on it is lost", &(opt).unlock }
/* clang-format on */

/* Checks the options of targets that can be checked before anything is opened. */
bool targets_check_options(const struct make_options *opt, struct err *e);
void targets_free_options(struct make_options *opt);

/* Opens the session: with a tree when one of the targets needs it. session_close also when it fails. */
bool targets_open(struct session *s, const struct make_options *opt, const struct strv *targets,
		  struct err *e);

/*
 * Calls `show` with the ordered graph of the targets. opt->dry_run has to be set: nothing is run and nothing is
 * written. No target at all is a usage error.
 */
bool targets_view(const struct make_options *opt, const struct strv *targets,
		  bool (*show)(struct graph *g, void *ctx, struct err *e), void *ctx,
		  struct err *e);

#endif
