/* SPDX-License-Identifier: MIT
 *
 * What a key does to a list of choices: everything of a question but the terminal.
 */
#include "cmd/choose_list.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/xalloc.h"

enum { MAX_SEARCH = 60 };

static bool contains(const char *text, const char *word, size_t len)
{
	for (; text && *text; text++)
		if (strncasecmp(text, word, len) == 0)
			return true;
	return false;
}

/* Every word of the search is in its name or in what is said about it. */
static bool fits(const struct choice *c, const char *search)
{
	while (*(search += strspn(search, " "))) {
		size_t len = strcspn(search, " ");

		if (!contains(c->name, search, len) && !contains(c->about, search, len))
			return false;
		search += len;
	}
	return true;
}

/* The bar goes to the first whose name begins with what was typed, else to the first. */
static void search(struct choose_list *l)
{
	l->shown.count = l->at = 0;
	for (size_t i = 0; i < l->count; i++) {
		if (!fits(&l->items[i], l->search.buf))
			continue;
		vec_push(&l->shown, i);
	}
	for (size_t i = 0; l->search.len && i < l->shown.count; i++)
		if (strncasecmp(l->items[l->shown.items[i]].name, l->search.buf, l->search.len) ==
		    0) {
			l->at = i;
			return;
		}
}

void choose_list_init(struct choose_list *l, const struct choice *items, size_t count, bool several)
{
	*l = (struct choose_list){
		.items = items, .count = count, .several = several, .search = STRBUF_INIT
	};
	l->marked = xcalloc(count, sizeof(*l->marked));
	search(l);
}

void choose_list_free(struct choose_list *l)
{
	strbuf_free(&l->search);
	vec_free(&l->shown);
	free(l->marked);
}

static void move_to(struct choose_list *l, size_t at)
{
	if (l->shown.count)
		l->at = at < l->shown.count ? at : l->shown.count - 1;
}

static void drop_character(struct choose_list *l)
{
	size_t len = l->search.len;

	while (len && ((unsigned char)l->search.buf[len - 1] & 0xc0) == 0x80)
		len--;
	strbuf_set_len(&l->search, len ? len - 1 : 0);
	search(l);
}

static void type(struct choose_list *l, const char *text)
{
	if (l->several && strcmp(text, " ") == 0) {
		if (l->shown.count) {
			bool *mark = &l->marked[l->shown.items[l->at]];

			*mark = !*mark;
			move_to(l, l->at + 1);
		}
	} else if (l->search.len + strlen(text) <= MAX_SEARCH) {
		strbuf_adds(&l->search, text);
		search(l);
	}
}

void choose_list_press(struct choose_list *l, enum terminal_key key, const char *text, size_t page)
{
	switch (key) {
	case KEY_TEXT:
		type(l, text);
		break;
	case KEY_UP:
		move_to(l, l->at ? l->at - 1 : 0);
		break;
	case KEY_DOWN:
		move_to(l, l->at + 1);
		break;
	case KEY_PAGE_UP:
		move_to(l, l->at > page ? l->at - page : 0);
		break;
	case KEY_PAGE_DOWN:
		move_to(l, l->at + page);
		break;
	case KEY_HOME:
		move_to(l, 0);
		break;
	case KEY_END:
		move_to(l, l->count);
		break;
	case KEY_BACKSPACE:
		drop_character(l);
		break;
	case KEY_CLEAR:
		strbuf_reset(&l->search);
		search(l);
		break;
	default:
		break;
	}
}

size_t choose_list_take(const struct choose_list *l, size_t *chosen)
{
	size_t n = 0;

	for (size_t i = 0; l->several && i < l->count; i++)
		if (l->marked[i])
			chosen[n++] = i;
	if (!n && l->shown.count)
		chosen[n++] = l->shown.items[l->at];
	return n;
}
