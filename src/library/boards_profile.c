/* SPDX-License-Identifier: MIT
 *
 * What a board's folder says, as rows of the table of boards.
 */
#include <string.h>

#include "base/xalloc.h"
#include "library/boards_reading.h"

bool profile_is_board(const struct board_files *files)
{
	for (size_t i = 0; i < files->count; i++)
		if (strcmp(files->items[i].name, "board.json") == 0)
			return true;
	return false;
}

struct profile *profile_make(struct reading *r, const struct board_files *files)
{
	struct profile *p = ARENA_NEW(r->arena, struct profile);
	AUTO_STRBUF text = STRBUF_INIT;
	AUTO_ERR ignored = ERR_INIT;

	for (size_t i = 0; i < files->count; i++)
		if (strcmp(files->items[i].name, "board.json") == 0)
			strbuf_adds(&text, files->items[i].text);
	vec_push(&r->made, p);
	p->bad = !board_json_parse(&r->json, &text, &p->board, r->arena, &ignored);
	p->description = board_describe(files, "", r->arena);
	p->variants = ARENA_ARRAY(r->arena, const char *, p->board.variants.count + 1);
	for (size_t i = 0; i < p->board.variants.count; i++)
		p->variants[i] = board_describe(files, p->board.variants.items[i].name, r->arena);
	return p;
}

static bool put(struct reading *r, const struct board_row *row)
{
	r->failed = r->failed || !database_put_board(r->db, row, r->e);
	r->out->boards += !row->variant;
	r->out->variants += row->variant != NULL;
	return !r->failed;
}

static bool put_variant(struct reading *r, struct board_row row, const char *variant,
			const char *description)
{
	row.board_id = arena_printf(r->arena, "%s-%s", row.board_name, variant);
	row.variant = variant;
	row.description = description ? description : row.description;
	return put(r, &row);
}

bool profile_put(struct reading *r, const struct profile *p, const char *port, const char *name)
{
	const struct board_row row = {
		.board_id = name,
		.version = r->version,
		.board_name = name,
		.mcu = p->board.mcu,
		.port = port,
		.path = arena_printf(r->arena, "ports/%s/boards/%s", port, name),
		.description = p->description ? p->description : name,
	};

	if (p->bad) {
		r->out->skipped++;
		return true;
	}
	if (!put(r, &row))
		return false;
	for (size_t i = 0; i < p->board.variants.count; i++)
		if (!put_variant(r, row, p->board.variants.items[i].name, p->variants[i]))
			return false;
	return true;
}

bool profile_put_pseudo(struct reading *r, const char *port, const struct strv *variants)
{
	const struct board_row row = {
		.board_id = port,
		.version = r->version,
		.board_name = port,
		.port = port,
		.path = arena_printf(r->arena, "ports/%s", port),
		.description = port,
	};

	if (!put(r, &row))
		return false;
	for (size_t i = 0; i < variants->count; i++)
		if (!put_variant(r, row, variants->items[i], NULL))
			return false;
	return true;
}

void profiles_free(struct reading *r)
{
	for (size_t i = 0; i < r->made.count; i++) {
		struct board *b = &r->made.items[i]->board;

		vec_free(&b->variants);
		vec_free(&b->deploy);
		vec_free(&b->images);
		vec_free(&b->features);
	}
	vec_free(&r->made);
	map_free(&r->profiles);
}

const char *boards_version(struct reading *r, const struct version *v)
{
	AUTO_STRBUF text = STRBUF_INIT;

	version_text(v, &text);
	return arena_strdup(r->arena, text.buf);
}
