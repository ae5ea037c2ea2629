/* SPDX-License-Identifier: MIT
 *
 * All that a board may say while a program talks to its raw REPL, which ends in time and in memory, whatever it is.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "board/filesystem.h"
#include "board/identity.h"
#include "board/repl.h"
#include "format.h"
#include "os/clock.h"

/* Nothing waits: all that the board says is there, and then it is gone. */
enum { PATIENCE_MS = 5000 };

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void check_error(const struct err *e)
{
	must(e->msg != NULL);
	fuzz_check_text("repl", e->msg);
	fuzz_check_text("repl", e->hint);
}

static void talk(struct repl *r)
{
	static const char script[] = "print(1)";
	AUTO_STRBUF out = STRBUF_INIT, error = STRBUF_INIT, tail = STRBUF_INIT;
	AUTO_IDENTITY id = IDENTITY_INIT;
	AUTO_ERR e = ERR_INIT;

	if (!repl_enter(r, PATIENCE_MS, &e) ||
	    !repl_exec(r, REPL_PASTE, script, strlen(script), &out, &error, PATIENCE_MS, &e) ||
	    !identity_query(r, &id, PATIENCE_MS, &e) || !repl_leave(r, PATIENCE_MS, &e) ||
	    !repl_soft_reset(r, PATIENCE_MS, &e))
		check_error(&e);
	repl_tail(r, &tail);
	fuzz_check_text("repl", tail.buf);
	fuzz_check_text("identity", id.machine);
	fuzz_check_text("identity", id.board_id);
	fuzz_check_text("identity", id.chip_id);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_STREAM stream = STREAM_INIT;
	AUTO_ERR e = ERR_INIT;
	int64_t begin = clock_ms();
	struct repl r;
	int ends[2];

	/* what fits the socket; the rest would wait for a reader */
	if (size > 16384)
		size = 16384;
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
	must(write(ends[1], data, size) == (ssize_t)size);
	must(shutdown(ends[1], SHUT_WR) == 0);
	must(stream_adopt(&stream, ends[0], "port", &e));
	stream.is_socket = true;
	repl_init(&r, &stream);
	talk(&r);
	repl_free(&r);
	close(ends[1]);
	must(clock_ms() - begin < PATIENCE_MS);
	return 0;
}
