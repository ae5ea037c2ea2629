/* SPDX-License-Identifier: MIT
 *
 * Keys, records and places of the steps that make files.
 */
#include "graph/action.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "build/workdir.h"
#include "graph/builder_choice.h"
#include "graph/kinds.h"
#include "graph/reason.h"
#include "graph/recipe.h"
#include "image/image.h"
#include "os/clock.h"
#include "os/fs.h"

/* Bump when what a key means changes: then nothing that was recorded before is found. */
static const char key_version[] = "mpflash action 1";

/* A path that only begins like `what` ("/home/ann" and "/home/anna") is another one. */
static bool ends_name(char c)
{
	return !isalnum((unsigned char)c) && c != '_' && c != '-' && c != '.';
}

static void add_replaced(struct strbuf *out, const char *text, const char *what, const char *token)
{
	size_t len = what ? strlen(what) : 0;
	const char *hit;

	while (len > 1 && (hit = strstr(text, what))) {
		strbuf_add(out, text, (size_t)(hit - text));
		if (ends_name(hit[len]))
			strbuf_adds(out, token);
		else
			strbuf_add(out, what, len);
		text = hit + len;
	}
	strbuf_adds(out, text);
}

void action_part(const struct session *s, const struct step *step, struct strbuf *out,
		 const char *name, const char *value)
{
	AUTO_STRBUF no_work = STRBUF_INIT, no_out = STRBUF_INIT, no_tree = STRBUF_INIT;
	AUTO_STRBUF clean = STRBUF_INIT;

	add_replaced(&no_work, value, step->recipe->work_dir, "{work}");
	add_replaced(&no_out, no_work.buf,
		     step->recipe->env.board.port ? step->recipe->out_dir : NULL, "{out}");
	add_replaced(&no_tree, no_out.buf, s->tree.root, "{tree}");
	add_replaced(&clean, no_tree.buf, getenv("HOME"), "{home}");
	strbuf_addf(out, "%s\t", name);
	/* One line each, and different values stay different. */
	for (const char *p = clean.buf; *p; p++) {
		if (*p == '\n' || *p == '\\')
			strbuf_addch(out, '\\');
		strbuf_addch(out, *p == '\n' ? 'n' : *p);
	}
	strbuf_addch(out, '\n');
}

struct digest action_key(const struct strbuf *parts)
{
	struct hasher h;

	hasher_init(&h);
	hasher_str(&h, key_version);
	hasher_add(&h, parts->buf, parts->len);
	return hasher_finish(&h);
}

/* A step's last run in this tree. */
static const char *last_id(struct session *s, const struct step *step)
{
	return arena_printf(&s->arena, "%s %s", s->tree_key, step->id);
}

bool action_last(struct session *s, const struct step *step, struct store_last *out, bool *found,
		 struct err *e)
{
	return store_get_last(s->store, last_id(s, step), out, found, e);
}

bool action_estimate(struct session *s, struct step *step, struct err *e)
{
	struct store_last last;
	bool found;

	if (!action_last(s, step, &last, &found, e))
		return false;
	step->estimate_ms = found ? last.duration_ms : 0;
	return true;
}

static const struct store_output *find_output(const struct step *step, const char *name)
{
	for (size_t i = 0; i < step->result.outputs.count; i++)
		if (strcmp(step->result.outputs.items[i].name, name) == 0)
			return &step->result.outputs.items[i];
	return NULL;
}

/* The name of an output that is recorded but gone from the store; NULL: all there. */
static const char *lost_output(struct session *s, struct step *step)
{
	if (!step->result.outputs.count)
		return NULL; /* a conversion that had nothing to do */
	for (size_t i = 0; i < step->outs.count; i++)
		if (!find_output(step, step->outs.items[i]->name))
			return step->outs.items[i]->name;
	for (size_t i = 0; i < step->result.outputs.count; i++) {
		const struct store_output *o = &step->result.outputs.items[i];

		if (!store_has_blob(s->store, &o->blob, o->size))
			return o->name;
	}
	return NULL;
}

/* Whether a wanted file's place already holds its content. */
static bool is_in_place(struct session *s, const struct node *n, const struct store_output *o,
			bool *in_place, struct err *e)
{
	AUTO_ARENA a = ARENA_INIT;
	struct digest now;
	bool missing;

	if (!statcache_content(s->stats, node_path(s, n, &a), &now, &missing, e)) {
		/* a folder or an unreadable file in that place: placing says what is wrong */
		err_free(e);
		*in_place = false;
		return true;
	}
	*in_place = !missing && digest_equal(&now, &o->blob);
	return true;
}

/* A blob that has to be placed is read and checked first: a corrupt one is a miss, and heals by running again. */
static const char *corrupt_output(struct session *s, struct step *step,
				  const struct node_list *list, struct err *e)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct node *n = list->items[i];
		const struct store_output *o = find_output(step, n->name);
		bool in_place = true;

		if (!o || !n->wanted || !is_in_place(s, n, o, &in_place, e))
			continue;
		if (!in_place && !store_check_blob(s->store, &o->blob, NULL))
			return n->name;
	}
	return NULL;
}

/* The name of an output that is recorded but cannot be had; NULL: all is well. */
static const char *missing_output(struct session *s, struct step *step, struct err *e)
{
	const char *name = lost_output(s, step);

	if (!name)
		name = corrupt_output(s, step, &step->outs, e);
	return name ? name : corrupt_output(s, step, &step->maybe_outs, e);
}

bool action_get(struct session *s, struct step *step, bool *known, struct err *e)
{
	return store_get_action(s->store, &step->key, &s->arena, &step->result, known, e);
}

static bool find_action(struct session *s, struct step *step, bool *known, struct err *e)
{
	return step->kind->find ? step->kind->find(s, step, known, e)
				: action_get(s, step, known, e);
}

bool action_is_forced(const struct session *s, const struct step *step)
{
	return s->opt->always || (s->opt->rebuild && step->recipe->board);
}

bool action_is_done(struct session *s, struct step *step, bool *done, struct err *e)
{
	*done = false;
	if (action_is_forced(s, step))
		return true;
	if (!find_action(s, step, done, e))
		return false;
	*done = *done && !missing_output(s, step, e);
	return true;
}

/* Remembers what the step is made of, for the next reason. */
static bool put_last(struct session *s, struct step *step, int64_t duration_ms, struct err *e)
{
	struct store_last last = {
		.key = step->key,
		.weak = step->weak,
		.duration_ms = duration_ms,
	};

	return store_put_bytes(s->store, step->parts.buf, step->parts.len, &last.parts, e) &&
	       store_put_last(s->store, last_id(s, step), &last, e);
}

/* `last` NULL: the step was never seen in this tree. */
static bool settle_check(struct session *s, struct step *step, const struct store_last *last,
			 bool *run, struct err *e)
{
	const char *missing = missing_output(s, step, e);

	if (missing) {
		step->reason =
			arena_printf(&s->arena, "the store lost %s (missing or corrupt)", missing);
		return true;
	}
	step->reason = reason_fresh(s, step);
	*run = false;
	if (s->opt->dry_run || (last && digest_equal(&last->key, &step->key)))
		return true;
	/* It came from the store: from now on this is what changes are told against. */
	return put_last(s, step, step->result.duration_ms, e);
}

bool action_check(struct session *s, struct step *step, bool *run, struct err *e)
{
	struct store_last last;
	bool known, has_last;

	strbuf_reset(&step->parts);
	*run = true;
	if (!step->kind->parts(s, step, &step->parts, e))
		return false;
	step->key = action_key(&step->parts);
	if (!action_last(s, step, &last, &has_last, e))
		return false;
	step->estimate_ms = has_last ? last.duration_ms : 0;
	if (action_is_forced(s, step)) {
		step->reason = s->opt->always ? "forced (-B)" : "to be built again";
		return true;
	}
	if (!find_action(s, step, &known, e))
		return false;
	if (known)
		return settle_check(s, step, has_last ? &last : NULL, run, e);
	step->reason = reason_to_run(s, step, has_last ? &last : NULL);
	return true;
}

bool action_record(struct session *s, struct step *step, struct err *e)
{
	step->result.time_ns = clock_now_ns();
	step->result.duration_ms = clock_ms() - step->started_ms;
	return store_put_action(s->store, &step->key, &step->result, e) &&
	       put_last(s, step, step->result.duration_ms, e);
}

/* --- outputs --------------------------------------------------------------------------------------------------- */

/* Zero for what is no image, or does not say its own addresses. */
static struct digest image_digest_of(const char *name, const char *path)
{
	const struct image_format *f = image_format_by_name(path_ext(name));
	AUTO_ERR ignored = ERR_INIT;
	struct image_file file;
	struct digest d = { { 0 } };

	if (!f || strcmp(f->name, "bin") == 0)
		return d;
	if (image_file_open(&file, path, &(struct image_options){ 0 }, &ignored)) {
		d = image_digest(&file.image);
		image_file_close(&file);
	}
	return d;
}

void action_add_output(struct session *s, struct step *step, const struct store_output *o)
{
	size_t count = step->result.outputs.count;
	struct store_output *grown = ARENA_ARRAY(&s->arena, struct store_output, count + 1);

	if (count)
		memcpy(grown, step->result.outputs.items, count * sizeof(*grown));
	grown[count] = *o;
	step->result.outputs.items = grown;
	step->result.outputs.count = step->result.outputs.cap = count + 1;
}

bool action_add_file(struct session *s, struct step *step, const char *name, const char *path,
		     struct err *e)
{
	struct store_output o = { .name = arena_strdup(&s->arena, name) };
	struct fs_stat st;

	if (!store_put_file(s->store, path, &o.blob, e))
		return false;
	if (!fs_lstat(path, &st))
		return err_set(e, "%s vanished", path);
	o.size = st.size;
	o.mode = st.mode & 0111 ? 0755 : 0644;
	o.image = image_digest_of(name, path);
	action_add_output(s, step, &o);
	return true;
}

/* Our own folder in the tree hides itself from git, whatever the tree's ignore rules say. */
bool action_make_out_root(struct session *s, const struct step *step, struct err *e)
{
	AUTO_ARENA a = ARENA_INIT;
	char *ignore;

	if (s->opt->out_dir || !step->recipe->env.board.port)
		return true;
	ignore = path_join(&a, s->out_root, ".gitignore");
	if (fs_exists(ignore) ||
	    (fs_mkdirs(s->out_root, e) && fs_write_atomic(ignore, "*\n", 2, 0644, e)))
		return true;
	return err_hint(e, "name a folder for the files that you can write: -o DIR");
}

static bool place_one(struct session *s, struct step *step, struct node *n,
		      const struct store_output *o, struct err *e)
{
	AUTO_ARENA a = ARENA_INIT;
	const char *path = node_path(s, n, &a);

	if (!action_make_out_root(s, step, e))
		return false;
	if (!fs_mkdirs(path_dir(&a, path), e))
		return err_hint(e, "name a folder for the files that you can write: -o DIR");
	fs_remove_dead_temps(path_dir(&a, path)); /* of a run that was killed while it placed */
	if (fs_is_dir(path)) {
		err_set(e, "cannot write %s: a folder has that name", path);
		return err_hint(e, "move it away, or name another folder: -o DIR");
	}
	if (!store_place(s->store, &o->blob, path, o->mode, e))
		return e->hint ? false
			       : err_hint(e,
					  "name a folder for the files that you can write: -o DIR");
	return true;
}

static bool place_list(struct session *s, struct step *step, struct node_list *list, bool dry,
		       struct strbuf *names, struct err *e)
{
	for (size_t i = 0; i < list->count; i++) {
		struct node *n = list->items[i];
		const struct store_output *o = find_output(step, n->name);
		bool in_place;

		if (!o || !n->wanted)
			continue;
		if (!is_in_place(s, n, o, &in_place, e))
			return false;
		if (in_place)
			continue;
		strbuf_addf(names, "%s%s", names->len ? ", " : "", n->name);
		if (!dry && !place_one(s, step, n, o, e))
			return false;
	}
	return true;
}

bool action_place(struct session *s, struct step *step, bool dry, const char **names, struct err *e)
{
	AUTO_STRBUF list = STRBUF_INIT;

	*names = NULL;
	if (!place_list(s, step, &step->outs, dry, &list, e) ||
	    !place_list(s, step, &step->maybe_outs, dry, &list, e))
		return false;
	if (list.len)
		*names = arena_strdup(&s->arena, list.buf);
	return true;
}

bool action_content(struct session *s, const struct node *n, struct strbuf *path, struct err *e)
{
	const struct store_output *o = node_output(n);

	if (!o)
		return err_set(e, "%s was not made", n->name);
	if (!store_check_blob(s->store, &o->blob, NULL)) {
		err_set(e, "the store has lost the content of %s", n->name);
		return err_hint(e, "run the same command again: it makes the file anew");
	}
	store_blob_path(s->store, &o->blob, path);
	return true;
}

const char *action_log_file(struct session *s, const struct step *step)
{
	char *label = arena_strdup(&s->arena, step->label);

	for (char *p = label; *p; p++)
		if (*p == ' ' || *p == '/')
			*p = '-';
	return arena_printf(&s->arena, "%s/log/%s/%s.log", s->cache_dir,
			    step->recipe->work_dir + strlen(s->work_root) + 1, label);
}

bool action_log_path(struct session *s, struct step *step, struct err *e)
{
	step->log_path = action_log_file(s, step);
	return fs_mkdirs(path_dir(&s->arena, step->log_path), e);
}

/* A build in a container ends the one before (build/builder.h: container_clear); all others wait for its end. */
static bool takes_over(const struct step *step)
{
	const struct builder_choice *c = step->recipe->choice;

	return step->kind == &compile_step && c && c->builder->contains;
}

bool action_lock_work(struct session *s, struct step *step, struct err *e)
{
	const char *inside = workdir_inside_lock(step->recipe->work_dir, &s->arena);
	AUTO_STRBUF holder = STRBUF_INIT;

	if (!action_lock_folder(s, step, step->recipe->work_dir, e))
		return false;
	if (step->blocked || takes_over(step) || !lock_is_held(inside, &holder))
		return true;
	if (!step->told)
		report_note(s->report, "%s waits for %s", step->id, holder.buf);
	step->blocked = true;
	lock_release(&step->lock);
	return true;
}

bool action_lock_folder(struct session *s, struct step *step, const char *dir, struct err *e)
{
	const char *path = arena_printf(&s->arena, "%s.lock", dir);
	AUTO_STRBUF holder = STRBUF_INIT;
	bool taken;

	if (!workdir_claim(s->work_root, e) || !fs_mkdirs(path_dir(&s->arena, path), e) ||
	    !lock_try(&step->lock, path, step->id, &taken, &holder, e))
		return false;
	if (!taken && !step->told)
		report_note(s->report, "%s waits for %s", step->id, holder.buf);
	step->blocked = !taken;
	return true;
}
