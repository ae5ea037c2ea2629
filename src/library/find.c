/* SPDX-License-Identifier: MIT
 *
 * Finding firmware on the site: a page a board, all boards at once; those that remain are tried under other names.
 */
#include "library/find_seek.h"

#include <string.h>

#include "base/path.h"
#include "library/renamed.h"
#include "library/select.h"
#include "net/pages.h"

static const char *without_variant(struct arena *a, const char *board)
{
	return arena_strndup(a, board, strcspn(board, "-"));
}

static const char *page_url(const struct find *f, const char *board)
{
	return arena_printf(f->arena, "%s/download/%s", f->wish->base,
			    without_variant(f->arena, board));
}

/* --- the port of a board -------------------------------------------------------------------------------------- */

/* What the library knows of a board; "": nothing. */
static bool known_port(struct find *f, const char *board, const char **port, struct err *e)
{
	struct firmware_rows rows = { 0 };

	*port = "";
	if (!f->db)
		return true;
	if (!database_firmwares(f->db, board, false, f->arena, &rows, e))
		return false;
	for (size_t i = 0; i < rows.count && !**port; i++)
		*port = rows.items[i].port;
	return true;
}

/* --- one page ------------------------------------------------------------------------------------------------- */

/* "-RISCV" of a board that was asked for with its variant: only such files. */
static void keep_variant(struct index_files *files, const char *asked)
{
	const char *variant = strchr(asked, '-');
	size_t kept = 0;

	for (size_t i = 0; i < files->count; i++) {
		const char *theirs = strchr(files->items[i].name.board_id, '-');

		if (!variant || (theirs && strcmp(variant, theirs) == 0))
			files->items[kept++] = files->items[i];
	}
	files->count = kept;
}

static void add_found(struct find *f, const struct index_file *file, const char *port)
{
	const char *url = arena_printf(f->arena, "%s%s", f->wish->base, file->path);

	for (size_t i = 0; i < f->out->count; i++)
		if (strcmp(f->out->items[i].url, url) == 0)
			return;
	vec_push(f->out, (struct found){ .port = port, .url = url, .name = file->name });
}

static bool take_files(struct find *f, struct seeker *s, const struct index_files *files,
		       const char *port, struct err *e)
{
	if ((!port || !*port) && !known_port(f, s->asked, &port, e))
		return false;
	for (size_t v = 0; v < f->wish->version_count; v++) {
		struct index_files chosen = { 0 };

		if (!s->satisfied[v])
			index_select(files, &f->wish->versions[v], port, &chosen);
		for (size_t i = 0; i < chosen.count; i++) {
			add_found(f, &chosen.items[i], port);
			s->satisfied[v] = true;
		}
		vec_free(&chosen);
	}
	return true;
}

void find_tell(struct find *f, struct seeker *s, const struct err *e)
{
	s->failed = true;
	f->failed(f->ctx, s->asked, e);
}

static bool take_page(struct find *f, struct seeker *s, struct page *page, const char *name,
		      struct err *e)
{
	struct index_files files = { 0 };
	const char *port = NULL;
	bool ok;

	if (page->state == PAGE_MISSING)
		return true;
	if (page->state == PAGE_FAILED && f->wish->offline) {
		if (!s->never.msg)
			err_move(&s->never, &page->error);
		return true;
	}
	if (page->state == PAGE_FAILED) {
		if (page->no_contact && !f->no_contact) {
			f->no_contact = true;
			err_move(&f->first_error, &page->error);
		} else if (!page->no_contact) {
			find_tell(f, s, &page->error);
		}
		return true;
	}
	s->has_page = true;
	ok = index_read_files(page->text.buf, page->text.len, f->arena, &files, &port, e) ||
	     err_wrap(e, "%s", page->url);
	keep_variant(&files, name);
	ok = ok && take_files(f, s, &files, port, e);
	for (size_t i = 0; i < files.count; i++)
		vec_push(&s->files, files.items[i]);
	vec_free(&files);
	return ok;
}

/* --- rounds --------------------------------------------------------------------------------------------------- */

bool find_satisfied(const struct find *f, const struct seeker *s)
{
	for (size_t v = 0; v < f->wish->version_count; v++)
		if (!s->satisfied[v])
			return false;
	return true;
}

static bool is_looking(const struct find *f, const struct seeker *s)
{
	return !s->failed && s->next < s->names.count && !find_satisfied(f, s);
}

/* The next name of each board that still looks; *count: how many did. */
static bool go_round(struct find *f, size_t *count, struct err *e)
{
	struct page *pages = xcalloc(f->count + 1, sizeof(*pages));
	struct seeker **who = xcalloc(f->count + 1, sizeof(struct seeker *));
	size_t n = 0;
	bool ok;

	for (size_t i = 0; i < f->count; i++) {
		struct seeker *s = &f->items[i];

		if (!is_looking(f, s))
			continue;
		pages[n] = (struct page)PAGE_INIT;
		pages[n].url = page_url(f, s->names.items[s->next++]);
		pages[n].check = index_check_page;
		who[n++] = s;
	}
	*count = n;
	ok = pages_get(pages, n, f->wish->page_dir, f->wish->offline, f->wish->net, e);
	for (size_t i = 0; i < n; i++) {
		const char *name = who[i]->names.items[who[i]->next - 1];

		ok = ok && take_page(f, who[i], &pages[i], name, e);
		page_free(&pages[i]);
	}
	free(pages);
	free((void *)who);
	return ok;
}

static bool reach(struct find *f, struct err *e)
{
	AUTO_STRBUF why = STRBUF_INIT;
	const char *host = strstr(f->wish->base, "://"), *at;

	if (!f->no_contact)
		return true;
	host = host ? host + 3 : f->wish->base;
	at = strchr(host, '@');
	strbuf_adds(&why, f->first_error.msg);
	err_set(e, "Could not connect to %s: %s", at ? at + 1 : host, why.buf);
	if (f->first_error.hint)
		err_hint(e, "%s; `--offline` uses what was fetched before", f->first_error.hint);
	return false;
}

/* --- without a network ---------------------------------------------------------------------------------------- */

static void add_row(struct find *f, const struct firmware_row *row)
{
	const char *name = path_base(row->source);
	struct firmware_row *kept;

	for (size_t i = 0; i < f->out->count; i++) {
		const struct found *x = &f->out->items[i];

		if (x->row ? strcmp(x->row->file, row->file) == 0
			   : strcmp(path_base(x->url), name) == 0)
			return;
	}
	kept = ARENA_NEW(f->arena, struct firmware_row);
	*kept = *row;
	vec_push(f->out, (struct found){ .port = row->port, .url = row->source, .row = kept });
}

/* One version of a board, under the first of its names that the library has. */
static bool take_here(struct find *f, struct seeker *s, size_t version, struct err *e)
{
	struct firmware_rows rows = { 0 };
	bool ok = true;

	for (size_t i = 0; ok && !rows.count && i < s->names.count; i++)
		ok = library_releases(f->db, s->names.items[i], &f->wish->versions[version],
				      f->arena, &rows, e);
	for (size_t i = 0; i < rows.count; i++)
		add_row(f, &rows.items[i]);
	s->satisfied[version] = rows.count > 0;
	vec_free(&rows);
	return ok;
}

/* What no page tells. */
static bool look_here(struct find *f, struct err *e)
{
	for (size_t i = 0; i < f->count; i++)
		for (size_t v = 0; v < f->wish->version_count; v++)
			if (!f->items[i].satisfied[v] && !take_here(f, &f->items[i], v, e))
				return false;
	return true;
}

/* --- all of it ------------------------------------------------------------------------------------------------ */

static void prepare(struct find *f)
{
	f->count = f->wish->boards->count;
	f->items = xcalloc(f->count + 1, sizeof(*f->items));
	for (size_t i = 0; i < f->count; i++) {
		struct seeker *s = &f->items[i];

		s->asked = f->wish->boards->items[i];
		s->satisfied = ARENA_ARRAY(f->arena, bool, f->wish->version_count + 1);
		vec_push(&s->names, s->asked);
		renamed_boards(s->asked, NULL, f->arena, &s->names);
	}
}

static void clean_up(struct find *f)
{
	for (size_t i = 0; i < f->count; i++) {
		vec_free(&f->items[i].names);
		vec_free(&f->items[i].files);
		err_free(&f->items[i].never);
	}
	free(f->items);
	err_free(&f->first_error);
}

bool find_firmware(struct database *db, const struct find_wish *wish, struct arena *a,
		   struct found_list *out, find_failed_fn *failed, void *ctx, struct err *e)
{
	struct find f = {
		.db = db, .wish = wish, .arena = a, .out = out, .failed = failed, .ctx = ctx
	};
	size_t looking;
	bool ok;

	prepare(&f);
	do {
		ok = go_round(&f, &looking, e) && reach(&f, e);
	} while (ok && looking);
	if (wish->offline && db)
		ok = ok && look_here(&f, e);
	ok = ok && find_missing(&f, e);
	clean_up(&f);
	return ok;
}

/* Only when nothing at all is found it is worth telling. */
static void keep_first(void *ctx, const char *board, const struct err *e)
{
	struct err *first = ctx;

	(void)board;
	if (first->msg)
		return;
	err_set(first, "%s", e->msg);
	if (e->hint)
		err_hint(first, "%s", e->hint);
}

bool find_versions(const struct find_wish *wish, struct arena *a, struct strv *out, struct err *e)
{
	AUTO_ERR first = ERR_INIT;
	struct find f = { .wish = wish, .arena = a, .failed = keep_first, .ctx = &first };
	struct index_files all = { 0 };
	const struct version_want any = { .word = VERSION_ASK };
	struct find_wish ask = *wish;
	struct found_list none = { 0 };
	size_t looking;
	bool ok;

	/* Nothing satisfies a question, so every name is looked at. */
	ask.versions = &any;
	ask.version_count = 1;
	f.wish = &ask;
	f.out = &none;
	prepare(&f);
	do {
		ok = go_round(&f, &looking, e) && reach(&f, e);
	} while (ok && looking);
	for (size_t i = 0; i < f.count; i++)
		for (size_t k = 0; k < f.items[i].files.count; k++)
			vec_push(&all, f.items[i].files.items[k]);
	index_versions(&all, a, out);
	vec_free(&all);
	for (size_t i = 0; i < f.count && f.items[i].never.msg; i++)
		keep_first(&first, f.items[i].asked, &f.items[i].never);
	clean_up(&f);
	if (!ok || out->count || !first.msg)
		return ok;
	err_move(e, &first);
	return false;
}
