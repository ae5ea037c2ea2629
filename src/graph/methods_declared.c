/* SPDX-License-Identifier: MIT
 *
 * A runner as a rule file declares it becomes a flash method: the lines of the block are the members of struct runner, and each that
 * cannot be one is shown where it stands.
 */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/suggest.h"
#include "board/usb.h"
#include "graph/methods_internal.h"
#include "os/dirs.h"

enum { PRIORITY = -10, PRIORITY_MAX = 1000 };

struct reader {
	struct declared_method *d;
	const struct rules *rules;
	struct arena *a;
	const struct rules_text *line; /* the one at hand */
	VEC(struct runner_pattern) patterns;
};

static bool bad_line(struct reader *x, struct err *e, const char *what)
{
	return rules_err_at(x->rules, x->line->text_pos, e, "%s", what);
}

/* --- kinds of lines ------------------------------------------------------------------------------------------- */

static bool read_text(struct reader *x, void *member, struct err *e)
{
	if (!*x->line->text) {
		bad_line(x, e, "nothing stands behind the '='");
		return err_hint(e, "leave the line out");
	}
	*(const char **)member = x->line->text;
	return true;
}

static bool read_command(struct reader *x, void *member, struct err *e)
{
	AUTO_ERR why = ERR_INIT;

	if (!read_text(x, member, e))
		return false;
	if (runner_check_line(&x->d->runner, x->line->text, &why))
		return true;
	bad_line(x, e, why.msg);
	return err_hint(e, "words of the command, with $file, [ -p $port ] and their like");
}

static bool read_yes(struct reader *x, void *member, struct err *e)
{
	bool yes = strcmp(x->line->text, "yes") == 0;

	if (!yes && strcmp(x->line->text, "no") != 0) {
		bad_line(x, e, "expected yes or no");
		return err_hint(e, "leave the line out for no");
	}
	*(bool *)member = yes;
	return true;
}

static bool read_words(struct reader *x, struct strv *out, struct err *e)
{
	if (!rules_text_words(x->rules, x->line, x->a, out, e))
		return false;
	if (out->count)
		return true;
	bad_line(x, e, "nothing stands behind the '='");
	return err_hint(e, "leave the line out");
}

static bool read_formats(struct reader *x, void *member, struct err *e)
{
	struct strv words = { 0 };
	AUTO_STRBUF known = STRBUF_INIT;
	bool ok = read_words(x, &words, e);

	for (size_t i = 0; ok && i < words.count; i++) {
		const struct image_format *f = image_format_by_name(words.items[i]);

		if (f && f->read && f->write)
			continue;
		image_format_names(&known, true);
		rules_err_at(x->rules, x->line->text_pos, e, "'%s' is no format of firmware",
			     words.items[i]);
		ok = err_hint(e, "those are %s", known.buf);
	}
	if (ok) {
		vec_push(&words, NULL);
		*(const char *const **)member =
			memcpy(ARENA_ARRAY(x->a, const char *, words.count), words.items,
			       words.count * sizeof(*words.items));
	}
	vec_free(&words);
	return ok;
}

static bool read_ports(struct reader *x, void *member, struct err *e)
{
	return read_words(x, member, e);
}

static bool read_priority(struct reader *x, void *member, struct err *e)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(x->line->text, &end, 10);
	if (!*x->line->text || *end || errno || n < -PRIORITY_MAX || n > PRIORITY_MAX) {
		bad_line(x, e, "expected a number from -1000 to 1000");
		return err_hint(e, "built-in methods have 10, tools of others -10");
	}
	*(int *)member = (int)n;
	return true;
}

static bool read_probes(struct reader *x, void *member, struct err *e)
{
	static const struct {
		const char *name;
		unsigned things;
	} kinds[] = { { "cmsis-dap", USB_CMSIS_DAP },
		      { "stlink", USB_STLINK },
		      { "jlink", USB_JLINK },
		      { "black-magic", USB_BLACK_MAGIC },
		      { "any", USB_PROBES } };
	struct strv words = { 0 };
	bool ok = read_words(x, &words, e);
	unsigned things = 0;

	for (size_t i = 0; ok && i < words.count; i++) {
		size_t k = 0;

		while (k < ARRAY_SIZE(kinds) && strcmp(kinds[k].name, words.items[i]) != 0)
			k++;
		if (k == ARRAY_SIZE(kinds)) {
			rules_err_at(x->rules, x->line->text_pos, e, "'%s' is no kind of probe",
				     words.items[i]);
			ok = err_hint(e, "those are cmsis-dap, stlink, jlink, black-magic and any");
		} else {
			things |= kinds[k].things;
		}
	}
	*(unsigned *)member = things;
	vec_free(&words);
	return ok;
}

/* Names on PATH; one with a '/' is beside the rule file. */
static bool read_program(struct reader *x, void *member, struct err *e)
{
	AUTO_STRBUF dir = STRBUF_INIT, full = STRBUF_INIT;
	struct runner *r = member;

	if (!read_text(x, &r->programs, e))
		return false;
	if (!strchr(r->programs, '/'))
		return true;
	if (r->programs[0] == '/' || r->programs[0] == '~')
		return dirs_expand(&full, r->programs, e) &&
		       (r->path = arena_strdup(x->a, full.buf)) != NULL;
	if (!dirs_absolute(&dir, path_dir(x->a, x->line->pos.file), e))
		return false;
	strbuf_addf(&dir, "/%s", r->programs);
	path_normalize(&full, dir.buf);
	r->path = arena_strdup(x->a, full.buf);
	return true;
}

/* --- what its failures mean ----------------------------------------------------------------------------------- */

static const char *const cause_names[RUNNER_CAUSES] = {
	[RUNNER_NO_PROBE] = "no-probe",
	[RUNNER_SEVERAL_PROBES] = "several-probes",
	[RUNNER_DENIED] = "denied",
	[RUNNER_HELD] = "held",
	[RUNNER_LOCKED] = "locked",
	[RUNNER_PART_LOCKED] = "part-locked",
	[RUNNER_WRITE_PROTECTED] = "write-protected",
	[RUNNER_UNKNOWN_TARGET] = "unknown-target",
	[RUNNER_PACK_MISSING] = "pack-missing",
	[RUNNER_NO_CHIP] = "no-chip",
	[RUNNER_WRONG_CHIP] = "wrong-chip",
	[RUNNER_DIFFERS] = "differs",
	[RUNNER_BROKEN] = "broken",
};

static bool unknown_cause(struct reader *x, const char *name, struct err *e)
{
	AUTO_STRBUF known = STRBUF_INIT;

	for (size_t i = RUNNER_NO_PROBE; i < RUNNER_CAUSES; i++)
		strbuf_addf(&known, "%s%s", known.len ? ", " : "", cause_names[i]);
	rules_err_at(x->rules, x->line->pos, e, "'%s' is no cause of a failure", name);
	if (!suggest_hint(e, name, cause_names + RUNNER_NO_PROBE, RUNNER_CAUSES - RUNNER_NO_PROBE))
		err_hint(e, "those are %s", known.buf);
	return false;
}

/* fails.CAUSE = GLOB... */
static bool read_fails(struct reader *x, const char *name, struct err *e)
{
	struct strv globs = { 0 };
	size_t cause = RUNNER_NO_PROBE;
	bool ok;

	while (cause < RUNNER_CAUSES && strcmp(cause_names[cause], name) != 0)
		cause++;
	if (cause == RUNNER_CAUSES)
		return unknown_cause(x, name, e);
	ok = read_words(x, &globs, e);
	for (size_t i = 0; ok && i < globs.count; i++)
		vec_push(&x->patterns,
			 (struct runner_pattern){ globs.items[i], (enum runner_cause)cause });
	vec_free(&globs);
	return ok;
}

static void keep_patterns(struct reader *x)
{
	struct runner_pattern *all =
		ARENA_ARRAY(x->a, struct runner_pattern, x->patterns.count + 1);

	if (x->patterns.count)
		memcpy(all, x->patterns.items, x->patterns.count * sizeof(*all));
	x->d->runner.patterns = all;
	vec_free(&x->patterns);
}

/* --- the block ------------------------------------------------------------------------------------------------ */

#define RUNNER(member) offsetof(struct declared_method, runner.member)

static const struct {
	const char *name;
	bool (*read)(struct reader *x, void *member, struct err *e);
	size_t offset;
} settings[] = {
	{ "bootloader", read_yes, RUNNER(enters) },
	{ "connects", read_text, RUNNER(connects) },
	{ "erase", read_text, offsetof(struct declared_method, method.erase_words) },
	{ "flash", read_command, RUNNER(flash) },
	{ "formats", read_formats, offsetof(struct declared_method, method.formats) },
	{ "install", read_text, RUNNER(install) },
	{ "loses", read_text, RUNNER(loses) },
	{ "pack", read_command, RUNNER(pack) },
	{ "per-segment", read_yes, RUNNER(per_segment) },
	{ "ports", read_ports, offsetof(struct declared_method, ports) },
	{ "priority", read_priority, offsetof(struct declared_method, priority) },
	{ "probes", read_probes, RUNNER(probes) },
	{ "program", read_program, offsetof(struct declared_method, runner) },
	{ "required", read_text, RUNNER(required) },
	{ "reset", read_command, RUNNER(reset) },
	{ "resets", read_yes, RUNNER(resets) },
	{ "success", read_text, RUNNER(success) },
	{ "title", read_text, offsetof(struct declared_method, method.title) },
	{ "tool", read_text, RUNNER(tool) },
	{ "unlock", read_command, RUNNER(unlock) },
	{ "verifies", read_yes, RUNNER(verifies) },
	{ "verify", read_command, RUNNER(verify) },
	{ "verify-success", read_text, RUNNER(verify_success) },
};

static bool unknown_setting(struct reader *x, struct err *e)
{
	const char *names[ARRAY_SIZE(settings)];
	AUTO_STRBUF known = STRBUF_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		names[i] = settings[i].name;
		strbuf_addf(&known, "%s, ", settings[i].name);
	}
	rules_err_at(x->rules, x->line->pos, e, "'%s' means nothing in a runner", x->line->name);
	if (!suggest_hint(e, x->line->name, names, ARRAY_SIZE(settings)))
		err_hint(e, "what does: %sand fails.CAUSE", known.buf);
	return false;
}

static bool read_line(struct reader *x, struct err *e)
{
	static const char fails[] = "fails.";

	if (strncmp(x->line->name, fails, sizeof(fails) - 1) == 0)
		return read_fails(x, x->line->name + sizeof(fails) - 1, e);
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++)
		if (strcmp(settings[i].name, x->line->name) == 0)
			return settings[i].read(x, (char *)x->d + settings[i].offset, e);
	return unknown_setting(x, e);
}

static bool lacks(struct reader *x, const char *what, const char *example, struct err *e)
{
	const struct rules_runner *from = x->d->from;

	rules_err_at(x->rules, from->pos, e, "runner '%s' has no %s", from->name, what);
	return err_hint(e, "write below it, indented: %s", example);
}

/* What its users call it. */
static const char *first_program(struct reader *x)
{
	const struct runner *r = &x->d->runner;

	return r->path ? path_base(r->path)
		       : arena_strndup(x->a, r->programs, strcspn(r->programs, " \t"));
}

/* What the lines leave open. */
static bool complete(struct reader *x, struct err *e)
{
	struct declared_method *d = x->d;
	struct flash_method *m = &d->method;
	struct runner *r = &d->runner;

	if (!r->programs)
		return lacks(x, "program", "program = NAME", e);
	if (!r->flash)
		return lacks(x, "command that flashes", "flash = write $file", e);
	if (!m->formats)
		return lacks(x, "format", "formats = hex", e);
	r->format = m->formats[0];
	r->tool = r->tool ? r->tool : first_program(x);
	r->install = r->install ? r->install
				: arena_printf(x->a, "%s:%d says that it is needed",
					       d->from->pos.file, d->from->pos.line);
	m->title = m->title ? m->title : r->tool;
	if (!d->ports.count && d->from->port)
		vec_push(&d->ports, d->from->port);
	m->erases = m->erase_words != NULL;
	m->verify = r->verify ? runner_verify : NULL;
	m->reset = r->reset ? runner_reset : NULL;
	return true;
}

bool declared_method_read(struct declared_method *d, const struct rules *r, struct arena *a,
			  struct err *e)
{
	struct reader x = { .d = d, .rules = r, .a = a };
	bool ok = true;

	d->priority = PRIORITY;
	d->runner = (struct runner){
		.name = d->from->name, .connects = "", .required = "", .declared = true
	};
	d->method = (struct flash_method){
		.name = d->from->name,
		.installed = runner_installed,
		.available = runner_available,
		.check = runner_check,
		.flash = runner_flash,
		.runner = &d->runner,
	};
	for (size_t i = 0; ok && i < d->from->texts.count; i++) {
		x.line = &d->from->texts.items[i];
		ok = read_line(&x, e);
	}
	keep_patterns(&x);
	return ok && complete(&x, e);
}
