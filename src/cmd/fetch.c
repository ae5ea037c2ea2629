/* SPDX-License-Identifier: MIT
 *
 * The download of what a flash lacks.
 */
#include "cmd/fetch.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/size.h"
#include "cmd/download_report.h"
#include "library/download.h"
#include "os/clock.h"
#include "os/dirs.h"

static const char *find_base(struct arena *a)
{
	static const char pages[] = "/download";
	const char *url = getenv("MPFLASH_DOWNLOAD_URL");
	char *base = arena_strdup(a, url && *url ? url : "https://micropython.org");
	size_t len = strlen(base);

	while (len && base[len - 1] == '/')
		base[--len] = '\0';
	if (len > strlen(pages) && strcmp(base + len - strlen(pages), pages) == 0)
		base[len - strlen(pages)] = '\0';
	return base;
}

bool fetch_site(struct find_wish *wish, struct arena *a, struct err *e)
{
	AUTO_STRBUF pages = STRBUF_INIT;

	if (!dirs_cache(&pages, e))
		return false;
	strbuf_adds(&pages, "/pages");
	wish->base = find_base(a);
	wish->page_dir = arena_strdup(a, pages.buf);
	return true;
}

struct fetching {
	const struct fetch_options *o;
	find_failed_fn *missing;
	void *ctx;
	struct download_report report; /* of its line in the status area */
};

static void ended(void *ctx, const struct download *d)
{
	struct fetching *f = ctx;
	AUTO_STRBUF size = STRBUF_INIT;

	if (d->state == DOWNLOAD_FAILED) {
		f->missing(f->ctx, d->row.board_id, &d->error);
		return;
	}
	if (f->report.status)
		status_clear(f->report.status);
	size_text(d->size, &size);
	if (d->state == DOWNLOAD_FETCHED && !f->o->quiet)
		log_note("fetched %s, %s", d->row.file, size.buf);
}

static bool download_found(struct fetching *f, struct library_place *p,
			   const struct found_list *found, struct err *e)
{
	struct http_options net = { .progress = download_report_progress, .ctx = &f->report };
	const struct download_options opt = { .force = f->o->force,
					      .offline = f->o->offline,
					      .net = &net,
					      .ended = ended,
					      .ctx = f };
	struct download_list list = { 0 };
	bool ok;

	f->report.begun_ms = clock_ms();
	f->report.silent = f->o->quiet;
	f->report.status = f->o->quiet || log_is_quiet() || log_shows(LOG_LEVEL_DEBUG)
				   ? NULL
				   : status_create(2, f->report.begun_ms);
	ok = download_all(p->db, found, &opt, &p->arena, &list, e);
	status_destroy(f->report.status);
	download_report_free(&f->report);
	downloads_free(&list);
	return ok;
}

bool fetch_boards(struct library_place *p, const struct strv *boards, const struct fetch_options *o,
		  find_failed_fn *missing, void *ctx, struct err *e)
{
	const struct http_options net = { 0 };
	struct find_wish wish = { .boards = boards,
				  .versions = o->version,
				  .version_count = 1,
				  .offline = o->offline,
				  .net = &net };
	struct fetching f = {
		.o = o, .missing = missing, .ctx = ctx, .report = DOWNLOAD_REPORT_INIT
	};
	struct found_list found = { 0 };
	bool ok = fetch_site(&wish, &p->arena, e) &&
		  find_firmware(p->db, &wish, &p->arena, &found, missing, ctx, e) &&
		  (!found.count || download_found(&f, p, &found, e));

	vec_free(&found);
	return ok;
}
