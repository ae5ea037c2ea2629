/* SPDX-License-Identifier: MIT
 *
 * argv -> command table. The only place that prints an error and decides the exit status.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/suggest.h"
#include "base/vec.h"
#include "cmd/cmd.h"
#include "cmd/global.h"
#include "config.h"
#include "os/tty.h"

static void print_help(void)
{
	AUTO_STRBUF out = STRBUF_INIT;

	strbuf_adds(&out, "usage: mpflash [options] COMMAND [options] ...\n"
			  "\n"
			  "Takes a MicroPython board from source to a running, verified device.\n"
			  "\n"
			  "commands:\n");
	options_describe_commands(commands, &out);
	strbuf_addch(&out, '\n');
	options_describe(global_options, &out);
	options_describe_examples(commands_examples, &out);
	strbuf_adds(
		&out,
		"\n"
		"Behind the command the options stand by their long names, -q, -V and -x also by\n"
		"their letters. `mpflash COMMAND --help` lists its own; `man mpflash` has all of\n"
		"it, with the environment and the files.\n");
	fputs(out.buf, stdout);
}

static bool unknown_command(const char *name, struct err *e)
{
	struct strv names = { 0 };
	const char *near;

	for (size_t i = 0; commands[i]; i++)
		if (!commands[i]->hidden)
			vec_push(&names, commands[i]->name);
	near = suggest_nearest(name, names.items, names.count);
	vec_free(&names);
	err_usage(e, "there is no command '%s'", name);
	if (near)
		return err_hint(e, "did you mean 'mpflash %s'?", near);
	return err_hint(e, "`mpflash --help` lists the commands");
}

/* argv[0] is its name. */
static bool run_command(int argc, char **argv, struct err *e)
{
	const struct command *c = command_find(argv[0]);

	if (!c)
		return unknown_command(argv[0], e);
	if (c->run(argc, argv, e))
		return true;
	if (e->kind == ERR_USAGE && !e->hint)
		err_hint(e, "`mpflash %s --help` shows how it is used", c->name);
	return false;
}

static bool dispatch(int argc, char **argv, struct err *e)
{
	bool help = false;
	int at;

	global_init();
	if (!options_parse_leading(global_options, argc, argv, &at, &help, e)) {
		if (!e->hint || strncmp(e->hint, "did you mean", 12) != 0)
			err_hint(e, "`mpflash --help` shows what there is before the command");
		return false;
	}
	if (global.version) {
		puts("mpflash, version " MPFLASH_VERSION);
		return true;
	}
	if (!help && at < argc && strcmp(argv[at], "help") != 0)
		return run_command(argc - at, argv + at, e);
	print_help();
	if (help || at < argc)
		return true;
	err_usage(e, "a command is missing");
	return err_hint(e, "try `mpflash make --help`");
}

static int exit_status(const struct err *e)
{
	switch (e->kind) {
	case ERR_USAGE:
	case ERR_CANCELLED:
		return 2;
	case ERR_INTERRUPTED:
		return 130;
	case ERR_FAILED:
		break;
	}
	return 1;
}

static void print_error(const struct err *e)
{
	bool red = tty_takes_colour(STDERR_FILENO);

	fprintf(stderr, "%serror:%s %s\n", red ? "\033[31m" : "", red ? "\033[0m" : "",
		e->msg ? e->msg : "failed");
	if (e->hint)
		fprintf(stderr, "hint: %s\n", e->hint);
}

int main(int argc, char **argv)
{
	AUTO_ERR e = ERR_INIT;
	int status = 0;

	if (!dispatch(argc, argv, &e)) {
		fflush(stdout);
		print_error(&e);
		status = exit_status(&e);
	}
	global_free();
	/* A full disk under a redirected stdout must not look like success. */
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "error: cannot write the output: %s\n", strerror(errno));
		status = status ? status : 1;
	}
	return status;
}
