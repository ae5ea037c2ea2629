/* SPDX-License-Identifier: MIT
 *
 * Who has a device open, from /proc. Descriptors are compared by their links' names first: looking at each would wake
 * network file systems.
 */
#include "os/openers.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/strbuf.h"
#include "base/utf8.h"
#include "base/xalloc.h"
#include "os/fs.h"

enum { MAX_LINK = 4096, MAX_LINKS = 8 };

struct scan {
	struct opener *items;
	char **resolved; /* the paths without links */
	size_t count;
};

static struct opener *item_of(const struct scan *s, const char *target)
{
	for (size_t i = 0; i < s->count; i++)
		if (!s->items[i].pid && s->resolved[i] && strcmp(s->resolved[i], target) == 0)
			return &s->items[i];
	return NULL;
}

/*
 * Another file system's /dev/pts/3 has that name too: each container has its own. Any other device is the same by its number,
 * whatever folder it is in.
 */
static bool is_same_device(const char *path, const struct stat *opened)
{
	struct stat st;

	if (stat(path, &st) != 0 || st.st_rdev != opened->st_rdev)
		return false;
	return strncmp(path, "/dev/pts/", 9) != 0 || st.st_dev == opened->st_dev;
}

static void name_program(struct opener *item, const char *pid)
{
	AUTO_STRBUF path = STRBUF_INIT;
	AUTO_STRBUF text = STRBUF_INIT;
	AUTO_ERR e = ERR_INIT;

	strbuf_addf(&path, "/proc/%s/comm", pid);
	if (fs_read(&text, path.buf, sizeof(item->program), &e) && text.len) {
		strbuf_set_len(&text, strcspn(text.buf, "\n"));
		utf8_printable(item->program, sizeof(item->program), text.buf, text.len);
	}
}

static void look_at(const struct scan *s, const char *pid)
{
	AUTO_STRBUF dir = STRBUF_INIT;
	char target[MAX_LINK];
	struct dirent *fd;
	DIR *d;

	strbuf_addf(&dir, "/proc/%s/fd", pid);
	d = opendir(dir.buf);
	while (d && (fd = readdir(d))) {
		ssize_t n = readlinkat(dirfd(d), fd->d_name, target, sizeof(target) - 1);
		struct opener *item;
		struct stat st;

		if (n <= 0)
			continue;
		target[n] = '\0';
		item = item_of(s, target);
		if (item && fstatat(dirfd(d), fd->d_name, &st, 0) == 0 &&
		    is_same_device(target, &st)) {
			item->pid = strtol(pid, NULL, 10);
			name_program(item, pid);
		}
	}
	if (d)
		closedir(d);
}

/* What the kernel calls the device when it is open. */
static char *opened_name(const char *path)
{
	char *at = xstrdup(path);

	for (int i = 0; i < MAX_LINKS; i++) {
		char *next = fs_link_target(at);

		if (!next)
			break;
		free(at);
		at = next;
	}
	return at;
}

void openers_find(struct opener *items, size_t count)
{
	struct scan s = { items, xcalloc(count + 1, sizeof(char *)), count };
	struct dirent *process;
	DIR *d;

	for (size_t i = 0; i < count; i++) {
		items[i].pid = 0;
		*items[i].program = '\0';
		s.resolved[i] = opened_name(items[i].path);
	}
	d = count ? opendir("/proc") : NULL;
	while (d && (process = readdir(d)))
		if (isdigit((unsigned char)*process->d_name) &&
		    strtol(process->d_name, NULL, 10) != getpid())
			look_at(&s, process->d_name);
	if (d)
		closedir(d);
	for (size_t i = 0; i < count; i++)
		free(s.resolved[i]);
	free(s.resolved);
}

bool openers_may_open(const char *path)
{
	return access(path, R_OK | W_OK) == 0;
}

long openers_program(const char *name)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	long found = 0;

	while (proc && !found && (entry = readdir(proc))) {
		AUTO_STRBUF path = STRBUF_INIT;
		AUTO_STRBUF comm = STRBUF_INIT;
		AUTO_ERR e = ERR_INIT;

		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		strbuf_addf(&path, "/proc/%s/comm", entry->d_name);
		if (!fs_read(&comm, path.buf, 64, &e))
			continue;
		strbuf_set_len(&comm, strcspn(comm.buf, "\n"));
		if (strcmp(comm.buf, name) == 0)
			found = strtol(entry->d_name, NULL, 10);
	}
	if (proc)
		closedir(proc);
	return found;
}

bool openers_is_root(void)
{
	return geteuid() == 0;
}
