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
#include "source/changes.h"
#include "source/git.h"
#include "source/git_program.h"
#include "source/gitdir.h"

/* The tags that count, as in makeversionhdr.py, and digits of a commit: a fixed number, the same in every clone. */
#define TAGS "v[1-9].*"
enum { DIGITS = 10 };

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

/* What git says of the last commit. */
struct commit {
	struct stamp *stamp; /* tag, hash, epoch are filled */
	char tree[65];       /* id of its content, hex */
};

/* --- by libgit2 ------------------------------------------------------------------------------------------- */

static bool describe(git_object *head, struct stamp *out)
{
	git_describe_options opt;
	git_describe_format_options format;
	git_describe_result *result = NULL;
	git_buf text = { 0 };
	bool ok;

	git.describe_options_init(&opt, GIT_DESCRIBE_OPTIONS_VERSION);
	git.describe_format_options_init(&format, GIT_DESCRIBE_FORMAT_OPTIONS_VERSION);
	opt.describe_strategy = GIT_DESCRIBE_TAGS;
	opt.pattern = TAGS;
	opt.show_commit_oid_as_fallback = 1;
	format.abbreviated_size = DIGITS;
	ok = git.describe_commit(&result, head, &opt) == 0 &&
	     git.describe_format(&text, result, &format) == 0;
	if (ok) {
		dotted(text.ptr, out->tag, sizeof(out->tag));
		git.buf_dispose(&text);
	}
	git.describe_result_free(result);
	return ok;
}

/* *has_commit stays false in a repository without one. */
static bool ask_library(struct tree *t, struct commit *c, bool *has_commit, struct err *e)
{
	git_object *head = NULL;
	git_oid id;
	bool ok;

	if (!tree_repo(t))
		return err_set(e, "libgit2 does not read it");
	*has_commit = git.repository_head_unborn(tree_repo(t)) != 1;
	if (!*has_commit)
		return true;
	if (git.reference_name_to_id(&id, tree_repo(t), "HEAD") != 0 ||
	    git.object_lookup(&head, tree_repo(t), &id, GIT_OBJECT_COMMIT) != 0)
		return err_set(e, "libgit2: %s", git_message());
	ok = describe(head, c->stamp) || err_set(e, "libgit2: %s", git_message());
	git.oid_tostr(c->stamp->hash, DIGITS + 1, &id);
	git.oid_tostr(c->tree, sizeof(c->tree), git.commit_tree_id((git_commit *)head));
	c->stamp->epoch = git.commit_time((git_commit *)head);
	git.object_free(head);
	return ok;
}

/* --- by the program --------------------------------------------------------------------------------------- */

static bool ask_program(struct tree *t, struct commit *c, struct err *e)
{
	static const char *const log[] = {
		"log", "-1", "--no-show-signature", "--format=%nstamp %H %T %ct", "HEAD", NULL
	};
	static const char *const words[] = { "describe", "--tags", "--always", "--abbrev=10",
					     "--match",  TAGS,     "HEAD",     NULL };
	AUTO_STRBUF commit = STRBUF_INIT, text = STRBUF_INIT;
	const char *line;
	char id[65], time[24];

	if (!git_program(t->root, log, &commit, e) || !git_program(t->root, words, &text, e))
		return false;
	line = strstr(commit.buf, "\nstamp ");
	if (!line || sscanf(line, "\nstamp %64s %64s %23s", id, c->tree, time) != 3)
		return err_set(e, "git: no word about the last commit");
	snprintf(c->stamp->hash, sizeof(c->stamp->hash), "%.*s", DIGITS, id);
	c->stamp->epoch = strtoll(time, NULL, 10);
	while (text.len && text.buf[text.len - 1] == '\n')
		strbuf_set_len(&text, text.len - 1);
	line = strrchr(text.buf, '\n'); /* a warning may stand before it */
	dotted(line ? line + 1 : text.buf, c->stamp->tag, sizeof(c->stamp->tag));
	return true;
}

/* --- changes ---------------------------------------------------------------------------------------------- */

void stamp_append(struct stamp *s, const char *word)
{
	size_t len = strlen(s->tag);

	snprintf(s->tag + len, sizeof(s->tag) - len, "%c%s", strchr(s->tag, '-') ? '.' : '-', word);
}

static void append_dirty(const struct tree *t, const struct commit *c)
{
	AUTO_ERR e = ERR_INIT;
	char word[16], hex[DIGEST_HEX_SIZE];
	struct hasher h;
	struct digest d;
	size_t count;

	hasher_init(&h);
	hasher_str(&h, c->tree);
	if (!changes_add(t->root, &h, &count, &e)) {
		snprintf(c->stamp->note, sizeof(c->stamp->note),
			 "%s; the version says dirty.unknown", e.msg);
		hasher_finish(&h);
		stamp_append(c->stamp, "dirty.unknown");
		return;
	}
	d = hasher_finish(&h);
	digest_hex(&d, hex);
	snprintf(word, sizeof(word), "dirty.%.8s", hex);
	if (count)
		stamp_append(c->stamp, word);
}

/* --- without git ------------------------------------------------------------------------------------------ */

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

/* Git's words; *found is false where it has none to say. */
static void stamp_from_git(struct tree *t, struct stamp *out, bool *found)
{
	struct commit c = { .stamp = out };
	AUTO_ERR library = ERR_INIT, program = ERR_INIT;

	*found = true;
	if (!ask_library(t, &c, found, &library) && !ask_program(t, &c, &program)) {
		snprintf(
			out->note, sizeof(out->note),
			"the git history cannot be read (%s; %s): the version is the one in py/mpconfig.h",
			library.msg, program.msg);
		*found = false;
	}
	if (*found)
		append_dirty(t, &c);
}

bool stamp_read(struct tree *t, struct stamp *out, struct err *e)
{
	AUTO_ARENA a = ARENA_INIT;
	struct gitdir dir;
	bool found = false;

	*out = (struct stamp){ 0 };
	if (gitdir_find(&dir, t->root, &a))
		stamp_from_git(t, out, &found);
	return found || stamp_from_config(t, out, e) ||
	       err_wrap(e, "the version stamp of %s", t->root);
}

bool stamp_is_ignored(const struct tree *t)
{
	AUTO_ARENA a = ARENA_INIT;
	AUTO_STRBUF text = STRBUF_INIT;
	AUTO_ERR ignored = ERR_INIT;

	return fs_read(&text, path_join(&a, t->root, "py/makeversionhdr.py"), 4 << 20, &ignored) &&
	       !strstr(text.buf, "\"MICROPY_GIT_TAG\"") && !strstr(text.buf, "'MICROPY_GIT_TAG'");
}
