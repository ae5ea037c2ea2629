/* SPDX-License-Identifier: MIT
 *
 * Programs by what they do in a build. A name that is not known here is READER_OTHER, which makes every file that it
 * reads a reason to start from nothing: a missing name costs time, a wrong one would cost truth.
 */
#include "build/readers.h"

#include <stdbool.h>
#include <string.h>

#include "base/path.h"
#include "base/vec.h"

static const struct {
	const char *name;
	enum reader reader;
} programs[] = {
	{ "as", READER_COMPILER },         { "c++", READER_COMPILER },
	{ "cc", READER_COMPILER },         { "cc1", READER_COMPILER },
	{ "cc1plus", READER_COMPILER },    { "clang", READER_COMPILER },
	{ "clang++", READER_COMPILER },    { "cmake", READER_CMAKE },
	{ "collect2", READER_LINKER },     { "cpp", READER_COMPILER },
	{ "g++", READER_COMPILER },        { "gcc", READER_COMPILER },
	{ "gmake", READER_MAKE },          { "ld", READER_LINKER },
	{ "ld.bfd", READER_LINKER },       { "ld.gold", READER_LINKER },
	{ "ld.lld", READER_LINKER },       { "lto-wrapper", READER_COMPILER },
	{ "lto1", READER_COMPILER },       { "make", READER_MAKE },
	{ "mpy-cross", READER_MPY_CROSS }, { "ninja", READER_MAKE },
	{ "python", READER_PYTHON },       { "samu", READER_MAKE },
};

static const char version[] = "0123456789.";

/* "gcc-12.2.1" and "python3.11" without their versions; "cc1" and "lto1" are names as they are. */
static size_t name_len(const char *name)
{
	size_t len = strlen(name), end = len;

	while (end && strchr(version, name[end - 1]))
		end--;
	if (end == len || !end)
		return len;
	if (name[end - 1] == '-')
		return end - 1;
	return strncmp(name, "python", end) == 0 ? end : len;
}

/* `name` is the whole of the program's name, or what stands after a target's two or more words ("arm-none-eabi-"). */
static bool is_called(const char *program, size_t len, const char *name)
{
	size_t n = strlen(name);
	const char *dash = memchr(program, '-', len);

	if (len < n || memcmp(program + len - n, name, n) != 0)
		return false;
	return len == n || (program[len - n - 1] == '-' && dash < program + len - n - 1);
}

enum reader reader_of(const char *program)
{
	const char *base = path_base(program);
	size_t len = name_len(base);

	for (size_t i = 0; i < ARRAY_SIZE(programs); i++)
		if (is_called(base, len, programs[i].name))
			return programs[i].reader;
	return READER_OTHER;
}
