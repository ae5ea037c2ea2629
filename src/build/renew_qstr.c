/* SPDX-License-Identifier: MIT
 *
 * QSTR extraction (py/makeqstrdefs.py). In make's ports it preprocesses only the sources that changed, into one file
 * (genhdr/qstr.i.last), and splits that into a file for each source that the rest is made from. So what is there
 * depends on what happened before; here is when that would show.
 */
#include <string.h>

#include "base/path.h"
#include "build/renew_internal.h"
#include "os/fs.h"

const char *const renew_qstr_kinds[RENEW_QSTR_KINDS] = { "compress", "module", "qstr",
							 "root_pointer" };

bool renew_is_source_name(const char *path)
{
	static const char *const compiled[] = { "c", "cc", "cp", "cxx", "cpp", "CPP", "c++", "C" };
	const char *ext = path_ext(path);

	for (size_t i = 0; i < ARRAY_SIZE(compiled); i++)
		if (strcmp(ext, compiled[i]) == 0)
			return true;
	return false;
}

bool renew_is_shared_source(const struct renew_file *file)
{
	return file->others && file->sources + file->others > 1 && renew_is_source_name(file->path);
}

/* write_out in py/makeqstrdefs.py: how it makes a file's name from a source's. */
static void mangle(const char *source, struct strbuf *out)
{
	for (const char *p = source; *p; p++) {
		if (*p == '/' || *p == '\\')
			strbuf_adds(out, "__");
		else if (*p == ':')
			strbuf_addch(out, '@');
		else if (p[0] == '.' && p[1] == '.')
			strbuf_adds(out, "@@"), p++;
		else
			strbuf_addch(out, *p);
	}
}

void renew_qstr_files(struct renew_scan *scan, const struct renew_object *o, struct strv *out)
{
	AUTO_STRBUF name = STRBUF_INIT;

	for (size_t i = 0; i < o->count; i++) {
		if (i && !renew_is_source_name(o->reads[i].name))
			continue;
		strbuf_reset(&name);
		mangle(o->reads[i].name, &name);
		for (size_t k = 0; k < RENEW_QSTR_KINDS; k++)
			vec_push(out, arena_printf(scan->arena, "%s/genhdr/%s/%s.%s",
						   scan->job->work_dir, renew_qstr_kinds[k],
						   name.buf, renew_qstr_kinds[k]));
	}
}

static int64_t date_of(const char *path)
{
	struct fs_stat st;

	return fs_lstat(path, &st) ? st.mtime_ns : 0;
}

/*
 * A source that others include too: each of them writes its file, the last one wins. When make takes one of them alone,
 * for its date, that one wins.
 */
static bool includer_is_newer(struct renew_scan *scan, int64_t last)
{
	for (size_t i = 0; i < scan->objects.count; i++) {
		const struct renew_object *o = &scan->objects.items[i];

		for (size_t k = 1; k < o->count; k++)
			if (renew_is_shared_source(o->reads[k].file) &&
			    date_of(o->reads[0].file->path) >= last)
				return true;
	}
	return false;
}

/*
 * stm32 makes two tables from genhdr/qstr.i.last whatever sources that holds just then, and only when their scripts are
 * newer: it must hold all of them.
 */
static bool table_is_older(struct renew_scan *scan, const char *table, const char *script)
{
	const char *work = scan->job->work_dir;
	int64_t made = date_of(path_join(scan->arena, work, table));

	return made && made <= date_of(path_join(scan->arena, scan->base, script));
}

bool renew_needs_all_qstrs(struct renew_scan *scan)
{
	int64_t last;

	if (scan->cmake)
		return false; /* there it always takes all */
	last = date_of(path_join(scan->arena, scan->job->work_dir, "genhdr/qstr.i.last"));
	return includer_is_newer(scan, last) ||
	       table_is_older(scan, "genhdr/pllfreqtable.h", "boards/pllvalues.py") ||
	       table_is_older(scan, "genhdr/plli2stable.h", "boards/plli2svalues.py");
}
