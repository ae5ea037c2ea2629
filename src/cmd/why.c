/* SPDX-License-Identifier: MIT
 *
 * `mpflash why`: why each step of a target would run now or not, in full.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "cmd/cmd.h"
#include "cmd/targets.h"
#include "graph/explain.h"

enum { MAX_CAUSES = 50 };

static const char why_help[] =
	"Nothing is built or written; a board is asked only with --probe. Digests are shortened, and a list of more than\n"
	"50 causes is cut; --json has all in full.\n";

/* --- text ------------------------------------------------------------------------------------------------------- */

/* A digest shortened, alone or behind a tool's path; other values as they are. */
static void print_value(const char *value)
{
	const char *last = strrchr(value, ' ');
	struct digest d;

	last = last ? last + 1 : value;
	if (digest_parse(&d, last))
		printf("%.*s", (int)(last - value) + 16, value);
	else
		fputs(value, stdout);
}

static void print_cause(const struct cause *c)
{
	printf("    %s %s", c->name, c->change);
	if (strcmp(c->kind, "name") == 0)
		fputs(", in a folder that it listed", stdout);
	if (c->old || c->new)
		fputs(": ", stdout);
	if (c->old && !c->new)
		fputs("it was ", stdout);
	if (c->old)
		print_value(c->old);
	if (c->old && c->new)
		fputs(" -> ", stdout);
	if (c->new)
		print_value(c->new);
	putchar('\n');
}

static void print_causes(const struct verdict *v)
{
	const struct causes *c = &v->causes;
	size_t shown = c->items.count < MAX_CAUSES ? c->items.count : MAX_CAUSES;

	if (c->no_record) {
		puts("  what it was made of then is not in the store any more");
		return;
	}
	if (c->traced && !c->no_closure)
		printf("  compared: %zu files read, %zu looked for in vain, %zu folders, %zu flags and "
		       "variables\n",
		       c->files, c->absent, c->folders, c->parts);
	else if (c->files)
		printf("  compared: %zu declared files, and %zu flags, variables and tools\n",
		       c->files, c->parts);
	else
		printf("  compared: %zu flags, variables, tools and files\n", c->parts);
	if (c->no_closure)
		puts("  what it read then is not in the store any more");
	puts(c->items.count ? "  since then:" : "  since then nothing of that changed");
	for (size_t i = 0; i < shown; i++)
		print_cause(&c->items.items[i]);
	if (shown < c->items.count)
		printf("    and %zu more\n", c->items.count - shown);
}

/* "made 2026-01-02 03:04:05 in 1.2 s, with v1.29.0 built in". */
static void print_made(const struct store_action *a)
{
	time_t t = (time_t)(a->time_ns / 1000000000);
	char when[64] = "";
	struct tm tm;

	if (localtime_r(&t, &tm))
		strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &tm);
	printf("made %s in %.1f s", when, (double)a->duration_ms / 1000);
	if (a->stamp && *a->stamp)
		printf(", with %s built in", a->stamp);
	putchar('\n');
}

static void print_last(const struct verdict *v)
{
	if (v->from_store) {
		fputs("  in the store: ", stdout);
		print_made(&v->step->result);
	}
	if (!v->has_last) {
		puts("  last success: none in this tree");
		return;
	}
	fputs("  last success: ", stdout);
	if (v->has_made)
		print_made(&v->made);
	else
		puts("what it made is not in the store any more");
	if (v->causes.no_record || v->step->parts.len)
		print_causes(v);
}

static void print_verdict(const struct verdict *v)
{
	printf("%s %s: ", v->step->recipe->id, v->step->label);
	switch (v->kind) {
	case VERDICT_RUN:
		printf("would run: %s\n", v->reason);
		break;
	case VERDICT_FRESH:
		printf("nothing to do: %s\n", v->reason);
		break;
	case VERDICT_AFTER:
		printf("not known before '%s %s' has run\n", v->after->recipe->id, v->after->label);
		break;
	case VERDICT_ERROR:
		printf("cannot be judged: %s\n", v->error.msg);
		break;
	}
	if (v->place)
		printf("  not in place, but in the store: %s\n", v->place);
	if (v->step->kind->parts && v->kind != VERDICT_ERROR)
		print_last(v);
}

/* --- JSON ------------------------------------------------------------------------------------------------------- */

static void json_digest(struct json *j, const char *name, const struct digest *d)
{
	char hex[DIGEST_HEX_SIZE];

	digest_hex(d, hex);
	json_string(j, name, hex);
}

static void json_last(struct json *j, const struct verdict *v)
{
	if (!v->has_last) {
		json_string(j, "last", NULL);
		return;
	}
	json_object(j, "last");
	json_digest(j, "key", &v->last.key);
	json_bool(j, "in_store", v->has_made);
	json_int(j, "time", v->has_made ? v->made.time_ns / 1000000000 : 0);
	json_int(j, "ms", v->last.duration_ms);
	json_string(j, "stamp", v->has_made && v->made.stamp ? v->made.stamp : "");
	json_object_end(j);
}

static void json_causes(struct json *j, const struct causes *c)
{
	json_bool(j, "record", !c->no_record);
	json_bool(j, "traced", c->traced);
	json_int(j, "files", (int64_t)c->files);
	json_int(j, "absent", (int64_t)c->absent);
	json_int(j, "folders", (int64_t)c->folders);
	json_int(j, "parts", (int64_t)c->parts);
	json_array(j, "causes");
	for (size_t i = 0; i < c->items.count; i++) {
		const struct cause *cause = &c->items.items[i];

		json_object(j, NULL);
		json_string(j, "kind", cause->kind);
		json_string(j, "name", cause->name);
		json_string(j, "change", cause->change);
		json_string(j, "old", cause->old);
		json_string(j, "new", cause->new);
		json_object_end(j);
	}
	json_array_end(j);
}

static void json_verdict(struct json *j, const struct verdict *v)
{
	static const char *const kinds[] = {
		[VERDICT_RUN] = "run",
		[VERDICT_FRESH] = "fresh",
		[VERDICT_AFTER] = "after",
		[VERDICT_ERROR] = "error",
	};

	json_object(j, NULL);
	json_string(j, "step", v->step->id);
	json_string(j, "board", v->step->recipe->id);
	json_string(j, "label", v->step->label);
	json_string(j, "verdict", kinds[v->kind]);
	json_string(j, "reason", v->kind == VERDICT_ERROR ? v->error.msg : v->reason);
	json_string(j, "after", v->after ? v->after->id : NULL);
	json_string(j, "place", v->place);
	json_last(j, v);
	json_causes(j, &v->causes);
	json_object_end(j);
}

/* --- the command -------------------------------------------------------------------------------------------------- */

static void print_json(const struct verdicts *verdicts)
{
	AUTO_STRBUF out = STRBUF_INIT;
	struct json j = { .out = &out };

	json_array(&j, NULL);
	for (size_t i = 0; i < verdicts->items.count; i++)
		json_verdict(&j, &verdicts->items.items[i]);
	json_array_end(&j);
	puts(out.buf);
}

static bool show(struct graph *g, void *ctx, struct err *e)
{
	const bool *json = ctx;
	struct verdicts verdicts;
	bool ok = true;

	explain_graph(g, &verdicts);
	if (*json)
		print_json(&verdicts);
	for (size_t i = 0; i < verdicts.items.count; i++) {
		struct verdict *v = &verdicts.items.items[i];

		if (!*json)
			print_verdict(v);
		if (ok && v->kind == VERDICT_ERROR) {
			err_move(e, &v->error);
			ok = false;
		}
	}
	verdicts_free(&verdicts);
	return ok;
}

static bool why_run(int argc, char **argv, struct err *e)
{
	struct make_options opt = { .dry_run = true, .explain = true };
	bool json = false;
	const struct option table[] = {
		{ "json", 'j', NULL, OPT_FLAG, NULL, "a JSON array, one object a step", &json },
		{ "probe", 0, NULL, OPT_FLAG, NULL,
		  "ask boards what they run (else the record is trusted)", &opt.probe },
		TARGET_OPTIONS(opt),
		{ 0 },
	};
	struct parsed p;
	bool ok = options_parse(table, argc, argv, &p, e);

	opt.make_args = p.rest;
	if (ok && p.help)
		options_print_help(&why_command, why_help, table);
	else if (ok)
		ok = targets_view(&opt, &p.words, show, &json, e);
	parsed_free(&p);
	targets_free_options(&opt);
	return ok;
}

const struct command why_command = {
	.name = "why",
	.usage = "why [options] TARGET... [-- MAKE-ARGUMENTS]",
	.summary = "tell why each step of a target would run now or not",
	.examples = "mpflash why PYBV11  # what differs from its last build\n"
		    "mpflash why --probe flash-PYBV11\n",
	.words = WORDS_TARGETS,
	.run = why_run,
};
