/* SPDX-License-Identifier: MIT
 *
 * The jobserver over pipes. Makes disagree about the reading end: 4.3 sets it non-blocking for all who share it (its
 * src/posixos.c, jobserver_parse_auth), 3.81 fails when it is. So makes get a description of their own, which is left
 * as they want it, and we read through another one that never waits.
 */
#include "os/jobserver.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "base/strbuf.h"
#include "base/xalloc.h"
#include "os/fs.h"

static const char fifo_prefix[] = "jobs-";

struct jobserver {
	int jobs;            /* 0: a joined pool, whose size we do not know */
	int fds[2];          /* the pipe that makes share; -1, -1: the named form */
	int read_fd;         /* ours: never waits */
	int write_fd;        /* ours, or fds[1] */
	char *fifo;          /* the named pipe; NULL: the pipe form */
	bool own_token;      /* joined: the one that is ours by itself was taken */
	struct strbuf taken; /* the tokens that we hold: each is put back as it was */
};

static struct jobserver *new_jobserver(void)
{
	struct jobserver *j = xcalloc(1, sizeof(*j));

	*j = (struct jobserver){
		.fds = { -1, -1 }, .read_fd = -1, .write_fd = -1, .taken = STRBUF_INIT
	};
	return j;
}

static void fill(struct jobserver *j, int count)
{
	for (int i = 0; i < count; i++)
		while (write(j->write_fd, "+", 1) < 0 && errno == EINTR)
			;
}

/* --- making ------------------------------------------------------------------------------------------------- */

/* Our own way to read a pipe that others may have open as they like. */
static int open_reader(int fd)
{
	char path[32];
	int own;

	snprintf(path, sizeof(path), "/dev/fd/%d", fd);
	own = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (own >= 0 && fcntl(own, F_GETFL) & O_NONBLOCK)
		return own;
	/* No such file system (or it hands out the same description): make 4.3 does this itself. */
	if (own < 0)
		own = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (own >= 0)
		fcntl(own, F_SETFL, fcntl(own, F_GETFL) | O_NONBLOCK);
	return own;
}

static bool create_pipe(struct jobserver *j, struct err *e)
{
	if (pipe(j->fds) < 0) {
		j->fds[0] = j->fds[1] = -1;
		return err_sys(e, errno, "cannot make a pipe");
	}
	fcntl(j->fds[0], F_SETFD, FD_CLOEXEC);
	fcntl(j->fds[1], F_SETFD, FD_CLOEXEC);
	j->write_fd = j->fds[1];
	j->read_fd = open_reader(j->fds[0]);
	return j->read_fd >= 0 || err_sys(e, errno, "cannot open a pipe again");
}

/* Named pipes that nobody has open were left by a process that was killed. */
static void remove_left_fifos(const char *dir)
{
	AUTO_ERR ignored = ERR_INIT;
	AUTO_ARENA a = ARENA_INIT;
	struct fs_list list;

	if (!fs_list(&list, dir, &ignored))
		return;
	for (size_t i = 0; i < list.count; i++) {
		const char *path = path_join(&a, dir, list.names[i]);
		int fd;

		if (list.types[i] != FS_OTHER ||
		    strncmp(list.names[i], fifo_prefix, strlen(fifo_prefix)) != 0)
			continue;
		fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
		if (fd >= 0)
			close(fd);
		else if (errno == ENXIO)
			unlink(path);
	}
	fs_list_free(&list);
}

/* It gets its name once it is open, so that nobody takes it for one that was left. */
static bool create_fifo(struct jobserver *j, const char *dir, struct err *e)
{
	AUTO_STRBUF path = STRBUF_INIT, temp = STRBUF_INIT;
	static unsigned count;

	remove_left_fifos(dir);
	strbuf_addf(&path, "%s/%s%ld-%u", dir, fifo_prefix, (long)getpid(), count);
	strbuf_addf(&temp, "%s/.%s%ld-%u", dir, fifo_prefix, (long)getpid(), count++);
	unlink(temp.buf);
	if (mkfifo(temp.buf, 0600) < 0)
		return err_sys(e, errno, "cannot make the named pipe %s", temp.buf);
	/* For both: so it never comes to its end, and opening it does not wait for anybody. */
	j->read_fd = j->write_fd = open(temp.buf, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (j->read_fd < 0 || rename(temp.buf, path.buf) < 0) {
		err_sys(e, errno, "cannot open the named pipe %s", path.buf);
		unlink(temp.buf);
		return false;
	}
	j->fifo = strbuf_detach(&path);
	return true;
}

struct jobserver *jobserver_create(int jobs, const char *fifo_dir, struct err *e)
{
	struct jobserver *j = new_jobserver();

	if (jobs < 1 || jobs > JOBSERVER_MAX)
		BUG("a pool of %d tokens", jobs);
	j->jobs = jobs;
	if (!(fifo_dir ? create_fifo(j, fifo_dir, e) : create_pipe(j, e))) {
		jobserver_destroy(j);
		return NULL;
	}
	fill(j, jobs);
	return j;
}

struct jobserver *jobserver_create_both(int jobs, const char *fifo_dir, struct err *e)
{
	struct jobserver *j = jobserver_create(jobs, fifo_dir, e);

	if (!j)
		return NULL;
	/* A description of the makes' own: see above. */
	j->fds[0] = j->fds[1] = open(j->fifo, O_RDWR | O_CLOEXEC);
	if (j->fds[0] >= 0)
		return j;
	err_sys(e, errno, "cannot open the named pipe %s", j->fifo);
	jobserver_destroy(j);
	return NULL;
}

const char *jobserver_fifo(const struct jobserver *j)
{
	return j->fifo;
}

void jobserver_destroy(struct jobserver *j)
{
	if (!j)
		return;
	while (!j->jobs && (j->own_token || j->taken.len))
		jobserver_put(j);
	if (j->jobs && j->fifo)
		unlink(j->fifo);
	if (j->write_fd >= 0 && j->write_fd != j->read_fd && j->write_fd != j->fds[1])
		close(j->write_fd);
	if (j->read_fd >= 0)
		close(j->read_fd);
	for (int i = 0; i < 2 && j->jobs; i++)
		if (j->fds[i] >= 0 && (!i || j->fds[1] != j->fds[0]))
			close(j->fds[i]);
	strbuf_free(&j->taken);
	free(j->fifo);
	free(j);
}

/* --- joining ------------------------------------------------------------------------------------------------ */

/* The last word of that name: make puts what counts at the end. */
static const char *last_value(const char *makeflags, const char *name)
{
	const char *found = NULL, *p = makeflags;

	while ((p = strstr(p, name))) {
		bool starts = p == makeflags || p[-1] == ' ';

		p += strlen(name);
		if (starts)
			found = p;
	}
	return found;
}

/*
 * A make that did not take us for a make closed its pipe before it started us, and the numbers may mean anything by now:
 * only the two ends of one pipe will do.
 */
static bool is_a_pipe(const int fds[2])
{
	struct stat in, out;
	int in_flags = fcntl(fds[0], F_GETFL), out_flags = fcntl(fds[1], F_GETFL);

	return in_flags >= 0 && out_flags >= 0 && fstat(fds[0], &in) == 0 &&
	       fstat(fds[1], &out) == 0 && S_ISFIFO(in.st_mode) && in.st_dev == out.st_dev &&
	       in.st_ino == out.st_ino && (in_flags & O_ACCMODE) != O_WRONLY &&
	       (out_flags & O_ACCMODE) != O_RDONLY;
}

static bool join_pipe(struct jobserver *j, const char *auth)
{
	char *end;
	long in, out;

	in = strtol(auth, &end, 10);
	if (end == auth || *end != ',' || in < 0 || in > JOBSERVER_MAX)
		return false;
	auth = end + 1;
	out = strtol(auth, &end, 10);
	if (end == auth || (*end && *end != ' ') || out < 0 || out > JOBSERVER_MAX)
		return false;
	j->fds[0] = (int)in;
	j->fds[1] = (int)out;
	if (!is_a_pipe(j->fds))
		return false;
	j->write_fd = j->fds[1];
	j->read_fd = open_reader(j->fds[0]);
	return j->read_fd >= 0;
}

static bool join_fifo(struct jobserver *j, const char *path)
{
	struct stat st;

	j->fifo = xstrndup(path, strcspn(path, " "));
	j->read_fd = j->write_fd = open(j->fifo, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	return j->read_fd >= 0 && fstat(j->read_fd, &st) == 0 && S_ISFIFO(st.st_mode);
}

struct jobserver *jobserver_join(const char *makeflags)
{
	struct jobserver *j;
	const char *auth;
	bool ok;

	if (!makeflags)
		return NULL;
	auth = last_value(makeflags, "--jobserver-auth=");
	if (!auth)
		auth = last_value(makeflags, "--jobserver-fds=");
	if (!auth)
		return NULL;
	j = new_jobserver();
	ok = strncmp(auth, "fifo:", 5) == 0 ? join_fifo(j, auth + 5) : join_pipe(j, auth);
	if (ok)
		return j;
	jobserver_destroy(j);
	return NULL;
}

/* --- tokens ------------------------------------------------------------------------------------------------- */

bool jobserver_take(struct jobserver *j)
{
	ssize_t n;
	char c;

	if (!j->jobs && !j->own_token) {
		j->own_token = true;
		return true;
	}
	do {
		n = read(j->read_fd, &c, 1);
	} while (n < 0 && errno == EINTR);
	if (n == 1)
		strbuf_addch(&j->taken, c);
	return n == 1;
}

void jobserver_put(struct jobserver *j)
{
	ssize_t n;

	if (!j->taken.len) {
		if (!j->own_token)
			BUG("a token is put back that nobody took");
		j->own_token = false;
		return;
	}
	do {
		n = write(j->write_fd, j->taken.buf + j->taken.len - 1, 1);
	} while (n < 0 && errno == EINTR);
	strbuf_set_len(&j->taken, j->taken.len - 1);
}

int jobserver_wait_fd(const struct jobserver *j)
{
	return j->read_fd;
}

int jobserver_refill(struct jobserver *j, int held)
{
	int there = 0, missing;
	char c;

	if (!j->jobs || ioctl(j->read_fd, FIONREAD, &there) < 0)
		return 0;
	missing = j->jobs - held - there;
	if (missing > 0)
		fill(j, missing);
	/* A program that put back more than it took would have us run too much at once. */
	for (int i = missing; i < 0; i++)
		if (read(j->read_fd, &c, 1) != 1)
			break;
	return missing > 0 ? missing : 0;
}

/* --- for makes ---------------------------------------------------------------------------------------------- */

const char *jobserver_makeflags(const struct jobserver *j, struct arena *a)
{
	if (j->fifo && j->fds[0] < 0)
		return arena_printf(a, " -j --jobserver-auth=fifo:%s", j->fifo);
	/* make before 4.2 has the first name; later ones take the last word of both. */
	return arena_printf(a, " -j --jobserver-fds=%d,%d --jobserver-auth=%d,%d", j->fds[0],
			    j->fds[1], j->fds[0], j->fds[1]);
}

int jobserver_fds(const struct jobserver *j, int fds[2])
{
	if (j->fds[0] < 0)
		return 0;
	fds[0] = j->fds[0];
	fds[1] = j->fds[1];
	return fds[0] == fds[1] ? 1 : 2;
}
