/* SPDX-License-Identifier: MIT
 *
 * Which port a board outside the tree is for. Its place says it when it is laid out as in a tree;
 * else the files do, by the variables that each port's make or CMake wants
 * (ports/<port>/boards/<board>/mpconfigboard.{mk,cmake} of MicroPython).
 */
#include <ctype.h>
#include <string.h>

#include "base/path.h"
#include "base/strbuf.h"
#include "base/xalloc.h"
#include "board/catalogue_internal.h"
#include "os/fs.h"

/* A variable whose value begins like this is found in the boards of one port only. */
static const struct {
	const char *name, *prefix, *port;
} clues[] = {
	{ "ALIF_TOOLKIT_CFG_PART", "", "alif" }, { "CMSIS_MCU", "RA", "renesas-ra" },
	{ "CMSIS_MCU", "SAMD", "samd" },         { "CMSIS_MCU", "STM32", "stm32" },
	{ "IDF_TARGET", "esp32", "esp32" },      { "MCU_SERIES", "MIMXRT", "mimxrt" },
	{ "MCU_SERIES", "SAMD", "samd" },        { "MCU_SUB_VARIANT", "nrf", "nrf" },
	{ "MCU_VARIANT", "nrf", "nrf" },         { "PICO_BOARD", "", "rp2" },
	{ "PICO_PLATFORM", "rp2", "rp2" },       { "QEMU_MACHINE", "", "qemu" },
};

/* How "mcu" of board.json begins; upper and lower case are the same. */
static const struct {
	const char *prefix, *port;
} mcus[] = {
	{ "ae", "alif" },         { "cc3200", "cc3200" },  { "esp32", "esp32" },
	{ "esp8266", "esp8266" }, { "mimxrt", "mimxrt" },  { "nrf", "nrf" },
	{ "pse8", "psoc-edge" },  { "ra4", "renesas-ra" }, { "ra6", "renesas-ra" },
	{ "rp2", "rp2" },         { "samd", "samd" },      { "stm32", "stm32" },
};

static bool begins_with(const char *s, const char *prefix)
{
	while (*prefix && tolower((unsigned char)*s) == tolower((unsigned char)*prefix))
		s++, prefix++;
	return !*prefix;
}

/* .../ports/PORT/boards/ID: PORT, in the arena. */
static const char *port_of_place(struct arena *a, const char *dir)
{
	const char *boards = path_dir(a, dir), *port = path_dir(a, boards);

	if (strcmp(path_base(boards), "boards") != 0 ||
	    strcmp(path_base(path_dir(a, port)), "ports") != 0)
		return NULL;
	return path_base(port);
}

static const char *port_of_mcu(const char *mcu)
{
	for (size_t i = 0; mcu && i < ARRAY_SIZE(mcus); i++)
		if (begins_with(mcu, mcus[i].prefix))
			return mcus[i].port;
	return NULL;
}

/*
 * Where the value begins in `NAME = value`, `NAME ?= value` or `set(NAME value)`; NULL: the line
 * says something else.
 */
static const char *value_of(const char *line, const char *name)
{
	size_t len = strlen(name);
	bool set = begins_with(line, "set(");

	line += set ? 4 : 0;
	line += strspn(line, " \t");
	if (strncmp(line, name, len) != 0)
		return NULL;
	line += len;
	if (!set) {
		line += strspn(line, " \t?:");
		if (*line++ != '=')
			return NULL;
	} else if (!strspn(line, " \t")) {
		return NULL;
	}
	return line + strspn(line, " \t\"");
}

static const char *port_of_line(const char *line)
{
	for (size_t i = 0; i < ARRAY_SIZE(clues); i++) {
		const char *value = value_of(line, clues[i].name);

		if (value && begins_with(value, clues[i].prefix))
			return clues[i].port;
	}
	return NULL;
}

static bool port_of_file(struct catalogue *c, const char *path, const char **port, struct err *e)
{
	AUTO_STRBUF text = STRBUF_INIT;
	char *line, *next;

	if (*port || !fs_exists(path))
		return true;
	if (!fs_read(&text, path, CATALOGUE_FILE_MAX, e))
		return false;
	/* A copy per file, in the arena: lines end in it. */
	line = arena_strndup(&c->arena, text.buf, text.len);
	for (; line && !*port; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = 0;
		*port = port_of_line(line + strspn(line, " \t"));
	}
	return true;
}

bool catalogue_guess_port(struct catalogue *c, const struct board *b, const char **port,
			  struct err *e)
{
	struct arena *a = &c->arena;

	*port = port_of_place(a, b->dir);
	if (!*port)
		*port = port_of_mcu(b->mcu);
	return port_of_file(c, path_join(a, b->dir, "mpconfigboard.mk"), port, e) &&
	       port_of_file(c, path_join(a, b->dir, "mpconfigboard.cmake"), port, e);
}
