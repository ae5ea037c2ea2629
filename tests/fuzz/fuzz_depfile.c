/* SPDX-License-Identifier: MIT
 *
 * Dependency files from anywhere. What is read can be written again, with make's escapes, and read as the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "build/depfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void write_name(struct strbuf *out, const char *name)
{
	for (const char *p = name; *p; p++) {
		if (*p == ' ' || *p == '#')
			strbuf_addch(out, '\\');
		if (*p == '$')
			strbuf_addch(out, '$');
		strbuf_addch(out, *p);
	}
}

/* Names that gcc cannot write either: they end in a backslash or a colon, or have one before a blank. */
static bool is_writable(const char *name)
{
	size_t len = strlen(name);

	return name[len - 1] != '\\' && name[len - 1] != ':' && !strchr(name, '\t') &&
	       !strchr(name, '\n') && !strchr(name, '\r') && !strchr(name, '\\') &&
	       !strstr(name, ": ");
}

static void check_again(const struct strv *deps, struct arena *a)
{
	AUTO_STRBUF text = STRBUF_INIT;
	AUTO_ERR e = ERR_INIT;
	struct strv again = { 0 };

	strbuf_adds(&text, "x.o:");
	for (size_t i = 0; i < deps->count; i++) {
		if (!is_writable(deps->items[i]))
			return;
		strbuf_adds(&text, i % 2 ? " \\\n " : " ");
		write_name(&text, deps->items[i]);
	}
	strbuf_addch(&text, '\n');
	must(depfile_parse(a, text.buf, text.len, &again, &e));
	must(again.count == deps->count);
	for (size_t i = 0; i < again.count; i++)
		must(strcmp(again.items[i], deps->items[i]) == 0);
	vec_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_ARENA a = ARENA_INIT;
	AUTO_ERR e = ERR_INIT;
	struct strv deps = { 0 };

	if (depfile_parse(&a, (const char *)data, size, &deps, &e)) {
		must(deps.count > 0);
		for (size_t i = 0; i < deps.count; i++)
			must(deps.items[i][0] != '\0');
		check_again(&deps, &a);
	} else {
		must(e.msg != NULL);
	}
	vec_free(&deps);
	return 0;
}
