/* SPDX-License-Identifier: MIT
 *
 * Takes from a work folder what a make that looks at dates would keep and must not.
 */
#include "build/renew.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "build/renew_internal.h"
#include "os/fs.h"

static bool remove_file(struct renew *out, const char *path, struct err *e)
{
	if (unlink(path) == 0)
		out->removed++;
	else if (errno != ENOENT)
		return err_sys(e, errno, "cannot remove %s", path);
	return true;
}

/* The files right in a folder; with an ending only those that have it. */
static bool remove_files(struct arena *a, struct renew *out, const char *dir, const char *ext,
			 struct err *e)
{
	struct fs_list list;
	bool ok = !fs_is_dir(dir);

	if (ok)
		return true;
	ok = fs_list(&list, dir, e);
	for (size_t i = 0; ok && i < list.count; i++)
		if (list.types[i] != FS_DIR && (!ext || strcmp(path_ext(list.names[i]), ext) == 0))
			ok = remove_file(out, path_join(a, dir, list.names[i]), e);
	fs_list_free(&list);
	return ok;
}

static bool remove_objects(struct renew_scan *scan, struct renew *out, size_t *count, struct err *e)
{
	for (size_t i = 0; i < scan->objects.count; i++) {
		if (!scan->objects.items[i].remove)
			continue;
		if (!remove_file(out, scan->objects.items[i].path, e))
			return false;
		(*count)++;
	}
	return true;
}

/*
 * All of it but *.collected*: these are written only when they differ, and what is made from them is made again only
 * then.
 */
static bool remove_qstrs(struct renew_scan *scan, struct renew *out, struct err *e)
{
	/* stm32 makes the last two from qstr.i.last, and has no rule that says so. */
	static const char *const files[] = { "qstr.i.last", "pllfreqtable.h", "plli2stable.h" };
	const char *genhdr = path_join(scan->arena, scan->job->work_dir, "genhdr");
	bool ok = remove_files(scan->arena, out, genhdr, "split", e);

	for (size_t i = 0; ok && i < ARRAY_SIZE(files); i++)
		ok = remove_file(out, path_join(scan->arena, genhdr, files[i]), e);
	for (size_t i = 0; ok && i < RENEW_QSTR_KINDS; i++)
		ok = remove_files(scan->arena, out,
				  path_join(scan->arena, genhdr, renew_qstr_kinds[i]), NULL, e);
	return ok;
}

static bool remove_qstr_header(struct renew_scan *scan, struct renew *out, struct err *e)
{
	const char *work = scan->job->work_dir;

	return remove_file(out, path_join(scan->arena, work, "genhdr/qstrdefs.generated.h"), e) &&
	       remove_file(out, path_join(scan->arena, work, "genhdr/qstrdefs.preprocessed.h"), e);
}

static bool remove_all(const struct strv *files, struct renew *out, struct err *e)
{
	for (size_t i = 0; i < files->count; i++)
		if (!remove_file(out, files->items[i], e))
			return false;
	return true;
}

static bool apply(struct renew_scan *scan, const struct renew_plan *plan, struct renew *out,
		  size_t *objects, struct err *e)
{
	const char *work = scan->job->work_dir;
	bool ok = remove_objects(scan, out, objects, e) && remove_all(&plan->files, out, e);

	if (ok && plan->qstr_all)
		ok = remove_qstrs(scan, out, e);
	if (ok && plan->qstr_header)
		ok = remove_qstr_header(scan, out, e);
	if (ok && plan->frozen)
		ok = remove_file(out, path_join(scan->arena, work, "frozen_content.c"), e);
	if (ok && plan->frozen_mpy)
		ok = fs_remove_tree(path_join(scan->arena, work, "frozen_mpy"), e);
	return ok && (!plan->linked || remove_all(&scan->linked, out, e));
}

static const char *summary(struct arena *a, const struct renew_plan *plan, size_t objects)
{
	AUTO_STRBUF text = STRBUF_INIT;

	if (objects)
		strbuf_addf(&text, ", %zu object%s", objects, objects == 1 ? "" : "s");
	if (plan->qstr_all)
		strbuf_adds(&text, ", all QSTRs");
	if (plan->frozen_mpy)
		strbuf_adds(&text, ", frozen modules");
	if (plan->linked)
		strbuf_adds(&text, ", what is linked");
	return text.len ? arena_strdup(a, text.buf + 2) : "nothing";
}

bool renew_folder(const struct renew_job *job, struct arena *a, struct renew *out, struct err *e)
{
	AUTO_ERR odd = ERR_INIT;
	struct renew_plan plan = { 0 };
	struct renew_scan scan;
	size_t objects = 0;
	bool ok = true;

	*out = (struct renew){ 0 };
	if (!renew_scan(&scan, job, a, &odd)) {
		out->fresh = true;
		out->why = arena_strdup(a, odd.msg);
	} else if ((out->why = renew_judge(&scan, &plan))) {
		out->fresh = true;
	} else {
		ok = apply(&scan, &plan, out, &objects, e);
		out->why = summary(a, &plan, objects);
	}
	if (ok && !out->fresh)
		out->words = plan.words;
	else
		vec_free(&plan.words);
	vec_free(&plan.files);
	renew_scan_free(&scan);
	return ok;
}
