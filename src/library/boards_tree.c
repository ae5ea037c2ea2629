/* SPDX-License-Identifier: MIT
 *
 * The boards of all versions of a MicroPython tree, read from git's objects: nothing is checked out. Most boards' folders are
 * the same from one version to the next, and are read once.
 */
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/path.h"
#include "base/strbuf.h"
#include "base/xalloc.h"
#include "board/board_json.h"
#include "library/boards.h"
#include "library/version.h"
#include "os/fs.h"
#include "source/git.h"
#include "source/git_program.h"
#include "source/stamp.h"
#include "source/tree.h"

enum { FILE_MAX = 1 << 20 };

/* What a board's folder says; the same for all versions that have the same folder. */
struct profile {
	bool bad; /* its board.json cannot be read */
	struct board board;
	const char *description; /* NULL: the board's name */
	const char **variants;   /* their descriptions, as board.variants; NULL: the board's */
};

/* One version at a time. */
struct reading {
	struct database *db;
	struct arena *arena;
	struct boards_update *out;
	struct board_json json;
	struct map profiles;        /* folder's id -> struct profile */
	VEC(struct profile *) made; /* all of them */
	const char *version;
	git_repository *repo;
	struct err *e;
	bool failed;
};

/* --- a folder to rows ----------------------------------------------------------------------------------------- */

static struct profile *make_profile(struct reading *r, const struct board_files *files)
{
	struct profile *p = ARENA_NEW(r->arena, struct profile);
	AUTO_STRBUF text = STRBUF_INIT;
	AUTO_ERR ignored = ERR_INIT;

	for (size_t i = 0; i < files->count; i++)
		if (strcmp(files->items[i].name, "board.json") == 0)
			strbuf_adds(&text, files->items[i].text);
	vec_push(&r->made, p);
	p->bad = !board_json_parse(&r->json, &text, &p->board, r->arena, &ignored);
	p->description = board_describe(files, "", r->arena);
	p->variants = ARENA_ARRAY(r->arena, const char *, p->board.variants.count + 1);
	for (size_t i = 0; i < p->board.variants.count; i++)
		p->variants[i] = board_describe(files, p->board.variants.items[i].name, r->arena);
	return p;
}

static bool put(struct reading *r, const struct board_row *row)
{
	r->failed = r->failed || !database_put_board(r->db, row, r->e);
	r->out->boards += !row->variant;
	r->out->variants += row->variant != NULL;
	return !r->failed;
}

static bool put_variant(struct reading *r, struct board_row row, const char *variant,
			const char *description)
{
	row.board_id = arena_printf(r->arena, "%s-%s", row.board_name, variant);
	row.variant = variant;
	row.description = description ? description : row.description;
	return put(r, &row);
}

static bool put_profile(struct reading *r, const struct profile *p, const char *port,
			const char *name)
{
	const struct board_row row = {
		.board_id = name,
		.version = r->version,
		.board_name = name,
		.mcu = p->board.mcu,
		.port = port,
		.path = arena_printf(r->arena, "ports/%s/boards/%s", port, name),
		.description = p->description ? p->description : name,
	};

	if (p->bad) {
		r->out->skipped++;
		return true;
	}
	if (!put(r, &row))
		return false;
	for (size_t i = 0; i < p->board.variants.count; i++)
		if (!put_variant(r, row, p->board.variants.items[i].name, p->variants[i]))
			return false;
	return true;
}

/* A port without boards: the variants are folders. */
static bool put_pseudo(struct reading *r, const char *port, const struct strv *variants)
{
	const struct board_row row = {
		.board_id = port,
		.version = r->version,
		.board_name = port,
		.port = port,
		.path = arena_printf(r->arena, "ports/%s", port),
		.description = port,
	};

	if (!put(r, &row))
		return false;
	for (size_t i = 0; i < variants->count; i++)
		if (!put_variant(r, row, variants->items[i], NULL))
			return false;
	return true;
}

static bool is_pseudo(const char *port)
{
	return strcmp(port, "unix") == 0 || strcmp(port, "webassembly") == 0 ||
	       strcmp(port, "windows") == 0;
}

/* --- from git ------------------------------------------------------------------------------------------------- */

typedef int entry_fn(struct reading *r, const git_tree_entry *entry, void *ctx);

struct visit {
	struct reading *r;
	entry_fn *fn;
	void *ctx;
};

/* Entries of the folder itself: what is below is passed over. */
static int on_entry(const char *root, const git_tree_entry *entry, void *ctx)
{
	const struct visit *v = ctx;

	if (*root)
		return 1;
	return v->fn(v->r, entry, v->ctx) < 0 ? -1 : 1;
}

/* Calls fn for each entry of the tree; it returns -1 to stop. */
static void each_entry(struct reading *r, const git_oid *id, entry_fn *fn, void *ctx)
{
	struct visit v = { r, fn, ctx };
	git_object *tree;

	if (git.object_lookup(&tree, r->repo, id, GIT_OBJECT_TREE) != 0) {
		r->failed = true;
		err_set(r->e, "%s", git_message());
		return;
	}
	git.tree_walk((git_tree *)tree, GIT_TREEWALK_PRE, on_entry, &v);
	git.object_free(tree);
}

static bool is_folder(const git_tree_entry *entry)
{
	return git.tree_entry_filemode(entry) == GIT_FILEMODE_TREE;
}

static int take_file(struct reading *r, const git_tree_entry *entry, void *ctx)
{
	struct board_files *files = ctx;
	const char *name = git.tree_entry_name(entry);
	git_blob *blob;

	if (!board_file_counts(name) ||
	    git.blob_lookup(&blob, r->repo, git.tree_entry_id(entry)) != 0)
		return 0;
	if (git.blob_rawsize(blob) <= FILE_MAX) {
		struct board_file f = { arena_strdup(r->arena, name),
					arena_strndup(r->arena, git.blob_rawcontent(blob),
						      (size_t)git.blob_rawsize(blob)) };

		vec_push(files, f);
	}
	git.blob_free(blob);
	return 0;
}

static bool has_file(const struct board_files *files, const char *name)
{
	for (size_t i = 0; i < files->count; i++)
		if (strcmp(files->items[i].name, name) == 0)
			return true;
	return false;
}

/* NULL: the folder is no board. */
static struct profile *profile_of(struct reading *r, const git_oid *id)
{
	char hex[GIT_OID_HEXSZ + 1];
	struct board_files files = { 0 };
	struct profile *p;

	git.oid_tostr(hex, sizeof(hex), id);
	p = map_get(&r->profiles, hex);
	if (p)
		return p;
	each_entry(r, id, take_file, &files);
	if (has_file(&files, "board.json")) {
		p = make_profile(r, &files);
		map_put(&r->profiles, arena_strdup(r->arena, hex), p);
	}
	vec_free(&files);
	return p;
}

static int take_board(struct reading *r, const git_tree_entry *entry, void *ctx)
{
	const char *port = ctx;
	const char *name = arena_strdup(r->arena, git.tree_entry_name(entry));
	const struct profile *p = is_folder(entry) ? profile_of(r, git.tree_entry_id(entry)) : NULL;

	if (p)
		put_profile(r, p, port, name);
	return r->failed ? -1 : 0;
}

static int take_variant(struct reading *r, const git_tree_entry *entry, void *ctx)
{
	struct strv *variants = ctx;

	if (is_folder(entry))
		vec_push(variants, arena_strdup(r->arena, git.tree_entry_name(entry)));
	return 0;
}

/* The folder `name` in a tree; false: there is none. */
struct wanted_folder {
	const char *name;
	git_oid id;
	bool found;
};

static int find_folder(struct reading *r, const git_tree_entry *entry, void *ctx)
{
	struct wanted_folder *w = ctx;

	(void)r;
	if (!is_folder(entry) || strcmp(git.tree_entry_name(entry), w->name) != 0)
		return 0;
	w->id = *git.tree_entry_id(entry);
	w->found = true;
	return -1;
}

static int take_port(struct reading *r, const git_tree_entry *entry, void *ctx)
{
	struct wanted_folder boards = { .name = "boards" }, variants = { .name = "variants" };
	char *port = arena_strdup(r->arena, git.tree_entry_name(entry));
	struct strv names = { 0 };

	(void)ctx;
	if (!is_folder(entry))
		return 0;
	each_entry(r, git.tree_entry_id(entry), find_folder, &boards);
	if (boards.found)
		each_entry(r, &boards.id, take_board, port);
	if (is_pseudo(port) && !r->failed) {
		each_entry(r, git.tree_entry_id(entry), find_folder, &variants);
		if (variants.found)
			each_entry(r, &variants.id, take_variant, &names);
		put_pseudo(r, port, &names);
	}
	vec_free(&names);
	return r->failed ? -1 : 0;
}

/* The boards of a commit; one without ports/ has none. */
static bool take_commit(struct reading *r, const char *commit, const char *version)
{
	const char *spec = arena_printf(r->arena, "%s^{commit}:ports", commit);
	git_object *ports;

	if (git.revparse_single(&ports, r->repo, spec) != 0)
		return true;
	r->version = version;
	r->out->versions++;
	each_entry(r, git.object_id(ports), take_port, NULL);
	git.object_free(ports);
	if (r->failed)
		err_wrap(r->e, "read the boards of %s", version);
	return !r->failed;
}

/* --- which versions ------------------------------------------------------------------------------------------- */

/* A tag: what it is called, and the version that it means. */
struct tag {
	const char *name;
	struct version version;
};
struct tags {
	struct tag *items;
	size_t count, cap;
};

static int by_version(const void *a, const void *b)
{
	return version_compare(&((const struct tag *)a)->version,
			       &((const struct tag *)b)->version);
}

/* Tags vX.Y[.Z][-preview], nothing behind it, the oldest first. */
static void list_tags(struct reading *r, struct tags *out)
{
	static const char prefix[] = "refs/tags/v";
	const size_t skip = sizeof(prefix) - 2;
	git_strarray refs = { 0 };

	if (git.reference_list(&refs, r->repo) != 0)
		return;
	for (size_t i = 0; i < refs.count; i++) {
		const char *ref = refs.strings[i];
		struct tag tag;

		if (strncmp(ref, prefix, sizeof(prefix) - 1) != 0 ||
		    ref[skip + strspn(ref + skip, "v0123456789.-previw")] ||
		    !version_parse(&tag.version, ref + skip) || tag.version.build)
			continue;
		tag.name = arena_strdup(r->arena, ref + skip);
		vec_push(out, tag);
	}
	git.strarray_dispose(&refs);
	if (out->count)
		qsort(out->items, out->count, sizeof(*out->items), by_version);
}

/* What HEAD is on the way to, or at; false: git does not say. */
static bool describe_head(const char *root, struct version *v)
{
	static const char *const words[] = { "describe", "--tags", "--match", "v[1-9].*", NULL };
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_ERR ignored = ERR_INIT;

	if (!git_program(root, words, &out, &ignored))
		return false;
	strbuf_set_len(&out, strcspn(out.buf, "\n"));
	return version_parse(v, out.buf);
}

static const char *text_of(struct reading *r, const struct version *v)
{
	AUTO_STRBUF text = STRBUF_INIT;

	version_text(v, &text);
	return arena_strdup(r->arena, text.buf);
}

/* Of previews only the newest counts, and not even that when HEAD stands for it (`head`; NULL: for none). */
static bool counts(const struct tags *tags, size_t i, const struct version *oldest,
		   const struct version *head)
{
	const struct version *v = &tags->items[i].version;

	if (version_compare(v, oldest) < 0)
		return false;
	return !v->preview || (i + 1 == tags->count && !(head && version_same_release(v, head)));
}

static bool take_tags(struct reading *r, const struct tags *tags, const struct version *oldest,
		      const struct version *head)
{
	for (size_t i = 0; i < tags->count; i++) {
		const struct tag *t = &tags->items[i];

		if (!counts(tags, i, oldest, head))
			continue;
		if (!take_commit(r, t->name, text_of(r, &t->version)))
			return false;
		r->out->newest = r->version;
	}
	return true;
}

/* HEAD stands for the preview that it is on the way to, when nothing newer is tagged: its boards are newer than that tag's. */
static bool is_newest_preview(const char *root, const struct tags *tags, struct version *head)
{
	const struct tag *last = tags->count ? &tags->items[tags->count - 1] : NULL;

	return describe_head(root, head) && head->preview &&
	       (!last || version_compare(head, &last->version) >= 0);
}

static bool take_repository(struct reading *r, const char *root, const struct version *oldest)
{
	struct tags tags = { 0 };
	struct version head;
	bool at_head, ok;

	list_tags(r, &tags);
	at_head = is_newest_preview(root, &tags, &head);
	ok = take_tags(r, &tags, oldest, at_head ? &head : NULL);
	if (ok && at_head)
		ok = take_commit(r, "HEAD", r->out->newest = text_of(r, &head));
	vec_free(&tags);
	if (ok && !r->out->newest) {
		err_set(r->e, "%s has no tags of versions", root);
		return err_hint(r->e, "`git fetch --tags` gets them");
	}
	return ok;
}

/* --- from files ----------------------------------------------------------------------------------------------- */

static bool read_folder(struct reading *r, const char *dir, struct board_files *files)
{
	struct fs_list list = { 0 };
	bool ok = fs_list(&list, dir, r->e);

	for (size_t i = 0; ok && i < list.count; i++) {
		AUTO_STRBUF text = STRBUF_INIT;
		struct board_file f = { .name = arena_strdup(r->arena, list.names[i]) };

		if (!board_file_counts(f.name))
			continue;
		ok = fs_read(&text, path_join(r->arena, dir, f.name), FILE_MAX, r->e);
		f.text = arena_strndup(r->arena, text.buf, text.len);
		vec_push(files, f);
	}
	fs_list_free(&list);
	return ok;
}

static bool take_board_dir(struct reading *r, const struct board *b)
{
	struct board_files files = { 0 };
	bool ok = read_folder(r, b->dir, &files);

	if (ok && has_file(&files, "board.json"))
		ok = put_profile(r, make_profile(r, &files), b->port, b->id);
	vec_free(&files);
	return ok;
}

static bool take_pseudo_dir(struct reading *r, const struct board *b)
{
	const char *dir = path_join(r->arena, b->dir, "variants");
	struct strv names = { 0 };
	struct fs_list list = { 0 };
	bool ok = fs_list(&list, dir, r->e);

	for (size_t i = 0; ok && i < list.count; i++)
		if (list.types[i] == FS_DIR)
			vec_push(&names, arena_strdup(r->arena, list.names[i]));
	fs_list_free(&list);
	ok = ok && put_pseudo(r, b->port, &names);
	vec_free(&names);
	return ok;
}

/* A release archive: its version is in py/mpconfig.h. */
static bool take_files(struct reading *r, const char *root)
{
	struct tree tree = { 0 };
	struct stamp stamp;
	struct version v;
	struct catalogue *c = NULL;
	bool ok = tree_open(&tree, root, r->e) && stamp_read(&tree, &stamp, r->e) &&
		  (c = catalogue_open(tree.root, NULL, r->e)) != NULL;

	if (ok && !version_parse(&v, stamp.tag))
		ok = err_set(r->e, "%s does not say which version it is", root);
	if (ok) {
		r->version = r->out->newest = text_of(r, &v);
		r->out->versions = 1;
	}
	for (size_t i = 0; ok && i < catalogue_count(c); i++) {
		const struct board *b = catalogue_at(c, i);

		if (b->port)
			ok = b->pseudo ? take_pseudo_dir(r, b) : take_board_dir(r, b);
	}
	catalogue_close(c);
	tree_close(&tree);
	return ok;
}

/* --- all together --------------------------------------------------------------------------------------------- */

static bool read_all(struct reading *r, const char *root, const struct version *oldest)
{
	bool ok;

	r->repo = git_open(root);
	ok = r->repo ? take_repository(r, root, oldest) : take_files(r, root);
	ok = ok && database_put_metadata(r->db, "boards_version", r->out->newest, r->e);
	git_close(r->repo);
	return ok;
}

static void free_profiles(struct reading *r)
{
	for (size_t i = 0; i < r->made.count; i++) {
		struct board *b = &r->made.items[i]->board;

		vec_free(&b->variants);
		vec_free(&b->deploy);
		vec_free(&b->images);
		vec_free(&b->features);
	}
	vec_free(&r->made);
	map_free(&r->profiles);
}

bool boards_from_tree(struct database *db, const char *root, const char *oldest, struct arena *a,
		      struct boards_update *out, struct err *e)
{
	struct reading r = { .db = db, .arena = a, .out = out, .e = e };
	struct version from;
	bool ok;

	*out = (struct boards_update){ 0 };
	if (!version_parse(&from, oldest))
		return err_usage(e, "'%s' is no version", oldest);
	if (!database_begin(db, e))
		return false;
	ok = read_all(&r, root, &from) && database_commit(db, e);
	if (!ok)
		database_rollback(db);
	free_profiles(&r);
	board_json_close(&r.json);
	return ok;
}
