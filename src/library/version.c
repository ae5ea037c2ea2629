/* SPDX-License-Identifier: MIT
 *
 * Reading and comparing versions by number. The Python tool compares texts, which puts v1.9 behind v1.10, and takes the
 * highest build over all versions for the newest preview.
 */
#include "library/version.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"

/* No version has numbers beyond this; a date of eight digits is none. */
enum { NUMBER_MAX = 9999999 };

/* Reads digits; NULL: there are none, or too many. */
static const char *number(const char *p, int *out)
{
	int n = 0;

	if (!isdigit((unsigned char)*p))
		return NULL;
	for (; isdigit((unsigned char)*p); p++) {
		n = n * 10 + (*p - '0');
		if (n > NUMBER_MAX)
			return NULL;
	}
	*out = n;
	return p;
}

/* A part of the number after a '.' or '-', when digits follow it; else p itself. */
static const char *number_after(const char *p, const char *separators, int *out)
{
	const char *end = *p && strchr(separators, *p) ? number(p + 1, out) : NULL;

	return end ? end : p;
}

/* Reads what version_parse does; NULL: no version. */
static const char *parse(struct version *v, const char *p)
{
	static const char word[] = "-preview";

	*v = (struct version){ 0 };
	if (*p == 'v' || *p == 'V')
		p++;
	p = number(p, &v->major);
	if (!p || *p != '.')
		return NULL;
	p = number(p + 1, &v->minor);
	if (!p)
		return NULL;
	p = number_after(p, ".", &v->patch);
	if (strncmp(p, word, sizeof(word) - 1) == 0) {
		v->preview = true;
		p += sizeof(word) - 1;
	}
	return number_after(p, ".-", &v->build);
}

/* Letters right behind the number make it another word ("1.2beta"); the end, or a separator, does not. */
static bool ends_version(const char *p)
{
	return !*p || strchr(".-+ ;,", *p);
}

bool version_parse(struct version *v, const char *text)
{
	const char *end = parse(v, text);

	return end && ends_version(end);
}

static int order(int a, int b)
{
	return (a > b) - (a < b);
}

static int compare_release(const struct version *a, const struct version *b)
{
	int by = order(a->major, b->major);

	by = by ? by : order(a->minor, b->minor);
	by = by ? by : order(a->patch, b->patch);
	return by ? by : order(b->preview, a->preview);
}

int version_compare(const struct version *a, const struct version *b)
{
	int by = compare_release(a, b);

	return by ? by : order(a->build, b->build);
}

bool version_same_release(const struct version *a, const struct version *b)
{
	return compare_release(a, b) == 0;
}

static void add_text(const struct version *v, bool has_patch, struct strbuf *out)
{
	strbuf_addf(out, "v%d.%d", v->major, v->minor);
	if (has_patch || v->patch || v->major != 1 || v->minor >= 20)
		strbuf_addf(out, ".%d", v->patch);
	if (v->preview)
		strbuf_adds(out, "-preview");
}

void version_text(const struct version *v, struct strbuf *out)
{
	add_text(v, false, out);
}

void version_build_text(const struct version *v, struct strbuf *out)
{
	/* Without the patch the build would be taken for it. */
	add_text(v, v->build && !v->preview, out);
	if (v->build)
		strbuf_addf(out, ".%d", v->build);
}

int version_compare_text(const char *a, const char *b)
{
	struct version va, vb;
	bool has_a = version_parse(&va, a), has_b = version_parse(&vb, b);

	if (has_a != has_b)
		return has_a ? 1 : -1;
	return has_a ? version_compare(&va, &vb) : strcmp(a, b);
}

static int newer_first(const void *left, const void *right)
{
	const char *const *a = left, *const *b = right;

	return version_compare_text(*b, *a);
}

void version_sort_texts(struct strv *texts, size_t first)
{
	size_t kept = first;

	if (texts->count > first)
		qsort(texts->items + first, texts->count - first, sizeof(*texts->items),
		      newer_first);
	for (size_t i = first; i < texts->count; i++)
		if (i == first || strcmp(texts->items[i], texts->items[kept - 1]) != 0)
			texts->items[kept++] = texts->items[i];
	texts->count = kept;
}

bool version_want_parse(struct version_want *w, const char *text, struct err *e)
{
	static const struct {
		const char *text;
		enum version_word word;
	} words[] = {
		{ "stable", VERSION_STABLE },  { "preview", VERSION_PREVIEW },
		{ "latest", VERSION_PREVIEW }, { "master", VERSION_PREVIEW },
		{ "?", VERSION_ASK },
	};

	*w = (struct version_want){ .word = VERSION_EXACT };
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i].text, text) == 0) {
			w->word = words[i].word;
			return true;
		}
	if (version_parse(&w->version, text))
		return true;
	err_usage(e, "'%s' is no version", text);
	return err_hint(e, "say stable, preview, or a number as in 1.26.0 or v1.29.0-preview");
}

bool version_fits(const struct version_want *w, const struct version *v)
{
	switch (w->word) {
	case VERSION_STABLE:
		return !v->preview;
	case VERSION_PREVIEW:
		return v->preview;
	case VERSION_EXACT:
		return version_same_release(&w->version, v) &&
		       (!w->version.build || w->version.build == v->build);
	case VERSION_ASK:
		break;
	}
	return true;
}

/* --- names of files ------------------------------------------------------------------------------------------- */

static bool copy(char *out, size_t room, const char *text, size_t len)
{
	if (len >= room)
		return false;
	memcpy(out, text, len);
	out[len] = '\0';
	return true;
}

/* ".gHASH" or "-gHASH" behind the version, and then the end of the name. */
static bool take_hash(struct firmware_name *n, const char *p)
{
	size_t len;

	if ((*p != '.' && *p != '-') || p[1] != 'g')
		return true;
	p += 2;
	len = strspn(p, "0123456789abcdef");
	return len < 7 || copy(n->hash, sizeof(n->hash), p, len);
}

static bool all_digits(const char *p, size_t count)
{
	while (count && isdigit((unsigned char)*p)) {
		p++;
		count--;
	}
	return count == 0;
}

/* It becomes part of file names: the letters of folders in ports/PORT/boards. */
static bool is_board(const char *id)
{
	return isalnum((unsigned char)id[0]) &&
	       !id[strspn(id,
			  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+.")];
}

/* What stands before the version: BOARD[-VARIANT][-YYYYMMDD][-unstable], as of the nightly builds before v1.22. */
static bool take_board(struct firmware_name *n, const char *name, size_t len)
{
	static const char unstable[] = "-unstable";
	const size_t mark = sizeof(unstable) - 1;

	if (len > mark && memcmp(name + len - mark, unstable, mark) == 0)
		len -= mark;
	if (len > 9 && name[len - 9] == '-' && all_digits(name + len - 8, 8)) {
		copy(n->date, sizeof(n->date), name + len - 8, 8);
		len -= 9;
	}
	return copy(n->board_id, sizeof(n->board_id), name, len) && is_board(n->board_id);
}

bool firmware_name_parse(struct firmware_name *n, const char *name)
{
	const char *base = path_base(name), *ext = path_ext(base), *v = base;
	const char *end = NULL;

	*n = (struct firmware_name){ 0 };
	/* Digits would be the version's: "v1.26.0.7z". */
	if (!*ext || isdigit((unsigned char)*ext) ||
	    ext[strspn(ext, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")] ||
	    !copy(n->ext, sizeof(n->ext), ext, strlen(ext)))
		return false;
	while (!end && (v = strstr(v, "-v"))) {
		end = parse(&n->version, v + 1);
		/* The extension may follow at once: then it is not the number's ("v1.26.0.7z"). */
		if (end && (end >= ext || !ends_version(end)))
			end = NULL;
		if (!end)
			v += 2;
	}
	return end && take_hash(n, end) && take_board(n, base, (size_t)(v - base));
}

void firmware_name_stored(const struct firmware_name *n, bool clean, struct strbuf *out)
{
	strbuf_adds(out, n->board_id);
	if (!clean && n->date[0])
		strbuf_addf(out, "-%s", n->date);
	strbuf_addch(out, '-');
	version_build_text(&n->version, out);
	if (!clean && n->hash[0])
		strbuf_addf(out, ".g%s", n->hash);
	strbuf_addf(out, ".%s", n->ext);
}
