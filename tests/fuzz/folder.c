/* SPDX-License-Identifier: MIT
 *
 * One folder a process; see folder.h.
 */
#include "folder.h"

#include <stdio.h>
#include <stdlib.h>

#include "os/fs.h"

static char folder[256];

static void remove_folder(void)
{
	AUTO_ERR e = ERR_INIT;

	fs_remove_tree(folder, &e);
}

const char *fuzz_folder(void)
{
	const char *tmp = getenv("TMPDIR");

	if (folder[0])
		return folder;
	if (!tmp)
		tmp = fs_is_dir("/dev/shm") ? "/dev/shm" : "/tmp";
	if (snprintf(folder, sizeof(folder), "%s/fuzz.XXXXXX", tmp) >= (int)sizeof(folder) ||
	    !mkdtemp(folder))
		abort();
	atexit(remove_folder);
	return folder;
}

void fuzz_write(const char *name, const void *data, size_t size)
{
	AUTO_STRBUF path = STRBUF_INIT;
	AUTO_ERR e = ERR_INIT;

	strbuf_addf(&path, "%s/%s", fuzz_folder(), name);
	if (!fs_write_lazy(path.buf, data, size, 0644, &e))
		abort();
}
