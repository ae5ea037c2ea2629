/* SPDX-License-Identifier: MIT
 *
 * What a firmware file is; see identify.h. The Python tool drops the variant of a build folder's name, so that firmware of a
 * variant would be flashed to the board without it; and it takes any file's folder for a checkout of MicroPython.
 */
#include "library/identify.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/path.h"
#include "base/xalloc.h"
#include "image/chip.h"
#include "image/image.h"
#include "library/board_id.h"
#include "library/content.h"
#include "source/git_program.h"

/* --- the path ------------------------------------------------------------------------------------------------- */

static const char *const ports[] = {
	"alif",       "cc3200", "esp32", "esp8266", "mimxrt", "nrf",         "psoc-edge", "psoc6",
	"renesas-ra", "rp2",    "samd",  "stm32",   "unix",   "webassembly", "windows",   "zephyr",
};

/* The part of the path behind `name`, up to the next '/'; NULL: none. *rest: what follows that '/'. */
static const char *part_after(const char *path, const char *name, struct arena *a,
			      const char **rest)
{
	const char *at = strstr(path, name), *end;

	if (!at)
		return NULL;
	at += strlen(name);
	end = strchr(at, '/');
	if (!end || end == at)
		return NULL;
	*rest = end + 1;
	return arena_strndup(a, at, (size_t)(end - at));
}

/* These have variants, and no boards: the build folder is named by the variant. */
static bool is_standalone(const char *port)
{
	return strcmp(port, "unix") == 0 || strcmp(port, "windows") == 0 ||
	       strcmp(port, "webassembly") == 0;
}

/* .../ports/PORT/build-BOARD[-VARIANT]/...; without the build folder at least the port. */
static bool take_port_folder(const char *path, struct arena *a, struct identified *out)
{
	const char *rest, *port = part_after(path, "/ports/", a, &rest), *slash;

	if (!port)
		return false;
	out->port = port;
	slash = strchr(rest, '/');
	if (strncmp(rest, "build-", 6) != 0 || !slash || slash == rest + 6)
		return true;
	out->board_id = arena_strndup(a, rest + 6, (size_t)(slash - rest) - 6);
	if (is_standalone(port))
		out->board_id = arena_printf(a, "%s-%s", port, out->board_id);
	return true;
}

/* Our own: build-mpflash/BOARD[-VARIANT][@REF]/firmware.EXT */
static bool take_own_folder(const char *path, struct arena *a, struct identified *out)
{
	const char *rest, *id = part_after(path, "/build-mpflash/", a, &rest);

	if (!id)
		return false;
	out->board_id = arena_strndup(a, id, strcspn(id, "@"));
	return true;
}

static bool is_edge(char c)
{
	return c == '_' || c == '-' || c == '.' || c == '\0';
}

/* A port's name between '_', '-', '.' or the ends. */
static const char *port_in_name(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(ports); i++) {
		size_t len = strlen(ports[i]);

		for (const char *p = name; *p; p++)
			if ((p == name || is_edge(p[-1])) && strncasecmp(p, ports[i], len) == 0 &&
			    is_edge(p[len]))
				return ports[i];
	}
	return NULL;
}

/* --- the image ------------------------------------------------------------------------------------------------ */

struct content {
	char version[64], machine[128];
	const char *port; /* of its chip; NULL: not known */
};

/* Of a file with several firmwares the first is asked; what cannot be read says nothing. */
static bool read_first(struct image *img, const struct identify_from *from)
{
	const struct image_format *f = image_format_detect(from->data, from->size, from->path);
	struct image_options opt = { .guess_base = true };
	AUTO_CHOICES choices = { 0 };
	AUTO_ERR ignored = ERR_INIT;

	if (!f || !f->read)
		return false;
	if (f->choices && f->select && f->choices(&choices, from->data, from->size, &ignored) &&
	    choices.count > 1)
		f->select(&opt, choices.items[0].id);
	err_free(&ignored);
	if (f->read(img, from->data, from->size, &opt, &ignored))
		return true;
	/* A raw binary whose place nobody knows: its texts are enough here. */
	opt.has_base = true;
	image_free(img);
	err_free(&ignored);
	return f->read(img, from->data, from->size, &opt, &ignored);
}

static bool read_content(const struct identify_from *from, struct content *c)
{
	AUTO_IMAGE img = IMAGE_INIT;
	const struct chip *chip, *named;
	char board[96];
	bool certain;

	*c = (struct content){ 0 };
	if (!read_first(&img, from))
		return false;
	image_find_version(&img);
	chip = chip_of_image(&img, &certain);
	named = chip_of_banner(&img, board, sizeof(board));
	if (img.python && strcmp(img.python, "MicroPython") == 0)
		snprintf(c->version, sizeof(c->version), "%s", img.version);
	if (named)
		snprintf(c->machine, sizeof(c->machine), "%s", board);
	c->port = chip ? chip->port : named ? named->port : NULL;
	return true;
}

static bool check_is_firmware(const struct identify_from *from, bool readable, struct err *e)
{
	const char *name = path_base(from->path);

	if (!from->size)
		return err_set(e, "%s is empty", name);
	if (content_is_html(from->data, from->size)) {
		err_set(e, "%s is a web page, not firmware", name);
		return err_hint(e, "the address may be wrong: open it in a browser");
	}
	if (readable &&
	    (strcasecmp(path_ext(name), "bin") != 0 || !content_is_text(from->data, from->size)))
		return true;
	err_set(e, "%s is no firmware file that can be read", name);
	return err_hint(e, "`mpflash info %s` says why", name);
}

/* --- the database --------------------------------------------------------------------------------------------- */

/* The port that the board has in the database; NULL: none. */
static bool port_of_board(struct database *db, const char *board_id, struct arena *a,
			  const char **port, struct err *e)
{
	struct board_rows rows;

	*port = NULL;
	if (!database_boards_of(db, board_id, a, &rows, e))
		return false;
	for (size_t i = 0; i < rows.count; i++)
		if (*rows.items[i].port)
			*port = rows.items[i].port;
	return true;
}

/* --- git ------------------------------------------------------------------------------------------------------ */

/* What git says on one line; "" when it is not here, or the folder is none of its. */
static const char *ask_git(const char *dir, const char *const *words, struct arena *a)
{
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_ERR ignored = ERR_INIT;

	if (!git_program(dir, words, &out, &ignored))
		return "";
	return arena_strndup(a, out.buf, strcspn(out.buf, "\r\n"));
}

static const char *ask_branch(const char *dir, struct arena *a)
{
	static const char *const words[] = { "branch", "--show-current", NULL };
	const char *branch = ask_git(dir, words, a), *slash = strrchr(branch, '/');

	branch = slash ? slash + 1 : branch;
	return *branch ? branch : NULL;
}

static const char *ask_describe(const char *dir, struct arena *a)
{
	static const char *const words[] = { "describe", "--tags", "--match", "v[1-9].*", NULL };

	return ask_git(dir, words, a);
}

/* --- all together --------------------------------------------------------------------------------------------- */

/* What becomes part of a file's name: letters, digits, "_-+.", others '_'; no '.' or '-' before it. */
static const char *as_name(struct arena *a, const char *text)
{
	char *out = arena_strndup(a, text, strnlen(text, 100));

	for (char *p = out; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("_-+", *p) && (*p != '.' || p == out))
			*p = '_';
	if (*out == '-')
		*out = '_';
	return out;
}

static bool says_nothing(const char *stem)
{
	return strcmp(stem, "firmware") == 0 || strcmp(stem, "micropython") == 0;
}

static bool take_stem(const struct identify_from *from, struct arena *a, struct identified *out,
		      struct err *e)
{
	const char *base = path_base(from->path), *ext = path_ext(base);
	size_t len = *ext ? strlen(base) - strlen(ext) - 1 : strlen(base);
	const char *stem = arena_strndup(a, base, len);

	if (*stem && !says_nothing(stem)) {
		out->board_id = stem;
		return true;
	}
	err_set(e, "cannot tell which board %s is for", base);
	err_hint(e, "name it: --board BOARD");
	return false;
}

static void set_version(struct identified *out, const struct version *v, struct arena *a)
{
	AUTO_STRBUF text = STRBUF_INIT;

	version_text(v, &text);
	out->version = arena_strdup(a, text.buf);
	out->build = v->build;
}

struct clues {
	struct firmware_name name;
	bool named, in_tree;
	struct content content;
};

static void take_version(const struct identify_from *from, const struct clues *c, struct arena *a,
			 struct identified *out)
{
	const char *dir = from->on_disk ? path_dir(a, from->path) : NULL;
	struct version v;

	if (from->version) {
		if (version_parse(&v, from->version))
			set_version(out, &v, a);
		else
			out->version = from->version;
	} else if (version_parse(&v, c->content.version)) {
		set_version(out, &v, a);
		/* A release has no build in its banner; nor have builds before their tags were fetched. */
		if (c->named && !v.build && version_same_release(&v, &c->name.version))
			out->build = c->name.version.build;
	} else if (c->named) {
		set_version(out, &c->name.version, a);
	} else if (dir && version_parse(&v, ask_describe(dir, a))) {
		set_version(out, &v, a);
		out->branch = ask_branch(dir, a);
	} else {
		out->version = "unknown";
	}
	if (dir && c->in_tree && !out->branch)
		out->branch = ask_branch(dir, a);
}

static bool take_board(struct database *db, const struct identify_from *from, const struct clues *c,
		       struct arena *a, struct identified *out, struct err *e)
{
	if (from->board_id)
		out->board_id = from->board_id;
	else if (!out->board_id && c->named)
		out->board_id = arena_strdup(a, c->name.board_id);
	if (!out->board_id &&
	    !library_board_by_description(db, c->content.machine, c->content.version, a,
					  &out->board_id, e))
		return false;
	return out->board_id || take_stem(from, a, out, e);
}

static bool take_port(struct database *db, const struct identify_from *from, const struct clues *c,
		      struct arena *a, struct identified *out, struct err *e)
{
	if (from->port)
		out->port = from->port;
	if (!out->port && !port_of_board(db, out->board_id, a, &out->port, e))
		return false;
	if (!out->port)
		out->port = c->content.port;
	if (!out->port)
		out->port = port_in_name(path_base(from->path));
	if (!out->port)
		out->port = "";
	return true;
}

/* Named as a release, and the version in it, if any, is the same. */
static bool is_released(const struct identify_from *from, const struct clues *c)
{
	struct version v;

	if (!c->named || c->in_tree || from->board_id || from->version)
		return false;
	return !version_parse(&v, c->content.version) || version_same_release(&v, &c->name.version);
}

bool identify(struct database *db, const struct identify_from *from, struct arena *a,
	      struct identified *out, struct err *e)
{
	struct clues c = { .named = firmware_name_parse(&c.name, from->path) };
	bool readable = read_content(from, &c.content);

	*out = (struct identified){ 0 };
	if (!check_is_firmware(from, readable, e))
		return false;
	c.in_tree = take_own_folder(from->path, a, out) || take_port_folder(from->path, a, out);
	take_version(from, &c, a, out);
	if (!take_board(db, from, &c, a, out, e) || !take_port(db, from, &c, a, out, e))
		return false;
	out->board_id = as_name(a, out->board_id);
	out->version = as_name(a, out->version);
	out->branch = out->branch ? as_name(a, out->branch) : NULL;
	out->port = *out->port ? as_name(a, out->port) : "";
	out->ext = as_name(a, path_ext(from->path));
	out->ext = *out->ext ? arena_printf(a, ".%s", out->ext) : "";
	out->released = is_released(from, &c);
	return true;
}
