/* SPDX-License-Identifier: MIT
 *
 * The boards that get something. Who names a board gets that board and no other; who names nothing gets all that say themselves what
 * they are.
 */
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "cache/sighting.h"
#include "cmd/ask.h"
#include "cmd/flash.h"
#include "cmd/global.h"
#include "graph/attached.h"
#include "graph/device_step.h"
#include "graph/recipe.h"
#include "image/chip.h"

static struct flash_item *add(struct flash_work *w, const struct device *d, const char *board_id)
{
	struct flash_item item = { .device = d,
				   .board_id = board_id,
				   .where = d ? device_label(d) : "an emulated board" };

	if (d && d->has_identity)
		item.port = d->identity.port;
	vec_push(&w->items, item);
	return &w->items.items[w->items.count - 1];
}

/* --- which of them are meant ----------------------------------------------------------------------------------- */

/* "RP2040", "rp2040" and "stm32f4" for an STM32F405RG. `otherwise`: of one that does not say its chip. */
static bool is_of_cpu(const struct flash_options *opt, const struct device *d, bool otherwise)
{
	const char *cpu = d->identity.cpu ? d->identity.cpu : d->chip;
	const struct chip *chip = d->identity.machine ? chip_of_machine(d->identity.machine) : NULL;

	if (!opt->cpu || (!cpu && !chip))
		return !opt->cpu || otherwise;
	return (cpu && strcasecmp(cpu, opt->cpu) == 0) ||
	       (chip && strcasecmp(chip->name, opt->cpu) == 0);
}

/* Who names a board and a chip means such boards with that chip. */
static bool check_cpu(const struct flash_work *w, const struct flash_item *item,
		      const struct device_choice *found, struct err *e)
{
	for (size_t i = 0; i < found->count; i++)
		if (!is_of_cpu(w->opt, found->items[i], true)) {
			err_usage(e, "--cpu %s: %s has another chip", w->opt->cpu,
				  device_summary(found->items[i], &w->s->arena));
			return err_hint(e, "leave --cpu out, or --board %s", item->board_id);
		}
	return true;
}

/* --- a board that was named ------------------------------------------------------------------------------------ */

static bool takes_uf2(struct flash_work *w, const struct flash_item *item, struct err *e)
{
	struct strv methods = { 0 };
	bool ok = recipe_words(w->s, item->recipe, "flash", &methods, e), takes = false;

	for (size_t i = 0; i < methods.count; i++)
		takes = takes || strcmp(methods.items[i], "uf2") == 0;
	vec_free(&methods);
	if (!ok || takes)
		return ok;
	err_usage(
		e,
		"--volume is only supported for UF2-capable ports (nrf, rp2, samd), and %s is of %s",
		item->board_id, item->port);
	return err_hint(e, "leave --volume out");
}

/* The port of a board that nobody knows is learnt with its firmware. */
static bool settle_recipe(struct flash_work *w, struct flash_item *item, struct err *e)
{
	if (!flash_board_facts(w, item, e))
		return false;
	if (!w->opt->build && (!item->port || !item->mcu) && !flash_firmware_of(w, item, e))
		return false;
	return flash_board_recipe(w, item, e);
}

static bool find_named(struct flash_work *w, const char *board_id, struct err *e)
{
	const struct strv *serial = &w->opt->make.serial;
	struct flash_item first = { .board_id = board_id,
				    .where = serial->count == 1 ? serial->items[0]
								: "an attached board" };
	struct device_choice found;

	if (!settle_recipe(w, &first, e))
		return false;
	if (!first.recipe) /* another version, which -n does not check out */
		return true;
	if (w->opt->make.volumes.count && !takes_uf2(w, &first, e))
		return false;
	if (!device_step_wants_device(first.recipe->s, first.recipe)) {
		first.where = "an emulated board";
		vec_push(&w->items, first);
		return true;
	}
	if (!device_choose(first.recipe->s, first.recipe, &found, e))
		return w->opt->through_probe ? flash_explain(w, &first, e) : false;
	if (!check_cpu(w, &first, &found, e))
		return false;
	for (size_t i = 0; i < found.count; i++) {
		struct flash_item item = first;

		item.device = found.items[i];
		item.where = device_label(found.items[i]);
		vec_push(&w->items, item);
	}
	return true;
}

/* --- boards that say what they are ----------------------------------------------------------------------------- */

static void pass_over(struct flash_work *w, const struct device *d, const char *why)
{
	if (d->state == DEVICE_DENIED && !w->denied)
		w->denied = d;
	w->passed_over++;
	log_note("warning: %s: skipped: %s", device_label(d), why);
}

static const char *or_unknown(const char *text)
{
	return text ? text : "unknown";
}

static bool is_other_firmware(struct flash_work *w, const struct device *d)
{
	const struct identity *id = &d->identity;

	if (d->state != DEVICE_OTHER &&
	    !(d->has_identity && id->family && strcmp(id->family, "micropython") != 0))
		return false;
	w->passed_over++;
	log_note("warning: Skipping flashing %s %s %s on %s as it is not a MicroPython firmware",
		 or_unknown(id->family), or_unknown(id->port), or_unknown(id->board_id),
		 device_label(d));
	return true;
}

/* It becomes part of addresses and paths, and any board may say anything. */
static const char *if_name(const char *board_id)
{
	static const char fine[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+.";

	return board_id && *board_id && *board_id != '.' && *board_id != '-' &&
			       !board_id[strspn(board_id, fine)]
		       ? board_id
		       : NULL;
}

static const char *board_of(const struct device *d)
{
	if (d->has_identity)
		return if_name(d->identity.board_id);
	return d->known && d->known_by_number ? d->known->board_id : NULL;
}

/* Of all that are attached: does this one get something? What does not is told, but for what is no board at all. */
static bool is_wanted(struct flash_work *w, const struct device *d)
{
	const struct attached_options named = { .device = w->opt->make.device };
	const struct flash_options *opt = w->opt;

	if (d->emulator || is_other_firmware(w, d))
		return false;
	if (!board_of(d) && !d->has_identity) {
		if (d->state != DEVICE_PROBE)
			pass_over(w, d,
				  arena_printf(&w->s->arena, "%s%s%s; --board names what it is",
					       device_state_name(d->state), d->why ? ", " : "",
					       d->why ? d->why : ""));
		return false;
	}
	if (attached_is_left_alone(&named, d)) {
		pass_over(w, d, "its board_info.toml says ignore");
		return false;
	}
	return flash_is_of_ports(opt, d->has_identity ? d->identity.port : d->port) &&
	       is_of_cpu(opt, d, false);
}

static bool find_all(struct flash_work *w, struct devices **list, struct err *e)
{
	if (!device_list(w->s, list, e))
		return false;
	if (!(*list)->count && w->opt->make.serial.count) {
		device_no_port(&w->opt->make, e);
		e->kind = ERR_USAGE;
		return false;
	}
	for (size_t i = 0; i < (*list)->count; i++) {
		const struct device *d = &(*list)->items[i];
		const char *board;

		if (!is_wanted(w, d))
			continue;
		board = board_of(d);
		add(w, d, board ? flash_with_variant(w, board) : "UNKNOWN_BOARD");
	}
	return true;
}

/* --- nobody said what he is ------------------------------------------------------------------------------------ */

static bool no_boards(const struct flash_work *w, struct err *e)
{
	if (w->denied) {
		err_set(e, "No boards were flashed: Insufficient permissions to access %s: %s",
			device_label(w->denied), w->denied->why);
		return err_hint(e, "%s", w->denied->hint);
	}
	err_set(e, "No boards were flashed: %s",
		w->passed_over ? "none of those that are attached is known"
			       : "no board is attached that runs MicroPython");
	return err_hint(e, "connect one, or name what is there: --board ID --serial PORT; "
			   "`mpflash list` shows it");
}

static bool ask_device(struct flash_work *w, const struct devices *list, const struct device **out,
		       struct err *e)
{
	const struct choose_question q = { "which device?", "--serial PORT", false };
	struct choice *items = ARENA_ARRAY(&w->s->arena, struct choice, list->count + 1);
	const struct device **real =
		ARENA_ARRAY(&w->s->arena, const struct device *, list->count + 1);
	size_t *chosen = ARENA_ARRAY(&w->s->arena, size_t, list->count + 1), n = 0, number;

	for (size_t i = 0; i < list->count; i++) {
		const struct device *d = &list->items[i];

		if (d->emulator)
			continue;
		items[n] = (struct choice){ device_label(d), device_summary(d, &w->s->arena) };
		real[n++] = d;
	}
	if (!choose(&q, items, n, chosen, &number, e))
		return false;
	*out = real[chosen[0]];
	return true;
}

/* On a terminal: which device, and what it is. */
static bool ask_both(struct flash_work *w, const struct devices *list, struct err *e)
{
	struct flash_options asked = *w->opt;
	const struct flash_options *before = w->opt;
	const struct device *d;
	const char *question = "?", *board_id;
	struct flash_item *item;
	bool ok;

	if (!choose_can_ask() || !list->count)
		return no_boards(w, e);
	if (!ask_device(w, list, &d, e))
		return false;
	asked.boards = (struct strv){ &question, 1, 1 };
	w->opt = &asked;
	ok = flash_board_id(w, &board_id, e);
	w->opt = before;
	if (!ok)
		return false;
	item = add(w, d, board_id);
	return settle_recipe(w, item, e) &&
	       (!item->recipe || device_check(item->recipe->s, item->recipe, d, e));
}

/* A file is firmware of one board; what the checks would let pass on another one is the wrong firmware nevertheless. */
static bool is_one_kind(const struct flash_work *w, struct err *e)
{
	const struct flash_item *first = w->items.items;

	for (size_t i = 1; w->opt->make.image && i < w->items.count; i++) {
		const struct flash_item *other = &w->items.items[i];

		if (strcmp(first->board_id, other->board_id) == 0)
			continue;
		err_usage(e, "--image %s is firmware of one board, and %s is %s, %s is %s",
			  w->opt->make.image, first->where, first->board_id, other->where,
			  other->board_id);
		return err_hint(e, "--board ID or --serial PORT says which is meant");
	}
	return true;
}

bool flash_work_find(struct flash_work *w, struct err *e)
{
	struct devices *list;
	const char *board_id;

	if (!flash_board_id(w, &board_id, e))
		return false;
	if (board_id && !if_name(board_id)) {
		err_usage(e, "--board wants a board's id, not '%s'", board_id);
		return err_hint(e, "`mpflash boards` lists them; --port names the port");
	}
	if (board_id)
		return find_named(w, board_id, e);
	return find_all(w, &list, e) && is_one_kind(w, e) &&
	       (w->items.count || ask_both(w, list, e));
}
