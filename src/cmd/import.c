/* SPDX-License-Identifier: MIT
 *
 * Built firmware into the library; see import.h.
 */
#include "cmd/import.h"

#include <string.h>

#include "base/path.h"
#include "base/xalloc.h"
#include "cmd/library.h"
#include "library/add.h"
#include "library/version.h"

/* firmware.EXT in a format that the library has; not firmware.signed.bin, whose name there would be the same. */
static bool is_for_library(const char *name)
{
	static const char *const formats[] = { "bin", "dfu", "elf", "hex", "uf2" };
	const char *ext = path_ext(name);

	if (strncmp(name, "firmware.", 9) != 0 || name + 9 != ext)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		if (strcmp(ext, formats[i]) == 0)
			return true;
	return false;
}

/* "v1.29.0-preview" of what was built in. */
static const char *version_of(const struct node *n, struct arena *a)
{
	AUTO_STRBUF text = STRBUF_INIT;
	struct version v;

	if (!version_parse(&v, node_stamp(n)))
		return "unknown";
	version_text(&v, &text);
	return arena_strdup(a, text.buf);
}

static bool import_goal(struct library_place *p, struct graph *g, const struct goal *goal,
			struct err *e)
{
	struct added_list done = { 0 };
	struct strv files = { 0 };
	struct built b = { .board_id = goal->recipe->name,
			   .port = goal->recipe->board->port,
			   .files = &files };
	bool ok = true;

	for (size_t i = 0; i < goal->files.count; i++) {
		const struct node *n = goal->files.items[i];

		if (!is_for_library(n->name) || !node_output(n))
			continue;
		b.version = version_of(n, &p->arena);
		vec_push(&files, node_path(goal->recipe->s, n, &p->arena));
	}
	if (files.count)
		ok = library_import_built(p->db, &b, &p->arena, &done, e);
	for (size_t i = 0; i < done.count; i++)
		if (!done.items[i].was_there)
			report_note(g->s->report, "imported %s into %s", done.items[i].row.file,
				    p->folder);
	vec_free(&done);
	vec_free(&files);
	return ok;
}

bool import_built(struct graph *g, struct err *e)
{
	struct library_place p;
	bool ok = library_place_open(&p, DATABASE_WRITE, e);

	for (size_t i = 0; ok && i < g->goals.count; i++)
		if (g->goals.items[i].recipe && g->goals.items[i].recipe->board)
			ok = import_goal(&p, g, &g->goals.items[i], e);
	library_place_close(&p);
	return ok;
}
