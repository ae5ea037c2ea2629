/* SPDX-License-Identifier: MIT
 *
 * One file: asking for it, writing what comes, and what to do when an attempt has ended.
 */
#include "net/transfer.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "config.h"
#include "os/clock.h"

/* However little each attempt brings, there is an end. */
enum { ATTEMPTS_MAX = 50, REDIRECTS_MAX = 5, WAIT_MAX_S = 60, HELD_WAIT_MS = 300 };

/* --- what comes ----------------------------------------------------------------------------------------------- */

static size_t on_header(char *line, size_t size, size_t count, void *ctx)
{
	struct transfer *t = ctx;

	answer_line(&t->answer, line, size * count);
	return size * count;
}

/* Pages that servers send with the type of a file begin so; no firmware does. */
static bool looks_like_html(const char *data, size_t size)
{
	static const char *const marks[] = { "<!doctype html", "<html", "<head", "<?xml" };
	size_t at = 0;

	if (size >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0)
		at = 3;
	while (at < size && strchr(" \t\r\n", data[at]) && data[at])
		at++;
	for (size_t i = 0; i < ARRAY_SIZE(marks); i++) {
		size_t len = strlen(marks[i]);

		if (size - at >= len && strncasecmp(data + at, marks[i], len) == 0)
			return true;
	}
	return false;
}

static bool add(struct transfer *t, const char *data, size_t size)
{
	struct http_fetch *f = t->f;

	if (!f->page && !t->part.size && looks_like_html(data, size))
		return err_set(&f->error, "an HTML page came instead of a file");
	if (t->part.size + size > f->max_size)
		return err_set(&f->error, "the file is too large: more than %" PRIu64 " bytes",
			       f->max_size);
	if (!part_add(&t->part, data, size, &f->error))
		return false;
	f->size = t->part.size;
	return true;
}

static bool brings_file(const struct transfer *t)
{
	return t->answer.status == 200 || t->answer.status == 206;
}

static size_t on_body(char *data, size_t size, size_t count, void *ctx)
{
	struct transfer *t = ctx;
	bool ok = t->body || transfer_judge(t);

	size *= count;
	if (!ok || !brings_file(t)) /* nobody reads what an error page says */
		return 0;
	if (add(t, data, size))
		return size;
	t->stop = STOP_FAILED;
	return 0;
}

/* --- asking --------------------------------------------------------------------------------------------------- */

static const char *certificates(void)
{
	const char *file = getenv("CURL_CA_BUNDLE");

	if (!file || !*file)
		file = getenv("SSL_CERT_FILE");
	return file && *file ? file : NULL;
}

static void set_protocols(CURL *c, const char *url)
{
	bool tls = strncasecmp(url, "https:", 6) == 0;
#if LIBCURL_VERSION_NUM >= 0x075500
	curl_lib.curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_lib.curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR, tls ? "https" : "http,https");
#else
	const long both = CURLPROTO_HTTP | CURLPROTO_HTTPS;

	curl_lib.curl_easy_setopt(c, CURLOPT_PROTOCOLS, both);
	curl_lib.curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS, tls ? (long)CURLPROTO_HTTPS : both);
#endif
}

static void add_header(struct transfer *t, const char *name, const char *value)
{
	AUTO_STRBUF line = STRBUF_INIT;
	struct curl_slist *more;

	if (!value || !*value)
		return;
	strbuf_addf(&line, "%s: %s", name, value);
	more = curl_lib.curl_slist_append(t->headers, line.buf);
	t->headers = more ? more : t->headers;
}

static void set_headers(struct transfer *t)
{
	AUTO_STRBUF range = STRBUF_INIT;

	if (t->part.size) {
		strbuf_addf(&range, "bytes=%" PRIu64 "-", t->part.size);
		add_header(t, "Range", range.buf);
		add_header(t, "If-Range", part_proof(&t->part));
	}
	if (t->f->ask_changed) {
		add_header(t, "If-None-Match", t->f->etag);
		add_header(t, "If-Modified-Since", t->f->modified);
	}
	curl_lib.curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers);
}

static void set_up(struct transfer *t)
{
	CURL *c = t->easy;
	const char *ca = certificates(), *ca_dir = getenv("SSL_CERT_DIR");

	curl_lib.curl_easy_setopt(c, CURLOPT_URL, t->f->url);
	curl_lib.curl_easy_setopt(c, CURLOPT_PRIVATE, t);
	curl_lib.curl_easy_setopt(c, CURLOPT_ERRORBUFFER, t->why);
	curl_lib.curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_lib.curl_easy_setopt(c, CURLOPT_USERAGENT, "mpflash/" MPFLASH_VERSION);
	curl_lib.curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 1L);
	curl_lib.curl_easy_setopt(c, CURLOPT_MAXREDIRS, (long)REDIRECTS_MAX);
	curl_lib.curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, (long)t->opt->connect_s);
	curl_lib.curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_lib.curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, (long)t->opt->stalled_s);
	curl_lib.curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
	curl_lib.curl_easy_setopt(c, CURLOPT_HEADERDATA, t);
	curl_lib.curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
	curl_lib.curl_easy_setopt(c, CURLOPT_WRITEDATA, t);
	if (t->f->page)
		curl_lib.curl_easy_setopt(c, CURLOPT_ACCEPT_ENCODING, "");
	if (ca)
		curl_lib.curl_easy_setopt(c, CURLOPT_CAINFO, ca);
	if (ca_dir && *ca_dir)
		curl_lib.curl_easy_setopt(c, CURLOPT_CAPATH, ca_dir);
	set_protocols(c, t->f->url);
	set_headers(t);
}

static void tell(const struct transfer *t, const char *what)
{
	AUTO_STRBUF url = STRBUF_INIT;

	if (!log_shows(LOG_LEVEL_DEBUG))
		return;
	url_show(t->f->url, &url);
	log_debug("%s %s: attempt %d, status %d, %" PRIu64 " bytes are there", what, url.buf,
		  t->f->attempts, t->answer.status, t->part.size);
}

static bool give_up(struct transfer *t)
{
	AUTO_STRBUF url = STRBUF_INIT;

	url_show(t->f->url, &url);
	err_wrap(&t->f->error, "%s", url.buf);
	t->f->state = HTTP_FAILED;
	return false;
}

/* Remembers whose transfer we wait for. */
static void look_at_other(struct transfer *t)
{
	if (!t->waited && !fs_lstat(t->f->target, &t->before_wait))
		t->before_wait = (struct fs_stat){ 0 };
	t->waited = true;
	t->same_address = t->same_address || part_is_of(t->f->target, t->f->url);
}

/* Whether the one that we waited for has put there what we want: it need not come twice. */
static bool take_others(struct transfer *t)
{
	struct http_fetch *f = t->f;
	AUTO_ERR ignored = ERR_INIT;
	struct fs_stat now;

	if (!t->same_address || f->page || !fs_lstat(f->target, &now) ||
	    (now.ino == t->before_wait.ino && now.mtime_ns == t->before_wait.mtime_ns))
		return false;
	if (!part_digest_file(f->target, f->sha256_got, &ignored) ||
	    (f->sha256 && strcasecmp(f->sha256, f->sha256_got) != 0) ||
	    (f->check && !f->check(f->ctx, f, f->target, &ignored)))
		return false;
	f->size = f->total = now.size;
	f->state = HTTP_DONE;
	return true;
}

static void note_size(struct transfer *t)
{
	if (t->part.size > t->most)
		t->most = t->part.size;
}

bool transfer_start(struct transfer *t, CURLM *multi, int64_t now_ms)
{
	bool held = false;

	if (!part_open(&t->part, t->f->target, t->f->url, !t->from_start && !t->f->page, &held,
		       &t->f->error)) {
		part_close(&t->part, true);
		return give_up(t);
	}
	if (held) {
		part_close(&t->part, true);
		look_at_other(t);
		t->next_ms = now_ms + HELD_WAIT_MS;
		return false;
	}
	if (take_others(t)) {
		part_close(&t->part, false);
		return false;
	}
	err_free(&t->f->error); /* of the attempt before */
	t->answer = (struct answer){ 0 };
	t->body = false;
	t->stop = STOP_NOT;
	t->why[0] = '\0';
	note_size(t);
	t->f->size = t->part.size;
	t->f->status = 0;
	t->f->no_contact = false;
	t->f->attempts++;
	t->easy = curl_lib.curl_easy_init();
	if (!t->easy) {
		err_set(&t->f->error, "libcurl cannot begin a transfer");
		part_close(&t->part, true);
		return give_up(t);
	}
	tell(t, "fetch");
	set_up(t);
	curl_lib.curl_multi_add_handle(multi, t->easy);
	t->f->state = HTTP_RUNNING;
	t->f->begun_ms = t->f->begun_ms ? t->f->begun_ms : clock_ms();
	return true;
}

static void detach(struct transfer *t, CURLM *multi)
{
	if (!t->easy)
		return;
	curl_lib.curl_multi_remove_handle(multi, t->easy);
	curl_lib.curl_easy_cleanup(t->easy);
	curl_lib.curl_slist_free_all(t->headers);
	t->easy = NULL;
	t->headers = NULL;
}

void transfer_drop(struct transfer *t, CURLM *multi)
{
	detach(t, multi);
	part_close(&t->part, true);
}

/* --- the end of an attempt ------------------------------------------------------------------------------------ */

static bool check_whole(struct transfer *t)
{
	struct http_fetch *f = t->f;
	const struct answer *a = &t->answer;

	/* A page may have been sent packed: then its length is that of the packed one, and libcurl has looked. */
	if (!f->page && t->part.total && t->part.size != t->part.total)
		return err_set(&f->error, "%" PRIu64 " bytes came, and the server said %" PRIu64,
			       t->part.size, t->part.total);
	if (!t->part.size)
		return err_set(&f->error, "the file is empty");
	if (!part_seal(&t->part, f->sha256_got, &f->error))
		return false;
	if (f->sha256 && strcasecmp(f->sha256, f->sha256_got) != 0)
		return err_set(&f->error, "its SHA-256 is %s, and should be %s", f->sha256_got,
			       f->sha256);
	if (f->check && !f->check(f->ctx, f, t->part.path.buf, &f->error))
		return false;
	f->size = f->total = t->part.size;
	if (a->status == 200) {
		memcpy(f->etag, a->etag, sizeof(f->etag));
		memcpy(f->modified, a->modified, sizeof(f->modified));
	} else {
		memcpy(f->etag, t->part.etag, sizeof(f->etag));
		memcpy(f->modified, t->part.modified, sizeof(f->modified));
	}
	return part_publish(&t->part, f->target, &f->error);
}

static void finish(struct transfer *t, CURLM *multi)
{
	detach(t, multi);
	tell(t, "fetched");
	if (check_whole(t)) {
		t->f->state = HTTP_DONE;
		return;
	}
	/* What is there is no good beginning. */
	part_close(&t->part, false);
	give_up(t);
}

/* How long until the next attempt; false: there is none. */
static bool wait_ms(struct transfer *t, int64_t *ms)
{
	curl_off_t asked = 0;

	curl_lib.curl_easy_getinfo(t->easy, CURLINFO_RETRY_AFTER, &asked);
	if (asked > WAIT_MAX_S) {
		err_wrap(&t->f->error, "the server wants to be asked again in %" PRId64 " s",
			 (int64_t)asked);
		return false;
	}
	*ms = (int64_t)500 << (t->fruitless > 6 ? 6 : t->fruitless - 1);
	if (asked > 0)
		*ms = (int64_t)asked * 1000;
	return t->fruitless < t->opt->attempts && t->f->attempts < ATTEMPTS_MAX;
}

static void try_again(struct transfer *t, CURLM *multi, CURLcode code, int64_t now_ms)
{
	bool more = transfer_explain(t, code, &t->f->error), fruitful;
	int64_t ms = 0;

	/* Bytes count when the next attempt can go on behind them, and when they did not come once already. */
	fruitful = t->part.size > t->most && part_proof(&t->part) && !t->f->page;
	note_size(t);
	t->fruitless = fruitful ? 1 : t->fruitless + 1;
	more = more && wait_ms(t, &ms);
	detach(t, multi);
	part_close(&t->part, !t->f->page);
	if (!more) {
		give_up(t);
		return;
	}
	t->next_ms = now_ms + ms;
	t->f->state = HTTP_WAITING;
}

static void restart(struct transfer *t, CURLM *multi, int64_t now_ms)
{
	detach(t, multi);
	part_close(&t->part, false);
	t->next_ms = now_ms;
	t->f->state = HTTP_WAITING;
	if (t->f->attempts < ATTEMPTS_MAX)
		return;
	err_set(&t->f->error, "the server's answers do not fit together");
	give_up(t);
}

void transfer_end(struct transfer *t, CURLM *multi, CURLcode code, int64_t now_ms)
{
	/* An answer without a body, or with an empty one, was not judged yet. */
	if (code == CURLE_OK && !t->body)
		transfer_judge(t);
	if (t->body && !brings_file(t))
		code = CURLE_OK;
	t->f->status = t->answer.status;
	if (t->stop == STOP_RESTART) {
		restart(t, multi, now_ms);
	} else if (t->stop == STOP_FAILED) {
		detach(t, multi);
		part_close(&t->part, t->answer.status == 206);
		give_up(t);
	} else if (code == CURLE_OK && t->answer.status == 304 && t->f->ask_changed) {
		detach(t, multi);
		part_close(&t->part, false);
		t->f->state = HTTP_SAME;
	} else if (code == CURLE_OK && brings_file(t)) {
		finish(t, multi);
	} else {
		try_again(t, multi, code, now_ms);
	}
}
