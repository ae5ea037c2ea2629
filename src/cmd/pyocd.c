/* SPDX-License-Identifier: MIT
 *
 * `mpflash pyocd-targets` and `pyocd-info`: what the pyOCD that is installed can do, and for which boards. What a board's chip is called
 * there stands in the rules; boards are those of the tree, if there is one.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "base/log.h"
#include "board/catalogue.h"
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "flash/pyocd.h"
#include "graph/session.h"

/* --- targets and their boards --------------------------------------------------------------------------------- */

struct row {
	struct pyocd_target target; /* source NULL: pyOCD has no support for it yet */
	struct strv boards;
};

struct rows {
	struct row *items;
	size_t count, cap;
};

static void free_rows(struct rows *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		vec_free(&rows->items[i].boards);
	vec_free(rows);
}

static bool contains(const char *text, const char *part)
{
	size_t len = strlen(part);

	for (; text && *text; text++)
		if (strncasecmp(text, part, len) == 0)
			return true;
	return len == 0;
}

static struct row *find_row(struct rows *rows, const char *name)
{
	for (size_t i = 0; i < rows->count; i++)
		if (strcasecmp(rows->items[i].target.name, name) == 0)
			return &rows->items[i];
	return NULL;
}

/* Names are written as pyOCD lists them: small. */
static const char *lower(struct arena *a, const char *name)
{
	char *text = arena_strdup(a, name);

	for (char *c = text; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return text;
}

static void add_board(struct rows *rows, struct arena *a, const char *target, const char *board)
{
	struct row *row = find_row(rows, target);

	if (!row) {
		struct row added = { .target = { .name = lower(a, target), .part = target } };

		vec_push(rows, added);
		row = &rows->items[rows->count - 1];
	}
	vec_push(&row->boards, board);
}

static bool add_boards(struct rows *rows, struct session *s, struct arena *a, struct err *e)
{
	for (size_t i = 0; s->catalogue && i < catalogue_count(s->catalogue); i++) {
		struct board *b = catalogue_at(s->catalogue, i);
		struct rules_env env = { .rules = s->rules };
		AUTO_ERR unread = ERR_INIT;
		const char *target;

		/* a board that cannot be read is none that can be flashed; `mpflash boards` tells why */
		if (!b->port || !board_load(b, &unread))
			continue;
		env.board = (struct rules_scope){ .port = b->port, .mcu = b->mcu, .board = b->id };
		if (!rules_get(&env, "pyocd.target", a, &target, e))
			return false;
		if (target && *target)
			add_board(rows, a, target, arena_strdup(a, b->id));
	}
	return true;
}

/* Those without a board too: their names are what pyocd.target of a rule file takes. */
static bool make_rows(struct arena *a, struct rows *rows, struct err *e)
{
	static const struct make_options options = { .dry_run = true };
	struct pyocd_targets known = { 0 };
	AUTO_ERR ignored = ERR_INIT;
	struct session s = { 0 };
	bool ok = pyocd_list_targets(a, &known, e);

	for (size_t i = 0; ok && i < known.count; i++) {
		struct row row = { .target = known.items[i] };

		vec_push(rows, row);
	}
	vec_free(&known);
	if (!ok)
		return false;
	ok = session_open(&s, &options, false, e) && add_boards(rows, &s, a, e);
	return session_close(&s, ok ? e : &ignored) && ok;
}

static bool any_board(const struct row *row, const char *filter)
{
	for (size_t i = 0; i < row->boards.count; i++)
		if (contains(row->boards.items[i], filter))
			return true;
	return false;
}

/* pyOCD's own name counts as a board's, since tools before this one filtered it so. */
static size_t keep_rows(struct rows *rows, const char *board, const char *target)
{
	size_t kept = 0, all = rows->count;

	for (size_t i = 0; i < all; i++) {
		struct row row = rows->items[i];
		bool fits =
			(!board || any_board(&row, board) || contains(row.target.name, board)) &&
			(!target || contains(row.target.name, target) ||
			 contains(row.target.part, target));

		if (fits)
			rows->items[kept++] = row;
		else
			vec_free(&row.boards);
	}
	rows->count = kept;
	return all;
}

/* --- showing them --------------------------------------------------------------------------------------------- */

static const char *family_of(const char *target)
{
	static const char *const families[][2] = {
		{ "stm32", "STM32" }, { "rp2", "RP2040/RP2350" }, { "samd", "SAMD" },
		{ "atsamd", "SAMD" }, { "nrf", "nRF" },           { "mimxrt", "i.MX RT" },
		{ "r7fa", "RA" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(families); i++)
		if (strncasecmp(target, families[i][0], strlen(families[i][0])) == 0)
			return families[i][1];
	return "Other";
}

static const char *source_of(const struct row *row)
{
	return row->target.source ? row->target.source : "missing";
}

static void print_rows(const struct rows *rows, size_t all)
{
	int width = (int)strlen("Target");
	bool missing = false;

	for (size_t i = 0; i < rows->count; i++)
		if ((int)strlen(rows->items[i].target.name) > width)
			width = (int)strlen(rows->items[i].target.name);
	printf("%-*s  %-13s  Source   Boards\n", width, "Target", "Family");
	for (size_t i = 0; i < rows->count; i++) {
		const struct row *row = &rows->items[i];

		printf("%-*s  %-13s  %-7s ", width, row->target.name, family_of(row->target.name),
		       source_of(row));
		for (size_t k = 0; k < row->boards.count; k++)
			printf(" %s", row->boards.items[k]);
		puts(row->boards.count ? "" : " -");
		missing = missing || !row->target.source;
	}
	fflush(stdout);
	log_note("Showing %zu of %zu supported targets", rows->count, all);
	if (missing)
		log_note(
			"hint: `pyocd pack install TARGET`, or --auto-install-packs when flashing, "
			"fetches those that are missing");
}

static void print_rows_json(const struct rows *rows)
{
	AUTO_STRBUF out = STRBUF_INIT;
	struct json j = { .out = &out };

	json_array(&j, NULL);
	for (size_t i = 0; i < rows->count; i++) {
		const struct row *row = &rows->items[i];

		json_object(&j, NULL);
		json_string(&j, "target", row->target.name);
		json_string(&j, "part", row->target.part);
		json_string(&j, "vendor", row->target.vendor);
		json_string(&j, "family", family_of(row->target.name));
		json_string(&j, "source", row->target.source);
		json_array(&j, "boards");
		for (size_t k = 0; k < row->boards.count; k++)
			json_string(&j, NULL, row->boards.items[k]);
		json_array_end(&j);
		json_object_end(&j);
	}
	json_array_end(&j);
	puts(out.buf);
}

static bool list_targets(const char *board, const char *target, bool as_json, struct err *e)
{
	AUTO_ARENA a = ARENA_INIT;
	struct rows rows = { 0 };
	bool ok = make_rows(&a, &rows, e);

	if (ok) {
		size_t all = keep_rows(&rows, board, target);

		if (as_json)
			print_rows_json(&rows);
		else if (rows.count)
			print_rows(&rows, all);
		if (!rows.count && !as_json)
			ok = err_set(e, "No targets match the specified filters.");
	}
	free_rows(&rows);
	return ok;
}

static bool pyocd_targets_run(int argc, char **argv, struct err *e)
{
	const char *board = NULL, *target = NULL;
	bool as_json = false;
	const struct option table[] = {
		{ "board-filter", 'b', NULL, OPT_STRING, "TEXT",
		  "only targets of boards whose names contain this", &board },
		{ "target-filter", 't', NULL, OPT_STRING, "TEXT",
		  "only targets whose own names contain this", &target },
		{ "json", 'j', NULL, OPT_FLAG, NULL, "a JSON array", &as_json },
		{ 0 },
	};
	struct parsed p;
	bool ok = options_parse(table, argc, argv, &p, e);

	if (ok && p.help)
		options_print_help(&pyocd_targets_command, NULL, table);
	else if (ok && p.words.count)
		ok = err_usage(e, "pyocd-targets takes no words, and got '%s'", p.words.items[0]);
	else if (ok)
		ok = list_targets(board, target, as_json, e);
	parsed_free(&p);
	return ok;
}

const struct command pyocd_targets_command = {
	.name = "pyocd-targets",
	.usage = "pyocd-targets [options]",
	.summary = "list the chips that pyOCD knows, and the boards that have them",
	.examples = "mpflash pyocd-targets --board-filter NUCLEO\n"
		    "mpflash pyocd-targets --target-filter stm32h5\n",
	.run = pyocd_targets_run,
};

/* --- pyocd-info ----------------------------------------------------------------------------------------------- */

static size_t count_prefix(const struct pyocd_targets *t, const char *prefix)
{
	size_t n = 0;

	for (size_t i = 0; i < t->count; i++)
		n += strncasecmp(t->items[i].name, prefix, strlen(prefix)) == 0;
	return n;
}

static size_t count_source(const struct pyocd_targets *t, const char *source)
{
	size_t n = 0;

	for (size_t i = 0; i < t->count; i++)
		n += t->items[i].source && strcmp(t->items[i].source, source) == 0;
	return n;
}

static void print_info(const struct pyocd_targets *t, const struct pyocd_probes *probes)
{
	printf("pyOCD is installed (version: %s)\n\nConnected debug probes\n",
	       t->version ? t->version : "unknown");
	for (size_t i = 0; i < probes->count; i++) {
		const struct pyocd_probe *p = &probes->items[i];

		printf("  %s: %s\n", p->id, p->description ? p->description : "-");
		if (p->target)
			printf("    Target: %s\n", p->target);
	}
	if (!probes->count)
		puts("  No debug probes found");
	printf("\nTargets\n  %zu known, %zu of them from installed packs\n", t->count,
	       count_source(t, "pack"));
	printf("  STM32: %zu\n  RP2040/RP2350: %zu\n  nRF: %zu\n", count_prefix(t, "stm32"),
	       count_prefix(t, "rp2"), count_prefix(t, "nrf"));
	puts("\n`mpflash pyocd-targets` lists them; ESP32 and ESP8266 are not among them: --method esp");
}

static void print_info_json(const struct pyocd_targets *t, const struct pyocd_probes *probes)
{
	AUTO_STRBUF out = STRBUF_INIT;
	struct json j = { .out = &out };

	json_object(&j, NULL);
	json_bool(&j, "available", true);
	json_string(&j, "version", t->version);
	json_array(&j, "probes");
	for (size_t i = 0; i < probes->count; i++) {
		const struct pyocd_probe *p = &probes->items[i];

		json_object(&j, NULL);
		json_string(&j, "unique_id", p->id);
		json_string(&j, "description", p->description);
		json_string(&j, "vendor", p->vendor);
		json_string(&j, "product", p->product);
		json_string(&j, "target_type", p->target);
		json_object_end(&j);
	}
	json_array_end(&j);
	json_int(&j, "targets", (int64_t)t->count);
	json_int(&j, "pack_targets", (int64_t)count_source(t, "pack"));
	json_object_end(&j);
	puts(out.buf);
}

static bool show_info(bool as_json, struct err *e)
{
	AUTO_ARENA a = ARENA_INIT;
	struct pyocd_targets targets = { 0 };
	struct pyocd_probes probes = { 0 };
	bool ok = pyocd_list_targets(&a, &targets, e) && pyocd_list_probes(&a, &probes, e);

	if (ok && as_json)
		print_info_json(&targets, &probes);
	else if (ok)
		print_info(&targets, &probes);
	vec_free(&targets);
	vec_free(&probes);
	return ok;
}

static bool pyocd_info_run(int argc, char **argv, struct err *e)
{
	bool as_json = false;
	const struct option table[] = {
		{ "json", 'j', NULL, OPT_FLAG, NULL, "a JSON object", &as_json },
		{ 0 },
	};
	struct parsed p;
	bool ok = options_parse(table, argc, argv, &p, e);

	if (ok && p.help)
		options_print_help(&pyocd_info_command, NULL, table);
	else if (ok && p.words.count)
		ok = err_usage(e, "pyocd-info takes no words, and got '%s'", p.words.items[0]);
	else if (ok)
		ok = show_info(as_json, e);
	parsed_free(&p);
	return ok;
}

const struct command pyocd_info_command = {
	.name = "pyocd-info",
	.usage = "pyocd-info [options]",
	.summary = "show the pyOCD that is installed, its probes and how much it knows",
	.examples = "mpflash pyocd-info\n",
	.run = pyocd_info_run,
};
