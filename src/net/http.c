/* SPDX-License-Identifier: MIT
 *
 * The loop over all files: who is next, who has ended, who has to wait.
 */
#include "net/http.h"

#include <stdlib.h>

#include "base/xalloc.h"
#include "net/transfer.h"
#include "os/clock.h"
#include "os/process.h"

enum { LOOK_MS = 100 };

static const uint64_t default_max = (uint64_t)256 << 20;

struct run {
	struct transfer *items;
	size_t count;
	struct http_fetch *fetches;
	struct http_options opt;
	CURLM *multi;
	int running;
	int64_t shown_ms;
};

void http_fetch_free(struct http_fetch *f)
{
	err_free(&f->error);
}

static struct http_options with_defaults(const struct http_options *opt)
{
	struct http_options o = opt ? *opt : (struct http_options){ 0 };

	o.connections = o.connections ? o.connections : 6;
	o.connect_s = o.connect_s ? o.connect_s : 10;
	o.stalled_s = o.stalled_s ? o.stalled_s : 30;
	o.attempts = o.attempts ? o.attempts : 4;
	return o;
}

static void show(struct run *r, bool now)
{
	int64_t ms = clock_ms();

	if (!r->opt.progress || (!now && ms - r->shown_ms < LOOK_MS))
		return;
	r->shown_ms = ms;
	r->opt.progress(r->opt.ctx, r->fetches, r->count);
}

static bool is_over(const struct transfer *t)
{
	return t->f->state >= HTTP_DONE;
}

/* Starts what is due. Returns how long until the next one is, at most LOOK_MS. */
static int start_due(struct run *r)
{
	int64_t now = clock_ms(), wait = LOOK_MS;

	for (size_t i = 0; i < r->count && r->running < r->opt.connections; i++) {
		struct transfer *t = &r->items[i];

		if (t->f->state != HTTP_WAITING)
			continue;
		if (t->next_ms <= now) {
			r->running += transfer_start(t, r->multi, now);
			if (is_over(t))
				show(r, true);
		}
		if (t->f->state == HTTP_WAITING && t->next_ms - now < wait)
			wait = t->next_ms > now ? t->next_ms - now : 0;
	}
	return (int)wait;
}

static void end_ended(struct run *r)
{
	CURLMsg *m;
	int left;

	while ((m = curl_lib.curl_multi_info_read(r->multi, &left))) {
		struct transfer *t = NULL;

		if (m->msg != CURLMSG_DONE)
			continue;
		curl_lib.curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&t);
		r->running--;
		transfer_end(t, r->multi, m->data.result, clock_ms());
		show(r, true);
	}
}

static bool all_over(const struct run *r)
{
	for (size_t i = 0; i < r->count; i++)
		if (!is_over(&r->items[i]))
			return false;
	return true;
}

static bool loop(struct run *r, struct err *e)
{
	while (!all_over(r)) {
		int wait = start_due(r), still;

		if (process_interrupted()) {
			err_set(e, "interrupted");
			e->kind = ERR_INTERRUPTED;
			return false;
		}
		if (curl_lib.curl_multi_perform(r->multi, &still) != CURLM_OK)
			return err_set(e, "libcurl failed");
		end_ended(r);
		show(r, false);
		if (!all_over(r))
			curl_lib.curl_multi_poll(r->multi, NULL, 0, wait, NULL);
	}
	return true;
}

static void prepare(struct run *r)
{
	r->items = xcalloc(r->count ? r->count : 1, sizeof(*r->items));
	for (size_t i = 0; i < r->count; i++) {
		struct http_fetch *f = &r->fetches[i];

		r->items[i] = (struct transfer){ .f = f, .opt = &r->opt, .part = PART_INIT };
		f->max_size = f->max_size ? f->max_size : default_max;
		f->state = HTTP_WAITING;
		f->size = f->total = f->resumed = 0;
		f->attempts = f->status = 0;
		f->sha256_got[0] = '\0';
	}
}

bool http_fetch_all(struct http_fetch *items, size_t count, const struct http_options *opt,
		    struct err *e)
{
	struct run r = { .fetches = items, .count = count, .opt = with_defaults(opt) };
	bool ok;

	if (!curl_lib_load(e))
		return false;
	r.multi = curl_lib.curl_multi_init();
	if (!r.multi)
		return err_set(e, "libcurl cannot begin");
	process_catch_interrupts();
	prepare(&r);
	ok = loop(&r, e);
	for (size_t i = 0; i < count; i++) {
		transfer_drop(&r.items[i], r.multi);
		ok = ok && (items[i].state == HTTP_DONE || items[i].state == HTTP_SAME);
	}
	curl_lib.curl_multi_cleanup(r.multi);
	free(r.items);
	return ok;
}
