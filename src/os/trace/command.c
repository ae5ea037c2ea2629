/* SPDX-License-Identifier: MIT
 *
 * Few programs of a build are compilers, and only those are looked at: reading all command lines would cost a build a tenth more calls.
 */
#include "os/trace/command.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "os/trace.h"
#include "os/trace/target.h"

enum { MAX_WORDS = 4096, MAX_BYTES = 1 << 17 };

/* "arm-none-eabi-gcc-12.2.1" is gcc */
static size_t without_version(const char *name)
{
	size_t len = strlen(name), end = len;

	while (end && (isdigit((unsigned char)name[end - 1]) || name[end - 1] == '.'))
		end--;
	return end && end < len && name[end - 1] == '-' ? end - 1 : len;
}

static bool is_compiler(const char *path)
{
	static const char *const drivers[] = { "gcc", "g++", "cc", "c++", "clang", "clang++" };
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	size_t len = without_version(name);

	for (size_t i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++) {
		size_t n = strlen(drivers[i]);

		if (len >= n && memcmp(name + len - n, drivers[i], n) == 0 &&
		    (len == n || name[len - n - 1] == '-'))
			return true;
	}
	return false;
}

/* All words, or none. *compiles: -c is among them, and it is no other stage. */
static bool add_words(pid_t tid, uint64_t argv, struct strbuf *out, bool *compiles)
{
	AUTO_STRBUF word = STRBUF_INIT;

	for (int i = 0; i < MAX_WORDS; i++, argv += sizeof(uint64_t)) {
		uint64_t at;

		if (target_bytes(tid, argv, &at, sizeof(at)))
			return false;
		if (!at)
			return true;
		if (target_text(tid, at, &word) || strchr(word.buf, TRACE_SEPARATOR) ||
		    out->len + word.len > MAX_BYTES)
			return false;
		*compiles = *compiles || strcmp(word.buf, "-c") == 0;
		if (strcmp(word.buf, "-E") == 0)
			return false;
		strbuf_addch(out, TRACE_SEPARATOR);
		strbuf_add(out, word.buf, word.len);
	}
	return false;
}

void command_read(pid_t tid, const char *program, uint64_t argv, struct strbuf *out)
{
	bool compiles = false, wanted;

	strbuf_reset(out);
	/* a name that is tried along PATH is often not there */
	wanted = is_compiler(program) && faccessat(AT_FDCWD, program, X_OK, 0) == 0 &&
		 !target_folder(tid, AT_FDCWD, out) && out->buf[0] == '/' &&
		 add_words(tid, argv, out, &compiles);
	if (!wanted || !compiles)
		strbuf_reset(out);
}
