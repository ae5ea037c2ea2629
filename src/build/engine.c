/* SPDX-License-Identifier: MIT
 *
 * The clients' words and what their answers mean. An answer is judged by its text: both clients end with the same status for
 * an image that is not there and for an engine that is not.
 */
#include "build/engine.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/map.h"
#include "base/strbuf.h"
#include "base/xalloc.h"
#include "os/process.h"

enum { ASK_MS = 30000, ID_DIGITS = 64, REMOVE_TRIES = 3 };

#define IMAGE_MARK "mpflash-image "
static const char image_format[] = IMAGE_MARK "{{.Id}} {{json .RootFS.Layers}}";

enum engine_state { ENGINE_UNKNOWN, ENGINE_RUNS, ENGINE_FAILED };

struct engine {
	const char *name;
	char *program; /* NULL: not on the PATH */
	enum engine_state state;
	struct err failure; /* of ENGINE_FAILED */
	struct map images;  /* name -> struct engine_image */
	struct arena arena;
	bool asked_rootless, rootless;
};

/* The preferred one first: images are where mpbuild and the projects' own scripts pulled them. */
static const char *const names[] = { "docker", "podman" };

struct engines {
	struct engine items[ARRAY_SIZE(names)];
};

struct engines *engines_create(void)
{
	struct engines *es = xcalloc(1, sizeof(*es));

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		es->items[i].name = names[i];
		es->items[i].program = process_find_program(names[i], getenv("PATH"));
	}
	return es;
}

void engines_destroy(struct engines *es)
{
	if (!es)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct engine *g = &es->items[i];

		free(g->program);
		err_free(&g->failure);
		map_free(&g->images);
		arena_free(&g->arena);
	}
	free(es);
}

const char *engine_name(const struct engine *g)
{
	return g->name;
}

const char *engine_program(const struct engine *g)
{
	return g->program;
}

/* --- what clients say ------------------------------------------------------------------------------------------- */

/* Whether one of the signs (in small letters) is in it, however it is written. */
static bool says(const char *said, const char *const *signs, size_t count)
{
	char *low = xstrdup(said);
	bool found = false;

	for (char *p = low; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	for (size_t i = 0; i < count; i++)
		if (strstr(low, signs[i]))
			found = true;
	free(low);
	return found;
}

/* The last line with something in it, without the client's "Error: ". */
static void last_line(const char *said, struct strbuf *out)
{
	static const char prefix[] = "Error: ";
	const char *line = said, *p;
	size_t len = 0;

	for (p = said; *p; p += strcspn(p, "\n"), p += *p == '\n') {
		size_t n = strcspn(p, "\r\n");

		if (n && p[strspn(p, " \t")] != '\n') {
			line = p;
			len = n;
		}
	}
	if (strncmp(line, prefix, sizeof(prefix) - 1) == 0) {
		line += sizeof(prefix) - 1;
		len -= sizeof(prefix) - 1;
	}
	strbuf_add(out, line, len);
	if (!len)
		strbuf_adds(out, "it said nothing");
}

static bool is_podman(const struct engine *g)
{
	return strcmp(g->name, "podman") == 0;
}

bool engine_explain(const struct engine *g, const char *said, struct err *e)
{
	static const char *const denied[] = { "permission denied while trying to connect",
					      "docker.sock: connect: permission denied" };
	static const char *const down[] = { "cannot connect to the docker daemon",
					    "failed to connect to the docker api",
					    "is the docker daemon running",
					    "error during connect" };
	static const char *const machine[] = { "cannot connect to podman",
					       "unable to connect to podman" };
	static const char *const ids[] = { "subuid",
					   "subgid",
					   "newuidmap",
					   "not enough available ids",
					   "insufficient uids or gids",
					   "could not find enough available ids" };
	AUTO_STRBUF line = STRBUF_INIT;

	last_line(said, &line);
	if (says(said, denied, ARRAY_SIZE(denied))) {
		err_set(e, "no permission to talk to %s's engine: %s", g->name, line.buf);
		return err_hint(e, "sudo usermod -aG docker $USER, then log in again");
	}
	if (says(said, down, ARRAY_SIZE(down))) {
		err_set(e, "%s is installed, but its engine does not run: %s", g->name, line.buf);
		return err_hint(e, "sudo systemctl start docker");
	}
	if (says(said, machine, ARRAY_SIZE(machine))) {
		err_set(e, "podman is installed, but its machine does not run: %s", line.buf);
		return err_hint(e, "podman machine start");
	}
	if (is_podman(g) && says(said, ids, ARRAY_SIZE(ids))) {
		err_set(e, "podman has no user ids to give to containers: %s", line.buf);
		return err_hint(e, "sudo usermod --add-subuids 100000-165535 --add-subgids "
				   "100000-165535 $USER && podman system migrate");
	}
	err_set(e, "%s: %s", g->name, line.buf);
	return err_hint(e, "`%s info` shows whether it works at all", g->name);
}

bool engine_explain_pull(struct engine *g, const char *image, const char *said, struct err *e)
{
	static const char *const offline[] = { "no such host",
					       "name resolution",
					       "network is unreachable",
					       "connection refused",
					       "i/o timeout",
					       "tls handshake timeout",
					       "no route to host",
					       "context deadline exceeded" };
	static const char *const unknown[] = {
		"manifest unknown",  "not found",
		"access denied",     "access to the resource is denied",
		"unauthorized",      "name unknown",
		"invalid reference", "must be lowercase"
	};
	AUTO_STRBUF line = STRBUF_INIT;

	last_line(said, &line);
	if (says(said, offline, ARRAY_SIZE(offline))) {
		err_set(e,
			"the image %s is not on this machine, and the network does not give it: %s",
			image, line.buf);
		return err_hint(e, "with a network: %s pull %s", g->name,
				is_podman(g) ? engine_whole_name(image, &g->arena) : image);
	}
	if (says(said, unknown, ARRAY_SIZE(unknown))) {
		err_set(e, "there is no image %s: %s", image, line.buf);
		return err_hint(e, "name another one: --container IMAGE");
	}
	return engine_explain(g, said, e) || err_wrap(e, "the image %s cannot be pulled", image);
}

/* --- questions -------------------------------------------------------------------------------------------------- */

/* What the client says, on both outputs; *good: it ended well. */
static bool ask(const struct engine *g, const char *const *words, struct strbuf *said, bool *good,
		struct err *e)
{
	struct strv argv = { 0 };
	struct process_exit x;
	bool ok;

	vec_push(&argv, g->program);
	while (*words)
		vec_push(&argv, *words++);
	vec_push(&argv, NULL);
	ok = process_run(&(struct process_spec){ .argv = argv.items }, ASK_MS, said, &x, e);
	*good = ok && x.code == 0;
	vec_free(&argv);
	return ok;
}

const char *engine_whole_name(const char *image, struct arena *a)
{
	size_t first = strcspn(image, "/");

	if (!image[first])
		return arena_printf(a, "docker.io/library/%s", image);
	if (memchr(image, '.', first) || memchr(image, ':', first) ||
	    (first == 9 && memcmp(image, "localhost", 9) == 0))
		return image;
	return arena_printf(a, "docker.io/%s", image);
}

bool engine_parse_image(const char *said, struct arena *a, struct engine_image *out)
{
	const char *line = strstr(said, IMAGE_MARK), *id;
	size_t len, digits = 0;

	*out = (struct engine_image){ 0 };
	if (!line || (line > said && line[-1] != '\n'))
		return false;
	id = line + strlen(IMAGE_MARK);
	if (strncmp(id, "sha256:", 7) == 0)
		id += 7;
	while (isxdigit((unsigned char)id[digits]))
		digits++;
	len = strcspn(id, "\r\n");
	if (digits != ID_DIGITS || id[digits] != ' ' || id[digits + 1] != '[')
		return false;
	out->here = true;
	out->id = arena_strndup(a, id, digits);
	out->identity = digest_of(id, len);
	return true;
}

static bool inspect(struct engine *g, const char *name, struct engine_image *out, struct err *e)
{
	const char *const words[] = { "image", "inspect", "--format", image_format, name, NULL };
	static const char *const absent[] = { "no such image", "image not known", "no such object",
					      "unable to find",
					      /* nor can there be one */
					      "invalid reference", "must be lowercase" };
	AUTO_STRBUF said = STRBUF_INIT;
	bool good;

	*out = (struct engine_image){ 0 };
	if (!ask(g, words, &said, &good, e))
		return false;
	if (good && engine_parse_image(said.buf, &g->arena, out))
		return true;
	return says(said.buf, absent, ARRAY_SIZE(absent)) || engine_explain(g, said.buf, e);
}

bool engine_image(struct engine *g, const char *name, struct engine_image *out, struct err *e)
{
	const struct engine_image *known = map_get(&g->images, name);
	struct engine_image *kept;
	const char *whole;

	if (known) {
		*out = *known;
		return true;
	}
	if (!inspect(g, name, out, e))
		return false;
	whole = engine_whole_name(name, &g->arena);
	if (!out->here && is_podman(g) && strcmp(whole, name) != 0 && !inspect(g, whole, out, e))
		return false;
	kept = ARENA_NEW(&g->arena, struct engine_image);
	*kept = *out;
	map_put(&g->images, arena_strdup(&g->arena, name), kept);
	return true;
}

void engine_forget(struct engine *g, const char *name)
{
	if (map_get(&g->images, name))
		map_put(&g->images, arena_strdup(&g->arena, name), NULL);
}

/* podman under docker's name (the package podman-docker) does not know docker's fields: it is asked in its own. */
bool engine_is_rootless(struct engine *g, bool *rootless, struct err *e)
{
	static const char *const formats[] = { "{{json .SecurityOptions}}",
					       "rootless={{.Host.Security.Rootless}}" };
	AUTO_STRBUF said = STRBUF_INIT;
	bool good = false;

	for (size_t i = is_podman(g); !g->asked_rootless && i < ARRAY_SIZE(formats); i++) {
		const char *const words[] = { "info", "--format", formats[i], NULL };

		strbuf_reset(&said);
		if (!ask(g, words, &said, &good, e))
			return false;
		g->asked_rootless = good;
		g->rootless = good && (strstr(said.buf, "name=rootless") ||
				       strstr(said.buf, "rootless=true"));
	}
	*rootless = g->rootless;
	return g->asked_rootless || engine_explain(g, said.buf, e);
}

void engine_pull_argv(const struct engine *g, const char *image, struct arena *a, struct strv *out)
{
	vec_push(out, arena_strdup(a, g->program));
	vec_push(out, "pull");
	vec_push(out, is_podman(g) ? engine_whole_name(image, a) : image);
	vec_push(out, NULL);
}

bool engine_remove(struct engine *g, const char *container, struct err *e)
{
	const char *const words[] = { "rm", "-f", container, NULL };
	/* Otherwise it asks politely first, for ten seconds. podman 3 does not know -t; docker never asks. */
	const char *const at_once[] = { "rm", "-f", "-t", "0", container, NULL };
	static const char *const gone[] = { "no such container", "no container with" };
	AUTO_STRBUF said = STRBUF_INIT;
	bool good = false;

	/* podman whose monitor was killed fails the first time, and then knows. */
	for (int i = 0; i < REMOVE_TRIES && !good; i++) {
		bool last = i == REMOVE_TRIES - 1;

		strbuf_reset(&said);
		if (!ask(g, is_podman(g) && !last ? at_once : words, &said, &good, e))
			return false;
		good = good || says(said.buf, gone, ARRAY_SIZE(gone));
	}
	return good || engine_explain(g, said.buf, e);
}

/* --- which one -------------------------------------------------------------------------------------------------- */

/* Whether the engine answers when asked for that image; what it said otherwise is kept. */
static bool answers(struct engine *g, const char *image)
{
	struct engine_image found;

	if (g->state == ENGINE_UNKNOWN)
		g->state =
			engine_image(g, image, &found, &g->failure) ? ENGINE_RUNS : ENGINE_FAILED;
	return g->state == ENGINE_RUNS;
}

static bool not_installed(const char *wanted, struct err *e)
{
	if (wanted) {
		err_set(e, "%s is not on the PATH", wanted);
		return err_hint(e, "sudo apt-get install %s",
				strcmp(wanted, "docker") == 0 ? "docker.io" : wanted);
	}
	err_set(e, "no container engine is installed: neither docker nor podman is on the PATH");
	return err_hint(e, "sudo apt-get install podman");
}

bool engines_installed(const struct engines *es)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (es->items[i].program)
			return true;
	return false;
}

bool engines_find(struct engines *es, const char *wanted, const char *image, struct engine **out,
		  struct err *e)
{
	const struct err *failure = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct engine *g = &es->items[i];

		if (!g->program || (wanted && strcmp(wanted, g->name) != 0))
			continue;
		if (answers(g, image)) {
			*out = g;
			return true;
		}
		if (!failure)
			failure = &g->failure;
	}
	if (!failure)
		return not_installed(wanted, e);
	err_set(e, "%s", failure->msg);
	return failure->hint ? err_hint(e, "%s", failure->hint) : false;
}
