/* SPDX-License-Identifier: MIT
 *
 * Differences of parts and of lists. Parts are lines "name\tvalue"; a part named "inputs" holds the digest of a list of
 * files, lines "digest path", which is compared file by file.
 */
#include "graph/cause.h"

#include <stdint.h>
#include <string.h>

#include "base/map.h"
#include "graph/inputs_digest.h"

struct line {
	const char *name, *value;
	const char *key; /* the name; of a name that comes more than once, the value too */
};

struct lines {
	VEC(struct line) items;
	struct map by_key; /* key -> value */
};

static void lines_free(struct lines *l)
{
	vec_free(&l->items);
	map_free(&l->by_key);
}

/* "name\tvalue", or (files) "value name". */
static void lines_read(struct arena *a, const char *text, bool files, struct lines *out)
{
	char *p = arena_strdup(a, text);

	*out = (struct lines){ 0 };
	while (*p) {
		size_t len = strcspn(p, "\n");
		char *next = p + len + (p[len] == '\n'), *cut;

		p[len] = '\0';
		cut = strchr(p, files ? ' ' : '\t');
		if (cut) {
			const char *name = files ? cut + 1 : p;

			vec_push(&out->items, (struct line){ name, files ? p : cut + 1, name });
			*cut = '\0';
		}
		p = next;
	}
}

/* Counts a name's lines; the map's values are numbers. */
static void mark_repeated(const struct lines *l, struct map *repeated)
{
	struct map seen = MAP_INIT;

	for (size_t i = 0; i < l->items.count; i++) {
		const char *name = l->items.items[i].name;

		if (map_get(&seen, name))
			map_put(repeated, name, repeated);
		map_put(&seen, name, repeated);
	}
	map_free(&seen);
}

static void lines_index(struct arena *a, struct lines *l, const struct map *repeated)
{
	for (size_t i = 0; i < l->items.count; i++) {
		struct line *line = &l->items.items[i];

		if (map_get(repeated, line->name))
			line->key = arena_printf(a, "%s\t%s", line->name, line->value);
		map_put(&l->by_key, line->key, (void *)(uintptr_t)line->value);
	}
}

static bool is_absent(const char *value)
{
	return !value || strcmp(value, "absent") == 0;
}

static const char *change_of(const char *old, const char *new)
{
	if (is_absent(old))
		return "is new";
	if (!new)
		return "is gone";
	return is_absent(new) ? "was removed" : "changed";
}

/* What a part is about: the first word of its name when that says it, a file when its value is a digest. */
static const char *kind_of(const char *name, const char *value)
{
	static const char *const kinds[] = { "argument", "environment", "tool", "output" };
	struct digest d;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		size_t len = strlen(kinds[i]);

		if (strncmp(name, kinds[i], len) == 0 && (!name[len] || name[len] == ' '))
			return kinds[i];
	}
	return strcmp(name, "inputs") != 0 && digest_parse(&d, value) ? "file" : "part";
}

struct comparison {
	struct arena *a;
	struct causes *out;
	const char *skip; /* a name that does not count; NULL: none */
	bool files;       /* lists of files, not parts */
	bool files_told;  /* what the inputs differ in was told file by file */
	bool other_way;   /* one was traced, the other goes by declared inputs and tools */
};

static void add_cause(struct comparison *c, const struct line *line, const char *old,
		      const char *new)
{
	const char *name = line->key == line->name
				   ? line->name
				   : arena_printf(c->a, "%s %s", line->name, line->value);

	vec_push(&c->out->items,
		 (struct cause){
			 .kind = c->files ? "file" : kind_of(line->name, line->value),
			 .name = name,
			 .change = change_of(old, new),
			 .old = old,
			 .new = new,
		 });
}

/* What only a step that goes by declaration is made of; see compile_parts. */
static bool is_declared(const char *name)
{
	return strcmp(name, "inputs") == 0 || strcmp(name, "untraceable") == 0 ||
	       strncmp(name, "tool ", 5) == 0;
}

static bool is_skipped(const struct comparison *c, const char *name)
{
	if (c->files)
		return false;
	return (c->skip && strcmp(name, c->skip) == 0) ||
	       (c->files_told && strcmp(name, "inputs") == 0) ||
	       (c->other_way && is_declared(name));
}

static void compare(struct comparison *c, const struct lines *old, const struct lines *new)
{
	for (size_t i = 0; i < new->items.count; i++) {
		const struct line *line = &new->items.items[i];
		const char *before = map_get(&old->by_key, line->key);

		if ((!before || strcmp(before, line->value) != 0) && !is_skipped(c, line->name))
			add_cause(c, line, before, line->value);
	}
	for (size_t i = 0; i < old->items.count; i++) {
		const struct line *line = &old->items.items[i];

		if (!map_get(&new->by_key, line->key) && !is_skipped(c, line->name))
			add_cause(c, line, line->value, NULL);
	}
}

/* The same lines in another order, or more often: make's words may mean something else then. */
static void compare_order(struct comparison *c, const struct lines *old, const struct lines *now)
{
	size_t least = old->items.count < now->items.count ? old->items.count : now->items.count;
	size_t i = 0;

	while (i < least && strcmp(now->items.items[i].key, old->items.items[i].key) == 0)
		i++;
	if (i < least)
		add_cause(c, &now->items.items[i], old->items.items[i].value,
			  now->items.items[i].value);
	else if (i < now->items.count)
		add_cause(c, &now->items.items[i], NULL, now->items.items[i].value);
	else if (i < old->items.count)
		add_cause(c, &old->items.items[i], old->items.items[i].value, NULL);
	if (i < least)
		c->out->items.items[c->out->items.count - 1].change = "is in another place";
}

/* Returns how many lines there are now. */
static size_t compare_texts(struct comparison *c, const char *old_text, const char *new_text)
{
	struct map repeated = MAP_INIT;
	struct lines old, new;
	size_t count;

	lines_read(c->a, old_text, c->files, &old);
	lines_read(c->a, new_text, c->files, &new);
	mark_repeated(&old, &repeated);
	mark_repeated(&new, &repeated);
	lines_index(c->a, &old, &repeated);
	lines_index(c->a, &new, &repeated);
	compare(c, &old, &new);
	if (!c->files && !c->skip && !c->other_way && !c->out->items.count)
		compare_order(c, &old, &new);
	count = new.items.count;
	lines_free(&old);
	lines_free(&new);
	map_free(&repeated);
	return count;
}

/* The value of the "inputs" part; NULL: none. */
static const char *find_inputs(const char *parts)
{
	const char *line = strncmp(parts, "inputs\t", 7) == 0 ? parts : strstr(parts, "\ninputs\t");

	return line ? strchr(line, '\t') + 1 : NULL;
}

/* The blob that it names, appended; false when there is none. */
static bool read_inputs(struct session *s, const char *parts, struct strbuf *out)
{
	const char *value = find_inputs(parts);
	char hex[DIGEST_HEX_SIZE] = "";
	struct digest d;

	if (!value || strlen(value) < sizeof(hex) - 1)
		return false;
	memcpy(hex, value, sizeof(hex) - 1);
	return digest_parse(&d, hex) && inputs_text(s, &d, out);
}

static void compare_inputs(struct session *s, struct comparison *c, const char *old,
			   const char *now)
{
	AUTO_STRBUF old_files = STRBUF_INIT, new_files = STRBUF_INIT;

	c->files_told = read_inputs(s, old, &old_files) && read_inputs(s, now, &new_files);
	if (!c->files_told)
		return;
	c->files = true;
	c->out->files = compare_texts(c, old_files.buf, new_files.buf);
	c->files = false;
}

void causes_collect(struct session *s, const struct step *step, const struct store_last *last,
		    const char *skip, struct causes *out)
{
	AUTO_STRBUF old = STRBUF_INIT;
	struct comparison c = { .a = &s->arena, .out = out, .skip = skip };
	const char *now = step->parts.buf;

	*out = (struct causes){ 0 };
	if (!store_read_blob(s->store, &last->parts, &old)) {
		out->no_record = true;
		return;
	}
	c.other_way = !digest_is_zero(&last->weak) ? find_inputs(now) != NULL
						   : find_inputs(old.buf) && !find_inputs(now);
	if (!digest_is_zero(&last->weak))
		causes_add_closure(s, last, out);
	else
		compare_inputs(s, &c, old.buf, now);
	out->parts = compare_texts(&c, old.buf, now);
	if (c.other_way)
		vec_push(&out->items, (struct cause){
					      .kind = "part",
					      .name = "the build",
					      .change = find_inputs(now) ? "cannot be traced now"
									 : "can be traced now",
				      });
}

void causes_free(struct causes *c)
{
	vec_free(&c->items);
}

bool causes_count_inputs(struct session *s, const struct step *step, size_t *count)
{
	AUTO_STRBUF files = STRBUF_INIT;

	*count = 0;
	if (!read_inputs(s, step->parts.buf, &files))
		return false;
	for (const char *p = files.buf; *p; p++)
		*count += *p == '\n';
	return true;
}
