/* SPDX-License-Identifier: MIT
 *
 * The folder on this machine whose files go onto a board.
 */
#include <string.h>

#include "base/path.h"
#include "base/utf8.h"
#include "board/files.h"
#include "os/fs.h"

enum { MAX_DEPTH = 20, MAX_NAME = 250, MAX_SIZE = 64 << 20 };

static bool is_left_out(const char *name)
{
	return name[0] == '.' || strcmp(name, "__pycache__") == 0;
}

/* littlefs and FAT take names of up to 255 bytes; FAT none of these characters (Microsoft's FAT specification, p. 29). */
static bool check_name(const char *path, const char *name, struct err *e)
{
	const char *bad = strpbrk(name, "\"*:<>?\\|");

	for (const char *p = name; *p && !bad; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			bad = p;
	if (!bad && strlen(name) <= MAX_NAME)
		return true;
	err_set(e, "%s: a board's file system cannot have a file of that name", path);
	return err_hint(e, "rename it");
}

static bool add_file(struct local_files *out, const char *path, const char *name, struct err *e)
{
	struct fs_map map;
	uint64_t size;

	if (!fs_map(&map, path, e)) /* links are followed */
		return false;
	size = map.size;
	fs_unmap(&map);
	if (size > MAX_SIZE)
		return err_set(e, "%s is too big for a board: %llu bytes", path,
			       (unsigned long long)size);
	vec_push(&out->files, (struct local_file){ path, name, size });
	out->bytes += size;
	return true;
}

static bool read_folder(struct local_files *out, const char *dir, const char *below, int depth,
			struct err *e);

static bool add_entry(struct local_files *out, const char *dir, const char *below, const char *name,
		      enum fs_type type, int depth, struct err *e)
{
	const char *path = path_join(&out->arena, dir, arena_strdup(&out->arena, name));
	const char *full = *below ? arena_printf(&out->arena, "%s/%s", below, name)
				  : arena_strdup(&out->arena, name);

	if (is_left_out(name))
		return true;
	if (!check_name(path, name, e))
		return false;
	if (type == FS_LINK && fs_is_dir(path)) {
		err_set(e, "%s is a link to a folder", path);
		return err_hint(e, "a board has no links: put a folder there instead");
	}
	if (type == FS_DIR) {
		vec_push(&out->folders, full);
		return read_folder(out, path, full, depth + 1, e);
	}
	if (type == FS_OTHER)
		return err_set(e, "%s is no file", path);
	return add_file(out, path, full, e);
}

static bool read_folder(struct local_files *out, const char *dir, const char *below, int depth,
			struct err *e)
{
	struct fs_list list;
	bool ok = true;

	if (depth > MAX_DEPTH)
		return err_set(e, "%s: folders in each other more than %d deep", dir, MAX_DEPTH);
	if (!fs_list(&list, dir, e))
		return false;
	for (size_t i = 0; ok && i < list.count; i++)
		ok = add_entry(out, dir, below, list.names[i], list.types[i], depth, e);
	fs_list_free(&list);
	return ok;
}

bool local_files_read(struct local_files *out, const char *dir, struct err *e)
{
	return read_folder(out, dir, "", 0, e);
}

void local_files_free(struct local_files *l)
{
	vec_free(&l->files);
	vec_free(&l->folders);
	arena_free(&l->arena);
	*l = (struct local_files){ 0 };
}
