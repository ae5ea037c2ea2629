/* SPDX-License-Identifier: MIT
 *
 * Command-line parsing from tables, so that --help never differs from what is accepted.
 */
#include "cmd/options.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"
#include "cmd/global.h"

static options_watch_fn *watching;
static void *watching_ctx;

void options_watch(options_watch_fn *watch, void *ctx)
{
	watching = watch;
	watching_ctx = ctx;
}

const struct option *options_find(const struct option *table, const char *name, size_t len)
{
	for (; table->name; table++) {
		if (strlen(table->name) == len && memcmp(table->name, name, len) == 0)
			return table;
		if (table->alias && strlen(table->alias) == len &&
		    memcmp(table->alias, name, len) == 0)
			return table;
	}
	return NULL;
}

const struct option *options_find_letter(const struct option *table, char letter)
{
	for (; table->name; table++)
		if (table->letter == letter)
			return table;
	return NULL;
}

bool option_has_value(const struct option *o)
{
	return o->type != OPT_FLAG && o->type != OPT_OFF && o->type != OPT_TIMES;
}

static bool set_int(const struct option *o, const char *text, struct err *e)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(text, &end, 10);
	if (errno || end == text || *end || n < 0 || n > INT_MAX)
		return err_usage(e, "--%s wants a whole number, not '%s'", o->name, text);
	if (o->type == OPT_COUNT && n == 0)
		return err_usage(e, "--%s wants 1 or more, not '%s'", o->name, text);
	*(int *)o->value = (int)n;
	return true;
}

static bool set_value(const struct option *o, const char *text, struct err *e)
{
	switch (o->type) {
	case OPT_FLAG:
		*(bool *)o->value = true;
		return true;
	case OPT_OFF:
		*(bool *)o->value = false;
		return true;
	case OPT_TIMES:
		++*(int *)o->value;
		return true;
	case OPT_STRING:
		*(const char **)o->value = text;
		return true;
	case OPT_LIST:
		vec_push((struct strv *)o->value, text);
		return true;
	case OPT_INT:
	case OPT_COUNT:
		return set_int(o, text, e);
	}
	return true;
}

static bool unknown(const struct option *table, const char *word, struct err *e)
{
	struct strv names = { 0 };
	const char *near;

	for (; table->name; table++)
		vec_push(&names, table->name);
	for (table = global_options_behind; table->name; table++)
		vec_push(&names, table->name);
	near = suggest_nearest(word, names.items, names.count);
	vec_free(&names);
	err_usage(e, "there is no option --%s", word);
	if (near)
		return err_hint(e, "did you mean --%s?", near);
	return err_hint(e, "--help lists the options");
}

/* The option of "NAME", or of "no-NAME" (*off: and it switches it off). */
static const struct option *find_long(const struct option *table, const char *word, size_t len,
				      bool *off)
{
	const struct option *o = options_find(table, word, len);

	*off = false;
	if (o || len < 3 || strncmp(word, "no-", 3) != 0)
		return o;
	o = options_find(table, word + 3, len - 3);
	*off = true;
	return o && o->type == OPT_FLAG ? o : NULL;
}

/* argv[*i] is "--name" or "--name=value". */
static bool parse_long(const struct option *table, char **argv, int *i, struct err *e)
{
	const char *word = argv[*i] + 2, *equal = strchr(word, '=');
	size_t len = equal ? (size_t)(equal - word) : strlen(word);
	bool off;
	const struct option *o = find_long(table, word, len, &off);

	if (!o)
		o = find_long(global_options_behind, word, len, &off);
	if (!o || (off && equal)) {
		AUTO_FREE char *name = xstrndup(word, len);

		return unknown(table, name, e);
	}
	if (off) {
		*(bool *)o->value = false;
		return true;
	}
	if (!option_has_value(o) && equal)
		return err_usage(e, "--%s takes no value", o->name);
	if (!option_has_value(o) || equal)
		return set_value(o, equal ? equal + 1 : NULL, e);
	if (!argv[*i + 1])
		return err_usage(e, "--%s wants a value: --%s %s", o->name, o->name, o->arg);
	return set_value(o, argv[++*i], e);
}

/* argv[*i] is "-x", "-xy" or "-xVALUE". */
static bool parse_letters(const struct option *table, char **argv, int *i, bool *help,
			  struct err *e)
{
	for (const char *s = argv[*i] + 1; *s; s++) {
		const struct option *o = options_find_letter(table, *s);

		if (!o)
			o = options_find_letter(global_options_behind, *s);
		if (!o && *s == 'h') {
			*help = true;
			continue;
		}
		if (!o) {
			err_usage(e, "there is no option -%c", *s);
			return err_hint(e, "--help lists the options");
		}
		if (!option_has_value(o)) {
			set_value(o, NULL, e);
			continue;
		}
		if (s[1])
			return set_value(o, s + 1, e);
		if (!argv[*i + 1])
			return err_usage(e, "-%c wants a value: -%c %s", *s, *s, o->arg);
		return set_value(o, argv[++*i], e);
	}
	return true;
}

static bool is_option(const char *word)
{
	return word[0] == '-' && word[1];
}

/* argv[*i] is an option; *i is then at the last word of it. */
static bool parse_option(const struct option *table, char **argv, int *i, bool *help, struct err *e)
{
	if (strcmp(argv[*i], "--help") == 0)
		*help = true;
	else if (strncmp(argv[*i], "--", 2) == 0)
		return parse_long(table, argv, i, e);
	else
		return parse_letters(table, argv, i, help, e);
	return true;
}

bool options_parse_leading(const struct option *table, int argc, char **argv, int *next, bool *help,
			   struct err *e)
{
	for (*next = 1; *next < argc && is_option(argv[*next]); ++*next)
		if (!parse_option(table, argv, next, help, e))
			return false;
	global_settle();
	return true;
}

bool options_parse(const struct option *table, int argc, char **argv, struct parsed *out,
		   struct err *e)
{
	*out = (struct parsed){ 0 };
	if (watching) {
		watching(watching_ctx, table);
		return err_set(e, "only the options were wanted");
	}
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--") == 0) {
			while (++i < argc)
				vec_push(&out->rest, argv[i]);
			break;
		}
		if (!is_option(argv[i]))
			vec_push(&out->words, argv[i]);
		else if (!parse_option(table, argv, &i, &out->help, e))
			return false;
	}
	global_settle();
	return true;
}

void parsed_free(struct parsed *p)
{
	vec_free(&p->words);
	vec_free(&p->rest);
}
