/* SPDX-License-Identifier: MIT
 *
 * Help texts are written in the sources as they are to be read; this finds their parts.
 */
#include "cmd/help_text.h"

#include <string.h>

enum { CONTINUED = 10 }; /* blanks before a line that goes on with an item */

static size_t blanks(const char *line)
{
	return strspn(line, " ");
}

static const char *line_end(const char *line)
{
	return line + strcspn(line, "\n");
}

static const char *next_line(const char *line)
{
	line = line_end(line);
	return *line ? line + 1 : line;
}

static bool is_heading(const char *line)
{
	const char *end = line_end(line);

	return end > line && *line != ' ' && end[-1] == ':' && blanks(next_line(line)) == 2;
}

static void add_line(struct strbuf *out, const char *line)
{
	line += blanks(line);
	if (out->len)
		strbuf_addch(out, ' ');
	strbuf_add(out, line, (size_t)(line_end(line) - line));
}

/* "  LEFT   TEXT" */
static void add_item(struct help_block *b, const char *line)
{
	const char *end = line_end(line), *gap;

	line += blanks(line);
	gap = strstr(line, "  ");
	if (!gap || gap > end)
		gap = end;
	strbuf_add(&b->left, line, (size_t)(gap - line));
	add_line(&b->text, gap);
}

bool help_text_next(const char **at, struct help_block *b)
{
	const char *line = *at;

	strbuf_reset(&b->left);
	strbuf_reset(&b->text);
	while (*line == '\n')
		line++;
	*at = line;
	if (!*line)
		return false;
	*at = next_line(line);
	if (is_heading(line)) {
		b->kind = HELP_HEADING;
		add_line(&b->text, line);
	} else if (*line == ' ') {
		b->kind = HELP_ITEM;
		add_item(b, line);
		for (; blanks(*at) > CONTINUED; *at = next_line(*at))
			add_line(&b->text, *at);
	} else {
		b->kind = HELP_PARAGRAPH;
		add_line(&b->text, line);
		for (; **at && **at != ' ' && **at != '\n' && !is_heading(*at);
		     *at = next_line(*at))
			add_line(&b->text, *at);
	}
	return true;
}

void help_block_free(struct help_block *b)
{
	strbuf_free(&b->left);
	strbuf_free(&b->text);
}
