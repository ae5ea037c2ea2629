/* SPDX-License-Identifier: MIT
 *
 * The answer of one child, in order: state and flags, then each text with its length.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "board/probe_internal.h"

static const uint32_t none = UINT32_MAX;

/* The texts of an identity. */
static const size_t texts[] = {
	offsetof(struct identity, family),       offsetof(struct identity, version),
	offsetof(struct identity, stamp),        offsetof(struct identity, date),
	offsetof(struct identity, machine),      offsetof(struct identity, cpu),
	offsetof(struct identity, board_id),     offsetof(struct identity, board),
	offsetof(struct identity, variant),      offsetof(struct identity, port),
	offsetof(struct identity, sys_platform), offsetof(struct identity, mpy),
	offsetof(struct identity, arch),         offsetof(struct identity, chip_id),
	offsetof(struct identity, board_info),
};

static char **text_at(const struct identity *id, size_t i)
{
	return (char **)((char *)id + texts[i]);
}

static void put_text(struct strbuf *out, const char *text)
{
	uint32_t len = text ? (uint32_t)strlen(text) : none;

	strbuf_add(out, &len, sizeof(len));
	if (text)
		strbuf_add(out, text, len);
}

struct head {
	int32_t state, build;
	uint8_t has_identity, interrupted;
};

void answer_write(const struct device *d, struct strbuf *out)
{
	struct head head = { .state = (int32_t)d->state,
			     .build = d->identity.build,
			     .has_identity = d->has_identity,
			     .interrupted = d->interrupted };

	strbuf_add(out, &head, sizeof(head));
	put_text(out, d->why);
	put_text(out, d->hint);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		put_text(out, *text_at(&d->identity, i));
}

struct reading {
	const char *p, *end;
	bool short_of; /* something was missing */
};

static bool take(struct reading *r, void *out, size_t len)
{
	if (r->short_of || (size_t)(r->end - r->p) < len) {
		r->short_of = true;
		return false;
	}
	memcpy(out, r->p, len);
	r->p += len;
	return true;
}

/* Owned by the caller; NULL: none. */
static char *take_text(struct reading *r)
{
	uint32_t len;
	char *text;

	if (!take(r, &len, sizeof(len)) || len == none)
		return NULL;
	if ((size_t)(r->end - r->p) < len) {
		r->short_of = true;
		return NULL;
	}
	text = xstrndup(r->p, len);
	r->p += len;
	return text;
}

static const char *take_kept(struct reading *r, struct arena *a)
{
	AUTO_FREE char *text = take_text(r);

	return text ? arena_strdup(a, text) : NULL;
}

bool answer_read(struct devices *list, struct device *d, const void *data, size_t len)
{
	struct reading r = { .p = data, .end = (const char *)data + len };
	AUTO_IDENTITY id = IDENTITY_INIT;
	const char *why, *hint;
	struct head head;

	if (!take(&r, &head, sizeof(head)))
		return false;
	why = take_kept(&r, &list->arena);
	hint = take_kept(&r, &list->arena);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		*text_at(&id, i) = take_text(&r);
	if (r.short_of || head.state < DEVICE_NOT_ASKED || head.state > DEVICE_PROBE)
		return false;
	id.build = head.build;
	d->state = (enum device_state)head.state;
	d->has_identity = head.has_identity;
	d->interrupted = head.interrupted;
	d->why = why;
	d->hint = hint;
	identity_free(&d->identity);
	d->identity = id;
	id = (struct identity)IDENTITY_INIT;
	return true;
}
