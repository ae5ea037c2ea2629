/* SPDX-License-Identifier: MIT
 *
 * The file is read in full before it is written: who asks a board what it is reads the beginning alone.
 */
#include "board/board_info_put.h"

#include <string.h>

#include "base/xalloc.h"
#include "board/identity.h"

enum { SCRIPT_MS = 10000 };

/* --- the text ------------------------------------------------------------------------------------------------- */

/* A TOML string. */
static void add_value(struct strbuf *out, const char *key, const char *value)
{
	if (!value || !*value)
		return;
	strbuf_addf(out, "%s = \"", key);
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			strbuf_addch(out, '\\');
		strbuf_addch(out, (unsigned char)*value < ' ' ? ' ' : *value);
	}
	strbuf_adds(out, "\"\n");
}

static bool sets(const char *line, const char *key)
{
	size_t len = strlen(key);

	line += strspn(line, " \t");
	return strncmp(line, key, len) == 0 && line[len + strspn(line + len, " \t")] == '=';
}

static void add_ours(struct strbuf *out, const struct board_info_names *names)
{
	add_value(out, "board_id", names->board_id);
	add_value(out, "custom_id", names->custom_id);
}

/* The file with its other lines as they are: it is its owner's. */
static void merge(struct strbuf *out, const char *old, const struct board_info_names *names)
{
	bool top = true, ours = false, had = false,
	     described = names->description && *names->description;

	add_value(out, "description", names->description);
	for (const char *p = old ? old : ""; *p;) {
		size_t len = strcspn(p, "\n");
		const char *text = p + strspn(p, " \t");

		if (*text == '[') {
			top = false;
			ours = strncmp(text, "[mpflash]", 9) == 0;
			had = had || ours;
		}
		if (!(top && described && sets(p, "description")) &&
		    !(ours && (sets(p, "board_id") || sets(p, "custom_id")))) {
			strbuf_add(out, p, len);
			strbuf_addch(out, '\n');
		}
		if (ours && *text == '[')
			add_ours(out, names);
		p += len + (p[len] == '\n');
	}
	if (!had)
		strbuf_adds(out, "\n[mpflash]\n");
	if (!had)
		add_ours(out, names);
}

static void add_literal(struct strbuf *out, const char *text)
{
	strbuf_addch(out, '\'');
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < ' ' || c == '\'' || c == '\\')
			strbuf_addf(out, "\\x%02x", c);
		else
			strbuf_addch(out, (char)c);
	}
	strbuf_addch(out, '\'');
}

/* --- on the board --------------------------------------------------------------------------------------------- */

static bool run_script(struct repl *r, const char *script, size_t len, struct strbuf *out,
		       const char *what, struct err *e)
{
	AUTO_STRBUF trace = STRBUF_INIT, reason = STRBUF_INIT;

	if (!repl_exec(r, REPL_AUTO, script, len, out, &trace, SCRIPT_MS, e))
		return false;
	if (!trace.len)
		return true;
	repl_add_reason(&trace, &reason);
	err_set(e, "board_info.toml cannot be %s: the board says '%s'", what, reason.buf);
	return err_hint(e, "has its file system room? `mpflash format` empties it");
}

/* *old is the caller's; NULL: there is no file. */
static bool read_old(struct repl *r, char **old, struct err *e)
{
	static const char script[] = "try:\n"
				     " f=open('board_info.toml')\n"
				     " print(repr(f.read()))\n"
				     " f.close()\n"
				     "except OSError as e:\n"
				     " if e.args[0]!=2:raise\n"; /* ENOENT */
	AUTO_STRBUF said = STRBUF_INIT;

	*old = NULL;
	if (!run_script(r, script, sizeof(script) - 1, &said, "read", e))
		return false;
	if (!said.buf[strspn(said.buf, " \r\n")])
		return true;
	*old = identity_parse_literal(said.buf);
	if (*old)
		return true;
	err_set(e, "board_info.toml cannot be changed: what is in it is no text, or too long");
	return err_hint(e, "remove it from the board");
}

static bool replace(struct repl *r, const char *text, struct err *e)
{
	AUTO_STRBUF script = STRBUF_INIT;

	strbuf_adds(&script, "import os\nf=open('board_info.new','w')\nf.write(");
	add_literal(&script, text);
	strbuf_adds(&script, ")\nf.close()\nos.rename('board_info.new','board_info.toml')\n");
	return run_script(r, script.buf, script.len, NULL, "written", e);
}

bool board_info_put(struct repl *r, const struct board_info_names *names, struct err *e)
{
	AUTO_STRBUF text = STRBUF_INIT;
	AUTO_FREE char *old = NULL;

	if (!read_old(r, &old, e))
		return false;
	merge(&text, old, names);
	return replace(r, text.buf, e);
}
