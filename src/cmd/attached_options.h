/* SPDX-License-Identifier: MIT
 *
 * The options by which commands are told which devices they are for.
 */
#ifndef CMD_ATTACHED_OPTIONS_H
#define CMD_ATTACHED_OPTIONS_H

#include "cmd/options.h"
#include "graph/attached.h"

/* Rows of a table of options (cmd/options.h) that fill `o`, a struct attached_options *. */
#define ATTACHED_OPTIONS(o)                                                                           \
	{ "serial",    's',    "serial-port",                                                         \
	  OPT_LIST,    "PORT", "only this serial port (or glob; repeat)",                             \
	  &(o)->serial },                                                                             \
		{ "ignore",    'i',                                                                   \
		  NULL,        OPT_LIST,                                                              \
		  "PORT",      "not this serial port (or glob; repeat; also MPFLASH_IGNORE)",         \
		  &(o)->ignore },                                                                     \
		{ "bluetooth", 0, "bt", OPT_FLAG, NULL, "Bluetooth ports too", &(o)->bluetooth },     \
	{                                                                                             \
		"device", 0, NULL, OPT_STRING, "ID",                                                  \
			"only the device of this id, or whose id begins so (list --json shows them)", \
			&(o)->device                                                                  \
	}

#endif
