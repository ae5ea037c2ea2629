/* SPDX-License-Identifier: MIT
 *
 * Versions of MicroPython: how they are written, which one is newer, and the words that users say for them.
 */
#ifndef LIBRARY_VERSION_H
#define LIBRARY_VERSION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/strbuf.h"
#include "base/vec.h"

struct version {
	int major, minor, patch;
	bool preview; /* comes before the release of that number */
	int build;    /* commits since the tag; 0: the tag itself, or not said */
};

/*
 * Reads "v1.29.0-preview.731.g1c3c201149", "1.29.0", "v1.19.1-841-g3446", "v1.26.0-preview-214-ga56a1eec7b-dirty": what follows
 * the number of commits (hash, marks of changes) is passed over. False: it does not start with a version.
 */
bool version_parse(struct version *v, const char *text);

/* Below 0: a is older. v1.29.0-preview.500 < v1.29.0-preview.501 < v1.29.0 < v1.29.0.3 < v1.29.1-preview. */
int version_compare(const struct version *a, const struct version *b);

/* The same, builds not counted: whether both are of one release or of one preview. */
bool version_same_release(const struct version *a, const struct version *b);

/*
 * Appends the version as tags, and the library's tables, have it: "v1.29.0-preview", "v1.29.0"; before v1.20.0 a patch of 0 is
 * left out ("v1.19"). The build is not in it.
 */
void version_text(const struct version *v, struct strbuf *out);

/*
 * The same with the build, when there is one, and so that version_parse reads it: "v1.29.0-preview.731", "v1.19.0.841".
 */
void version_build_text(const struct version *v, struct strbuf *out);

/* Compares texts: those that are no versions are older than all that are, and by bytes among themselves. */
int version_compare_text(const char *a, const char *b);

/* Sorts from `first` on, the newest before, and keeps each once. */
void version_sort_texts(struct strv *texts, size_t first);

/* What a user asks for: -v stable, -v preview, -v 1.26.0, -v '?'. */
enum version_word {
	VERSION_STABLE,  /* the newest release */
	VERSION_PREVIEW, /* the newest preview: "preview", "latest", "master" */
	VERSION_EXACT,
	VERSION_ASK, /* "?" */
};

struct version_want {
	enum version_word word;
	struct version version; /* VERSION_EXACT; build 0: any */
};

/* False: a usage error that names the words. */
bool version_want_parse(struct version_want *w, const char *text, struct err *e);

/* Whether it may be the one: which of several is the newest is for the caller to say. */
bool version_fits(const struct version_want *w, const struct version *v);

/*
 * A file's name as micropython.org and the Python tool write it: BOARD[-VARIANT][-YYYYMMDD]-vX.Y.Z[-preview.N[.gHASH]].EXT. Paths and
 * URLs are taken by their last part.
 */
struct firmware_name {
	char board_id[101]; /* BOARD or BOARD-VARIANT */
	char date[9];       /* "20250415", or "" */
	struct version version;
	char hash[41]; /* "1c3c201149", or "" */
	char ext[17];  /* "uf2"; what follows the last '.' */
};

/* False: it has no version, or no board before it, or a part of it is too long. */
bool firmware_name_parse(struct firmware_name *n, const char *name);

/*
 * Appends the name that the library gives such a file: without date and hash (`clean`), "RPI_PICO-v1.29.0-preview.731.uf2", else
 * with what there was of them.
 */
void firmware_name_stored(const struct firmware_name *n, bool clean, struct strbuf *out);

#endif
