/* SPDX-License-Identifier: MIT
 *
 * Index pages from anywhere. Whatever they hold, what comes out of them is fit to be part of an address and of a path.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "library/index.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void check_files(const char *html, size_t size, struct arena *a)
{
	AUTO_ERR e = ERR_INIT;
	struct index_files files = { 0 }, chosen = { 0 };
	const struct version_want stable = { .word = VERSION_STABLE };
	const char *port = NULL;

	if (!index_read_files(html, size, a, &files, &port, &e))
		must(e.msg != NULL);
	for (size_t i = 0; i < files.count; i++) {
		must(strncmp(files.items[i].path, "/resources/firmware/", 20) == 0);
		must(!strstr(files.items[i].path, "..") &&
		     !strpbrk(files.items[i].path, " \n?#%\\"));
		must(!strchr(files.items[i].name.board_id, '/'));
	}
	index_select(&files, &stable, port, &chosen);
	must(chosen.count <= files.count);
	vec_free(&chosen);
	vec_free(&files);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_ARENA a = ARENA_INIT;
	AUTO_ERR e = ERR_INIT;
	struct strv boards = { 0 };

	check_files((const char *)data, size, &a);
	if (!index_read_boards((const char *)data, size, &a, &boards, &e))
		must(e.msg != NULL);
	for (size_t i = 0; i < boards.count; i++)
		must(boards.items[i][0] != '.' && !strchr(boards.items[i], '/'));
	vec_free(&boards);
	return 0;
}
