/* SPDX-License-Identifier: MIT
 *
 * The port unix: micropython [-c CODE | FILE], or a REPL on stdin and stdout.
 */
#include <stdio.h>
#include <string.h>

#include "py/mphal.h"
#include "py/runtime.h"
#include "shared/runtime/pyexec.h"

static int run(const char *code, size_t len, const char *name)
{
	if (mp_exec(code, len, false))
		return 0;
	fflush(stdout);
	mp_print_exception(name);
	return 1;
}

static int run_file(const char *name)
{
	static char code[65536];
	FILE *f = fopen(name, "r");
	size_t len;

	if (!f) {
		perror(name);
		return 2;
	}
	len = fread(code, 1, sizeof(code), f);
	fclose(f);
	return run(code, len, name);
}

int main(int argc, char **argv)
{
	mp_init();
	if (argc == 3 && strcmp(argv[1], "-c") == 0)
		return run(argv[2], strlen(argv[2]), "<string>");
	if (argc == 2 && argv[1][0] != '-')
		return run_file(argv[1]);
	if (argc > 1) {
		fputs("usage: micropython [-c CODE | FILE]\n", stderr);
		return 2;
	}
	while (pyexec_repl() == 0) {
		mp_init();
		mp_hal_stdout_tx_str("MPY: soft reboot\r\n");
	}
	return 0;
}
