/* SPDX-License-Identifier: MIT
 *
 * The rules of one run: files and what was read from them, the checks that need all of them, and
 * errors that show their place in a file.
 */
#include "graph/rules.h"

#include <string.h>

#include "base/suggest.h"
#include "graph/rules_internal.h"
#include "os/fs.h"

static const char *const builtin_rules[] = {
	"bin", "compile", "dfu",  "download", "elf", "flash",
	"hex", "merge",   "srec", "test",     "uf2", "verify",
};

static bool read_disk(void *ctx, const char *path, struct strbuf *out, struct err *e)
{
	(void)ctx;
	return fs_read(out, path, RULES_TEXT_MAX, e);
}

static const struct rules_reader disk_reader = { .read = read_disk };

struct rules *rules_create(void)
{
	struct rules *r = xcalloc(1, sizeof(*r));

	r->reader = &disk_reader;
	return r;
}

void rules_set_reader(struct rules *r, const struct rules_reader *reader)
{
	r->reader = reader ? reader : &disk_reader;
}

static void destroy_builds(struct rules *r)
{
	for (size_t i = 0; i < r->builds.count; i++) {
		struct rules_build *b = r->builds.items[i];

		vec_free(&b->outs);
		vec_free(&b->maybe_outs);
		vec_free(&b->ins);
		vec_free(&b->implicit_ins);
		vec_free(&b->bindings);
	}
	vec_free(&r->builds);
}

void rules_destroy(struct rules *r)
{
	if (!r)
		return;
	destroy_builds(r);
	for (size_t i = 0; i < r->rules.count; i++)
		vec_free(&r->rules.items[i]->bindings);
	vec_free(&r->rules);
	for (size_t i = 0; i < r->runners.count; i++)
		vec_free(&r->runners.items[i]->texts);
	vec_free(&r->runners);
	for (size_t i = 0; i < RULES_BUCKETS; i++)
		for (struct rules_variable *v = r->variables[i]; v; v = v->next)
			vec_free(&v->values);
	vec_free(&r->sources);
	vec_free(&r->ports);
	arena_free(&r->arena);
	free(r);
}

/* ---- files ---- */

static bool parse_text(struct rules *r, const char *name, const char *id, const char *text,
		       size_t len, const struct rules_context *ctx, struct err *e)
{
	struct rules_source *src = ARENA_NEW(&r->arena, struct rules_source);

	src->name = arena_strdup(&r->arena, name);
	src->id = arena_strdup(&r->arena, id);
	src->text = arena_strndup(&r->arena, text, len);
	src->len = len;
	vec_push(&r->sources, src);
	return rules_parse_source(r, src, ctx, e);
}

/* Beside the including file, unless absolute. */
static char *included_path(const struct rules_context *ctx, const char *path)
{
	AUTO_STRBUF sb = STRBUF_INIT;
	const char *slash = strrchr(ctx->source->name, '/');

	if (slash && path[0] != '/')
		strbuf_add(&sb, ctx->source->name, (size_t)(slash + 1 - ctx->source->name));
	strbuf_adds(&sb, path);
	return strbuf_detach(&sb);
}

/* What tells one file from another: the path with its links resolved, where there are any. */
static char *file_id(const struct rules *r, const char *path)
{
	char *real = r->reader == &disk_reader ? fs_realpath(path) : NULL;

	return real ? real : xstrdup(path);
}

static bool check_include(struct rules *r, const char *path, const char *id,
			  const struct rules_context *ctx, struct err *e)
{
	for (const struct rules_context *c = ctx; c; c = c->outer) {
		if (strcmp(c->source->id, id))
			continue;
		rules_err_at(r, ctx->pos, e, "'%s' includes itself", path);
		return err_hint(e, "remove this include");
	}
	if (ctx->depth > RULES_DEPTH_MAX) {
		rules_err_at(r, ctx->pos, e, "files include each other more than %d deep",
			     RULES_DEPTH_MAX);
		return err_hint(e, "include the files from the first one instead");
	}
	if (r->sources.count >= RULES_FILES_MAX) {
		rules_err_at(r, ctx->pos, e, "more than %d files are included", RULES_FILES_MAX);
		return err_hint(e, "look for files that are included again and again");
	}
	return true;
}

bool rules_include(struct rules *r, const char *path, const struct rules_context *ctx,
		   struct err *e)
{
	AUTO_STRBUF text = STRBUF_INIT;
	AUTO_FREE char *full = included_path(ctx, path);
	AUTO_FREE char *id = file_id(r, full);
	AUTO_ERR cause = ERR_INIT;

	if (!check_include(r, full, id, ctx, e))
		return false;
	if (!r->reader->read(r->reader->ctx, full, &text, &cause)) {
		rules_err_at(r, ctx->pos, e, "cannot include: %s", cause.msg);
		return err_hint(e, "the path is taken from the folder of the file that includes");
	}
	return parse_text(r, full, id, text.buf, text.len, ctx, e);
}

bool rules_load(struct rules *r, const char *path, struct err *e)
{
	AUTO_STRBUF text = STRBUF_INIT;
	AUTO_FREE char *id = file_id(r, path);

	return r->reader->read(r->reader->ctx, path, &text, e) &&
	       parse_text(r, path, id, text.buf, text.len, NULL, e);
}

bool rules_parse(struct rules *r, const char *name, const char *text, size_t len, struct err *e)
{
	if (len > RULES_TEXT_MAX)
		return err_set(e, "%s: over %d bytes", name, RULES_TEXT_MAX);
	return parse_text(r, name, name, text, len, NULL, e);
}

/* ---- scopes ---- */

static bool member_equal(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

bool rules_scope_equal(const struct rules_scope *a, const struct rules_scope *b)
{
	return member_equal(a->port, b->port) && member_equal(a->mcu, b->mcu) &&
	       member_equal(a->board, b->board) && member_equal(a->variant, b->variant);
}

static bool member_matches(const char *block, const char *board)
{
	return !block || member_equal(block, board);
}

bool rules_scope_matches(const struct rules_scope *block, const struct rules_scope *board)
{
	return member_matches(block->port, board->port) && member_matches(block->mcu, board->mcu) &&
	       member_matches(block->board, board->board) &&
	       member_matches(block->variant, board->variant);
}

static bool member_overlaps(const char *a, const char *b)
{
	return !a || !b || !strcmp(a, b);
}

bool rules_scope_overlaps(const struct rules_scope *a, const struct rules_scope *b)
{
	return member_overlaps(a->port, b->port) && member_overlaps(a->mcu, b->mcu) &&
	       member_overlaps(a->board, b->board) && member_overlaps(a->variant, b->variant);
}

int rules_scope_rank(const struct rules_scope *s)
{
	return (s->variant ? 8 : 0) + (s->board ? 4 : 0) + (s->mcu ? 2 : 0) + (s->port ? 1 : 0);
}

/* ---- what is there ---- */

void rules_add_port(struct rules *r, const char *port)
{
	size_t at = 0;

	while (at < r->ports.count && strcmp(r->ports.items[at], port) < 0)
		at++;
	if (at < r->ports.count && !strcmp(r->ports.items[at], port))
		return;
	vec_push(&r->ports, port);
	memmove(r->ports.items + at + 1, r->ports.items + at,
		(r->ports.count - at - 1) * sizeof(*r->ports.items));
	r->ports.items[at] = port;
}

bool rules_has_port(const struct rules *r, const char *port)
{
	for (size_t i = 0; i < r->ports.count; i++)
		if (!strcmp(r->ports.items[i], port))
			return true;
	return false;
}

struct strv rules_files(const struct rules *r)
{
	struct strv files = { 0 };

	for (size_t i = 0; i < r->sources.count; i++)
		vec_push(&files, r->sources.items[i]->name);
	return files;
}

struct strv rules_ports(const struct rules *r)
{
	struct strv copy = { 0 };

	for (size_t i = 0; i < r->ports.count; i++)
		vec_push(&copy, r->ports.items[i]);
	return copy;
}

size_t rules_build_count(const struct rules *r)
{
	return r->builds.count;
}

const struct rules_build *rules_build_at(const struct rules *r, size_t i)
{
	if (i >= r->builds.count)
		BUG("rules: build %zu of %zu", i, r->builds.count);
	return r->builds.items[i];
}

size_t rules_runner_count(const struct rules *r)
{
	return r->runners.count;
}

const struct rules_runner *rules_runner_at(const struct rules *r, size_t i)
{
	if (i >= r->runners.count)
		BUG("rules: runner %zu of %zu", i, r->runners.count);
	return r->runners.items[i];
}

const struct rules_rule *rules_find_rule(const struct rules *r, const struct rules_scope *board,
					 const char *name)
{
	const struct rules_rule *best = NULL;

	for (size_t i = 0; i < r->rules.count; i++) {
		const struct rules_rule *rule = r->rules.items[i];

		if (strcmp(rule->name, name) || !rules_scope_matches(&rule->scope, board))
			continue;
		if (!best || rules_scope_rank(&rule->scope) >= rules_scope_rank(&best->scope))
			best = rule;
	}
	return best;
}

bool rules_is_builtin(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(builtin_rules); i++)
		if (!strcmp(builtin_rules[i], name))
			return true;
	return false;
}

/* ---- checks ---- */

static bool unknown_rule(const struct rules *r, const struct rules_build *b, struct err *e)
{
	struct strv names = { 0 };

	rules_err_at(r, b->rule_pos, e, "unknown rule '%s'", b->rule);
	for (size_t i = 0; i < ARRAY_SIZE(builtin_rules); i++)
		vec_push(&names, builtin_rules[i]);
	for (size_t i = 0; i < r->rules.count; i++)
		if (rules_scope_overlaps(&r->rules.items[i]->scope, &b->scope))
			vec_push(&names, r->rules.items[i]->name);
	if (!suggest_hint(e, b->rule, names.items, names.count))
		err_hint(e,
			 "define it with 'rule %s', or use a built-in one: compile, elf, bin, "
			 "hex, srec, dfu, uf2, download, flash, verify, test",
			 b->rule);
	vec_free(&names);
	return false;
}

static bool check_build(const struct rules *r, const struct rules_build *b, struct err *e)
{
	const struct rules_rule *elsewhere = NULL;

	if (rules_is_builtin(b->rule))
		return true;
	for (size_t i = 0; i < r->rules.count; i++) {
		const struct rules_rule *rule = r->rules.items[i];

		if (strcmp(rule->name, b->rule))
			continue;
		if (rules_scope_overlaps(&rule->scope, &b->scope))
			return true;
		elsewhere = rule;
	}
	if (!elsewhere)
		return unknown_rule(r, b, e);
	rules_err_at(r, b->rule_pos, e, "rule '%s' does not apply here", b->rule);
	return err_hint(e, "%s:%d defines it for other boards only", elsewhere->pos.file,
			elsewhere->pos.line);
}

bool rules_check(const struct rules *r, struct err *e)
{
	for (size_t i = 0; i < r->builds.count; i++)
		if (!check_build(r, r->builds.items[i], e))
			return false;
	return true;
}
