/* SPDX-License-Identifier: MIT
 *
 * What a work folder holds: its objects, and the files that compilers read for each of them.
 */
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "build/depfile.h"
#include "build/renew_internal.h"
#include "os/fs.h"

enum { MAX_DEPFILE = 4 * 1024 * 1024 };

/* --- files -------------------------------------------------------------------------------------------------- */

/* A folder's path with its links resolved; as it is when there is none. */
static const char *resolve_folder(struct renew_scan *scan, const char *dir)
{
	const char *known = map_get(&scan->folders, dir);
	AUTO_FREE char *real = NULL;

	if (known)
		return known;
	real = fs_realpath(dir);
	if (real) {
		known = arena_strdup(scan->arena, real);
	} else {
		AUTO_STRBUF plain = STRBUF_INIT;

		path_normalize(&plain, dir);
		known = arena_strdup(scan->arena, plain.buf);
	}
	map_put(&scan->folders, dir, (void *)(uintptr_t)known);
	return known;
}

/* Folder by folder, since there are few: a thousand files cost a thousand lstat calls and no more. */
static const char *resolve(struct renew_scan *scan, const char *absolute, bool *there)
{
	const char *base = path_base(absolute);
	const char *dir = resolve_folder(scan, path_dir(scan->arena, absolute));
	const char *path = path_join(scan->arena, dir, base);
	AUTO_FREE char *real = NULL;
	struct fs_stat st;

	*there = fs_lstat(path, &st);
	if (*there && st.type == FS_LINK) {
		real = fs_realpath(path);
		if (real)
			return arena_strdup(scan->arena, real);
	}
	return path;
}

static struct renew_file *add_file(struct renew_scan *scan, const char *name, struct err *e)
{
	struct renew_file *file = map_get(&scan->by_name, name);
	const char *path;
	bool there;

	if (file)
		return file;
	path = resolve(scan, path_join(scan->arena, scan->base, name), &there);
	/* CMake's makefiles compile in folders of their own: such a name could mean another file. */
	if (!there && scan->cmake && name[0] != '/') {
		err_set(e, "nobody knows where %s is", name);
		return NULL;
	}
	file = map_get(&scan->by_path, path);
	if (!file) {
		file = ARENA_NEW(scan->arena, struct renew_file);
		file->path = path;
		map_put(&scan->by_path, path, file);
	}
	map_put(&scan->by_name, name, file);
	return file;
}

struct renew_file *renew_scan_find(struct renew_scan *scan, const char *path)
{
	bool there;

	return map_get(&scan->by_path,
		       resolve(scan, path_join(scan->arena, scan->job->tree, path), &there));
}

/* --- objects ------------------------------------------------------------------------------------------------ */

static bool read_depfile(struct renew_scan *scan, struct renew_object *o, const char *depfile,
			 struct err *e)
{
	AUTO_STRBUF text = STRBUF_INIT;
	struct strv names = { 0 };
	bool ok = fs_read(&text, depfile, MAX_DEPFILE, e) &&
		  depfile_parse(scan->arena, text.buf, text.len, &names, e);

	o->reads = ARENA_ARRAY(scan->arena, struct renew_read, names.count);
	for (size_t i = 0; ok && i < names.count; i++) {
		struct renew_file *file = add_file(scan, names.items[i], e);

		if (!file) {
			ok = false;
			break;
		}
		o->reads[o->count++] = (struct renew_read){ names.items[i], file };
		if (i)
			file->others++;
		else
			file->sources++;
	}
	vec_free(&names);
	return ok || err_wrap(e, "%s", depfile);
}

/* make: x.P beside x.o, and x.d only until it is made; CMake: x.c.o.d beside x.c.o. */
static bool add_object(struct renew_scan *scan, const char *path, bool nested, struct err *e)
{
	struct renew_object o = { .path = path, .nested = nested };
	int stem = (int)(strlen(path) - strlen(path_ext(path)) - 1);
	const char *candidates[] = {
		arena_printf(scan->arena, "%.*s.P", stem, path),
		arena_printf(scan->arena, "%.*s.d", stem, path),
		arena_printf(scan->arena, "%s.d", path),
	};
	const char *depfile = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(candidates); i++) {
		if (!fs_exists(candidates[i]))
			continue;
		if (depfile)
			return err_set(e, "two dependency files for %s", path);
		depfile = candidates[i];
	}
	if (depfile && !read_depfile(scan, &o, depfile, e))
		return false;
	vec_push(&scan->objects, o);
	return true;
}

static bool is_object(const char *path)
{
	return strcmp(path_ext(path), "o") == 0 || strcmp(path_ext(path), "obj") == 0;
}

/* A compiler that failed leaves the dependency file of the time before, and no object: it is made in any case. */
static bool add_without_object(struct renew_scan *scan, const char *depfile, bool nested,
			       struct err *e)
{
	const char *ext = path_ext(depfile);
	const char *stem = arena_strndup(scan->arena, depfile, strlen(depfile) - strlen(ext) - 1);
	const char *object = is_object(stem) ? stem : arena_printf(scan->arena, "%s.o", stem);

	return fs_exists(object) || add_object(scan, object, nested, e);
}

static bool add_entry(struct renew_scan *scan, const char *path, bool nested, struct err *e)
{
	const char *ext = path_ext(path);

	if (is_object(path))
		return add_object(scan, path, nested, e);
	if (strcmp(ext, "P") == 0 || strcmp(ext, "d") == 0)
		return add_without_object(scan, path, nested, e);
	if (strcmp(ext, "elf") == 0 && !nested)
		vec_push(&scan->linked, path);
	if (strcmp(ext, "ld") == 0 || strcmp(ext, "lds") == 0)
		scan->made_scripts = true;
	return true;
}

/* CMake's own folders: CMakeFiles/3.25.1 holds what it found out about the compiler, objects too. */
static bool is_left_out(const char *dir, const char *name)
{
	return strcmp(path_base(dir), "CMakeFiles") == 0 && !strstr(name, ".dir");
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the folders are */
static bool walk(struct renew_scan *scan, const char *dir, bool nested, struct err *e)
{
	struct fs_list list;
	bool ok = fs_list(&list, dir, e);

	for (size_t i = 0; ok && i < list.count; i++) {
		const char *path = path_join(scan->arena, dir, list.names[i]);
		bool project;

		if (list.types[i] == FS_FILE) {
			ok = add_entry(scan, path, nested, e);
		} else if (list.types[i] == FS_DIR && !is_left_out(dir, list.names[i])) {
			project = fs_exists(path_join(scan->arena, path, "CMakeCache.txt"));
			ok = walk(scan, path, nested || project, e);
		}
	}
	fs_list_free(&list);
	return ok;
}

bool renew_scan(struct renew_scan *scan, const struct renew_job *job, struct arena *a,
		struct err *e)
{
	*scan = (struct renew_scan){ .job = job, .arena = a };
	scan->cmake = fs_exists(path_join(a, job->work_dir, "CMakeCache.txt"));
	scan->base = scan->cmake ? job->work_dir : path_join(a, job->tree, job->make_dir);
	return walk(scan, job->work_dir, false, e);
}

void renew_scan_free(struct renew_scan *scan)
{
	vec_free(&scan->objects);
	vec_free(&scan->linked);
	map_free(&scan->by_name);
	map_free(&scan->by_path);
	map_free(&scan->folders);
}
