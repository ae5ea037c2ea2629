/* SPDX-License-Identifier: MIT
 *
 * mpflash info: what a firmware file holds. Each firmware of each file is shown; what cannot be read is an error at the end, so
 * that one damaged file does not hide the others.
 */
#include "cmd/info.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/strv.h"
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "graph/session.h"
#include "image/check.h"
#include "image/files.h"
#include "os/tty.h"

static const char usage[] = "info [options] FILE...";

/* Width of the map where there is no terminal. */
enum { COLUMNS = 100 };

struct run {
	struct image_options opt;
	const struct chip *chip; /* --chip; NULL: what the image is for */
	bool json, map;
	struct rules *rules; /* of the ports; NULL: not needed yet */
	struct arena arena;  /* of what the rules say */
	struct strbuf failures;
	size_t failed;
	struct err first; /* failure */
};

/* --- finding out ---------------------------------------------------------------------------------------------------- */

static void find_chip(const struct run *r, struct info *info)
{
	const struct image *img = &info->f->image;
	char board[sizeof(info->board)];

	info->chip = chip_of_image(img, &info->chip_certain);
	if (r->chip) {
		info->chip = r->chip;
		info->chip_certain = true;
	}
	chip_of_banner(img, board, sizeof(board));
	snprintf(info->board, sizeof(info->board), "%s", img->board[0] ? img->board : board);
}

static void check(const struct run *r, struct info *info)
{
	const struct image_file *f = info->f;
	const struct image_target target = { .chip = r->chip };

	if (f->format->inspect)
		f->format->inspect(f->map.data, f->map.size, &f->options, &info->checks);
	image_check(&f->image, &target, &info->checks);
}

/* What the rules of the chip's port say for any board with it; a board's own rules may say more. */
static bool find_methods(struct run *r, struct info *info, struct err *e)
{
	struct rules_env env = { 0 };

	if (!info->chip || !info->chip->port)
		return true;
	if (!r->rules) {
		r->rules = rules_create();
		if (!rules_load_builtin(r->rules, e))
			return false;
	}
	env.rules = r->rules;
	env.board.port = info->chip->port;
	env.board.mcu = info->chip->kind ? info->chip->kind : info->chip->mcu;
	if (!rules_get_words(&env, "flash", &r->arena, &info->methods, e))
		return false;
	/* Such a file is made for a boot loader that takes it. */
	if (info->f->image.uf2_family && strcmp(info->f->format->name, "uf2") == 0 &&
	    !strv_has(&info->methods, "uf2"))
		vec_push(&info->methods, "uf2");
	return true;
}

/* --- showing -------------------------------------------------------------------------------------------------------- */

static void print(const struct run *r, const struct info *info)
{
	AUTO_STRBUF out = STRBUF_INIT;
	int columns = tty_columns(fileno(stdout));

	if (r->json) {
		info_json(info, &out);
		strbuf_adds(&out, "\n");
	} else {
		info_text(info, &out);
		if (r->map || columns)
			info_map(info, columns ? columns : COLUMNS, &out);
	}
	fwrite(out.buf, 1, out.len, stdout);
}

static bool show(struct run *r, const char *path, struct image_file *f, struct err *e)
{
	struct info info = { .path = path, .f = f };
	bool good;

	image_find_version(&f->image);
	find_chip(r, &info);
	check(r, &info);
	good = find_methods(r, &info, e);
	if (good)
		print(r, &info);
	findings_free(&info.checks);
	vec_free(&info.methods);
	return good;
}

static void print_failure(const char *path, const char *why)
{
	AUTO_STRBUF out = STRBUF_INIT;
	struct json j = { .out = &out };

	json_object(&j, NULL);
	json_string(&j, "file", path);
	json_string(&j, "error", why);
	json_object_end(&j);
	puts(out.buf);
}

/* Keeps what to say at the end: of several failures all messages, of one its hint too. */
static void note_failure(struct run *r, const char *path, struct err *e)
{
	if (r->json)
		print_failure(path, e->msg);
	strbuf_addf(&r->failures, "%s%s", r->failed++ ? "\n  " : "", e->msg);
	if (r->failed == 1)
		err_move(&r->first, e);
	else
		err_free(e);
}

static bool tell_failures(struct run *r, struct err *e)
{
	if (!r->failed)
		return true;
	if (r->failed == 1) {
		err_move(e, &r->first);
		return false;
	}
	return err_set(e, "%zu firmwares cannot be read:\n  %s", r->failed, r->failures.buf);
}

static void show_file(struct run *r, const char *path)
{
	AUTO_ERR e = ERR_INIT;
	struct image_files *files = image_files_open(path, &r->opt, &e);
	struct image_file *f = NULL;

	if (!files) {
		note_failure(r, path, &e);
		return;
	}
	for (;;) {
		bool good = image_files_next(files, &f, &e);

		if (good && !f)
			break;
		if (!good || !show(r, path, f, &e))
			note_failure(r, path, &e);
	}
	image_files_close(files);
}

static bool show_all(struct run *r, const struct strv *paths, struct err *e)
{
	for (size_t i = 0; i < paths->count; i++)
		show_file(r, paths->items[i]);
	return tell_failures(r, e);
}

static void finish(struct run *r)
{
	rules_destroy(r->rules);
	arena_free(&r->arena);
	strbuf_free(&r->failures);
	err_free(&r->first);
}

/* --- the command ---------------------------------------------------------------------------------------------------- */

struct texts {
	const char *base, *family, *alt, *chip;
};

static bool set_option(struct run *r, const char *name, const char *value, struct err *e)
{
	return !value || image_option_set(&r->opt, name, value, e);
}

static bool take_texts(struct run *r, const struct texts *t, struct err *e)
{
	r->opt.guess_base = true;
	if (!set_option(r, "base", t->base, e) || !set_option(r, "family", t->family, e) ||
	    !set_option(r, "alt", t->alt, e))
		return false;
	r->chip = t->chip ? chip_by_name(t->chip) : NULL;
	if (!t->chip || r->chip)
		return true;
	err_usage(e, "there is no chip '%s' in the table", t->chip);
	return err_hint(e, "names are as stm32f4, rp2040, esp32s3, nrf52840");
}

static bool run(int argc, char **argv, struct err *e)
{
	struct run r = { .failures = STRBUF_INIT };
	struct texts t = { 0 };
	const struct option table[] = {
		{ "json", 0, NULL, OPT_FLAG, NULL, "one JSON object a firmware, each on a line",
		  &r.json },
		{ "map", 0, NULL, OPT_FLAG, NULL,
		  "draw a map of the memory where there is no terminal, too", &r.map },
		{ "from", 0, NULL, OPT_STRING, "FORMAT",
		  "format of FILE (default: found in its content, else by its name)",
		  &r.opt.format },
		{ "base", 0, NULL, OPT_STRING, "ADDRESS",
		  "address of the first byte of a .bin, as in 0x08000000 (default: guessed)",
		  &t.base },
		{ "chip", 0, NULL, OPT_STRING, "NAME",
		  "check the firmware for this chip (default: the one that it is for)", &t.chip },
		{ "family", 0, NULL, OPT_STRING, "NAME",
		  "only this one of several UF2 families: a name or an id", &t.family },
		{ "alt", 0, NULL, OPT_STRING, "N",
		  "only this one of a DFU file's alternate settings", &t.alt },
		{ "member", 0, NULL, OPT_STRING, "NAME", "only this file of an archive",
		  &r.opt.member },
		{ 0 },
	};
	struct parsed p = { 0 };
	bool good = options_parse(table, argc, argv, &p, e);

	if (good && p.help) {
		options_print_help(&info_command, NULL, table);
	} else if (good && (!p.words.count || p.rest.count)) {
		good = err_usage(e, "info wants the names of firmware files");
		err_hint(e, "usage: mpflash %s", usage);
	} else if (good) {
		good = take_texts(&r, &t, e) && show_all(&r, &p.words, e);
	}
	finish(&r);
	parsed_free(&p);
	return good;
}

const struct command info_command = {
	.name = "info",
	.usage = usage,
	.summary = "show what a firmware file holds",
	.examples = "mpflash info firmware.uf2\n"
		    "mpflash info --json firmware.zip  # what is in an archive\n",
	.words = WORDS_FILES,
	.run = run,
};
