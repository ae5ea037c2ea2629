/* SPDX-License-Identifier: MIT
 *
 * The one table of the options that all commands have, and the environment's say in them.
 */
#include "cmd/global.h"

#include <stdlib.h>
#include <strings.h>

#include "base/log.h"
#include "base/xalloc.h"

struct global global;

/* clang-format off */
#define SHARED_OPTIONS(ask, folder, usb_letter) \
	{ "quiet", 'q', NULL, OPT_FLAG, NULL, \
	  "only errors, and what is asked for as JSON (or MPFLASH_QUIET)", &global.quiet }, \
	{ "verbose", 'V', NULL, OPT_TIMES, NULL, \
	  "tell what goes on inside; twice: also every byte to and from boards", &global.verbose }, \
	{ "interactive", (ask), NULL, OPT_FLAG, NULL, \
	  "ask on the terminal where something is open (default, but not under CI=true)", &global.interactive }, \
	{ "no-interactive", 'x', NULL, OPT_OFF, NULL, "never ask", &global.interactive }, \
	{ "usb", (usb_letter), NULL, OPT_FLAG, NULL, \
	  "tables of boards have USB ids and locations", &global.usb }, \
	{ "dir", (folder), NULL, OPT_STRING, "DIR", \
	  "the firmware folder (default: MPFLASH_FIRMWARE, else firmware in your downloads)", &global.dir }, \
	{ "test", 0, NULL, OPT_LIST, "FLAG", \
	  "of the Python mpflash: an experiment of its; there is none here", &global.tests }

const struct option global_options[] = {
	{ "version", 0, NULL, OPT_FLAG, NULL, "print the version", &global.version },
	SHARED_OPTIONS('i', 'd', 'u'),
	{ 0 },
};

const struct option global_options_behind[] = {
	SHARED_OPTIONS(0, 0, 0),
	{ 0 },
};
/* clang-format on */

/* As the Python tool's command line takes such variables. */
static bool is_on(const char *variable)
{
	static const char *const off[] = { "", "0", "false", "f", "no", "n", "off" };
	const char *value = getenv(variable);

	for (size_t i = 0; value && i < ARRAY_SIZE(off); i++)
		if (strcasecmp(value, off[i]) == 0)
			return false;
	return value;
}

void global_init(void)
{
	global.quiet = is_on("MPFLASH_QUIET");
	global.interactive = !is_on("CI") && !is_on("GITHUB_ACTIONS");
}

void global_settle(void)
{
	int level = global.verbose > LOG_LEVEL_TRACE ? LOG_LEVEL_TRACE : global.verbose;

	log_set_level(global.quiet ? LOG_LEVEL_QUIET : (enum log_level)level);
	for (size_t i = 0; i < global.tests.count; i++)
		log_note("warning: --test %s: there is no such experiment here",
			 global.tests.items[i]);
	global.tests.count = 0;
}

void global_free(void)
{
	vec_free(&global.tests);
}
