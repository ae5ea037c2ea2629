/* SPDX-License-Identifier: MIT
 *
 * `mpflash plugins`: the flash methods that there are, those of the program and the runners of rule files alike, and whether each of them
 * could work on this machine. The plain lines are those of the Python tool.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/strbuf.h"
#include "base/strv.h"
#include "cmd/cmd.h"
#include "cmd/methods.h"
#include "cmd/options.h"

struct row {
	const struct flash_method *method;
	const struct declared_method *declared; /* NULL: of the program */
	struct strv ports;                      /* none: any */
	int priority;
	const char *why, *hint; /* why it is not available; NULL: it is */
};

struct plugins {
	struct method_list list;
	struct arena arena;
	VEC(struct row) rows;
};

/* --- gathering ------------------------------------------------------------------------------------------------ */

/* Sorted, as rules_ports are. The boot loaders' own ports (mboot-stm32) are no ports of MicroPython. */
static void gather_ports(const struct plugins *p, struct row *row)
{
	struct strv ports = rules_ports(p->list.rules);

	for (size_t i = 0; i < ports.count; i++)
		if (strncmp(ports.items[i], "mboot-", 6) != 0 &&
		    ((row->declared && strv_has(&row->declared->ports, ports.items[i])) ||
		     rules_mention(p->list.rules, ports.items[i], "flash", row->method->name)))
			vec_push(&row->ports, ports.items[i]);
	/* a port that no rule file knows */
	for (size_t i = 0; row->declared && i < row->declared->ports.count; i++)
		if (!strv_has(&row->ports, row->declared->ports.items[i]))
			vec_push(&row->ports, row->declared->ports.items[i]);
	vec_free(&ports);
}

static int by_priority(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	return x->priority != y->priority ? y->priority - x->priority
					  : strcmp(x->method->name, y->method->name);
}

static void gather(struct plugins *p)
{
	const struct flash_method *m;

	for (size_t i = 0; (m = methods_at(&p->list.methods, i)); i++) {
		struct row row = { .method = m,
				   .declared = methods_declaration(&p->list.methods, m),
				   .priority = methods_priority(&p->list.methods, m) };
		AUTO_ERR why = ERR_INIT;

		gather_ports(p, &row);
		if (m->installed && !m->installed(m, &why)) {
			row.why = arena_strdup(&p->arena, why.msg);
			row.hint = why.hint ? arena_strdup(&p->arena, why.hint) : NULL;
		}
		vec_push(&p->rows, row);
	}
	qsort(p->rows.items, p->rows.count, sizeof(*p->rows.items), by_priority);
}

/* --- showing -------------------------------------------------------------------------------------------------- */

/* ['a', 'b'], as Python writes a list. */
static void add_list(struct strbuf *out, const char *const *items, size_t count, const char *before)
{
	strbuf_adds(out, "[");
	for (size_t i = 0; i < count; i++)
		strbuf_addf(out, "%s'%s%s'", i ? ", " : "", before, items[i]);
	strbuf_adds(out, "]");
}

static size_t count_formats(const struct flash_method *m)
{
	size_t n = 0;

	while (m->formats[n])
		n++;
	return n;
}

static void print_plain(const struct plugins *p)
{
	for (size_t i = 0; i < p->rows.count; i++) {
		const struct row *row = &p->rows.items[i];
		AUTO_STRBUF ports = STRBUF_INIT, formats = STRBUF_INIT;

		if (row->ports.count)
			add_list(&ports, row->ports.items, row->ports.count, "");
		else
			strbuf_adds(&ports, "*");
		add_list(&formats, row->method->formats, count_formats(row->method), ".");
		printf("%s\tports=%s\tformats=%s\tpriority=%d\tavailable=%s\n", row->method->name,
		       ports.buf, formats.buf, row->priority, row->why ? "no" : "yes");
	}
}

static const char *joined(struct arena *a, const char *const *items, size_t count)
{
	AUTO_STRBUF out = STRBUF_INIT;

	for (size_t i = 0; i < count; i++)
		strbuf_addf(&out, "%s%s", i ? " " : "", items[i]);
	return arena_strdup(a, out.len ? out.buf : "*");
}

static void print_missing(const struct plugins *p, size_t width)
{
	bool told = false;

	for (size_t i = 0; i < p->rows.count; i++) {
		const struct row *row = &p->rows.items[i];

		if (!row->why)
			continue;
		printf("%s%-*s  %s\n", told ? "" : "\n", (int)width, row->method->name, row->why);
		if (row->hint)
			printf("%-*s  %s\n", (int)width, "", row->hint);
		told = true;
	}
}

static void print_table(struct plugins *p)
{
	size_t name = strlen("Method"), ports = strlen("Ports"), formats = strlen("Formats");

	for (size_t i = 0; i < p->rows.count; i++) {
		const struct row *row = &p->rows.items[i];
		size_t n = strlen(row->method->name);
		size_t k = strlen(joined(&p->arena, row->ports.items, row->ports.count));
		size_t f =
			strlen(joined(&p->arena, row->method->formats, count_formats(row->method)));

		name = n > name ? n : name;
		ports = k > ports ? k : ports;
		formats = f > formats ? f : formats;
	}
	printf("%-*s  %-*s  %-*s  Prio  Here  %s\n", (int)name, "Method", (int)ports, "Ports",
	       (int)formats, "Formats", "What it is");
	for (size_t i = 0; i < p->rows.count; i++) {
		const struct row *row = &p->rows.items[i];

		printf("%-*s  %-*s  %-*s  %4d  %-4s  %s\n", (int)name, row->method->name,
		       (int)ports, joined(&p->arena, row->ports.items, row->ports.count),
		       (int)formats,
		       joined(&p->arena, row->method->formats, count_formats(row->method)),
		       row->priority, row->why ? "no" : "yes", row->method->title);
	}
	print_missing(p, name);
}

static void add_words(struct json *j, const char *name, const char *const *items, size_t count)
{
	json_array(j, name);
	for (size_t i = 0; i < count; i++)
		json_string(j, NULL, items[i]);
	json_array_end(j);
}

static void add_capabilities(struct json *j, const struct flash_method *m)
{
	const struct runner *r = m->runner;

	json_bool(j, "verify", m->verify || (r && r->verifies));
	json_bool(j, "read", m->read);
	json_bool(j, "reset", m->reset);
	json_bool(j, "plan", m->plan);
	json_bool(j, "erase", m->erases);
	json_bool(j, "unlock", r && r->unlock);
	json_bool(j, "probe", r && r->probes);
	json_string(j, "tool", r ? r->tool : NULL);
}

static void print_json(const struct plugins *p)
{
	AUTO_STRBUF out = STRBUF_INIT;
	struct json j = { .out = &out };

	json_array(&j, NULL);
	for (size_t i = 0; i < p->rows.count; i++) {
		const struct row *row = &p->rows.items[i];
		const struct rules_runner *from = row->declared ? row->declared->from : NULL;
		AUTO_STRBUF place = STRBUF_INIT;

		if (from)
			strbuf_addf(&place, "%s:%d", from->pos.file, from->pos.line);
		json_object(&j, NULL);
		json_string(&j, "name", row->method->name);
		json_string(&j, "title", row->method->title);
		add_words(&j, "ports", row->ports.items, row->ports.count);
		add_words(&j, "formats", row->method->formats, count_formats(row->method));
		json_int(&j, "priority", row->priority);
		json_bool(&j, "available", !row->why);
		json_string(&j, "reason", row->why);
		json_string(&j, "hint", row->hint);
		add_capabilities(&j, row->method);
		json_string(&j, "declared", from ? place.buf : NULL);
		json_object_end(&j);
	}
	json_array_end(&j);
	puts(out.buf);
}

/* --- the command ---------------------------------------------------------------------------------------------- */

static bool show(const char *tree_dir, const struct strv *files, const char *format, struct err *e)
{
	struct plugins p = { 0 };
	bool ok = method_list_open(&p.list, tree_dir, files, e);

	if (ok) {
		gather(&p);
		if (strcmp(format, "json") == 0)
			print_json(&p);
		else if (strcmp(format, "plain") == 0)
			print_plain(&p);
		else
			print_table(&p);
	}
	for (size_t i = 0; i < p.rows.count; i++)
		vec_free(&p.rows.items[i].ports);
	vec_free(&p.rows);
	method_list_close(&p.list);
	arena_free(&p.arena);
	return ok;
}

static bool plugins_run(int argc, char **argv, struct err *e)
{
	const char *format = "table", *tree = NULL;
	struct strv files = { 0 };
	bool as_json = false;
	const struct option table[] = {
		{ "format", 0, NULL, OPT_STRING, "FORMAT", "table (default) or plain", &format },
		{ "json", 'j', NULL, OPT_FLAG, NULL, "a JSON array", &as_json },
		{ "directory", 'C', "mpy", OPT_STRING, "DIR",
		  "the MicroPython tree whose rules count, too (default: MICROPY_DIR, or from here upwards)",
		  &tree },
		{ "rules", 0, NULL, OPT_LIST, "FILE", "read this rule file too", &files },
		{ 0 },
	};
	struct parsed p;
	bool ok = options_parse(table, argc, argv, &p, e);

	if (ok && p.help) {
		options_print_help(&plugins_command, NULL, table);
	} else if (ok && p.words.count) {
		ok = err_usage(e, "plugins takes no words, and got '%s'", p.words.items[0]);
	} else if (ok && strcmp(format, "table") != 0 && strcmp(format, "plain") != 0) {
		ok = err_usage(e, "--format wants table or plain, not '%s'", format);
	} else if (ok) {
		ok = show(tree, &files, as_json ? "json" : format, e);
	}
	parsed_free(&p);
	vec_free(&files);
	return ok;
}

const struct command plugins_command = {
	.name = "plugins",
	.usage = "plugins [options]",
	.summary = "list the flash methods: built in, tools of others, and your own",
	.examples = "mpflash plugins\n"
		    "mpflash plugins --format plain --rules mine.rules\n",
	.run = plugins_run,
};
