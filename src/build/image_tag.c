/* SPDX-License-Identifier: MIT
 *
 * Of YAML, what lock files and workflows use: mappings by indentation, plain and quoted values, anchors. Lists and flow style
 * lead nowhere.
 */
#include "build/image_tag.h"

#include <ctype.h>
#include <string.h>

#include "base/path.h"
#include "os/fs.h"

enum { FILE_MAX = 1 << 20, TAG_MAX = 128 };

/* A line with something on it. */
struct line {
	const char *text; /* behind the indentation */
	size_t indent, len;
};

static bool next_line(const char **at, struct line *l)
{
	while (**at) {
		const char *from = *at;
		size_t len = strcspn(from, "\r\n");

		*at = from + len;
		*at += strspn(*at, "\r\n");
		l->indent = strspn(from, " ");
		if (l->indent > len)
			l->indent = len;
		l->text = from + l->indent;
		l->len = len - l->indent;
		if (l->len && *l->text != '#')
			return true;
	}
	return false;
}

/* The value of "KEY: value" when the line has that key (`len` bytes); NULL: another one. */
static const char *value_of(const struct line *l, const char *key, size_t len)
{
	const char *at = l->text;
	bool quoted = *at == '"' || *at == '\'';

	at += quoted;
	if (l->len < len + 1 + 2 * quoted || strncmp(at, key, len) != 0)
		return NULL;
	at += len + quoted;
	return *at == ':' && (at + 1 == l->text + l->len || at[1] == ' ') ? at + 1 : NULL;
}

/* "&newest "v5.5.2" # why" -> 5.5.2 */
static bool take_tag(const char *value, const char *end, struct strbuf *out)
{
	size_t len = 0;

	while (value < end && *value == ' ')
		value++;
	if (value < end && *value == '&') {
		while (value < end && *value != ' ')
			value++;
		while (value < end && *value == ' ')
			value++;
	}
	if (value < end && (*value == '"' || *value == '\''))
		value++;
	if (value < end && *value == 'v')
		value++;
	while (value + len < end &&
	       (isalnum((unsigned char)value[len]) || (len && strchr("._-", value[len]))))
		len++;
	if (!len || len > TAG_MAX || (value + len < end && !strchr(" \"'", value[len])))
		return false;
	strbuf_add(out, value, len);
	return true;
}

/* In the mapping below a line with the indentation `parent` (-1: the whole text): all of its keys have one indentation. */
static bool find_below(const char *text, long parent, const char *keys, struct strbuf *out)
{
	size_t len = strcspn(keys, ".");
	long indent = -1;
	struct line l;

	while (next_line(&text, &l)) {
		const char *value;

		if ((long)l.indent <= parent)
			return false;
		if (indent < 0)
			indent = (long)l.indent;
		if ((long)l.indent != indent)
			continue;
		value = value_of(&l, keys, len);
		if (value && !keys[len])
			return take_tag(value, l.text + l.len, out);
		if (value)
			return find_below(text, indent, keys + len + 1, out);
	}
	return false;
}

bool image_tag_in_yaml(const char *text, const char *keys, struct strbuf *out)
{
	return find_below(text, -1, keys, out);
}

bool image_tag_find(const char *tree, const struct strv *words, struct strbuf *out)
{
	AUTO_ARENA a = ARENA_INIT;

	for (size_t i = 0; i < words->count; i++) {
		const char *word = words->items[i], *colon = strchr(word, ':');
		AUTO_STRBUF text = STRBUF_INIT;
		AUTO_ERR none = ERR_INIT;

		if (!colon) {
			if (take_tag(word, word + strlen(word), out))
				return true;
			continue;
		}
		if (fs_read(&text,
			    path_join(&a, tree, arena_strndup(&a, word, (size_t)(colon - word))),
			    FILE_MAX, &none) &&
		    image_tag_in_yaml(text.buf, colon + 1, out))
			return true;
	}
	return false;
}
