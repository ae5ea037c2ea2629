/* SPDX-License-Identifier: MIT
 *
 * argv -> command table. The only place that prints an error and decides the exit status.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/suggest.h"
#include "base/vec.h"
#include "cmd/cmd.h"
#include "config.h"

static void print_help(void)
{
	puts("usage: mpflash COMMAND [options] ...\n"
	     "\n"
	     "Takes a MicroPython board from source to a running, verified device.\n"
	     "\n"
	     "commands:");
	for (size_t i = 0; commands[i]; i++)
		if (!commands[i]->hidden)
			printf("  %-12s %s\n", commands[i]->name, commands[i]->summary);
	puts("\n`mpflash COMMAND --help` lists a command's options; `mpflash --version` prints the version.");
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

static bool dispatch(int argc, char **argv, struct err *e)
{
	const char *word = argc > 1 ? argv[1] : "--help";
	const struct command *c;

	if (strcmp(word, "--version") == 0) {
		puts("mpflash, version " MPFLASH_VERSION);
		return true;
	}
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0) {
		print_help();
		if (argc > 1)
			return true;
		err_usage(e, "a command is missing");
		return err_hint(e, "try `mpflash make --help`");
	}
	if (word[0] == '-') {
		err_usage(e, "there is no option %s before the command", word);
		return err_hint(e, "`mpflash --help` shows what there is");
	}
	c = command_find(word);
	if (!c)
		return unknown_command(word, e);
	if (c->run(argc - 1, argv + 1, e))
		return true;
	if (e->kind == ERR_USAGE && !e->hint)
		err_hint(e, "`mpflash %s --help` shows how it is used", c->name);
	return false;
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

int main(int argc, char **argv)
{
	AUTO_ERR e = ERR_INIT;
	int status = 0;

	if (!dispatch(argc, argv, &e)) {
		fflush(stdout);
		fprintf(stderr, "error: %s\n", e.msg ? e.msg : "failed");
		if (e.hint)
			fprintf(stderr, "hint: %s\n", e.hint);
		status = exit_status(&e);
	}
	/* A full disk under a redirected stdout must not look like success. */
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "error: cannot write the output: %s\n", strerror(errno));
		status = status ? status : 1;
	}
	return status;
}
