/* SPDX-License-Identifier: MIT
 *
 * A server's answer to the question for the rest of a file, and the note about the part that is there (up to a NUL): whatever they
 * are, bytes are only added to a part that the answer belongs to.
 */
#include <stdlib.h>
#include <string.h>

#include "folder.h"
#include "format.h"
#include "net/transfer.h"

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void hear(struct answer *a, const char *text, size_t size)
{
	while (size) {
		const char *nl = memchr(text, '\n', size);
		size_t len = nl ? (size_t)(nl - text) + 1 : size;

		answer_line(a, text, len);
		text += len;
		size -= len;
	}
	must(memchr(a->etag, 0, sizeof(a->etag)) && memchr(a->modified, 0, sizeof(a->modified)) &&
	     memchr(a->type, 0, sizeof(a->type)));
}

static void judge(struct transfer *t)
{
	uint64_t before = t->part.size;

	if (!transfer_judge(t)) {
		must(t->stop == STOP_FAILED ? t->f->error.msg != NULL : t->from_start);
		return;
	}
	if (t->answer.status == 206)
		must(before && t->part.size == before && t->answer.range_start == before);
	if (t->answer.status == 200)
		must(t->part.size == 0);
	if (t->answer.status == 200 || t->answer.status == 206)
		must(!t->f->total ||
		     (t->f->total >= t->part.size && t->f->total <= t->f->max_size));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *nul = size ? memchr(data, 0, size) : NULL;
	size_t note = nul ? (size_t)(nul - data) : 0, from = nul ? note + 1 : 0;
	AUTO_STRBUF target = STRBUF_INIT;
	AUTO_ERR e = ERR_INIT;
	struct http_fetch f = { .url = "http://x/f", .max_size = 1 << 20 };
	struct transfer t = { .f = &f, .part = PART_INIT };
	bool held = false;

	fuzz_write("f.part", "hello", 5);
	fuzz_write("f.part.info", data, note);
	strbuf_addf(&target, "%s/f", fuzz_folder());
	f.target = target.buf;
	must(part_open(&t.part, f.target, f.url, true, &held, &e) && !held);
	must(t.part.size == 0 || (t.part.size == 5 && part_proof(&t.part)));
	hear(&t.answer, (const char *)data + from, size - from);
	judge(&t);
	part_close(&t.part, false);
	err_free(&f.error);
	return 0;
}
