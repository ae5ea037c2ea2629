/* SPDX-License-Identifier: MIT
 *
 * The rule files that we ship: every port complete, every board of MicroPython without contradictions.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/path.h"
#include "board/catalogue.h"
#include "config.h"
#include "graph/rules.h"
#include "image/chip.h"
#include "image/uf2_family.h"
#include "os/fs.h"
#include "os/process.h"

#define DATA_DIR MPFLASH_SOURCE_RULES_DIR "/../../shared/data"

static const char *const covered[] = {
	"alif",      "cc3200", "esp32",     "esp8266",     "mboot-stm32", "mimxrt",
	"mpy-cross", "nrf",    "psoc-edge", "qemu",        "renesas-ra",  "rp2",
	"samd",      "stm32",  "unix",      "webassembly", "windows",
};
static const char *const not_covered[] = {
	"bare-arm", "embed", "minimal", "pic16bit", "powerpc", "zephyr",
};

struct fixture {
	struct rules *rules;
	struct arena arena;
	struct err err;
};

static void must(bool ok, struct err *e)
{
	if (!ok)
		fail_msg("%s", e->msg);
}

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	struct fs_list list = { 0 };
	const char *dir = MPFLASH_SOURCE_RULES_DIR;

	f->rules = rules_create();
	must(fs_list(&list, dir, &f->err), &f->err);
	for (size_t i = 0; i < list.count; i++)
		if (strcmp(path_ext(list.names[i]), "rules") == 0)
			must(rules_load(f->rules, path_join(&f->arena, dir, list.names[i]),
					&f->err),
			     &f->err);
	fs_list_free(&list);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	rules_destroy(f->rules);
	arena_free(&f->arena);
	err_free(&f->err);
	free(f);
	return 0;
}

/* A board as the program sees it, with stand-ins for what it gives to the rules. */
struct seen {
	struct rules_env env;
	struct rules_binding given[4];
};

static void see(struct fixture *f, struct seen *s, const struct rules_scope *board)
{
	*s = (struct seen){ .env = { .rules = f->rules, .board = *board } };
	s->given[0] = rules_literal(&f->arena, "build", "/BUILD");
	s->given[1] = rules_literal(&f->arena, "board_arg", "BOARD=B");
	s->given[2] = rules_literal(&f->arena, "variant_arg", "VARIANT=V");
	s->given[3] = rules_literal(&f->arena, "board_dir_arg", "BOARD_DIR=/B");
	s->env.extra = s->given;
	s->env.extra_count = 4;
}

/* A variable's text; NULL when nobody sets it. */
static const char *get(struct fixture *f, const struct rules_scope *board, const char *name)
{
	struct seen s;
	const char *text;

	see(f, &s, board);
	must(rules_get(&s.env, name, &f->arena, &text, &f->err), &f->err);
	return text;
}

static const char *get_port(struct fixture *f, const char *port, const char *name)
{
	return get(f, &(struct rules_scope){ .port = port }, name);
}

static bool has_word(const struct strv *words, const char *word)
{
	for (size_t i = 0; i < words->count; i++)
		if (strcmp(words->items[i], word) == 0)
			return true;
	return false;
}

/* What a board's statements make and read; `made` has every output once, or the test fails. */
struct made {
	struct strv made, maybe, read;
	size_t compiles;
	bool uf2; /* a conversion to UF2 */
};

static void made_free(struct made *m)
{
	vec_free(&m->made);
	vec_free(&m->maybe);
	vec_free(&m->read);
}

static void add_words(struct fixture *f, const struct rules_env *env, struct strv *to,
		      const struct rules_value *v, const struct made *unique)
{
	struct strv words = { 0 };

	must(rules_expand_words(env, v, &f->arena, &words, &f->err), &f->err);
	for (size_t i = 0; i < words.count; i++) {
		/* One sure and one optional maker is fine: the sure one stands in when make leaves none. */
		if (unique && has_word(to, words.items[i]))
			fail_msg("%s/%s: two statements make %s", env->board.port,
				 env->board.board ? env->board.board : "", words.items[i]);
		vec_push(to, words.items[i]);
	}
	vec_free(&words);
}

static void make_all(struct fixture *f, const struct rules_scope *board, struct made *m)
{
	struct seen s;

	see(f, &s, board);
	*m = (struct made){ 0 };
	for (size_t i = 0; i < rules_build_count(f->rules); i++) {
		const struct rules_build *b = rules_build_at(f->rules, i);

		if (!rules_scope_matches(&b->scope, board))
			continue;
		for (size_t k = 0; k < b->outs.count; k++)
			add_words(f, &s.env, &m->made, b->outs.items[k], m);
		for (size_t k = 0; k < b->maybe_outs.count; k++)
			add_words(f, &s.env, &m->maybe, b->maybe_outs.items[k], m);
		for (size_t k = 0; k < b->ins.count; k++)
			add_words(f, &s.env, &m->read, b->ins.items[k], NULL);
		m->compiles += strcmp(b->rule, "compile") == 0;
		m->uf2 |= strcmp(b->rule, "uf2") == 0;
	}
}

static void fail_board(const struct rules_scope *b, const char *what)
{
	fail_msg("%s/%s%s%s: %s", b->port, b->board ? b->board : "", b->variant ? "-" : "",
		 b->variant ? b->variant : "", what);
}

static void check_flash(struct fixture *f, const struct rules_scope *board)
{
	static const char methods[] =
		" bossac dfu esp esptool gdb jlink openocd picoboot probe-rs pyocd qemu stlink teensy uf2 ";
	struct strv words = { 0 };
	const char *base = get(f, board, "flash.base");
	bool is_bin = strcmp(path_ext(get(f, board, "reference")), "bin") == 0;
	struct seen s;
	char *end;

	see(f, &s, board);
	must(rules_get_words(&s.env, "flash", &f->arena, &words, &f->err), &f->err);
	for (size_t i = 0; i < words.count; i++)
		if (!strstr(methods, arena_printf(&f->arena, " %s ", words.items[i])))
			fail_board(board, words.items[i]);
	if (base && (strtoul(base, &end, 16), *end))
		fail_board(board, "flash.base is no number");
	if (words.count && is_bin && !base)
		fail_board(board, "a .bin to flash, but no flash.base");
	vec_free(&words);
}

/* ADDRESS+SIZE: its first address lies in the chip's flash, and the firmware does not start inside of it. */
static void check_range(const struct rules_scope *board, const struct chip *chip, const char *text,
			const char *base)
{
	unsigned long start, size, at = base ? strtoul(base, NULL, 16) : 0;
	char *end;

	start = strtoul(text, &end, 16);
	if (*end != '+')
		fail_board(board, text);
	size = strtoul(end + 1, &end, 16);
	if (*end || !size)
		fail_board(board, text);
	if (!chip || !chip_range_has(chip->flash, CHIP_FLASH, (uint32_t)start) ||
	    !chip_range_has(chip->flash, CHIP_FLASH, (uint32_t)(start + size - 1)))
		fail_board(board, "a range outside of the chip's flash");
	if (base && at >= start && at < start + size)
		fail_board(board, "the firmware starts in what it must not write");
}

/* What the checks before flashing go by: chip, protect, fs. */
static void check_memory(struct fixture *f, const struct rules_scope *board)
{
	static const char *const variables[] = { "fs", "protect" };
	const char *name = get(f, board, "chip"), *base = get(f, board, "flash.base");
	const struct chip *chip = board->mcu ? chip_by_mcu(board->port, board->mcu) : NULL;
	struct seen s;

	if (name && !chip_by_name(name))
		fail_board(board, "unknown chip");
	if (name)
		chip = chip_by_name(name);
	if (board->mcu && !chip)
		fail_board(board, "an mcu that is no chip");
	see(f, &s, board);
	for (size_t i = 0; i < 2; i++) {
		struct strv words = { 0 };

		must(rules_get_words(&s.env, variables[i], &f->arena, &words, &f->err), &f->err);
		for (size_t k = 0; k < words.count; k++) {
			const char *equals = strchr(words.items[k], '=');

			if (!equals != (i == 0))
				fail_board(board, words.items[k]);
			check_range(board, chip, equals ? equals + 1 : words.items[k], base);
		}
		vec_free(&words);
	}
}

/* Outputs, reference and UF2 family fit each other. */
static void check_statements(struct fixture *f, const struct rules_scope *board)
{
	const char *reference = get(f, board, "reference"), *family = get(f, board, "uf2.family");
	struct made m;
	uint32_t id;

	make_all(f, board, &m);
	if (m.compiles != 1)
		fail_board(board, "needs one compile statement");
	if (!reference || !has_word(&m.made, reference))
		fail_board(board, "reference is not what a statement surely makes");
	for (size_t i = 0; i < m.read.count; i++)
		/* firmware.hex, not ports/nrf/drivers/...: a file of the tree */
		if (!strchr(m.read.items[i], '/') && !has_word(&m.made, m.read.items[i]))
			fail_board(board, "a statement reads what none surely makes");
	if (family && !uf2_family_by_name(family, &id))
		fail_board(board, "unknown uf2.family");
	if (m.uf2 && !family && strcmp(board->port, "qemu") != 0)
		fail_board(board, "UF2 without a family");
	made_free(&m);
}

static void the_files_know_these_ports(void **state)
{
	struct fixture *f = *state;
	struct strv ports = rules_ports(f->rules);

	must(rules_check(f->rules, &f->err), &f->err);
	for (size_t i = 0; i < ARRAY_SIZE(covered); i++) {
		assert_true(has_word(&ports, covered[i]));
		assert_null(get_port(f, covered[i], "unsupported"));
	}
	for (size_t i = 0; i < ARRAY_SIZE(not_covered); i++) {
		assert_true(has_word(&ports, not_covered[i]));
		assert_non_null(get_port(f, not_covered[i], "unsupported"));
	}
	assert_int_equal(ports.count, ARRAY_SIZE(covered) + ARRAY_SIZE(not_covered));
	vec_free(&ports);
}

static void every_port_says_what_a_build_needs(void **state)
{
	static const char *const names[] = { "make",      "args",      "inputs",
					     "toolchain", "reference", "mpy-cross" };
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(covered); i++) {
		for (size_t k = 0; k < ARRAY_SIZE(names); k++) {
			const char *text = get_port(f, covered[i], names[k]);

			if (!text || !*text)
				fail_msg("port %s has no '%s'", covered[i], names[k]);
		}
		assert_non_null(strstr(get_port(f, covered[i], "args"), "BUILD=/BUILD"));
		check_statements(f, &(struct rules_scope){ .port = covered[i] });
	}
}

/* A message about a missing program names its package, but for these, which Debian does not have. */
static void every_tool_has_a_package_or_none_exists(void **state)
{
	static const char none[] = " xtensa-lx106-elf-gcc idf.py edgeprotecttools bash ";
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(covered); i++) {
		struct strv tools = { 0 };
		struct seen s;

		see(f, &s, &(struct rules_scope){ .port = covered[i] });
		must(rules_get_words(&s.env, "toolchain", &f->arena, &tools, &f->err), &f->err);
		for (size_t k = 0; k < tools.count; k++) {
			const char *t = tools.items[k];
			const char *var = arena_printf(&f->arena, "package.%s", t);

			if (!get_port(f, covered[i], var) &&
			    !strstr(none, arena_printf(&f->arena, " %s ", t)))
				fail_msg("port %s: no package for %s", covered[i], t);
		}
		vec_free(&tools);
	}
}

static void only_unix_like_ports_say_variant(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(get_port(f, "stm32", "variant.make"), "BOARD_VARIANT");
	assert_string_equal(get_port(f, "unix", "variant.make"), "VARIANT");
	assert_string_equal(get_port(f, "unix", "args"), "VARIANT=V BUILD=/BUILD");
	assert_string_equal(get_port(f, "stm32", "args"),
			    "BOARD=B VARIANT=V BOARD_DIR=/B BUILD=/BUILD");
	assert_string_equal(get_port(f, "mpy-cross", "mpy-cross"), "no");
}

static void split_stm32_images_are_optional_outputs(void **state)
{
	struct fixture *f = *state;
	struct made m;

	make_all(f, &(struct rules_scope){ "stm32", "stm32f4", "PYBV11", NULL }, &m);
	assert_true(has_word(&m.made, "firmware.dfu"));
	assert_true(has_word(&m.made, "firmware.uf2"));
	assert_false(has_word(&m.made, "firmware.bin"));
	assert_true(has_word(&m.maybe, "firmware.bin"));
	assert_true(has_word(&m.maybe, "firmware1.bin"));
	made_free(&m);
}

static void chips_without_a_uf2_family_get_no_uf2(void **state)
{
	struct fixture *f = *state;
	struct made m;

	make_all(f, &(struct rules_scope){ "stm32", "stm32u5", "NUCLEO_U5A5ZJ_Q", NULL }, &m);
	assert_false(has_word(&m.made, "firmware.uf2"));
	made_free(&m);
}

static void narrower_blocks_win(void **state)
{
	struct fixture *f = *state;
	const struct rules_scope riscv = { "rp2", "rp2350", "RPI_PICO2", "RISCV" };
	const struct rules_scope arm = { "rp2", "rp2350", "RPI_PICO2", NULL };
	const struct rules_scope giga = { "stm32", "stm32h7", "ARDUINO_GIGA", NULL };
	const struct rules_scope c5 = { "esp32", "esp32c5", "ESP32_GENERIC_C5", NULL };

	assert_string_equal(get_port(f, "rp2", "uf2.family"), "rp2040");
	assert_string_equal(get(f, &arm, "uf2.family"), "rp2350-arm-s");
	assert_string_equal(get(f, &arm, "container"),
			    "micropython/build-micropython-arm:bookworm");
	assert_string_equal(get(f, &riscv, "uf2.family"), "rp2350-riscv");
	assert_string_equal(get(f, &riscv, "container"),
			    "micropython/build-micropython-rp2350riscv");
	assert_string_equal(get_port(f, "stm32", "dfu.pid"), "0xdf11");
	assert_string_equal(get(f, &giga, "dfu.pid"), "0x0366");
	assert_string_equal(get(f, &giga, "flash.base"), "0x08040000");
	assert_string_equal(get(f, &c5, "flash.base"), "0x2000");
}

static void qemu_boards_say_how_they_run(void **state)
{
	static const struct {
		const char *board, *machine, *args, *flash;
	} boards[] = {
		{ "MPS2_AN385", "mps2-an385", NULL, "qemu" },
		{ "NETDUINO2", "netduino2", NULL, "qemu" },
		{ "MICROBIT", "microbit",
		  "-global nrf51-soc.flash-size=1048576 -global nrf51-soc.sram-size=262144",
		  "qemu" },
		{ "SABRELITE", NULL, NULL, NULL },
		{ "VIRT_RV64", NULL, NULL, NULL },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(boards); i++) {
		const struct rules_scope b = { .port = "qemu", .board = boards[i].board };
		const char *pairs[][2] = { { get(f, &b, "qemu.machine"), boards[i].machine },
					   { get(f, &b, "qemu.args"), boards[i].args },
					   { get(f, &b, "flash"), boards[i].flash } };

		for (size_t k = 0; k < ARRAY_SIZE(pairs); k++) {
			if (!pairs[k][1])
				assert_null(pairs[k][0]);
			else
				assert_string_equal(pairs[k][0], pairs[k][1]);
		}
		check_statements(f, &b);
		check_flash(f, &b);
	}
}

/* Its .bin fills 268 MB between two memories. */
static void sabrelite_makes_the_elf_only(void **state)
{
	struct fixture *f = *state;
	const struct rules_scope b = { .port = "qemu", .board = "SABRELITE" };
	struct made m;

	assert_non_null(strstr(get(f, &b, "args"), "BUILD=/BUILD /BUILD/firmware.elf"));
	make_all(f, &b, &m);
	assert_false(has_word(&m.made, "firmware.bin"));
	made_free(&m);
}

/*
 * How each port of MicroPython is built and flashed, row by row the more specific: the container images are mpbuild's (it has
 * none of its own for cc3200 and qemu, which the arm image builds), but for two. psoc-edge: mpbuild's image lacks
 * edgeprotecttools, without which its make fails; webassembly: the SDK's own image, since mpbuild fetches the SDK at each
 * build. ESP-IDF's version is what the tree's own files say, so that row says how the name begins.
 */
static const struct wanted {
	const char *port, *board, *variant;
	const char *container, *compiler, *flash; /* flash NULL: none */
} wanted[] = {
#define ARM_IMAGE "micropython/build-micropython-arm"
#define ARM_GCC "arm-none-eabi-gcc"
#define PROBES "pyocd openocd probe-rs jlink gdb"
	{ "alif", NULL, NULL, ARM_IMAGE, ARM_GCC, NULL },
	{ "cc3200", NULL, NULL, ARM_IMAGE, ARM_GCC, NULL },
	{ "esp32", NULL, NULL, "espressif/idf:v*", "idf.py", "esp esptool" },
	{ "esp32", "ARDUINO_NANO_ESP32", NULL, "espressif/idf:v*", "idf.py", "dfu esp esptool" },
	{ "esp8266", NULL, NULL, "larsks/esp-open-sdk", "xtensa-lx106-elf-gcc", "esp esptool" },
	{ "mimxrt", NULL, NULL, ARM_IMAGE, ARM_GCC, "uf2 " PROBES },
	{ "mimxrt", "MIMXRT1050_EVK", NULL, ARM_IMAGE, ARM_GCC, PROBES },
	{ "mimxrt", "MIMXRT1170_EVK", NULL, ARM_IMAGE, ARM_GCC, PROBES },
	{ "mimxrt", "PHYBOARD_RT1170", NULL, ARM_IMAGE, ARM_GCC, PROBES },
	{ "mimxrt", "TEENSY40", NULL, ARM_IMAGE, ARM_GCC, "teensy" },
	{ "mimxrt", "TEENSY41", NULL, ARM_IMAGE, ARM_GCC, "teensy" },
	{ "nrf", NULL, NULL, ARM_IMAGE, ARM_GCC, "pyocd openocd probe-rs gdb" },
	{ "nrf", "SEEED_XIAO_NRF52", NULL, ARM_IMAGE, ARM_GCC, "uf2 pyocd openocd probe-rs gdb" },
	{ "psoc-edge", NULL, NULL, NULL, ARM_GCC, "openocd" },
	{ "qemu", NULL, NULL, ARM_IMAGE, ARM_GCC, NULL },
	{ "renesas-ra", NULL, NULL, ARM_IMAGE, ARM_GCC, PROBES },
	{ "renesas-ra", "ARDUINO_PORTENTA_C33", NULL, ARM_IMAGE, ARM_GCC, "dfu " PROBES },
	{ "rp2", NULL, NULL, ARM_IMAGE ":bookworm", ARM_GCC,
	  "picoboot uf2 openocd pyocd probe-rs jlink gdb" },
	{ "rp2", NULL, "RISCV", "micropython/build-micropython-rp2350riscv", "cmake",
	  "picoboot uf2 openocd pyocd probe-rs jlink gdb" },
	{ "samd", NULL, NULL, ARM_IMAGE, ARM_GCC, "uf2 openocd pyocd probe-rs jlink gdb" },
	{ "stm32", NULL, NULL, ARM_IMAGE, ARM_GCC, "dfu " PROBES },
	{ "stm32", "PYBD_SF2", NULL, ARM_IMAGE, ARM_GCC, "dfu" },
	{ "stm32", "PYBD_SF3", NULL, ARM_IMAGE, ARM_GCC, "dfu" },
	{ "unix", NULL, NULL, "gcc:12-bookworm", "gcc", NULL },
	{ "webassembly", NULL, NULL, "emscripten/emsdk", "emcc", NULL },
	{ "windows", NULL, NULL, "micropython/build-micropython-win-mingw", "i686-w64-mingw32-gcc",
	  NULL },
};

static bool same(const char *a, const char *b)
{
	return !a || (b && strcmp(a, b) == 0);
}

static const struct wanted *wanted_of(const struct rules_scope *b)
{
	const struct wanted *found = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		if (strcmp(wanted[i].port, b->port) == 0 && same(wanted[i].board, b->board) &&
		    same(wanted[i].variant, b->variant))
			found = &wanted[i];
	if (!found)
		fail_msg("port %s is not in the table", b->port);
	return found;
}

static void check_text(const struct rules_scope *b, const char *what, const char *got,
		       const char *want)
{
	size_t len = want ? strlen(want) : 0;
	bool begins = len && want[len - 1] == '*';

	got = got && *got ? got : NULL;
	if (!got != !want || (want && (begins ? strncmp(got, want, len - 1) : strcmp(got, want))))
		fail_msg("%s/%s-%s: %s is '%s', wanted '%s'", b->port, b->board ? b->board : "",
			 b->variant ? b->variant : "", what, got ? got : "nothing",
			 want ? want : "nothing");
}

static void check_wanted(struct fixture *f, const struct rules_scope *b)
{
	const struct wanted *w = wanted_of(b);
	struct strv tools = { 0 };
	struct seen s;

	see(f, &s, b);
	must(rules_get_words(&s.env, "toolchain", &f->arena, &tools, &f->err), &f->err);
	check_text(b, "container", get(f, b, "container"), w->container);
	check_text(b, "flash", get(f, b, "flash"), w->flash);
	if (!has_word(&tools, w->compiler))
		fail_msg("%s/%s: its toolchain lacks %s", b->port, b->board ? b->board : "",
			 w->compiler);
	vec_free(&tools);
}

static void ports_without_board_files_are_built_as_listed(void **state)
{
	static const char *const ports[] = { "qemu", "unix", "webassembly", "windows" };

	for (size_t i = 0; i < ARRAY_SIZE(ports); i++)
		check_wanted(*state, &(struct rules_scope){ .port = ports[i] });
}

static void every_board_of_micropython_is_consistent_and_as_listed(void **state)
{
	static const char archive[] = DATA_DIR "/micropython-boards.tar.gz";
	char name[] = "/tmp/mpflash-rules-XXXXXX";
	const char *argv[] = { "tar", "-xzf", archive, "-C", name, NULL };
	struct process_spec spec = { .argv = argv };
	struct process_exit x;
	struct fixture *f = *state;
	struct board_choices all = { 0 };
	struct catalogue *c;

	if (!fs_exists(archive)) {
		print_message("skipped: %s is not there\n", archive);
		skip();
	}
	assert_non_null(mkdtemp(name));
	must(process_run(&spec, 60000, NULL, &x, &f->err), &f->err);
	c = catalogue_open(name, NULL, &f->err);
	if (!c)
		fail_msg("%s", f->err.msg);
	must(catalogue_all(c, NULL, &all, &f->err), &f->err);
	assert_int_equal(all.count, 275);
	for (size_t i = 0; i < all.count; i++) {
		const struct board *b = all.items[i].board;
		const struct rules_scope scope = { b->port, b->mcu, b->id, all.items[i].variant };

		check_statements(f, &scope);
		check_flash(f, &scope);
		check_wanted(f, &scope);
		check_memory(f, &scope);
	}
	vec_free(&all);
	catalogue_close(c);
	must(fs_remove_tree(name, &f->err), &f->err);
}

/* The text between the ``` lines after <!-- example -->. */
static char *doc_example(struct fixture *f)
{
	AUTO_STRBUF text = STRBUF_INIT;
	char *start, *end;

	must(fs_read(&text, MPFLASH_SOURCE_RULES_DIR "/../docs/ADD-A-PORT.md", 1 << 20, &f->err),
	     &f->err);
	start = strstr(text.buf, "<!-- example -->\n```\n");
	assert_non_null(start);
	start = strstr(start, "```\n") + 4;
	end = strstr(start, "```");
	assert_non_null(end);
	return arena_strndup(&f->arena, start, (size_t)(end - start));
}

static const char *made_by(struct fixture *f, struct rules *rules, const struct rules_scope *board)
{
	struct rules *shipped = f->rules;
	struct made m;
	const char *text = "";

	f->rules = rules;
	check_statements(f, board);
	check_flash(f, board);
	make_all(f, board, &m);
	for (size_t i = 0; i < m.made.count; i++)
		text = arena_printf(&f->arena, "%s%s ", text, m.made.items[i]);
	text = arena_printf(&f->arena, "%s| %s %s %s", text, get(f, board, "reference"),
			    get(f, board, "uf2.family"), get(f, board, "flash.base"));
	made_free(&m);
	f->rules = shipped;
	return text;
}

/* docs/ADD-A-PORT.md says the same of samd as the file that we ship, and stands alone. */
static void the_example_of_the_manual_works(void **state)
{
	struct fixture *f = *state;
	const struct rules_scope board = { "samd", "samd51", "MINISAM_M4", NULL };
	const char *text = doc_example(f);
	struct rules *example = rules_create();

	must(rules_parse(example, "ADD-A-PORT.md", text, strlen(text), &f->err), &f->err);
	must(rules_check(example, &f->err), &f->err);
	assert_string_equal(made_by(f, example, &board), made_by(f, f->rules, &board));
	rules_destroy(example);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_files_know_these_ports),
		TEST(every_port_says_what_a_build_needs),
		TEST(every_tool_has_a_package_or_none_exists),
		TEST(only_unix_like_ports_say_variant),
		TEST(split_stm32_images_are_optional_outputs),
		TEST(chips_without_a_uf2_family_get_no_uf2),
		TEST(narrower_blocks_win),
		TEST(qemu_boards_say_how_they_run),
		TEST(sabrelite_makes_the_elf_only),
		TEST(every_board_of_micropython_is_consistent_and_as_listed),
		TEST(ports_without_board_files_are_built_as_listed),
		TEST(the_example_of_the_manual_works),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
