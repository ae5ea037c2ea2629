/* SPDX-License-Identifier: MIT
 *
 * A session on a small tree; see session_helpers.h.
 */
#include "session_helpers.h"

#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/xalloc.h"

static void put_board(struct scratch *s, const char *name, const char *json)
{
	scratch_put(s, arena_printf(&s->arena, "t/ports/%s/board.json", name), json);
}

int fixture_setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	f->s = scratch_create();
	scratch_put(f->s, "t/py/a.c", "");
	scratch_put(f->s, "t/mpy-cross/m.c", "");
	put_board(
		f->s, "stm32/boards/PYBV11",
		"{\"mcu\": \"stm32f4\", \"variants\": {\"DP\": \"double\", \"THREAD\": \"threads\"}}");
	put_board(f->s, "stm32/boards/NUCLEO_H563ZI", "{\"mcu\": \"stm32h5\"}");
	put_board(f->s, "stm32/boards/SHARED", "{\"mcu\": \"stm32f4\"}");
	scratch_put(f->s, "t/ports/qemu/boards/SHARED/mpconfigboard.mk", "");
	scratch_put(f->s, "t/ports/qemu/boards/MICROBIT/mpconfigboard.mk", "");
	scratch_mkdir(f->s, "rules");
	setenv("MPFLASH_RULES", scratch_path(f->s, "rules"), 1);
	setenv("MPFLASH_CACHE", scratch_path(f->s, "cache"), 1);
	f->opt.tree_dir = scratch_path(f->s, "t");
	*state = f;
	return 0;
}

static void close_session(struct fixture *f)
{
	AUTO_ERR e = ERR_INIT;

	graph_free(&f->graph);
	if (f->open)
		must(session_close(&f->session, &e), &e);
	f->open = false;
	f->graph = (struct graph){ 0 };
}

int fixture_teardown(void **state)
{
	struct fixture *f = *state;

	close_session(f);
	err_free(&f->err);
	scratch_destroy(f->s);
	free(f);
	return 0;
}

void open_session(struct fixture *f, const char *rules)
{
	close_session(f);
	scratch_put(f->s, "rules/x.rules", rules);
	f->open = true;
	must(session_open(&f->session, &f->opt, f->opt.tree_dir != NULL, &f->err), &f->err);
	f->graph.s = &f->session;
}

bool add_target(struct fixture *f, const char *text)
{
	err_free(&f->err);
	return graph_add_target(&f->graph, text, &f->err);
}

void assert_target_error(struct fixture *f, const char *text, const char *message, const char *hint)
{
	assert_false(add_target(f, text));
	assert_err(&f->err, message, hint);
}

const char *goal_files(struct fixture *f)
{
	const struct goal *goal = &f->graph.goals.items[f->graph.goals.count - 1];
	AUTO_STRBUF out = STRBUF_INIT;

	for (size_t i = 0; i < goal->files.count; i++)
		strbuf_addf(&out, "%s ", goal->files.items[i]->name);
	return arena_strdup(&f->s->arena, out.buf);
}

const char *ordered_steps(struct fixture *f)
{
	AUTO_STRBUF out = STRBUF_INIT;

	err_free(&f->err);
	must(graph_order(&f->graph, &f->err), &f->err);
	for (size_t i = 0; i < f->graph.steps.count; i++)
		strbuf_addf(&out, "%s%s", i ? ", " : "", f->graph.steps.items[i]->id);
	return arena_strdup(&f->s->arena, out.buf);
}

struct step *step_named(struct fixture *f, const char *id)
{
	for (size_t i = 0; i < f->graph.steps.count; i++)
		if (strcmp(f->graph.steps.items[i]->id, id) == 0)
			return f->graph.steps.items[i];
	fail_msg("there is no step '%s'", id);
	return NULL;
}
