/* SPDX-License-Identifier: MIT
 *
 * Stands in for libFuzzer in the ordinary test run: feeds every file of a corpus folder to the fuzz target, once,
 * and says so in TAP. What the target does wrong ends the process: the sanitizers and abort() see to that.
 */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static _Noreturn void bail(const char *what, const char *name)
{
	fprintf(stderr, "# %s %s: %s\n", what, name, strerror(errno));
	exit(99);
}

/* The bytes of a file in an allocation of exactly their size, so that reading past the end is seen. */
static uint8_t *read_input(const char *path, size_t *size)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data;
	long end;

	if (!f || fseek(f, 0, SEEK_END) || (end = ftell(f)) < 0 || fseek(f, 0, SEEK_SET))
		bail("read", path);
	data = malloc(end ? (size_t)end : 1);
	if (!data || fread(data, 1, (size_t)end, f) != (size_t)end)
		bail("read", path);
	fclose(f);
	*size = (size_t)end;
	return data;
}

static void replay(const char *folder, const char *name, int number)
{
	char path[4096];
	uint8_t *data;
	size_t size;

	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path))
		bail("path of", name);
	data = read_input(path, &size);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	printf("ok %d - %s\n", number, name);
}

int main(int argc, char **argv)
{
	struct dirent *entry;
	DIR *folder;
	int count = 0;

	if (argc != 2) {
		fprintf(stderr, "usage: %s CORPUS-FOLDER\n", argv[0]);
		return 2;
	}
	folder = opendir(argv[1]);
	if (!folder)
		bail("open corpus", argv[1]);
	LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
	while ((entry = readdir(folder)))
		if (entry->d_name[0] != '.')
			replay(argv[1], entry->d_name, ++count);
	closedir(folder);
	printf("1..%d\n", count);
	if (!count)
		fprintf(stderr, "# no file in %s\n", argv[1]);
	return count ? 0 : 1;
}
