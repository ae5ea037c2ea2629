/* SPDX-License-Identifier: MIT
 *
 * The job of a compile step: make's words and the exact environment, with stamp and mpy-cross.
 */
#include <string.h>

#include "base/path.h"
#include "build/env.h"
#include "graph/builder_choice.h"
#include "graph/compile.h"
#include "graph/compile_key.h"
#include "graph/compile_stamp.h"
#include "graph/recipe.h"
#include "os/fs.h"
#include "os/trace.h"

/* The stamp of mpy-cross never changes: it ends up in no firmware, and it would rebuild every board. */
static const char *const constant_stamp[] = {
	"SOURCE_DATE_EPOCH=315532800",
	"MICROPY_GIT_TAG=v1.0.0-mpflash",
	"MICROPY_GIT_HASH=mpflash",
};

const char *compile_mpy_cross_dir(struct session *s, const struct store_output *cross)
{
	char hex[DIGEST_HEX_SIZE];

	digest_hex(&cross->blob, hex);
	return arena_printf(&s->arena, "%s/mpy-cross-%.16s", s->work_root, hex);
}

/* Puts mpy-cross where its path says which one it is; *path is absolute. */
static bool place_mpy_cross(struct session *s, const struct store_output *cross, const char **path,
			    struct err *e)
{
	const char *dir = compile_mpy_cross_dir(s, cross);
	struct digest there;
	bool missing;

	*path = path_join(&s->arena, dir, "mpy-cross");
	/* A damaged one would spoil frozen code without a word. */
	if (!statcache_content(s->stats, *path, &there, &missing, e))
		return false;
	if (!missing && digest_equal(&there, &cross->blob))
		return true;
	return fs_mkdirs(dir, e) && store_place(s->store, &cross->blob, *path, 0755, e);
}

bool compile_stamped_env(struct session *s, struct step *step, const struct compile_stamp *stamp,
			 const char *makeflags, struct strv *out, struct err *e)
{
	const struct store_output *cross = compile_mpy_cross(step);
	struct strv extra = { 0 };
	const char *path;
	bool ok = compile_rule_env(s, step, &extra, e);

	if (ok && compile_is_mpy_cross(step)) {
		for (size_t i = 0; i < ARRAY_SIZE(constant_stamp); i++)
			vec_push(&extra, constant_stamp[i]);
	} else if (ok) {
		vec_push(&extra, arena_printf(&s->arena, "SOURCE_DATE_EPOCH=%lld",
					      (long long)stamp->epoch));
		vec_push(&extra, arena_printf(&s->arena, "MICROPY_GIT_TAG=%s", stamp->tag));
		vec_push(&extra, arena_printf(&s->arena, "MICROPY_GIT_HASH=%s", stamp->hash));
	}
	if (ok && cross) {
		ok = place_mpy_cross(s, cross, &path, e);
		if (ok)
			vec_push(&extra, arena_printf(&s->arena, "MICROPY_MPYCROSS=%s", path));
	}
	/* No part of the key. No -j on the command line: that would leave the pool. */
	vec_push(&extra, arena_printf(&s->arena, "MAKEFLAGS=%s", makeflags));
	compile_env(s, step, &extra, out);
	vec_push(out, NULL);
	vec_free(&extra);
	return ok;
}

bool compile_job_env(struct session *s, struct step *step, const char *makeflags, struct strv *out,
		     struct err *e)
{
	struct compile_stamp stamp = { .tag = "", .hash = "" };
	struct stamp now;

	if (!compile_is_mpy_cross(step)) {
		if (!compile_read_stamp(s, step, &now, e))
			return false;
		stamp.tag = arena_strdup(&s->arena, now.tag);
		stamp.hash = arena_strdup(&s->arena, now.hash);
		stamp.epoch = now.epoch;
	}
	/* What a tree that asks git itself builds in is not known. */
	step->result.stamp = session_ignores_stamp(s) ? "" : stamp.tag;
	step->result.stamp_hash = stamp.hash;
	step->result.stamp_epoch = stamp.epoch;
	return compile_stamped_env(s, step, &stamp, makeflags, out, e);
}

bool compile_job_argv(struct session *s, struct step *step, const struct strv *words,
		      struct strv *out, struct err *e)
{
	const char *folder;

	if (!recipe_var(s, step->recipe, "make", &folder, e))
		return false;
	if (!step->declared)
		trace_words(&s->arena, compile_trace_path(s, step),
			    step->recipe->choice->builder->contains ? -1 : step->lock.fd, out);
	vec_push(out, "make");
	vec_push(out, "-C");
	vec_push(out, folder);
	for (size_t i = 0; i < words->count; i++)
		vec_push(out, words->items[i]);
	if (!compile_make_words(s, step, out, e))
		return false;
	vec_push(out, NULL);
	return true;
}

const char *compile_trace_path(struct session *s, const struct step *step)
{
	return arena_printf(&s->arena, "%s.trace", step->recipe->work_dir);
}
