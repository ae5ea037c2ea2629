/* SPDX-License-Identifier: MIT
 *
 * Changes since a commit, by the git program, for repositories that libgit2 does not read.
 */
#include <string.h>

#include "base/path.h"
#include "os/fs.h"
#include "source/git_program.h"
#include "source/since_internal.h"

static bool resolve(const struct since_reader *r, const char *name, struct strbuf *out,
		    struct err *e)
{
	AUTO_ARENA a = ARENA_INIT;
	const char *const words[] = { "rev-parse", "--verify", "--end-of-options",
				      arena_printf(&a, "%s^{commit}", name), NULL };

	if (!git_program(r->root, words, out, e))
		return false;
	strbuf_set_len(out, strcspn(out->buf, "\n"));
	return true;
}

static bool add_folders(const struct since_reader *r, const char *commit, struct err *e)
{
	const char *const words[] = { "ls-tree",     "-r",          "-d",   "-z",
				      "--name-only", "--full-tree", commit, NULL };
	AUTO_STRBUF text = STRBUF_INIT;

	if (!git_program(r->root, words, &text, e))
		return false;
	for (const char *p = text.buf; p < text.buf + text.len; p += strlen(p) + 1)
		since_add_folder(r, p);
	return true;
}

static bool is_file_mode(const char *mode)
{
	return strncmp(mode, "100", 3) == 0;
}

/* ":100644 100755 OLD NEW M": what stands before a path. */
static bool add_raw(const struct since_reader *r, const char *raw, const char *path, struct err *e)
{
	static const char gitlink[] = "160000";
	AUTO_ARENA a = ARENA_INIT;
	size_t len = strlen(raw);
	const char *then = raw + 1, *now = raw + 8, *id = raw + 15;
	char how;

	if (raw[0] != ':' || len < 20 || strcspn(id, " ") >= len)
		return err_set(e, "git says '%s', which is not understood", raw);
	how = raw[len - 1];
	if (strncmp(then, gitlink, 6) == 0)
		return since_add_repository(r, path, arena_strndup(&a, id, strcspn(id, " ")), e);
	if (strncmp(now, gitlink, 6) == 0)
		return since_add_repository(r, path, NULL, e);
	if (how == 'A')
		since_add(r, path, SINCE_ADDED, is_file_mode(now));
	else if (how == 'D')
		since_add(r, path, SINCE_REMOVED, is_file_mode(then));
	else
		since_add(r, path, how == 'T' ? SINCE_TYPE : SINCE_CHANGED,
			  is_file_mode(now) && is_file_mode(then));
	return true;
}

static bool add_tracked(const struct since_reader *r, const char *commit, struct err *e)
{
	const char *const words[] = { "diff",
				      "--raw",
				      "-z",
				      "--no-renames",
				      "--no-abbrev",
				      "--no-ext-diff",
				      "--ignore-submodules=none",
				      commit,
				      "--",
				      NULL };
	AUTO_STRBUF text = STRBUF_INIT;
	const char *raw, *path;

	if (!git_program(r->root, words, &text, e))
		return false;
	for (raw = text.buf; raw < text.buf + text.len; raw = path + strlen(path) + 1) {
		path = raw + strlen(raw) + 1;
		if (path >= text.buf + text.len || !add_raw(r, raw, path, e))
			return false;
	}
	return true;
}

/*
 * What the index says is not to be looked at: "h PATH" (assume-unchanged), "S PATH" (skip-worktree; most are not there). git
 * does not compare it, so it counts as changed.
 */
static bool add_hidden(const struct since_reader *r, struct err *e)
{
	static const char *const words[] = { "ls-files", "-z", "-v", NULL };
	AUTO_STRBUF text = STRBUF_INIT;

	if (!git_program(r->root, words, &text, e))
		return false;
	for (const char *p = text.buf; p < text.buf + text.len; p += strlen(p) + 1) {
		AUTO_ARENA a = ARENA_INIT;
		struct fs_stat st;

		if ((*p == 'S' || (*p >= 'a' && *p <= 'z')) && p[1] == ' ' &&
		    fs_lstat(path_join(&a, r->root, p + 2), &st))
			since_add(r, p + 2, SINCE_CHANGED, st.type == FS_FILE);
	}
	return true;
}

static bool add_untracked(const struct since_reader *r, struct err *e)
{
	static const char *const words[] = { "ls-files", "-z", "--others", "--exclude-standard",
					     NULL };
	AUTO_STRBUF text = STRBUF_INIT;

	if (!git_program(r->root, words, &text, e))
		return false;
	for (const char *p = text.buf; p < text.buf + text.len; p += strlen(p) + 1) {
		AUTO_ARENA a = ARENA_INIT;
		struct fs_stat st;

		if (p[strlen(p) - 1] == '/')
			since_add_repository(r, p, NULL, e);
		else if (fs_lstat(path_join(&a, r->root, p), &st))
			since_add(r, p, SINCE_ADDED, st.type == FS_FILE);
	}
	return true;
}

enum since_verdict since_by_program(const struct since_reader *r, const char *ref, struct err *e)
{
	AUTO_STRBUF commit = STRBUF_INIT, head = STRBUF_INIT;
	AUTO_ERR none = ERR_INIT;
	size_t before = r->out->changes.count;

	if (!resolve(r, ref, &commit, e)) {
		static const char *const words[] = { "rev-parse", "--git-dir", NULL };

		/* Is it the name that is wrong, or all of it? */
		return git_program(r->root, words, &head, &none) ? SINCE_NO_REF : SINCE_NOT_READ;
	}
	since_set_commit(r, commit.buf,
			 resolve(r, "HEAD", &head, &none) && strcmp(head.buf, commit.buf) == 0);
	if (add_folders(r, commit.buf, e) && add_tracked(r, commit.buf, e) && add_hidden(r, e) &&
	    add_untracked(r, e))
		return SINCE_READ;
	r->out->changes.count = before;
	return SINCE_NOT_READ;
}
