/* SPDX-License-Identifier: MIT
 *
 * What building needs, by the rules of the tree: the programs of each port's toolchain, and the container engine that stands in
 * for them. A board that cannot be built is only worth a note as long as others can: nobody has the tools of all ports.
 */
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "build/engine.h"
#include "cmd/doctor.h"
#include "graph/builder_choice.h"
#include "graph/recipe.h"
#include "graph/session.h"
#include "source/tree.h"

/* Boards that lack the same programs. */
struct lack {
	const char *names, *packages; /* packages NULL: the rules know none */
	struct strbuf who;            /* "samd, 2 boards of qemu" */
	size_t boards;                /* of the port that is looked at, so far */
};

struct survey {
	struct doctor *d;
	struct session s;
	VEC(struct lack) lacks;
	const char *port;
	size_t port_boards; /* of that port, those that the rules cover */
	size_t built;       /* boards that can be built */
	bool uses_mpy_cross;
	/* Why no engine can be used, where one is needed; wanted: the user asked for it. */
	const char *no_engine, *hint;
	bool wanted;
};

static void add_lack(struct survey *v, const struct missing_tools *m)
{
	struct arena *a = &v->d->arena;
	struct lack *l = NULL;

	for (size_t i = 0; i < v->lacks.count; i++)
		if (strcmp(v->lacks.items[i].names, m->names.buf) == 0)
			l = &v->lacks.items[i];
	if (!l) {
		vec_push(&v->lacks,
			 (struct lack){
				 .names = arena_strdup(a, m->names.buf),
				 .packages =
					 m->packages.len ? arena_strdup(a, m->packages.buf) : NULL,
				 .who = STRBUF_INIT,
			 });
		l = &v->lacks.items[v->lacks.count - 1];
	}
	l->boards++;
}

static void end_port(struct survey *v)
{
	for (size_t i = 0; i < v->lacks.count; i++) {
		struct lack *l = &v->lacks.items[i];

		if (!l->boards)
			continue;
		strbuf_adds(&l->who, l->who.len ? ", " : "");
		if (l->boards < v->port_boards)
			strbuf_addf(&l->who, "%zu of %zu boards of ", l->boards, v->port_boards);
		strbuf_adds(&l->who, v->port);
		l->boards = 0;
	}
	v->port_boards = 0;
}

static void keep_engine_error(struct survey *v, const struct builder_choice *c)
{
	const char *why = c->problem ? c->problem : c->no_engine;

	if (!why || v->no_engine)
		return;
	v->no_engine = arena_strdup(&v->d->arena, why);
	v->hint = c->hint ? arena_strdup(&v->d->arena, c->hint) : NULL;
	v->wanted = c->problem != NULL;
}

static bool look_at_recipe(struct survey *v, struct recipe *r, struct err *e)
{
	AUTO_MISSING_TOOLS missing = MISSING_TOOLS_INIT;
	const struct builder_choice *c;

	if (!builder_choose(&v->s, r, &c, e))
		return false;
	keep_engine_error(v, c);
	if (!c->builder->contains && !builder_missing_tools(&v->s, r, &missing, e))
		return false;
	if (missing.names.len)
		add_lack(v, &missing);
	else if (!c->problem)
		v->built++;
	return true;
}

/* Ports that the rules do not cover have nothing to lack: `make` says why. */
static bool look_at_board(struct survey *v, struct board *b, struct err *e)
{
	AUTO_ERR uncovered = ERR_INIT;
	const char *mpy_cross;
	struct recipe *r;

	if (!b->port || !port_check_covered(&v->s, b->port, &uncovered))
		return true;
	if (v->port && strcmp(v->port, b->port) != 0)
		end_port(v);
	v->port = b->port;
	v->port_boards++;
	if (!board_load(b, e) ||
	    !recipe_get(&v->s, b, b->pseudo ? b->default_variant : NULL, &r, e) ||
	    !recipe_var(&v->s, r, "mpy-cross", &mpy_cross, e))
		return false;
	v->uses_mpy_cross = v->uses_mpy_cross || (mpy_cross && strcmp(mpy_cross, "yes") == 0);
	return look_at_recipe(v, r, e);
}

/* It is built where the board is: of a machine that builds nothing itself, nothing is asked. */
static bool look_at_mpy_cross(struct survey *v, struct err *e)
{
	struct recipe *r;
	size_t boards = v->built;
	bool ok;

	if (!v->uses_mpy_cross || !v->built)
		return true;
	v->port = "mpy-cross";
	v->port_boards = 1;
	ok = recipe_mpy_cross(&v->s, NULL, &r, e) && look_at_recipe(v, r, e);
	end_port(v);
	v->built = boards;
	return ok;
}

static void report_lacks(struct survey *v)
{
	struct arena *a = &v->d->arena;

	for (size_t i = 0; i < v->lacks.count; i++) {
		const struct lack *l = &v->lacks.items[i];
		const char *problem = arena_printf(
			a, "cannot be built here: %s; not on the PATH: %s", l->who.buf, l->names);
		const char *fix =
			l->packages
				? arena_printf(a, "sudo apt-get install %s", l->packages)
				: "install the toolchain that the port's README.md names, and put it on the PATH";

		if (v->built)
			doctor_note(v->d, problem, fix);
		else
			doctor_add(v->d, problem, fix);
	}
}

static const char *or_cause(const char *hint)
{
	return hint ? hint : "look at the cause above";
}

static void add_error(struct doctor *d, const struct err *e)
{
	doctor_add(d, arena_strdup(&d->arena, e->msg),
		   or_cause(e->hint ? arena_strdup(&d->arena, e->hint) : NULL));
}

/* An engine that nobody missed so far is asked too: it would be missed without a warning. */
static void ask_engine(struct doctor *d)
{
	struct engines *es = engines_create();
	AUTO_ERR why = ERR_INIT;
	struct engine *g;

	if (engines_installed(es) && !engines_find(es, NULL, "mpflash", &g, &why))
		doctor_note(d, arena_strdup(&d->arena, why.msg),
			    or_cause(why.hint ? arena_strdup(&d->arena, why.hint) : NULL));
	engines_destroy(es);
}

/* Without any client, installing one is just another way to what the toolchain's findings say. */
static void report_engine(struct survey *v)
{
	v->d->check = "engine";
	if (!v->no_engine) {
		if (!v->s.engines)
			ask_engine(v->d);
		return;
	}
	if (v->wanted || (v->s.engines && engines_installed(v->s.engines)))
		doctor_add(v->d, v->no_engine, or_cause(v->hint));
	else
		doctor_note(v->d, v->no_engine, or_cause(v->hint));
}

static bool look_at_tree(struct survey *v, struct err *e)
{
	for (size_t i = 0; i < catalogue_count(v->s.catalogue); i++)
		if (!look_at_board(v, catalogue_at(v->s.catalogue, i), e))
			return false;
	end_port(v);
	return look_at_mpy_cross(v, e);
}

static void survey(struct doctor *d)
{
	static const struct make_options options = { .dry_run = true };
	struct survey v = { .d = d };
	AUTO_ERR e = ERR_INIT, ignored = ERR_INIT;

	if (!builder_check_options(&options, &e) || !session_open(&v.s, &options, true, &e) ||
	    !look_at_tree(&v, &e)) {
		add_error(d, &e);
	} else {
		report_lacks(&v);
		report_engine(&v);
	}
	for (size_t i = 0; i < v.lacks.count; i++)
		strbuf_free(&v.lacks.items[i].who);
	vec_free(&v.lacks);
	session_close(&v.s, &ignored);
}

void doctor_check_tools(struct doctor *d)
{
	const char *named = getenv("MICROPY_DIR");
	struct tree tree = { 0 };
	AUTO_ERR e = ERR_INIT;

	if (tree_open(&tree, NULL, &e)) {
		survey(d);
	} else {
		if (named && *named)
			add_error(d, &e);
		d->check = "engine";
		ask_engine(d);
	}
	tree_close(&tree);
}
