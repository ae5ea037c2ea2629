/* SPDX-License-Identifier: MIT
 *
 * A list of findings.
 */
#include "image/finding.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/strbuf.h"
#include "base/vec.h"

void finding_add(struct findings *f, const char *name, enum finding_level level, const char *fmt,
		 ...)
{
	struct strbuf text = STRBUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	strbuf_vaddf(&text, fmt, ap);
	va_end(ap);
	vec_push(f, (struct finding){ name, level, strbuf_detach(&text) });
}

const char *finding_level_name(enum finding_level level)
{
	static const char *const names[] = { "ok", "note", "warning", "error" };

	return names[level];
}

enum finding_level findings_worst(const struct findings *f)
{
	enum finding_level worst = FINDING_OK;

	for (size_t i = 0; i < f->count; i++)
		if (f->items[i].level > worst)
			worst = f->items[i].level;
	return worst;
}

void findings_free(struct findings *f)
{
	for (size_t i = 0; i < f->count; i++)
		free(f->items[i].text);
	vec_free(f);
}
