/* SPDX-License-Identifier: MIT
 *
 * `mpflash cache export` and `mpflash cache import`.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/size.h"
#include "cache/archive.h"
#include "cmd/cache.h"
#include "cmd/targets.h"
#include "graph/action.h"

/* --- export and import ---------------------------------------------------------------------------------------- */

static void archive_json(const struct archive_result *r, const char *file, bool import)
{
	AUTO_STRBUF out = STRBUF_INIT;
	struct json j = { .out = &out };

	json_object(&j, NULL);
	json_string(&j, "file", file);
	json_int(&j, "actions", (int64_t)r->actions);
	json_int(&j, "manifests", (int64_t)r->manifests);
	json_int(&j, "blobs", (int64_t)r->blobs);
	json_int(&j, "bytes", (int64_t)r->bytes);
	if (import) {
		json_int(&j, "new_actions", (int64_t)r->new_actions);
		json_int(&j, "new_blobs", (int64_t)r->new_blobs);
	}
	json_object_end(&j);
	puts(out.buf);
}

struct exporting {
	const char *file;
	bool json;
};

static bool export_keys(struct store *s, const struct store_keys *keys, const struct exporting *x,
			struct err *e)
{
	struct archive_result r;
	AUTO_STRBUF size = STRBUF_INIT;

	if (!keys->count) {
		err_set(e, "there is nothing to export: nothing was built with this store");
		return err_hint(e, "`mpflash make BOARD` builds; then export it");
	}
	if (!store_export(s, keys, x->file, &r, e))
		return false;
	size_text(r.bytes, &size);
	if (x->json)
		archive_json(&r, x->file, false);
	else
		printf("%s: %" PRIu64 " actions, %" PRIu64 " files, %s\n", x->file, r.actions,
		       r.blobs, size.buf);
	return true;
}

/* What the last run of each step behind the targets made. */
static bool export_graph(struct graph *g, void *ctx, struct err *e)
{
	struct store_keys keys = { 0 };
	bool ok = true;

	for (size_t i = 0; ok && i < g->steps.count; i++) {
		const struct step *step = g->steps.items[i];
		struct store_last last;
		bool found;

		if (!step->kind->parts) {
			ok = err_usage(e, "'%s' is no file that could be exported", step->id);
			err_hint(e, "name boards or formats: PYBV11, hex-PYBV11, stm32/all");
			break;
		}
		ok = action_last(step->recipe->s, step, &last, &found, e);
		if (ok && !found) {
			ok = err_set(e, "%s was not built in this tree", step->recipe->id);
			err_hint(e, "`mpflash make %s` builds it", step->recipe->id);
		}
		if (ok)
			vec_push(&keys, last.key);
	}
	ok = ok && export_keys(g->s->store, &keys, ctx, e);
	vec_free(&keys);
	return ok;
}

static bool export_all(const struct exporting *x, struct err *e)
{
	struct store_keys keys = { 0 };
	struct cache_place p = { 0 };
	bool ok = cache_place_open(&p, true, e) && store_last_keys(p.store, &keys, e) &&
		  export_keys(p.store, &keys, x, e);

	vec_free(&keys);
	cache_place_close(&p);
	return ok;
}

static const char export_help[] =
	"Writes what was built last for the targets (as `make` has them: boards, formats, all, PORT/all; none: all\n"
	"that the store knows of any tree) to one .tar.zst. After `mpflash cache import FILE` elsewhere, `make` finds\n"
	"it: nothing is compiled as long as sources and tools are the same.\n";

static bool export_run(int argc, char **argv, struct err *e)
{
	struct exporting x = { .file = "mpflash-cache.tar.zst" };
	struct make_options opt = { .dry_run = true };
	const struct option table[] = {
		{ "output", 'o', NULL, OPT_STRING, "FILE",
		  "the file to write (default: mpflash-cache.tar.zst)", &x.file },
		{ "directory", 'C', "mpy", OPT_STRING, "DIR",
		  "the MicroPython tree (default: MICROPY_DIR, or from here upwards)",
		  &opt.tree_dir },
		{ "board-dir", 0, NULL, OPT_LIST, "DIR",
		  "a board, or a folder of boards, outside the tree", &opt.board_dirs },
		{ "manifest", 0, NULL, OPT_STRING, "FILE", "as the boards were made with",
		  &opt.manifest },
		{ "rules", 0, NULL, OPT_LIST, "FILE", "read this rule file too", &opt.rules_files },
		{ "set", 0, NULL, OPT_LIST, "VAR=VALUE", "as the boards were made with",
		  &opt.sets },
		{ "user-c-modules", 0, NULL, OPT_LIST, "DIR", "as the boards were made with",
		  &opt.c_modules },
		{ "json", 0, NULL, OPT_FLAG, NULL, "one JSON object", &x.json },
		{ 0 },
	};
	struct parsed p;
	bool ok = options_parse(table, argc, argv, &p, e);

	opt.make_args = p.rest;
	if (ok && p.help)
		options_print_help(&cache_export_command, export_help, table);
	else if (ok && p.words.count)
		ok = targets_check_options(&opt, e) &&
		     targets_view(&opt, &p.words, export_graph, &x, e);
	else if (ok)
		ok = export_all(&x, e);
	parsed_free(&p);
	targets_free_options(&opt);
	return ok;
}

const struct command cache_export_command = {
	.name = "export",
	.usage = "cache export [options] [TARGET...]",
	.summary = "write boards into a file for another store",
	.examples = "mpflash cache export -o boards.tar.zst stm32/all\n"
		    "mpflash cache export  # all that the store knows\n",
	.words = WORDS_TARGETS,
	.run = export_run,
};

static bool import(const char *file, bool json, struct err *e)
{
	struct archive_result r;
	struct cache_place p = { 0 };
	bool ok = cache_place_open(&p, false, e);

	if (ok)
		cache_tell_note(&p);
	ok = ok && store_import(p.store, file, &r, e);
	if (ok && json)
		archive_json(&r, file, true);
	else if (ok)
		printf("%s: %" PRIu64 " actions, %" PRIu64 " files, %s; %" PRIu64
		       " actions and %" PRIu64 " files are new here\n",
		       file, r.actions, r.blobs, cache_size(&p, r.bytes), r.new_actions,
		       r.new_blobs);
	cache_place_close(&p);
	return ok;
}

static bool import_run(int argc, char **argv, struct err *e)
{
	bool json = false;
	const struct option table[] = {
		{ "json", 0, NULL, OPT_FLAG, NULL, "one JSON object", &json },
		{ 0 },
	};
	struct parsed p;
	bool ok = options_parse(table, argc, argv, &p, e);

	if (ok && p.help) {
		options_print_help(
			&cache_import_command,
			"Takes what `mpflash cache export` wrote. A file that is damaged or holds anything else is refused as a\n"
			"whole; what the store has already stays as it is.\n",
			table);
	} else if (ok && (p.words.count != 1 || p.rest.count)) {
		ok = err_usage(e, "cache import wants the name of one file");
		err_hint(e, "for example `mpflash cache import mpflash-cache.tar.zst`");
	} else if (ok) {
		ok = import(p.words.items[0], json, e);
	}
	parsed_free(&p);
	return ok;
}

const struct command cache_import_command = {
	.name = "import",
	.usage = "cache import [--json] FILE",
	.summary = "take what an export wrote",
	.examples = "mpflash cache import boards.tar.zst\n",
	.words = WORDS_FILES,
	.run = import_run,
};
