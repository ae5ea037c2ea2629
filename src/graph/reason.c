/* SPDX-License-Identifier: MIT
 *
 * Reasons. Parts are lines "name\tvalue"; a part named "inputs" holds the digest of a list of files, lines
 * "digest path", which is compared file by file.
 */
#include "graph/reason.h"

#include <string.h>

#include "base/map.h"
#include "graph/inputs_digest.h"

/* Lines into a map from name to value; the text is cut up. `by_tail`: "value name" instead of "name\tvalue". */
static void index_lines(char *text, bool by_tail, struct map *out)
{
	while (*text) {
		size_t len = strcspn(text, "\n");
		char *next = text + len + (text[len] == '\n'), *cut;

		text[len] = '\0';
		cut = strchr(text, by_tail ? ' ' : '\t');
		if (cut) {
			*cut = '\0';
			map_put(out, by_tail ? cut + 1 : text, by_tail ? text : cut + 1);
		}
		text = next;
	}
}

struct difference {
	struct strbuf *out;
	size_t shown, total;
	bool files_told; /* what changed in the list of inputs was told file by file */
};

enum { MAX_SHOWN = 3 };

static void differ(struct difference *d, const char *name, const char *what)
{
	if (d->total++ >= MAX_SHOWN)
		return;
	strbuf_addf(d->out, "%s%s %s", d->shown++ ? ", " : "", name, what);
}

/* What differs between two maps; entries in the order of the slots, which is stable for the same names. */
static void compare(const struct map *old, const struct map *new, struct difference *d)
{
	for (size_t i = 0; i < new->size; i++) {
		const struct map_slot *slot = &new->slots[i];
		const char *before = slot->key ? map_get(old, slot->key) : NULL;

		if (!slot->key || (before && strcmp(before, slot->value) == 0))
			continue;
		if (d->files_told && strcmp(slot->key, "inputs") == 0)
			continue;
		differ(d, slot->key,
		       before && strcmp(before, "absent") != 0
			       ? (strcmp(slot->value, "absent") == 0 ? "was removed" : "changed")
			       : "is new");
	}
	for (size_t i = 0; i < old->size; i++)
		if (old->slots[i].key && !map_get(new, old->slots[i].key))
			differ(d, old->slots[i].key, "is gone");
}

static void compare_texts(struct strbuf *old, struct strbuf *new, bool by_tail,
			  struct difference *d)
{
	struct map a = MAP_INIT, b = MAP_INIT;

	index_lines(old->buf, by_tail, &a);
	index_lines(new->buf, by_tail, &b);
	compare(&a, &b, d);
	map_free(&a);
	map_free(&b);
}

/* The blob that the "inputs" part names, appended; false when there is none. */
static bool read_inputs(struct session *s, const char *parts, struct strbuf *out)
{
	const char *line = strncmp(parts, "inputs\t", 7) == 0 ? parts : strstr(parts, "\ninputs\t");
	char hex[DIGEST_HEX_SIZE] = "";
	struct digest d;

	if (!line)
		return false;
	line = strchr(line, '\t') + 1;
	if (strlen(line) < sizeof(hex) - 1)
		return false;
	memcpy(hex, line, sizeof(hex) - 1);
	return digest_parse(&d, hex) && inputs_text(s, &d, out);
}

const char *reason_to_run(struct session *s, const struct step *step, const struct store_last *last)
{
	AUTO_STRBUF text = STRBUF_INIT, old = STRBUF_INIT, new = STRBUF_INIT;
	AUTO_STRBUF old_files = STRBUF_INIT, new_files = STRBUF_INIT;
	struct difference d = { .out = &text };

	if (!last)
		return "never done before";
	if (!store_read_blob(s->store, &last->parts, &old))
		return "the store does not know what it was made of";
	strbuf_add(&new, step->parts.buf, step->parts.len);
	d.files_told = read_inputs(s, old.buf, &old_files) && read_inputs(s, new.buf, &new_files);
	if (d.files_told)
		compare_texts(&old_files, &new_files, true, &d);
	compare_texts(&old, &new, false, &d);
	if (d.total > d.shown)
		strbuf_addf(&text, " and %zu more", d.total - d.shown);
	return text.len ? arena_strdup(&s->arena, text.buf)
			: "what it made last is not in the store";
}

static size_t count_lines(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

const char *reason_fresh(struct session *s, const struct step *step)
{
	AUTO_STRBUF files = STRBUF_INIT;

	/* Counting the files costs a read: only for those who asked why. */
	if (!s->opt->explain || !read_inputs(s, step->parts.buf, &files))
		return step->ins.count ? "what it is made from did not change" : "nothing changed";
	return arena_printf(&s->arena, "none of its %zu files, flags and tools changed",
			    count_lines(files.buf));
}
