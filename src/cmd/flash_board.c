/* SPDX-License-Identifier: MIT
 *
 * Which board a name means, and what is known of it: from the tree, from the library's boards, from the device itself.
 */
#include <string.h>

#include "cmd/ask.h"
#include "cmd/fetch.h"
#include "cmd/flash.h"
#include "graph/known_board.h"
#include "graph/recipe.h"
#include "graph/target.h"
#include "image/chip.h"
#include "image/image.h"
#include "library/board_id.h"

/* --- asking --------------------------------------------------------------------------------------------------- */

static void add_once(struct strv *list, const char *word)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i], word) == 0)
			return;
	vec_push(list, word);
}

bool flash_is_of_ports(const struct flash_options *opt, const char *port)
{
	for (size_t i = 0; i < opt->ports.count; i++)
		if (port && strcmp(opt->ports.items[i], port) == 0)
			return true;
	return !opt->ports.count;
}

static bool list_tree(struct flash_work *w, struct strv *out, struct err *e)
{
	struct board_choices all = { 0 };
	bool ok = catalogue_all(w->s->catalogue, NULL, &all, e);

	for (size_t i = 0; ok && i < all.count; i++) {
		const struct board_choice *b = &all.items[i];

		if (flash_is_of_ports(w->opt, b->board->port))
			vec_push(out, b->variant ? arena_printf(&w->s->arena, "%s-%s", b->board->id,
								b->variant)
						 : b->board->id);
	}
	vec_free(&all);
	return ok;
}

static bool list_library(struct flash_work *w, struct strv *out, struct err *e)
{
	struct board_rows boards = { 0 };
	struct firmware_rows files = { 0 };

	if (!database_boards(w->library->db, NULL, &w->s->arena, &boards, e) ||
	    !database_firmwares(w->library->db, NULL, false, &w->s->arena, &files, e))
		return false;
	for (size_t i = 0; i < boards.count; i++)
		if (flash_is_of_ports(w->opt, boards.items[i].port))
			add_once(out, boards.items[i].board_id);
	for (size_t i = 0; i < files.count; i++)
		if (flash_is_of_ports(w->opt, files.items[i].port))
			add_once(out, files.items[i].board_id);
	return true;
}

/* The boards that there are to choose from: those that can be built, or those of which there is, or was, firmware. */
static bool list_boards(struct flash_work *w, struct strv *out, struct err *e)
{
	struct find_wish wish = { .offline = w->opt->make.offline || w->opt->make.dry_run };
	const struct http_options net = { 0 };

	wish.net = &net;
	if (w->opt->build)
		return list_tree(w, out, e);
	if (!list_library(w, out, e))
		return false;
	return out->count ||
	       (fetch_site(&wish, &w->s->arena, e) && find_boards(&wish, &w->s->arena, out, e));
}

static bool ask_board(struct flash_work *w, const char **out, struct err *e)
{
	const struct choose_question q = { "which board?", "--board", false };
	struct strv choices = { 0 }, words = { 0 };
	bool ok = list_boards(w, &choices, e) && ask_words(&q, &choices, &words, &w->s->arena, e);

	*out = ok && words.count ? words.items[0] : NULL;
	vec_free(&choices);
	vec_free(&words);
	return ok;
}

/* --- names ---------------------------------------------------------------------------------------------------- */

const char *flash_with_variant(const struct flash_work *w, const char *board_id)
{
	const char *variant = w->opt->variant;
	int len = (int)strcspn(board_id, "-");

	if (!variant)
		return board_id;
	if (strcmp(variant, "-") == 0 || strcmp(variant, "none") == 0 || !*variant)
		return arena_printf(&w->s->arena, "%.*s", len, board_id);
	return arena_printf(&w->s->arena, "%.*s-%s", len, board_id, variant);
}

static bool find_description(struct flash_work *w, const char *text, const char **out,
			     struct err *e)
{
	*out = NULL;
	if (!library_board_by_description(w->library->db, text, NULL, &w->s->arena, out, e))
		return false;
	if (*out)
		return true;
	err_set(e, "no board is described as '%s'", text);
	return err_hint(e, "name its id, or `?` to choose; `mpflash boards update` fills the "
			   "library's list of boards");
}

bool flash_board_id(struct flash_work *w, const char **out, struct err *e)
{
	const char *word = w->opt->boards.count ? w->opt->boards.items[0] : NULL;

	*out = NULL;
	if (!word)
		return true;
	if (strcmp(word, "?") == 0 ? !ask_board(w, &word, e)
				   : strchr(word, ' ') && !find_description(w, word, &word, e))
		return false;
	*out = word ? flash_with_variant(w, word) : NULL;
	return true;
}

/* --- what is known -------------------------------------------------------------------------------------------- */

static void facts_of_tree(struct flash_work *w, struct flash_item *item)
{
	AUTO_ERR none = ERR_INIT;
	struct board_choice b;
	const char *name = item->port
				   ? arena_printf(&w->s->arena, "%s/%s", item->port, item->board_id)
				   : item->board_id;

	if ((!w->s->tree.root && !w->s->opt->board_dirs.count) ||
	    !catalogue_find(w->s->catalogue, name, &b, &none))
		return;
	item->port = b.board->port;
	item->mcu = b.board->mcu;
}

static bool facts_of_library(struct flash_work *w, struct flash_item *item, struct err *e)
{
	struct board_rows boards = { 0 };
	struct firmware_rows files = { 0 };

	if (!database_boards_of(w->library->db, item->board_id, &w->s->arena, &boards, e) ||
	    !database_firmwares(w->library->db, item->board_id, false, &w->s->arena, &files, e))
		return false;
	for (size_t i = 0; i < boards.count; i++) {
		const struct board_row *b = &boards.items[i];

		if (!*b->port || (item->port && strcmp(item->port, b->port) != 0))
			continue;
		item->port = b->port;
		if (*b->mcu && strcmp(b->mcu, "Unknown") != 0)
			item->mcu = item->mcu ? item->mcu : b->mcu;
	}
	for (size_t i = 0; i < files.count && !item->port; i++)
		if (*files.items[i].port)
			item->port = files.items[i].port;
	return true;
}

/* The device's own words, and its bootloader's, name the chip. */
static void facts_of_device(struct flash_item *item)
{
	const struct device *d = item->device;
	const struct chip *chip = NULL;

	if (!d)
		return;
	if (!item->port && d->has_identity)
		item->port = d->identity.port;
	if (!item->port)
		item->port = d->port;
	if (d->has_identity && d->identity.machine)
		chip = chip_of_machine(d->identity.machine);
	if (!chip && d->chip)
		chip = chip_by_name(d->chip);
	if (!item->mcu && chip)
		item->mcu = chip->mcu;
}

/* A board that nobody described: its firmware says what it is for, or --cpu does. */
static void facts_of_image(struct flash_item *item)
{
	AUTO_ERR none = ERR_INIT;
	const struct image_options opt = { 0 };
	struct image_file file = { 0 };
	const struct chip *chip;
	bool certain;

	if (item->mcu || !item->image || !image_file_open(&file, item->image, &opt, &none))
		return;
	chip = chip_of_image(&file.image, &certain);
	if (chip && certain && chip->port && item->port && strcmp(chip->port, item->port) == 0)
		item->mcu = chip->mcu;
	image_file_close(&file);
}

static void facts_of_user(const struct flash_work *w, struct flash_item *item)
{
	const struct chip *chip = w->opt->cpu ? chip_by_name(w->opt->cpu) : NULL;

	if (!item->mcu && w->opt->cpu)
		item->mcu = chip && chip->mcu ? chip->mcu : w->opt->cpu;
}

bool flash_board_facts(struct flash_work *w, struct flash_item *item, struct err *e)
{
	if (!item->port && w->opt->ports.count == 1)
		item->port = w->opt->ports.items[0];
	facts_of_tree(w, item);
	if (!facts_of_library(w, item, e))
		return false;
	facts_of_user(w, item);
	facts_of_device(item);
	return true;
}

/* Who knows its port when tree and library do not: rules, the library by another variant of it, the board itself. */
static bool ask_others(struct flash_work *w, struct flash_item *item, struct err *e)
{
	struct rules_scope known;
	AUTO_ERR none = ERR_INIT;

	if (known_board_find(w->s, NULL, item->board_id, &known, &none)) {
		item->port = known.port;
		item->mcu = item->mcu ? item->mcu : known.mcu;
	}
	if (none.kind != ERR_INTERRUPTED)
		return true;
	err_move(e, &none);
	return false;
}

bool flash_board_recipe(struct flash_work *w, struct flash_item *item, struct err *e)
{
	const char *name = item->port
				   ? arena_printf(&w->s->arena, "%s/%s", item->port, item->board_id)
				   : item->board_id;

	if (item->recipe)
		return true;
	if (w->opt->build)
		return target_recipe(w->s, name, w->ref, &item->recipe, e);
	if (!item->port && !ask_others(w, item, e))
		return false;
	if (!item->port) {
		err_set(e, "the MicroPython port of the board '%s' is not known", item->board_id);
		return err_hint(e, "name it: --port PORT");
	}
	facts_of_image(item);
	return recipe_released(w->s, item->port, item->board_id, item->mcu, &item->recipe, e);
}
