/* SPDX-License-Identifier: MIT
 *
 * Deploy notes after a board's first build.
 */
#include "cmd/notes.h"

#include <stdio.h>
#include <unistd.h>

#include "base/markdown.h"
#include "board/deploy.h"
#include "graph/action.h"
#include "os/tty.h"

enum { COLUMNS_MAX = 100 }; /* longer lines are hard to read */

void notes_text(const struct board *b, int columns, struct strbuf *out)
{
	AUTO_STRBUF text = STRBUF_INIT;

	if (!deploy_read(b, &text))
		return;
	if (columns <= 0)
		columns = 80;
	strbuf_addf(out, "%s%s%s: notes about its deployment\n\n", b->port ? b->port : "",
		    b->port ? "/" : "", b->id);
	markdown_text(text.buf, text.len, columns < COLUMNS_MAX ? columns : COLUMNS_MAX, out);
}

static bool is_known(const struct notes *n, const struct recipe *r)
{
	for (size_t i = 0; i < n->first.count; i++)
		if (n->first.items[i]->board == r->board)
			return true;
	return false;
}

bool notes_before(struct notes *n, struct graph *g, struct err *e)
{
	for (size_t i = 0; i < g->goals.count; i++) {
		struct recipe *r = g->goals.items[i].recipe;
		struct store_last last;
		bool built;

		if (!r || !r->board || !r->compile || !r->keep_work || is_known(n, r))
			continue;
		if (!action_last(r->s, r->compile, &last, &built, e))
			return false;
		if (!built)
			vec_push(&n->first, r);
	}
	return true;
}

void notes_after(struct notes *n)
{
	struct strv names = { 0 };
	AUTO_STRBUF text = STRBUF_INIT;

	for (size_t i = 0; i < n->first.count; i++) {
		const struct recipe *r = n->first.items[i];

		strbuf_reset(&text);
		if (r->compile->in_graph && step_is_settled(r->compile))
			notes_text(r->board, tty_columns(STDERR_FILENO), &text);
		if (text.len)
			vec_push(&names, r->board->id);
		if (text.len && n->first.count == 1)
			fprintf(stderr, "\n%s", text.buf);
	}
	if (names.count && n->first.count > 1) {
		fputs("note: how firmware gets onto these boards: mpflash boards --notes", stderr);
		for (size_t i = 0; i < names.count; i++)
			fprintf(stderr, " %s", names.items[i]);
		fputc('\n', stderr);
	}
	vec_free(&names);
}

void notes_free(struct notes *n)
{
	vec_free(&n->first);
}
