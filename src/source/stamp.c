/* SPDX-License-Identifier: MIT
 *
 * The version stamp, by libgit2.
 */
#include "source/stamp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/path.h"
#include "base/strbuf.h"
#include "os/fs.h"
#include "source/git.h"

static bool git_fail(struct err *e, const char *what)
{
	return err_set(e, "%s: %s", what, git_message());
}

/* "v1.29.0-preview-731-g1c3c201149" -> "v1.29.0-preview.731.g1c3c201149" (makeversionhdr.py). */
static void dotted(const char *describe, char *out, size_t size)
{
	char *first;

	snprintf(out, size, "%s", describe);
	first = strchr(out, '-');
	for (char *p = first ? first + 1 : NULL; p && *p; p++)
		if (*p == '-')
			*p = '.';
}

static bool describe(git_object *head, struct stamp *out, struct err *e)
{
	git_describe_options opt;
	git_describe_format_options format;
	git_describe_result *result = NULL;
	git_buf text = { 0 };
	bool ok;

	git.describe_options_init(&opt, GIT_DESCRIBE_OPTIONS_VERSION);
	git.describe_format_options_init(&format, GIT_DESCRIBE_FORMAT_OPTIONS_VERSION);
	opt.describe_strategy = GIT_DESCRIBE_TAGS;
	opt.pattern = "v[1-9].*";
	opt.show_commit_oid_as_fallback = 1;
	format.abbreviated_size = 10;
	ok = git.describe_commit(&result, head, &opt) == 0 &&
	     git.describe_format(&text, result, &format) == 0;
	if (ok)
		dotted(text.ptr, out->tag, sizeof(out->tag));
	else
		git_fail(e, "cannot describe the commit");
	git.buf_dispose(&text);
	git.describe_result_free(result);
	return ok;
}

struct changes {
	struct hasher hash;
	const char *root;
	size_t count;
	int depth;
};

static void add_changes(git_repository *repo, const char *root, struct changes *c);

/* A submodule, or a repository that nobody made one, stands for its commit and its own changes. */
static void add_repository(const char *path, struct changes *c)
{
	git_repository *repo;
	git_oid head;

	if (c->depth >= 8 || !(repo = git_open(path)))
		return;
	if (git.reference_name_to_id(&head, repo, "HEAD") == 0)
		hasher_add(&c->hash, head.id, sizeof(head.id));
	add_changes(repo, path, c);
	git_close(repo);
}

/* The content of one changed path. */
static void add_change(const git_status_entry *entry, const char *root, struct changes *c)
{
	const git_diff_delta *d =
		entry->index_to_workdir ? entry->index_to_workdir : entry->head_to_index;
	const char *path = d->new_file.path ? d->new_file.path : d->old_file.path;
	AUTO_ARENA a = ARENA_INIT;
	AUTO_STRBUF link = STRBUF_INIT;
	AUTO_ERR ignored = ERR_INIT; /* a deleted or unreadable file counts by its name */
	char *full = path_join(&a, root, path);
	struct fs_stat st;
	struct fs_map m;

	c->count++;
	hasher_str(&c->hash, path);
	if (!fs_lstat(full, &st))
		return;
	if (st.type == FS_DIR) {
		add_repository(full, c);
	} else if (st.type == FS_LINK && fs_read_link(full, &link, &ignored)) {
		hasher_str(&c->hash, link.buf);
	} else if (fs_map(&m, full, &ignored)) {
		struct digest content = digest_of(m.data, m.size);

		hasher_digest(&c->hash, &content);
		fs_unmap(&m);
	}
}

static void add_changes(git_repository *repo, const char *root, struct changes *c)
{
	git_status_options opt;
	git_status_list *list = NULL;

	git.status_options_init(&opt, GIT_STATUS_OPTIONS_VERSION);
	opt.flags = GIT_STATUS_OPT_INCLUDE_UNTRACKED | GIT_STATUS_OPT_RECURSE_UNTRACKED_DIRS |
		    GIT_STATUS_OPT_SORT_CASE_SENSITIVELY;
	if (git.status_list_new(&list, repo, &opt) != 0)
		return;
	c->depth++;
	for (size_t i = 0; i < git.status_list_entrycount(list); i++)
		add_change(git.status_byindex(list, i), root, c);
	c->depth--;
	git.status_list_free(list);
}

static void append_dirty(struct tree *t, git_object *head, struct stamp *out)
{
	struct changes c = { .root = t->root };
	char hex[DIGEST_HEX_SIZE];
	struct digest d;
	size_t len = strlen(out->tag);

	hasher_init(&c.hash);
	hasher_add(&c.hash, git.commit_tree_id((git_commit *)head)->id, GIT_OID_RAWSZ);
	add_changes(tree_repo(t), t->root, &c);
	d = hasher_finish(&c.hash);
	digest_hex(&d, hex);
	if (c.count)
		snprintf(out->tag + len, sizeof(out->tag) - len, "%cdirty.%.8s",
			 strchr(out->tag, '-') ? '.' : '-', hex);
}

static bool stamp_from_git(struct tree *t, git_object *head, struct stamp *out, struct err *e)
{
	git_buf id = { 0 };

	if (!describe(head, out, e))
		return false;
	if (git.object_short_id(&id, head) != 0)
		return git_fail(e, "cannot name the commit");
	snprintf(out->hash, sizeof(out->hash), "%s", id.ptr);
	git.buf_dispose(&id);
	out->epoch = git.commit_time((git_commit *)head);
	append_dirty(t, head, out);
	return true;
}

/* The number in "#define MICROPY_VERSION_<what> (1)"; -1 when there is none. */
static int config_number(const char *text, const char *what)
{
	AUTO_ARENA a = ARENA_INIT;
	const char *line = strstr(text, arena_printf(&a, "#define MICROPY_VERSION_%s ", what));

	if (!line)
		return -1;
	line += strlen("#define MICROPY_VERSION_ ") + strlen(what);
	return (int)strtol(line + strspn(line, " \t("), NULL, 10);
}

static bool stamp_from_config(const struct tree *t, struct stamp *out, struct err *e)
{
	AUTO_ARENA a = ARENA_INIT;
	AUTO_STRBUF text = STRBUF_INIT;
	char *path = path_join(&a, t->root, "py/mpconfig.h");
	struct fs_stat st;
	int major, minor, micro;

	if (!fs_read(&text, path, 4 << 20, e) || !fs_lstat(path, &st))
		return err_wrap(e, "the tree has no git history and no version");
	major = config_number(text.buf, "MAJOR");
	minor = config_number(text.buf, "MINOR");
	micro = config_number(text.buf, "MICRO");
	if (major < 0 || minor < 0 || micro < 0)
		return err_set(e, "%s does not name a version (MICROPY_VERSION_MAJOR ...)", path);
	snprintf(out->tag, sizeof(out->tag), "v%d.%d.%d%s", major, minor, micro,
		 config_number(text.buf, "PRERELEASE") > 0 ? "-preview" : "");
	snprintf(out->hash, sizeof(out->hash), "<no hash>");
	out->epoch = st.mtime_ns / 1000000000;
	return true;
}

bool stamp_read(struct tree *t, struct stamp *out, struct err *e)
{
	git_object *head = NULL;
	bool ok;

	*out = (struct stamp){ 0 };
	if (!tree_repo(t) || git.revparse_single(&head, tree_repo(t), "HEAD^{commit}") != 0)
		return stamp_from_config(t, out, e);
	ok = stamp_from_git(t, head, out, e);
	git.object_free(head);
	return ok || err_wrap(e, "the version stamp of %s", t->root);
}
