/* SPDX-License-Identifier: MIT
 *
 * What external tools say, in mpflash's words: the cause of a failure, and one next step.
 */
#include <ctype.h>
#include <fnmatch.h>
#include <string.h>

#include "base/xalloc.h"
#include "board/device.h"
#include "flash/runner_internal.h"

enum { LINE_SHOWN = 300 };

/* --- lines ---------------------------------------------------------------------------------------------------- */

/* FNM_CASEFOLD is no POSIX word, so that it is not there. */
static void add_small(struct strbuf *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		strbuf_addch(out, (char)tolower((unsigned char)text[i]));
}

static bool line_matches(const char *line, size_t len, const char *glob)
{
	AUTO_STRBUF text = STRBUF_INIT, small = STRBUF_INIT;

	add_small(&text, line, len);
	add_small(&small, glob, strlen(glob));
	return fnmatch(small.buf, text.buf, 0) == 0;
}

bool runner_has_line(const char *output, const char *glob)
{
	for (const char *line = output; *line;) {
		size_t len = strcspn(line, "\n");

		if (line_matches(line, len, glob))
			return true;
		line += len + (line[len] == '\n');
	}
	return false;
}

enum runner_cause runner_judge(const struct runner *r, const char *output)
{
	for (const struct runner_pattern *p = r->patterns; p->line; p++)
		if (runner_has_line(output, p->line))
			return p->cause;
	return RUNNER_OTHER;
}

void runner_last_line(const char *output, struct strbuf *out)
{
	const char *last = "";
	size_t last_len = 0;

	for (const char *line = output; *line;) {
		size_t len = strcspn(line, "\n"), blank = strspn(line, " \t");

		if (blank < len) {
			last = line + blank;
			last_len = len - blank;
		}
		line += len + (line[len] == '\n');
	}
	if (last_len) {
		AUTO_STRBUF text = STRBUF_INIT;

		strbuf_add(&text, last, last_len);
		strbuf_add_shown(out, text.buf, LINE_SHOWN);
	}
}

/* --- causes --------------------------------------------------------------------------------------------------- */

/* In all of these, %s is the tool. */
static const struct {
	const char *message, *hint;
} causes[RUNNER_CAUSES] = {
	[RUNNER_NO_PROBE] = { "%s finds no debug probe that fits",
			      "plug it in; `mpflash list-probes` shows those that are there" },
	[RUNNER_SEVERAL_PROBES] = { "several debug probes are connected, and %s cannot tell which one is meant",
				    "name it: --probe ID, with an id of `mpflash list-probes`; or unplug the others" },
	[RUNNER_DENIED] = { "%s has no permission to open the device",
			    "`mpflash doctor --install-udev` gives your user the rights" },
	[RUNNER_HELD] = { "%s cannot have the device to itself: another program uses it",
			  "close that program (a debugger, an IDE, a terminal), then flash again" },
	[RUNNER_LOCKED] = { "the chip is locked against reading; %s wrote nothing",
			    "--unlock erases the chip to unlock it: all that is on it is lost" },
	[RUNNER_PART_LOCKED] = { "a part of the chip's flash is locked; %s wrote nothing",
				 "--unlock erases the chip to unlock it: all that is on it is lost" },
	[RUNNER_WRITE_PROTECTED] = { "%s cannot write: sectors of the chip are write protected",
				     "remove the protection with the chip maker's tool; mpflash does not change it" },
	[RUNNER_NO_CHIP] = { "%s reaches the probe, but no chip behind it answers",
			     "is the board powered, and are SWDIO, SWCLK and GND connected? a lower speed may help" },
	[RUNNER_WRONG_CHIP] = { "%s finds another chip than the board's",
				"is this the right board, or the right probe? --probe ID chooses one" },
	[RUNNER_DIFFERS] = { "%s compared the board's flash with the image, and it differs",
			     "flash again; when it happens again the flash may be worn out or protected" },
	[RUNNER_BROKEN] = { "%s is installed, but cannot run", "install it again" },
};

/* The same where no probe is between the tool and the board; NULL: as above. */
static const struct {
	const char *message, *hint;
} loader_causes[RUNNER_CAUSES] = {
	[RUNNER_NO_CHIP] = { "nothing answers %s: the board is not in its bootloader, or cannot be heard",
			     "`mpflash bootloader` brings it there, as do its buttons; another cable may help" },
	[RUNNER_WRONG_CHIP] = { "%s finds another chip than the board's",
				"is this the right board? --serial PORT chooses one" },
};

static bool set_cause(const struct runner *r, enum runner_cause cause, struct err *e)
{
	AUTO_STRBUF text = STRBUF_INIT;
	bool loader = !r->probes && loader_causes[cause].message;
	const char *message = loader ? loader_causes[cause].message : causes[cause].message;
	const char *place = strstr(message, "%s");

	strbuf_add(&text, message, (size_t)(place - message));
	strbuf_addf(&text, "%s%s", r->tool, place + 2);
	err_set(e, "%s", text.buf);
	return err_hint(e, "%s", loader ? loader_causes[cause].hint : causes[cause].hint);
}

/* Names of chips are the tool's own: the rules have to say them. */
static bool unknown_target(const struct runner_run *run, enum runner_cause cause, struct err *e)
{
	const struct runner *r = run->r;
	AUTO_STRBUF name = STRBUF_INIT;
	const char *target;

	strbuf_addf(&name, "%s.target", r->name);
	target = flash_target_get(run->t, name.buf);
	if (!target) {
		err_set(e, "%s does not know which chip %s has", r->tool, run->t->board_id);
		return err_hint(e, "say it in a rule file: %s = NAME, for this board%s", name.buf,
				r->pack ? "; `mpflash pyocd-targets` lists the names" : "");
	}
	if (cause == RUNNER_PACK_MISSING) {
		err_set(e, "%s has no support for %s as it is installed", r->tool, target);
		return err_hint(e, "--auto-install-packs fetches it, as does `%s pack install %s`",
				r->programs, target);
	}
	err_set(e, "%s does not know the chip '%s'", r->tool, target);
	return err_hint(e, "a newer %s may; or set %s in a rule file to a name that it knows",
			r->tool, name.buf);
}

static bool not_understood(const struct runner_run *run, const struct process_exit *x,
			   struct err *e)
{
	AUTO_STRBUF last = STRBUF_INIT, how = STRBUF_INIT;

	runner_last_line(run->output.buf, &last);
	process_exit_text(x, &how);
	err_set(e, "%s failed (%s)%s%s", run->r->tool, how.buf, last.len ? ": " : "", last.buf);
	return run->t->log ? err_hint(e, "its whole output: %s", run->t->log) : false;
}

bool runner_complain(const struct runner_run *run, enum runner_cause cause,
		     const struct process_exit *x, struct err *e)
{
	if (cause == RUNNER_OTHER)
		return not_understood(run, x, e);
	if (cause == RUNNER_UNKNOWN_TARGET || cause == RUNNER_PACK_MISSING)
		return unknown_target(run, cause, e);
	set_cause(run->r, cause, e);
	if (cause == RUNNER_BROKEN)
		return err_hint(e, "install it again: %s", run->r->install);
	if (cause == RUNNER_LOCKED && !run->r->unlock)
		return err_hint(e, "unlock it with the chip maker's tool; %s cannot", run->r->tool);
	return false;
}
