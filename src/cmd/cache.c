/* SPDX-License-Identifier: MIT
 *
 * `mpflash cache`: looking at the store, keeping it small and sound, taking boards from one store to another.
 */
#include "cmd/cache.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/size.h"
#include "base/suggest.h"
#include "build/workdir.h"
#include "cache/gc.h"
#include "cache/usage.h"
#include "os/dirs.h"

/* --- the store ------------------------------------------------------------------------------------------------ */

bool cache_place_open(struct cache_place *p, bool dry, struct err *e)
{
	AUTO_STRBUF dir = STRBUF_INIT, work = STRBUF_INIT;

	*p = (struct cache_place){ 0 };
	if (!dirs_cache(&dir, e))
		return false;
	workdir_root(dir.buf, &work);
	p->dir = arena_strdup(&p->arena, dir.buf);
	p->work_root = arena_strdup(&p->arena, work.buf);
	p->store = store_open(p->dir, dry, e);
	return p->store != NULL;
}

void cache_place_close(struct cache_place *p)
{
	store_close(p->store);
	arena_free(&p->arena);
}

void cache_tell_note(const struct cache_place *p)
{
	if (store_note(p->store))
		log_note("note: %s", store_note(p->store));
}

/* Amounts for people, in the arena. */
const char *cache_size(struct cache_place *p, uint64_t bytes)
{
	AUTO_STRBUF text = STRBUF_INIT;

	size_text(bytes, &text);
	return arena_strdup(&p->arena, text.buf);
}

bool cache_no_words(const struct parsed *p, const char *name, struct err *e)
{
	if (!p->words.count && !p->rest.count)
		return true;
	return err_usage(e, "cache %s takes no words, only options", name);
}

void cache_json_list(struct json *j, const char *name, const struct strv *list)
{
	json_array(j, name);
	for (size_t i = 0; i < list->count; i++)
		json_string(j, NULL, list->items[i]);
	json_array_end(j);
}

/* --- stats ---------------------------------------------------------------------------------------------------- */

static const char *limit_of(struct cache_place *p, uint64_t bytes)
{
	return bytes ? cache_size(p, bytes) : "none";
}

static void date_text(int64_t ns, char text[32])
{
	time_t t = (time_t)(ns / 1000000000);
	struct tm tm;

	if (!ns || !localtime_r(&t, &tm) || !strftime(text, 32, "%Y-%m-%d %H:%M", &tm))
		memcpy(text, "-", 2);
}

static void stats_text(struct cache_place *p, const struct store_usage *u,
		       const struct gc_limits *l)
{
	char oldest[32], newest[32];

	date_text(u->oldest_use_ns, oldest);
	date_text(u->newest_use_ns, newest);
	printf("store         %s\n", p->dir);
	printf("blobs         %" PRIu64 ", %s (limit %s)\n", u->blobs, cache_size(p, u->blob_bytes),
	       limit_of(p, l->blobs));
	printf("actions       %" PRId64 ", with %" PRId64 " outputs\n", u->actions, u->outputs);
	printf("manifests     %" PRId64 ", of %" PRId64 " paths\n", u->manifests, u->paths);
	printf("last runs     %" PRId64 "\n", u->last_runs);
	printf("devices       %" PRId64 "\n", u->devices);
	printf("index         %s\n", cache_size(p, u->index_bytes));
	printf("work folders  %" PRIu64 ", %s (limit %s)\n", u->works, cache_size(p, u->work_bytes),
	       limit_of(p, l->work));
	printf("logs          %" PRIu64 ", %s\n", u->logs, cache_size(p, u->log_bytes));
	printf("oldest use    %s\n", oldest);
	printf("newest use    %s\n", newest);
}

static void stats_json(struct cache_place *p, const struct store_usage *u,
		       const struct gc_limits *l)
{
	AUTO_STRBUF out = STRBUF_INIT;
	struct json j = { .out = &out };

	json_object(&j, NULL);
	json_string(&j, "store", p->dir);
	json_int(&j, "blobs", (int64_t)u->blobs);
	json_int(&j, "blob_bytes", (int64_t)u->blob_bytes);
	json_int(&j, "blob_limit", (int64_t)l->blobs);
	json_int(&j, "actions", u->actions);
	json_int(&j, "outputs", u->outputs);
	json_int(&j, "manifests", u->manifests);
	json_int(&j, "paths", u->paths);
	json_int(&j, "last_runs", u->last_runs);
	json_int(&j, "devices", u->devices);
	json_int(&j, "index_bytes", (int64_t)u->index_bytes);
	json_int(&j, "work_folders", (int64_t)u->works);
	json_int(&j, "work_bytes", (int64_t)u->work_bytes);
	json_int(&j, "work_limit", (int64_t)l->work);
	json_int(&j, "logs", (int64_t)u->logs);
	json_int(&j, "log_bytes", (int64_t)u->log_bytes);
	json_int(&j, "oldest_use_ns", u->oldest_use_ns);
	json_int(&j, "newest_use_ns", u->newest_use_ns);
	json_object_end(&j);
	puts(out.buf);
}

static bool stats(bool json, struct err *e)
{
	struct store_usage usage;
	struct gc_limits limits;
	struct cache_place p = { 0 };
	bool ok = gc_read_limits(&limits, e) && cache_place_open(&p, true, e) &&
		  store_measure(p.store, p.work_root, &usage, e);

	if (ok) {
		cache_tell_note(&p);
		(json ? stats_json : stats_text)(&p, &usage, &limits);
	}
	cache_place_close(&p);
	return ok;
}

static bool stats_run(int argc, char **argv, struct err *e)
{
	bool json = false;
	const struct option table[] = {
		{ "json", 0, NULL, OPT_FLAG, NULL, "one JSON object", &json },
		{ 0 },
	};
	struct parsed p;
	bool ok = options_parse(table, argc, argv, &p, e);

	if (ok && p.help)
		options_print_help(&cache_stats_command, NULL, table);
	else if (ok)
		ok = cache_no_words(&p, "stats", e) && stats(json, e);
	parsed_free(&p);
	return ok;
}

const struct command cache_stats_command = {
	.name = "stats",
	.usage = "cache stats [--json]",
	.summary = "what the store holds",
	.examples = "mpflash cache stats\n",
	.run = stats_run,
};

/* --- the table ------------------------------------------------------------------------------------------------ */

static const struct command *const subcommands[] = {
	&cache_export_command, &cache_gc_command,     &cache_import_command,
	&cache_stats_command,  &cache_verify_command, NULL,
};

static const char places_help[] =
	"The store is $MPFLASH_CACHE, or $XDG_CACHE_HOME/mpflash, or ~/.cache/mpflash.\n";

static bool unknown(const char *word, struct err *e)
{
	const char *names[ARRAY_SIZE(subcommands)], *near;
	size_t count = 0;

	for (; subcommands[count]; count++)
		names[count] = subcommands[count]->name;
	near = suggest_nearest(word, names, count);
	err_usage(e, "there is no 'cache %s'", word);
	if (near)
		return err_hint(e, "did you mean 'mpflash cache %s'?", near);
	return err_hint(e, "`mpflash cache --help` lists what there is");
}

static bool cache_run(int argc, char **argv, struct err *e)
{
	const char *word = argc > 1 ? argv[1] : NULL;

	if (!word)
		return err_usage(e, "cache wants a command: export, gc, import, stats or verify");
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
		options_print_group(&cache_command, places_help);
		return true;
	}
	for (size_t i = 0; subcommands[i]; i++)
		if (strcmp(subcommands[i]->name, word) == 0)
			return subcommands[i]->run(argc - 1, argv + 1, e);
	return unknown(word, e);
}

const struct command cache_command = {
	.name = "cache",
	.usage = "cache export|gc|import|stats|verify [options]",
	.summary = "the store: what it holds, its size, its health",
	.examples = "mpflash cache stats\n"
		    "mpflash cache gc --max-size 2G\n"
		    "mpflash cache export -o boards.tar.zst all\n",
	.subcommands = subcommands,
	.run = cache_run,
};
