/* SPDX-License-Identifier: MIT
 *
 * Reading index pages: links are all that counts of them, wherever they stand, so that a new layout changes nothing.
 */
#include "library/index.h"

#include <limits.h>
#include <string.h>

#include "base/map.h"
#include "library/select.h"
#include "os/html_lib.h"

const char *const index_ports[] = { "alif",  "cc3200", "esp32",      "esp8266", "mimxrt",
				    "nrf",   "psoc6",  "renesas-ra", "rp2",     "samd",
				    "stm32", "zephyr", NULL };

enum { NAME_MAX_BYTES = 100, PATH_MAX_BYTES = 300 };

/* --- links ---------------------------------------------------------------------------------------------------- */

typedef void link_fn(void *ctx, const char *href, const char *classes);

/* The value of an attribute, appended; false: there is none. */
static bool add_attribute(const xmlNode *node, const char *name, struct strbuf *out)
{
	for (const xmlAttr *at = node->properties; at; at = at->next) {
		if (strcmp((const char *)at->name, name) != 0)
			continue;
		for (const xmlNode *part = at->children; part; part = part->next)
			if (part->content)
				strbuf_adds(out, (const char *)part->content);
		return true;
	}
	return false;
}

static void tell_link(const xmlNode *node, link_fn *fn, void *ctx)
{
	AUTO_STRBUF href = STRBUF_INIT, classes = STRBUF_INIT;

	if (node->type != XML_ELEMENT_NODE || strcmp((const char *)node->name, "a") != 0 ||
	    !add_attribute(node, "href", &href))
		return;
	add_attribute(node, "class", &classes);
	fn(ctx, href.buf, classes.buf);
}

/* In the page's order, without recursion: pages nest as deep as they like. */
static void walk(const xmlNode *root, link_fn *fn, void *ctx)
{
	for (const xmlNode *n = root; n;) {
		tell_link(n, fn, ctx);
		/* What an entity stands for is not the page's own. */
		if (n->children && n->type == XML_ELEMENT_NODE) {
			n = n->children;
			continue;
		}
		while (n && n != root && !n->next)
			n = n->parent;
		n = n && n != root ? n->next : NULL;
	}
}

static bool read_links(const char *html, size_t len, link_fn *fn, void *ctx, struct err *e)
{
	const int quiet =
		HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET;
	xmlDoc *doc;

	if (!html_lib_load(e))
		return false;
	if (len > INT_MAX)
		return err_set(e, "the page is too large");
	doc = html_lib.htmlReadMemory(html, (int)len, NULL, "UTF-8", quiet);
	if (!doc)
		return err_set(e, "the page is no HTML");
	walk(html_lib.xmlDocGetRootElement(doc), fn, ctx);
	html_lib.xmlFreeDoc(doc);
	return true;
}

/* --- boards --------------------------------------------------------------------------------------------------- */

struct boards {
	struct arena *arena;
	struct strv *out;
	struct map seen;
};

static bool has_word(const char *words, const char *word)
{
	static const char blank[] = " \t\r\n\f";
	size_t len = strlen(word), n;

	for (words += strspn(words, blank); *words; words += n + strspn(words + n, blank)) {
		n = strcspn(words, blank);
		if (n == len && memcmp(words, word, n) == 0)
			return true;
	}
	return false;
}

/* It becomes part of an address. */
static bool is_board_name(const char *s)
{
	size_t len = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.");

	return len && !s[len] && len <= NAME_MAX_BYTES && s[0] != '.';
}

static void take_board(void *ctx, const char *href, const char *classes)
{
	struct boards *b = ctx;
	static const char place[] = "/download/";
	size_t len;
	char *name;

	if (!has_word(classes, "board-card"))
		return;
	if (strncmp(href, place, sizeof(place) - 1) == 0)
		href += sizeof(place) - 1;
	len = strlen(href);
	name = arena_strndup(b->arena, href, len && href[len - 1] == '/' ? len - 1 : len);
	if (!is_board_name(name) || map_get(&b->seen, name))
		return;
	map_put(&b->seen, name, name);
	vec_push(b->out, name);
}

bool index_read_boards(const char *html, size_t len, struct arena *a, struct strv *out,
		       struct err *e)
{
	struct boards b = { .arena = a, .out = out };
	bool ok = read_links(html, len, take_board, &b, e);

	map_free(&b.seen);
	return ok;
}

/* --- files ---------------------------------------------------------------------------------------------------- */

struct files {
	struct arena *arena;
	struct index_files *out;
	struct map seen;
	const char *port, *list; /* of the board's source; of the last link to a port's page */
	bool menu;
};

static const char *known_port(const char *name, size_t len)
{
	for (size_t i = 0; index_ports[i]; i++)
		if (strlen(index_ports[i]) == len && memcmp(name, index_ports[i], len) == 0)
			return index_ports[i];
	return NULL;
}

/* ".../ports/rp2/boards/RPI_PICO": where the board's source is. */
static const char *port_of_source(const char *href)
{
	const char *at = strstr(href, "/ports/"), *end;

	at = at ? at + strlen("/ports/") : NULL;
	end = at ? strstr(at, "/boards/") : NULL;
	return end ? known_port(at, (size_t)(end - at)) : NULL;
}

/* "?port=rp2": the port's page. */
static const char *port_of_list(const char *href)
{
	const char *at = strstr(href, "?port=");

	at = at ? at + strlen("?port=") : NULL;
	return at ? known_port(at, strcspn(at, "&#")) : NULL;
}

/* Links that pages have beside those to files. Those to several ports' pages are a menu. */
static void take_port(struct files *f, const char *href)
{
	const char *source = port_of_source(href), *list = port_of_list(href);

	if (!f->port && source)
		f->port = source;
	if (list && f->list && f->list != list)
		f->menu = true;
	f->list = list ? list : f->list;
}

/* Nothing in it may lead elsewhere, or into another meaning. */
static bool is_plain_path(const char *s)
{
	return strlen(s) <= PATH_MAX_BYTES && !strstr(s, "..") &&
	       !s[strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.+/")];
}

static void take_file(void *ctx, const char *href, const char *classes)
{
	static const char place[] = "/resources/firmware/";
	struct files *f = ctx;
	struct index_file file = { 0 };

	(void)classes;
	if (strncmp(href, place, sizeof(place) - 1) != 0) {
		take_port(f, href);
		return;
	}
	if (!is_plain_path(href) || map_get(&f->seen, href) ||
	    !firmware_name_parse(&file.name, href))
		return;
	file.path = arena_strdup(f->arena, href);
	map_put(&f->seen, file.path, (void *)(uintptr_t)file.path);
	vec_push(f->out, file);
}

bool index_read_files(const char *html, size_t len, struct arena *a, struct index_files *out,
		      const char **port, struct err *e)
{
	struct files f = { .arena = a, .out = out };
	bool ok = read_links(html, len, take_file, &f, e);

	map_free(&f.seen);
	*port = f.port || f.menu ? f.port : f.list;
	return ok;
}

/* --- whose page it is ----------------------------------------------------------------------------------------- */

static void look_for_own(void *ctx, const char *href, const char *classes)
{
	bool *own = ctx;

	*own = *own || has_word(classes, "board-card") || strncmp(href, "/download", 9) == 0 ||
	       strncmp(href, "/resources/firmware/", 20) == 0 || strstr(href, "/ports/");
}

bool index_check_page(const char *html, size_t len, struct err *e)
{
	bool own = false;

	if (!read_links(html, len, look_for_own, &own, e))
		return false;
	if (own)
		return true;
	err_set(e, "what came is no page of a download site");
	return err_hint(e, "a login page of the network? Open the address in a browser");
}

/* --- choosing ------------------------------------------------------------------------------------------------- */

static bool takes(const char *port, const char *ext)
{
	static const char *const any[] = { "uf2", "dfu", "hex", "bin" };

	for (size_t i = 0; i < ARRAY_SIZE(any); i++)
		if (strcmp(any[i], ext) == 0)
			return !port || library_port_takes(port, ext);
	return false;
}

/* A build after a release, as the nightly ones before v1.22 were named, is no release. */
static bool fits(const struct version_want *want, const struct firmware_name *n, const char *port)
{
	return version_fits(want, &n->version) && takes(port, n->ext) &&
	       (want->word != VERSION_STABLE || !n->version.build);
}

/* The newest release among those that fit; NULL: none does. */
static const struct version *newest(const struct index_files *files,
				    const struct version_want *want, const char *port)
{
	const struct version *best = NULL;

	for (size_t i = 0; i < files->count; i++) {
		const struct firmware_name *n = &files->items[i].name;

		if (fits(want, n, port) && (!best || version_compare(&n->version, best) > 0))
			best = &n->version;
	}
	return best;
}

static bool same_kind(const struct firmware_name *a, const struct firmware_name *b)
{
	return strcmp(a->board_id, b->board_id) == 0 && strcmp(a->ext, b->ext) == 0 &&
	       a->version.preview == b->version.preview;
}

static void add_newest_of_kind(const struct index_file *file, struct index_files *out)
{
	for (size_t i = 0; i < out->count; i++) {
		if (!same_kind(&out->items[i].name, &file->name))
			continue;
		if (version_compare(&file->name.version, &out->items[i].name.version) > 0)
			out->items[i] = *file;
		return;
	}
	vec_push(out, *file);
}

void index_select(const struct index_files *files, const struct version_want *want,
		  const char *port, struct index_files *out)
{
	const struct version *best = newest(files, want, port);
	struct index_files mine = { 0 };

	if (!best || want->word == VERSION_ASK)
		return;
	for (size_t i = 0; i < files->count; i++) {
		const struct firmware_name *n = &files->items[i].name;

		if (fits(want, n, port) &&
		    (want->word == VERSION_EXACT || version_same_release(&n->version, best)))
			add_newest_of_kind(&files->items[i], &mine);
	}
	for (size_t i = 0; i < mine.count; i++)
		vec_push(out, mine.items[i]);
	vec_free(&mine);
}

void index_versions(const struct index_files *files, struct arena *a, struct strv *out)
{
	size_t first = out->count;

	for (size_t i = 0; i < files->count; i++) {
		AUTO_STRBUF text = STRBUF_INIT;

		version_text(&files->items[i].name.version, &text);
		vec_push(out, arena_strdup(a, text.buf));
	}
	version_sort_texts(out, first);
}
