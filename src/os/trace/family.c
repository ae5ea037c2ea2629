/* SPDX-License-Identifier: MIT
 *
 * A process that leaves its group and its session is still a descendant: killing children until there are none finds
 * them all, one generation after the other.
 */
#include "os/trace/family.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

bool family_adopt(void)
{
	return prctl(PR_SET_CHILD_SUBREAPER, 1) == 0;
}

static void reap(struct family *f, int options)
{
	int status;
	pid_t pid;

	while (!f->empty && (pid = waitpid(-1, &status, options)) != 0) {
		if (pid < 0 && errno == EINTR)
			continue;
		if (pid < 0)
			f->empty = true;
		if (pid == f->first) {
			f->status = status;
			f->first_end = true;
		}
	}
}

void family_reap(struct family *f)
{
	reap(f, WNOHANG);
}

void family_wait(struct family *f)
{
	reap(f, 0);
}

/* The parent of a process; 0: it is gone. */
static pid_t parent_of(const char *pid)
{
	char name[64], text[512];
	const char *after_name;
	pid_t parent = 0;
	size_t n = 0;
	FILE *f;

	snprintf(name, sizeof(name), "/proc/%s/stat", pid);
	f = fopen(name, "re");
	if (f) {
		n = fread(text, 1, sizeof(text) - 1, f);
		fclose(f);
	}
	text[n] = '\0';
	after_name = strrchr(text, ')'); /* "1 (a name) S 2": the name may hold anything */
	if (after_name && strlen(after_name) > 4)
		parent = (pid_t)strtol(after_name + 4, NULL, 10);
	return parent;
}

static void kill_children(void)
{
	DIR *proc = opendir("/proc");
	pid_t self = getpid();
	struct dirent *entry;

	while (proc && (entry = readdir(proc)))
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' &&
		    parent_of(entry->d_name) == self)
			kill((pid_t)strtol(entry->d_name, NULL, 10), SIGKILL);
	if (proc)
		closedir(proc);
}

void family_kill(struct family *f)
{
	static const struct timespec moment = { .tv_nsec = 2 * 1000 * 1000 };

	for (family_reap(f); !f->empty; family_reap(f)) {
		kill_children();
		nanosleep(&moment, NULL);
	}
}
