/* SPDX-License-Identifier: MIT
 *
 * `mpflash doctor`: what is wrong on this machine, and one fix each; and the udev rules put in their place.
 */
#include "cmd/doctor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "graph/attached.h"
#include "graph/rules.h"
#include "graph/session.h"
#include "os/fs.h"
#include "os/process.h"

enum { MAX_RULES = 1 << 16, UDEVADM_MS = 10000 };

void doctor_add(struct doctor *d, const char *problem, const char *fix)
{
	vec_push(&d->findings, (struct finding){ d->check, problem, fix, false });
}

void doctor_note(struct doctor *d, const char *problem, const char *fix)
{
	vec_push(&d->findings, (struct finding){ d->check, problem, fix, true });
}

static size_t count_wrong(const struct doctor *d)
{
	size_t wrong = 0;

	for (size_t i = 0; i < d->findings.count; i++)
		wrong += !d->findings.items[i].note;
	return wrong;
}

static void add_json(struct json *j, const struct doctor *d, const char *name, bool notes)
{
	json_array(j, name);
	for (size_t i = 0; i < d->findings.count; i++) {
		const struct finding *f = &d->findings.items[i];

		if (f->note != notes)
			continue;
		json_object(j, NULL);
		json_string(j, "check", f->check);
		json_string(j, "problem", f->problem);
		json_string(j, "fix", f->fix);
		json_object_end(j);
	}
	json_array_end(j);
}

static void print_json(const struct doctor *d)
{
	AUTO_STRBUF out = STRBUF_INIT;
	struct json j = { .out = &out };

	json_object(&j, NULL);
	json_array(&j, "checks");
	for (const struct doctor_check *c = doctor_checks; c->name; c++)
		json_string(&j, NULL, c->name);
	json_array_end(&j);
	add_json(&j, d, "findings", false);
	add_json(&j, d, "notes", true);
	json_object_end(&j);
	puts(out.buf);
}

static void print_text(const struct doctor *d)
{
	for (size_t i = 0; i < d->findings.count; i++) {
		const struct finding *f = &d->findings.items[i];

		printf("%s%s: %s\n  fix: %s\n", f->note ? "note: " : "", f->check, f->problem,
		       f->fix);
	}
	if (!count_wrong(d))
		puts("nothing is wrong");
}

static bool examine(bool as_json, struct err *e)
{
	static const struct attached_options all = { 0 };
	struct doctor d = { 0 };
	AUTO_ERR why = ERR_INIT;
	size_t found;

	d.check = "devices";
	if (!attached_find(&all, &d.devices, &why))
		doctor_add(&d, arena_strdup(&d.arena, why.msg),
			   why.hint ? arena_strdup(&d.arena, why.hint) : "look at the cause above");
	else if (d.devices.note)
		doctor_add(&d, d.devices.note, "install what is missing");
	for (const struct doctor_check *c = doctor_checks; c->name; c++) {
		d.check = c->name;
		if (c->run)
			c->run(&d);
	}
	if (as_json)
		print_json(&d);
	else
		print_text(&d);
	found = count_wrong(&d);
	vec_free(&d.findings);
	devices_free(&d.devices);
	arena_free(&d.arena);
	return !found || err_set(e, "%zu thing%s wrong", found, found == 1 ? " is" : "s are");
}

/* --- udev ----------------------------------------------------------------------------------------------------- */

/* A running udev reads new rules by itself, but does not apply them to what is there. */
static bool tell_udev(struct err *e)
{
	static const char *const calls[][4] = {
		{ "udevadm", "control", "--reload", NULL },
		{ "udevadm", "trigger", "--action=change", NULL },
	};

	for (size_t i = 0; i < 2; i++) {
		struct process_spec spec = { .argv = calls[i] };
		struct process_exit x;

		if (!process_run(&spec, UDEVADM_MS, NULL, &x, e))
			return false;
		if (x.code != 0)
			return err_set(e, "udevadm %s failed", calls[i][1]);
	}
	return true;
}

static bool install_udev(bool dry, struct err *e)
{
	AUTO_ARENA a = ARENA_INIT;
	AUTO_STRBUF from = STRBUF_INIT, text = STRBUF_INIT;
	const char *folder = doctor_rules_folder(&a);
	const char *to = arena_printf(&a, "%s/" DOCTOR_RULES_NAME, folder);
	const char *root = getenv("DESTDIR");
	AUTO_ERR ignored = ERR_INIT;

	if (!rules_folder(&from, e))
		return false;
	strbuf_adds(&from, "/udev/" DOCTOR_RULES_NAME);
	if (!fs_read(&text, from.buf, MAX_RULES, e))
		return false;
	if (dry) {
		printf("would write %s:\n%s", to, text.buf);
		return true;
	}
	if (!fs_mkdirs(folder, e) || !fs_write_atomic(to, text.buf, text.len, 0644, e))
		return err_hint(e, "`sudo mpflash doctor --install-udev` has the rights");
	printf("wrote %s\n", to);
	if (!(root && *root) && !tell_udev(&ignored))
		log_note("note: udev was not told (%s); it reads the rules when it starts",
			 ignored.msg);
	puts("plug your boards in again");
	return true;
}

static bool doctor_run(int argc, char **argv, struct err *e)
{
	bool as_json = false, install = false, dry = false;
	const struct option table[] = {
		{ "json", 'j', NULL, OPT_FLAG, NULL, "a JSON object", &as_json },
		{ "install-udev", 0, NULL, OPT_FLAG, NULL,
		  "write udev rules that give users the rights to boards and probes", &install },
		{ "dry-run", 'n', NULL, OPT_FLAG, NULL, "show what would be written", &dry },
		{ 0 },
	};
	struct parsed p;
	bool ok = options_parse(table, argc, argv, &p, e);

	if (ok && p.help)
		options_print_help(&doctor_command, NULL, table);
	else if (ok && p.words.count)
		ok = err_usage(e, "doctor takes no words, and got '%s'", p.words.items[0]);
	else if (ok)
		ok = install ? install_udev(dry, e) : examine(as_json, e);
	parsed_free(&p);
	return ok;
}

const struct command doctor_command = {
	.name = "doctor",
	.usage = "doctor [options]",
	.summary = "find what keeps boards from being seen, built or written, and say the fix",
	.examples = "mpflash doctor\n"
		    "mpflash doctor --install-udev --dry-run  # the rules for boards over USB\n",
	.run = doctor_run,
};
