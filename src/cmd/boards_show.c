/* SPDX-License-Identifier: MIT
 *
 * Boards as a tree for people, as lines and names for programs of text, as JSON.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/log.h"
#include "base/path.h"
#include "board/board_check.h"
#include "board/deploy.h"
#include "board/mboot.h"
#include "cmd/boards.h"
#include "cmd/notes.h"
#include "os/tty.h"

/* --- tree ----------------------------------------------------------------------------------------------------- */

struct branches {
	const char *inner, *last, *through, *none;
};

/* Lines where the locale has them. */
static const struct branches *branches(void)
{
	static const struct branches lines = { "├── ", "└── ", "│   ", "    " };
	static const struct branches ascii = { "|-- ", "`-- ", "|   ", "    " };
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *value = getenv(names[i]);

		if (value && *value)
			return strstr(value, "UTF-8") || strstr(value, "utf8") ? &lines : &ascii;
	}
	return &ascii;
}

static const char *port_of(const struct board *b)
{
	return b->port ? b->port : "?";
}

static size_t count_port(const struct boards_list *l, size_t from)
{
	size_t n = from;

	while (n < l->count && strcmp(port_of(l->items[n]), port_of(l->items[from])) == 0)
		n++;
	return n - from;
}

static void tree_board(const struct board *b, const char *before, const char *branch)
{
	printf("%s%s%s", before, branch, b->id);
	for (size_t i = 0; i < b->variants.count; i++)
		printf("%s%s", i ? ", " : "  ", b->variants.items[i].name);
	putchar('\n');
}

void boards_show_tree(const struct boards_list *l)
{
	const struct branches *with = branches();
	size_t variants = 0;

	for (size_t i = 0; i < l->count; i++)
		variants += l->items[i]->variants.count;
	printf("MicroPython boards%s%s  %zu, %zu variant%s\n", l->port ? " of " : "",
	       l->port ? l->port : "", l->count, variants, variants == 1 ? "" : "s");
	for (size_t i = 0, n; i < l->count; i += n) {
		bool last_port;

		n = count_port(l, i);
		last_port = i + n == l->count;
		printf("%s%s  %zu\n", last_port ? with->last : with->inner, port_of(l->items[i]),
		       n);
		for (size_t k = 0; k < n; k++)
			tree_board(l->items[i + k], last_port ? with->none : with->through,
				   k + 1 == n ? with->last : with->inner);
	}
}

/* --- text ----------------------------------------------------------------------------------------------------- */

void boards_show_text(const struct boards_list *l)
{
	for (size_t i = 0; i < l->count; i++) {
		const struct board *b = l->items[i];

		printf("%-12s %-32s %s", port_of(b), b->id, b->product ? b->product : "");
		for (size_t k = 0; k < b->variants.count; k++)
			printf("%s%s", k ? " " : "  variants: ", b->variants.items[k].name);
		putchar('\n');
	}
}

void boards_show_names(const struct boards_list *l)
{
	for (size_t i = 0; i < l->count; i++)
		puts(l->items[i]->id);
}

/* --- JSON ----------------------------------------------------------------------------------------------------- */

static void json_list(struct json *j, const char *name, const struct strv *list)
{
	json_array(j, name);
	for (size_t i = 0; i < list->count; i++)
		json_string(j, NULL, list->items[i]);
	json_array_end(j);
}

static void json_board(struct json *j, const struct board *b)
{
	json_object(j, NULL);
	json_string(j, "port", b->port);
	json_string(j, "board", b->id);
	json_array(j, "variants");
	for (size_t i = 0; i < b->variants.count; i++)
		json_string(j, NULL, b->variants.items[i].name);
	json_array_end(j);
	json_object(j, "variant_texts");
	for (size_t i = 0; i < b->variants.count; i++)
		json_string(j, b->variants.items[i].name, b->variants.items[i].text);
	json_object_end(j);
	json_string(j, "mcu", b->mcu);
	json_string(j, "product", b->product);
	json_string(j, "vendor", b->vendor);
	json_string(j, "url", b->url);
	json_list(j, "images", &b->images);
	json_list(j, "deploy", &b->deploy);
	json_list(j, "features", &b->features);
	json_bool(j, "mboot", board_has_mboot(b));
	json_string(j, "path", b->dir);
	json_object_end(j);
}

void boards_show_json(const struct boards_list *l)
{
	AUTO_STRBUF out = STRBUF_INIT;
	struct json j = { .out = &out };

	json_array(&j, NULL);
	for (size_t i = 0; i < l->count; i++)
		json_board(&j, l->items[i]);
	json_array_end(&j);
	puts(out.buf);
}

/* --- check ---------------------------------------------------------------------------------------------------- */

static const char *shown_path(const struct boards_list *l, const char *path)
{
	const char *below = l->root ? path_below(path, l->root) : NULL;

	return below ? below : path;
}

static void check_text(const struct boards_list *l, const struct board_findings *found)
{
	for (size_t i = 0; i < found->count; i++) {
		const struct board_finding *f = &found->items[i];

		printf("%s: %s: %s\n", shown_path(l, f->file), f->error ? "error" : "warning",
		       f->text);
	}
}

static void check_json(struct json *j, const struct board *b, const struct board_findings *found)
{
	for (size_t i = 0; i < found->count; i++) {
		const struct board_finding *f = &found->items[i];

		json_object(j, NULL);
		json_string(j, "port", b->port);
		json_string(j, "board", b->id);
		json_string(j, "file", f->file);
		json_string(j, "severity", f->error ? "error" : "warning");
		json_string(j, "message", f->text);
		json_object_end(j);
	}
}

bool boards_show_check(const struct boards_list *l, bool json, struct err *e)
{
	AUTO_STRBUF out = STRBUF_INIT;
	struct json j = { .out = &out };
	size_t errors = 0, warnings = 0;

	json_array(&j, NULL);
	for (size_t i = 0; i < l->count; i++) {
		struct board_findings found = { 0 };

		board_check(l->items[i], &found);
		for (size_t k = 0; k < found.count; k++)
			(*(found.items[k].error ? &errors : &warnings))++;
		if (json)
			check_json(&j, l->items[i], &found);
		else
			check_text(l, &found);
		vec_free(&found);
	}
	json_array_end(&j);
	if (json)
		puts(out.buf);
	if (errors)
		return err_set(e, "%zu board%s checked: %zu error%s, %zu warning%s", l->count,
			       l->count == 1 ? "" : "s", errors, errors == 1 ? "" : "s", warnings,
			       warnings == 1 ? "" : "s");
	log_note("%zu board%s checked: no error, %zu warning%s", l->count, l->count == 1 ? "" : "s",
		 warnings, warnings == 1 ? "" : "s");
	return true;
}

/* --- notes ---------------------------------------------------------------------------------------------------- */

void boards_show_notes(const struct boards_list *l)
{
	for (size_t i = 0; i < l->count; i++) {
		AUTO_STRBUF text = STRBUF_INIT;

		if (i)
			putchar('\n');
		notes_text(l->items[i], tty_columns(STDOUT_FILENO), &text);
		if (text.len)
			fputs(text.buf, stdout);
		else
			printf("%s: there are no notes about its deployment\n", l->items[i]->id);
	}
}
