/* SPDX-License-Identifier: MIT
 *
 * Firmware in archives: which members it may be, and what is said when there is none.
 */
#include "image/member.h"

#include <fnmatch.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "base/path.h"

enum { MAX_SEEN = 8 };

bool member_walk_open(struct member_walk *w, const uint8_t *data, size_t size, const char *path,
		      const struct image_options *opt, struct err *e)
{
	*w = (struct member_walk){ .path = path, .opt = opt, .seen = STRBUF_INIT };
	w->archive = image_archive_open(data, size, path, e);
	return w->archive || err_wrap(e, "%s", path);
}

void member_walk_close(struct member_walk *w)
{
	image_archive_close(w->archive);
	strbuf_free(&w->seen);
}

/* What macOS puts beside each file. */
static bool is_litter(const char *name)
{
	return strncmp(name, "__MACOSX/", 9) == 0 || strncmp(path_base(name), "._", 2) == 0;
}

/* A pattern without a folder is for names in any folder. */
static bool is_named(const char *pattern, const char *name)
{
	return strcmp(pattern, name) == 0 || fnmatch(pattern, name, 0) == 0 ||
	       (!strchr(pattern, '/') && fnmatch(pattern, path_base(name), 0) == 0);
}

static bool looks_like_firmware(const struct image_options *opt, const char *name,
				const struct strbuf *bytes)
{
	static const uint8_t nothing[1];
	const struct image_format *format = image_format_detect(nothing, 0, name);
	bool by_name = format && format->read;

	if (opt->format)
		by_name = by_name && strcasecmp(format->name, opt->format) == 0;
	if (by_name || !bytes)
		return by_name;
	format = image_format_detect((const uint8_t *)bytes->buf, bytes->len, NULL);
	return format && format->read &&
	       (!opt->format || strcasecmp(format->name, opt->format) == 0);
}

static void note_seen(struct member_walk *w, const struct archive_member *m, const char *what)
{
	if (w->seen_count++ < MAX_SEEN)
		strbuf_addf(&w->seen, "%s%s%s", w->seen_count > 1 ? ", " : "", m->name, what);
}

/* True when the member's bytes are wanted to be looked at. */
static bool is_wanted(struct member_walk *w, const struct archive_member *m)
{
	if (w->opt->member && is_named(w->opt->member, m->raw_name))
		return true;
	if (m->is_file && !is_litter(m->raw_name))
		note_seen(w, m, m->encrypted ? " (encrypted)" : "");
	return !w->opt->member && m->is_file && !is_litter(m->raw_name);
}

static bool refuse_name(const struct archive_member *m, struct err *e)
{
	if (!m->is_file) {
		err_set(e, "it is not a file but a folder, a link or a device");
		return err_hint(e, "name the file itself");
	}
	if (!m->climbs)
		return true;
	err_set(e, "its name leaves the archive, which was made to do harm");
	return err_hint(e, "do not use this archive");
}

/* True with *taken when the member is firmware. */
static bool examine(struct member_walk *w, const struct archive_member *m, struct strbuf *bytes,
		    bool *taken, struct err *e)
{
	bool sure = w->opt->member || image_archive_single(w->archive) ||
		    looks_like_firmware(w->opt, m->raw_name, NULL);
	AUTO_ERR why = ERR_INIT;

	*taken = sure;
	if (sure && !refuse_name(m, e))
		return false;
	if (image_archive_read(w->archive, bytes, &why)) {
		*taken = sure || looks_like_firmware(w->opt, m->raw_name, bytes);
		return !*taken || refuse_name(m, e);
	}
	/* What is too large for firmware, or damaged but has another's name, is left alone. */
	if (!sure)
		return true;
	err_move(e, &why);
	return false;
}

static bool none(struct member_walk *w, struct err *e)
{
	w->over = true;
	if (w->opt->member)
		err_set(e, "%s: no member is called %s", w->path, w->opt->member);
	else
		err_set(e, "%s: no firmware file is in it", w->path);
	if (!w->seen_count)
		return err_hint(e, "there is no file in it at all");
	if (w->seen_count > MAX_SEEN)
		strbuf_addf(&w->seen, " and %zu more", w->seen_count - MAX_SEEN);
	return err_hint(e, "it holds %s; --member NAME takes one", w->seen.buf);
}

bool member_walk_next(struct member_walk *w, struct strbuf *bytes, const struct archive_member **m,
		      struct err *e)
{
	bool taken;

	while (!w->over) {
		if (!image_archive_next(w->archive, m, e)) {
			w->over = true;
			return err_wrap(e, "%s", w->path);
		}
		if (!*m)
			break;
		if (!is_wanted(w, *m))
			continue;
		strbuf_free(bytes);
		if (!examine(w, *m, bytes, &taken, e)) {
			w->found++;
			return err_wrap(e, "%s: %s", w->path, (*m)->name);
		}
		if (!taken)
			continue;
		w->found++;
		return true;
	}
	*m = NULL;
	if (!w->over && !w->found)
		return none(w, e);
	w->over = true;
	return true;
}
