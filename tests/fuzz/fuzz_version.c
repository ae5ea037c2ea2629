/* SPDX-License-Identifier: MIT
 *
 * Versions, names of firmware files and board ids, as pages, boards and users write them: a line each. What a name becomes in the
 * library can be part of a path, and is read as the same firmware again.
 */
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/xalloc.h"
#include "format.h"
#include "library/renamed.h"
#include "library/version.h"

static void must(bool ok)
{
	if (!ok)
		abort();
}

static int sign(int n)
{
	return (n > 0) - (n < 0);
}

static void compare(const char *a, const char *b)
{
	must(version_compare_text(a, a) == 0);
	must(sign(version_compare_text(a, b)) == -sign(version_compare_text(b, a)));
}

static void check_order(const char *a, const char *b, const char *c)
{
	compare(a, b);
	compare(b, c);
	if (version_compare_text(a, b) <= 0 && version_compare_text(b, c) <= 0)
		must(version_compare_text(a, c) <= 0);
}

static void check_text(const char *text)
{
	AUTO_STRBUF out = STRBUF_INIT;
	struct version v, back;

	if (!version_parse(&v, text))
		return;
	must(v.major >= 0 && v.minor >= 0 && v.patch >= 0 && v.build >= 0);
	version_text(&v, &out);
	must(version_parse(&back, out.buf) && version_same_release(&v, &back));
}

static void check_want(const char *text)
{
	AUTO_ERR e = ERR_INIT;
	struct version_want w;

	if (!version_want_parse(&w, text, &e))
		must(e.msg && e.hint);
	else if (w.word == VERSION_EXACT)
		must(version_fits(&w, &w.version));
}

static void check_stored(const struct firmware_name *n, bool clean)
{
	AUTO_STRBUF out = STRBUF_INIT;
	struct firmware_name back;

	firmware_name_stored(n, clean, &out);
	must(!strchr(out.buf, '/') && out.buf[0] != '.');
	must(firmware_name_parse(&back, out.buf));
	must(version_compare(&n->version, &back.version) == 0);
	must(strcmp(n->ext, back.ext) == 0);
}

static void check_name(const char *text)
{
	struct firmware_name n;

	if (!firmware_name_parse(&n, text))
		return;
	must(n.board_id[0] && n.ext[0]);
	fuzz_check_text("name", n.board_id);
	check_stored(&n, true);
	check_stored(&n, false);
}

static void check_renamed(const char *board_id, const char *port)
{
	AUTO_ARENA a = ARENA_INIT;
	struct strv names = { 0 };

	renamed_boards(board_id, port, &a, &names);
	for (size_t i = 0; i < names.count; i++)
		must(names.items[i][0] && strcmp(names.items[i], board_id) != 0);
	vec_free(&names);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_FREE char *text = xstrndup((const char *)data, size);
	const char *lines[3] = { "", "", "" };
	char *at = text;

	for (size_t i = 0; i < ARRAY_SIZE(lines) && at; i++) {
		char *nl = strchr(at, '\n');

		if (nl)
			*nl++ = '\0';
		lines[i] = at;
		at = nl;
	}
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		check_text(lines[i]);
		check_want(lines[i]);
		check_name(lines[i]);
	}
	check_order(lines[0], lines[1], lines[2]);
	check_renamed(lines[0], *lines[1] ? lines[1] : NULL);
	return 0;
}
