/* SPDX-License-Identifier: MIT
 *
 * User C modules. In most versions make takes one folder of modules only, and CMake's list of files does not survive the shell of
 * the ports' Makefiles (its separator is a semicolon): several folders become one that we make, which every version takes.
 */
#include "build/c_modules.h"

#include <string.h>

#include "base/path.h"
#include "os/fs.h"

static const char *file_of(enum c_modules_form form)
{
	return form == C_MODULES_CMAKE ? "micropython.cmake" : "micropython.mk";
}

/* True when the folder is a module by itself, or (CMake) says what its modules are. */
static bool has_file(enum c_modules_form form, const char *dir, struct arena *a)
{
	return fs_exists(path_join(a, dir, file_of(form)));
}

static bool add_module(struct c_modules *out, const char *dir, struct arena *a, struct err *e)
{
	bool cmake = out->form == C_MODULES_CMAKE;
	struct c_module m = {
		.name = path_base(dir),
		.path = cmake ? path_join(a, dir, file_of(out->form)) : dir,
	};

	for (size_t i = 0; i < out->count; i++) {
		const struct c_module *other = &out->items[i];

		if (strcmp(other->path, m.path) == 0)
			return true;
		if (!cmake && strcmp(other->name, m.name) == 0) {
			err_usage(e, "two user C modules are named '%s': %s and %s", m.name,
				  other->path, m.path);
			return err_hint(e, "rename one: make would mix up their objects");
		}
	}
	vec_push(out, m);
	return true;
}

/* The folders below `dir` that are modules. */
static bool add_below(struct c_modules *out, const char *dir, struct arena *a, struct err *e)
{
	struct fs_list list;
	bool ok = true;

	if (!fs_list(&list, dir, e))
		return err_wrap(e, "--user-c-modules");
	for (size_t i = 0; ok && i < list.count; i++) {
		const char *below = path_join(a, dir, list.names[i]);

		/* make's wildcard passes these over, too */
		if (list.names[i][0] != '.' && has_file(out->form, below, a))
			ok = add_module(out, below, a, e);
	}
	fs_list_free(&list);
	return ok;
}

static bool add_folder(struct c_modules *out, const char *dir, struct arena *a, struct err *e)
{
	size_t before = out->count;
	const char *file = file_of(out->form);

	if (has_file(out->form, dir, a))
		return add_module(out, dir, a, e);
	if (!add_below(out, dir, a, e))
		return false;
	if (out->count > before)
		return true;
	err_usage(e,
		  "--user-c-modules: there is no C module in %s: neither %s nor a folder with one",
		  dir, file);
	return err_hint(e, "ports that build with %s read %s",
			out->form == C_MODULES_CMAKE ? "CMake" : "make", file);
}

bool c_modules_find(const struct strv *dirs, enum c_modules_form form, struct arena *a,
		    struct c_modules *out, struct err *e)
{
	*out = (struct c_modules){ .form = form };
	for (size_t i = 0; i < dirs->count; i++)
		if (!add_folder(out, dirs->items[i], a, e))
			return false;
	if (form == C_MODULES_MAKE && dirs->count == 1 && !has_file(form, dirs->items[0], a))
		out->folder = dirs->items[0];
	return true;
}

const char *c_modules_word(const struct c_modules *m, const char *dir, struct arena *a)
{
	if (m->folder)
		return m->folder;
	return m->form == C_MODULES_CMAKE ? path_join(a, dir, file_of(m->form)) : dir;
}

static bool place_links(const struct c_modules *m, const char *dir, struct arena *a, struct err *e)
{
	for (size_t i = 0; i < m->count; i++)
		if (!fs_make_link(m->items[i].path, path_join(a, dir, m->items[i].name), e))
			return false;
	return true;
}

static bool place_list(const struct c_modules *m, const char *dir, struct arena *a, struct err *e)
{
	AUTO_STRBUF text = STRBUF_INIT;

	for (size_t i = 0; i < m->count; i++)
		strbuf_addf(&text, "include(\"%s\")\n", m->items[i].path);
	return fs_write_lazy(path_join(a, dir, file_of(m->form)), text.buf, text.len, 0644, e);
}

bool c_modules_place(const struct c_modules *m, const char *dir, struct err *e)
{
	AUTO_ARENA a = ARENA_INIT;

	if (m->folder)
		return true;
	return fs_remove_tree(dir, e) && fs_mkdirs(dir, e) &&
	       (m->form == C_MODULES_CMAKE ? place_list(m, dir, &a, e)
					   : place_links(m, dir, &a, e));
}
