/* SPDX-License-Identifier: MIT
 *
 * Downloads: names, what is there already, fetching, rows.
 */
#include "library/download.h"

#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/path.h"
#include "library/add.h"
#include "library/content.h"
#include "library/select.h"
#include "os/fs.h"

enum { HERE_MAX = 5 };

void downloads_free(struct download_list *d)
{
	for (size_t i = 0; i < d->count; i++)
		err_free(&d->items[i].error);
	vec_free(d);
}

static bool check_fetched(void *ctx, const struct http_fetch *f, const char *path, struct err *e)
{
	const struct download *d = ctx;

	return content_check(path, path_ext(f->target), d->row.port, e);
}

/* --- names ---------------------------------------------------------------------------------------------------- */

/* It becomes a folder's name, and what a shared database says may be anything. */
static bool is_port(const char *port)
{
	return !port[strspn(port, "abcdefghijklmnopqrstuvwxyz0123456789-")];
}

/* What boards of this name say of themselves, of that version or of any. */
static bool describe(struct database *db, struct firmware_row *row, struct arena *a, struct err *e)
{
	struct board_rows boards = { 0 };

	row->description = "";
	if (!database_boards_of(db, row->board_id, a, &boards, e))
		return false;
	for (size_t i = 0; i < boards.count; i++) {
		const struct board_row *b = &boards.items[i];

		row->description = b->description;
		if (!*row->port)
			row->port = b->port;
		if (strcmp(b->version, row->version) == 0)
			break;
	}
	row->port = is_port(row->port) ? row->port : "";
	return true;
}

static bool name_it(struct database *db, const struct found *f, const struct download_options *opt,
		    struct arena *a, struct download *d, struct err *e)
{
	AUTO_STRBUF version = STRBUF_INIT, name = STRBUF_INIT;

	if (f->row) {
		AUTO_STRBUF path = STRBUF_INIT;

		database_file_path(db, f->row, &path);
		*d = (struct download){ .row = *f->row, .target = arena_strdup(a, path.buf) };
		return true;
	}
	version_text(&f->name.version, &version);
	firmware_name_stored(&f->name, !opt->keep_names, &name);
	*d = (struct download){ 0 };
	d->row = (struct firmware_row){ .board_id = arena_strdup(a, f->name.board_id),
					.version = arena_strdup(a, version.buf),
					.port = f->port,
					.source = f->url,
					.build = f->name.version.build };
	if (!describe(db, &d->row, a, e))
		return false;
	d->row.file = *d->row.port ? arena_printf(a, "%s/%s", d->row.port, name.buf)
				   : arena_strdup(a, name.buf);
	d->target = path_join(a, database_folder(db), d->row.file);
	return true;
}

static bool add_named(struct download_list *out, const struct download *d)
{
	for (size_t i = 0; i < out->count; i++)
		if (strcmp(out->items[i].target, d->target) == 0)
			return false;
	vec_push(out, *d);
	return true;
}

/* --- what is there -------------------------------------------------------------------------------------------- */

/*
 * The row that a file has, taken over: it keeps what others wrote into it. *other: the file came from another build than what
 * was found, since two of one version have one name when dates are left out.
 */
static bool find_row(struct database *db, struct download *d, struct arena *a, bool *other,
		     struct err *e)
{
	struct firmware_rows rows = { 0 };
	const char *url = d->row.source;

	*other = false;
	if (!database_firmwares(db, d->row.board_id, false, a, &rows, e))
		return false;
	for (size_t i = 0; i < rows.count; i++) {
		const struct firmware_row *row = &rows.items[i];

		if (strcmp(row->file, d->row.file) != 0)
			continue;
		*other = strncmp(row->source, "http", 4) == 0 &&
			 strcmp(path_base(row->source), path_base(url)) != 0;
		d->row = *row;
	}
	return true;
}

static bool look(struct database *db, struct download *d, const struct download_options *opt,
		 struct arena *a, struct err *e)
{
	const struct firmware_row found = d->row;
	AUTO_ERR damaged = ERR_INIT;
	struct fs_stat st;
	bool other = false;

	d->state = DOWNLOAD_FAILED;
	if (opt->force && !opt->offline)
		return true;
	if (!fs_exists(d->target) || !fs_lstat(d->target, &st) ||
	    !content_check(d->target, path_ext(d->target), d->row.port, &damaged))
		return true;
	if (!find_row(db, d, a, &other, e))
		return false;
	if (other && !opt->offline) {
		d->row = found;
		return true;
	}
	d->state = DOWNLOAD_THERE;
	d->size = st.size;
	return true;
}

/* --- rows ----------------------------------------------------------------------------------------------------- */

static bool record(struct database *db, struct download *d, struct err *e)
{
	if (d->state == DOWNLOAD_FAILED || d->recorded)
		return true;
	if (!d->sha256[0] && !database_get_digest(db, d->row.file, d->sha256, e))
		return false;
	if (!library_record(db, &d->row, d->sha256[0] ? d->sha256 : NULL, e))
		return false;
	d->recorded = d->sha256[0] || database_get_digest(db, d->row.file, d->sha256, e);
	return d->recorded;
}

/* --- fetching ------------------------------------------------------------------------------------------------- */

static bool make_folders(const struct download_list *list, struct arena *a, struct err *e)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].state == DOWNLOAD_FAILED &&
		    !fs_mkdirs(path_dir(a, list->items[i].target), e))
			return false;
	return true;
}

/* The files that are fetched, and what became of those that are over. */
struct watch {
	struct database *db;
	const struct download_options *opt;
	struct download **who; /* of each fetch */
	bool *over;
	struct err *error; /* of the database: the rest is recorded at the end, or not at all */
};

static void tell(const struct download_options *opt, const struct download *d)
{
	if (opt->ended)
		opt->ended(opt->ctx, d);
}

static void take_result(struct download *d, struct http_fetch *f)
{
	d->size = f->size;
	d->resumed = f->resumed;
	if (f->state == HTTP_DONE) {
		d->state = DOWNLOAD_FETCHED;
		memcpy(d->sha256, f->sha256_got, sizeof(d->sha256));
	} else {
		err_move(&d->error, &f->error);
	}
}

/* One that is over; what is fetched is recorded at once, so that a killed process leaves nothing unknown. */
static void end_one(struct watch *w, size_t at, struct http_fetch *f)
{
	struct download *d = w->who[at];

	w->over[at] = true;
	take_result(d, f);
	if (d->state == DOWNLOAD_FETCHED && !w->error->msg)
		record(w->db, d, w->error);
	if (d->state == DOWNLOAD_FETCHED || d->error.msg)
		tell(w->opt, d);
}

static void on_progress(void *ctx, struct http_fetch *f, size_t count)
{
	struct watch *w = ctx;
	const struct http_options *net = w->opt->net;

	for (size_t i = 0; i < count; i++)
		if (!w->over[i] && f[i].state >= HTTP_DONE)
			end_one(w, i, &f[i]);
	if (net && net->progress)
		net->progress(net->ctx, f, count);
}

static bool fetch(struct database *db, struct download_list *list,
		  const struct download_options *opt, struct err *e)
{
	struct http_fetch *f = xcalloc(list->count + 1, sizeof(*f));
	struct download **who = xcalloc(list->count + 1, sizeof(struct download *));
	struct http_options net = opt->net ? *opt->net : (struct http_options){ 0 };
	AUTO_ERR ignored = ERR_INIT;
	struct watch watch = { db, opt, who, xcalloc(list->count + 1, sizeof(bool)), &ignored };
	size_t n = 0;
	bool ok;

	net.progress = on_progress;
	net.ctx = &watch;

	for (size_t i = 0; i < list->count; i++) {
		struct download *d = &list->items[i];

		if (d->state != DOWNLOAD_FAILED)
			continue;
		f[n] = (struct http_fetch){
			.url = d->row.source, .target = d->target, .check = check_fetched, .ctx = d
		};
		who[n++] = d;
	}
	ok = !n || http_fetch_all(f, n, &net, e) || !e->msg;
	for (size_t i = 0; i < n; i++) {
		if (!watch.over[i])
			end_one(&watch, i, &f[i]);
		http_fetch_free(&f[i]);
	}
	free(f);
	free((void *)who);
	free(watch.over);
	return ok;
}

/* --- all of it ------------------------------------------------------------------------------------------------ */

/* All that are there, in one transaction; and, at the end, what is gone goes from the table. */
static bool record_all(struct database *db, struct download_list *list, bool prune, struct arena *a,
		       struct err *e)
{
	if (!database_begin(db, e))
		return false;
	for (size_t i = 0; i < list->count; i++)
		if (!record(db, &list->items[i], e)) {
			database_rollback(db);
			return false;
		}
	if (prune && !database_prune(db, a, NULL, e)) {
		database_rollback(db);
		return false;
	}
	return database_commit(db, e);
}

/* Other versions that are here, the newest first: "v1.26.0, v1.25.0". */
static bool list_here(struct database *db, const struct firmware_row *row, struct arena *a,
		      struct strbuf *out, struct err *e)
{
	const struct version_want any = { .word = VERSION_ASK };
	struct firmware_rows rows = { 0 };
	struct strv versions = { 0 };
	bool ok = library_releases(db, row->board_id, &any, a, &rows, e);

	for (size_t i = 0; i < rows.count; i++)
		if (strcmp(rows.items[i].board_id, row->board_id) == 0)
			vec_push(&versions, rows.items[i].version);
	version_sort_texts(&versions, 0);
	for (size_t i = 0; i < versions.count && i < HERE_MAX; i++)
		strbuf_addf(out, "%s%s", i ? ", " : "", versions.items[i]);
	vec_free(&versions);
	vec_free(&rows);
	return ok;
}

static bool fail_offline(struct database *db, struct download_list *list,
			 const struct download_options *opt, struct arena *a, struct err *e)
{
	for (size_t i = 0; i < list->count; i++) {
		struct download *d = &list->items[i];
		AUTO_STRBUF here = STRBUF_INIT;

		if (d->state != DOWNLOAD_FAILED)
			continue;
		if (!list_here(db, &d->row, a, &here, e))
			return false;
		err_set(&d->error, "%s is not here", d->row.file);
		if (here.len)
			err_hint(&d->error, "without --offline it is fetched; there is %s",
				 here.buf);
		else
			err_hint(&d->error, "without --offline it is fetched");
		tell(opt, d);
	}
	return true;
}

/* What is there is told first. */
static bool take_there(struct database *db, struct download_list *list,
		       const struct download_options *opt, struct arena *a, struct err *e)
{
	bool any = false;

	for (size_t i = 0; i < list->count; i++)
		any = any || list->items[i].state == DOWNLOAD_THERE;
	if (any && !record_all(db, list, false, a, e))
		return false;
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].state == DOWNLOAD_THERE)
			tell(opt, &list->items[i]);
	return true;
}

bool download_all(struct database *db, const struct found_list *found,
		  const struct download_options *opt, struct arena *a, struct download_list *out,
		  struct err *e)
{
	AUTO_ERR later = ERR_INIT;
	bool ok = true;

	for (size_t i = 0; ok && i < found->count; i++) {
		struct download d;

		ok = name_it(db, &found->items[i], opt, a, &d, e);
		if (ok && add_named(out, &d))
			ok = look(db, &out->items[out->count - 1], opt, a, e);
	}
	if (!ok || !take_there(db, out, opt, a, e))
		return false;
	if (opt->offline)
		ok = fail_offline(db, out, opt, a, e);
	else
		ok = make_folders(out, a, e) && fetch(db, out, opt, e);
	if (record_all(db, out, true, a, &later))
		return ok;
	if (ok)
		err_move(e, &later);
	return false;
}
