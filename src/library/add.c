/* SPDX-License-Identifier: MIT
 *
 * Copying firmware into the library; see add.h.
 */
#include "library/add.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/path.h"
#include "base/xalloc.h"
#include "image/input.h"
#include "image/member.h"
#include "library/identify.h"
#include "os/crypto.h"
#include "os/dirs.h"
#include "os/fs.h"

enum { FOLDER_DEPTH = 8 };

struct job {
	struct database *db;
	const struct add_options *opt;
	struct arena *arena;
	struct added_list *out;
	const char *source; /* NULL: each file's own */
	add_failed_fn *failed;
	void *ctx;
};

/* --- one firmware --------------------------------------------------------------------------------------------- */

static bool digest_hex_of(const void *data, size_t size, char hex[static SHA256_HEX_SIZE],
			  struct err *e)
{
	uint8_t digest[CRYPTO_SHA256];

	if (!crypto_sha256(data, size, digest, e))
		return false;
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	return true;
}

/* "file:///a%20b": as the Python tool records where a file was. */
static const char *file_uri(struct arena *a, const char *path)
{
	AUTO_STRBUF out = STRBUF_INIT;

	strbuf_adds(&out, "file://");
	for (const char *p = path; *p; p++)
		if ((unsigned char)*p <= ' ' || (unsigned char)*p >= 0x7f || strchr("%?#\"<>", *p))
			strbuf_addf(&out, "%%%02X", (unsigned char)*p);
		else
			strbuf_addch(&out, *p);
	return arena_strdup(a, out.buf);
}

/* PORT/BOARD[@BRANCH]-VERSION[.BUILD].EXT */
static const char *stored_name(struct arena *a, const struct identified *id)
{
	const char *branch = id->released ? NULL : id->branch;
	AUTO_STRBUF version = STRBUF_INIT;
	struct version v;

	if (version_parse(&v, id->version)) {
		v.build = id->build;
		version_build_text(&v, &version);
	} else {
		strbuf_adds(&version, id->version);
	}
	return arena_printf(a, "%s%s%s%s%s-%s%s", id->port, *id->port ? "/" : "", id->board_id,
			    branch ? "@" : "", branch ? branch : "", version.buf, id->ext);
}

static bool same_bytes(const char *path, const void *data, size_t size)
{
	AUTO_ERR ignored = ERR_INIT;
	struct fs_map map = { 0 };
	bool same = fs_map(&map, path, &ignored) && map.size == size &&
		    memcmp(map.data, data, size) == 0;

	fs_unmap(&map);
	return same;
}

/* Puts the bytes into their place. *was_there: they are already. */
static bool store(struct database *db, const char *file, const void *data, size_t size, bool force,
		  bool *was_there, struct err *e)
{
	AUTO_STRBUF path = STRBUF_INIT;
	AUTO_ARENA a = ARENA_INIT;

	database_file_path(db, &(struct firmware_row){ .file = file }, &path);
	*was_there = fs_exists(path.buf) && same_bytes(path.buf, data, size);
	if (*was_there)
		return true;
	if (fs_exists(path.buf) && !force) {
		err_set(e, "%s already exists, with other content", file);
		return err_hint(e, "use --force to overwrite it");
	}
	return fs_mkdirs(path_dir(&a, path.buf), e) &&
	       fs_write_atomic(path.buf, data, size, fs_user_mode(path.buf), e);
}

bool library_record(struct database *db, const struct firmware_row *row, const char *sha256,
		    struct err *e)
{
	AUTO_STRBUF path = STRBUF_INIT;
	char hex[SHA256_HEX_SIZE];
	struct fs_map map = { 0 };
	bool ok = true;

	if (!sha256) {
		database_file_path(db, row, &path);
		ok = fs_map(&map, path.buf, e) && digest_hex_of(map.data, map.size, hex, e);
		fs_unmap(&map);
	}
	if (!ok || !database_begin(db, e))
		return false;
	if (database_put_firmware(db, row, e) &&
	    database_put_digest(db, row->file, sha256 ? sha256 : hex, e))
		return database_commit(db, e);
	database_rollback(db);
	return false;
}

static struct firmware_row row_of(const struct job *job, const struct identified *id,
				  const char *source)
{
	struct arena *a = job->arena;
	struct firmware_row row = {
		.board_id = id->board_id,
		.version = id->version,
		.file = stored_name(a, id),
		.port = id->port,
		.description = job->opt->description,
		.source = source,
		.build = id->build,
		.custom = !id->released,
	};

	if (row.custom)
		row.custom_id = id->branch ? arena_printf(a, "%s@%s", id->board_id, id->branch)
					   : id->board_id;
	return row;
}

static bool add_bytes(const struct job *job, struct identify_from *from, const char *shown,
		      const char *source, struct err *e)
{
	struct added added = { .from = shown };
	struct identified id;

	from->board_id = job->opt->board_id;
	from->port = job->opt->port;
	from->version = job->opt->version;
	if (!identify(job->db, from, job->arena, &id, e))
		return false;
	added.row = row_of(job, &id, source);
	if (!digest_hex_of(from->data, from->size, added.sha256, e) ||
	    !store(job->db, added.row.file, from->data, from->size, job->opt->force,
		   &added.was_there, e) ||
	    !library_record(job->db, &added.row, added.sha256, e))
		return false;
	vec_push(job->out, added);
	return true;
}

static void fail_one(const struct job *job, struct err *e)
{
	job->failed(job->ctx, e);
	err_free(e);
}

/* --- files, archives, folders --------------------------------------------------------------------------------- */

static bool add_members(const struct job *job, const struct image_input *in, const char *path,
			struct err *e)
{
	static const struct image_options opt;
	const char *source = job->source ? job->source : file_uri(job->arena, path);
	AUTO_STRBUF bytes = STRBUF_INIT;
	const struct archive_member *m;
	struct member_walk walk;
	bool ok = member_walk_open(&walk, in->map.data, in->map.size, path, &opt, e);

	while (ok && !walk.over) {
		AUTO_ERR one = ERR_INIT;

		if (!member_walk_next(&walk, &bytes, &m, &one)) {
			fail_one(job, &one);
			continue;
		}
		if (!m)
			break;
		struct identify_from from = { .path = arena_strdup(job->arena, m->name),
					      .data = (const uint8_t *)bytes.buf,
					      .size = bytes.len };
		const char *shown = arena_printf(job->arena, "%s: %s", path, m->name);

		if (!add_bytes(job, &from, shown,
			       arena_printf(job->arena, "%s#%s", source, m->name), &one)) {
			err_wrap(&one, "%s", path);
			fail_one(job, &one);
		}
	}
	member_walk_close(&walk);
	return ok;
}

/* What the file is called where it comes from: of an address without what stands behind '?' or '#'. */
static const char *name_of(const struct job *job, const char *path)
{
	return job->source ? arena_strndup(job->arena, job->source, strcspn(job->source, "?#"))
			   : path;
}

static bool add_file(const struct job *job, const char *path, struct err *e)
{
	const char *name = name_of(job, path);
	struct image_input in;
	bool ok = image_input_open(&in, path, e);

	if (ok && image_archive_probe(in.map.data, in.map.size)) {
		ok = add_members(job, &in, name, e);
	} else if (ok) {
		struct identify_from from = { .path = name,
					      .data = in.map.data,
					      .size = in.map.size,
					      .on_disk = !job->source };

		ok = add_bytes(job, &from, name,
			       job->source ? job->source : file_uri(job->arena, path), e);
	}
	image_input_close(&in);
	return ok;
}

static bool is_one_of(const char *ext, const char *const *list)
{
	for (; *list; list++)
		if (strcasecmp(ext, *list) == 0)
			return true;
	return false;
}

/*
 * In a folder not every file of a firmware's format is meant: a build folder has bootloaders, partition tables and object
 * files.
 */
static bool is_meant(const char *name, bool build_folder)
{
	static const char *const formats[] = { "uf2", "dfu", "hex", "bin", "elf", NULL };
	static const char *const whole[] = { "uf2", "dfu", "hex", "bin", NULL };
	const char *ext = path_ext(name);
	struct firmware_name parts;

	if (name[0] == '.' || !is_one_of(ext, formats))
		return false;
	if (strncmp(name, "firmware.", 9) == 0 && name + 9 == ext)
		return true;
	return !build_folder && (is_one_of(ext, whole) || firmware_name_parse(&parts, name));
}

static bool is_build_folder(const char *path)
{
	return strncmp(path_base(path), "build-", 6) == 0 &&
	       strcmp(path_base(path), "build-mpflash") != 0;
}

static bool add_folder(const struct job *job, const char *path, int depth, struct err *e)
{
	bool build = is_build_folder(path);
	struct fs_list list = { 0 };

	if (!fs_list(&list, path, e))
		return false;
	for (size_t i = 0; i < list.count; i++) {
		const char *full = path_join(job->arena, path, list.names[i]);
		AUTO_ERR one = ERR_INIT;
		bool ok = true;

		if (list.types[i] == FS_DIR && !build && depth && list.names[i][0] != '.')
			ok = add_folder(job, full, depth - 1, &one);
		else if (list.types[i] == FS_FILE && is_meant(list.names[i], build))
			ok = add_file(job, full, &one);
		if (!ok)
			fail_one(job, &one);
	}
	fs_list_free(&list);
	return true;
}

/* Passes failures on, and remembers that there was one. */
struct relay {
	add_failed_fn *failed;
	void *ctx;
	bool any;
};

static void relay_failure(void *ctx, const struct err *e)
{
	struct relay *r = ctx;

	r->failed(r->ctx, e);
	r->any = true;
}

bool library_add(struct database *db, const char *path, const char *source,
		 const struct add_options *opt, struct arena *a, struct added_list *out,
		 add_failed_fn *failed, void *ctx, struct err *e)
{
	struct relay relay = { failed, ctx, false };
	const struct job job = { db, opt, a, out, source, relay_failure, &relay };
	AUTO_STRBUF full = STRBUF_INIT;
	size_t before = out->count;

	if (!dirs_expand(&full, path, e))
		return false;
	path = arena_strdup(a, full.buf);
	if (!fs_exists(path))
		return err_set(e, "%s does not exist", path);
	if (!fs_is_dir(path))
		return add_file(&job, path, e);
	if (!add_folder(&job, path, FOLDER_DEPTH, e))
		return false;
	/* Whatever went wrong in it was told; nothing at all is an error of its own. */
	if (out->count > before || relay.any)
		return true;
	err_set(e, "%s holds no firmware", path);
	return err_hint(
		e, "firmware.uf2, *.dfu, *.hex, *.bin are looked for, in folders below it too");
}
