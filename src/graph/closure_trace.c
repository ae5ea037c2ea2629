/* SPDX-License-Identifier: MIT
 *
 * From the log of a trace to a closure: links are followed, what cannot matter is left out.
 */
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "build/readers.h"
#include "graph/closure_internal.h"
#include "os/trace.h"

/* What no build can depend on, and why. Files of the tree are never among them. */
static const struct {
	const char *path;
	const char *why;
} ignored[] = {
	{ "/proc", "what runs at the moment" },
	{ "/sys", "the machine's devices" },
	{ "/dev", "devices have no content of their own" },
	{ "/run/lock", "what runs at the moment" },
	{ "/run/nscd", "what runs at the moment" },
	{ "/run/systemd", "what runs at the moment" },
	{ "/run/utmp", "who is logged in" },
	{ "/etc/ld.so.cache", "an index of libraries, which count themselves" },
	{ "/etc/mtab", "what is mounted at the moment" },
};

/* What a build leaves there comes and goes with it; tools and headers that lie there count. */
static const char *const temporary[] = { "/tmp", "/var/tmp", "/dev/shm" };

/* A path that was asked for. */
struct asked {
	const char *path; /* without links */
	bool read, written, listed;
	bool direct; /* by its own name */
	bool beside; /* by climbing out of the tree: in another checkout the same words mean another path */
	uint8_t readers;
};

struct reading {
	struct session *s;
	struct arena arena;
	struct map types; /* path -> enum fs_type + 1, or GONE */
	struct map asked; /* path -> struct asked */
	VEC(struct asked *) list;
	struct closure *out;
	const struct mounts *shown; /* NULL: all of this machine */
	char *work, *cache;         /* with links resolved */
};

enum { GONE = 100, MAX_LINKS = 40 };

static size_t type_of(struct reading *r, const char *path)
{
	size_t type = (size_t)map_get(&r->types, path);
	struct fs_stat st;

	if (type)
		return type;
	type = fs_lstat(path, &st) ? (size_t)st.type + 1 : GONE;
	map_put(&r->types, arena_strdup(&r->arena, path), (void *)type);
	return type;
}

static bool is_ignored(const struct reading *r, const char *path)
{
	const char *tree = path_below(path, r->s->tree.root);

	/* A worktree of ours lies below the work folders' root, and is a tree all the same. */
	bool in_work = tree && r->work && path_below(r->s->tree.root, r->work);

	if (!in_work && r->work && path_below(path, r->work))
		return true;
	if (strstr(path, "/__pycache__") || (r->cache && !tree && path_below(path, r->cache)))
		return true;
	if (tree) /* a folder that -o names may hold sources */
		return path_below(tree, "build-mpflash") || strncmp(tree, ".git/", 5) == 0 ||
		       strcmp(tree, ".git") == 0 || strstr(tree, "/.git/") ||
		       (strlen(tree) > 5 && strcmp(tree + strlen(tree) - 5, "/.git") == 0) ||
		       (r->cache && path_below(r->cache, r->s->tree.root) &&
			path_below(path, r->cache));
	if (path_below(path, "/dev/shm")) /* a disk in memory: trees and tools may lie there */
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(ignored); i++)
		if (path_below(path, ignored[i].path))
			return true;
	return false;
}

/* `from_tree`: what led there began in the tree. */
static struct asked *ask(struct reading *r, const char *path, bool from_tree)
{
	struct asked *asked = map_get(&r->asked, path);

	if (!asked) {
		asked = ARENA_NEW(&r->arena, struct asked);
		asked->path = arena_strdup(&r->arena, path);
		map_put(&r->asked, asked->path, asked);
		vec_push(&r->list, asked);
	}
	if (from_tree && !path_below(path, r->s->tree.root))
		asked->beside = true;
	else
		asked->direct = true;
	return asked;
}

static void strip_last(struct strbuf *path)
{
	while (path->len && path->buf[path->len - 1] != '/')
		strbuf_set_len(path, path->len - 1);
	if (path->len)
		strbuf_set_len(path, path->len - 1);
}

/* What stands behind a name that is not there. */
static void add_rest(struct strbuf *path, const char *rest)
{
	size_t kept = path->len;

	while (*rest) {
		size_t len = strcspn(rest, "/");

		if (len == 2 && memcmp(rest, "..", 2) == 0) {
			strbuf_set_len(path, kept); /* nobody can say where that leads */
			return;
		}
		if (len && !(len == 1 && *rest == '.')) {
			strbuf_addch(path, '/');
			strbuf_add(path, rest, len);
		}
		rest += len + (rest[len] == '/');
	}
}

/* A path of a container's image is not looked up here: this machine has other files by that name, or none. */
static bool may_look(const struct reading *r, const char *path)
{
	return !r->shown || mounts_show(r->shown, path) || mounts_lead_through(r->shown, path);
}

/*
 * The path without links into `path` (reset first; "" for the root, and for what is not of this machine); each link on the way is asked for too. Returns
 * whether the way began in the tree.
 */
static bool follow(struct reading *r, const char *raw, struct strbuf *path)
{
	bool from_tree = path_below(raw, r->s->tree.root) != NULL;
	AUTO_STRBUF rest = STRBUF_INIT;
	AUTO_ERR ignored_error = ERR_INIT;
	size_t at = 0;
	int links = 0;

	strbuf_reset(path);
	strbuf_adds(&rest, raw);
	while (at < rest.len) {
		const char *name = rest.buf + at;
		size_t len = strcspn(name, "/"), before = path->len, type;

		at += len + (name[len] == '/');
		if (!len || (len == 1 && *name == '.'))
			continue;
		if (len == 2 && memcmp(name, "..", 2) == 0) {
			strip_last(path);
			continue;
		}
		strbuf_addch(path, '/');
		strbuf_add(path, name, len);
		if (!may_look(r, path->buf)) {
			strbuf_reset(path);
			break;
		}
		type = type_of(r, path->buf);
		if (type == GONE) {
			add_rest(path, rest.buf + at);
			break;
		}
		if (type == FS_LINK + 1 && links++ < MAX_LINKS) {
			AUTO_STRBUF text = STRBUF_INIT;

			if (!is_ignored(r, path->buf))
				ask(r, path->buf, from_tree)->read = true;
			if (!fs_read_link(path->buf, &text, &ignored_error))
				break;
			from_tree = from_tree && text.buf[0] != '/';
			strbuf_addf(&text, "/%s", rest.buf + at);
			strbuf_set_len(path, text.buf[0] == '/' ? 0 : before);
			strbuf_reset(&rest);
			strbuf_adds(&rest, text.buf);
			at = 0;
		}
	}
	return from_tree;
}

static bool is_plainly_ignored(const char *raw)
{
	return strncmp(raw, "/proc/", 6) == 0 || strncmp(raw, "/sys/", 5) == 0 ||
	       (strncmp(raw, "/dev/", 5) == 0 && !path_below(raw, "/dev/shm"));
}

static void add_event(struct reading *r, const struct trace_event *event, struct strbuf *path)
{
	struct asked *asked;
	bool from_tree;

	if (event->path[0] != '/' || is_plainly_ignored(event->path))
		return;
	from_tree = follow(r, event->path, path);
	if (!path->len || is_ignored(r, path->buf) ||
	    (r->shown && !mounts_show(r->shown, path->buf)))
		return;
	asked = ask(r, path->buf, from_tree);
	asked->written = asked->written || event->kind == TRACE_WRITE;
	asked->read = asked->read || event->kind != TRACE_WRITE;
	asked->listed = asked->listed || event->kind == TRACE_LIST;
	if (event->kind == TRACE_READ || event->kind == TRACE_EXEC)
		asked->readers |= (uint8_t)reader_of(event->program);
}

/* Temporary files: those that a build made itself, and names that it tried. */
static bool is_temporary(struct reading *r, const struct asked *asked)
{
	for (size_t i = 0; i < ARRAY_SIZE(temporary); i++) {
		const char *dir;

		if (!path_below(asked->path, temporary[i]) ||
		    path_below(asked->path, r->s->tree.root))
			continue;
		dir = path_dir(&r->arena, asked->path);
		return asked->written || strcmp(asked->path, temporary[i]) == 0 ||
		       (type_of(r, asked->path) == GONE &&
			(strcmp(dir, temporary[i]) == 0 || type_of(r, dir) == GONE));
	}
	return false;
}

static void add_entry(struct reading *r, const struct asked *asked, const char *path)
{
	vec_push(&r->out->entries,
		 (struct closure_entry){
			 .path = path,
			 .kind = asked->listed ? MANIFEST_LISTING : MANIFEST_CONTENT,
			 .readers = asked->readers,
		 });
}

static void add_asked(struct reading *r, const struct asked *asked, const char **spoiled)
{
	if (is_temporary(r, asked) || !asked->read)
		return;
	/* The way to the tree: another checkout has another one. */
	if (!asked->listed && asked->path[1] && path_below(r->s->tree.root, asked->path) &&
	    strcmp(asked->path, r->s->tree.root) != 0)
		return;
	/* Written and gone again is nobody's input. */
	if (asked->written && type_of(r, asked->path) == GONE)
		return;
	if (asked->written && type_of(r, asked->path) == FS_FILE + 1 && !*spoiled &&
	    !(r->shown && mounts_hide(r->shown, asked->path)))
		*spoiled = arena_strdup(&r->s->arena, asked->path);
	if (asked->direct)
		add_entry(r, asked, closure_spell(r->s, asked->path, &r->out->arena));
	if (asked->beside)
		add_entry(r, asked, closure_spell_beside(r->s, asked->path, &r->out->arena));
}

static void read_events(struct reading *r, const struct trace_log *log, const char **spoiled)
{
	AUTO_STRBUF path = STRBUF_INIT;

	for (size_t i = 0; i < log->events.count; i++)
		add_event(r, &log->events.items[i], &path);
	for (size_t i = 0; i < r->list.count; i++)
		add_asked(r, r->list.items[i], spoiled);
}

bool closure_from_trace(struct session *s, const char *log_path, const struct mounts *shown,
			struct closure *out, const char **spoiled, const char **why, struct err *e)
{
	struct reading r = { .s = s, .out = out, .shown = shown };
	struct trace_log log = { 0 };

	*spoiled = *why = NULL;
	if (!trace_read(&log, log_path, e)) {
		*why = arena_strdup(&s->arena, e->msg);
		err_free(e);
		return true;
	}
	if (log.complete) {
		r.work = fs_realpath(s->work_root);
		r.cache = fs_realpath(s->cache_dir);
		read_events(&r, &log, spoiled);
	} else {
		*why = arena_strdup(&s->arena, log.why ? log.why : "the log has no end");
	}
	free(r.work);
	free(r.cache);
	map_free(&r.types);
	map_free(&r.asked);
	vec_free(&r.list);
	arena_free(&r.arena);
	trace_free(&log);
	return true;
}
