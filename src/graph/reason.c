/* SPDX-License-Identifier: MIT
 *
 * Reasons in one line: the first causes, or why there is nothing to do.
 */
#include "graph/reason.h"

#include <string.h>

#include "graph/cause.h"

enum { MAX_SHOWN = 3 };

/* Those who asked why are told on what the verdict rests. */
static const char *add_basis(struct session *s, const struct step *step, const char *reason)
{
	if (!s->opt->explain || !step->declared)
		return reason;
	return arena_printf(&s->arena, "%s (by declared inputs, for it cannot be traced: %s)",
			    reason, step->declared);
}

static const char *to_run(struct session *s, const struct step *step, const struct store_last *last)
{
	AUTO_STRBUF text = STRBUF_INIT;
	struct causes causes;

	if (!last)
		return "never done before";
	causes_collect(s, step, last, NULL, &causes);
	for (size_t i = 0; i < causes.items.count && i < MAX_SHOWN; i++)
		strbuf_addf(&text, "%s%s %s", i ? ", " : "", causes.items.items[i].name,
			    causes.items.items[i].change);
	if (causes.items.count > MAX_SHOWN)
		strbuf_addf(&text, " and %zu more", causes.items.count - MAX_SHOWN);
	causes_free(&causes);
	if (text.len)
		return arena_strdup(&s->arena, text.buf);
	if (causes.no_record)
		return "the store does not know what it was made of";
	return causes.no_closure ? "the store does not know what it read"
				 : "what it made last is not in the store";
}

const char *reason_to_run(struct session *s, const struct step *step, const struct store_last *last)
{
	return add_basis(s, step, to_run(s, step, last));
}

const char *reason_fresh(struct session *s, const struct step *step)
{
	size_t files = step->closure_size;

	/* Counting declared files costs a read: only for those who asked why. */
	if (!s->opt->explain || (!files && !causes_count_inputs(s, step, &files)))
		return step->ins.count ? "what it is made from did not change" : "nothing changed";
	return add_basis(
		s, step,
		arena_printf(&s->arena, "none of its %zu files, flags and tools changed", files));
}
