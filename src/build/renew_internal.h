/* SPDX-License-Identifier: MIT
 *
 * What the files of renewing share with each other and with nobody else: what is in a work folder (renew_scan), and
 * what goes of it (renew_plan).
 */
#ifndef BUILD_RENEW_INTERNAL_H
#define BUILD_RENEW_INTERNAL_H

#include "base/map.h"
#include "build/renew.h"

/* A file that compilers read. */
struct renew_file {
	const char *path; /* absolute, links resolved; as far as that can be when it is gone */
	size_t sources;   /* objects whose source it is */
	size_t others;    /* objects that read it beside their source */
	enum { DATED_UNKNOWN, DATED_NO, DATED_YES } dated; /* see renew_dates.c */
};

struct renew_read {
	const char *name; /* as the dependency file has it */
	struct renew_file *file;
};

struct renew_object {
	const char *path;         /* absolute */
	struct renew_read *reads; /* the source first; NULL: it has no dependency file */
	size_t count;
	bool nested; /* of another CMake project inside the folder: a host tool */
	bool remove;
};

/* All of it lives in the arena but the vectors and the maps (renew_scan_free). */
struct renew_scan {
	const struct renew_job *job;
	struct arena *arena;
	const char *base; /* what relative names in dependency files are relative to */
	bool cmake;
	bool made_scripts; /* the build makes linker scripts, from who knows what */
	VEC(struct renew_object) objects;
	struct strv linked; /* *.elf, absolute */
	struct map by_name; /* struct renew_file by the name in dependency files */
	struct map by_path; /* the same by path */
	struct map folders; /* resolved folders by name */
};

/* Reads the folder's dependency files. False: *e says what is odd; the folder cannot be judged. */
bool renew_scan(struct renew_scan *scan, const struct renew_job *job, struct arena *a,
		struct err *e);
void renew_scan_free(struct renew_scan *scan);

/* The file that a change names, or NULL when no compiler's dependency file does. */
struct renew_file *renew_scan_find(struct renew_scan *scan, const char *path);

/* What is to be removed and forced. Objects have a mark of their own. */
struct renew_plan {
	bool qstr_all;     /* the QSTRs of every source are taken again */
	bool qstr_header;  /* and the file that holds them, which every object reads */
	bool frozen;       /* frozen_content.c */
	bool frozen_mpy;   /* and the modules in it are compiled again */
	bool linked;       /* what is linked */
	struct strv words; /* for make; strings in the arena */
	struct strv files; /* further files, absolute; some are not there */
};

/* Judges all changes. NULL, or why the folder has to be made from nothing (in the arena). vec_free words and files. */
const char *renew_judge(struct renew_scan *scan, struct renew_plan *plan);

/*
 * QSTR extraction leaves a file for each source and kind of word, and none when a source has no such word: an older one
 * stays then. Appends those that an object's sources may have left, absolute.
 */
void renew_qstr_files(struct renew_scan *scan, const struct renew_object *o, struct strv *out);

/* The folders in genhdr that hold those files. */
enum { RENEW_QSTR_KINDS = 4 };
extern const char *const renew_qstr_kinds[RENEW_QSTR_KINDS];

/* True when QSTR extraction has to take all sources, whatever changed. */
bool renew_needs_all_qstrs(struct renew_scan *scan);

/* Marks the objects that may hold the time of the build (SOURCE_DATE_EPOCH). */
void renew_mark_dated(struct renew_scan *scan);

/* True for a file that one source includes and another one reads too, and that is a source itself by its name. */
bool renew_is_shared_source(const struct renew_file *file);

/* True when a file's name says that it is compiled ("x.c", "x.cpp"). */
bool renew_is_source_name(const char *path);

#endif
