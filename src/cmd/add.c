/* SPDX-License-Identifier: MIT
 *
 * `mpflash add`: firmware into the library.
 */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "cmd/add_web.h"
#include "cmd/cmd.h"
#include "cmd/global.h"
#include "cmd/library.h"
#include "library/add.h"

struct add {
	struct add_options opt;
	const char *dir, *path;
	bool json, list;
	struct strbuf failures;
	size_t failed;
	struct err first; /* failure */
};

/* One failure keeps its hint; of several all messages are told. */
static void note_failure(void *ctx, const struct err *e)
{
	struct add *add = ctx;

	strbuf_addf(&add->failures, "\n  %s", e->msg);
	if (add->failed++)
		return;
	err_set(&add->first, "%s", e->msg);
	if (e->hint)
		err_hint(&add->first, "%s", e->hint);
}

static bool tell_failures(struct add *add, struct err *e)
{
	if (!add->failed)
		return true;
	if (add->failed > 1)
		return err_set(e, "%zu firmwares were not added:%s", add->failed,
			       add->failures.buf);
	err_move(e, &add->first);
	return false;
}

static void show_json(const struct added *x)
{
	AUTO_STRBUF out = STRBUF_INIT;
	struct json j = { .out = &out };

	json_object(&j, NULL);
	json_string(&j, "event", "added");
	json_string(&j, "from", x->from);
	json_string(&j, "firmware_file", x->row.file);
	json_string(&j, "board_id", x->row.board_id);
	json_string(&j, "version", x->row.version);
	json_int(&j, "build", x->row.build);
	json_string(&j, "port", x->row.port);
	json_bool(&j, "custom", x->row.custom);
	json_string(&j, "custom_id", x->row.custom_id);
	json_string(&j, "sha256", x->sha256);
	json_bool(&j, "was_there", x->was_there);
	json_object_end(&j);
	puts(out.buf);
}

static void show_text(const struct added *x)
{
	const struct firmware_row *r = &x->row;

	printf("Added %s: %s for %s%s\n", r->custom ? "custom firmware" : "firmware",
	       r->custom_id ? r->custom_id : r->board_id, r->file,
	       x->was_there ? " (was there already)" : "");
}

static void show_all(const struct add *add, struct added_list *done)
{
	for (size_t i = 0; i < done->count; i++) {
		if (add->json)
			show_json(&done->items[i]);
		else
			show_text(&done->items[i]);
	}
	vec_free(done);
}

static void add_one(struct add *add, struct library_place *p, const char *word)
{
	struct added_list done = { 0 };
	AUTO_ERR e = ERR_INIT;

	if (!library_add(p->db, word, NULL, &add->opt, &p->arena, &done, note_failure, add, &e))
		note_failure(add, &e);
	show_all(add, &done);
}

/* What is here first, then what has to be fetched. */
static bool add_words(struct add *add, struct library_place *p, const struct strv *words,
		      struct err *e)
{
	const struct add_web web = { &add->opt, note_failure, add };
	struct added_list done = { 0 };
	struct strv urls = { 0 };
	bool ok;

	for (size_t i = 0; i < words->count; i++)
		if (add_web_is_url(words->items[i]))
			vec_push(&urls, words->items[i]);
		else
			add_one(add, p, words->items[i]);
	ok = add_web(&web, p, &urls, &done, e);
	show_all(add, &done);
	vec_free(&urls);
	return ok;
}

static bool add_all(struct add *add, const struct strv *words, struct err *e)
{
	struct library_place p;
	bool ok = library_place_open(&p, DATABASE_WRITE, e) && add_words(add, &p, words, e);

	library_place_close(&p);
	return ok && tell_failures(add, e);
}

static bool check(const struct add *add, const struct strv *words, struct err *e)
{
	if (add->list || words->count)
		return true;
	err_usage(e, "add wants a firmware file, a folder, an archive or an address");
	return err_hint(e, "for example `mpflash add ports/rp2/build-RPI_PICO/firmware.uf2`");
}

static const char words_help[] =
	"words:\n"
	"  FILE                         a firmware file, or an archive of some (.zip, .tar.gz, .uf2.gz, ...)\n"
	"  URL                          the same from the web (http://, https://)\n"
	"  DIR                          all firmware in a folder: of a port's build folder firmware.*\n"
	"Board, variant, port and version are told by the path (ports/PORT/build-BOARD-VARIANT/), the name\n"
	"(BOARD-DATE-vX.Y.Z.EXT), what the firmware says of itself, and git. A copy goes into the firmware folder.\n";

static bool add_run(int argc, char **argv, struct err *e)
{
	struct add add = { .failures = STRBUF_INIT };
	const struct option table[] = {
		{ "path", 'p', NULL, OPT_STRING, "FILE", "the same as FILE", &add.path },
		{ "description", 'd', NULL, OPT_STRING, "TEXT", "what to remember it by",
		  &add.opt.description },
		{ "force", 'f', NULL, OPT_FLAG, NULL,
		  "replace a file of that name that has other content", &add.opt.force },
		{ "board", 'b', NULL, OPT_STRING, "ID", "it is for this board", &add.opt.board_id },
		{ "port", 0, NULL, OPT_STRING, "PORT", "it is for this port", &add.opt.port },
		{ "version", 'v', NULL, OPT_STRING, "VERSION", "it is of this version",
		  &add.opt.version },
		LIBRARY_DIR_OPTION(0),
		{ "list", 0, NULL, OPT_FLAG, NULL,
		  "add nothing: list the library, of boards that fit the words ('ESP32*')",
		  &add.list },
		{ "json", 0, NULL, OPT_FLAG, NULL, "one JSON object a line; an array with --list",
		  &add.json },
		{ 0 },
	};
	struct parsed p;
	bool ok = options_parse(table, argc, argv, &p, e);

	if (ok && add.path)
		vec_push(&p.words, add.path);
	if (ok && p.help)
		options_print_help(&add_command, words_help, table);
	else if (ok)
		ok = check(&add, &p.words, e) &&
		     (add.list ? library_show(&p.words, add.json, e) : add_all(&add, &p.words, e));
	strbuf_free(&add.failures);
	err_free(&add.first);
	parsed_free(&p);
	return ok;
}

const struct command add_command = {
	.name = "add",
	.usage = "add [options] FILE|DIR|URL...",
	.summary = "add firmware to the library",
	.examples = "mpflash add firmware.uf2     # board and version: as it says itself\n"
		    "mpflash add --board RPI_PICO my.uf2\n"
		    "mpflash add --list 'ESP32*'  # what the library has\n",
	.words = WORDS_FILES,
	.run = add_run,
};
