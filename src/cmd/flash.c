/* SPDX-License-Identifier: MIT
 *
 * `mpflash flash`: released firmware, or a build, onto the boards that are attached. The words of the Python mpflash; the work is
 * the graph's, as that of `mpflash make flash-BOARD`.
 */
#include "cmd/flash.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/suggest.h"
#include "board/bootloader.h"
#include "board/files.h"
#include "cmd/ask.h"
#include "cmd/cmd.h"
#include "cmd/fetch.h"
#include "cmd/flash_options.h"
#include "cmd/global.h"
#include "cmd/import.h"
#include "cmd/methods.h"
#include "cmd/options.h"
#include "cmd/targets.h"
#include "flash/runner.h"
#include "graph/results.h"
#include "os/clock.h"
#include "os/tty.h"

/* --- the run -------------------------------------------------------------------------------------------------- */

static void add_item(struct flash_work *w, struct graph *g, struct flash_item *item)
{
	struct flash_wish wish = { .text = item->board_id,
				   .device = item->device,
				   .image = item->image };

	if (item->failure.msg)
		return;
	if (!flash_board_facts(w, item, &item->failure) ||
	    !flash_board_recipe(w, item, &item->failure) || !item->recipe)
		return;
	wish.recipe = item->recipe;
	if (!graph_add_flash(g, &wish, &item->added, &item->failure))
		flash_explain(w, item, &item->failure);
}

/* The folder of a build is removed before it; one that is built for several boards once. */
static bool add_clean(struct flash_work *w, struct graph *g, struct err *e)
{
	for (size_t i = 0; i < w->items.count; i++) {
		const struct flash_item *item = &w->items.items[i];

		if (item->added.step &&
		    !graph_add_target(g, arena_printf(&w->s->arena, "clean-%s", item->recipe->id),
				      e))
			return false;
	}
	return true;
}

/* Before the others begin; where there are none, it is the run's error. */
static void tell_failures(const struct flash_work *w)
{
	size_t failed = 0;

	for (size_t i = 0; i < w->items.count; i++)
		failed += w->items.items[i].failure.msg != NULL;
	for (size_t i = 0; i < w->items.count && failed < w->items.count; i++)
		if (w->items.items[i].failure.msg)
			log_note("%s", w->items.items[i].failure.msg);
}

static bool add_items(struct flash_work *w, struct graph *g, struct err *e)
{
	for (size_t i = 0; i < w->items.count; i++)
		add_item(w, g, &w->items.items[i]);
	tell_failures(w);
	return !w->opt->clean || !w->opt->build || add_clean(w, g, e);
}

/* What was built is kept, also where a board did not get it. False: the run failed, or this did. */
static bool import(const struct flash_work *w, struct graph *g, bool ran, struct err *e)
{
	AUTO_ERR why = ERR_INIT;

	if (!w->opt->build || w->opt->make.dry_run || e->kind == ERR_INTERRUPTED ||
	    import_built(g, &why))
		return ran;
	if (ran)
		err_move(e, &why);
	else
		log_note("warning: %s", why.msg);
	return false;
}

static bool run_graph(struct flash_work *w, struct graph *g, struct err *e)
{
	int64_t start = clock_ms();
	struct results r = { 0 };
	AUTO_ERR untold = ERR_INIT;
	bool ok = add_items(w, g, e) && graph_order(g, e);

	if (ok) {
		flash_tell_plan(w);
		ok = import(w, g, graph_run(g, e), e);
		if (results_collect(g, &r, &untold))
			results_tell(g, &r);
		results_free(&r);
	}
	w->s->report->boards.skipped += flash_left_alone(w);
	if (g->steps.count || w->opt->make.json)
		report_summary(w->s->report, clock_ms() - start);
	return ok;
}

static void free_work(struct flash_work *w)
{
	for (size_t i = 0; i < w->items.count; i++)
		err_free(&w->items.items[i].failure);
	vec_free(&w->items);
}

static bool run_session(struct flash_work *w, struct err *e)
{
	struct graph g = { .s = w->s };
	bool ok = flash_work_find(w, e) && (w->opt->build || flash_firmware_find(w, e));

	if (ok && w->items.count) {
		ok = run_graph(w, &g, e);
		ok = flash_tell_end(w, ok, e);
	}
	graph_free(&g);
	return ok;
}

static bool run(struct flash_options *opt, struct flash_work *w, struct err *e)
{
	struct session s;
	struct library_place library = { 0 };
	AUTO_ERR close_error = ERR_INIT;
	bool ok;

	w->s = &s;
	w->library = &library;
	w->opt = opt;
	ok = session_open(&s, &opt->make, opt->build && !w->ref, e) &&
	     library_place_open(&library, opt->make.dry_run ? DATABASE_READ : DATABASE_WRITE, e) &&
	     run_session(w, e);
	free_work(w);
	library_place_close(&library);
	w->s = NULL;
	w->library = NULL;
	if (!session_close(&s, &close_error) && ok) {
		err_move(e, &close_error);
		ok = false;
	}
	return ok;
}

/* --- the words ------------------------------------------------------------------------------------------------ */

static bool combination(struct err *e, const char *what, const char *hint)
{
	err_usage(e, "Invalid flash option combination. %s", what);
	return err_hint(e, "%s", hint);
}

static bool check_combination(const struct flash_options *o, struct err *e)
{
	bool board = o->boards.count > 0;

	if (o->erase && o->format)
		return err_usage(e,
				 "--erase and --format cannot be used together; specify only one.");
	if (o->make.volumes.count && !board)
		return err_usage(e, "--volume requires --board so firmware can be selected");
	if (o->make.probe_id && !board)
		return combination(e,
				   "--probe wants --board: a probe does not say what is behind it.",
				   "--board ID names it");
	if (o->build && (o->custom || o->make.image))
		return combination(e,
				   "--build makes the firmware that --custom and --image choose.",
				   "leave one of the two out");
	if (o->versions.count && o->make.image)
		return combination(
			e, "--version chooses among the firmware that --image leaves alone.",
			"leave one of the two out");
	if (o->make.volumes.count && (o->make.serial.count || o->make.probe_id))
		return combination(e, "--volume and --serial or --probe name different devices.",
				   "leave one of the two out");
	if (o->variant && strcmp(o->variant, "?") == 0)
		return combination(e, "--variant cannot ask.",
				   "--board ? asks for board and variant at once");
	return true;
}

static bool one_of(const char *option, const char *value, const char *words, struct err *e)
{
	size_t len = strlen(value);

	for (const char *p = words; len && (p = strstr(p, value)); p += len)
		if ((p == words || p[-1] == ' ') && (!p[len] || p[len] == ' '))
			return true;
	err_usage(e, "%s wants one of: %s, not '%s'", option, words, value);
	return false;
}

static bool check_method(struct flash_options *o, struct err *e)
{
	if (!o->method || strcmp(o->method, "auto") == 0) {
		o->method = NULL;
		return true;
	}
	if (!method_check_name(o->method, o->make.tree_dir, &o->make.rules_files, &o->through_probe,
			       e))
		return false;
	/* The Python tool's word for what `esp` does; Espressif's own tool goes first where it is installed. */
	o->make.method = strcmp(o->method, "esptool") == 0 ? "esptool esp" : o->method;
	return true;
}

static bool check_bootloader(const struct flash_options *o, struct err *e)
{
	const char *way = o->make.bootloader;

	if (!way || strcmp(way, "auto") == 0 || strcmp(way, "none") == 0 ||
	    bootloader_method_by_name(way))
		return true;
	return one_of("--bootloader", way, "auto manual mpy touch1200 none", e);
}

/* Values that go before those of the rules. */
static void set(struct flash_options *o, struct arena *a, const char *name, const char *value)
{
	vec_push(&o->make.device_vars, arena_printf(a, "%s=%s", name, value));
}

static void set_variables(struct flash_options *o, struct arena *a)
{
	static const char *const tools[] = { "pyocd", "openocd", "probe-rs", "jlink" };

	if (o->mode)
		set(o, a, "esp.mode", o->mode);
	if (!o->retry)
		set(o, a, "esp.retry", "no");
	if (o->retry_baud)
		set(o, a, "esp.retry-baud", arena_printf(a, "%d", o->retry_baud));
	if (o->retry_mode)
		set(o, a, "esp.retry-mode", o->retry_mode);
	for (size_t i = 0; o->target && i < ARRAY_SIZE(tools); i++)
		if (o->method ? strcmp(o->method, tools[i]) == 0 : i == 0)
			set(o, a, arena_printf(a, "%s.target", tools[i]), o->target);
}

static bool ask_version(struct flash_options *o, struct arena *a, struct err *e)
{
	const struct choose_question q = { "which version?", "--version", false };
	const struct http_options net = { 0 };
	struct find_wish wish = { .boards = &o->boards,
				  .offline = o->make.offline || o->make.dry_run,
				  .net = &net };
	struct strv choices = { 0 };
	bool ok = true;

	if (!ask_is_wanted(&o->versions))
		return true;
	vec_push(&choices, "stable");
	vec_push(&choices, "preview");
	if (o->boards.count && !ask_is_wanted(&o->boards))
		ok = fetch_site(&wish, a, e) && find_versions(&wish, a, &choices, e);
	ok = ok && ask_words(&q, &choices, &o->versions, a, e);
	vec_free(&choices);
	return ok;
}

/* Of released firmware the version, of a build the ref: "1.26.0" is v1.26.0 there. */
static bool read_version(struct flash_options *o, struct flash_work *w, struct arena *a,
			 struct err *e)
{
	const char *word = o->versions.count ? o->versions.items[0] : NULL;
	struct version v;

	if (o->build && word)
		w->ref = *word >= '0' && *word <= '9' && version_parse(&v, word)
				 ? arena_printf(a, "v%s", word)
				 : word;
	return o->build || version_want_parse(&w->want, word ? word : "stable", e);
}

/* "-s *" is all of them, which is what is meant without it. */
static void drop_star(struct strv *serial)
{
	size_t kept = 0;

	for (size_t i = 0; i < serial->count; i++)
		if (strcmp(serial->items[i], "*") != 0)
			serial->items[kept++] = serial->items[i];
	if (kept != serial->count)
		serial->count = 0;
}

static bool check_counts(const struct flash_options *o, struct err *e)
{
	if (o->versions.count > 1) {
		err_usage(e, "Only one version can be flashed at a time, not %s and %s",
			  o->versions.items[0], o->versions.items[1]);
		return err_hint(e, "one command for each");
	}
	if (o->boards.count > 1)
		return combination(e, "--board is given more than once.",
				   "one command for each; without --board all that are attached");
	return true;
}

/* A folder that cannot be put is told before anything is flashed. */
static bool delay_files(struct flash_options *o, struct err *e)
{
	struct local_files files = { 0 };
	bool ok = local_files_read(&files, o->make.files_dir, e);

	local_files_free(&files);
	o->files_dir = o->make.files_dir;
	o->make.files_dir = NULL;
	return ok || e->hint ? ok : err_hint(e, "--files wants a folder");
}

static bool prepare(struct flash_options *o, struct flash_work *w, struct arena *a, struct err *e)
{
	static const char modes[] = "qio qout dio dout";

	drop_star(&o->make.serial);
	if (o->mode && strcmp(o->mode, "keep") == 0)
		o->mode = NULL;
	if (!check_counts(o, e) || !check_combination(o, e) || !check_method(o, e) ||
	    !check_bootloader(o, e) || (o->mode && !one_of("--flash_mode", o->mode, modes, e)) ||
	    (o->retry_mode && !one_of("--retry-flash-mode", o->retry_mode, modes, e)))
		return false;
	if (o->through_probe && !o->boards.count)
		return combination(
			e,
			"A method through a probe wants --board: a probe does not say what is behind it.",
			"--board ID names it");
	if (o->clean && !o->build)
		log_note("warning: --clean only applies when --build is enabled; ignoring --clean");
	if (o->erase && !o->make.dry_run)
		log_note("warning: --erase: all files on the boards are lost, too");
	if (o->make.volumes.count && !o->make.method)
		o->make.method = "uf2";
	if (o->format && o->make.files_dir && !delay_files(o, e))
		return false;
	set_variables(o, a);
	o->make.import = o->build;
	o->make.all_devices = o->make.keep_going = true;
	o->make.library_dir = global.dir;
	o->make.hands =
		o->make.bootloader && strcmp(o->make.bootloader, "manual") == 0 && choose_can_ask();
	return ask_version(o, a, e) && read_version(o, w, a, e) &&
	       targets_check_options(&o->make, e);
}

static const char flash_help[] =
	"Without --board: all boards that are attached and run MicroPython, each with its own firmware.\n"
	"What the library lacks is fetched. A file in another format than the method takes is converted.\n";

static void free_options(struct flash_options *o)
{
	vec_free(&o->versions);
	vec_free(&o->ports);
	vec_free(&o->boards);
	vec_free(&o->make.device_vars);
	targets_free_options(&o->make);
}

static bool flash_run(int argc, char **argv, struct err *e)
{
	struct flash_options o = { .retry = true, .make = { .probe = true, .packs = true } };
	struct flash_work w = { 0 };
	AUTO_ARENA arena = ARENA_INIT;
	const struct option table[] = {
		FLASH_OPTIONS(o),
		LIBRARY_DIR_OPTION('d'),
		INTERACTIVE_OPTION,
		{ 0 },
	};
	struct parsed p;
	bool ok = options_parse(table, argc, argv, &p, e);

	o.make.erase = o.erase;
	if (ok && p.help) {
		options_print_help(&flash_command, flash_help, table);
	} else if (ok && p.words.count) {
		err_usage(e, "flash takes no words, and got '%s'", p.words.items[0]);
		ok = err_hint(e, "--board %s, or --serial %s", p.words.items[0], p.words.items[0]);
	} else if (ok) {
		o.make.verbose = global.verbose > 0;
		o.make.explain = o.make.explain || log_shows(LOG_LEVEL_DEBUG);
		ok = prepare(&o, &w, &arena, e) && run(&o, &w, e);
	}
	parsed_free(&p);
	free_options(&o);
	return ok;
}

const struct command flash_command = {
	.name = "flash",
	.usage = "flash [options]",
	.summary = "flash boards with released firmware, or with a build",
	.examples =
		"mpflash flash                              # the newest release on all boards\n"
		"mpflash flash -v preview -b RPI_PICO2 --variant RISCV -s /dev/ttyACM0\n"
		"mpflash flash --build --board NUCLEO_H563ZI --method pyocd\n",
	.run = flash_run,
};
