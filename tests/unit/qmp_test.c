/* SPDX-License-Identifier: MIT
 *
 * The QMP client against a scripted machine on a unix socket.
 */
#define _XOPEN_SOURCE 700
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "base/xalloc.h"
#include "flash/qmp.h"
#include "os/clock.h"
#include "os/fs.h"
#include "os/unixsock.h"

#define GREETING "{\"QMP\": {\"version\": {}, \"capabilities\": [\"oob\"]}}\r\n"
#define OK "{\"return\": {}}\r\n"
#define EVENT \
	"{\"timestamp\": {}, \"event\": \"RESUME\", \"data\": {\"return\": 1, \"error\": 2}}\r\n"

enum { SHORT_MS = 300, LONG_MS = 5000 };

/* The machine: greets, then answers one line with the next of these; after the last it hangs up or stays silent. */
struct machine {
	pid_t pid;
	char dir[64];
	char *path;
	struct qmp q;
	struct strbuf reply;
	struct err e;
};

static int listen_at(const char *dir, const char *name)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	/* By a relative name: the folder may be deeper than an address is long. */
	assert_int_equal(chdir(dir), 0);
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", name);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(chdir("/"), 0);
	return fd;
}

static void say(int fd, const char *text)
{
	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		_exit(1);
}

static _Noreturn void play(int listener, const char *const *lines, bool hang_up)
{
	int fd = accept(listener, NULL, NULL);
	char byte = 0;

	for (say(fd, *lines++); *lines; say(fd, *lines++))
		do {
			if (read(fd, &byte, 1) != 1)
				_exit(1);
		} while (byte != '\n');
	if (!hang_up)
		while (read(fd, &byte, 1) == 1)
			;
	_exit(0);
}

static void start_at(struct machine *m, const char *dir, const char *const *lines, bool hang_up)
{
	struct strbuf path = STRBUF_INIT;
	int listener = listen_at(dir, "q.sock");

	strbuf_addf(&path, "%s/q.sock", dir);
	m->path = strbuf_detach(&path);
	m->pid = fork();
	assert_true(m->pid >= 0);
	if (m->pid == 0)
		play(listener, lines, hang_up);
	close(listener);
}

static void start(struct machine *m, const char *const *lines)
{
	start_at(m, m->dir, lines, false);
}

static int make_machine(void **state)
{
	struct machine *m = xcalloc(1, sizeof(*m));

	strcpy(m->dir, "/tmp/qmp_test.XXXXXX");
	assert_non_null(mkdtemp(m->dir));
	m->q = (struct qmp)QMP_INIT;
	m->reply = (struct strbuf)STRBUF_INIT;
	*state = m;
	return 0;
}

static int drop_machine(void **state)
{
	struct machine *m = *state;

	qmp_close(&m->q);
	if (m->pid > 0) {
		kill(m->pid, SIGKILL);
		waitpid(m->pid, NULL, 0);
	}
	err_free(&m->e);
	fs_remove_tree(m->dir, &m->e);
	err_free(&m->e);
	strbuf_free(&m->reply);
	free(m->path);
	free(m);
	return 0;
}

static void connect_to(struct machine *m)
{
	if (qmp_open(&m->q, m->path, LONG_MS, &m->e) != QMP_CONNECTED)
		fail_msg("%s", m->e.msg ? m->e.msg : "absent");
}

static void assert_error(struct machine *m, bool ok, const char *text)
{
	assert_false(ok);
	if (!strstr(m->e.msg, text))
		fail_msg("'%s' is not in '%s'", text, m->e.msg);
}

static void test_a_command_and_its_reply(void **state)
{
	static const char *const lines[] = {
		GREETING, OK, "{\"return\": {\"status\": \"running\", \"n\": 7}}\r\n", NULL
	};
	struct machine *m = *state;
	char *text;

	start(m, lines);
	connect_to(m);
	assert_true(qmp_run(&m->q, "query-status", "{\"a\": 1}", &m->reply, &m->e));
	text = qmp_get(&m->q, m->reply.buf, "$.return.status");
	assert_string_equal(text, "running");
	free(text);
	assert_null(qmp_get(&m->q, m->reply.buf, "$.return.nothing"));
	assert_null(qmp_get(&m->q, "no json", "$.return"));
}

static void test_events_are_passed_over(void **state)
{
	static const char *const lines[] = { GREETING, EVENT OK, EVENT EVENT OK EVENT, OK, NULL };
	struct machine *m = *state;

	start(m, lines);
	connect_to(m);
	assert_true(qmp_run(&m->q, "cont", NULL, NULL, &m->e));
	assert_true(qmp_run(&m->q, "stop", NULL, NULL, &m->e));
}

static void test_errors_come_in_the_machines_words(void **state)
{
	static const char *const lines[] = {
		GREETING, OK,
		"{\"error\": {\"class\": \"GenericError\", \"desc\": \"Invalid CPU \\\"9\\\"\"}}\r\n",
		NULL
	};
	struct machine *m = *state;

	start(m, lines);
	connect_to(m);
	assert_error(m, qmp_run(&m->q, "memsave", "{}", NULL, &m->e),
		     "memsave: QEMU says: Invalid CPU \"9\"");
}

static void test_the_uart_is_found_by_its_label(void **state)
{
	static const char *const lines[] = { GREETING, OK, NULL };
	static const char reply[] =
		"{\"return\": [{\"filename\": \"vc\", \"label\": \"parallel0\"}, "
		"{\"filename\": \"pty:/dev/pts/7\", \"label\": \"serial0\"}]}";
	struct machine *m = *state;
	char *text;

	start(m, lines);
	connect_to(m);
	text = qmp_chardev(&m->q, reply, "serial0");
	assert_string_equal(text, "pty:/dev/pts/7");
	free(text);
	assert_null(qmp_chardev(&m->q, reply, "serial1"));
	assert_null(qmp_chardev(&m->q, "[garbage", "serial0"));
	assert_null(qmp_chardev(&m->q, "{\"return\": 7}", "serial0"));
}

static void test_nobody_there_is_no_error(void **state)
{
	static const char *const lines[] = { GREETING, OK, NULL };
	struct machine *m = *state;

	assert_int_equal(qmp_open(&m->q, "/tmp/no-such-folder/q.sock", LONG_MS, &m->e), QMP_ABSENT);
	assert_null(m->e.msg);
	start(m, lines);
	kill(m->pid, SIGKILL);
	waitpid(m->pid, NULL, 0);
	m->pid = 0;
	assert_true(fs_exists(m->path));
	assert_int_equal(qmp_open(&m->q, m->path, LONG_MS, &m->e), QMP_ABSENT);
	assert_null(m->e.msg);
}

static void test_a_machine_that_ends_while_we_connect_is_absent(void **state)
{
	static const char *const lines[] = { "", NULL };
	struct machine *m = *state;

	start_at(m, m->dir, lines, true);
	assert_int_equal(qmp_open(&m->q, m->path, LONG_MS, &m->e), QMP_ABSENT);
	assert_null(m->e.msg);
}

static void test_a_machine_that_ends_before_its_reply_is_an_error(void **state)
{
	static const char *const lines[] = { GREETING, OK, "{\"return\": ", NULL };
	struct machine *m = *state;

	start_at(m, m->dir, lines, true);
	connect_to(m);
	assert_error(m, qmp_run(&m->q, "cont", NULL, NULL, &m->e), "went away");
	assert_true(m->q.lost);
}

static void test_a_silent_machine_is_an_error_in_time(void **state)
{
	static const char *const lines[] = { "", NULL };
	struct machine *m = *state;
	int64_t begin = clock_ms();

	start(m, lines);
	assert_int_equal(qmp_open(&m->q, m->path, SHORT_MS, &m->e), QMP_FAILED);
	assert_error(m, false, "does not answer");
	assert_true(clock_ms() - begin < LONG_MS);
}

static void test_something_else_at_the_socket_is_an_error(void **state)
{
	static const char *const lines[] = { "220 smtp ready\r\n", NULL };
	struct machine *m = *state;

	start(m, lines);
	assert_int_equal(qmp_open(&m->q, m->path, LONG_MS, &m->e), QMP_FAILED);
	assert_error(m, false, "does not speak QMP");
}

static void test_a_socket_below_a_deep_folder(void **state)
{
	static const char *const lines[] = { GREETING, OK, NULL };
	struct machine *m = *state;
	AUTO_STRBUF dir = STRBUF_INIT;

	strbuf_adds(&dir, m->dir);
	while (dir.len < 300)
		strbuf_adds(&dir, "/deep folder");
	assert_true(fs_mkdirs(dir.buf, &m->e));
	start_at(m, dir.buf, lines, false);
	connect_to(m);
}

/* What arrives is a descriptor of the same open file. */
static void test_a_descriptor_is_handed_over(void **state)
{
	struct machine *m = *state;
	AUTO_STREAM s = STREAM_INIT;
	char data[8] = "", control[CMSG_SPACE(sizeof(int))];
	struct iovec iov = { data, sizeof(data) };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct cmsghdr *c;
	struct stat ours, theirs;
	int pair[2], given = open(m->dir, O_RDONLY | O_DIRECTORY), got = -1;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_true(stream_adopt(&s, pair[0], "pair", &m->e));
	assert_true(unixsock_send_fd(&s, "hello", 5, given, &m->e));
	assert_int_equal(recvmsg(pair[1], &msg, 0), 5);
	assert_string_equal(data, "hello");
	c = CMSG_FIRSTHDR(&msg);
	assert_non_null(c);
	assert_int_equal(c->cmsg_type, SCM_RIGHTS);
	memcpy(&got, CMSG_DATA(c), sizeof(got));
	assert_int_equal(fstat(given, &ours), 0);
	assert_int_equal(fstat(got, &theirs), 0);
	assert_int_equal(ours.st_ino, theirs.st_ino);
	close(given);
	close(got);
	close(pair[1]);
}

#define MACHINE_TEST(f) cmocka_unit_test_setup_teardown(f, make_machine, drop_machine)

int main(void)
{
	const struct CMUnitTest tests[] = {
		MACHINE_TEST(test_a_command_and_its_reply),
		MACHINE_TEST(test_events_are_passed_over),
		MACHINE_TEST(test_errors_come_in_the_machines_words),
		MACHINE_TEST(test_the_uart_is_found_by_its_label),
		MACHINE_TEST(test_nobody_there_is_no_error),
		MACHINE_TEST(test_a_machine_that_ends_while_we_connect_is_absent),
		MACHINE_TEST(test_a_machine_that_ends_before_its_reply_is_an_error),
		MACHINE_TEST(test_a_silent_machine_is_an_error_in_time),
		MACHINE_TEST(test_something_else_at_the_socket_is_an_error),
		MACHINE_TEST(test_a_socket_below_a_deep_folder),
		MACHINE_TEST(test_a_descriptor_is_handed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
