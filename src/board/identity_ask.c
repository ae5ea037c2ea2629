/* SPDX-License-Identifier: MIT
 *
 * The questions that a board is asked for its identity, and the answers that are no tuples.
 */
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "board/identity.h"

enum { MAX_BYTES = 32, MAX_LITERAL = 1 << 16, MAX_SHOWN = 200 };

/* --- answers --- */

char *identity_parse_bytes(const char *text)
{
	struct strbuf hex = STRBUF_INIT;
	const char *p = text + strspn(text, " \r\n");
	bool good = *p++ == '[';

	for (int i = 0; good && i < MAX_BYTES && *p != ']'; i++) {
		unsigned n = 0;
		size_t digits = strspn(p, "0123456789");

		for (size_t k = 0; k < digits && k < 3; k++)
			n = n * 10 + (unsigned)(p[k] - '0');
		good = digits > 0 && digits < 4 && n < 256;
		strbuf_addf(&hex, "%02x", n & 0xff);
		p += digits;
		p += strspn(p, ", ");
	}
	if (good && *p == ']' && hex.len)
		return strbuf_detach(&hex);
	strbuf_free(&hex);
	return NULL;
}

/* `digits` hex digits at *p; -1: there are not so many. */
static long take_hex(const char **p, int digits)
{
	long value = 0;

	for (int i = 0; i < digits; i++) {
		const char *all = "0123456789abcdefABCDEF", *at = **p ? strchr(all, **p) : NULL;

		if (!at)
			return -1;
		value = value << 4 | (at - all < 16 ? at - all : at - all - 6);
		(*p)++;
	}
	return value;
}

static bool add_utf8(struct strbuf *out, long c)
{
	if (c <= 0 || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return false;
	if (c < 0x80) {
		strbuf_addch(out, (char)c);
	} else if (c < 0x800) {
		strbuf_addch(out, (char)(0xc0 | c >> 6));
		strbuf_addch(out, (char)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		strbuf_addch(out, (char)(0xe0 | c >> 12));
		strbuf_addch(out, (char)(0x80 | (c >> 6 & 0x3f)));
		strbuf_addch(out, (char)(0x80 | (c & 0x3f)));
	} else {
		strbuf_addch(out, (char)(0xf0 | c >> 18));
		strbuf_addch(out, (char)(0x80 | (c >> 12 & 0x3f)));
		strbuf_addch(out, (char)(0x80 | (c >> 6 & 0x3f)));
		strbuf_addch(out, (char)(0x80 | (c & 0x3f)));
	}
	return true;
}

/* What stands behind a backslash; false: nothing that Python prints. */
static bool take_escape(const char **p, struct strbuf *out)
{
	static const char plain[] = "\\'\"nrt", means[] = "\\'\"\n\r\t";
	char kind = *(*p)++;
	const char *at = kind ? strchr(plain, kind) : NULL;

	if (at) {
		strbuf_addch(out, means[at - plain]);
		return true;
	}
	switch (kind) {
	case 'x':
		return add_utf8(out, take_hex(p, 2));
	case 'u':
		return add_utf8(out, take_hex(p, 4));
	case 'U':
		return add_utf8(out, take_hex(p, 8));
	default:
		return false;
	}
}

char *identity_parse_literal(const char *text)
{
	struct strbuf out = STRBUF_INIT;
	const char *p = text + strspn(text, " \r\n");
	char quote = *p;
	bool good = quote == '\'' || quote == '"';

	if (good)
		p++;
	while (good && *p && *p != quote && out.len < MAX_LITERAL) {
		if (*p == '\\') {
			p++;
			good = take_escape(&p, &out);
		} else {
			strbuf_addch(&out, *p++);
		}
	}
	if (good && *p == quote)
		return strbuf_detach(&out);
	strbuf_free(&out);
	return NULL;
}

/* The first line, when it is printable and not empty; owned by the caller. */
static char *first_line(const struct strbuf *answer)
{
	const char *p = answer->buf + strspn(answer->buf, " \r\n");
	size_t len = strcspn(p, "\r\n");

	for (size_t i = 0; i < len; i++)
		if (p[i] < ' ' || p[i] > '~')
			return NULL;
	return len && len < MAX_SHOWN ? xstrndup(p, len) : NULL;
}

/* --- questions --- */

/*
 * Plain lines, one statement each: the smallest firmware understands them. Each script is shorter than 64 bytes, the
 * input buffer of old boards (ports/stm32, the BBC micro:bit), and its answer is awaited before the next one:
 * without flow control a longer burst loses bytes when the board is busy.
 */
static const char ask_implementation[] = "import sys\nprint(sys.implementation)\n";
static const char ask_version[] = "import sys\nprint(sys.version)\nprint(sys.platform)\n";
static const char ask_uname[] = "import os\nprint(os.uname())\n";
static const char ask_boardname[] = "import boardname\nprint(boardname.BOARD_ID)\n";
static const char ask_chip[] = "import machine\nprint(list(machine.unique_id()))\n";
static const char ask_circuit_board[] = "import board\nprint(board.board_id)\n";
static const char ask_circuit_chip[] = "import microcontroller as m\nprint(list(m.cpu.uid))\n";
/* repr: whatever the file holds, it cannot be taken for the end of the answer */
static const char ask_board_info[] = "print(repr(open('board_info.toml').read(4096)))\n";

/* Firmware that says "micropython" of itself, told by a module that only it has. */
static const struct {
	const char *family, *script;
} relatives[] = {
	{ "pycopy", "from pycopy import const\nprint('yes')\n" },
	{ "pycom", "from pycom import FAT\nprint('yes')\n" },
	{ "ev3-pybricks", "from pybricks.hubs import EV3Brick\nprint('yes')\n" },
};

struct asking {
	struct repl *repl;
	struct identity *id;
	int timeout_ms;
	struct err *e;
};

/* `out` is replaced. A traceback is no failure: a module that is missing is a field that is missing. */
static bool ask(struct asking *a, const char *script, struct strbuf *out)
{
	strbuf_reset(out);
	return repl_exec(a->repl, REPL_PLAIN, script, strlen(script), out, NULL, a->timeout_ms,
			 a->e);
}

static bool ask_names(struct asking *a)
{
	AUTO_STRBUF answer = STRBUF_INIT, more = STRBUF_INIT, uname = STRBUF_INIT;

	if (!ask(a, ask_implementation, &answer) || !ask(a, ask_version, &more))
		return false;
	strbuf_add(&answer, more.buf, more.len);
	identity_parse(a->id, answer.buf, "");
	if (!a->id->machine || !a->id->stamp) {
		if (!ask(a, ask_uname, &uname))
			return false;
		identity_parse(a->id, answer.buf, uname.buf);
	}
	if (a->id->family)
		return true;
	err_set(a->e, "%s runs code, but does not say what it is", a->repl->stream->name);
	return err_hint(a->e, "is this a MicroPython board? reset it, then try again");
}

static bool ask_board(struct asking *a, const char *script)
{
	AUTO_STRBUF answer = STRBUF_INIT;
	AUTO_FREE char *board_id = NULL;

	if (a->id->board_id)
		return true;
	if (!ask(a, script, &answer))
		return false;
	board_id = first_line(&answer);
	if (board_id)
		identity_set_board_id(a->id, board_id);
	return true;
}

/* Firmware of before v1.25, where _build came; its relatives are as old. */
static bool ask_relatives(struct asking *a)
{
	AUTO_STRBUF answer = STRBUF_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(relatives); i++) {
		if (!ask(a, relatives[i].script, &answer))
			return false;
		if (strstr(answer.buf, "yes")) {
			free(a->id->family);
			a->id->family = xstrdup(relatives[i].family);
			break;
		}
	}
	return true;
}

static bool ask_chip_id(struct asking *a, const char *script)
{
	AUTO_STRBUF answer = STRBUF_INIT;

	if (!ask(a, script, &answer))
		return false;
	a->id->chip_id = identity_parse_bytes(answer.buf);
	return true;
}

static bool ask_info(struct asking *a)
{
	AUTO_STRBUF answer = STRBUF_INIT;

	if (!ask(a, ask_board_info, &answer))
		return false;
	a->id->board_info = identity_parse_literal(answer.buf);
	return true;
}

bool identity_query(struct repl *r, struct identity *id, int timeout_ms, struct err *e)
{
	struct asking a = { r, id, timeout_ms, e };
	bool circuit, ok;

	if (!ask_names(&a))
		return false;
	circuit = identity_is_circuitpython(id);
	if (circuit)
		ok = ask_board(&a, ask_circuit_board);
	else if (id->board_id)
		ok = true;
	else
		ok = ask_board(&a, ask_boardname) && ask_relatives(&a);
	return ok && ask_chip_id(&a, circuit ? ask_circuit_chip : ask_chip) && ask_info(&a);
}
