/* SPDX-License-Identifier: MIT
 *
 * From "mboot-BOARD" to a recipe, and what to say where there is none.
 */
#include "graph/mboot.h"

#include <string.h>

#include "base/suggest.h"
#include "board/mboot.h"
#include "graph/recipe.h"

enum { SHOWN = 6 };

static bool port_has_mboot(struct session *s, const char *port)
{
	AUTO_ARENA a = ARENA_INIT;

	return port && rules_has_port(s->rules, arena_printf(&a, "mboot-%s", port));
}

bool mboot_is_had(struct session *s, const struct board_choice *b)
{
	return !b->variant && port_has_mboot(s, b->board->port) && board_has_mboot(b->board);
}

/* The boards of the port that have it; vec_free. */
static void list_boards(struct session *s, const char *port, struct strv *out)
{
	for (size_t i = 0; i < catalogue_count(s->catalogue); i++) {
		const struct board *b = catalogue_at(s->catalogue, i);

		if (b->port && strcmp(b->port, port) == 0 && board_has_mboot(b))
			vec_push(out, b->id);
	}
}

/* The nearest names, else the first ones. */
static bool hint_near(struct session *s, const char *port, const char *word, struct err *e)
{
	AUTO_STRBUF text = STRBUF_INIT;
	const char *near[SHOWN];
	struct strv all = { 0 };
	size_t n;

	list_boards(s, port, &all);
	n = suggest_several(word, all.items, all.count, near, SHOWN);
	for (size_t i = 0; !n && i < all.count && i < SHOWN; i++)
		near[i] = all.items[i];
	if (!n)
		n = all.count < SHOWN ? all.count : SHOWN;
	for (size_t i = 0; i < n; i++)
		strbuf_addf(&text, "%s%s", i ? ", " : "", near[i]);
	if (n)
		err_hint(e, "it is there for %s; all: `mpflash make -n 'mboot-%s/*'`", text.buf,
			 port);
	vec_free(&all);
	return false;
}

static bool no_port(const char *port, const char *text, struct err *e)
{
	err_set(e, "'%s': the port '%s' has no mboot", text, port);
	return err_hint(e, "the rules have a block `port mboot-PORT` for those that do: stm32");
}

bool mboot_none(struct session *s, const char *text, const struct board_choices *boards,
		struct err *e)
{
	const struct board *first = boards->items[0].board;

	if (!port_has_mboot(s, first->port))
		return no_port(first->port, text, e);
	err_set(e, "'%s': none of these boards has mboot", text);
	return hint_near(s, first->port, first->id, e);
}

static bool no_board(struct session *s, const struct board *b, struct err *e)
{
	err_set(e,
		"'mboot-%s': the board has no mboot: its firmware lies where mboot would, or another "
		"boot loader does",
		b->id);
	return hint_near(s, b->port, b->id, e);
}

bool mboot_recipe(struct session *s, const char *name, struct recipe **out, struct err *e)
{
	struct board_choice choice;

	if (!*name || *name == '-' || *name == '@') {
		err_usage(e, "a board's name is missing in 'mboot-%s'", name);
		return err_hint(e, "`mpflash boards` lists them");
	}
	if (!catalogue_find(s->catalogue, name, &choice, e))
		return false;
	if (!port_has_mboot(s, choice.board->port))
		return no_port(choice.board->port, arena_printf(&s->arena, "mboot-%s", name), e);
	if (choice.variant) {
		err_usage(e, "'mboot-%s': mboot has no variants, the board's serves all of them",
			  name);
		return err_hint(e, "mpflash make mboot-%s", choice.board->id);
	}
	return board_has_mboot(choice.board) ? recipe_mboot(s, choice.board, out, e)
					     : no_board(s, choice.board, e);
}
