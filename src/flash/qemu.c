/* SPDX-License-Identifier: MIT
 *
 * The method `qemu`: flashing is starting the machine afresh with the image in its memory, which is compared byte
 * for byte before the CPU may run.
 */
#include "flash/qemu.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/xalloc.h"
#include "board/repl.h"
#include "flash/qemu_internal.h"
#include "os/clock.h"
#include "os/fs.h"
#include "os/lock.h"
#include "os/process.h"
#include "os/tty.h"

/* The name under which QEMU keeps a descriptor for us: see hold_pty. */
#define HELD_FD "mpflash"

enum {
	LOCK_WAIT_MS = 30000, /* another of us flashes this board: that takes a second */
	TTY_WAIT_MS = 2000,   /* a terminal program that just ends */
	BOOT_MS = 2500,       /* to the first prompt; a program that starts by itself shows none */
	REPL_MS = 10000,
	RESET_MS = 3000,
	BANNER_MS = 1000, /* from a soft reset to the prompt */
	MAX_NAME = 4096,
};

static const char *const formats[] = { "hex", "elf", "uf2", "dfu", "bin", NULL };

/* --- the run folder's lock --- */

static bool lock_folder(struct lock *l, const char *run_dir, const char *what, struct err *e)
{
	AUTO_ARENA a = ARENA_INIT;
	AUTO_STRBUF holder = STRBUF_INIT;
	const char *path = qemu_file(&a, run_dir, "lock");
	int64_t end = clock_ms() + LOCK_WAIT_MS;
	bool taken = false;

	for (;;) {
		strbuf_reset(&holder);
		if (!lock_try(l, path, what, &taken, &holder, e))
			return false;
		if (taken)
			return true;
		if (clock_ms() >= end || process_interrupted())
			return err_set(e, "another mpflash works on this machine (%s)", holder.buf);
		clock_sleep_ms(5);
	}
}

static void unlock_folder(struct lock *l)
{
	if (l->fd >= 0)
		lock_release(l);
}
#define AUTO_LOCK __attribute__((cleanup(unlock_folder))) struct lock

/* --- talking to the board --- */

static void name_device(struct flash_result *result, const struct flash_target *t)
{
	AUTO_ARENA a = ARENA_INIT;

	free(result->device);
	result->device = xstrdup(arena_printf(&a, "qemu:%s/%s", t->port, t->board_id));
}

/*
 * QEMU looks once a second whether somebody has opened the pty, unless the firmware prints. A descriptor of the
 * pty that QEMU itself keeps open makes the next question cost milliseconds. Output that nobody reads then
 * stays in the pty, and a full pty stops the firmware: so only while the board sits at its prompt, silent.
 */
static void hold_pty(struct qmp *q, const char *pty, bool hold)
{
	AUTO_ERR ignored = ERR_INIT; /* without it, it is only slower */
	AUTO_FD fd = -1;

	if (!hold) {
		qmp_drop_fd(q, HELD_FD, &ignored);
		return;
	}
	fd = tty_open_plain(pty, &ignored);
	if (fd >= 0)
		qmp_give_fd(q, fd, HELD_FD, &ignored);
}

/* Asks for the identity and leaves the board as it was. */
static bool ask(struct repl *r, const struct flash_target *t, struct flash_result *result,
		struct err *e)
{
	int ms = t->timeout_ms ? t->timeout_ms : REPL_MS;

	if (!repl_enter(r, ms, e))
		return false;
	if (!identity_query(r, &result->identity, ms, e) || !repl_leave(r, ms, e))
		return false;
	result->has_identity = true;
	result->interrupted = r->was_busy;
	if (!r->was_busy)
		return true;
	if (!repl_soft_reset(r, RESET_MS, e))
		return false;
	/* Its banner must not come in the middle of the next question. A program of its own shows no prompt: no matter. */
	repl_wait_prompt(r, BANNER_MS);
	return true;
}

/* When the board does not answer: did QEMU end, and what did it say? */
static bool explain_silence(struct qmp *q, const char *run_dir, struct err *e)
{
	AUTO_ERR probe_error = ERR_INIT;
	AUTO_STRBUF log = STRBUF_INIT;

	if (qmp_run(q, "query-status", NULL, NULL, &probe_error))
		return false;
	qemu_log_line(run_dir, &log);
	err_set(e, "QEMU ended while the firmware ran%s%s", log.len ? ": " : "", log.buf);
	return err_hint(e, "is this firmware for another board? QEMU's log is %s/qemu.log",
			run_dir);
}

/* Lets the CPU run (`command` is "cont" or "system_reset") and waits for the board's answer. */
static bool boot(struct qmp *q, const char *command, const char *pty, const struct flash_target *t,
		 struct flash_result *result, struct err *e)
{
	AUTO_STREAM tty = STREAM_INIT;
	AUTO_ERR ignored = ERR_INIT;
	struct repl r;
	bool ok;

	/* Opened first, so that QEMU sees a listener when the firmware prints its banner. */
	if (!tty_open(&tty, pty, TTY_WAIT_MS, e))
		return false;
	tty_drop_input(&tty);
	if (!qmp_run(q, command, NULL, NULL, e))
		return explain_silence(q, t->run_dir, e);
	repl_init(&r, &tty);
	repl_wait_prompt(&r, BOOT_MS);
	/*
	 * A UART model that was not ready for input does not tell QEMU's main loop when it is; any command makes the loop
	 * look again (seen with mps2-an385).
	 */
	qmp_run(q, "query-status", NULL, NULL, &ignored);
	ok = ask(&r, t, result, e) || explain_silence(q, t->run_dir, e);
	if (ok)
		hold_pty(q, pty, !r.was_busy);
	repl_free(&r);
	return ok;
}

/* --- the method --- */

static bool find_program(const char *name, struct err *e)
{
	AUTO_FREE char *program = process_find_program(name, getenv("PATH"));

	if (program)
		return true;
	err_set(e, "%s is not installed", name);
	return err_hint(e, "Debian: `apt-get install qemu-system-arm`; macOS: `brew install qemu`");
}

/* The rules may name another one for a board; this one plays most. */
static bool qemu_installed(const struct flash_method *m, struct err *e)
{
	(void)m;
	return find_program(QEMU_DEFAULT_PROGRAM, e);
}

static bool qemu_available(const struct flash_target *t, struct err *e)
{
	AUTO_QEMU_CONFIG c = QEMU_CONFIG_INIT;

	if (!qemu_config_read(&c, t, e))
		return false;
	return find_program(c.program, e);
}

static bool qemu_check(const struct flash_target *t, const struct image *img, struct err *e)
{
	AUTO_QEMU_CONFIG c = QEMU_CONFIG_INIT;
	AUTO_IMAGE load = IMAGE_INIT;
	uint64_t skipped = 0;

	return qemu_config_read(&c, t, e) && qemu_image_check(&c, img, &load, &skipped, e);
}

/* From the second half of a start on: whatever fails, no process is left. */
static bool start_and_boot(const struct qemu_config *c, const struct flash_target *t,
			   const struct image *load, struct flash_result *result, struct err *e)
{
	AUTO_QMP q = QMP_INIT;
	AUTO_ERR ignored = ERR_INIT;
	bool was_running;
	char *pty = NULL;

	if (!qemu_start(c, t, load, &q, &pty, e))
		return false;
	result->address = pty;
	result->bytes = image_size(load);
	result->verified = qemu_compare(&q, t->run_dir, load, e);
	if (result->verified && boot(&q, "cont", pty, t, result, e)) {
		struct qemu_machine m;

		qmp_close(&q);
		if (!qemu_look(t->run_dir, &m, e))
			return false;
		result->pid = m.pid;
		qemu_machine_free(&m);
		return true;
	}
	qmp_close(&q);
	qemu_stop(t->run_dir, &was_running, &ignored);
	free(result->address);
	result->address = NULL;
	return false;
}

static bool qemu_flash(const struct flash_target *t, const struct image *img,
		       struct flash_result *result, struct err *e)
{
	AUTO_QEMU_CONFIG c = QEMU_CONFIG_INIT;
	AUTO_IMAGE load = IMAGE_INIT;
	AUTO_LOCK lock = LOCK_INIT;
	bool was_running;

	name_device(result, t);
	if (!qemu_config_read(&c, t, e) ||
	    !qemu_image_check(&c, img, &load, &result->bytes_skipped, e) || !qemu_available(t, e) ||
	    !fs_mkdirs(t->run_dir, e) || !lock_folder(&lock, t->run_dir, "flash", e) ||
	    !qemu_stop(t->run_dir, &was_running, e))
		return false;
	return start_and_boot(&c, t, &load, result, e);
}

/* Takes the lock and connects; *present says whether a machine runs there. */
static bool attach(const struct flash_target *t, const char *what, struct lock *lock, struct qmp *q,
		   struct flash_result *result, bool *present, struct err *e)
{
	struct qemu_machine m = { 0 };

	name_device(result, t);
	*present = false;
	if (!fs_is_dir(t->run_dir))
		return true;
	if (!lock_folder(lock, t->run_dir, what, e) || !qemu_attach(t->run_dir, q, &m, e))
		return false;
	*present = m.state == QEMU_RUNNING;
	if (*present) {
		free(result->address);
		result->address = m.pty;
		result->pid = m.pid;
		m.pty = NULL;
	}
	qemu_machine_free(&m);
	return true;
}

static bool not_running(const struct flash_target *t, struct err *e)
{
	err_set(e, "%s/%s does not run", t->port, t->board_id);
	return err_hint(e, "`mpflash make flash-%s` starts it", t->board_id);
}

static bool qemu_verify(const struct flash_target *t, const struct image *img,
			struct flash_result *result, struct err *e)
{
	AUTO_QEMU_CONFIG c = QEMU_CONFIG_INIT;
	AUTO_IMAGE load = IMAGE_INIT;
	AUTO_LOCK lock = LOCK_INIT;
	AUTO_QMP q = QMP_INIT;
	bool present;

	if (!qemu_config_read(&c, t, e) ||
	    !qemu_image_check(&c, img, &load, &result->bytes_skipped, e) ||
	    !attach(t, "verify", &lock, &q, result, &present, e))
		return false;
	if (!present)
		return not_running(t, e);
	result->verified = qemu_compare(&q, t->run_dir, &load, e);
	result->bytes = image_size(&load);
	return result->verified;
}

static bool qemu_identify(const struct flash_target *t, bool *present, struct flash_result *result,
			  struct err *e)
{
	AUTO_LOCK lock = LOCK_INIT;
	AUTO_QMP q = QMP_INIT;
	AUTO_STREAM tty = STREAM_INIT;
	struct repl r;
	bool ok;

	if (!attach(t, "ask", &lock, &q, result, present, e))
		return false;
	if (!*present)
		return true;
	if (!tty_open(&tty, result->address, TTY_WAIT_MS, e))
		return false;
	tty_drop_input(&tty);
	repl_init(&r, &tty);
	ok = ask(&r, t, result, e);
	hold_pty(&q, result->address, ok && !r.was_busy);
	repl_free(&r);
	return ok || explain_silence(&q, t->run_dir, e);
}

static bool qemu_reset(const struct flash_target *t, struct flash_result *result, struct err *e)
{
	AUTO_LOCK lock = LOCK_INIT;
	AUTO_QMP q = QMP_INIT;
	bool present;

	if (!attach(t, "reset", &lock, &q, result, &present, e))
		return false;
	/* QEMU loads the image again at a reset. */
	return present ? boot(&q, "system_reset", result->address, t, result, e)
		       : not_running(t, e);
}

static bool qemu_halt(const struct flash_target *t, bool *was_running, struct err *e)
{
	AUTO_LOCK lock = LOCK_INIT;

	*was_running = false;
	if (!fs_is_dir(t->run_dir))
		return true;
	return lock_folder(&lock, t->run_dir, "halt", e) && qemu_stop(t->run_dir, was_running, e);
}

/* One run folder of a list. A machine that hangs is listed without an address. */
static void list_one(const char *run_dir,
		     void (*found)(void *ctx, const struct flash_device *device), void *ctx)
{
	AUTO_ARENA a = ARENA_INIT;
	AUTO_STRBUF board = STRBUF_INIT;
	AUTO_ERR ignored = ERR_INIT;
	AUTO_LOCK lock = LOCK_INIT;
	struct qemu_machine m = { 0 };
	struct flash_device d = { .run_dir = run_dir };
	char *slash;
	bool looked;

	if (!fs_read(&board, qemu_file(&a, run_dir, "board"), MAX_NAME, &ignored))
		return;
	strbuf_set_len(&board, strcspn(board.buf, "\n"));
	d.device = arena_printf(&a, "qemu:%s", board.buf);
	slash = strchr(board.buf, '/');
	if (!slash)
		return;
	*slash = '\0';
	d.port = board.buf;
	d.board_id = slash + 1;
	looked = lock_folder(&lock, run_dir, "list", &ignored) && qemu_look(run_dir, &m, &ignored);
	unlock_folder(&lock); /* whoever is told may ask the machine at once */
	if (!looked || m.state == QEMU_RUNNING) {
		d.address = m.pty;
		d.pid = m.pid;
		found(ctx, &d);
	}
	qemu_machine_free(&m);
}

static bool qemu_list(const char *devices_dir,
		      void (*found)(void *ctx, const struct flash_device *device), void *ctx,
		      struct err *e)
{
	AUTO_ARENA a = ARENA_INIT;
	struct fs_list names = { 0 };

	if (!fs_is_dir(devices_dir))
		return true;
	if (!fs_list(&names, devices_dir, e))
		return false;
	for (size_t i = 0; i < names.count; i++)
		if (strncmp(names.names[i], "qemu-", 5) == 0)
			list_one(path_join(&a, devices_dir, names.names[i]), found, ctx);
	fs_list_free(&names);
	return true;
}

const struct flash_method qemu_method = {
	.name = "qemu",
	.title = "a board that QEMU plays",
	.formats = formats,
	.installed = qemu_installed,
	.available = qemu_available,
	.check = qemu_check,
	.flash = qemu_flash,
	.verify = qemu_verify,
	.identify = qemu_identify,
	.halt = qemu_halt,
	.reset = qemu_reset,
	.list = qemu_list,
};
