/* SPDX-License-Identifier: MIT
 *
 * From refs to commits; see refs.h.
 */
#include "source/refs.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/path.h"
#include "base/suggest.h"
#include "base/vec.h"
#include "source/address.h"
#include "source/git.h"
#include "source/git_program.h"

enum { FOLDER_MAX = 100 }; /* bytes of a ref in a folder's name */

/* --- what is there -------------------------------------------------------------------------------------------------- */

static bool ask_library(struct repository *r, const char *spec, char commit[COMMIT_SIZE])
{
	git_object *found = NULL;

	if (git.revparse_single(&found, repository_library(r), spec) != 0)
		return false;
	git.oid_tostr(commit, COMMIT_SIZE, git.object_id(found));
	git.object_free(found);
	return true;
}

/* Where libgit2 does not read the repository, or not this way to write a commit. */
static bool ask_program(struct repository *r, const char *spec, char commit[COMMIT_SIZE])
{
	/* A name that a branch and a tag have is the tag, as with libgit2: no word about it. */
	const char *const words[] = { "-c",        "core.warnAmbiguousRefs=false",
				      "rev-parse", "--verify",
				      "--quiet",   "--end-of-options",
				      spec,        NULL };
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_ERR ignored = ERR_INIT;
	size_t len;

	if (!git_program(r->dir, words, &out, &ignored))
		return false;
	len = strspn(out.buf, "0123456789abcdef");
	if (len < 40 || len >= COMMIT_SIZE || out.buf[len] != '\n')
		return false;
	memcpy(commit, out.buf, len);
	commit[len] = '\0';
	return true;
}

static bool look(struct repository *r, const char *name, char commit[COMMIT_SIZE])
{
	const char *spec = arena_printf(&r->arena, "%s^{commit}", name);

	return (repository_library(r) && ask_library(r, spec, commit)) ||
	       ask_program(r, spec, commit);
}

/* All refs by their full names, in the repository's arena. */
static void list_refs(struct repository *r, struct strv *out)
{
	static const char *const words[] = { "for-each-ref", "--format=%(refname)", NULL };
	AUTO_STRBUF text = STRBUF_INIT;
	AUTO_ERR ignored = ERR_INIT;
	git_strarray list = { 0 };

	if (repository_library(r) && git.reference_list(&list, repository_library(r)) == 0) {
		for (size_t i = 0; i < list.count; i++)
			vec_push(out, arena_strdup(&r->arena, list.strings[i]));
		git.strarray_dispose(&list);
		return;
	}
	if (!git_program(r->dir, words, &text, &ignored))
		return;
	for (char *line = text.buf, *end; (end = strchr(line, '\n')); line = end + 1)
		vec_push(out, arena_strndup(&r->arena, line, (size_t)(end - line)));
}

/* --- names of ours --------------------------------------------------------------------------------------------------- */

/* "v1.26.0" -> 1, 26, 0; false for anything else, previews and candidates too. */
static bool read_version(const char *tag, long v[3])
{
	const char *p = tag + 1;

	if (*tag != 'v')
		return false;
	for (int i = 0; i < 3; i++) {
		char *end;

		v[i] = 0;
		if (i && !*p)
			continue;
		if (i && *p++ != '.')
			return false;
		if (*p < '0' || *p > '9')
			return false;
		v[i] = strtol(p, &end, 10);
		p = end;
		if (!i && !*p)
			return false;
	}
	return !*p;
}

static bool is_newer(const long a[3], const long b[3])
{
	for (int i = 0; i < 3; i++)
		if (a[i] != b[i])
			return a[i] > b[i];
	return false;
}

static bool find_stable(struct repository *r, char commit[COMMIT_SIZE])
{
	struct strv refs = { 0 };
	const char *best = NULL;
	long newest[3] = { 0 }, v[3];
	bool ok;

	list_refs(r, &refs);
	for (size_t i = 0; i < refs.count; i++) {
		const char *tag = path_below(refs.items[i], "refs/tags");

		if (!tag || !read_version(tag, v) || (best && !is_newer(v, newest)))
			continue;
		best = refs.items[i];
		memcpy(newest, v, sizeof(newest));
	}
	ok = best && look(r, best, commit);
	vec_free(&refs);
	return ok;
}

static bool find_preview(struct repository *r, char commit[COMMIT_SIZE])
{
	static const char *const theirs[] = { "refs/remotes/origin/HEAD",
					      "refs/remotes/origin/master",
					      "refs/remotes/origin/main", "refs/heads/master",
					      "refs/heads/main" };

	if (r->ours && look(r, "HEAD", commit))
		return true; /* it leads nowhere once upstream gave its branch another name */
	for (size_t i = 0; i < ARRAY_SIZE(theirs); i++)
		if (look(r, theirs[i], commit))
			return true;
	return false;
}

/* --- looking and fetching ------------------------------------------------------------------------------------------ */

/* A word of the command line, taken apart. */
struct wanted {
	const char *ref;
	const char *shown; /* the ref without passwords */
	const char *from;  /* whom it can be had from: a remote, an address; NULL: nobody */
	const char *what;  /* the name there */
	const char *into;  /* our name for what was fetched */
	bool by_address;   /* URL#BRANCH: only what was fetched counts */
	bool stable, preview;
};

static bool has_remote(struct repository *r, const char *name)
{
	const char *const words[] = { "config", "--get",
				      arena_printf(&r->arena, "remote.%s.url", name), NULL };
	AUTO_STRBUF url = STRBUF_INIT;
	AUTO_ERR ignored = ERR_INIT;

	return git_program(r->dir, words, &url, &ignored) && url.len > 1;
}

/*
 * "fork/a/b" -> the remote "fork" and "a/b" there, when there is such a remote ("fork/a" comes first: names of remotes may have
 * a '/'); else all of it from origin.
 */
static void take_remote(struct repository *r, struct wanted *w)
{
	w->from = "origin";
	w->what = w->ref;
	for (size_t n = strlen(w->ref); n-- > 1;) {
		const char *remote = arena_strndup(&r->arena, w->ref, n);

		if (w->ref[n] != '/' || !has_remote(r, remote))
			continue;
		w->from = remote;
		w->what = w->ref + n + 1;
		break;
	}
	w->into = arena_printf(&r->arena, "refs/mpflash/%s/%s", w->from, w->what);
}

static void take_apart(struct repository *r, const char *ref, struct wanted *w)
{
	const char *hash = strrchr(ref, '#'), *shown;
	struct digest d;
	char hex[DIGEST_HEX_SIZE], commit[COMMIT_SIZE];

	*w = (struct wanted){
		.ref = ref,
		.shown = address_public(&r->arena, ref),
		.stable = strcmp(ref, "stable") == 0,
		.preview = strcmp(ref, "preview") == 0,
		/* a branch may have a '#' in its name */
		.by_address = strstr(ref, "://") || (hash && !look(r, ref, commit)),
	};
	if (!w->by_address || w->stable || w->preview)
		return;
	w->from = arena_strndup(&r->arena, ref, hash ? (size_t)(hash - ref) : strlen(ref));
	w->from = address_absolute(&r->arena, w->from);
	w->what = hash && hash[1] ? hash + 1 : "HEAD";
	shown = address_public(&r->arena, w->from);
	d = digest_of(shown, strlen(shown));
	digest_hex(&d, hex);
	w->into = arena_printf(&r->arena, "refs/mpflash/url-%.12s/%s", hex, w->what);
}

/* *moves: what was found is a branch of somebody else's that we fetched, so it may be old. */
static bool find(struct repository *r, const struct wanted *w, char commit[COMMIT_SIZE],
		 bool *moves)
{
	*moves = r->ours || w->by_address;
	if (w->stable)
		return find_stable(r, commit);
	if (w->preview)
		return find_preview(r, commit);
	if (w->by_address)
		return look(r, w->into, commit);
	if (look(r, w->ref, commit)) {
		char branch[COMMIT_SIZE];

		/* In our clone branches move; tags and commits do not. */
		*moves = r->ours &&
			 look(r, arena_printf(&r->arena, "refs/heads/%s", w->ref), branch) &&
			 strcmp(branch, commit) == 0;
		return true;
	}
	return false;
}

/* Refs that we fetched before, by the user's word for them. */
static bool find_fetched(struct repository *r, struct wanted *w, char commit[COMMIT_SIZE])
{
	if (!w->into)
		take_remote(r, w);
	return look(r, w->into, commit);
}

/* In our clone all is fetched, and what is no branch and no tag there (pull/1/head, a commit) is asked for by name. */
static bool fetch_ours(struct repository *r, struct wanted *w, struct err *e)
{
	char commit[COMMIT_SIZE];

	if (!repository_fetch_all(r, e))
		return false;
	if (w->stable || w->preview || look(r, w->ref, commit))
		return true;
	take_remote(r, w);
	return repository_fetch(r, w->from, w->what, w->into, e);
}

static bool fetch(struct repository *r, struct wanted *w, struct err *e)
{
	if (w->what && w->what[strcspn(w->what, " *?[~^:\\")])
		return err_set(e, "'%s' is no name to fetch by", w->what);
	if (r->ours && !w->by_address)
		return fetch_ours(r, w, e);
	if (!w->from)
		return err_set(e, "nobody is known to fetch it from");
	if (strcmp(w->from, "origin") == 0 && !w->by_address && !has_remote(r, "origin"))
		return err_set(e, "there is no remote 'origin' to fetch it from");
	return repository_fetch(r, w->from, w->what, w->into, e);
}

/* The last part of each ref's name that people would type. */
static bool unknown(struct repository *r, const struct wanted *w, const char *why, struct err *e)
{
	static const char *const rooms[] = { "refs/heads", "refs/tags", "refs/remotes" };
	struct strv refs = { 0 }, names = { 0 };

	list_refs(r, &refs);
	vec_push(&names, "stable");
	vec_push(&names, "preview");
	for (size_t i = 0; i < refs.count; i++)
		for (size_t k = 0; k < ARRAY_SIZE(rooms); k++) {
			const char *below = path_below(refs.items[i], rooms[k]);

			if (below)
				vec_push(&names, below);
		}
	err_set(e, "there is no version '%s'%s%s%s", w->shown, why ? " (" : "", why ? why : "",
		why ? ")" : "");
	if (!suggest_hint(e, w->ref, names.items, names.count))
		err_hint(e,
			 "a tag, a branch, REMOTE/BRANCH, a commit, stable, preview or URL#BRANCH "
			 "stands after the @");
	vec_free(&refs);
	vec_free(&names);
	return false;
}

static bool renew(struct repository *r, struct wanted *w, bool there, const char **why)
{
	AUTO_ERR failed = ERR_INIT;

	if (fetch(r, w, &failed))
		return true;
	*why = arena_strdup(&r->arena, failed.msg);
	if (there)
		repository_say(r, "%s: what was fetched last is used", *why);
	return false;
}

bool ref_resolve(struct repository *r, const char *ref, char commit[COMMIT_SIZE], struct err *e)
{
	struct wanted w;
	bool there, moves;
	const char *why = NULL;

	if (!*ref || *ref == '-' || strchr(ref, '\n')) {
		err_usage(e, "'%s' is no version", ref);
		return err_hint(e, "for example RPI_PICO@v1.26.0");
	}
	take_apart(r, ref, &w);
	there = find(r, &w, commit, &moves);
	if (!there && !w.stable && !w.preview && !w.by_address && !r->ours)
		there = moves = find_fetched(r, &w, commit);
	if (there && (!moves || !repository_is_old(r, r->ours && !w.by_address ? "all" : w.into)))
		return true;
	if (r->offline || r->dry)
		return there ||
		       unknown(r, &w, r->offline ? "nothing is fetched with --offline" : NULL, e);
	if (!r->ours && (w.stable || w.preview))
		return unknown(r, &w, w.stable ? "no tag vX.Y.Z is here" : NULL, e);
	if (renew(r, &w, there, &why))
		there = find(r, &w, commit, &moves) || (w.into && look(r, w.into, commit));
	return there || unknown(r, &w, why, e);
}

void ref_folder(const char *ref, struct strbuf *out)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
				    "._-";
	struct digest d = digest_of(ref, strlen(ref));
	char hex[DIGEST_HEX_SIZE];
	bool odd = strlen(ref) > FOLDER_MAX;

	for (size_t i = 0; ref[i] && i < FOLDER_MAX; i++) {
		bool ok = strchr(plain, ref[i]) != NULL;

		odd = odd || (!ok && ref[i] != '/');
		strbuf_addch(out, ok ? ref[i] : ref[i] == '/' ? '+' : '-');
	}
	digest_hex(&d, hex);
	if (odd)
		strbuf_addf(out, "-%.8s", hex);
}
