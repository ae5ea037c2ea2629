/* SPDX-License-Identifier: MIT
 *
 * `mpflash cache gc` and `mpflash cache verify`.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/log.h"
#include "base/size.h"
#include "cache/gc.h"
#include "cache/verify.h"
#include "cmd/cache.h"
#include "source/worktree.h"

/* --- gc ------------------------------------------------------------------------------------------------------- */

static void gc_text(struct cache_place *p, const struct gc_result *r, bool dry)
{
	const char *verb = dry ? "would remove" : "removed";

	printf("%s %zu actions, %zu blobs (%s), %zu work folders (%s), %zu leftovers\n", verb,
	       r->actions, r->blobs, cache_size(p, r->blob_bytes), r->works,
	       cache_size(p, r->work_bytes), r->leftovers);
	for (size_t i = 0; i < r->spared.count; i++)
		printf("spared: %s\n", r->spared.items[i]);
	printf("%s: %s of blobs, %s of work folders\n", dry ? "would stay" : "left",
	       cache_size(p, r->bytes), cache_size(p, r->work_kept));
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
	cache_json_list(&j, "spared", &r->spared);
	json_object_end(&j);
	puts(out.buf);
}

static bool gc(const char *max_size, bool dry, bool json, struct err *e)
{
	struct gc_options o = { .dry_run = dry };
	struct gc_result r = { 0 };
	struct cache_place p = { 0 };
	bool ok = gc_read_limits(&o.limits, e);

	if (ok && max_size && !size_parse(max_size, &o.limits.blobs)) {
		ok = err_usage(e, "--max-size wants a size, not '%s'", max_size);
		err_hint(e, "for example --max-size 2G; 0 means no limit");
	}
	ok = ok && cache_place_open(&p, dry, e);
	o.work_root = p.work_root;
	ok = ok && gc_run(p.store, &o, &p.arena, &r, e);
	if (ok && !dry)
		worktrees_forget(p.work_root);
	if (ok) {
		cache_tell_note(&p);
		if (json)
			gc_json(&r, dry);
		else
			gc_text(&p, &r, dry);
	}
	vec_free(&r.spared);
	cache_place_close(&p);
	return ok;
}

static const char gc_help[] =
	"What was not used for longest goes until the store is within its limits: MPFLASH_CACHE_SIZE (5G) for\n"
	"firmware, MPFLASH_WORK_SIZE (5G) for work folders and worktrees. k, M, G, T are thousands; 0 is no limit.\n"
	"What is in use stays: boards that are being built, firmware that a known device runs. A make that added\n"
	"something does the same by itself.\n";

static bool gc_run_command(int argc, char **argv, struct err *e)
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
		options_print_help(&cache_gc_command, gc_help, table);
	else if (ok)
		ok = cache_no_words(&p, "gc", e) && gc(max_size, dry, json, e);
	parsed_free(&p);
	return ok;
}

const struct command cache_gc_command = {
	.name = "gc",
	.usage = "cache gc [--max-size N] [-n] [--json]",
	.summary = "remove what was not used for longest",
	.examples = "mpflash cache gc --dry-run --max-size 2G  # what would go\n",
	.run = gc_run_command,
};

/* --- verify --------------------------------------------------------------------------------------------------- */

static void verify_text(struct cache_place *p, const struct verify_result *r)
{
	for (size_t i = 0; i < r->notes.count; i++)
		log_note("note: %s", r->notes.items[i]);
	for (size_t i = 0; i < r->faults.count; i++)
		printf("%s\n", r->faults.items[i]);
	printf("looked at %" PRIu64 " blobs (%s), %" PRIu64 " actions, %" PRIu64 " manifests: ",
	       r->blobs, cache_size(p, r->bytes), r->actions, r->manifests);
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
	cache_json_list(&j, "faults", &r->faults);
	cache_json_list(&j, "notes", &r->notes);
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
	struct cache_place p = { 0 };
	bool ok = cache_place_open(&p, dry, e) && store_verify(p.store, !dry, &p.arena, &r, e);

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
	cache_place_close(&p);
	return ok;
}

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
			&cache_verify_command,
			"Reads every file of the store. What is damaged is removed with all that depends on it, and the exit\n"
			"status is 1; the next make builds what it needs.\n",
			table);
	else if (ok)
		ok = cache_no_words(&p, "verify", e) && verify(dry, json, e);
	parsed_free(&p);
	return ok;
}

const struct command cache_verify_command = {
	.name = "verify",
	.usage = "cache verify [-n] [--json]",
	.summary = "look at every byte; remove what is damaged",
	.examples = "mpflash cache verify\n",
	.run = verify_run,
};
