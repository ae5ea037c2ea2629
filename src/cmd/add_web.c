/* SPDX-License-Identifier: MIT
 *
 * `mpflash add URL`: fetched like a download, several at once; what a cut one left is gone on with.
 */
#include "cmd/add_web.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "base/path.h"
#include "cmd/download_report.h"
#include "os/clock.h"
#include "os/dirs.h"
#include "os/fs.h"

enum { MAX_NAME = 200 };

struct job {
	const struct add_web *w;
	struct library_place *place;
	struct added_list *out;
};

bool add_web_is_url(const char *word)
{
	return strncasecmp(word, "http://", 7) == 0 || strncasecmp(word, "https://", 8) == 0;
}

/* Without "USER:PASSWORD@": what is recorded is for others to read. */
static const char *public_url(struct arena *a, const char *url)
{
	const char *host = strstr(url, "://") + 3, *end = host + strcspn(host, "/?#"), *at = NULL;

	for (const char *p = host; p < end; p++)
		at = *p == '@' ? p : at;
	return at ? arena_printf(a, "%.*s%s", (int)(host - url), url, at + 1) : url;
}

/*
 * Where it is fetched to: by its name, so that the next run finds what a cut one left. Two that fetch files of one name wait for
 * each other.
 */
static const char *target_of(struct arena *a, const char *dir, const char *url)
{
	const char *path = arena_strndup(a, url, strcspn(url, "?#")), *name = path_base(path);

	if (!*name || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		name = "firmware";
	return path_join(a, dir, arena_strndup(a, name, strnlen(name, MAX_NAME)));
}

/* Added while the file is still held: nobody else takes it away. */
static bool add_fetched(void *ctx, const struct http_fetch *f, const char *path, struct err *e)
{
	const struct job *job = ctx;
	struct library_place *p = job->place;

	return library_add(p->db, path, public_url(&p->arena, f->url), job->w->opt, &p->arena,
			   job->out, job->w->failed, job->w->ctx, e);
}

static bool make_folder(struct library_place *p, const char **dir, struct err *e)
{
	AUTO_STRBUF path = STRBUF_INIT;

	if (!dirs_cache(&path, e))
		return false;
	strbuf_adds(&path, "/fetched");
	*dir = arena_strdup(&p->arena, path.buf);
	return fs_mkdirs(*dir, e);
}

static void end_one(const struct add_web *w, struct http_fetch *f)
{
	if (f->state == HTTP_DONE)
		remove(f->target);
	else if (f->error.msg)
		w->failed(w->ctx, &f->error);
	http_fetch_free(f);
}

bool add_web(const struct add_web *w, struct library_place *p, const struct strv *urls,
	     struct added_list *out, struct err *e)
{
	struct http_fetch *f = ARENA_ARRAY(&p->arena, struct http_fetch, urls->count + 1);
	struct download_report report = DOWNLOAD_REPORT_INIT;
	struct http_options net = { .progress = download_report_progress, .ctx = &report };
	struct job job = { w, p, out };
	const char *dir;
	bool ok;

	if (!urls->count)
		return true;
	if (!make_folder(p, &dir, e))
		return false;
	for (size_t i = 0; i < urls->count; i++)
		f[i] = (struct http_fetch){ .url = urls->items[i],
					    .target = target_of(&p->arena, dir, urls->items[i]),
					    .check = add_fetched,
					    .ctx = &job };
	report.begun_ms = clock_ms();
	report.status = log_is_quiet() || log_shows(LOG_LEVEL_DEBUG)
				? NULL
				: status_create(2, report.begun_ms);
	ok = http_fetch_all(f, urls->count, &net, e) || !e->msg;
	status_destroy(report.status);
	for (size_t i = 0; i < urls->count; i++)
		end_one(w, &f[i]);
	download_report_free(&report);
	return ok;
}
