/* SPDX-License-Identifier: MIT
 *
 * The names in the folders where devices appear, as one number.
 */
#include "os/hotplug.h"

#include <dirent.h>
#include <stddef.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/strbuf.h"
#include "os/fs.h"

enum { MAX_MOUNTS = 4 * 1024 * 1024 };

/* FNV-1a; names are added up, since folders come in any order. */
static uint64_t hash(const char *text)
{
	uint64_t h = 0xcbf29ce484222325U;

	for (; *text; text++)
		h = (h ^ (unsigned char)*text) * 0x100000001b3U;
	return h;
}

static uint64_t folder(const char *path)
{
	uint64_t sum = 0;
	struct dirent *entry;
	DIR *d = opendir(path);

	while (d && (entry = readdir(d)))
		sum += hash(entry->d_name);
	if (d)
		closedir(d);
	return sum;
}

uint64_t hotplug_state(void)
{
	static const char *const folders[] = { "/sys/bus/usb/devices",
					       "/sys/class/tty",
					       "/sys/class/block",
					       "/dev/disk/by-label",
#ifdef __APPLE__
					       "/dev",
					       "/Volumes"
#endif
	};
	AUTO_STRBUF mounts = STRBUF_INIT;
	AUTO_ERR e = ERR_INIT;
	uint64_t state = 0;

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		state = state * 31 + folder(folders[i]);
	if (fs_read(&mounts, "/proc/self/mountinfo", MAX_MOUNTS, &e))
		state = state * 31 + hash(mounts.buf);
	return state;
}
