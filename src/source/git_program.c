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
