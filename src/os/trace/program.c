/* SPDX-License-Identifier: MIT
 *
 * The first bytes of executable files, read as the kernel does (fs/exec.c, fs/binfmt_script.c, fs/binfmt_elf.c).
 */
#include "os/trace/program.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "os/trace/event.h"
#include "os/trace/filter.h"

enum {
	SCRIPT_LINE = 256,   /* BINPRM_BUF_SIZE */
	SCRIPT_DEPTH = 6,    /* scripts whose interpreters are scripts; the kernel ends at 5 */
	PROGRAM_HEADERS = 64 /* more than any linker makes */
};

struct file {
	int fd;
	char head[SCRIPT_LINE + 1];
	size_t size; /* of head */
};

/* /proc/self is ours, the one that is meant is the other's. */
static void path_to_open(char *to, size_t size, pid_t tid, const char *path)
{
	static const char *const selves[] = { "/proc/self/", "/proc/thread-self/" };

	for (size_t i = 0; i < ARRAY_SIZE(selves); i++) {
		size_t len = strlen(selves[i]);

		if (!strncmp(path, selves[i], len)) {
			snprintf(to, size, "/proc/%d/%s", (int)tid, path + len);
			return;
		}
	}
	snprintf(to, size, "%s", path);
}

static void set_program(struct event *ev, const char *path)
{
	const char *slash = strrchr(path, '/');

	strbuf_reset(&ev->program);
	strbuf_adds(&ev->program, slash ? slash + 1 : path);
}

/* Opens what is to be run; false when the kernel will not run it. */
static bool open_file(struct event *ev, struct file *f, pid_t tid, const char *path)
{
	char name[PATH_MAX + 64], link[32], real[PATH_MAX];
	struct stat st;
	ssize_t n;

	path_to_open(name, sizeof(name), tid, path);
	set_program(ev, path);
	f->fd = open(name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (f->fd < 0) {
		if (errno == EACCES && access(name, X_OK) == 0) {
			strbuf_reset(&ev->escape);
			strbuf_addf(&ev->escape, "%s can be run but not read", path);
		}
		return false;
	}
	snprintf(link, sizeof(link), "/proc/self/fd/%d", f->fd);
	n = readlink(link, real, sizeof(real) - 1);
	if (n > 0) {
		real[n] = '\0';
		set_program(ev, real);
	}
	n = -1;
	if (fstat(f->fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 0111))
		n = pread(f->fd, f->head, SCRIPT_LINE, 0);
	if (n < 0) {
		close(f->fd);
		return false;
	}
	f->size = (size_t)n;
	f->head[n] = '\0';
	return true;
}

/* The interpreter of a "#!" line; false when there is none. */
static bool script_interpreter(const struct file *f, struct strbuf *out)
{
	const char *at = f->head + 2;
	size_t len;

	if (f->size < 3 || memcmp(f->head, "#!", 2) != 0)
		return false;
	at += strspn(at, " \t");
	len = strcspn(at, " \t\n");
	strbuf_reset(out);
	strbuf_add(out, at, len);
	return len > 0;
}

/* PT_INTERP's text; nothing for a static program. */
static void elf_loader(const struct file *f, const Elf64_Ehdr *h, struct strbuf *out)
{
	size_t count = h->e_phnum < PROGRAM_HEADERS ? h->e_phnum : PROGRAM_HEADERS;

	for (size_t i = 0; i < count; i++) {
		Elf64_Phdr p;
		char text[PATH_MAX];
		ssize_t n;

		if (pread(f->fd, &p, sizeof(p), (off_t)(h->e_phoff + i * sizeof(p))) != sizeof(p))
			return;
		if (p.p_type != PT_INTERP)
			continue;
		n = pread(f->fd, text, p.p_filesz < sizeof(text) ? p.p_filesz : sizeof(text),
			  (off_t)p.p_offset);
		if (n > 0)
			strbuf_add(out, text, strnlen(text, (size_t)n));
		return;
	}
}

/* Relative names of interpreters are relative to the working folder, as in the kernel. */
static bool add_interpreter(struct event *ev, pid_t tid, const char *name)
{
	struct strbuf *path = event_add(ev, "x");

	strbuf_adds(path, name);
	if (event_absolute(ev, tid, AT_FDCWD, path))
		return true;
	ev->count--;
	return false;
}

static void read_elf(struct event *ev, const struct file *f, pid_t tid, const char *path)
{
	AUTO_STRBUF loader = STRBUF_INIT;
	Elf64_Ehdr h;

	if (f->size < sizeof(h) || memcmp(f->head, ELFMAG, SELFMAG) != 0)
		return;
	memcpy(&h, f->head, sizeof(h));
	if (h.e_ident[EI_CLASS] != ELFCLASS64 || h.e_machine != FILTER_ELF_MACHINE) {
		strbuf_reset(&ev->escape);
		strbuf_addf(&ev->escape, "%s is a program for another processor", path);
		return;
	}
	elf_loader(f, &h, &loader);
	if (loader.len)
		add_interpreter(ev, tid, loader.buf);
}

void program_read(struct event *ev, pid_t tid, const struct strbuf *path)
{
	AUTO_STRBUF next = STRBUF_INIT;

	strbuf_adds(event_add(ev, "x"), path->buf);
	for (int depth = 0; depth < SCRIPT_DEPTH; depth++) {
		const char *now = ev->paths[ev->count - 1].path.buf;
		struct file f;
		bool script;

		if (!open_file(ev, &f, tid, now))
			return;
		script = script_interpreter(&f, &next);
		if (!script)
			read_elf(ev, &f, tid, now);
		close(f.fd);
		if (!script || !add_interpreter(ev, tid, next.buf))
			return;
	}
}
