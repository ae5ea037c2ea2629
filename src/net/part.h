/* SPDX-License-Identifier: MIT
 *
 * A file that is on its way: TARGET.part, and in TARGET.part.info whose it is and what proves that the rest belongs to it.
 * Held by one process at a time.
 */
#ifndef NET_PART_H
#define NET_PART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/strbuf.h"
#include "net/http.h"
#include "os/crypto.h"

struct part {
	int fd; /* -1: not open */
	struct strbuf path, info;
	uint64_t size; /* bytes that are there */
	/* What the file was when the bytes came; all empty: nothing is known, so there is no going on with it. */
	char etag[HTTP_WORD_MAX], modified[HTTP_WORD_MAX];
	uint64_t total;        /* 0: not known */
	struct crypto_sum sum; /* of the bytes that are there */
};

#define PART_INIT                                                  \
	{                                                          \
		.fd = -1, .path = STRBUF_INIT, .info = STRBUF_INIT \
	}

/*
 * Opens or makes the part of `target`. Bytes that came from `url` and can be gone on with are kept (`resume`; without it none
 * are). *held: another process works on it (or the same target is fetched twice): nothing is open then, and there is no error.
 */
bool part_open(struct part *p, const char *target, const char *url, bool resume, bool *held,
	       struct err *e);

/* Whether the part of `target`, which another process holds, is to be what is at `url`. */
bool part_is_of(const char *target, const char *url);

/* The word to send as If-Range; NULL: the part cannot be gone on with. Weak ETags prove nothing about bytes. */
const char *part_proof(const struct part *p);

/* From the first byte again; etag, modified and total are forgotten. */
bool part_restart(struct part *p, struct err *e);

/* Writes down what p->etag, p->modified and p->total say, for another run. */
bool part_note(struct part *p, const char *url, struct err *e);

bool part_add(struct part *p, const void *data, size_t size, struct err *e);

/* The SHA-256 of a file, in hex. */
bool part_digest_file(const char *path, char hex[static HTTP_SHA256_HEX], struct err *e);

/* All is there: its SHA-256 in hex, and on the disk. */
bool part_seal(struct part *p, char hex[static HTTP_SHA256_HEX], struct err *e);

/* Gives it the target's name and closes it. */
bool part_publish(struct part *p, const char *target, struct err *e);

/* Closes it; what can be gone on with stays when `keep`. Takes one that is not open. */
void part_close(struct part *p, bool keep);

#endif
