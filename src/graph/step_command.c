/* SPDX-License-Identifier: MIT
 *
 * A user's rule with a command: a program (never a shell line) that makes files from files. It writes into a
 * private folder; what it made is stored and then placed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "build/env.h"
#include "build/failure.h"
#include "build/tools.h"
#include "build/workdir.h"
#include "graph/action.h"
#include "graph/kinds.h"
#include "graph/recipe.h"
#include "os/clock.h"
#include "os/fs.h"

/*
 * One of its own for each command, with a lock of its own: those of a board run side by side. It begins with the work
 * folder as a whole name, so that no absolute path is in the key (action_part).
 */
static const char *private_dir(struct session *s, const struct step *step)
{
	char *name = arena_strdup(&s->arena, step->outs.items[0]->name);

	for (char *p = name; *p; p++)
		if (*p == '/')
			*p = '-';
	return arena_printf(&s->arena, "%s+cmd-%s", step->recipe->work_dir, name);
}

static const char *out_path(struct session *s, const struct step *step, const struct node *n)
{
	return path_join(&s->arena, private_dir(s, step), n->name);
}

static void add_quoted(struct strbuf *out, const char *path)
{
	if (out->len)
		strbuf_addch(out, ' ');
	rules_quote(out, path);
}

/* The command's words. $in: the inputs' places; $out: where the outputs have to be written. */
static bool command_words(struct session *s, const struct step *step, const char *variable,
			  struct strv *out, struct err *e)
{
	AUTO_STRBUF ins = STRBUF_INIT, outs = STRBUF_INIT;
	size_t own = step->build->bindings.count, n = 0;
	struct rules_binding *vars =
		ARENA_ARRAY(&s->arena, struct rules_binding, own + step->rule->bindings.count + 2);
	struct rules_env env = {
		.rules = s->rules,
		.board = step->recipe->env.board,
		.outer = &step->recipe->env,
		.extra = vars,
	};

	for (size_t i = 0; i < step->ins.count; i++)
		add_quoted(&ins, node_path(s, step->ins.items[i], &s->arena));
	for (size_t i = 0; i < step->outs.count; i++)
		add_quoted(&outs, out_path(s, step, step->outs.items[i]));
	vars[n++] = rules_literal(&s->arena, "in", ins.buf);
	vars[n++] = rules_literal(&s->arena, "out", outs.buf);
	for (size_t i = 0; i < own; i++)
		vars[n++] = step->build->bindings.items[i];
	for (size_t i = 0; i < step->rule->bindings.count; i++)
		vars[n++] = step->rule->bindings.items[i];
	env.extra_count = n;
	return rules_get_words(&env, variable, &s->arena, out, e);
}

/* "tools/sign.py" is the tree's; "python3" is looked for on the PATH. */
static const char *program_path(struct session *s, const char *word)
{
	return strchr(word, '/') ? path_join(&s->arena, s->tree.root, word) : word;
}

bool command_program(struct session *s, const struct step *step, const char **out, struct err *e)
{
	struct strv words = { 0 };
	bool ok = command_words(s, step, "command", &words, e);

	*out = ok && words.count ? program_path(s, words.items[0]) : "";
	vec_free(&words);
	return ok;
}

static bool program_part(struct session *s, const struct step *step, const char *word,
			 struct strbuf *out, struct err *e)
{
	const char *path = getenv("PATH"), *program = program_path(s, word);
	struct strv names = { 0 };
	struct tools tools = { 0 };
	char hex[DIGEST_HEX_SIZE];
	bool ok;

	vec_push(&names, program);
	ok = tools_find(&names, path ? path : "", s->stats, &s->arena, &tools, e);
	if (ok && !tools.items[0].path) {
		ok = rules_err_at(s->rules, step->rule->pos, e, "there is no program %s", program);
		err_hint(
			e,
			"paths of commands are relative to the tree, and the file has to be executable");
	} else if (ok) {
		digest_hex(&tools.items[0].digest, hex);
		action_part(s, step, out, "program",
			    arena_printf(&s->arena, "%s %s", tools.items[0].path, hex));
	}
	vec_free(&names);
	vec_free(&tools);
	return ok;
}

static bool input_part(struct session *s, const struct step *step, const struct node *n,
		       struct strbuf *out, struct err *e)
{
	const struct store_output *made = node_output(n);
	char hex[DIGEST_HEX_SIZE];
	struct digest d;
	bool missing = false;

	if (made)
		d = made->blob;
	else if (!n->maker && !n->maybe_maker &&
		 !statcache_digest(s->stats, node_path(s, n, &s->arena), &d, &missing, e))
		return false;
	if (!made && (n->maker || n->maybe_maker || missing)) {
		rules_err_at(s->rules, step->build->pos, e, "%s needs %s, which does not exist",
			     step->id, n->name);
		return err_hint(e, "name a file of the tree, or one that a build statement makes");
	}
	digest_hex(&d, hex);
	action_part(s, step, out, n->name, hex);
	return true;
}

static bool list_parts(struct session *s, const struct step *step, const struct node_list *list,
		       struct strbuf *out, struct err *e)
{
	for (size_t i = 0; i < list->count; i++)
		if (!input_part(s, step, list->items[i], out, e))
			return false;
	return true;
}

static bool word_parts(struct session *s, const struct step *step, const char *variable,
		       struct strbuf *out, struct err *e)
{
	struct strv words = { 0 };
	bool ok = command_words(s, step, variable, &words, e);

	if (ok && strcmp(variable, "command") == 0) {
		if (words.count)
			ok = program_part(s, step, words.items[0], out, e);
		else
			ok = rules_err_at(s->rules, step->rule->pos, e,
					  "the command of '%s' is empty", step->rule->name);
	}
	for (size_t i = 0; ok && i < words.count; i++)
		action_part(s, step, out, arena_printf(&s->arena, "%s word %zu", variable, i),
			    words.items[i]);
	vec_free(&words);
	return ok;
}

static bool command_parts(struct session *s, struct step *step, struct strbuf *out, struct err *e)
{
	if (!step->outs.count)
		return rules_err_at(s->rules, step->build->pos, e, "a command has to make a file");
	return word_parts(s, step, "command", out, e) && word_parts(s, step, "env", out, e) &&
	       list_parts(s, step, &step->ins, out, e) &&
	       list_parts(s, step, &step->implicit_ins, out, e);
}

static bool make_out_dirs(struct session *s, const struct step *step, struct err *e)
{
	if (!workdir_reset(private_dir(s, step), e))
		return false;
	for (size_t i = 0; i < step->outs.count; i++)
		if (!fs_mkdirs(path_dir(&s->arena, out_path(s, step, step->outs.items[i])), e))
			return false;
	return true;
}

static pid_t spawn(struct session *s, struct step *step, struct strv *words, struct strv *env,
		   struct err *e)
{
	AUTO_FD log = open(step->log_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	struct process_spec spec = { .cwd = s->tree.root, .out_fd = log };

	if (log < 0) {
		err_sys(e, errno, "cannot write the log %s", step->log_path);
		return -1;
	}
	words->items[0] = program_path(s, words->items[0]);
	vec_push(words, NULL);
	vec_push(env, NULL);
	spec.argv = words->items;
	spec.env = env->items;
	return process_start(&spec, e);
}

static bool command_launch(struct session *s, struct step *step, struct err *e)
{
	struct strv words = { 0 }, extra = { 0 }, env = { 0 };
	bool ok;

	step->result = (struct store_action){ .stamp = "" };
	step->started_file_ns = clock_file_begin();
	ok = make_out_dirs(s, step, e) && action_log_path(s, step, e) &&
	     command_words(s, step, "command", &words, e) &&
	     command_words(s, step, "env", &extra, e);
	if (ok) {
		env_exact(&s->arena, &extra, &env);
		step->pid = spawn(s, step, &words, &env, e);
		ok = step->pid > 0;
	}
	vec_free(&words);
	vec_free(&extra);
	vec_free(&env);
	return ok || err_wrap(e, "%s", step->id);
}

static bool command_start(struct session *s, struct step *step, struct err *e)
{
	bool done;

	if (!action_lock_folder(s, step, private_dir(s, step), e))
		return false;
	if (step->blocked)
		return true;
	if (!action_is_done(s, step, &done, e) || (!done && !command_launch(s, step, e))) {
		lock_release(&step->lock);
		return false;
	}
	if (done) {
		step->reason = "another process made it meanwhile";
		lock_release(&step->lock);
	}
	return true;
}

/* What is made is where people see it, and anybody may write there. */
static bool is_as_made(struct session *s, const struct node_list *list, bool *same, struct err *e)
{
	for (size_t i = 0; *same && i < list->count; i++) {
		const struct store_output *made = node_output(list->items[i]);
		struct digest now;
		bool missing;

		if (!made)
			continue;
		if (!statcache_content(s->stats, node_path(s, list->items[i], &s->arena), &now,
				       &missing, e))
			return false;
		*same = !missing && digest_equal(&now, &made->blob);
	}
	return true;
}

/* Changed and changed back counts too, which only the time of the change tells. */
static bool inputs_held(struct session *s, struct step *step, struct err *e)
{
	AUTO_STRBUF now = STRBUF_INIT;
	bool same = true;

	statcache_newest(s->stats, true);
	if (!command_parts(s, step, &now, e) || !is_as_made(s, &step->ins, &same, e) ||
	    !is_as_made(s, &step->implicit_ins, &same, e))
		return false;
	if (same && strcmp(now.buf, step->parts.buf) == 0 &&
	    statcache_newest(s->stats, false) < step->started_file_ns)
		return true;
	err_set(e, "%s: what it reads changed while the command ran", step->id);
	return err_hint(e, "run the same command again");
}

static bool command_failed(struct step *step, const struct process_exit *x, struct err *e)
{
	AUTO_STRBUF text = STRBUF_INIT;

	strbuf_addf(&text, "%s: the command ended with ", step->id);
	process_exit_text(x, &text);
	failure_excerpt(step->log_path, &text);
	err_set(e, "%s\n  the whole log: %s", text.buf, step->log_path);
	return err_hint(e, "the rule '%s' stands at %s:%d", step->rule->name, step->rule->pos.file,
			step->rule->pos.line);
}

static bool command_end(struct session *s, struct step *step, const struct process_exit *x,
			struct err *e)
{
	if (x->code != 0)
		return command_failed(step, x, e);
	if (step->ins.count)
		step->result.stamp = node_stamp(step->ins.items[0]);
	for (size_t i = 0; i < step->outs.count; i++) {
		const struct node *n = step->outs.items[i];
		const char *path = out_path(s, step, n);

		if (!fs_exists(path)) {
			rules_err_at(s->rules, step->build->pos, e,
				     "%s: the command ended well but made no %s", step->id,
				     n->name);
			return err_hint(
				e, "the command has to write the files that $out names; see %s",
				step->log_path);
		}
		if (!action_add_file(s, step, n->name, path, e))
			return false;
	}
	return inputs_held(s, step, e) && action_record(s, step, e) &&
	       fs_remove_tree(private_dir(s, step), e);
}

static bool command_finish(struct session *s, struct step *step, const struct process_exit *x,
			   struct err *e)
{
	bool ok;

	step->pid = 0;
	ok = x && command_end(s, step, x, e);
	lock_release(&step->lock);
	return ok;
}

const struct step_kind command_step = {
	.name = "command",
	.parts = command_parts,
	.start = command_start,
	.finish = command_finish,
	.takes_jobs = true,
};
