/* SPDX-License-Identifier: MIT
 *
 * Escapes of roff. Hyphens are all `\-`, so that options can be copied from what man shows.
 */
#include "base/roff.h"

#include <string.h>

enum { WIDTH = 78 }; /* of a line of source; linters complain of longer ones */

static void add_char(struct strbuf *out, char c)
{
	switch (c) {
	case '\\':
		strbuf_adds(out, "\\e");
		break;
	case '-':
		strbuf_adds(out, "\\-");
		break;
	case '\'':
		strbuf_adds(out, "\\(aq");
		break;
	case '"':
		strbuf_adds(out, "\\(dq");
		break;
	case '`':
		strbuf_adds(out, "\\(ga");
		break;
	case '^':
		strbuf_adds(out, "\\(ha");
		break;
	case '~':
		strbuf_adds(out, "\\(ti");
		break;
	default:
		strbuf_addch(out, c);
	}
}

static void add_chars(struct strbuf *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		add_char(out, text[i]);
}

/* A word of filled text; *bold: a backquote stands open. A word at the start of a line may not look like a request. */
static void add_word(struct strbuf *out, const char *word, size_t len, bool *bold)
{
	if (*word == '.' || *word == '\'')
		strbuf_adds(out, "\\&");
	for (size_t i = 0; i < len; i++) {
		if (word[i] != '`') {
			add_char(out, word[i]);
			continue;
		}
		*bold = !*bold;
		strbuf_adds(out, *bold ? "\\fB" : "\\fP");
	}
}

/* Man pages have a new line for a new sentence. */
static bool ends_sentence(const char *word, size_t len)
{
	while (len && strchr(")'`", word[len - 1]))
		len--;
	return len && strchr(".?!", word[len - 1]);
}

void roff_text(struct strbuf *out, const char *text)
{
	size_t column = 0;
	bool bold = false, open = false, ended = false;

	for (text += strspn(text, " \n"); *text; text += strspn(text, " \n")) {
		size_t len = strcspn(text, " \n");
		AUTO_STRBUF word = STRBUF_INIT;

		add_word(&word, text, len, &bold);
		if (open && (ended || column + 1 + word.len > WIDTH)) {
			strbuf_addch(out, '\n');
			column = 0;
		} else if (open) {
			strbuf_addch(out, ' ');
			column++;
		}
		strbuf_add(out, word.buf, word.len);
		column += word.len;
		ended = ends_sentence(text, len);
		open = true;
		text += len;
	}
	if (open)
		strbuf_addch(out, '\n');
}

void roff_line(struct strbuf *out, const char *line, size_t len)
{
	if (len && (*line == '.' || *line == '\''))
		strbuf_adds(out, "\\&");
	add_chars(out, line, len);
	strbuf_addch(out, '\n');
}

void roff_arg(struct strbuf *out, const char *text)
{
	strbuf_adds(out, " \"\\&");
	add_chars(out, text, strlen(text));
	strbuf_addch(out, '"');
}
