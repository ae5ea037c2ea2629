/* SPDX-License-Identifier: MIT
 *
 * The pages that are kept: DIR/DIGEST.html, by the address, and DIR/DIGEST.about with the address and the server's words.
 */
#include "net/pages.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/xalloc.h"
#include "os/crypto.h"
#include "os/fs.h"

enum { PAGE_MAX = 16 << 20, ABOUT_MAX = 16 * 1024 };

struct place {
	struct strbuf file, about;
};

void page_free(struct page *p)
{
	strbuf_free(&p->text);
	err_free(&p->error);
}

static void find_place(const char *dir, const char *url, struct place *out)
{
	struct digest d = digest_of(url, strlen(url));
	char hex[DIGEST_HEX_SIZE];

	digest_hex(&d, hex);
	strbuf_addf(&out->file, "%s/%s.html", dir, hex);
	strbuf_addf(&out->about, "%s/%s.about", dir, hex);
}

static void free_place(struct place *p)
{
	strbuf_free(&p->file);
	strbuf_free(&p->about);
}

/* --- the server's words --------------------------------------------------------------------------------------- */

static void take(char out[static HTTP_WORD_MAX], const char *value)
{
	if (strlen(value) < HTTP_WORD_MAX)
		memcpy(out, value, strlen(value) + 1);
}

/* Three lines: the SHA-256 of the page that they are about, ETag, Last-Modified. */
static bool read_about(const struct place *p, struct http_fetch *f)
{
	AUTO_STRBUF text = STRBUF_INIT;
	AUTO_ERR ignored = ERR_INIT;
	uint8_t digest[CRYPTO_SHA256];
	AUTO_STRBUF hex = STRBUF_INIT;
	struct fs_map map;
	char *etag, *modified, *end;
	bool same;

	if (!fs_read(&text, p->about.buf, ABOUT_MAX, &ignored) ||
	    !fs_map(&map, p->file.buf, &ignored))
		return false;
	same = crypto_sha256(map.data, map.size, digest, &ignored);
	fs_unmap(&map);
	etag = strchr(text.buf, '\n');
	modified = etag ? strchr(etag + 1, '\n') : NULL;
	end = modified ? strchr(modified + 1, '\n') : NULL;
	if (!same || !end)
		return false;
	*etag = *modified = *end = '\0';
	for (size_t i = 0; i < sizeof(digest); i++)
		strbuf_addf(&hex, "%02x", digest[i]);
	if (strcmp(hex.buf, text.buf) != 0) /* one of the two was not written to its end */
		return false;
	take(f->etag, etag + 1);
	take(f->modified, modified + 1);
	return f->etag[0] || f->modified[0];
}

/* Without it the page is fetched again: no error. */
static void write_about(const struct place *p, const struct http_fetch *f)
{
	AUTO_STRBUF text = STRBUF_INIT;
	AUTO_ERR ignored = ERR_INIT;

	strbuf_addf(&text, "%s\n%s\n%s\n", f->sha256_got, f->etag, f->modified);
	fs_write_lazy(p->about.buf, text.buf, text.len, 0644, &ignored);
}

/* --- getting -------------------------------------------------------------------------------------------------- */

static bool fail(struct page *p, struct err *e)
{
	p->state = PAGE_FAILED;
	err_move(&p->error, e);
	return false;
}

static void read_kept(struct page *p, const struct place *at, enum page_state state)
{
	AUTO_ERR e = ERR_INIT;

	if (fs_read(&p->text, at->file.buf, PAGE_MAX, &e))
		p->state = state;
	else
		fail(p, &e);
}

static void take_offline(struct page *p, const struct place *at)
{
	p->state = PAGE_FAILED;
	if (fs_exists(at->file.buf)) {
		read_kept(p, at, PAGE_KEPT);
		return;
	}
	err_set(&p->error, "%s was never fetched", p->url);
	err_hint(&p->error, "once without --offline, and it is kept");
}

static void take_fetched(struct page *p, const struct place *at, struct http_fetch *f)
{
	if (f->state == HTTP_DONE)
		write_about(at, f);
	if (f->state == HTTP_DONE || f->state == HTTP_SAME) {
		read_kept(p, at, PAGE_FRESH);
	} else if (f->status == 404 || f->status == 410) {
		unlink(at->file.buf);
		unlink(at->about.buf);
		p->state = PAGE_MISSING;
	} else {
		p->no_contact = f->no_contact;
		fail(p, &f->error);
	}
}

static bool check_page(void *ctx, const struct http_fetch *f, const char *path, struct err *e)
{
	const struct page *p = ctx;
	struct fs_map map;
	bool ok;

	(void)f;
	if (!fs_map(&map, path, e))
		return false;
	ok = p->check((const char *)map.data, map.size, e);
	fs_unmap(&map);
	return ok;
}

static bool fetch(struct page *pages, const struct place *places, size_t count,
		  const struct http_options *opt, struct err *e)
{
	struct http_fetch *f = xcalloc(count ? count : 1, sizeof(*f));
	bool ok;

	for (size_t i = 0; i < count; i++) {
		f[i] = (struct http_fetch){ .url = pages[i].url,
					    .target = places[i].file.buf,
					    .page = true,
					    .max_size = PAGE_MAX,
					    .check = pages[i].check ? check_page : NULL,
					    .ctx = &pages[i] };
		f[i].ask_changed = read_about(&places[i], &f[i]);
	}
	ok = http_fetch_all(f, count, opt, e) || !e->msg;
	for (size_t i = 0; i < count; i++) {
		if (ok)
			take_fetched(&pages[i], &places[i], &f[i]);
		http_fetch_free(&f[i]);
	}
	free(f);
	return ok;
}

bool pages_get(struct page *pages, size_t count, const char *dir, bool offline,
	       const struct http_options *opt, struct err *e)
{
	struct place *places;
	bool ok = true;

	if (!offline && !fs_mkdirs(dir, e))
		return false;
	places = xcalloc(count ? count : 1, sizeof(*places));
	for (size_t i = 0; i < count; i++) {
		places[i] = (struct place){ STRBUF_INIT, STRBUF_INIT };
		find_place(dir, pages[i].url, &places[i]);
		if (offline)
			take_offline(&pages[i], &places[i]);
	}
	if (!offline)
		ok = fetch(pages, places, count, opt, e);
	for (size_t i = 0; i < count; i++)
		free_place(&places[i]);
	free(places);
	return ok;
}
