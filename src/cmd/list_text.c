/* SPDX-License-Identifier: MIT
 *
 * Devices as a table: one line each, whatever they say of themselves.
 */
#include <string.h>

#include "base/arena.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "board/board_info.h"
#include "cache/sighting.h"
#include "cmd/list.h"

enum { WIDE_FROM = 100, GAP = 2, MIN_BOARD = 16, MIN_TITLE = 8, MIN_CELL = 4 };

enum column {
	SERIAL,
	FAMILY,
	PORT,
	BOARD,
	VARIANT,
	CPU,
	VERSION,
	BUILD,
	USB_IDS,
	LOCATION,
	COLUMNS,
};

static const struct {
	const char *title, *narrow; /* narrow NULL: left out there */
} columns_text[COLUMNS] = {
	[SERIAL] = { "Serial", "Ser." },
	[FAMILY] = { "Family", "Fam." },
	[PORT] = { "Port", NULL },
	[BOARD] = { "Board", "Board" },
	[VARIANT] = { "Variant", "Variant" },
	[CPU] = { "CPU", NULL },
	[VERSION] = { "Version", "Version" },
	[BUILD] = { "Build", "Bld" },
	[USB_IDS] = { "vid:pid", "vid:pid" },
	[LOCATION] = { "Location", "Location" },
};

struct row {
	const char *cells[COLUMNS];
};

struct table {
	struct arena arena;
	VEC(struct row) rows;
	bool shown[COLUMNS];
	size_t width[COLUMNS];
	bool wide;
};

/* --- cells --------------------------------------------------------------------------------------------------- */

static const char *or_dash(const char *s)
{
	return s && *s ? s : "-";
}

static const char *family(const struct table *t, const struct identity *id)
{
	if (!id->family)
		return t->wide ? "unknown" : "?";
	if (!t->wide && strcmp(id->family, "micropython") == 0)
		return "MPy";
	if (!t->wide && identity_is_circuitpython(id))
		return "CP";
	return id->family;
}

static const char *serial(const struct table *t, const struct device *d)
{
	const char *path = device_port(d);

	if (!path && d->volume && d->volume->mount)
		return d->volume->mount;
	if (!path)
		return d->id;
	return !t->wide && strncmp(path, "/dev/tty", 8) == 0 ? path + strlen("/dev/") : path;
}

static void add_reason(const struct device *d, struct strbuf *out)
{
	if (d->kind && d->state != DEVICE_BOOTLOADER && d->state != DEVICE_PROBE)
		strbuf_addf(out, ", %s", device_state_name(d->state));
	if (d->why)
		strbuf_addf(out, ": %s", d->why);
}

/* What a board that does not say what it is does, and why. */
static void add_state(const struct device *d, struct strbuf *out)
{
	if (d->state == DEVICE_HELD && !d->kind && d->why) {
		strbuf_adds(out, d->why);
	} else {
		strbuf_adds(out, d->kind ? d->kind : device_state_name(d->state));
		add_reason(d, out);
	}
	if (d->one_of)
		strbuf_addf(out, "; %s %s", strstr(d->one_of, "), ") ? "one of" : "perhaps",
			    d->one_of);
	else if (d->known && !d->known_by_number)
		strbuf_adds(out, "; was last seen at this place");
}

static const char *board(struct table *t, const struct device *d)
{
	const struct identity *id = &d->identity;
	AUTO_STRBUF out = STRBUF_INIT;
	struct board_info info;
	const char *mine, *name = id->board_id ? id->board_id : d->board_id;

	if (t->shown[VARIANT] && id->board)
		name = id->board;
	if (name)
		strbuf_adds(&out, name);
	else if (d->known)
		strbuf_adds(&out, d->known->description);
	if (id->machine)
		strbuf_addf(&out, "%s%s", out.len ? "  " : "", id->machine);
	board_info_parse(id->board_info, &t->arena, &info);
	mine = board_info_text(&info, "", "description");
	if (mine)
		strbuf_addf(&out, " [%s]", mine);
	if (!d->has_identity || d->why) {
		strbuf_adds(&out, out.len ? "  " : "");
		add_state(d, &out);
	}
	return arena_strdup(&t->arena, or_dash(out.buf));
}

static const char *version(struct table *t, const struct identity *id)
{
	AUTO_STRBUF out = STRBUF_INIT;

	list_version(id, &out);
	return out.len ? arena_printf(&t->arena, "v%s", out.buf) : "-";
}

static const char *usb_ids(struct table *t, const struct device *d)
{
	const struct serial_port *p = d->port_count ? d->ports[0] : NULL;

	if (p && p->usb)
		return arena_printf(&t->arena, "%04x:%04x", p->vid, p->pid);
	if (d->usb)
		return arena_printf(&t->arena, "%04x:%04x", d->usb->vid, d->usb->pid);
	return "-";
}

static const char *printable(struct table *t, const char *text)
{
	size_t len = strlen(text);
	char *out = ARENA_ARRAY(&t->arena, char, len + 1);

	utf8_printable(out, len + 1, text, len);
	return out;
}

static void add_row(struct table *t, const struct device *d)
{
	const struct identity *id = &d->identity;
	const char *of_port = d->port_count ? d->ports[0]->location : NULL;
	struct row row = {
		.cells = {
			[SERIAL] = serial(t, d),
			[FAMILY] = family(t, id),
			[PORT] = or_dash(id->port ? id->port : d->port),
			[BOARD] = board(t, d),
			[VARIANT] = or_dash(id->variant),
			[CPU] = or_dash(id->cpu ? id->cpu : d->chip),
			[VERSION] = version(t, id),
			[BUILD] = id->build ? arena_printf(&t->arena, "%d", id->build) : "-",
			[USB_IDS] = usb_ids(t, d),
			[LOCATION] = or_dash(of_port && (t->wide || !d->usb_path) ? of_port
										  : d->usb_path),
		},
	};

	/* folders of drives have any name that somebody gave them */
	for (int c = 0; c < COLUMNS; c++)
		row.cells[c] = printable(t, row.cells[c]);
	vec_push(&t->rows, row);
}

/* --- layout -------------------------------------------------------------------------------------------------- */

static size_t next_len(const char *s)
{
	size_t n = utf8_len((const unsigned char *)s);

	return n ? n : 1;
}

/* In columns. */
static size_t text_width(const char *s)
{
	size_t n = 0;

	for (; *s; s += next_len(s))
		n += utf8_columns((const unsigned char *)s);
	return n;
}

static void measure(struct table *t)
{
	for (int c = 0; c < COLUMNS; c++) {
		t->width[c] =
			strlen(t->wide ? columns_text[c].title : or_dash(columns_text[c].narrow));
		for (size_t i = 0; i < t->rows.count; i++) {
			size_t n = text_width(t->rows.items[i].cells[c]);

			if (n > t->width[c])
				t->width[c] = n;
		}
	}
}

/* The column that something is taken from next; COLUMNS: all are as narrow as can be. */
static int widest(const struct table *t, bool also_serial)
{
	int found = COLUMNS;

	for (int c = 0; c < COLUMNS; c++) {
		size_t least = also_serial ? MIN_CELL : c == BOARD ? MIN_BOARD : MIN_TITLE;

		if (t->shown[c] && (also_serial || c != SERIAL) && t->width[c] > least &&
		    (found == COLUMNS || t->width[c] > t->width[found]))
			found = c;
	}
	return found;
}

/*
 * What does not fit is taken from the board's text, which is the longest and has its name in front; then from whatever is widest, at
 * last from the port.
 */
static void fit(struct table *t, size_t columns)
{
	size_t total = 0, over;
	int c;

	for (c = 0; c < COLUMNS; c++)
		if (t->shown[c])
			total += t->width[c] + GAP;
	total -= GAP;
	if (total <= columns)
		return;
	over = total - columns;
	while (over && t->width[BOARD] > MIN_BOARD)
		t->width[BOARD]--, over--;
	for (int round = 0; round < 2; round++)
		for (; over && (c = widest(t, round)) != COLUMNS; over--)
			t->width[c]--;
}

/* Of `text`, at most `width` columns, the last ones as "..." when something is cut; padded unless it is the last cell. */
static void add_cell(const char *text, size_t width, bool last, struct strbuf *out)
{
	bool cut = text_width(text) > width;
	size_t room = cut ? width - 3 : width, n = 0;

	for (; *text; text += next_len(text)) {
		size_t wide = utf8_columns((const unsigned char *)text);

		if (n + wide > room)
			break;
		n += wide;
		strbuf_add(out, text, next_len(text));
	}
	if (cut)
		strbuf_adds(out, "...");
	for (n += cut ? 3 : 0; !last && n < width + GAP; n++)
		strbuf_addch(out, ' ');
}

static void add_line(const struct table *t, const struct row *row, struct strbuf *out)
{
	int last = COLUMNS - 1;

	while (last > 0 && !t->shown[last])
		last--;
	for (int c = 0; c <= last; c++)
		if (t->shown[c])
			add_cell(row->cells[c], t->width[c], c == last, out);
	strbuf_addch(out, '\n');
}

static void choose_columns(struct table *t, const struct devices *list, bool usb)
{
	for (int c = 0; c < COLUMNS; c++)
		t->shown[c] = t->wide || columns_text[c].narrow;
	t->shown[USB_IDS] = t->shown[LOCATION] = usb;
	t->shown[VARIANT] = t->shown[BUILD] = false;
	for (size_t i = 0; i < list->count; i++) {
		if (list->items[i].identity.variant)
			t->shown[VARIANT] = true;
		if (list->items[i].identity.build)
			t->shown[BUILD] = true;
	}
}

void list_table(const struct devices *list, int columns, bool usb, struct strbuf *out)
{
	struct table t = { .wide = columns == 0 || columns >= WIDE_FROM };
	struct row head;

	choose_columns(&t, list, usb);
	for (size_t i = 0; i < list->count; i++)
		add_row(&t, &list->items[i]);
	measure(&t);
	if (columns)
		fit(&t, (size_t)columns);
	for (int c = 0; c < COLUMNS; c++)
		head.cells[c] = t.wide ? columns_text[c].title : or_dash(columns_text[c].narrow);
	add_line(&t, &head, out);
	for (size_t i = 0; i < t.rows.count; i++)
		add_line(&t, &t.rows.items[i], out);
	vec_free(&t.rows);
	arena_free(&t.arena);
}
