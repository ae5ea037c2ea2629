/* SPDX-License-Identifier: MIT
 *
 * Boards that QEMU plays, with the real QEMU and Debian's real MicroPython for the micro:bit.
 */
#define _XOPEN_SOURCE 700
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "base/xalloc.h"
#include "board/repl.h"
#include "flash/method.h"
#include "flash/qemu.h"
#include "flash/qemu_internal.h"
#include "os/clock.h"
#include "os/daemon.h"
#include "os/fs.h"
#include "os/tty.h"

#define FIRMWARE "/usr/share/firmware-microbit-micropython/firmware.hex"

enum { GONE_MS = 5000 };

struct variable {
	const char *name, *value;
};

static const struct variable microbit[] = {
	{ "qemu.machine", "microbit" },
	{ "qemu.args", "-global nrf51-soc.flash-size=1048576 -global nrf51-soc.sram-size=262144" },
	{ "qemu.skip", "0x10001000+0x100" },
	{ "flash.base", "0x00000000" },
	{ "flash.size", "0x00100000" },
	{ NULL, NULL },
};

static const struct variable mps2[] = {
	{ "qemu.machine", "mps2-an385" },
	{ "flash.base", "0" },
	{ "flash.size", "0x400000" },
	{ NULL, NULL },
};

/* A board of its own for each test; `extra` is looked in before the variables. */
struct board {
	char dir[64];
	char *run_dir;
	const struct variable *variables;
	struct variable extra;
	struct flash_target target;
	struct image_file firmware;
	struct err e;
	struct flash_result result;
};

static const char *get_variable(void *ctx, const char *name)
{
	const struct board *b = ctx;

	if (b->extra.name && strcmp(b->extra.name, name) == 0)
		return b->extra.value;
	for (const struct variable *v = b->variables; v->name; v++)
		if (strcmp(v->name, name) == 0)
			return v->value;
	return NULL;
}

static void set_run_dir(struct board *b, const char *name)
{
	struct strbuf path = STRBUF_INIT;

	strbuf_addf(&path, "%s/%s", b->dir, name);
	free(b->run_dir);
	b->run_dir = strbuf_detach(&path);
	b->target.run_dir = b->run_dir;
}

static int make_board(void **state)
{
	struct board *b = xcalloc(1, sizeof(*b));

	strcpy(b->dir, "/tmp/qemu_test.XXXXXX");
	assert_non_null(mkdtemp(b->dir));
	b->variables = microbit;
	b->target = (struct flash_target){
		.port = "qemu", .board_id = "MICROBIT", .get = get_variable, .ctx = b
	};
	set_run_dir(b, "qemu-qemu-MICROBIT");
	if (!image_file_open(&b->firmware, FIRMWARE, &(struct image_options){ 0 }, &b->e))
		fail_msg("%s", b->e.msg);
	*state = b;
	return 0;
}

/* Whatever a test left running ends here. */
static int drop_board(void **state)
{
	struct board *b = *state;
	bool was_running;

	err_free(&b->e);
	if (!qemu_method.halt(&b->target, &was_running, &b->e))
		print_error("%s\n", b->e.msg);
	err_free(&b->e);
	fs_remove_tree(b->dir, &b->e);
	err_free(&b->e);
	flash_result_free(&b->result);
	image_file_close(&b->firmware);
	free(b->run_dir);
	free(b);
	return 0;
}

static void assert_done(struct board *b, bool ok)
{
	if (!ok)
		fail_msg("%s (hint: %s)", b->e.msg, b->e.hint ? b->e.hint : "");
}

/* `ok` is a failure whose message has `text` in it. */
static void assert_error(struct board *b, bool ok, const char *text)
{
	assert_false(ok);
	assert_non_null(b->e.msg);
	if (!strstr(b->e.msg, text))
		fail_msg("'%s' is not in '%s'", text, b->e.msg);
}

static void flash(struct board *b)
{
	flash_result_free(&b->result);
	assert_done(b, qemu_method.flash(&b->target, &b->firmware.image, &b->result, &b->e));
}

static bool identify(struct board *b)
{
	bool present = false;

	flash_result_free(&b->result);
	assert_done(b, qemu_method.identify(&b->target, &present, &b->result, &b->e));
	return present;
}

static bool halt(struct board *b)
{
	bool was_running = false;

	assert_done(b, qemu_method.halt(&b->target, &was_running, &b->e));
	return was_running;
}

static void run_file(const struct board *b, const char *name, struct strbuf *path)
{
	strbuf_reset(path);
	strbuf_addf(path, "%s/%s", b->run_dir, name);
}

static bool has_file(const struct board *b, const char *name)
{
	AUTO_STRBUF path = STRBUF_INIT;

	run_file(b, name, &path);
	return fs_exists(path.buf);
}

static bool is_alive(const struct board *b, long pid)
{
	AUTO_STRBUF path = STRBUF_INIT;

	run_file(b, "qemu.pid", &path);
	return daemon_is_ours(pid, path.buf);
}

/* Types at the board's prompt, as a person with a terminal program does, and waits for an answer. */
static void type_at(const char *pty, const char *text, const char *answer)
{
	AUTO_STREAM tty = STREAM_INIT;
	AUTO_STRBUF seen = STRBUF_INIT;
	AUTO_ERR e = ERR_INIT;
	int64_t deadline = stream_deadline(10000);

	assert_true(tty_open(&tty, pty, 0, &e));
	assert_true(stream_write(&tty, text, strlen(text), deadline, &e));
	while (!strstr(seen.buf, answer)) {
		char byte;

		if (stream_read(&tty, &byte, 1, deadline, &e) != 1)
			fail_msg("'%s' instead of '%s'", seen.buf, answer);
		strbuf_addch(&seen, byte);
	}
}

/* --- the life of a board --- */

static void test_a_flashed_board_is_verified_and_says_who_it_is(void **state)
{
	struct board *b = *state;

	flash(b);
	assert_string_equal(b->result.device, "qemu:qemu/MICROBIT");
	assert_memory_equal(b->result.address, "/dev/", 5);
	assert_true(b->result.pid > 1);
	assert_true(b->result.verified);
	assert_int_equal(b->result.bytes + b->result.bytes_skipped, image_size(&b->firmware.image));
	assert_int_equal(b->result.bytes_skipped, 28); /* the nRF51's UICR */
	assert_false(b->result.interrupted);
	assert_true(b->result.has_identity);
	assert_string_equal(b->result.identity.family, "micropython");
	assert_string_equal(b->result.identity.version, "1.9.2");
	assert_string_equal(b->result.identity.stamp, "v1.9.2-34-gd64154c73");
	assert_int_equal(b->result.identity.build, 34);
	assert_string_equal(b->result.identity.machine, "micro:bit with nRF51822");
	assert_string_equal(b->result.identity.cpu, "nRF51822");
	assert_string_equal(b->result.identity.sys_platform, "microbit");
	assert_null(b->result.identity.board_id);
}

static void test_a_running_board_is_asked_again_and_again(void **state)
{
	struct board *b = *state;

	flash(b);
	for (int i = 0; i < 5; i++) {
		assert_true(identify(b));
		assert_string_equal(b->result.identity.version, "1.9.2");
		assert_false(b->result.interrupted);
	}
}

/* What makes a question cost milliseconds instead of up to a second: QEMU holds its own pty open. */
static void test_a_silent_board_keeps_its_pty_open(void **state)
{
	struct board *b = *state;
	AUTO_STRBUF link = STRBUF_INIT, path = STRBUF_INIT;
	bool held = false;

	flash(b);
	for (int fd = 0; fd < 64 && !held; fd++) {
		strbuf_reset(&link);
		strbuf_reset(&path);
		strbuf_addf(&path, "/proc/%ld/fd/%d", b->result.pid, fd);
		held = fs_read_link(path.buf, &link, &b->e) &&
		       strcmp(link.buf, b->result.address) == 0;
	}
	assert_true(held);
}

static void test_flashing_again_replaces_the_machine(void **state)
{
	struct board *b = *state;
	long first;

	flash(b);
	first = b->result.pid;
	flash(b);
	assert_true(b->result.pid != first);
	assert_false(is_alive(b, first));
	assert_true(is_alive(b, b->result.pid));
}

static void test_a_halted_board_is_gone(void **state)
{
	struct board *b = *state;
	long pid;

	flash(b);
	pid = b->result.pid;
	assert_true(halt(b));
	assert_false(is_alive(b, pid));
	assert_false(has_file(b, "qmp.sock"));
	assert_false(has_file(b, "qemu.pid"));
	assert_false(halt(b));
	assert_false(identify(b));
}

static void test_a_board_that_never_ran_is_not_there(void **state)
{
	struct board *b = *state;

	assert_false(identify(b));
	assert_false(halt(b));
	assert_error(b, qemu_method.verify(&b->target, &b->firmware.image, &b->result, &b->e),
		     "qemu/MICROBIT does not run");
	assert_non_null(strstr(b->e.hint, "flash-MICROBIT"));
}

static void test_a_killed_machine_is_noticed_and_replaced(void **state)
{
	struct board *b = *state;
	int64_t end = clock_ms() + GONE_MS;

	flash(b);
	assert_int_equal(kill((pid_t)b->result.pid, SIGKILL), 0);
	while (is_alive(b, b->result.pid) && clock_ms() < end)
		clock_sleep_ms(5);
	assert_true(has_file(b, "qmp.sock")); /* the dead machine's */
	assert_false(identify(b));
	flash(b);
	assert_true(identify(b));
}

/* A pid file is no proof: here it names this test, and a process that has not our file among its arguments. */
static void test_a_stale_pid_file_kills_nobody(void **state)
{
	struct board *b = *state;
	AUTO_STRBUF path = STRBUF_INIT, text = STRBUF_INIT;

	assert_true(fs_mkdirs(b->run_dir, &b->e));
	run_file(b, "qemu.pid", &path);
	strbuf_addf(&text, "%ld\n", (long)getpid());
	assert_true(fs_write_atomic(path.buf, text.buf, text.len, 0600, &b->e));
	assert_false(halt(b));
	assert_false(has_file(b, "qemu.pid"));
}

static void test_a_machine_that_hangs_is_ended_by_its_proven_pid(void **state)
{
	struct board *b = *state;
	AUTO_STRBUF path = STRBUF_INIT;
	long pid;

	flash(b);
	pid = b->result.pid;
	run_file(b, "qmp.sock", &path);
	assert_int_equal(unlink(path.buf), 0);
	assert_true(halt(b));
	assert_false(is_alive(b, pid));
}

static void test_an_unfinished_start_is_no_board_and_is_replaced(void **state)
{
	struct board *b = *state;
	struct qemu_config c = QEMU_CONFIG_INIT;
	struct image load = IMAGE_INIT;
	struct qmp q = QMP_INIT;
	struct qemu_machine m;
	uint64_t skipped;
	char *pty = NULL;

	assert_true(fs_mkdirs(b->run_dir, &b->e));
	assert_done(b, qemu_config_read(&c, &b->target, &b->e));
	assert_done(b, qemu_image_check(&c, &b->firmware.image, &load, &skipped, &b->e));
	assert_done(b, qemu_start(&c, &b->target, &load, &q, &pty, &b->e));
	qmp_close(&q);
	free(pty);
	image_free(&load);
	qemu_config_free(&c);
	assert_done(b, qemu_look(b->run_dir, &m, &b->e));
	assert_int_equal(m.state, QEMU_HALTED);
	assert_false(identify(b));
	flash(b);
	assert_false(is_alive(b, m.pid));
	qemu_machine_free(&m);
}

static void test_reset_boots_the_same_machine_again(void **state)
{
	struct board *b = *state;
	long pid;

	flash(b);
	pid = b->result.pid;
	type_at(b->result.address, "kept = 42\r\nkept\r\n", "\r\n42\r\n");
	flash_result_free(&b->result);
	assert_done(b, qemu_method.reset(&b->target, &b->result, &b->e));
	assert_int_equal(b->result.pid, pid);
	assert_string_equal(b->result.identity.version, "1.9.2");
	type_at(b->result.address, "kept\r\n", "NameError");
}

static void test_a_running_program_is_started_again_after_the_question(void **state)
{
	struct board *b = *state;

	flash(b);
	type_at(b->result.address, "print(6 * 7); exec('while 1: pass')\r\n", "\r\n42\r\n");
	assert_true(identify(b));
	assert_true(b->result.interrupted);
	assert_string_equal(b->result.identity.version, "1.9.2");
	assert_true(identify(b));
	assert_false(b->result.interrupted);
}

static void test_a_board_at_its_prompt_keeps_what_was_typed(void **state)
{
	struct board *b = *state;

	flash(b);
	type_at(b->result.address, "kept = 42\r\nkept\r\n", "\r\n42\r\n");
	assert_true(identify(b));
	assert_false(b->result.interrupted);
	type_at(b->result.address, "kept\r\n", "\r\n42\r\n");
}

static void test_two_who_ask_at_once_both_get_an_answer(void **state)
{
	struct board *b = *state;
	int status = 0;
	pid_t child;

	flash(b);
	child = fork();
	assert_true(child >= 0);
	for (int i = 0; i < 5; i++) {
		bool present = false;
		bool ok;

		flash_result_free(&b->result);
		ok = qemu_method.identify(&b->target, &present, &b->result, &b->e) && present &&
		     b->result.has_identity;
		if (child == 0 && !ok)
			_exit(1);
		assert_true(ok);
	}
	if (child == 0)
		_exit(0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

/* --- verify --- */

static void test_verify_reads_the_memory(void **state)
{
	struct board *b = *state;

	flash(b);
	flash_result_free(&b->result);
	assert_done(b, qemu_method.verify(&b->target, &b->firmware.image, &b->result, &b->e));
	assert_true(b->result.verified);
	assert_int_equal(b->result.bytes + b->result.bytes_skipped, image_size(&b->firmware.image));
}

static void test_verify_names_the_first_address_that_differs(void **state)
{
	struct board *b = *state;
	AUTO_IMAGE other = IMAGE_INIT;
	const struct image_segment *s = &b->firmware.image.segments[0];
	uint8_t *bytes = xmalloc(s->size);
	bool ok;

	memcpy(bytes, s->data, s->size);
	bytes[0x1234] ^= 0xff;
	bytes[0x2345] ^= 0xff;
	assert_true(image_add(&other, s->address, bytes, s->size, false, &b->e));
	flash(b);
	flash_result_free(&b->result);
	ok = qemu_method.verify(&b->target, &other, &b->result, &b->e);
	free(bytes);
	assert_error(b, ok, "differs from the image at 0x00001234");
	assert_false(b->result.verified);
}

/* --- places --- */

static void test_a_run_folder_may_be_deep_and_oddly_named(void **state)
{
	struct board *b = *state;
	AUTO_STRBUF name = STRBUF_INIT;

	strbuf_adds(&name, "a folder, with 100% 'odd' \"names\"/");
	while (name.len < 150)
		strbuf_adds(&name, "deep/");
	strbuf_adds(&name, "qemu-qemu-MICROBIT");
	set_run_dir(b, name.buf);
	flash(b);
	assert_true(identify(b));
	assert_true(halt(b));
}

struct seen {
	int count;
	char port[32], board_id[32], address[64];
	long pid;
};

static void remember(void *ctx, const struct flash_device *d)
{
	struct seen *s = ctx;

	s->count++;
	snprintf(s->port, sizeof(s->port), "%s", d->port);
	snprintf(s->board_id, sizeof(s->board_id), "%s", d->board_id);
	snprintf(s->address, sizeof(s->address), "%s", d->address);
	s->pid = d->pid;
}

static void test_the_list_shows_running_machines(void **state)
{
	struct board *b = *state;
	struct seen seen = { 0 };

	assert_true(qemu_method.list(b->dir, remember, &seen, &b->e));
	assert_int_equal(seen.count, 0);
	flash(b);
	assert_true(qemu_method.list(b->dir, remember, &seen, &b->e));
	assert_int_equal(seen.count, 1);
	assert_string_equal(seen.port, "qemu");
	assert_string_equal(seen.board_id, "MICROBIT");
	assert_string_equal(seen.address, b->result.address);
	assert_int_equal(seen.pid, b->result.pid);
	halt(b);
	seen.count = 0;
	assert_true(qemu_method.list(b->dir, remember, &seen, &b->e));
	assert_int_equal(seen.count, 0);
}

/* --- what goes wrong --- */

static void test_a_missing_qemu_names_its_package(void **state)
{
	struct board *b = *state;

	b->extra = (struct variable){ "qemu.program", "qemu-system-nothing" };
	assert_error(b, qemu_method.available(&b->target, &b->e),
		     "qemu-system-nothing is not installed");
	assert_non_null(strstr(b->e.hint, "qemu-system-arm"));
	assert_error(b, qemu_method.flash(&b->target, &b->firmware.image, &b->result, &b->e),
		     "not installed");
}

static void test_an_unknown_machine_is_named(void **state)
{
	struct board *b = *state;

	b->extra = (struct variable){ "qemu.machine", "commodore64" };
	assert_error(b, qemu_method.flash(&b->target, &b->firmware.image, &b->result, &b->e),
		     "QEMU has no machine 'commodore64'");
}

static void test_what_qemu_complains_about_is_shown(void **state)
{
	struct board *b = *state;

	b->extra = (struct variable){ "qemu.args", "-no-such-option" };
	assert_error(b, qemu_method.flash(&b->target, &b->firmware.image, &b->result, &b->e),
		     "-no-such-option: invalid option");
	assert_null(b->result.address);
}

static void test_a_board_without_rules_says_what_is_missing(void **state)
{
	struct board *b = *state;
	static const char *const names[] = { "qemu.machine", "flash.base", "flash.size" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		b->extra = (struct variable){ names[i], "" };
		assert_error(b, qemu_method.check(&b->target, &b->firmware.image, &b->e), names[i]);
	}
	b->extra = (struct variable){ "flash.size", "a lot" };
	assert_error(b, qemu_method.check(&b->target, &b->firmware.image, &b->e), "not a number");
	b->extra = (struct variable){ "qemu.skip", "0x1000" };
	assert_error(b, qemu_method.check(&b->target, &b->firmware.image, &b->e), "ADDRESS+SIZE");
}

/* Vectors (stack pointer, reset), then code at 0x40. */
static void tiny_image(struct image *img, uint32_t sp, uint32_t reset, const void *code, size_t len)
{
	uint8_t bytes[0x80] = { 0 };
	AUTO_ERR e = ERR_INIT;

	assert_true(len <= 0x40);
	for (int i = 0; i < 4; i++) {
		bytes[i] = (uint8_t)(sp >> 8 * i);
		bytes[4 + i] = (uint8_t)(reset >> 8 * i);
	}
	if (len)
		memcpy(bytes + 0x40, code, len);
	assert_true(image_add(img, 0, bytes, sizeof(bytes), true, &e));
}

static void assert_refused(struct board *b, uint32_t sp, uint32_t reset, const char *text)
{
	AUTO_IMAGE img = IMAGE_INIT;

	tiny_image(&img, sp, reset, NULL, 0);
	assert_error(b, qemu_method.check(&b->target, &img, &b->e), text);
	assert_non_null(b->e.hint);
}

static void test_images_without_sane_vectors_are_refused(void **state)
{
	struct board *b = *state;
	AUTO_IMAGE none = IMAGE_INIT, late = IMAGE_INIT, good = IMAGE_INIT;

	tiny_image(&good, 0x20004000, 0x41, NULL, 0);
	assert_done(b, qemu_method.check(&b->target, &good, &b->e));
	assert_refused(b, 0, 0x41, "initial stack pointer is 0x00000000");
	assert_refused(b, 0x20004002, 0x41, "initial stack pointer is 0x20004002");
	assert_refused(b, 0x20004000, 0x40, "no Thumb code");
	assert_refused(b, 0x20004000, 0x81, "points outside the image");
	assert_error(b, qemu_method.check(&b->target, &none, &b->e), "empty");
	assert_true(image_add(&late, 0x100, "12345678", 8, false, &b->e));
	assert_error(b, qemu_method.check(&b->target, &late, &b->e), "no vector table");
}

static void test_images_outside_the_flash_are_refused(void **state)
{
	struct board *b = *state;
	AUTO_IMAGE img = IMAGE_INIT;

	tiny_image(&img, 0x20004000, 0x41, NULL, 0);
	assert_true(image_add(&img, 0x000ffffe, "1234", 4, false, &b->e));
	assert_error(b, qemu_method.check(&b->target, &img, &b->e), "0x000ffffe-0x00100001");
	assert_non_null(strstr(b->e.msg, "outside the flash of microbit"));
}

static void test_skipped_ranges_may_lie_inside_a_segment(void **state)
{
	struct board *b = *state;
	AUTO_QEMU_CONFIG c = QEMU_CONFIG_INIT;
	AUTO_IMAGE img = IMAGE_INIT, load = IMAGE_INIT;
	uint64_t skipped = 0;

	b->extra = (struct variable){ "qemu.skip", "0x60+0x10 0x48+8 0x10001000+4 0x7c+0x100" };
	tiny_image(&img, 0x20004000, 0x41, "abcdefghijklmnopqrstuvwxyz", 26);
	assert_done(b, qemu_config_read(&c, &b->target, &b->e));
	assert_done(b, qemu_image_check(&c, &img, &load, &skipped, &b->e));
	assert_int_equal(skipped, 8 + 16 + 4);
	assert_int_equal(load.count, 3);
	assert_int_equal(load.segments[0].size, 0x48);
	assert_int_equal(load.segments[1].address, 0x50);
	assert_int_equal(load.segments[1].data[0], 'q');
	assert_int_equal(load.segments[2].address, 0x70);
	assert_int_equal(load.segments[2].size, 0x0c);
}

/* A running board survives everything that can be refused beforehand. */
static void test_a_refused_image_leaves_the_running_board_alone(void **state)
{
	struct board *b = *state;
	AUTO_IMAGE bad = IMAGE_INIT;
	AUTO_FLASH_RESULT other = FLASH_RESULT_INIT;

	tiny_image(&bad, 0, 0x41, NULL, 0);
	flash(b);
	assert_error(b, qemu_method.flash(&b->target, &bad, &other, &b->e), "stack pointer");
	assert_true(is_alive(b, b->result.pid));
}

/* Starts firmware that does not come up; nothing may be left running. */
static void assert_dies(struct board *b, const void *code, size_t len, const char *text)
{
	AUTO_IMAGE img = IMAGE_INIT;

	b->variables = mps2;
	b->target.timeout_ms = 2000;
	tiny_image(&img, 0x20004000, 0x41, code, len);
	assert_error(b, qemu_method.flash(&b->target, &img, &b->result, &b->e), text);
	assert_non_null(b->e.hint);
	assert_null(b->result.address);
	assert_true(b->result.verified);
	assert_false(halt(b));
	assert_false(has_file(b, "qemu.pid"));
}

static void test_firmware_that_locks_up_is_told_with_qemus_words(void **state)
{
	assert_dies(*state, "\x00\xde", 2, "Lockup"); /* udf, and no fault handler */
}

static void test_firmware_that_ends_qemu_is_no_running_board(void **state)
{
	/* movs r0, #0x18 (SYS_EXIT); ldr r1, =0x20026; bkpt 0xab */
	static const uint8_t code[] = { 0x18, 0x20, 0x00, 0x49, 0xab, 0xbe, 0xfe, 0xe7 };

	assert_dies(*state, code, sizeof(code), "QEMU ended while the firmware ran");
}

static void test_silent_firmware_is_an_error_in_bounded_time(void **state)
{
	int64_t start = clock_ms();

	assert_dies(*state, "\xfe\xe7", 2, "does not answer"); /* b . */
	assert_true(clock_ms() - start < 20000);
}

static void test_the_table_of_methods_is_sound(void **state)
{
	(void)state;
	flash_methods_check();
	assert_ptr_equal(flash_method_by_name("qemu"), &qemu_method);
	assert_null(flash_method_by_name("nothing"));
	assert_true(flash_method_takes(&qemu_method, "hex"));
	assert_false(flash_method_takes(&qemu_method, "jpeg"));
}

#define BOARD_TEST(f) cmocka_unit_test_setup_teardown(f, make_board, drop_board)

/* An argument is a pattern of test names: the others are left out. */
int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		BOARD_TEST(test_a_flashed_board_is_verified_and_says_who_it_is),
		BOARD_TEST(test_a_running_board_is_asked_again_and_again),
		BOARD_TEST(test_a_silent_board_keeps_its_pty_open),
		BOARD_TEST(test_flashing_again_replaces_the_machine),
		BOARD_TEST(test_a_halted_board_is_gone),
		BOARD_TEST(test_a_board_that_never_ran_is_not_there),
		BOARD_TEST(test_a_killed_machine_is_noticed_and_replaced),
		BOARD_TEST(test_a_stale_pid_file_kills_nobody),
		BOARD_TEST(test_a_machine_that_hangs_is_ended_by_its_proven_pid),
		BOARD_TEST(test_an_unfinished_start_is_no_board_and_is_replaced),
		BOARD_TEST(test_reset_boots_the_same_machine_again),
		BOARD_TEST(test_a_running_program_is_started_again_after_the_question),
		BOARD_TEST(test_a_board_at_its_prompt_keeps_what_was_typed),
		BOARD_TEST(test_two_who_ask_at_once_both_get_an_answer),
		BOARD_TEST(test_verify_reads_the_memory),
		BOARD_TEST(test_verify_names_the_first_address_that_differs),
		BOARD_TEST(test_a_run_folder_may_be_deep_and_oddly_named),
		BOARD_TEST(test_the_list_shows_running_machines),
		BOARD_TEST(test_a_missing_qemu_names_its_package),
		BOARD_TEST(test_an_unknown_machine_is_named),
		BOARD_TEST(test_what_qemu_complains_about_is_shown),
		BOARD_TEST(test_a_board_without_rules_says_what_is_missing),
		BOARD_TEST(test_images_without_sane_vectors_are_refused),
		BOARD_TEST(test_images_outside_the_flash_are_refused),
		BOARD_TEST(test_skipped_ranges_may_lie_inside_a_segment),
		BOARD_TEST(test_a_refused_image_leaves_the_running_board_alone),
		BOARD_TEST(test_firmware_that_locks_up_is_told_with_qemus_words),
		BOARD_TEST(test_firmware_that_ends_qemu_is_no_running_board),
		BOARD_TEST(test_silent_firmware_is_an_error_in_bounded_time),
		cmocka_unit_test(test_the_table_of_methods_is_sound),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
