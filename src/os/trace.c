/* SPDX-License-Identifier: MIT
 *
 * Finding the tracer's program, and reading what it wrote. The program itself is in src/os/trace.
 */
#include "os/trace.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "config.h"
#include "os/dirs.h"
#include "os/fs.h"
#include "os/process.h"

enum { CHECK_MS = 10000 };

/* --- the program --- */

/* Beside the running program, or where `install` puts it; MPFLASH_TRACE says otherwise. NULL: nowhere. */
static const char *find_helper(struct arena *a)
{
	AUTO_STRBUF dir = STRBUF_INIT;
	AUTO_ERR e = ERR_INIT;
	const char *given = getenv("MPFLASH_TRACE");
	const char *places[3] = { NULL, NULL, MPFLASH_PREFIX "/libexec/mpflash/mpflash-trace" };

	if (given && *given)
		return arena_strdup(a, given);
	if (dirs_program(&dir, &e)) {
		places[0] = arena_printf(a, "%s/mpflash-trace", dir.buf);
		places[1] = arena_printf(a, "%s/../libexec/mpflash/mpflash-trace", dir.buf);
	}
	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (places[i] && fs_exists(places[i]))
			return places[i];
	return NULL;
}

const char *trace_helper(struct arena *a)
{
	return find_helper(a);
}

static bool check(const char *helper, struct strbuf *why)
{
	const char *const argv[] = { helper, "--check", NULL };
	AUTO_STRBUF said = STRBUF_INIT;
	AUTO_ERR e = ERR_INIT;
	struct process_exit x;

	if (!process_run(&(struct process_spec){ .argv = argv }, CHECK_MS, &said, &x, &e)) {
		strbuf_adds(why, e.msg);
		return false;
	}
	if (x.code == 0)
		return true;
	strbuf_add(why, said.buf, strcspn(said.buf, "\n"));
	if (!said.len) {
		strbuf_addf(why, "%s: ", helper);
		process_exit_text(&x, why);
	}
	return false;
}

bool trace_supported(struct strbuf *why)
{
	AUTO_ARENA a = ARENA_INIT;
	AUTO_STRBUF unwanted = STRBUF_INIT;
	const char *helper = find_helper(&a);

	if (!why)
		why = &unwanted;
	if (helper)
		return check(helper, why);
	strbuf_adds(why, "there is no mpflash-trace beside mpflash");
	return false;
}

void trace_words(struct arena *a, const char *log_path, int hold_fd, struct strv *out)
{
	const char *helper = find_helper(a);

	vec_push(out, helper ? helper : "mpflash-trace");
	if (hold_fd >= 0) {
		vec_push(out, "--hold");
		vec_push(out, arena_printf(a, "%d", hold_fd));
	}
	vec_push(out, arena_strdup(a, log_path));
	vec_push(out, "--");
}

void trace_inside_words(const char *helper, const char *lock, const char *fifo, struct strv *out)
{
	vec_push(out, helper);
	vec_push(out, "--inside");
	vec_push(out, lock);
	if (fifo)
		vec_push(out, fifo);
	vec_push(out, "--");
}

/* --- the log --- */

static bool is_number(const char *s)
{
	s += *s == '-';
	return *s && !s[strspn(s, "0123456789")];
}

/* One record, which may be written to; false when it is none. */
static bool read_record(struct trace_log *log, char *record, bool *ended)
{
	char *tab;

	if (record[0] == 'X' && record[1]) {
		if (!log->why)
			log->why = record + 1;
		return true;
	}
	if (record[0] == 'E') {
		*ended = true;
		return is_number(record + 1);
	}
	tab = strchr(record, '\t');
	if (!record[0] || !strchr("rxslwc", record[0]) || !tab || tab[1] != '/')
		return false;
	*tab = '\0';
	if (record[0] == TRACE_COMMAND) {
		vec_push(&log->commands, tab + 1);
		return true;
	}
	vec_push(&log->events, (struct trace_event){ .kind = (enum trace_kind)record[0],
						     .program = record + 1,
						     .path = tab + 1 });
	return true;
}

/* `text` is ours to change and lives as long as the log. */
static void read_records(struct trace_log *log, char *text, size_t size)
{
	static const char header[] = "mpflash-trace 1";
	const char *damage = "its log is damaged";
	char *end = text + size, *at = text + sizeof(header);
	bool ended = false;

	if (size < sizeof(header) || memcmp(text, header, sizeof(header)) != 0) {
		log->why = size ? damage : "its log is empty";
		return;
	}
	while (at < end && !ended) {
		char *stop = memchr(at, '\0', (size_t)(end - at));

		if (!stop)
			break;
		if (!read_record(log, at, &ended)) {
			log->why = damage;
			return;
		}
		at = stop + 1;
	}
	if (!ended && !log->why)
		log->why = "its log has no end";
	else if (at != end)
		log->why = damage;
	log->ended = ended;
	log->complete = !log->why;
}

void trace_parse(struct trace_log *log, const void *data, size_t size)
{
	char *text;

	*log = (struct trace_log){ 0 };
	text = arena_alloc(&log->arena, size + 1);
	memcpy(text, data, size);
	read_records(log, text, size);
}

bool trace_read(struct trace_log *log, const char *path, struct err *e)
{
	struct fs_map m;

	*log = (struct trace_log){ 0 };
	if (!fs_map(&m, path, e))
		return false;
	trace_parse(log, m.data, m.size);
	fs_unmap(&m);
	return true;
}

void trace_free(struct trace_log *log)
{
	vec_free(&log->events);
	vec_free(&log->commands);
	arena_free(&log->arena);
	*log = (struct trace_log){ 0 };
}
