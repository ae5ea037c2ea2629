/* SPDX-License-Identifier: MIT
 *
 * From a notification's numbers to paths. Paths are made absolute by text only: neither "." nor ".." nor a link is
 * resolved here, since that would cost system calls and the reader of the log has to follow links anyway.
 */
#include "os/trace/event.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "os/trace/calls.h"
#include "os/trace/command.h"
#include "os/trace/filter.h"
#include "os/trace/program.h"
#include "os/trace/target.h"

void event_init(struct event *ev)
{
	*ev = (struct event){ .program = STRBUF_INIT,
			      .command = STRBUF_INIT,
			      .escape = STRBUF_INIT };
	for (size_t i = 0; i < EVENT_PATHS_MAX; i++)
		ev->paths[i].path = (struct strbuf)STRBUF_INIT;
}

void event_finish(struct event *ev)
{
	strbuf_free(&ev->program);
	strbuf_free(&ev->command);
	strbuf_free(&ev->escape);
	for (size_t i = 0; i < EVENT_PATHS_MAX; i++)
		strbuf_free(&ev->paths[i].path);
}

struct strbuf *event_add(struct event *ev, const char *kinds)
{
	struct event_path *p = &ev->paths[ev->count];

	if (ev->count == EVENT_PATHS_MAX)
		BUG("an event with more than %d paths", EVENT_PATHS_MAX);
	ev->count++;
	p->kinds = kinds;
	strbuf_reset(&p->path);
	return &p->path;
}

static void drop_last(struct event *ev)
{
	ev->count--;
}

/*
 * Whether something was read. A process that is gone, and an address or a file that the kernel will refuse by itself,
 * are no concern of ours; one that we may not look at is.
 */
static bool was_read(struct event *ev, int number)
{
	if (number == EPERM || number == EACCES) {
		strbuf_reset(&ev->escape);
		strbuf_adds(&ev->escape, "the kernel does not let a program be looked at");
	}
	return number == 0;
}

bool event_absolute(struct event *ev, pid_t tid, int dir, struct strbuf *path)
{
	static const char unreachable[] = "(unreachable)";
	AUTO_STRBUF relative = STRBUF_INIT;

	if (path->buf[0] == '/')
		return true;
	strbuf_adds(&relative, path->buf);
	if (!was_read(ev, target_folder(tid, dir, path)))
		return false;
	if (!strncmp(path->buf, unreachable, sizeof(unreachable) - 1)) {
		strbuf_reset(&ev->escape);
		strbuf_adds(&ev->escape, "a program works in another root folder");
	}
	if (path->buf[0] != '/')
		return false; /* a pipe, a socket: the call will fail */
	if (!relative.len)
		return true;
	if (path->buf[path->len - 1] != '/')
		strbuf_addch(path, '/');
	strbuf_adds(path, relative.buf);
	return true;
}

static int argument(const struct seccomp_notif *n, int number)
{
	return (int)n->data.args[number];
}

static int dir_argument(const struct seccomp_notif *n, int number)
{
	return number == CALL_NONE ? AT_FDCWD : argument(n, number);
}

/*
 * The path in an argument, absolute, in `path`. An empty one means the open file itself when the call's flags say so
 * (`or_file`), and is an error of the caller else.
 */
static bool read_path(struct event *ev, const struct seccomp_notif *n, int dir, int number,
		      bool or_file, struct strbuf *path)
{
	pid_t tid = (pid_t)n->pid;

	if (!was_read(ev, target_text(tid, n->data.args[number], path)))
		return false;
	if (!path->len && !or_file)
		return false;
	return event_absolute(ev, tid, dir_argument(n, dir), path);
}

static void add_path(struct event *ev, const struct seccomp_notif *n, int dir, int number,
		     const char *kinds)
{
	struct strbuf *path = event_add(ev, kinds);

	if (!read_path(ev, n, dir, number, false, path))
		drop_last(ev);
}

/* What an open asks for. What it then reads from a file that it made or emptied is no input. */
static const char *open_kinds(uint64_t flags)
{
	bool fresh = (flags & O_TRUNC) || ((flags & O_CREAT) && (flags & O_EXCL));
	bool writes = (flags & O_ACCMODE) != O_RDONLY || (flags & (O_CREAT | O_TRUNC));
	bool reads = (flags & O_ACCMODE) != O_WRONLY && !fresh;

	if (flags & (O_PATH | O_DIRECTORY))
		return "s";
	if (writes)
		return reads ? "rw" : "w";
	return "r";
}

static void read_openat2(struct event *ev, const struct seccomp_notif *n, const struct call *c)
{
	struct open_how how;

	if (!was_read(ev, target_bytes((pid_t)n->pid, n->data.args[c->flags], &how, sizeof(how))))
		return;
	if (how.resolve & RESOLVE_IN_ROOT) {
		strbuf_reset(&ev->escape);
		strbuf_adds(&ev->escape, "a program opened a file below a root folder of its own");
	}
	add_path(ev, n, c->dir, c->path, open_kinds(how.flags));
}

/* What makes or removes a name only looks when it is, or is not, already there (`mkdir -p`, `rm -f`). */
static void add_name(struct event *ev, const struct seccomp_notif *n, int dir, int number,
		     const char *if_there, const char *if_not)
{
	struct strbuf *path = event_add(ev, if_not);

	if (!read_path(ev, n, dir, number, false, path))
		drop_last(ev);
	else if (faccessat(AT_FDCWD, path->buf, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		ev->paths[ev->count - 1].kinds = if_there;
}

static void read_list(struct event *ev, const struct seccomp_notif *n, const struct call *c)
{
	struct strbuf *path = event_add(ev, "l");

	if (!event_absolute(ev, (pid_t)n->pid, argument(n, c->dir), path))
		drop_last(ev);
}

static void read_exec(struct event *ev, const struct seccomp_notif *n, const struct call *c)
{
	bool or_file = c->flags != CALL_NONE && (argument(n, c->flags) & AT_EMPTY_PATH);
	AUTO_STRBUF path = STRBUF_INIT;

	target_forget_programs();
	if (!read_path(ev, n, c->dir, c->path, or_file, &path))
		return;
	program_read(ev, (pid_t)n->pid, &path);
	/* argv stands behind the path */
	command_read((pid_t)n->pid, path.buf, n->data.args[c->path + 1], &ev->command);
}

static void read_call(struct event *ev, const struct seccomp_notif *n, const struct call *c)
{
	switch (c->kind) {
	case CALL_OPEN:
		add_path(ev, n, c->dir, c->path, open_kinds(n->data.args[c->flags]));
		break;
	case CALL_OPENAT2:
		read_openat2(ev, n, c);
		break;
	case CALL_CREAT:
	case CALL_CHANGE:
		add_path(ev, n, c->dir, c->path, "w");
		break;
	case CALL_LOOK:
		add_path(ev, n, c->dir, c->path, "s");
		break;
	case CALL_EXEC:
		read_exec(ev, n, c);
		break;
	case CALL_LIST:
		read_list(ev, n, c);
		break;
	case CALL_NEW:
		add_name(ev, n, c->dir, c->path, "s", "w");
		break;
	case CALL_GONE:
		add_name(ev, n, c->dir, c->path, "w", "s");
		break;
	case CALL_RENAME: /* the content goes on under another name: it was read */
		add_name(ev, n, c->dir, c->path, "rw", "s");
		add_path(ev, n, c->dir2, c->path2, "w");
		break;
	case CALL_LINK:
		add_path(ev, n, c->dir, c->path, "r");
		add_name(ev, n, c->dir2, c->path2, "s", "w");
		break;
	case CALL_ESCAPE:
		strbuf_adds(&ev->escape, c->why);
		break;
	case CALL_REFUSE: /* answered by the filter */
		break;
	}
}

void event_read(struct event *ev, const struct seccomp_notif *n)
{
	const struct call *c = calls_find(n->data.nr);

	ev->count = 0;
	strbuf_reset(&ev->program);
	strbuf_reset(&ev->command);
	strbuf_reset(&ev->escape);
	if (n->data.arch != FILTER_ARCH) {
		strbuf_adds(&ev->escape, "a 32-bit program ran");
	} else if (c) {
		read_call(ev, n, c);
	} else if (n->data.nr != -1) {
		strbuf_adds(&ev->escape, "a program of the x32 kind ran");
	}
	if (ev->count && !ev->program.len)
		was_read(ev, target_program((pid_t)n->pid, &ev->program));
}
