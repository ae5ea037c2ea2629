/* SPDX-License-Identifier: MIT
 *
 * Identity from the printed form of Python values. Texts come from a device, so nothing about them is believed:
 * the scanner below never goes past a line's end, does not recurse and keeps at most MAX_TEXT bytes of a string.
 */
#include "board/identity.h"

#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/utf8.h"
#include "base/xalloc.h"

enum { MAX_LINE = 4096, MAX_TEXT = 200, MAX_NUMBER = 1 << 30 };

struct span {
	const char *p, *end;
};

/* --- Python's printed tuples --- */

/* The end of the string literal that starts at p (a quote). */
static const char *skip_string(const char *p, const char *end)
{
	char quote = *p++;

	while (p < end && *p != quote)
		p += *p == '\\' && p + 1 < end ? 2 : 1;
	return p < end ? p + 1 : end;
}

/* The end of one element: the comma or the bracket that closes its tuple. */
static const char *skip_element(const char *p, const char *end)
{
	int depth = 0;

	while (p < end) {
		if (*p == '\'' || *p == '"') {
			p = skip_string(p, end);
			continue;
		}
		if (depth == 0 && (*p == ',' || *p == ')'))
			break;
		if (*p == '(' || *p == '[' || *p == '{')
			depth++;
		else if ((*p == ')' || *p == ']' || *p == '}') && depth > 0)
			depth--;
		p++;
	}
	return p;
}

static bool is_name_char(char c)
{
	return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9');
}

/* Splits "key=" off an element; an empty key when it has none. */
static struct span take_key(struct span *element)
{
	const char *p = element->p;
	struct span key = { p, p };

	while (p < element->end && is_name_char(*p))
		p++;
	if (p > key.p && p < element->end && *p == '=') {
		key.end = p;
		element->p = p + 1;
	}
	return key;
}

/* The element called `key`, or the index-th one when it has no name. Empty when there is none. */
static struct span tuple_get(struct span tuple, const char *key, int index)
{
	const char *p = tuple.p;

	if (p >= tuple.end || *p != '(')
		return (struct span){ 0 };
	p++;
	for (int i = 0; p < tuple.end && *p != ')'; i++) {
		struct span element, name;

		while (p < tuple.end && *p == ' ')
			p++;
		element = (struct span){ p, skip_element(p, tuple.end) };
		p = element.end < tuple.end && *element.end == ',' ? element.end + 1 : element.end;
		name = take_key(&element);
		if (name.p == name.end ? i == index
				       : (size_t)(name.end - name.p) == strlen(key) &&
						 memcmp(name.p, key, strlen(key)) == 0)
			return element;
	}
	return (struct span){ 0 };
}

/* --- values --- */

static int hex_value(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One character of a literal, escapes undone; -1 for what is not printable ASCII or UTF-8. */
static int next_char(const char **p, const char *end)
{
	int c = (unsigned char)*(*p)++;

	if (c != '\\' || *p >= end)
		return c >= ' ' && c != 0x7f ? c : -1;
	c = (unsigned char)*(*p)++;
	if (c == '\\' || c == '\'' || c == '"')
		return c;
	if (c == 'x' && end - *p >= 2 && hex_value((*p)[0]) >= 0 && hex_value((*p)[1]) >= 0) {
		c = hex_value((*p)[0]) << 4 | hex_value((*p)[1]);
		*p += 2;
		return c >= ' ' && c < 0x7f ? c : -1;
	}
	return -1;
}

/* Text without control characters; what else a terminal would act on, and what is no UTF-8, is '?'. NULL when nothing is left. */
static char *clean(struct span s)
{
	AUTO_STRBUF out = STRBUF_INIT;
	char shown[MAX_TEXT + 1];

	while (s.p < s.end && out.len < MAX_TEXT) {
		int c = next_char(&s.p, s.end);

		if (c >= 0)
			strbuf_addch(&out, (char)c);
	}
	while (out.len && out.buf[out.len - 1] == ' ')
		strbuf_set_len(&out, out.len - 1);
	utf8_printable(shown, sizeof(shown), out.buf, out.len);
	return *shown ? xstrdup(shown) : NULL;
}

/* The text of a string literal; NULL for anything else. */
static char *get_string(struct span s)
{
	if (s.p >= s.end || (*s.p != '\'' && *s.p != '"'))
		return NULL;
	s.end = skip_string(s.p, s.end) - 1;
	s.p++;
	return s.p < s.end ? clean(s) : NULL;
}

/* A number of 0 or more; -1 for anything else. */
static int get_number(struct span s)
{
	int n = 0;

	if (s.p >= s.end || *s.p < '0' || *s.p > '9')
		return -1;
	for (; s.p < s.end && *s.p >= '0' && *s.p <= '9'; s.p++) {
		if (n > MAX_NUMBER / 10 - 1)
			return -1;
		n = n * 10 + (*s.p - '0');
	}
	return n;
}

/* Where `text` starts in s; NULL: nowhere. */
static const char *find(struct span s, const char *text)
{
	size_t len = strlen(text);

	for (; s.p && (size_t)(s.end - s.p) >= len; s.p++)
		if (memcmp(s.p, text, len) == 0)
			return s.p;
	return NULL;
}

/* Takes `value` over when the field is still empty. */
static void set_once(char **field, char *value)
{
	if (*field)
		free(value);
	else
		*field = value;
}

/* --- fields --- */

/* (1, 29, 0, 'preview') -> "1.29.0-preview"; 1.10.0 to 1.19.x call themselves "1.10", "1.19.1". */
static char *version_text(struct span tuple)
{
	AUTO_FREE char *suffix = get_string(tuple_get(tuple, "", 3));
	struct strbuf out = STRBUF_INIT;
	int part[3];

	for (int i = 0; i < 3; i++)
		part[i] = get_number(tuple_get(tuple, "", i));
	if (part[0] < 0 || part[1] < 0)
		return NULL;
	strbuf_addf(&out, "%d.%d", part[0], part[1]);
	if (part[2] > 0 || (part[2] == 0 && !(part[0] == 1 && part[1] >= 10 && part[1] <= 19)))
		strbuf_addf(&out, ".%d", part[2]);
	if (suffix)
		strbuf_addf(&out, "-%s", suffix);
	return strbuf_detach(&out);
}

/* "v1.29.0-preview.731.g1c3c201149" -> 731, "v1.9.2-34-gd64154c73" -> 34, "v1.24.1" -> 0. */
static int stamp_build(const char *stamp)
{
	const char *p = strstr(stamp, "-preview.");

	if (p)
		p += strlen("-preview.");
	else if ((p = strchr(stamp, '-')))
		p++;
	if (p) {
		int n = get_number((struct span){ p, p + strlen(p) });

		return n > 0 ? n : 0;
	}
	return 0;
}

/* "3.4.0; MicroPython v1.29.0 on 2026-11-22": the stamp and the date. */
static void take_stamp(struct identity *id, struct span text)
{
	/* sys.version and the BBC micro:bit put "MicroPython " before it; CircuitPython, its own name. */
	const char *start = find(text, "Python ");
	struct span stamp = { start ? start + strlen("Python ") : text.p, text.end };
	const char *on = find(stamp, " on ");
	struct span date;

	if (id->stamp || !on)
		return;
	stamp.end = on;
	id->stamp = clean(stamp);
	date = (struct span){ on + strlen(" on "), on + strlen(" on ") };
	while (date.end < text.end && ((*date.end >= '0' && *date.end <= '9') || *date.end == '-'))
		date.end++;
	set_once(&id->date, date.end > date.p ? clean(date) : NULL);
	if (id->stamp)
		id->build = stamp_build(id->stamp);
}

/* sys.implementation._mpy: bits 0-7 version, 8-9 sub-version, from 10 the architecture (py/persistentcode.h). */
static void take_mpy(struct identity *id, int mpy)
{
	static const char *const archs[] = { NULL,        "x86",    "x64",       "armv6",
					     "armv6m",    "armv7m", "armv7em",   "armv7emsp",
					     "armv7emdp", "xtensa", "xtensawin", "rv32imc",
					     "rv64imc" };
	struct strbuf text = STRBUF_INIT;
	unsigned arch;

	if (mpy <= 0)
		return;
	strbuf_addf(&text, "v%d.%d", mpy & 0xff, mpy >> 8 & 3);
	set_once(&id->mpy, strbuf_detach(&text));
	arch = (unsigned)mpy >> 10 & 0xf; /* above: flags of that architecture */
	if (arch < ARRAY_SIZE(archs) && archs[arch])
		set_once(&id->arch, xstrdup(archs[arch]));
}

static void take_implementation(struct identity *id, struct span line)
{
	set_once(&id->family, get_string(tuple_get(line, "name", 0)));
	set_once(&id->version, version_text(tuple_get(line, "version", 1)));
	set_once(&id->machine, get_string(tuple_get(line, "_machine", -1)));
	set_once(&id->board_id, get_string(tuple_get(line, "_build", -1)));
	take_mpy(id, get_number(tuple_get(line, "_mpy", -1)));
}

static void take_uname(struct identity *id, struct span line)
{
	AUTO_FREE char *version = get_string(tuple_get(line, "version", 3));

	set_once(&id->sys_platform, get_string(tuple_get(line, "sysname", 0)));
	set_once(&id->machine, get_string(tuple_get(line, "machine", 4)));
	if (version)
		take_stamp(id, (struct span){ version, version + strlen(version) });
}

/* What stands after the last "with" of a description. */
static void derive_cpu(struct identity *id)
{
	const char *found = NULL;

	if (!id->machine)
		return;
	for (const char *p = id->machine; (p = strstr(p, "with ")); p++)
		found = p + strlen("with ");
	if (found && *found)
		id->cpu = xstrdup(found);
}

/* "RPI_PICO-THREAD", and Pimoroni's "PGA2350_16MB", in two parts. */
static void derive_board(struct identity *id)
{
	const char *cut, *digits;
	size_t len;

	free(id->board);
	free(id->variant);
	id->board = id->variant = NULL;
	if (!id->board_id)
		return;
	len = strlen(id->board_id);
	cut = strchr(id->board_id, '-');
	if (!cut && len > 3 && strcmp(id->board_id + len - 2, "MB") == 0) {
		digits = id->board_id + len - 2;
		while (digits > id->board_id && digits[-1] >= '0' && digits[-1] <= '9')
			digits--;
		if (digits > id->board_id && digits[-1] == '_' && digits < id->board_id + len - 2)
			cut = digits - 1;
	}
	id->board =
		cut ? xstrndup(id->board_id, (size_t)(cut - id->board_id)) : xstrdup(id->board_id);
	if (cut && cut[1])
		id->variant = xstrdup(cut + 1);
}

void identity_set_board_id(struct identity *id, const char *text)
{
	char *own = xstrdup(text);

	free(id->board_id);
	id->board_id = own;
	derive_board(id);
}

bool identity_is_circuitpython(const struct identity *id)
{
	return id->family && strcmp(id->family, "circuitpython") == 0;
}

/* sys.platform is the port's name on most ports, an older name or one with more behind it on the others. */
static void derive_port(struct identity *id)
{
	static const char *const ports[] = { "alif",   "cc3200",     "esp32",       "esp8266",
					     "mimxrt", "nrf",        "psoc-edge",   "psoc6",
					     "qemu",   "renesas-ra", "rp2",         "samd",
					     "stm32",  "unix",       "webassembly", "windows",
					     "zephyr" };
	const char *s = id->sys_platform, *best = NULL;

	if (!s)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(ports); i++) {
		size_t len = strlen(ports[i]);

		if (strncmp(s, ports[i], len) == 0 && (!best || len > strlen(best)))
			best = ports[i];
	}
	if (strncmp(s, "pyb", 3) == 0)
		best = "stm32";
	else if (strcmp(s, "win32") == 0)
		best = "windows";
	else if (strcmp(s, "linux") == 0)
		best = "unix";
	id->port = xstrdup(best ? best : s);
}

/* --- lines --- */

/* The next line that is not empty; false at the end. Line ends are CR, LF or both. */
static bool next_line(struct span *rest, struct span *line)
{
	while (rest->p < rest->end && (*rest->p == '\r' || *rest->p == '\n'))
		rest->p++;
	line->p = rest->p;
	while (rest->p < rest->end && *rest->p != '\r' && *rest->p != '\n')
		rest->p++;
	line->end = rest->p - line->p > MAX_LINE ? line->p + MAX_LINE : rest->p;
	return line->p < line->end;
}

static struct span span_of(const char *text)
{
	return (struct span){ text, text + strlen(text) };
}

bool identity_parse(struct identity *id, const char *answer, const char *uname)
{
	struct span rest = span_of(answer), line;
	int n = 0; /* lines seen since the tuple */

	identity_free(id);
	while (n < 3 && next_line(&rest, &line)) {
		if (n == 0 && *line.p == '(')
			take_implementation(id, line);
		if (n == 0 && !id->family)
			continue;
		if (n == 1)
			take_stamp(id, line);
		else if (n == 2)
			id->sys_platform = clean(line);
		n++;
	}
	rest = span_of(uname);
	while (next_line(&rest, &line))
		if (*line.p == '(')
			take_uname(id, line);
	derive_cpu(id);
	derive_board(id);
	derive_port(id);
	return id->family != NULL;
}

void identity_free(struct identity *id)
{
	char *const all[] = {
		id->family,       id->version,  id->stamp, id->date,    id->machine,
		id->cpu,          id->board_id, id->board, id->variant, id->port,
		id->sys_platform, id->mpy,      id->arch,  id->chip_id, id->board_info
	};

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		free(all[i]);
	*id = (struct identity)IDENTITY_INIT;
}
