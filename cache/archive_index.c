/* SPDX-License-Identifier: MIT
 *
 * Writing and reading the index of an archive. It may come from anywhere: whatever is not exactly as we write it is an
 * error with its line.
 */
#include "cache/archive_index.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char head[] = "mpflash store 1";

/* --- writing -------------------------------------------------------------------------------------------------- */

static void put_text(struct strbuf *out, const char *text)
{
	for (; *text; text++) {
		const char *at = strchr("\t\n\\", *text);

		if (at) {
			strbuf_addch(out, '\\');
			strbuf_addch(out, "tn\\"[at - "\t\n\\"]);
		} else {
			strbuf_addch(out, *text);
		}
	}
}

static void put_digest(struct strbuf *out, const struct digest *d)
{
	char hex[DIGEST_HEX_SIZE];

	digest_hex(d, hex);
	strbuf_addf(out, "\t%s", hex);
}

static void put_action(const struct archive_action *a, struct strbuf *out)
{
	strbuf_adds(out, "action");
	put_digest(out, &a->key);
	strbuf_addf(out, "\t%" PRId64 "\t%" PRId64 "\t%" PRId64 "\t", a->action.time_ns,
		    a->action.duration_ms, a->action.stamp_epoch);
	put_text(out, a->action.stamp);
	strbuf_addch(out, '\t');
	put_text(out, a->action.stamp_hash);
	strbuf_addch(out, '\n');
	for (size_t i = 0; i < a->action.outputs.count; i++) {
		const struct store_output *o = &a->action.outputs.items[i];

		strbuf_adds(out, "output");
		put_digest(out, &o->blob);
		put_digest(out, &o->image);
		strbuf_addf(out, "\t%" PRIu64 "\t%" PRIo32 "\t", o->size, o->mode);
		put_text(out, o->name);
		strbuf_addch(out, '\n');
	}
}

static void put_manifest(const struct archive_manifest *m, struct strbuf *out)
{
	static const char digits[] = "0123456789abcdef";
	AUTO_STRBUF bytes = STRBUF_INIT;

	strbuf_adds(out, "manifest");
	put_digest(out, &m->weak);
	put_digest(out, &m->key);
	strbuf_addch(out, '\t');
	manifest_encode(&m->manifest, &bytes);
	strbuf_reserve(out, bytes.len * 2 + 1);
	for (size_t i = 0; i < bytes.len; i++) {
		strbuf_addch(out, digits[(uint8_t)bytes.buf[i] >> 4]);
		strbuf_addch(out, digits[(uint8_t)bytes.buf[i] & 15]);
	}
	strbuf_addch(out, '\n');
}

void archive_index_write(const struct archive_index *x, struct strbuf *out)
{
	strbuf_addf(out, "%s\n", head);
	for (size_t i = 0; i < x->paths.count; i++) {
		strbuf_adds(out, "path\t");
		put_text(out, x->paths.items[i]);
		strbuf_addch(out, '\n');
	}
	for (size_t i = 0; i < x->actions.count; i++)
		put_action(&x->actions.items[i], out);
	for (size_t i = 0; i < x->manifests.count; i++)
		put_manifest(&x->manifests.items[i], out);
	strbuf_adds(out, "end\n");
}

/* --- reading -------------------------------------------------------------------------------------------------- */

struct reader {
	struct archive_index *x;
	const char *p, *end;
	char *fields[8]; /* of the line: without escapes, in the index's arena */
	size_t count;
	size_t line;
	struct err *e;
};

static bool bad(struct reader *r, const char *what)
{
	return err_set(r->e, "the archive's index, line %zu: %s", r->line, what);
}

/* One field up to a tab or the end of the line, unescaped in place. */
static bool unescape(char *s)
{
	char *to = s;

	for (; *s; s++) {
		if (*s != '\\') {
			*to++ = *s;
			continue;
		}
		s++;
		if (*s == 't')
			*to++ = '\t';
		else if (*s == 'n')
			*to++ = '\n';
		else if (*s == '\\')
			*to++ = '\\';
		else
			return false;
	}
	*to = '\0';
	return true;
}

static bool next_line(struct reader *r)
{
	const char *newline = memchr(r->p, '\n', (size_t)(r->end - r->p));
	char *line;

	r->line++;
	if (!newline)
		return bad(r, "it ends too early");
	if (memchr(r->p, '\0', (size_t)(newline - r->p)))
		return bad(r, "a byte of 0");
	line = arena_strndup(&r->x->arena, r->p, (size_t)(newline - r->p));
	r->p = newline + 1;
	for (r->count = 0; line && r->count < ARRAY_SIZE(r->fields); r->count++) {
		char *tab = strchr(line, '\t');

		if (tab)
			*tab++ = '\0';
		if (!unescape(line))
			return bad(r, "an unknown escape");
		r->fields[r->count] = line;
		line = tab;
	}
	return !line || bad(r, "too many fields");
}

static bool is_row(const struct reader *r, const char *name, size_t count)
{
	return r->count == count && strcmp(r->fields[0], name) == 0;
}

/* Numbers as we print them: no sign but a needed minus, no zeros in front. */
static bool get_number(const char *text, int base, int64_t min, int64_t max, int64_t *out)
{
	char again[32];
	char *end;

	*out = strtoll(text, &end, base);
	snprintf(again, sizeof(again), base == 8 ? "%" PRIo64 : "%" PRId64, *out);
	return strcmp(again, text) == 0 && *out >= min && *out <= max;
}

static bool get_digest(const char *text, struct digest *out)
{
	char again[DIGEST_HEX_SIZE];

	if (!digest_parse(out, text))
		return false;
	digest_hex(out, again);
	return strcmp(again, text) == 0;
}

/* "firmware.bin", "sub/firmware.bin": below a folder, whatever it is. */
static bool is_plain_name(const char *name)
{
	const char *part = name;

	if (!*name || strlen(name) > ARCHIVE_NAME_MAX)
		return false;
	for (const char *p = name; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return false;
	for (;;) {
		size_t len = strcspn(part, "/");

		if (!len || (len == 1 && part[0] == '.') ||
		    (len == 2 && part[0] == '.' && part[1] == '.'))
			return false;
		if (!part[len])
			return true;
		part += len + 1;
	}
}

static bool get_path(struct reader *r)
{
	struct strv *paths = &r->x->paths;
	const char *path = r->fields[1];

	if (!*path)
		return bad(r, "an empty path");
	if (paths->count && strcmp(paths->items[paths->count - 1], path) >= 0)
		return bad(r, "paths are not in order");
	vec_push(paths, path);
	return true;
}

static bool get_action(struct reader *r)
{
	struct archive_action a = { .action = { .stamp = r->fields[5],
						.stamp_hash = r->fields[6] } };
	size_t n = r->x->actions.count;

	if (!get_digest(r->fields[1], &a.key) ||
	    !get_number(r->fields[2], 10, 0, INT64_MAX, &a.action.time_ns) ||
	    !get_number(r->fields[3], 10, 0, INT64_MAX, &a.action.duration_ms) ||
	    !get_number(r->fields[4], 10, 0, INT64_MAX, &a.action.stamp_epoch))
		return bad(r, "a number or digest that is none");
	if (n && memcmp(&r->x->actions.items[n - 1].key, &a.key, sizeof(a.key)) >= 0)
		return bad(r, "actions are not in order");
	vec_push(&r->x->actions, a);
	return true;
}

static bool get_output(struct reader *r)
{
	struct store_action *action = &r->x->actions.items[r->x->actions.count - 1].action;
	struct store_output o = { .name = r->fields[5] };
	int64_t size, mode;

	if (!get_digest(r->fields[1], &o.blob) || !get_digest(r->fields[2], &o.image) ||
	    !get_number(r->fields[3], 10, 0, (int64_t)ARCHIVE_BLOB_MAX, &size) ||
	    !get_number(r->fields[4], 8, 0, 0777, &mode))
		return bad(r, "a number or digest that is none");
	if (!is_plain_name(o.name))
		return bad(r, "a name that is no plain file name");
	o.size = (uint64_t)size;
	o.mode = (uint32_t)mode;
	vec_push(&action->outputs, o);
	return true;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool get_bytes(const char *hex, struct strbuf *out)
{
	for (; *hex; hex += 2) {
		int high = hex_value(hex[0]), low = hex[1] ? hex_value(hex[1]) : -1;

		if (high < 0 || low < 0)
			return false;
		strbuf_addch(out, (char)(high << 4 | low));
	}
	return true;
}

static int compare_actions(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct digest));
}

static bool get_manifest(struct reader *r)
{
	AUTO_STRBUF bytes = STRBUF_INIT;
	struct archive_manifest m = { 0 };
	size_t n = r->x->manifests.count;

	if (!get_digest(r->fields[1], &m.weak) || !get_digest(r->fields[2], &m.key) ||
	    !get_bytes(r->fields[3], &bytes))
		return bad(r, "a digest that is none");
	if (n && memcmp(&r->x->manifests.items[n - 1], &m, 2 * sizeof(struct digest)) >= 0)
		return bad(r, "manifests are not in order");
	if (!r->x->actions.count || !bsearch(&m.key, r->x->actions.items, r->x->actions.count,
					     sizeof(*r->x->actions.items), compare_actions))
		return bad(r, "a manifest of no action");
	if (!manifest_decode(bytes.buf, bytes.len, (uint32_t)r->x->paths.count, &m.manifest))
		return bad(r, "a manifest that is damaged");
	vec_push(&r->x->manifests, m);
	return true;
}

/* Rows come in this order: paths, actions with their outputs, manifests. */
static bool get_rows(struct reader *r)
{
	for (int stage = 0;;) {
		if (!next_line(r))
			return false;
		if (is_row(r, "end", 1))
			return r->p == r->end || bad(r, "something follows the end");
		if (is_row(r, "path", 2) && stage == 0) {
			if (!get_path(r))
				return false;
		} else if (is_row(r, "action", 7) && stage <= 1) {
			stage = 1;
			if (!get_action(r))
				return false;
		} else if (is_row(r, "output", 6) && stage == 1) {
			if (!get_output(r))
				return false;
		} else if (is_row(r, "manifest", 4) && stage >= 1) {
			stage = 2;
			if (!get_manifest(r))
				return false;
		} else {
			return bad(r, "no row that belongs here");
		}
	}
}

bool archive_index_parse(const char *text, size_t len, struct archive_index *out, struct err *e)
{
	struct reader r = { .x = out, .p = text, .end = text + len, .e = e };

	if (!next_line(&r))
		return false;
	if (!is_row(&r, head, 1)) {
		bad(&r, "this is no index that this version knows");
		return err_hint(e, "a newer mpflash may have written it");
	}
	return get_rows(&r) && archive_index_blobs(out, e);
}

void archive_index_free(struct archive_index *x)
{
	for (size_t i = 0; i < x->manifests.count; i++)
		vec_free(&x->manifests.items[i].manifest.entries);
	for (size_t i = 0; i < x->actions.count; i++)
		vec_free(&x->actions.items[i].action.outputs);
	vec_free(&x->manifests);
	vec_free(&x->actions);
	vec_free(&x->paths);
	vec_free(&x->blobs);
	arena_free(&x->arena);
}

/* --- blobs ---------------------------------------------------------------------------------------------------- */

/* The digest comes first. */
static int compare_blobs(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct digest));
}

bool archive_index_blobs(struct archive_index *x, struct err *e)
{
	size_t kept = 0;

	for (size_t i = 0; i < x->actions.count; i++)
		for (size_t k = 0; k < x->actions.items[i].action.outputs.count; k++) {
			const struct store_output *o = &x->actions.items[i].action.outputs.items[k];

			vec_push(&x->blobs,
				 (struct archive_blob){ .digest = o->blob, .size = o->size });
		}
	if (x->blobs.count)
		qsort(x->blobs.items, x->blobs.count, sizeof(*x->blobs.items), compare_blobs);
	for (size_t i = 0; i < x->blobs.count; i++) {
		const struct archive_blob b = x->blobs.items[i];

		if (!kept || !digest_equal(&x->blobs.items[kept - 1].digest, &b.digest))
			x->blobs.items[kept++] = b;
		else if (x->blobs.items[kept - 1].size != b.size)
			return err_set(e, "the archive's index: one file has two sizes");
	}
	x->blobs.count = kept;
	return true;
}

struct archive_blob *archive_index_blob(const struct archive_index *x, const struct digest *d)
{
	if (!x->blobs.count)
		return NULL;
	return bsearch(d, x->blobs.items, x->blobs.count, sizeof(*x->blobs.items), compare_blobs);
}
