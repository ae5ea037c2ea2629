/* SPDX-License-Identifier: MIT
 *
 * Command lines of external tools, from their text and the values of a run.
 */
#include <inttypes.h>
#include <string.h>

#include "board/device.h"
#include "flash/runner_internal.h"

enum { MAX_DEPTH = 8 }; /* of brackets in brackets */

/* --- values --------------------------------------------------------------------------------------------------- */

const char *runner_segment_file(struct runner_run *run, size_t i)
{
	return arena_printf(&run->arena, "segment%zu.bin", i);
}

static const char *number(struct runner_run *run, uint64_t n)
{
	return arena_printf(&run->arena, "0x%" PRIx64, n);
}

static const char *probe_kind(const struct device *d)
{
	unsigned things = d && d->usb ? d->usb->things : 0;

	return things & USB_STLINK      ? "stlink"
	       : things & USB_JLINK     ? "jlink"
	       : things & USB_CMSIS_DAP ? "cmsis-dap"
					: NULL;
}

static const char *probe_selector(struct runner_run *run, const struct device *d)
{
	const char *serial;

	if (!d || !d->usb)
		return NULL;
	serial = d->usb->serial && *d->usb->serial ? d->usb->serial : NULL;
	return arena_printf(&run->arena, "%04x:%04x%s%s", d->usb->vid, d->usb->pid,
			    serial ? ":" : "", serial ? serial : "");
}

static const char *probe_number(const struct device *d)
{
	return d && d->usb && d->usb->serial && *d->usb->serial ? d->usb->serial : NULL;
}

static const char *image_value(struct runner_run *run, const char *name)
{
	const struct image *img = run->img;
	const struct image_segment *s;

	if (!img || !img->count)
		return NULL;
	s = &img->segments[run->segment < img->count ? run->segment : 0];
	if (strcmp(name, "address") == 0)
		return number(run, s->address);
	if (strcmp(name, "size") == 0)
		return number(run, s->size);
	if (strcmp(name, "segment") == 0)
		return run->segment < img->count ? runner_segment_file(run, run->segment) : NULL;
	return arena_printf(&run->arena, "firmware.%s", run->r->format);
}

static bool is_one_of(const char *name, const char *const *list)
{
	for (; *list; list++)
		if (strcmp(name, *list) == 0)
			return true;
	return false;
}

static const char *port_name(const struct device *d)
{
	const char *port = d ? device_port(d) : NULL;

	return port && strncmp(port, "/dev/", 5) == 0 ? port + 5 : port;
}

static const char *rule_value(struct runner_run *run, const char *name)
{
	const char *value;

	if (strchr(name, '.'))
		return flash_target_get(run->t, name);
	value = flash_target_get(run->t, arena_printf(&run->arena, "%s.%s", run->r->name, name));
	return value || !run->r->declared ? value : flash_target_get(run->t, name);
}

const char *runner_value(struct runner_run *run, const char *name)
{
	static const char *const of_image[] = { "file", "address", "size", "segment", NULL };
	const struct device *d = run->device;

	if (is_one_of(name, of_image))
		return image_value(run, name);
	if (strcmp(name, "probe") == 0)
		return probe_number(d);
	if (strcmp(name, "port") == 0)
		return d ? device_port(d) : NULL;
	if (strcmp(name, "portname") == 0)
		return port_name(d);
	if (strcmp(name, "place") == 0)
		return d ? d->usb_path : NULL;
	if (strcmp(name, "kind") == 0)
		return probe_kind(d);
	if (strcmp(name, "transport") == 0)
		return d && d->usb && d->usb->things & USB_STLINK ? NULL : "swd";
	if (strcmp(name, "selector") == 0)
		return probe_selector(run, d);
	if (strcmp(name, "connect") == 0)
		return run->connect && *run->connect ? run->connect : NULL;
	if (strcmp(name, "script") == 0)
		return run->r->script ? "script" : NULL;
	if (strcmp(name, "serial") == 0)
		return d ? device_serial(d) : NULL;
	if (strcmp(name, "volume") == 0)
		return d && d->volume ? d->volume->mount : NULL;
	if (strcmp(name, "board") == 0)
		return run->t->board_id;
	return rule_value(run, name);
}

/* --- expansion ------------------------------------------------------------------------------------------------ */

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-';
}

/* At a '$': appends the value and steps over it. *nothing: it has none. */
static bool expand(struct runner_run *run, const char **at, struct strbuf *out, bool *nothing,
		   struct err *e)
{
	bool braces = (*at)[1] == '{';
	const char *start = *at + (braces ? 2 : 1), *end = start, *instead = NULL, *value;
	AUTO_STRBUF name = STRBUF_INIT;

	if ((*at)[1] == '$') {
		strbuf_addch(out, '$');
		*at += 2;
		return true;
	}
	while (braces ? *end && *end != '}' && *end != ':' : is_name(*end))
		end++;
	strbuf_add(&name, start, (size_t)(end - start));
	if (braces && *end == ':') {
		const char *close = strchr(end, '}');

		if (close)
			instead = arena_strndup(&run->arena, end + 1, (size_t)(close - end - 1));
		end = close ? close : end + strlen(end);
	}
	if (!name.len || (braces && *end != '}'))
		return err_set(e, "%s: a $ without a name in '%s'", run->r->name, *at);
	value = runner_value(run, name.buf);
	if (!value)
		value = instead;
	if (value)
		strbuf_adds(out, value);
	else
		*nothing = true;
	*at = end + braces;
	return true;
}

/* The next word; *more is false at the end. *quoted: it is no bracket, whatever it looks like. */
static bool next_word(struct runner_run *run, const char **at, struct strbuf *word, bool *more,
		      bool *nothing, bool *quoted, struct err *e)
{
	char quote = 0;

	strbuf_reset(word);
	*quoted = false;
	*at += strspn(*at, " \t\n");
	*more = **at != '\0';
	while (**at && (quote || !strchr(" \t\n", **at))) {
		char c = **at;

		if (quote ? c == quote : c == '\'' || c == '"') {
			quote = quote ? 0 : c;
			*quoted = true;
			++*at;
		} else if (c == '$') {
			*quoted = true;
			if (!expand(run, at, word, nothing, e))
				return false;
		} else {
			strbuf_addch(word, c);
			++*at;
		}
	}
	return !quote || err_set(e, "%s: a quote is open in '%s'", run->r->name, word->buf);
}

static bool is_mark(const struct strbuf *word, bool quoted, char mark)
{
	return !quoted && word->len == 1 && word->buf[0] == mark;
}

/* Words up to the end, or to `until`. *at stands behind it. *nothing: one of the values is. */
static bool words_until(struct runner_run *run, const char **at, char until, struct strv *out,
			bool *nothing, struct err *e);

/* [ ... ]: all or none. */
static bool optional_words(struct runner_run *run, const char **at, struct strv *out, struct err *e)
{
	size_t before = out->count;
	bool nothing = false;

	if (!words_until(run, at, ']', out, &nothing, e))
		return false;
	if (nothing)
		out->count = before;
	return true;
}

/* { ... }: once for each segment. */
static bool repeated_words(struct runner_run *run, const char **at, struct strv *out, bool *nothing,
			   struct err *e)
{
	const char *start = *at;
	size_t count = run->img ? run->img->count : 0, outer = run->segment;
	bool ok = true;

	for (size_t i = 0; ok && i < (count ? count : 1); i++) {
		size_t before = out->count;

		*at = start;
		run->segment = i;
		ok = words_until(run, at, '}', out, nothing, e);
		if (!count)
			out->count = before;
	}
	run->segment = outer;
	return ok;
}

static bool read_words(struct runner_run *run, const char **at, char until, struct strv *out,
		       bool *nothing, struct err *e)
{
	AUTO_STRBUF word = STRBUF_INIT;
	bool more, quoted;

	for (;;) {
		if (!next_word(run, at, &word, &more, nothing, &quoted, e))
			return false;
		if (!more)
			return !until || err_set(e, "%s: there is no '%c'", run->r->name, until);
		if (until && is_mark(&word, quoted, until))
			return true;
		if (is_mark(&word, quoted, '[')) {
			if (!optional_words(run, at, out, e))
				return false;
		} else if (is_mark(&word, quoted, '{')) {
			if (!repeated_words(run, at, out, nothing, e))
				return false;
		} else if (word.len || quoted) {
			if (word.len)
				vec_push(out, arena_strdup(&run->arena, word.buf));
		}
	}
}

static bool words_until(struct runner_run *run, const char **at, char until, struct strv *out,
			bool *nothing, struct err *e)
{
	bool ok;

	if (run->depth == MAX_DEPTH)
		return err_set(e, "%s: brackets in more than %d others", run->r->name,
			       MAX_DEPTH - 1);
	run->depth++;
	ok = read_words(run, at, until, out, nothing, e);
	run->depth--;
	return ok;
}

bool runner_words(struct runner_run *run, const char *text, struct strv *out, struct err *e)
{
	bool nothing = false;

	return words_until(run, &text, '\0', out, &nothing, e);
}

/* --- scripts -------------------------------------------------------------------------------------------------- */

static bool script_line(struct runner_run *run, const char *line, struct strbuf *out, struct err *e)
{
	AUTO_STRBUF text = STRBUF_INIT;
	bool nothing = false;

	while (*line)
		if (*line == '$') {
			if (!expand(run, &line, &text, &nothing, e))
				return false;
		} else {
			strbuf_addch(&text, *line++);
		}
	if (!nothing)
		strbuf_addf(out, "%s\n", text.buf);
	return true;
}

bool runner_script(struct runner_run *run, const char *text, struct strbuf *out, struct err *e)
{
	while (*text) {
		size_t len = strcspn(text, "\n");
		const char *line = arena_strndup(&run->arena, text, len);
		size_t times = runner_uses(line, "segment") && run->img ? run->img->count : 1;

		for (size_t i = 0; i < times; i++) {
			run->segment = i;
			if (!script_line(run, line, out, e))
				return false;
		}
		text += len + (text[len] == '\n');
	}
	run->segment = SIZE_MAX;
	return true;
}

bool runner_uses(const char *text, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = text; at && (at = strchr(at, '$')) != NULL; at++) {
		const char *start = at + 1 + (at[1] == '{');

		if (strncmp(start, name, len) == 0 && !is_name(start[len]))
			return true;
	}
	return false;
}
