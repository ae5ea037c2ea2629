/* SPDX-License-Identifier: MIT
 *
 * A folder of its own for one test; see scratch.h.
 */
#include "scratch.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/path.h"
#include "base/vec.h"
#include "os/fs.h"
#include "os/process.h"

void must(bool ok, const struct err *e)
{
	if (!ok)
		fail_msg("%s", e->msg ? e->msg : "failed without a message");
}

void assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("'%s' is not in '%s'", part, text);
}

void assert_lacks(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("'%s' is in '%s'", part, text);
}

void assert_err(const struct err *e, const char *message, const char *hint)
{
	assert_non_null(e->msg);
	assert_has(e->msg, message);
	if (hint) {
		assert_non_null(e->hint);
		assert_has(e->hint, hint);
	} else {
		assert_null(e->hint);
	}
}

void assert_aborts(void (*fn)(void))
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		const struct rlimit no_core = { 0, 0 };
		int null = open("/dev/null", O_WRONLY);

		setrlimit(RLIMIT_CORE, &no_core);
		dup2(null, STDERR_FILENO);
		fn();
		_exit(0);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
}

struct scratch *scratch_create(void)
{
	const char *base = getenv("TMPDIR");
	struct scratch *s = xcalloc(1, sizeof(*s));
	char *name =
		arena_printf(&s->arena, "%s/mpflash-unit-XXXXXX", base && *base ? base : "/tmp");

	if (!mkdtemp(name))
		fail_msg("cannot make %s", name);
	s->dir = fs_realpath(name);
	return s;
}

void scratch_destroy(struct scratch *s)
{
	struct err e = ERR_INIT;

	must(fs_remove_tree(s->dir, &e), &e);
	err_free(&s->err);
	arena_free(&s->arena);
	free(s->dir);
	free(s);
}

int scratch_setup(void **state)
{
	*state = scratch_create();
	return 0;
}

int scratch_teardown(void **state)
{
	scratch_destroy(*state);
	return 0;
}

const char *scratch_path(struct scratch *s, const char *name)
{
	return path_join(&s->arena, s->dir, name);
}

void scratch_mkdir(struct scratch *s, const char *name)
{
	AUTO_ERR e = ERR_INIT;

	must(fs_mkdirs(scratch_path(s, name), &e), &e);
}

void scratch_put_bytes(struct scratch *s, const char *name, const void *data, size_t len)
{
	AUTO_ERR e = ERR_INIT;
	const char *path = scratch_path(s, name);
	FILE *f;

	must(fs_mkdirs(path_dir(&s->arena, path), &e), &e);
	/* In place, as an editor does it: the same inode. */
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

void scratch_put(struct scratch *s, const char *name, const char *text)
{
	scratch_put_bytes(s, name, text, strlen(text));
}

const char *scratch_text(struct scratch *s, const char *name)
{
	AUTO_STRBUF text = STRBUF_INIT;
	AUTO_ERR e = ERR_INIT;

	must(fs_read(&text, scratch_path(s, name), 64 << 20, &e), &e);
	return arena_strndup(&s->arena, text.buf, text.len);
}

void scratch_date(struct scratch *s, const char *name, int64_t mtime_ns)
{
	const struct timespec t[2] = {
		{ .tv_nsec = UTIME_OMIT },
		{ .tv_sec = mtime_ns / 1000000000, .tv_nsec = (long)(mtime_ns % 1000000000) },
	};

	assert_int_equal(utimensat(AT_FDCWD, scratch_path(s, name), t, AT_SYMLINK_NOFOLLOW), 0);
}

static void list_below(const char *dir, const char *prefix, struct strbuf *out)
{
	AUTO_ARENA a = ARENA_INIT;
	AUTO_ERR e = ERR_INIT;
	struct fs_list l;

	must(fs_list(&l, dir, &e), &e);
	for (size_t i = 0; i < l.count; i++) {
		const char *name = arena_printf(&a, "%s%s", prefix, l.names[i]);

		strbuf_addf(out, "%s%s ", name, l.types[i] == FS_DIR ? "/" : "");
		if (l.types[i] == FS_DIR)
			list_below(path_join(&a, dir, l.names[i]), arena_printf(&a, "%s/", name),
				   out);
	}
	fs_list_free(&l);
}

const char *scratch_list(struct scratch *s, const char *name)
{
	AUTO_STRBUF out = STRBUF_INIT;

	list_below(scratch_path(s, name), "", &out);
	return arena_strdup(&s->arena, out.buf);
}

static const char *run(struct scratch *s, const char *cwd, const char *const *argv,
		       const char *const *env)
{
	struct process_spec spec = { .argv = argv, .env = env, .cwd = scratch_path(s, cwd) };
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_ERR e = ERR_INIT;
	struct process_exit x;

	must(process_run(&spec, 60000, &out, &x, &e), &e);
	if (x.code != 0)
		fail_msg("%s %s: exit status %d: %s", argv[0], argv[1], x.code, out.buf);
	return arena_strdup(&s->arena, out.buf);
}

const char *scratch_run(struct scratch *s, const char *cwd, const char *const *argv)
{
	return run(s, cwd, argv, NULL);
}

const char *scratch_git(struct scratch *s, const char *cwd, const char *const *argv)
{
	const char *const env[] = {
		arena_printf(&s->arena, "PATH=%s", getenv("PATH")),
		arena_printf(&s->arena, "HOME=%s", s->dir),
		"LC_ALL=C",
		"GIT_CONFIG_NOSYSTEM=1",
		"GIT_CONFIG_COUNT=2",
		"GIT_CONFIG_KEY_0=init.defaultBranch",
		"GIT_CONFIG_VALUE_0=main",
		"GIT_CONFIG_KEY_1=protocol.file.allow",
		"GIT_CONFIG_VALUE_1=always",
		"GIT_AUTHOR_NAME=A",
		"GIT_AUTHOR_EMAIL=a@example.org",
		"GIT_COMMITTER_NAME=A",
		"GIT_COMMITTER_EMAIL=a@example.org",
		"GIT_AUTHOR_DATE=1700000000 +0000",
		"GIT_COMMITTER_DATE=1700000000 +0000",
		NULL,
	};

	return run(s, cwd, argv, env);
}
