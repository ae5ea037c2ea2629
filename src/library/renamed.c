/* SPDX-License-Identifier: MIT
 *
 * The names that boards had, as the Python tool tries them.
 */
#include "library/renamed.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

static bool begins(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

static void add(const char *board_id, const char *name, struct strv *out)
{
	if (!*name || strcmp(board_id, name) == 0)
		return;
	for (size_t i = 0; i < out->count; i++)
		if (strcmp(out->items[i], name) == 0)
			return;
	vec_push(out, name);
}

/* GENERIC, GENERIC_SPIRAM: since v1.21 with the port's name before it, the variant behind a '-'. */
static void add_generic(const char *board_id, const char *port, struct arena *a, struct strv *out)
{
	const char *rest = board_id + strlen("GENERIC");
	char *upper = arena_strdup(a, port);

	for (char *p = upper; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	if (rest[0] == '_')
		add(board_id, arena_printf(a, "%s_GENERIC-%s", upper, rest + 1), out);
	add(board_id, arena_printf(a, "%s_GENERIC%s", upper, rest), out);
}

/* The same the other way round: the '-' was a '_'. */
static void add_without_port(const char *board_id, const char *rest, struct arena *a,
			     struct strv *out)
{
	char *old = arena_strdup(a, rest), *dash = strchr(old, '-');

	if (!begins(rest, "GENERIC")) {
		add(board_id, rest, out);
		return;
	}
	if (dash)
		*dash = '_';
	add(board_id, old, out);
	if (dash)
		add(board_id, rest, out);
}

static void add_without_variant(const char *board_id, const char *name, struct arena *a,
				struct strv *out)
{
	static const char *const endings[] = { "_SPIRAM", "-SPIRAM", "_THREAD", "-THREAD" };
	size_t len = strlen(name);

	for (size_t i = 0; i < ARRAY_SIZE(endings); i++) {
		size_t ending = strlen(endings[i]);

		if (len > ending && strcmp(name + len - ending, endings[i]) == 0)
			add(board_id, arena_strndup(a, name, len - ending), out);
	}
}

void renamed_boards(const char *board_id, const char *port, struct arena *a, struct strv *out)
{
	size_t first = out->count, names;

	if (begins(board_id, "PICO")) {
		add(board_id, arena_printf(a, "RPI_%s", board_id), out);
	} else if (begins(board_id, "RPI_")) {
		add(board_id, board_id + strlen("RPI_"), out);
	} else if (begins(board_id, "GENERIC")) {
		if (port && *port) {
			add_generic(board_id, port, a, out);
		} else {
			add_generic(board_id, "esp32", a, out);
			add_generic(board_id, "esp8266", a, out);
		}
	} else if (begins(board_id, "ESP32_")) {
		add_without_port(board_id, board_id + strlen("ESP32_"), a, out);
	} else if (begins(board_id, "ESP8266_")) {
		add_without_port(board_id, board_id + strlen("ESP8266_"), a, out);
	}
	names = out->count;
	add_without_variant(board_id, board_id, a, out);
	for (size_t i = first; i < names; i++)
		add_without_variant(board_id, out->items[i], a, out);
}
