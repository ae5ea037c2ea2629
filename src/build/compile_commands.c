/* SPDX-License-Identifier: MIT
 *
 * Compilers' command lines, kept by the object that each one makes.
 */
#include "build/compile_commands.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/map.h"
#include "base/path.h"
#include "os/fs.h"
#include "os/trace.h"

static bool is_source(const char *word)
{
	static const char *const exts[] = { "c", "cc", "cpp", "cxx", "C", "s", "S" };
	const char *ext = path_ext(word);

	for (size_t i = 0; word[0] != '-' && i < ARRAY_SIZE(exts); i++)
		if (strcmp(ext, exts[i]) == 0)
			return true;
	return false;
}

/* Options whose value is a word of its own, which could look like a source. */
static bool takes_word(const char *word)
{
	static const char *const options[] = { "-o",         "-include", "-imacros",    "-isystem",
					       "-I",         "-D",       "-U",          "-MF",
					       "-MT",        "-MQ",      "-x",          "-iquote",
					       "-idirafter", "-iprefix", "-Xassembler", "-T" };

	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		if (strcmp(word, options[i]) == 0)
			return true;
	return false;
}

/* False: it is not one source into one object. (CMake asks a compiler who it is without naming one.) */
static bool understand(struct compile_command *cmd)
{
	for (size_t i = 1; i < cmd->words.count; i++) {
		const char *word = cmd->words.items[i];

		if (takes_word(word) && i + 1 < cmd->words.count) {
			if (strcmp(word, "-o") == 0)
				cmd->output = cmd->words.items[i + 1];
			i++;
		} else if (strncmp(word, "-o", 2) == 0 && word[2]) {
			cmd->output = word + 2;
		} else if (is_source(word)) {
			if (cmd->file)
				return false;
			cmd->file = word;
		}
	}
	return cmd->file && cmd->output;
}

static void add(struct compile_commands *c, const char *text)
{
	struct compile_command cmd = { 0 };
	char *at = arena_strdup(&c->arena, text);

	cmd.folder = at;
	while ((at = strchr(at, TRACE_SEPARATOR)) != NULL) {
		*at++ = '\0';
		vec_push(&cmd.words, at);
	}
	if (understand(&cmd))
		vec_push(&c->items, cmd);
	else
		vec_free(&cmd.words);
}

void compile_commands_add(struct compile_commands *c, const struct strv *commands)
{
	for (size_t i = 0; i < commands->count; i++)
		add(c, commands->items[i]);
}

/* --- one for each object -------------------------------------------------------------------------------------- */

static const char *key_of(const struct compile_command *cmd, struct arena *a)
{
	return arena_printf(a, "%s\n%s", cmd->folder, cmd->output);
}

static bool is_there(const struct compile_command *cmd, struct arena *a)
{
	return fs_is_dir(cmd->folder) && fs_exists(path_join(a, cmd->folder, cmd->file));
}

static int by_file(const void *a, const void *b)
{
	const struct compile_command *x = a, *y = b;
	int order = strcmp(x->file, y->file);

	if (!order)
		order = strcmp(x->output, y->output);
	return order ? order : strcmp(x->folder, y->folder);
}

void compile_commands_settle(struct compile_commands *c)
{
	AUTO_ARENA a = ARENA_INIT;
	struct map last = { 0 };
	size_t kept = 0;

	for (size_t i = 0; i < c->items.count; i++)
		map_put(&last, key_of(&c->items.items[i], &a), &c->items.items[i]);
	for (size_t i = 0; i < c->items.count; i++) {
		struct compile_command *cmd = &c->items.items[i];

		if (map_get(&last, key_of(cmd, &a)) == cmd && is_there(cmd, &a))
			c->items.items[kept++] = *cmd;
		else
			vec_free(&cmd->words);
	}
	c->items.count = kept;
	map_free(&last);
	if (kept)
		qsort(c->items.items, kept, sizeof(*c->items.items), by_file);
}

void compile_commands_free(struct compile_commands *c)
{
	for (size_t i = 0; i < c->items.count; i++)
		vec_free(&c->items.items[i].words);
	vec_free(&c->items);
	arena_free(&c->arena);
	*c = (struct compile_commands){ 0 };
}

/* --- as text -------------------------------------------------------------------------------------------------- */

/* Words may have line ends in them. */
enum { END_OF_COMMAND = '\x1e' };

void compile_commands_save(const struct compile_commands *c, struct strbuf *out)
{
	for (size_t i = 0; i < c->items.count; i++) {
		const struct compile_command *cmd = &c->items.items[i];

		strbuf_adds(out, cmd->folder);
		for (size_t k = 0; k < cmd->words.count; k++)
			strbuf_addf(out, "%c%s", TRACE_SEPARATOR, cmd->words.items[k]);
		strbuf_addch(out, END_OF_COMMAND);
	}
}

void compile_commands_load(struct compile_commands *c, const char *text)
{
	AUTO_ARENA a = ARENA_INIT;

	while (*text) {
		const char *end = strchr(text, END_OF_COMMAND);

		if (!end)
			break;
		add(c, arena_strndup(&a, text, (size_t)(end - text)));
		text = end + 1;
	}
}

void compile_commands_json(const struct compile_commands *c, struct strbuf *out)
{
	struct json j = { .out = out };

	json_array(&j, NULL);
	for (size_t i = 0; i < c->items.count; i++) {
		const struct compile_command *cmd = &c->items.items[i];

		strbuf_adds(out, i ? ",\n" : "\n");
		j.need_comma = false;
		json_object(&j, NULL);
		json_string(&j, "directory", cmd->folder);
		json_string(&j, "file", cmd->file);
		json_string(&j, "output", cmd->output);
		json_array(&j, "arguments");
		for (size_t k = 0; k < cmd->words.count; k++)
			json_string(&j, NULL, cmd->words.items[k]);
		json_array_end(&j);
		json_object_end(&j);
	}
	strbuf_adds(out, c->items.count ? "\n" : "");
	json_array_end(&j);
	strbuf_addch(out, '\n');
}
