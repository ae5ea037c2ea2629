/* SPDX-License-Identifier: MIT
 *
 * The state beside a work folder.
 */
#include "graph/work_state.h"

#include <stdlib.h>
#include <string.h>

#include "os/fs.h"

/* Bump when a folder that this version left cannot be gone on with. */
static const char magic[] = "mpflash work 3";

static const size_t MAX_SIZE = 64 << 20;

static char *state_path(const char *work_dir, struct arena *a)
{
	return arena_printf(a, "%s.state", work_dir);
}

/* The number at *p and what ends it; *p stands behind that afterwards. */
static bool take_number(const char **p, char stop, long long *out)
{
	char *end;

	*out = strtoll(*p, &end, 10);
	if (end == *p || *end != stop)
		return false;
	*p = end + 1;
	return true;
}

/* What make wrote into the folder names it by its path: one that was moved has no objects as far as that says. */
static bool take_line(const char **p, const char *want)
{
	size_t len = strlen(want);

	if (strncmp(*p, want, len) != 0 || (*p)[len] != '\n')
		return false;
	*p += len + 1;
	return true;
}

bool work_state_read(const char *work_dir, struct work_state *out)
{
	AUTO_ARENA a = ARENA_INIT;
	AUTO_STRBUF text = STRBUF_INIT;
	AUTO_ERR none = ERR_INIT;
	long long epoch, parts;
	const char *at;
	size_t left;

	if (!fs_is_dir(work_dir) || !fs_read(&text, state_path(work_dir, &a), MAX_SIZE, &none))
		return false;
	at = text.buf + sizeof(magic) - 1;
	if (strncmp(text.buf, magic, sizeof(magic) - 1) != 0 || !take_number(&at, ' ', &epoch) ||
	    !take_number(&at, '\n', &parts))
		return false;
	if (!take_line(&at, work_dir))
		return false;
	left = text.len - (size_t)(at - text.buf);
	if (parts < 0 || (unsigned long long)parts > left)
		return false;
	out->epoch = epoch;
	strbuf_add(&out->parts, at, (size_t)parts);
	return closure_parse(at + parts, left - (size_t)parts, &out->closure);
}

bool work_state_write(const char *work_dir, const struct work_state *state, struct err *e)
{
	AUTO_ARENA a = ARENA_INIT;
	AUTO_STRBUF text = STRBUF_INIT;

	strbuf_addf(&text, "%s %lld %zu\n%s\n", magic, (long long)state->epoch, state->parts.len,
		    work_dir);
	strbuf_add(&text, state->parts.buf, state->parts.len);
	closure_write(&state->closure, &text);
	return fs_write_atomic(state_path(work_dir, &a), text.buf, text.len, 0644, e);
}

bool work_state_remove(const char *work_dir, struct err *e)
{
	AUTO_ARENA a = ARENA_INIT;

	return fs_remove_tree(state_path(work_dir, &a), e);
}

void work_state_free(struct work_state *state)
{
	strbuf_free(&state->parts);
	closure_free(&state->closure);
}

/* The line at *p without its newline, and *p behind it; NULL at the end. */
static const char *next_line(const char **p, size_t *len)
{
	const char *line = *p;

	if (!*line)
		return NULL;
	*len = strcspn(line, "\n");
	*p = line + *len + (line[*len] == '\n');
	return line;
}

static bool has_name(const char *line, size_t len, const char *name)
{
	return len >= strlen(name) && memcmp(line, name, strlen(name)) == 0;
}

/* The next line that is not about the stamp. */
static const char *next_part(const char **p, size_t *len)
{
	const char *line;

	do
		line = next_line(p, len);
	while (line && has_name(line, *len, "stamp "));
	return line;
}

bool work_state_fits(const struct work_state *state, const struct strbuf *parts,
		     bool *other_mpy_cross, const char **why, struct arena *a)
{
	static const char mpy_cross[] = "mpy-cross\t";
	const char *old = state->parts.buf, *new = parts->buf;

	*other_mpy_cross = false;
	for (;;) {
		size_t old_len = 0, new_len = 0;
		const char *was = next_part(&old, &old_len), *is = next_part(&new, &new_len);

		if (!was && !is)
			return true;
		if (was && is && old_len == new_len && memcmp(was, is, old_len) == 0)
			continue;
		if (was && is && has_name(was, old_len, mpy_cross) &&
		    has_name(is, new_len, mpy_cross)) {
			*other_mpy_cross = true;
			continue;
		}
		if (!is) {
			is = was;
			new_len = old_len;
		}
		*why = arena_strndup(a, is,
				     strcspn(is, "\t") < new_len ? strcspn(is, "\t") : new_len);
		return false;
	}
}
