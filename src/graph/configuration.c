/* SPDX-License-Identifier: MIT
 *
 * Configurations. Files that options name are make variables in the end: FROZEN_MANIFEST and USER_C_MODULES, which ports with
 * CMake hand on to it.
 */
#include "graph/configuration.h"

#include <string.h>

#include "base/path.h"
#include "build/c_modules.h"
#include "build/workdir.h"
#include "graph/action.h"
#include "graph/compile_key.h"
#include "graph/recipe.h"
#include "os/dirs.h"
#include "os/fs.h"
#include "source/inputs.h"

/* --- checks --------------------------------------------------------------------------------------------------- */

/* Whether a word for make sets the variable, in whatever form: "BUILD=x", "BUILD:=x", "BUILD += x". */
static bool sets(const char *word, const char *variable)
{
	size_t len = strlen(variable);

	if (strncmp(word, variable, len) != 0)
		return false;
	word += len;
	word += strspn(word, " \t:+?!");
	return *word == '=';
}

static const char name_letters[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";

static bool list_sets(const struct strv *words, const char *variable)
{
	for (size_t i = 0; i < words->count; i++)
		if (sets(words->items[i], variable))
			return true;
	return false;
}

static bool check_reserved(const struct make_options *opt, struct err *e)
{
	static const char *const reserved[] = { "BOARD", "BOARD_VARIANT", "BUILD" };

	for (size_t i = 0; i < ARRAY_SIZE(reserved); i++)
		if (list_sets(&opt->sets, reserved[i]) || list_sets(&opt->make_args, reserved[i])) {
			err_usage(e, "%s cannot be set: mpflash sets it", reserved[i]);
			return err_hint(
				e,
				"name the board as a target, its variant behind it (BOARD-VARIANT); -o "
				"DIR says where files go");
		}
	return true;
}

static bool check_twice(const struct make_options *opt, const char *option, const char *variable,
			struct err *e)
{
	if (!list_sets(&opt->sets, variable) && !list_sets(&opt->make_args, variable))
		return true;
	err_usage(e, "--%s and %s= are the same thing, and both are given", option, variable);
	return err_hint(e, "leave one of the two out");
}

/* make splits such variables at spaces, and hands them to a shell. */
static bool check_path(const char *option, const char *path, bool folder, struct err *e)
{
	AUTO_STRBUF full = STRBUF_INIT;

	if (!dirs_absolute(&full, path, e))
		return false;
	if (!fs_exists(full.buf) || fs_is_dir(full.buf) != folder) {
		err_usage(e, "--%s: there is no %s %s", option, folder ? "folder" : "file",
			  full.buf);
		return err_hint(e, "a path counts from the folder that you are in");
	}
	if (workdir_is_plain(full.buf))
		return true;
	err_usage(e, "--%s: make cannot take the path %s: it has a space or a shell character",
		  option, full.buf);
	return err_hint(e, "give it a plain name, or reach it through a link that has one");
}

bool config_check(const struct make_options *opt, struct err *e)
{
	for (size_t i = 0; i < opt->sets.count; i++) {
		const char *set = opt->sets.items[i], *equal = strchr(set, '=');

		if (!equal || equal == set) {
			err_usage(e, "--set wants VAR=VALUE, not '%s'", set);
			return err_hint(e, "for example --set DEBUG=1");
		}
	}
	for (size_t i = 0; i < opt->c_modules.count; i++)
		if (!check_path("user-c-modules", opt->c_modules.items[i], true, e))
			return false;
	return check_reserved(opt, e) &&
	       (!opt->manifest || (check_path("manifest", opt->manifest, false, e) &&
				   check_twice(opt, "manifest", "FROZEN_MANIFEST", e))) &&
	       (!opt->c_modules.count || check_twice(opt, "user-c-modules", "USER_C_MODULES", e));
}

/* --- paths -------------------------------------------------------------------------------------------------- */

/* Absolute, in the session's arena; NULL with the error when the current folder is gone. */
static const char *absolute(struct session *s, const char *path, struct err *e)
{
	AUTO_STRBUF full = STRBUF_INIT;

	return dirs_absolute(&full, path, e) ? arena_strdup(&s->arena, full.buf) : NULL;
}

static bool module_dirs(struct session *s, struct strv *out, struct err *e)
{
	for (size_t i = 0; i < s->opt->c_modules.count; i++) {
		const char *dir = absolute(s, s->opt->c_modules.items[i], e);

		if (!dir)
			return false;
		vec_push(out, dir);
	}
	return true;
}

bool config_roots(struct session *s, struct strv *out, struct err *e)
{
	const char *manifest = s->opt->manifest ? absolute(s, s->opt->manifest, e) : NULL;

	if (s->opt->manifest && !manifest)
		return false;
	if (manifest)
		vec_push(out, manifest);
	return module_dirs(s, out, e);
}

/* --- its name ------------------------------------------------------------------------------------------------ */

static void hash_words(struct hasher *h, const struct strv *words)
{
	for (size_t i = 0; i < words->count; i++)
		hasher_str(h, words->items[i]);
	hasher_str(h, NULL);
}

static bool has_words(const struct make_options *opt)
{
	return opt->sets.count || opt->make_args.count;
}

static bool has_files(const struct make_options *opt)
{
	return opt->manifest || opt->c_modules.count;
}

const char *config_suffix(struct session *s)
{
	AUTO_ERR ignored = ERR_INIT; /* without a current folder the words fail, and say so */
	char hex[DIGEST_HEX_SIZE];
	struct strv roots = { 0 };
	struct digest d;
	struct hasher h;

	if (!has_words(s->opt) && !has_files(s->opt))
		return "";
	hasher_init(&h);
	hash_words(&h, &s->opt->sets);
	hash_words(&h, &s->opt->make_args);
	if (config_roots(s, &roots, &ignored) && roots.count) {
		hasher_str(&h, s->opt->manifest ? "manifest" : "");
		hash_words(&h, &roots);
	}
	vec_free(&roots);
	d = hasher_finish(&h);
	digest_hex(&d, hex);
	return arena_printf(&s->arena, "+%.8s", hex);
}

/* --- words and parts ------------------------------------------------------------------------------------------ */

static bool find_modules(struct session *s, const struct step *step, struct c_modules *out,
			 struct err *e)
{
	enum c_modules_form form = C_MODULES_MAKE;
	struct strv dirs = { 0 };
	const char *name;
	bool ok;

	*out = (struct c_modules){ 0 };
	if (!s->opt->c_modules.count || compile_is_mpy_cross(step))
		return true;
	ok = recipe_var(s, step->recipe, "c-modules", &name, e) && module_dirs(s, &dirs, e);
	if (ok && name && strcmp(name, "cmake") == 0)
		form = C_MODULES_CMAKE;
	ok = ok && c_modules_find(&dirs, form, &s->arena, out, e);
	vec_free(&dirs);
	return ok;
}

static const char *modules_dir(struct session *s, const char *work_dir)
{
	return path_join(&s->arena, work_dir, "c-modules");
}

/* The variable among `names` that a word for make sets; NULL: none. */
static const char *which(const struct strv *names, const char *word)
{
	for (size_t i = 0; i < names->count; i++)
		if (sets(word, names->items[i]))
			return names->items[i];
	return NULL;
}

/* The given words: those for the environment, or those for the command line. */
static bool given_words(struct session *s, const struct step *step, bool env, struct strv *out,
			struct err *e)
{
	const struct strv *const lists[] = { &s->opt->sets, &s->opt->make_args };
	struct strv names = { 0 };
	bool ok = recipe_words(s, step->recipe, "set.env", &names, e);

	for (size_t k = 0; ok && k < ARRAY_SIZE(lists); k++)
		for (size_t i = 0; i < lists[k]->count; i++) {
			const char *word = lists[k]->items[i], *name = which(&names, word);

			if (!env && !name)
				vec_push(out, word);
			else if (env && name)
				vec_push(out, arena_printf(&s->arena, "%s=%s", name,
							   strchr(word, '=') + 1));
		}
	vec_free(&names);
	return ok;
}

bool config_env(struct session *s, const struct step *step, struct strv *out, struct err *e)
{
	return compile_is_mpy_cross(step) || given_words(s, step, true, out, e);
}

bool config_words(struct session *s, const struct step *step, struct strv *out, struct err *e)
{
	struct c_modules modules;
	const char *manifest;

	if (compile_is_mpy_cross(step))
		return true;
	manifest = s->opt->manifest ? absolute(s, s->opt->manifest, e) : NULL;
	if ((s->opt->manifest && !manifest) || !find_modules(s, step, &modules, e))
		return false;
	if (manifest)
		vec_push(out, arena_printf(&s->arena, "FROZEN_MANIFEST=%s", manifest));
	if (modules.count)
		vec_push(out, arena_printf(&s->arena, "USER_C_MODULES=%s",
					   c_modules_word(&modules,
							  modules_dir(s, step->recipe->work_dir),
							  &s->arena)));
	vec_free(&modules);
	return given_words(s, step, false, out, e);
}

bool config_parts(struct session *s, struct step *step, struct strbuf *out, struct err *e)
{
	struct c_modules modules;
	bool ok = find_modules(s, step, &modules, e);

	for (size_t i = 0; ok && !modules.folder && i < modules.count; i++)
		action_part(s, step, out,
			    arena_printf(&s->arena, "C module %s", modules.items[i].name),
			    modules.items[i].path);
	vec_free(&modules);
	return ok;
}

bool config_place(struct session *s, const struct step *step, const char *work_dir, struct err *e)
{
	struct c_modules modules;
	bool ok = find_modules(s, step, &modules, e);

	ok = ok && (!modules.count || c_modules_place(&modules, modules_dir(s, work_dir), e));
	vec_free(&modules);
	return ok;
}

size_t config_given_count(const struct session *s)
{
	return s->opt->sets.count + s->opt->make_args.count;
}

size_t config_given(struct session *s, struct rules_binding *out)
{
	const struct strv *const lists[] = { &s->opt->make_args, &s->opt->sets };
	size_t n = 0;

	for (size_t k = 0; k < ARRAY_SIZE(lists); k++)
		for (size_t i = lists[k]->count; i-- > 0;) {
			const char *word = lists[k]->items[i], *equal = strchr(word, '=');
			size_t len = equal ? (size_t)(equal - word) : 0;

			/* "NAME := x" and "NAME += x" are make's business */
			if (!len || strspn(word, name_letters) != len)
				continue;
			out[n++] = rules_literal(
				&s->arena, arena_printf(&s->arena, "given.%.*s", (int)len, word),
				equal + 1);
		}
	return n;
}

/* --- the stamp ------------------------------------------------------------------------------------------------ */

/* The files of a folder by name and content, or one file, wherever they lie. */
static bool hash_files(struct session *s, const char *path, struct hasher *h, struct err *e)
{
	AUTO_STRBUF list = STRBUF_INIT;

	if (!inputs_scan(&s->tree, &path, 1, s->stats, &list, e))
		return false;
	for (char *line = list.buf, *end; (end = strchr(line, '\n')); line = end + 1) {
		char *file = strchr(line, ' ');
		const char *below;

		*end = '\0';
		*file++ = '\0';
		below = path_below(file, path);
		hasher_str(h, line);
		hasher_str(h, below ? below : file);
	}
	return true;
}

static bool hash_root(struct session *s, const char *path, struct hasher *h, struct err *e)
{
	const char *below = s->tree.root ? path_below(path, s->tree.root) : NULL;

	if (!below)
		return hash_files(s, path, h, e);
	hasher_str(h, below);
	return true;
}

bool config_digest(struct session *s, const struct recipe *r, bool *plain, struct digest *out,
		   struct err *e)
{
	const char *outside = r->board && r->board->outside ? r->board->dir : NULL;
	struct strv roots = { 0 };
	struct hasher h;
	bool ok;

	*out = (struct digest){ { 0 } };
	*plain = !has_words(s->opt) && !has_files(s->opt) && !outside;
	if (*plain)
		return true;
	hasher_init(&h);
	hash_words(&h, &s->opt->sets);
	hash_words(&h, &s->opt->make_args);
	hasher_str(&h, s->opt->manifest ? "manifest" : NULL);
	ok = config_roots(s, &roots, e) && (!outside || hash_files(s, outside, &h, e));
	for (size_t i = 0; ok && i < roots.count; i++)
		ok = hash_root(s, roots.items[i], &h, e);
	vec_free(&roots);
	*out = hasher_finish(&h);
	return ok;
}
