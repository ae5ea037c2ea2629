/* SPDX-License-Identifier: MIT
 *
 * compile_commands.json beside the firmware. It is no output of the step: it names this checkout's files and this board's work folder,
 * where the generated headers are, so that another checkout with the same firmware has no use for it.
 */
#include "build/compile_commands.h"

#include <string.h>

#include "base/path.h"
#include "graph/compile.h"
#include "graph/compile_key.h"
#include "graph/recipe.h"
#include "os/fs.h"
#include "os/trace.h"

enum { MAX_SIZE = 64 << 20 };

static const char *kept_path(struct session *s, const struct step *step)
{
	return path_join(&s->arena, step->recipe->work_dir, "mpflash.commands");
}

static void load(struct session *s, const struct step *step, struct compile_commands *c)
{
	AUTO_STRBUF text = STRBUF_INIT;
	AUTO_ERR none = ERR_INIT;

	if (fs_read(&text, kept_path(s, step), MAX_SIZE, &none))
		compile_commands_load(c, text.buf);
}

static bool read_trace(struct session *s, const struct step *step, struct compile_commands *c,
		       struct err *e)
{
	struct trace_log log;
	bool ok = trace_read(&log, compile_trace_path(s, step), e);

	if (ok)
		compile_commands_add(c, &log.commands);
	trace_free(&log);
	return ok;
}

static bool place(struct session *s, const struct step *step, const struct compile_commands *c,
		  struct err *e)
{
	const char *dir = step->recipe->out_dir;
	AUTO_STRBUF json = STRBUF_INIT, kept = STRBUF_INIT;

	compile_commands_json(c, &json);
	compile_commands_save(c, &kept);
	return fs_mkdirs(dir, e) &&
	       fs_write_lazy(path_join(&s->arena, dir, "compile_commands.json"), json.buf, json.len,
			     0644, e) &&
	       fs_write_lazy(kept_path(s, step), kept.buf, kept.len, 0644, e);
}

void compile_commands_place(struct session *s, const struct step *step, bool goes_on)
{
	struct compile_commands c = { 0 };
	AUTO_ERR e = ERR_INIT;

	if (step->declared || !step->recipe->out_dir || !step->recipe->env.board.port ||
	    compile_is_mpy_cross(step))
		return;
	if (goes_on)
		load(s, step, &c);
	if (read_trace(s, step, &c, &e)) {
		compile_commands_settle(&c);
		if (c.items.count)
			place(s, step, &c, &e);
	}
	if (e.msg)
		report_note(s->report, "%s: no compile_commands.json: %s", step->id, e.msg);
	compile_commands_free(&c);
}
