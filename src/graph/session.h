/* SPDX-License-Identifier: MIT
 *
 * One run of `make`: what was asked for, and everything that is opened once.
 */
#ifndef GRAPH_SESSION_H
#define GRAPH_SESSION_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "base/vec.h"
#include "board/catalogue.h"
#include "cache/statcache.h"
#include "cache/store.h"
#include "graph/report.h"
#include "graph/rules.h"
#include "source/stamp.h"
#include "source/tree.h"

struct methods;

struct make_options {
	int jobs; /* 0: as many as the machine has processors */
	bool keep_going, dry_run, always, explain, json, probe, keep_work, audit;
	bool import;             /* what was built goes into the firmware library */
	const char *library_dir; /* -d: where that is; NULL: as library_folder finds it */
	bool notes;              /* deploy notes are shown after a first build */
	bool rebuild; /* as `always`, for the steps of boards alone: mpy-cross is left as it is */
	const char *tree_dir; /* -C: NULL: MICROPY_DIR or the current folder */
	const char *out_dir;  /* -o: NULL: <tree>/build-mpflash */
	/* --image: firmware for flash and verify targets; NULL: what is built */
	const char *image;
	/* --stamp: "content" or "exact"; NULL: exact for other versions of the tree, else content */
	const char *stamp;
	bool offline; /* --offline: nothing is fetched */
	/* --builder: "docker", "host" or "podman"; NULL: the host where it has the tools, else an engine */
	const char *builder;
	const char *container; /* --container: image; NULL: the rules' */
	const char *method;    /* --method: words, the first that works; NULL: the rules' */
	/* "esp.mode=qio": variables that steps on devices read, before what the rules say */
	struct strv device_vars;
	/* --- which devices: see graph/device_choice.h --- */
	struct strv serial, ignore; /* --serial, --ignore: globs of ports */
	bool bluetooth;
	const char *device;   /* --device: an id; NULL: any */
	const char *probe_id; /* --probe: a part of a debug probe's serial number; NULL: any */
	struct strv volumes;  /* --volume: where UF2 drives are mounted */
	const char *range;    /* --range: what read- reads; NULL: all */
	const char *
		files_dir; /* --files: what goes onto the board's file system behind the flash; NULL: nothing */
	bool all_devices;       /* every one that fits */
	bool recheck;           /* --recheck: compare bytes, whatever record and answer say */
	bool verbose;           /* -V: what external tools say is shown */
	bool packs;             /* --auto-install-packs: pyOCD may fetch support for a chip */
	bool erase;             /* --erase: what the image leaves of the flash is erased */
	bool unlock;            /* --unlock: a locked chip may be erased */
	const char *bootloader; /* --bootloader: the way in to try first; NULL: the port's order */
	bool hands;             /* it is manual, and there is a terminal to tell people on */
	struct strv allows;   /* --allow NAME: findings of image/check.h that do not stop a flash */
	struct strv sets;     /* --set VAR=VALUE */
	const char *manifest; /* --manifest FILE; NULL: the board's */
	struct strv c_modules;   /* --user-c-modules DIR */
	struct strv board_dirs;  /* --board-dir */
	struct strv rules_files; /* --rules */
	struct strv make_args;   /* after -- */
	/* Of many boards, which: see graph/select.h. */
	struct strv excludes; /* --exclude */
	const char *since;    /* --since; NULL: whatever changed */
	const char *shard;    /* --shard "I/N"; NULL: all */
	const char *junit;    /* --junit FILE; NULL: none */
};

struct session {
	struct arena arena; /* lives as long as the session */
	const struct make_options *opt;
	struct tree tree; /* root NULL: no tree (only possible with --image) */
	struct store *store;
	const char *cache_dir, *work_root, *out_root; /* out_root NULL: no tree and no -o */
	/* a short name for the tree's path: its work folders and last runs are its own */
	const char *tree_key;
	struct rules *rules;
	struct methods *
		methods; /* graph/methods.h: those of the program, and the runners that the rules declare */
	struct catalogue *catalogue;
	struct statcache *stats;
	/* declared inputs that were read: see inputs_digest in step_compile.c */
	struct map scans;
	struct map left_out; /* ports of which it was said that `all` and patterns pass them over */
	struct map recipes;  /* id -> struct recipe */
	struct looks *looks; /* what is at the paths of closures: see closure_check.c */
	struct listings *listings; /* see session_listings */
	bool trace_asked;
	const char *untraced; /* why builds cannot be traced here; NULL: they can (once asked) */
	bool has_stamp, told_stamp; /* it was read; what is odd about it was said */
	struct stamp stamp;
	bool asked_ignores, ignores_stamp; /* see session_ignores_stamp */
	struct report *report;             /* in the top session's arena */
	struct job_pool *jobs; /* the top session's; see graph/jobs.h; NULL: none was taken yet */
	/* --- other versions of the tree: see graph/version.h --- */
	struct session *top;    /* the session of the command; itself there */
	const char *ref;        /* as the user wrote it; NULL: the working tree as it is */
	const char *ref_folder; /* the same as part of a folder's name */
	struct map versions;    /* of the top session: ref -> its session */
	struct repository
		*repository; /* of the top session: where versions come from; NULL: not asked yet */
	struct worktree *worktree; /* of a version: what its tree is checked out in */
	/* --- containers: of the top session; see graph/builder_choice.h --- */
	struct engines *engines; /* NULL: not needed so far */
	bool contains;           /* some step builds in a container */
	struct devices *devices; /* of the top session: what is attached; NULL: not looked for */
	/* of the top session: names of boards that targets want on a device; see device_expect */
	struct strv device_boards;
	struct map
		device_claims; /* of the top session: a device's id -> key_id of the recipe that acts on it */
	bool devices_asked;   /* of the top session: all that may be one of these were asked */
	size_t devices_taken; /* how many boards have a step of their own (device_step_take) */
	bool devices_all;     /* of the top session: whatever is attached may be meant */
};

/*
 * Opens tree, rules (built in, the tree's mpflash.rules, --rules), boards and store. `need_tree`: false when targets
 * do without sources. session_close takes a zeroed or half-opened one too.
 */
bool session_open(struct session *s, const struct make_options *opt, bool need_tree, struct err *e);
bool session_close(struct session *s, struct err *e);

/* For graph/version.h: rules, boards and what else belongs to s->tree, and the end of that. */
bool session_fill_tree(struct session *s, struct err *e);
void session_close_tree(struct session *s);

/* The tree's stamp, read when first asked for: most runs never need it. */
bool session_stamp(struct session *s, const struct stamp **out, struct err *e);

/* A build that starts now gets the stamp of now: hours may lie between two boards. Not when it is part of keys. */
void session_forget_stamp(struct session *s);

/* Whether the tree's builds do not listen to the stamp but ask git themselves; then there is a note, once. */
bool session_ignores_stamp(struct session *s);

/* Whether stamps are part of keys: asked for, or the tree leaves no choice. */
bool session_stamp_is_exact(struct session *s);

/* The names in folders, remembered. */
struct listings *session_listings(struct session *s);

/* Whether builds can be traced here; *why (in the session's arena) when not. Asked once. */
bool session_traces(struct session *s, const char **why);

/* The folder of the built-in rule files: MPFLASH_RULES, beside the program, installed, or the sources'. */
bool rules_folder(struct strbuf *out, struct err *e);
/* Reads all of them. */
bool rules_load_builtin(struct rules *r, struct err *e);
/*
 * Reads those of the user: *.rules of the folder of settings (dirs_config), mpflash.rules of the tree (tree_root NULL: none), and `files`.
 * rules_check is for the caller.
 */
bool rules_load_own(struct rules *r, const char *tree_root, const struct strv *files,
		    struct err *e);

#endif
