/* SPDX-License-Identifier: MIT
 *
 * Running git; see git_program.h.
 */
#include "source/git_program.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/vec.h"
#include "os/process.h"

enum { TIMEOUT_MS = 120000 };

/*
 * Options before the command. The owner of the tree is not asked, as with libgit2 (git.c): nothing of it is run,
 * fsmonitor hooks neither.
 */
static const char *const options[] = {
	"git", "--no-optional-locks", "-c", "safe.directory=*", "-c", "core.fsmonitor=false",
};

static const char *variable(struct arena *a, const char *name, const char *otherwise)
{
	const char *value = getenv(name);

	return arena_printf(a, "%s=%s", name, value ? value : otherwise);
}

static bool run(const char *dir, const struct strv *argv, struct strbuf *out,
		struct process_exit *x, struct err *e)
{
	AUTO_ARENA a = ARENA_INIT;
	const char *const env[] = {
		variable(&a, "PATH", "/usr/local/bin:/usr/bin:/bin"),
		variable(&a, "HOME", "/"),
		"LC_ALL=C",
		"TZ=UTC",
		"GIT_TERMINAL_PROMPT=0",
		"GIT_NO_LAZY_FETCH=1", /* of a partial clone: asking is not fetching */
		NULL,
	};
	const struct process_spec spec = { .argv = argv->items, .env = env, .cwd = dir };

	return process_run(&spec, TIMEOUT_MS, out, x, e);
}

/* What git said last, on one line: from "fatal: " on, where it says that. */
static bool failed(struct strbuf *said, const struct process_exit *x, struct err *e)
{
	AUTO_STRBUF how = STRBUF_INIT;
	const char *fatal = strstr(said->buf, "fatal: ");

	for (char *p = said->buf; *p; p++)
		if (*p == '\n' || *p == '\t')
			*p = ' ';
	while (said->len && said->buf[said->len - 1] == ' ')
		strbuf_set_len(said, said->len - 1);
	process_exit_text(x, &how);
	return err_set(e, "git: %s", fatal ? fatal + 7 : said->len ? said->buf : how.buf);
}

bool git_program(const char *dir, const char *const *words, struct strbuf *out, struct err *e)
{
	AUTO_STRBUF said = STRBUF_INIT;
	struct strv argv = { 0 };
	struct process_exit x;
	bool ok;

	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		vec_push(&argv, options[i]);
	for (; *words; words++)
		vec_push(&argv, *words);
	vec_push(&argv, NULL);
	ok = run(dir, &argv, &said, &x, e);
	vec_free(&argv);
	if (!ok)
		return false;
	if (x.code != 0)
		return failed(&said, &x, e);
	strbuf_add(out, said.buf, said.len);
	return true;
}

/* --- what writes --------------------------------------------------------------------------------------------------- */

static const char *const work_options[] = {
	"git",
	"-c",
	"safe.directory=*",
	"-c",
	"core.fsmonitor=false",
	"-c",
	"core.hooksPath=/dev/null",
	"-c",
	"advice.detachedHead=false",
	/* The user's repository is the user's to pack, and nothing goes on in the background. */
	"-c",
	"gc.auto=0",
	"-c",
	"maintenance.auto=false",
};

/* Variables that lead git to another repository than the one that it runs in; what we set goes too. */
static bool is_dropped(const char *variable)
{
	static const char *const names[] = {
		"GIT_DIR",
		"GIT_WORK_TREE",
		"GIT_COMMON_DIR",
		"GIT_INDEX_FILE",
		"GIT_OBJECT_DIRECTORY",
		"GIT_ALTERNATE_OBJECT_DIRECTORIES",
		"GIT_NAMESPACE",
		"GIT_PREFIX",
		"GIT_SHALLOW_FILE",
		"GIT_TERMINAL_PROMPT",
		"LC_ALL",
		"GIT_PROTOCOL_FROM_USER",
	};
	size_t len = strcspn(variable, "=");

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strlen(names[i]) == len && memcmp(names[i], variable, len) == 0)
			return true;
	return false;
}

/* ssh must not ask: it has no terminal here. Who configured it in some way knows better. */
static bool may_tell_ssh(const char *dir)
{
	static const char *const words[] = { "config", "core.sshCommand", NULL };
	AUTO_STRBUF set = STRBUF_INIT;
	AUTO_ERR ignored = ERR_INIT;

	return !getenv("GIT_SSH_COMMAND") && !getenv("GIT_SSH") &&
	       (!git_program(dir, words, &set, &ignored) || !set.len);
}

extern char **environ;

static void work_environment(const char *dir, bool foreign, struct strv *env)
{
	for (char **p = environ; *p; p++)
		if (!is_dropped(*p))
			vec_push(env, *p);
	vec_push(env, "LC_ALL=C");
	vec_push(env, "GIT_TERMINAL_PROMPT=0");
	if (foreign)
		vec_push(env, "GIT_PROTOCOL_FROM_USER=0");
	if (may_tell_ssh(dir))
		vec_push(env, "GIT_SSH_COMMAND=ssh -oBatchMode=yes");
	vec_push(env, NULL);
}

static git_heard_fn *watcher;
static void *watcher_ctx;

void git_program_watch(git_heard_fn *heard, void *ctx)
{
	watcher = heard;
	watcher_ctx = ctx;
}

bool git_program_work(const char *dir, const char *const *words, struct git_work how,
		      struct strbuf *out, struct err *e)
{
	AUTO_STRBUF said = STRBUF_INIT;
	struct strv argv = { 0 }, env = { 0 };
	struct process_exit x;
	bool ok;

	for (size_t i = 0; i < ARRAY_SIZE(work_options); i++)
		vec_push(&argv, work_options[i]);
	for (; *words; words++)
		vec_push(&argv, *words);
	vec_push(&argv, NULL);
	work_environment(dir, how.foreign, &env);
	ok = process_run(
		&(struct process_spec){
			.argv = argv.items,
			.env = env.items,
			.cwd = dir,
			.heard = how.told ? watcher : NULL,
			.heard_ctx = watcher_ctx,
		},
		-1, &said, &x, e);
	if (how.told && watcher)
		watcher(watcher_ctx, "", 0);
	vec_free(&argv);
	vec_free(&env);
	if (ok && x.code != 0)
		ok = failed(&said, &x, e);
	if (ok)
		strbuf_add(out, said.buf, said.len);
	return ok;
}

bool git_program_has_all(const char *dir, struct err *e)
{
	static const char *const words[] = { "diff-files", "--name-only", "--ignore-submodules",
					     "--diff-filter=D", NULL };
	AUTO_STRBUF gone = STRBUF_INIT;

	if (!git_program(dir, words, &gone, e))
		return false;
	return !gone.len || err_set(e, "its repository lacks the contents of %.*s",
				    (int)strcspn(gone.buf, "\n"), gone.buf);
}
