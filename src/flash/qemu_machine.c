/* SPDX-License-Identifier: MIT
 *
 * The QEMU process: started detached, found again and asked over QMP, ended over QMP. A process id from a file is
 * only used after the process has shown that it is ours.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/path.h"
#include "base/xalloc.h"
#include "flash/qemu_internal.h"
#include "os/clock.h"
#include "os/daemon.h"
#include "os/fs.h"
#include "os/process.h"

enum {
	START_MS = 20000, /* QEMU starts in 60 ms; a machine under load may take its time */
	QMP_MS = 5000,
	QUIT_MS = 3000,
	GRACE_MS = 1000,
	MAX_LOG = 1 << 20,
	MAX_SMALL = 4096,
};

char *qemu_file(struct arena *a, const char *run_dir, const char *name)
{
	return path_join(a, run_dir, name);
}

void qemu_machine_free(struct qemu_machine *m)
{
	free(m->pty);
	*m = (struct qemu_machine){ 0 };
}

/* --- looking --- */

/* The process id of the folder's machine; 0 when it is not known for certain. */
static long proven_pid(const char *run_dir)
{
	AUTO_ARENA a = ARENA_INIT;
	AUTO_STRBUF text = STRBUF_INIT;
	AUTO_ERR ignored = ERR_INIT;
	const char *path = qemu_file(&a, run_dir, "qemu.pid");
	long pid;

	if (!fs_read(&text, path, MAX_SMALL, &ignored))
		return 0;
	pid = strtol(text.buf, NULL, 10);
	return daemon_is_ours(pid, path) ? pid : 0;
}

bool qemu_attach(const char *run_dir, struct qmp *q, struct qemu_machine *m, struct err *e)
{
	AUTO_ARENA a = ARENA_INIT;
	AUTO_STRBUF status = STRBUF_INIT, devices = STRBUF_INIT;
	AUTO_FREE char *word = NULL, *file = NULL;

	*m = (struct qemu_machine){ .state = QEMU_ABSENT };
	switch (qmp_open(q, qemu_file(&a, run_dir, "qmp.sock"), QMP_MS, e)) {
	case QMP_ABSENT:
		return true;
	case QMP_FAILED:
		return err_hint(e, "`mpflash make halt-BOARD` ends a machine that hangs");
	case QMP_CONNECTED:
		break;
	}
	if (!qmp_run(q, "query-status", NULL, &status, e) ||
	    !qmp_run(q, "query-chardev", NULL, &devices, e))
		return false;
	word = qmp_get(q, status.buf, "$.return.status");
	m->state = word && strcmp(word, "running") == 0 ? QEMU_RUNNING : QEMU_HALTED;
	file = qmp_chardev(q, devices.buf, "serial0");
	if (!file || strncmp(file, "pty:", 4) != 0)
		return err_set(e, "QEMU's first UART is not on a pty");
	m->pty = xstrdup(file + 4);
	m->pid = proven_pid(run_dir);
	return true;
}

bool qemu_look(const char *run_dir, struct qemu_machine *m, struct err *e)
{
	AUTO_QMP q = QMP_INIT;

	if (qemu_attach(run_dir, &q, m, e))
		return true;
	qemu_machine_free(m);
	return false;
}

/* Warnings at the start are no reason to end. */
void qemu_log_line(const char *run_dir, struct strbuf *out)
{
	AUTO_ARENA a = ARENA_INIT;
	AUTO_STRBUF log = STRBUF_INIT;
	AUTO_ERR ignored = ERR_INIT;
	const char *fatal;

	if (!fs_read(&log, qemu_file(&a, run_dir, "qemu.log"), MAX_LOG, &ignored))
		return;
	fatal = strstr(log.buf, "fatal: ");
	if (fatal)
		strbuf_add(out, fatal, strcspn(fatal, "\n"));
}

/* --- ending --- */

static void remove_leftovers(const char *run_dir)
{
	static const char *const names[] = { "qmp.sock", "qemu.pid", "memory.bin" };
	AUTO_ARENA a = ARENA_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		unlink(qemu_file(&a, run_dir, names[i]));
}

/* Asks QEMU to end and waits for it. True when its process is gone, or at least its socket. */
static bool quit(struct qmp *q, const char *run_dir, const char *pid_file, long pid)
{
	AUTO_ERR ignored = ERR_INIT;
	int64_t end = clock_ms() + QUIT_MS;

	qmp_run(q, "quit", NULL, NULL, &ignored);
	qmp_close(q);
	while (clock_ms() < end) {
		AUTO_ERR probe_error = ERR_INIT;
		AUTO_QMP probe = QMP_INIT;
		AUTO_ARENA a = ARENA_INIT;

		if (pid ? !daemon_is_ours(pid, pid_file)
			: qmp_open(&probe, qemu_file(&a, run_dir, "qmp.sock"), GRACE_MS,
				   &probe_error) == QMP_ABSENT)
			return true;
		clock_sleep_ms(2);
	}
	return false;
}

bool qemu_stop(const char *run_dir, bool *was_running, struct err *e)
{
	AUTO_ARENA a = ARENA_INIT;
	AUTO_QMP q = QMP_INIT;
	AUTO_ERR qmp_error = ERR_INIT;
	const char *pid_file = qemu_file(&a, run_dir, "qemu.pid");
	long pid = proven_pid(run_dir);
	enum qmp_result result =
		qmp_open(&q, qemu_file(&a, run_dir, "qmp.sock"), QMP_MS, &qmp_error);
	bool gone = result == QMP_CONNECTED ? quit(&q, run_dir, pid_file, pid)
					    : result == QMP_ABSENT && !pid;

	*was_running = result != QMP_ABSENT || pid;
	if (!gone && pid)
		gone = daemon_end(pid, pid_file, GRACE_MS);
	if (!gone) {
		if (qmp_error.msg)
			err_move(e, &qmp_error);
		else
			err_set(e, "QEMU does not end");
		return err_hint(e, "end its process yourself: `ps ax | grep qmp.sock` finds it");
	}
	remove_leftovers(run_dir);
	return true;
}

/* --- starting --- */

/* One word of a QEMU option list: commas are doubled. All our files are reached from the run folder. */
static void build_argv(const struct qemu_config *c, const char *pid_file, struct strv *argv)
{
	const char *const ours[] = {
		c->program,
		"-machine",
		c->machine,
		"-S", /* the memory is compared before the CPU runs */
		"-daemonize",
		"-pidfile",
		pid_file, /* absolute: it proves whose process this is */
		"-qmp",
		"unix:qmp.sock,server=on,wait=off",
		"-serial",
		"pty",
		"-display",
		"none",
		"-monitor",
		"none",
		"-nic",
		"none", /* a board has no way into the host's network */
		/* A log class that says nothing, so that QEMU keeps stderr: it tells of a lockup there. */
		"-D",
		"qemu.log",
		"-d",
		"page",
		/* Exit works; files of the host are out of reach of the firmware ("native" would open them). */
		"-semihosting-config",
		"enable=on,target=gdb",
	};

	for (size_t i = 0; i < ARRAY_SIZE(ours); i++)
		vec_push(argv, ours[i]);
	for (size_t i = 0; i < c->args.count; i++)
		vec_push(argv, c->args.items[i]);
	vec_push(argv, "-device");
	vec_push(argv, "loader,file=image.hex");
	vec_push(argv, NULL);
}

static bool find_program(const struct qemu_config *c, struct err *e)
{
	AUTO_FREE char *program = process_find_program(c->program, getenv("PATH"));

	if (program)
		return true;
	err_set(e, "%s is not installed", c->program);
	return err_hint(e, "Debian: `apt-get install qemu-system-arm`; macOS: `brew install qemu`");
}

/* What QEMU printed before it gave up, with its name taken off: the last line that is not advice. */
static bool start_failed(const struct qemu_config *c, const char *said,
			 const struct process_exit *x, struct err *e)
{
	AUTO_STRBUF line = STRBUF_INIT, how = STRBUF_INIT;

	if (strstr(said, "unsupported machine type")) {
		err_set(e, "QEMU has no machine '%s'", c->machine);
		return err_hint(e, "`%s -machine help` lists them", c->program);
	}
	for (const char *p = said; *p;) {
		size_t len = strcspn(p, "\n");
		const char *colon = strstr(p, ": ");

		if (len && strncmp(p, "Use -machine", 12) != 0) {
			if (strncmp(p, "qemu-", 5) == 0 && colon && colon < p + len) {
				len -= (size_t)(colon + 2 - p);
				p = colon + 2;
			}
			strbuf_reset(&line);
			strbuf_add(&line, p, len);
		}
		p += len + (p[len] == '\n');
	}
	process_exit_text(x, &how);
	return err_set(e, "QEMU did not start (%s): %s", how.buf,
		       line.len ? line.buf : "it said nothing");
}

static bool write_files(const char *run_dir, const struct flash_target *t, const struct image *load,
			struct err *e)
{
	AUTO_ARENA a = ARENA_INIT;
	AUTO_STRBUF hex = STRBUF_INIT;
	const struct image_format *format = image_format_by_name("hex");
	const struct image_options options = { 0 };
	const char *board = arena_printf(&a, "%s/%s\n", t->port, t->board_id);

	return format->write(load, &hex, &options, e) &&
	       fs_write_atomic(qemu_file(&a, run_dir, "board"), board, strlen(board), 0644, e) &&
	       fs_write_atomic(qemu_file(&a, run_dir, "image.hex"), hex.buf, hex.len, 0644, e);
}

static bool launch(const struct qemu_config *c, const char *run_dir, struct err *e)
{
	AUTO_ARENA a = ARENA_INIT;
	AUTO_STRBUF said = STRBUF_INIT;
	AUTO_ERR ignored = ERR_INIT;
	struct strv argv = { 0 };
	struct process_spec spec = { .cwd = run_dir };
	struct process_exit x = { 0 };
	bool ok;

	unlink(qemu_file(&a, run_dir, "qemu.log"));
	build_argv(c, qemu_file(&a, run_dir, "qemu.pid"), &argv);
	spec.argv = argv.items;
	ok = process_run(&spec, START_MS, &said, &x, e);
	if (ok && (x.code != 0 || x.signal != 0)) {
		/* From the moment its log is open, QEMU complains there. */
		fs_read(&said, qemu_file(&a, run_dir, "qemu.log"), MAX_LOG, &ignored);
		ok = start_failed(c, said.buf, &x, e);
	}
	vec_free(&argv);
	return ok;
}

bool qemu_start(const struct qemu_config *c, const struct flash_target *t, const struct image *load,
		struct qmp *q, char **pty, struct err *e)
{
	struct qemu_machine m = { 0 };
	AUTO_ERR ignored = ERR_INIT;
	bool was_running;

	if (!find_program(c, e) || !write_files(t->run_dir, t, load, e))
		return false;
	if (launch(c, t->run_dir, e) && qemu_attach(t->run_dir, q, &m, e)) {
		if (m.state != QEMU_ABSENT) {
			*pty = m.pty;
			return true;
		}
		err_set(e, "QEMU ended as soon as it had started");
	}
	qemu_machine_free(&m);
	qmp_close(q);
	qemu_stop(t->run_dir, &was_running, &ignored);
	return false;
}

/* --- memory --- */

/* {"val": address, "size": size, "filename": path}. memsave reads as the CPU does: an nRF51's flash is not in
 * the board's own address space, so pmemsave does not see it. */
static bool save_memory(struct qmp *q, uint32_t address, uint32_t size, const char *path,
			struct err *e)
{
	AUTO_STRBUF args = STRBUF_INIT;
	struct json j = { .out = &args };

	json_object(&j, NULL);
	json_int(&j, "val", address);
	json_int(&j, "size", size);
	json_string(&j, "filename", path);
	json_object_end(&j);
	return qmp_run(q, "memsave", args.buf, NULL, e);
}

static bool compare_segment(struct qmp *q, const char *path, const struct image_segment *s,
			    struct err *e)
{
	struct fs_map map = { 0 };
	bool ok;

	unlink(path);
	if (!save_memory(q, s->address, s->size, path, e) || !fs_map(&map, path, e))
		return false;
	ok = map.size == s->size;
	if (!ok)
		err_set(e, "QEMU gave %zu of %" PRIu32 " bytes at 0x%08" PRIx32, map.size, s->size,
			s->address);
	for (uint32_t i = 0; ok && i < s->size; i++)
		if (map.data[i] != s->data[i])
			ok = err_set(e,
				     "the memory differs from the image at 0x%08" PRIx32
				     ": it holds 0x%02x, the image 0x%02x",
				     s->address + i, map.data[i], s->data[i]);
	fs_unmap(&map);
	return ok;
}

bool qemu_compare(struct qmp *q, const char *run_dir, const struct image *load, struct err *e)
{
	AUTO_ARENA a = ARENA_INIT;
	const char *path = qemu_file(&a, run_dir, "memory.bin");
	bool ok = true;

	for (size_t i = 0; i < load->count && ok; i++)
		ok = compare_segment(q, path, &load->segments[i], e);
	unlink(path);
	return ok;
}
