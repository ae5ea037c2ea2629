/* SPDX-License-Identifier: MIT
 *
 * A folder's files, put onto a board's own file system over the raw REPL. What the board has already is left alone: size and SHA-256
 * are compared there, before and afterwards. A file is written beside its place and renamed when it is whole, so that a pulled cable
 * leaves the old one or the new one.
 */
#ifndef BOARD_FILES_H
#define BOARD_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/vec.h"
#include "board/repl.h"

struct local_file {
	const char *path; /* on this machine */
	const char *name; /* below the folder: "lib/net/http.py" */
	uint64_t size;
};

struct local_files {
	VEC(struct local_file) files; /* by name */
	struct strv folders;          /* below the folder, an outer one before those in it */
	uint64_t bytes;
	struct arena arena;
};

/*
 * What of a folder goes onto a board: all files and folders but those whose names begin with a dot, and __pycache__. A link counts as the
 * file that it leads to; one to a folder is an error, as is a name that no file system of a board takes. local_files_free takes a zeroed
 * one and one that failed, too.
 */
bool local_files_read(struct local_files *out, const char *dir, struct err *e);
void local_files_free(struct local_files *l);

struct files_options {
	void (*progress)(void *ctx, uint64_t done,
			 uint64_t total); /* bytes; NULL: nobody listens */
	void *ctx;
};

struct files_result {
	size_t written, equal, folders; /* files; folders that were made */
	uint64_t bytes;                 /* of the written files */
};

/*
 * `r` is in the raw REPL and stays there. False with an error that names the file and the board's reason (no file system, no room); files
 * before that one are on the board, `out` counts them.
 */
bool files_put(struct repl *r, const struct local_files *from, const struct files_options *o,
	       struct files_result *out, struct err *e);

/* The same through a serial port: stops what runs, and starts the board's program anew behind it (a soft reset). */
bool files_put_port(const char *port, const struct local_files *from, const struct files_options *o,
		    struct files_result *out, struct err *e);

#endif
