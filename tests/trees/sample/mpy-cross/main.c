/* SPDX-License-Identifier: MIT
 *
 * mpy-cross [-o OUT] [-s NAME] [-march=ARCH] [--version] FILE: 'compiles' a .py file. Each
 * statement is checked with the core's own parser and stored without comments and blank lines.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "genhdr/mpversion.h"
#include "py/lexer.h"
#include "py/mphal.h"
#include "py/runtime.h"

struct options {
	const char *input;
	const char *output;
	const char *name; /* of the source, for messages */
};

int mp_hal_stdin_rx_chr(void)
{
	return getchar();
}

void mp_hal_stdout_tx_strn(const char *str, size_t len)
{
	fwrite(str, 1, len, stderr);
}

void mp_hal_reset(void)
{
	exit(1);
}

static size_t trimmed(const char *line)
{
	size_t len = strcspn(line, "\r\n");

	while (len > 0 && (line[len - 1] == ' ' || line[len - 1] == '\t'))
		len--;
	return len;
}

/* Writes the statement of one line, if it has one. */
static int compile_line(const char *line, FILE *out)
{
	struct mp_lexer lex;
	size_t len = trimmed(line);

	mp_lexer_init(&lex, line, len);
	if (lex.tok == MP_TOK_END)
		return 0;
	if (!mp_check_line(line, len))
		return -1;
	if (len > 255) {
		mp_raise("SyntaxError", "line too long", NULL, 0, "");
		return -1;
	}
	fputc((int)len, out);
	fwrite(line, 1, len, out);
	return 0;
}

static int compile(const struct options *opt, FILE *in, FILE *out)
{
	static const char header[4] = { 'M', 6, 0, 0 };
	char line[1024];

	fwrite(header, 1, sizeof(header), out);
	for (int number = 1; fgets(line, sizeof(line), in); number++) {
		if (compile_line(line, out) != 0) {
			fprintf(stderr, "%s:%d: error\n", opt->name, number);
			mp_print_exception(opt->name);
			return 1;
		}
	}
	return 0;
}

static int compile_file(const struct options *opt)
{
	FILE *in = fopen(opt->input, "r");
	FILE *out = in ? fopen(opt->output, "wb") : NULL;
	int failed;

	if (!in || !out) {
		perror(in ? opt->output : opt->input);
		if (in)
			fclose(in);
		return 1;
	}
	failed = compile(opt, in, out);
	fclose(in);
	failed |= ferror(out) != 0;
	failed |= fclose(out) != 0;
	if (failed)
		remove(opt->output);
	return failed;
}

int main(int argc, char **argv)
{
	struct options opt = { NULL, NULL, NULL };

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--version") == 0) {
			printf("%s; mpy-cross emitting mpy v%d.%d\n",
			       MICROPY_BANNER_NAME_AND_VERSION, MPY_VERSION, MPY_SUB_VERSION);
			return 0;
		}
		if (strcmp(argv[i], "-o") == 0 && i + 1 < argc)
			opt.output = argv[++i];
		else if (strcmp(argv[i], "-s") == 0 && i + 1 < argc)
			opt.name = argv[++i];
		else if (argv[i][0] != '-')
			opt.input = argv[i];
		else if (strncmp(argv[i], "-march=", 7) != 0)
			return fprintf(stderr, "mpy-cross: unknown option %s\n", argv[i]), 1;
	}
	if (!opt.input || !opt.output) {
		fputs("usage: mpy-cross -o OUT [-s NAME] [-march=ARCH] FILE\n", stderr);
		return 1;
	}
	if (!opt.name)
		opt.name = opt.input;
	return compile_file(&opt);
}
