/* SPDX-License-Identifier: MIT
 *
 * What is known of a board when no tree is at hand. A board is asked last, since that takes time and stops its program.
 */
#include "graph/known_board.h"

#include <string.h>

#include "board/device.h"
#include "cache/sighting.h"
#include "graph/device_choice.h"
#include "graph/recipe.h"
#include "image/chip.h"
#include "library/database.h"
#include "library/folder.h"

struct search {
	struct session *s;
	const char *name; /* as typed */
	struct rules_scope *out;
	const char *other; /* a second port that has it; NULL: none */
};

/* With the port named, what is of another one does not count. */
static bool counts(const struct search *f, const char *port)
{
	return port && *port && rules_has_port(f->s->rules, port) &&
	       (!f->out->port || strcmp(port, f->out->port) == 0);
}

/* --- rules ---------------------------------------------------------------------------------------------------- */

/* A flash method in the scope of the board alone: the port's boards have another, or none. */
static bool port_knows(const struct search *f, const char *port, bool *knows, struct err *e)
{
	struct session *s = f->s;
	struct rules_env with = { .rules = s->rules,
				  .board = { .port = port, .board = f->out->board } };
	struct rules_env without = { .rules = s->rules, .board = { .port = port } };
	const char *a, *b;

	if (!rules_get(&with, "flash", &s->arena, &a, e) ||
	    !rules_get(&without, "flash", &s->arena, &b, e))
		return false;
	*knows = a && (!b || strcmp(a, b) != 0);
	return true;
}

static bool ask_rules(struct search *f, struct err *e)
{
	struct strv ports = rules_ports(f->s->rules);
	const char *found = NULL;
	bool ok = true;

	for (size_t i = 0; ok && i < ports.count; i++) {
		bool knows = false;

		if (!counts(f, ports.items[i]))
			continue;
		ok = port_knows(f, ports.items[i], &knows, e);
		if (ok && knows && found)
			f->other = found;
		if (ok && knows)
			found = ports.items[i];
	}
	vec_free(&ports);
	if (ok && found)
		f->out->port = found;
	return ok;
}

/* --- the firmware library -------------------------------------------------------------------------------------- */

static void take_row(struct search *f, const struct board_row *row)
{
	if (!counts(f, row->port)) {
		if (f->out->port && row->port && rules_has_port(f->s->rules, row->port))
			f->other = row->port;
		return;
	}
	f->out->port = row->port;
	if (row->mcu && *row->mcu && strcmp(row->mcu, "Unknown") != 0)
		f->out->mcu = row->mcu;
}

static bool take_rows(struct search *f, struct database *db, const char *board_id, struct err *e)
{
	struct board_rows rows = { 0 };
	bool ok = database_boards_of(db, board_id, &f->s->arena, &rows, e);

	for (size_t i = 0; ok && i < rows.count; i++)
		take_row(f, &rows.items[i]);
	return ok;
}

/* A library that cannot be read is no reason against a board that others know. */
static void ask_library(struct search *f)
{
	AUTO_STRBUF dir = STRBUF_INIT, note = STRBUF_INIT;
	AUTO_ERR why = ERR_INIT;
	struct database *db = library_folder(&dir, f->s->opt->library_dir, &note, &why)
				      ? database_open(dir.buf, DATABASE_READ, &why)
				      : NULL;

	/* The variant may be newer than the list of boards. */
	if (!db || !take_rows(f, db, f->name, &why) ||
	    (!f->out->mcu && !take_rows(f, db, f->out->board, &why)))
		report_note(f->s->report, "boards are not looked up: %s", why.msg);
	database_close(db);
}

/* --- devices --------------------------------------------------------------------------------------------------- */

static bool ask_devices(struct search *f, struct err *e)
{
	const struct device *d;
	const char *port;
	const struct chip *chip;

	if (!device_of_board(f->s, f->name, &d, e))
		return false;
	if (!d)
		return true;
	port = d->has_identity && d->identity.port ? d->identity.port
	       : d->port                           ? d->port
	       : d->known                          ? d->known->port
						   : NULL;
	if (!counts(f, port))
		return true;
	f->out->port = port;
	chip = d->chip                                  ? chip_by_name(d->chip)
	       : d->has_identity && d->identity.machine ? chip_of_machine(d->identity.machine)
							: NULL;
	if (chip && !chip->mcu && chip->kind)
		chip = chip_by_name(chip->kind);
	if (chip && chip->port && strcmp(chip->port, port) == 0)
		f->out->mcu = chip->mcu;
	return true;
}

/* --- together -------------------------------------------------------------------------------------------------- */

static bool nobody_knows(const struct search *f, struct err *e)
{
	err_set(e,
		"neither rules nor the firmware library nor a device that is attached know a board "
		"'%s'",
		f->name);
	return err_hint(e,
			"name its port (as in flash-stm32/%s), or the tree that has it: -C DIR; "
			"`mpflash boards update` brings the library's boards up to date",
			f->name);
}

static bool two_know(const struct search *f, struct err *e)
{
	err_set(e, "'%s' is a board of %s and of %s", f->name, f->out->port, f->other);
	return err_hint(e, "name the port, as in flash-%s/%s", f->out->port, f->name);
}

bool known_board_find(struct session *s, const char *port, const char *name,
		      struct rules_scope *out, struct err *e)
{
	size_t len = strcspn(name, "-");
	struct search f = { .s = s, .name = name, .out = out };

	*out = (struct rules_scope){
		.port = port ? arena_strdup(&s->arena, port) : NULL,
		.board = arena_strndup(&s->arena, name, len),
		.variant = name[len] ? arena_strdup(&s->arena, name + len + 1) : NULL,
	};
	if (!ask_rules(&f, e))
		return false;
	ask_library(&f);
	if (!out->port && !ask_devices(&f, e))
		return false;
	if (!out->port)
		return nobody_knows(&f, e);
	return (!f.other || port) || two_know(&f, e);
}
