/* SPDX-License-Identifier: MIT
 *
 * The table: what depends on a file, by who read it and how. Each line of it was tried on real builds; what is not in
 * it makes the folder start from nothing.
 */
#include <ctype.h>
#include <string.h>

#include "base/path.h"
#include "build/readers.h"
#include "build/renew_internal.h"
#include "os/fs.h"

/* --- sources -------------------------------------------------------------------------------------------------- */

/*
 * Makes make take the QSTRs of this source again, whatever its date. It must be the name that vpath led to, as the
 * dependency file has it: with -W of the name that is looked for along vpath ("py/obj.c"), make takes that for a file
 * of the folder that it runs in.
 */
static void force(struct renew_plan *plan, const char *name)
{
	for (size_t i = 1; i < plan->words.count; i += 2)
		if (strcmp(plan->words.items[i], name) == 0)
			return;
	vec_push(&plan->words, "-W");
	vec_push(&plan->words, name);
}

/* Words that stm32's clock tables are made from, out of the QSTR extraction's text. */
static bool has_clock_words(const char *path)
{
	AUTO_STRBUF text = STRBUF_INIT;
	AUTO_ERR ignored = ERR_INIT;

	return strcmp(path_base(path), "powerctrl.c") == 0 ||
	       !fs_read(&text, path, 16 * 1024 * 1024, &ignored) ||
	       strstr(text.buf, "micropy_hw_hs");
}

static bool includes_shared_source(const struct renew_object *o)
{
	for (size_t i = 1; i < o->count; i++)
		if (renew_is_shared_source(o->reads[i].file))
			return true;
	return false;
}

static const char *judge_source(struct renew_scan *scan, struct renew_plan *plan,
				const struct renew_file *file)
{
	plan->frozen = true; /* it leaves out the QSTRs that the sources have */
	plan->qstr_all |= scan->cmake || has_clock_words(file->path);
	for (size_t i = 0; i < scan->objects.count; i++) {
		struct renew_object *o = &scan->objects.items[i];

		if (!o->count || o->reads[0].file != file)
			continue;
		if (o->nested)
			return "a host tool is built from it";
		o->remove = true;
		plan->qstr_all |= includes_shared_source(o);
		if (!scan->cmake) /* its makefiles get no such words */
			force(plan, o->reads[0].name);
		renew_qstr_files(scan, o, &plan->files);
	}
	return NULL;
}

/* --- assembler files ------------------------------------------------------------------------------------------ */

/* "py/obj.o" without ".o" is "py/obj" */
static int stem(const char *path)
{
	return (int)(strlen(path) - strlen(path_ext(path)) - 1);
}

static bool is_file(struct renew_scan *scan, const char *dir, const char *name, int len,
		    const char *ext, const char *want)
{
	const char *path = arena_printf(scan->arena, "%s/%.*s%s", dir, len, name, ext);

	return want ? strcmp(path, want) == 0 : fs_exists(path);
}

/*
 * Assembler files leave no dependency files. True when this object is made from `source` (absolute; NULL: from some
 * assembler file), going by names: BUILD/x.o from x.s along make's vpath, CMakeFiles/T.dir/x.S.o from /x.S.
 */
static bool is_assembled(struct renew_scan *scan, const struct renew_object *o, const char *source)
{
	const char *below = path_below(o->path, scan->job->work_dir);
	const char *target = below ? strstr(below, "CMakeFiles/") : NULL;

	if (!below || o->nested || o->reads)
		return false;
	if (!scan->cmake)
		return is_file(scan, scan->base, below, stem(below), ".s", source) ||
		       is_file(scan, scan->base, below, stem(below), ".S", source) ||
		       is_file(scan, scan->job->tree, below, stem(below), ".s", source) ||
		       is_file(scan, scan->job->tree, below, stem(below), ".S", source);
	target = target ? strstr(target, ".dir/") : NULL;
	if (!target || !source)
		return target; /* every such object is remade when it is gone */
	target += strlen(".dir/");
	return is_file(scan, "", target, stem(target), "", source);
}

/* All of them, since one may include another. An odd object stops that: nobody knows what is made from it. */
static const char *remove_assembled(struct renew_scan *scan)
{
	for (size_t i = 0; i < scan->objects.count; i++) {
		struct renew_object *o = &scan->objects.items[i];

		if (o->reads || o->nested)
			continue;
		if (!is_assembled(scan, o, NULL))
			return arena_printf(scan->arena, "nobody knows what %s is made from",
					    o->path);
		o->remove = true;
	}
	return NULL;
}

static const char *judge_assembly(struct renew_scan *scan, const char *path)
{
	const char *file = path_join(scan->arena, scan->job->tree, path);

	for (size_t i = 0; i < scan->objects.count; i++)
		if (is_assembled(scan, &scan->objects.items[i], file))
			return remove_assembled(scan);
	return "no object is known to be made from it";
}

/* --- headers --------------------------------------------------------------------------------------------------- */

static bool object_reads(const struct renew_object *o, const struct renew_file *file)
{
	for (size_t i = 0; i < o->count; i++)
		if (o->reads[i].file == file)
			return true;
	return false;
}

/*
 * The list of QSTRs is preprocessed with py/mpconfig.h and what that includes, which leaves no dependency file. All
 * that it includes is read for (nearly) every object that reads py/mpconfig.h.
 */
static bool configures(struct renew_scan *scan, const struct renew_file *file)
{
	const struct renew_file *config = renew_scan_find(scan, "py/mpconfig.h");
	size_t with_config = 0, with_both = 0;

	if (!config)
		return true;
	for (size_t i = 0; i < scan->objects.count; i++)
		if (object_reads(&scan->objects.items[i], config)) {
			with_config++;
			with_both += object_reads(&scan->objects.items[i], file);
		}
	return with_both * 2 >= with_config;
}

static const char *judge_header(struct renew_scan *scan, struct renew_plan *plan,
				const struct renew_file *file)
{
	if (scan->made_scripts && !scan->cmake)
		return "linker scripts are made with the preprocessor";
	plan->qstr_all = plan->frozen = true;
	plan->qstr_header |= configures(scan, file);
	for (size_t i = 0; i < scan->objects.count; i++) {
		struct renew_object *o = &scan->objects.items[i];

		if (!object_reads(o, file))
			continue;
		if (o->nested)
			return "a host tool is built with it";
		o->remove = true;
	}
	return remove_assembled(scan); /* they may read it too */
}

static const char *judge_compiled(struct renew_scan *scan, struct renew_plan *plan,
				  const char *path)
{
	const char *ext = path_ext(path);
	struct renew_file *file = renew_scan_find(scan, path);

	if (file && file->sources && !file->others)
		return judge_source(scan, plan, file);
	if (file)
		return judge_header(scan, plan, file);
	if (strcmp(ext, "s") == 0 || strcmp(ext, "S") == 0)
		return judge_assembly(scan, path);
	return "no dependency file names it";
}

/* --- the rest -------------------------------------------------------------------------------------------------- */

/* Frozen from micropython-lib with a version, which a script appends to a copy: mpy-cross never sees the file itself. */
static bool is_versioned_module(const struct renew_scan *scan, const char *path)
{
	static const char lib[] = "lib/micropython-lib/";
	const char *name = path;

	if (strncmp(path, lib, sizeof(lib) - 1) != 0 || strcmp(path_ext(path), "py") != 0 ||
	    strcmp(path_base(path), "manifest.py") == 0)
		return false;
	for (; name; name = strchr(name, '/')) {
		name += *name == '/';
		if (fs_exists(arena_printf(scan->arena, "%s/frozen_mpy/%.*s.mpy",
					   scan->job->work_dir, (int)strlen(name) - 3, name)))
			return true;
	}
	return false;
}

static bool is_plain(const char *path)
{
	for (; *path; path++)
		if (isspace((unsigned char)*path) || strchr("$%:=\\*?[]", *path))
			return false;
	return true;
}

static const char *judge_change(struct renew_scan *scan, struct renew_plan *plan,
				const struct change *c)
{
	const char *ext = path_ext(c->path);
	unsigned frozen = READER_MPY_CROSS | READER_PYTHON;

	if (c->kind == CHANGE_MPY_CROSS) {
		plan->frozen = plan->frozen_mpy = true;
		return NULL;
	}
	if (c->kind != CHANGE_CONTENT)
		return "only changed bytes can be followed";
	if (!is_plain(c->path))
		return "make cannot take such a name";
	if (c->readers == READER_COMPILER)
		return judge_compiled(scan, plan, c->path);
	if (c->readers == READER_LINKER && (strcmp(ext, "ld") == 0 || strcmp(ext, "lds") == 0)) {
		plan->linked = true;
		return scan->linked.count ? NULL : "nobody knows what is linked with it";
	}
	if ((c->readers == READER_MPY_CROSS && strcmp(ext, "py") == 0) ||
	    (!(c->readers & ~frozen) && is_versioned_module(scan, c->path))) {
		plan->frozen = plan->frozen_mpy = true;
		return NULL;
	}
	return "what reads it is more than a compiler";
}

static const char *describe(struct arena *a, const struct change *c, const char *why)
{
	switch (c->kind) {
	case CHANGE_ADDED:
		return arena_printf(a, "%s is there now", c->path);
	case CHANGE_REMOVED:
		return arena_printf(a, "%s is gone", c->path);
	case CHANGE_LISTING:
		return arena_printf(a, "%s holds other names", c->path);
	case CHANGE_LINK:
		return arena_printf(a, "%s leads elsewhere", c->path);
	case CHANGE_CONTENT:
	case CHANGE_MPY_CROSS:
		break;
	}
	return arena_printf(a, "%s changed, and %s", c->path, why);
}

const char *renew_judge(struct renew_scan *scan, struct renew_plan *plan)
{
	for (size_t i = 0; i < scan->job->count; i++) {
		const struct change *c = &scan->job->changes[i];
		const char *why = judge_change(scan, plan, c);

		if (why)
			return describe(scan->arena, c, why);
	}
	if (scan->job->epoch_changed)
		renew_mark_dated(scan);
	plan->qstr_all |= renew_needs_all_qstrs(scan);
	return NULL;
}
