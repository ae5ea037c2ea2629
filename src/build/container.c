/* SPDX-License-Identifier: MIT
 *
 * The container builders: the same make, in an image, by docker or podman. Every word is an argv word; no shell sees any. The
 * container has the tree to read, its work folder to write, no devices, no terminal, and a network only if the rules say so.
 *
 * A client that is killed does not tell its engine. So the container's first process (mpflash-trace --inside) ends when its
 * standard input does, which is a pipe that we hold; and it holds a lock as long as anything runs in there.
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "build/builder.h"
#include "build/engine.h"
#include "os/clock.h"
#include "os/fs.h"
#include "os/lock.h"
#include "os/process.h"
#include "os/trace.h"

enum { SETTLE_MS = 5000, LOOK_MS = 10, NAME_MAX_BYTES = 4096 };

/* --- what is left of others ------------------------------------------------------------------------------------- */

static bool is_running(const struct build_container *c)
{
	AUTO_STRBUF holder = STRBUF_INIT;

	return lock_is_held(c->lock, &holder);
}

/* The file stays the same one: whoever has it mounted locks what we look at. */
static bool write_name(const struct build_container *c, const char *name, struct err *e)
{
	AUTO_FD fd = open(c->lock, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	size_t len = strlen(name);

	if (fd >= 0 && ftruncate(fd, 0) == 0 && write(fd, name, len) == (ssize_t)len)
		return true;
	return err_sys(e, errno, "cannot write %s", c->lock);
}

/* False when something still runs after a while. */
static bool wait_until_over(const struct build_container *c)
{
	for (int64_t deadline = clock_ms() + SETTLE_MS; is_running(c); clock_sleep_ms(LOOK_MS))
		if (clock_ms() >= deadline)
			return false;
	return true;
}

/*
 * One that is over stands in nobody's way, though it cannot be removed: no name is used twice. The next run tries again. The
 * lock has the last word: an engine that knows no such container may not be the one that runs it.
 */
static bool remove_by_name(const struct build_container *c, const char *name, struct err *e)
{
	AUTO_ERR untold = ERR_INIT;
	bool removed = engine_remove(c->engine, name, &untold);

	if (wait_until_over(c))
		return !removed || write_name(c, "", e);
	err_set(e, "the container %s does not end: %s", name,
		removed ? "it is not one of this engine" : untold.msg);
	return err_hint(e, "%s kill %s",
			removed ? "docker or podman, whichever runs it:" : engine_name(c->engine),
			name);
}

bool container_clear(const struct build_container *c, struct err *e)
{
	AUTO_STRBUF name = STRBUF_INIT;

	if (!fs_exists(c->lock))
		return write_name(c, "", e);
	if (!fs_read(&name, c->lock, NAME_MAX_BYTES, e))
		return false;
	if (!name.len && !is_running(c))
		return true;
	return remove_by_name(c, name.len ? name.buf : c->name, e);
}

bool container_settle(const struct build_container *c, bool told, struct err *e)
{
	if (wait_until_over(c) && told)
		return write_name(c, "", e);
	return remove_by_name(c, c->name, e);
}

/* --- the words -------------------------------------------------------------------------------------------------- */

static bool user_words(const struct build_container *c, struct arena *a, struct strv *out,
		       struct err *e)
{
	bool rootless;

	if (!engine_is_rootless(c->engine, &rootless, e))
		return false;
	/* Without root, user 0 in there is us; with it, the numbers are the same inside and outside. */
	vec_push(out, "--user");
	vec_push(out,
		 rootless ? "0:0" : arena_printf(a, "%ld:%ld", (long)geteuid(), (long)getegid()));
	return true;
}

static bool run_words(const struct build_job *job, struct arena *a, struct strv *out, struct err *e)
{
	static const char *const fixed[] = {
		"run",
		"--rm",
		"-i",
		"--pull=never",
		"--hostname=mpflash",
		"--log-driver=none",
		"--security-opt=label=disable", /* SELinux would have us label the tree anew */
	};
	const struct build_container *c = job->container;

	vec_push(out, engine_program(c->engine));
	for (size_t i = 0; i < ARRAY_SIZE(fixed); i++)
		vec_push(out, fixed[i]);
	if (strcmp(engine_name(c->engine), "podman") == 0)
		vec_push(out, "--http-proxy=false");
	if (!c->network) {
		vec_push(out, "--network");
		vec_push(out, "none");
	}
	vec_push(out, "--name");
	vec_push(out, c->name);
	if (!user_words(c, a, out, e))
		return false;
	for (const char *const *v = job->env; *v; v++) {
		vec_push(out, "--env");
		vec_push(out, *v);
	}
	for (size_t i = 0; i < c->mounts.items.count; i++)
		if (!mount_words(&c->mounts.items.items[i], a, out, e))
			return false;
	vec_push(out, "--workdir");
	vec_push(out, job->cwd);
	vec_push(out, c->image);
	trace_inside_words(c->helper, c->lock, c->fifo, out);
	for (const char *const *w = job->argv; *w; w++)
		vec_push(out, *w);
	vec_push(out, NULL);
	return true;
}

/* --- running ---------------------------------------------------------------------------------------------------- */

static pid_t start(const struct build_job *job, const struct strv *argv, struct err *e)
{
	AUTO_FD log = open(job->log_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	struct process_spec spec = {
		.argv = argv->items,
		.out_fd = log,
		.hold_fd = job->alive_fd,
	};

	if (log >= 0)
		return process_start(&spec, e);
	err_sys(e, errno, "cannot write the log %s", job->log_path);
	return -1;
}

static pid_t container_start(const struct build_job *job, struct err *e)
{
	AUTO_ARENA a = ARENA_INIT;
	struct strv argv = { 0 };
	pid_t pid = -1;

	if (run_words(job, &a, &argv, e) && write_name(job->container, job->container->name, e))
		pid = start(job, &argv, e);
	vec_free(&argv);
	return pid;
}

const struct builder docker_builder = {
	.name = "docker",
	.title = "a container of docker",
	.contains = true,
	.start = container_start,
};

const struct builder podman_builder = {
	.name = "podman",
	.title = "a container of podman",
	.contains = true,
	.start = container_start,
};
