/* SPDX-License-Identifier: MIT
 *
 * `mpflash cache`: looking at the store, keeping it small and sound, taking boards from one store to another.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "base/size.h"
#include "base/suggest.h"
#include "build/workdir.h"
#include "cache/gc.h"
#include "cache/usage.h"
#include "cache/verify.h"
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "os/dirs.h"

/* --- the store ------------------------------------------------------------------------------------------------ */

struct place {
	struct arena arena;
	struct store *store;
	const char *dir, *work_root;
};

static bool place_open(struct place *p, bool dry, struct err *e)
{
	AUTO_STRBUF dir = STRBUF_INIT, work = STRBUF_INIT;

	*p = (struct place){ 0 };
	if (!dirs_cache(&dir, e))
		return false;
	workdir_root(dir.buf, &work);
	p->dir = arena_strdup(&p->arena, dir.buf);
	p->work_root = arena_strdup(&p->arena, work.buf);
	p->store = store_open(p->dir, dry, e);
	return p->store != NULL;
}

static void place_close(struct place *p)
{
	store_close(p->store);
	arena_free(&p->arena);
}

static void tell_note(const struct place *p)
{
	if (store_note(p->store))
		fprintf(stderr, "note: %s\n", store_note(p->store));
}

/* Amounts for people, in the arena. */
static const char *size_of(struct place *p, uint64_t bytes)
{
	AUTO_STRBUF text = STRBUF_INIT;

	size_text(bytes, &text);
	return arena_strdup(&p->arena, text.buf);
}

static const char *limit_of(struct place *p, uint64_t bytes)
{
	return bytes ? size_of(p, bytes) : "none";
}

static bool no_words(const struct parsed *p, const char *name, struct err *e)
{
	if (!p->words.count && !p->rest.count)
		return true;
	return err_usage(e, "cache %s takes no words, only options", name);
}

static void print_list(struct json *j, const char *name, const struct strv *list)
{
	json_array(j, name);
	for (size_t i = 0; i < list->count; i++)
		json_string(j, NULL, list->items[i]);
	json_array_end(j);
}

/* --- stats ---------------------------------------------------------------------------------------------------- */

static void date_text(int64_t ns, char text[32])
{
	time_t t = (time_t)(ns / 1000000000);
	struct tm tm;

	if (!ns || !localtime_r(&t, &tm) || !strftime(text, 32, "%Y-%m-%d %H:%M", &tm))
		memcpy(text, "-", 2);
}

static void stats_text(struct place *p, const struct store_usage *u, const struct gc_limits *l)
{
	char oldest[32], newest[32];

	date_text(u->oldest_use_ns, oldest);
	date_text(u->newest_use_ns, newest);
	printf("store         %s\n", p->dir);
	printf("blobs         %" PRIu64 ", %s (limit %s)\n", u->blobs, size_of(p, u->blob_bytes),
	       limit_of(p, l->blobs));
	printf("actions       %" PRId64 ", with %" PRId64 " outputs\n", u->actions, u->outputs);
	printf("manifests     %" PRId64 ", of %" PRId64 " paths\n", u->manifests, u->paths);
	printf("last runs     %" PRId64 "\n", u->last_runs);
	printf("devices       %" PRId64 "\n", u->devices);
	printf("index         %s\n", size_of(p, u->index_bytes));
	printf("work folders  %" PRIu64 ", %s (limit %s)\n", u->works, size_of(p, u->work_bytes),
	       limit_of(p, l->work));
	printf("logs          %" PRIu64 ", %s\n", u->logs, size_of(p, u->log_bytes));
	printf("oldest use    %s\n", oldest);
	printf("newest use    %s\n", newest);
}

static void stats_json(struct place *p, const struct store_usage *u, const struct gc_limits *l)
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
	struct place p = { 0 };
	bool ok = gc_read_limits(&limits, e) && place_open(&p, true, e) &&
		  store_measure(p.store, p.work_root, &usage, e);

	if (ok) {
		tell_note(&p);
		(json ? stats_json : stats_text)(&p, &usage, &limits);
	}
	place_close(&p);
	return ok;
}

static const struct command stats_command;

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
		options_print_help(&stats_command, NULL, table);
	else if (ok)
		ok = no_words(&p, "stats", e) && stats(json, e);
	parsed_free(&p);
	return ok;
}

static const struct command stats_command = {
	.name = "stats",
	.usage = "cache stats [--json]",
	.summary = "what the store holds",
	.run = stats_run,
};

/* --- gc ------------------------------------------------------------------------------------------------------- */

static void gc_text(struct place *p, const struct gc_result *r, bool dry)
{
	const char *verb = dry ? "would remove" : "removed";

	printf("%s %zu actions, %zu blobs (%s), %zu work folders (%s), %zu leftovers\n", verb,
	       r->actions, r->blobs, size_of(p, r->blob_bytes), r->works, size_of(p, r->work_bytes),
	       r->leftovers);
	for (size_t i = 0; i < r->spared.count; i++)
		printf("spared: %s\n", r->spared.items[i]);
	printf("%s: %s of blobs, %s of work folders\n", dry ? "would stay" : "left",
	       size_of(p, r->bytes), size_of(p, r->work_kept));
}

static void gc_json(const struct gc_result *r, bool dry)
{
	AUTO_STRBUF out = STRBUF_INIT;
	struct json j = { .out = &out };

	json_object(&j, NULL);
	json_bool(&j, "dry_run", dry);
	json_int(&j, "actions", (int64_t)r->actions);
	json_int(&j, "blobs", (int64_t)r->blobs);
	json_int(&j, "blob_bytes", (int64_t)r->blob_bytes);
	json_int(&j, "work_folders", (int64_t)r->works);
	json_int(&j, "work_bytes", (int64_t)r->work_bytes);
	json_int(&j, "leftovers", (int64_t)r->leftovers);
	json_int(&j, "kept_blob_bytes", (int64_t)r->bytes);
	json_int(&j, "kept_work_bytes", (int64_t)r->work_kept);
	print_list(&j, "spared", &r->spared);
	json_object_end(&j);
	puts(out.buf);
}

static bool gc(const char *max_size, bool dry, bool json, struct err *e)
{
	struct gc_options o = { .dry_run = dry };
	struct gc_result r = { 0 };
	struct place p = { 0 };
	bool ok = gc_read_limits(&o.limits, e);

	if (ok && max_size && !size_parse(max_size, &o.limits.blobs)) {
		ok = err_usage(e, "--max-size wants a size, not '%s'", max_size);
		err_hint(e, "for example --max-size 2G; 0 means no limit");
	}
	ok = ok && place_open(&p, dry, e);
	o.work_root = p.work_root;
	ok = ok && gc_run(p.store, &o, &p.arena, &r, e);
	if (ok) {
		tell_note(&p);
		if (json)
			gc_json(&r, dry);
		else
			gc_text(&p, &r, dry);
	}
	vec_free(&r.spared);
	place_close(&p);
	return ok;
}

static const char gc_help[] =
	"What was not used for longest goes until the store is within its limits: MPFLASH_CACHE_SIZE (5G) for\n"
	"firmware, MPFLASH_WORK_SIZE (5G) for work folders and worktrees. k, M, G, T are thousands; 0 is no limit.\n"
	"What is in use stays: boards that are being built, firmware that a known device runs. A make that added\n"
	"something does the same by itself.\n";

static const struct command gc_command;

static bool gc_command_run(int argc, char **argv, struct err *e)
{
	const char *max_size = NULL;
	bool dry = false, json = false;
	const struct option table[] = {
		{ "max-size", 0, NULL, OPT_STRING, "N",
		  "the limit for firmware this time, as in 500M", &max_size },
		{ "dry-run", 'n', NULL, OPT_FLAG, NULL, "only tell what would go", &dry },
		{ "json", 0, NULL, OPT_FLAG, NULL, "one JSON object", &json },
		{ 0 },
	};
	struct parsed p;
	bool ok = options_parse(table, argc, argv, &p, e);

	if (ok && p.help)
		options_print_help(&gc_command, gc_help, table);
	else if (ok)
		ok = no_words(&p, "gc", e) && gc(max_size, dry, json, e);
	parsed_free(&p);
	return ok;
}

static const struct command gc_command = {
	.name = "gc",
	.usage = "cache gc [--max-size N] [-n] [--json]",
	.summary = "remove what was not used for longest",
	.run = gc_command_run,
};

/* --- verify --------------------------------------------------------------------------------------------------- */

static void verify_text(struct place *p, const struct verify_result *r)
{
	for (size_t i = 0; i < r->notes.count; i++)
		fprintf(stderr, "note: %s\n", r->notes.items[i]);
	for (size_t i = 0; i < r->faults.count; i++)
		printf("%s\n", r->faults.items[i]);
	printf("looked at %" PRIu64 " blobs (%s), %" PRIu64 " actions, %" PRIu64 " manifests: ",
	       r->blobs, size_of(p, r->bytes), r->actions, r->manifests);
	if (r->faults.count)
		printf("%zu fault%s\n", r->faults.count, r->faults.count == 1 ? "" : "s");
	else
		printf("all is well\n");
}

static void verify_json(const struct verify_result *r, bool healed)
{
	AUTO_STRBUF out = STRBUF_INIT;
	struct json j = { .out = &out };

	json_object(&j, NULL);
	json_int(&j, "blobs", (int64_t)r->blobs);
	json_int(&j, "bytes", (int64_t)r->bytes);
	json_int(&j, "actions", (int64_t)r->actions);
	json_int(&j, "manifests", (int64_t)r->manifests);
	print_list(&j, "faults", &r->faults);
	print_list(&j, "notes", &r->notes);
	json_bool(&j, "healed", healed);
	json_object_end(&j);
	puts(out.buf);
}

static bool verdict(const struct verify_result *r, bool dry, struct err *e)
{
	size_t n = r->faults.count;

	if (!n)
		return true;
	err_set(e, "the store had %zu fault%s", n, n == 1 ? "" : "s");
	if (dry)
		return err_hint(
			e,
			"without -n what is damaged is removed, and made again when it is needed");
	return err_hint(e, "what was damaged is removed; the next make builds what it needs of it");
}

static bool verify(bool dry, bool json, struct err *e)
{
	struct verify_result r = { 0 };
	struct place p = { 0 };
	bool ok = place_open(&p, dry, e) && store_verify(p.store, !dry, &p.arena, &r, e);

	if (ok) {
		if (store_note(p.store))
			vec_push(&r.faults, store_note(p.store));
		if (json)
			verify_json(&r, r.faults.count && !dry);
		else
			verify_text(&p, &r);
		ok = verdict(&r, dry, e);
	}
	vec_free(&r.faults);
	vec_free(&r.notes);
	place_close(&p);
	return ok;
}

static const struct command verify_command;

static bool verify_run(int argc, char **argv, struct err *e)
{
	bool dry = false, json = false;
	const struct option table[] = {
		{ "dry-run", 'n', NULL, OPT_FLAG, NULL, "only tell what is wrong", &dry },
		{ "json", 0, NULL, OPT_FLAG, NULL, "one JSON object", &json },
		{ 0 },
	};
	struct parsed p;
	bool ok = options_parse(table, argc, argv, &p, e);

	if (ok && p.help)
		options_print_help(
			&verify_command,
			"Reads every file of the store. What is damaged is removed with all that depends on it, and the exit\n"
			"status is 1; the next make builds what it needs.\n",
			table);
	else if (ok)
		ok = no_words(&p, "verify", e) && verify(dry, json, e);
	parsed_free(&p);
	return ok;
}

static const struct command verify_command = {
	.name = "verify",
	.usage = "cache verify [-n] [--json]",
	.summary = "look at every byte; remove what is damaged",
	.run = verify_run,
};

/* --- the table ------------------------------------------------------------------------------------------------ */

static const struct command *const subcommands[] = { &gc_command, &stats_command, &verify_command };

static void print_help(void)
{
	printf("usage: mpflash %s\n\n%s\n\n", cache_command.usage, cache_command.summary);
	for (size_t i = 0; i < ARRAY_SIZE(subcommands); i++)
		printf("  %-8s %s\n", subcommands[i]->name, subcommands[i]->summary);
	puts("\n`mpflash cache COMMAND --help` lists a command's options.\n"
	     "The store is $MPFLASH_CACHE, or $XDG_CACHE_HOME/mpflash, or ~/.cache/mpflash.");
}

static bool unknown(const char *word, struct err *e)
{
	const char *names[ARRAY_SIZE(subcommands)], *near;

	for (size_t i = 0; i < ARRAY_SIZE(subcommands); i++)
		names[i] = subcommands[i]->name;
	near = suggest_nearest(word, names, ARRAY_SIZE(subcommands));
	err_usage(e, "there is no 'cache %s'", word);
	if (near)
		return err_hint(e, "did you mean 'mpflash cache %s'?", near);
	return err_hint(e, "`mpflash cache --help` lists what there is");
}

static bool cache_run(int argc, char **argv, struct err *e)
{
	const char *word = argc > 1 ? argv[1] : NULL;

	if (!word)
		return err_usage(e, "cache wants a command: gc, stats or verify");
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
		print_help();
		return true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(subcommands); i++)
		if (strcmp(subcommands[i]->name, word) == 0)
			return subcommands[i]->run(argc - 1, argv + 1, e);
	return unknown(word, e);
}

const struct command cache_command = {
	.name = "cache",
	.usage = "cache gc|stats|verify [options]",
	.summary = "the store: what it holds, its size, its health",
	.run = cache_run,
};
