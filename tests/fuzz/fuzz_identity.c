/* SPDX-License-Identifier: MIT
 *
 * What a board answers. The first byte says how: 'p', as the parent hears it of the child that asked (board/probe_internal.h); any
 * other, as text: up to a NUL what sys.implementation, sys.version and sys.platform gave, then os.uname().
 */
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "board/probe.h"
#include "board/probe_internal.h"
#include "board/repl.h"
#include "format.h"

static void must(bool ok)
{
	if (!ok)
		abort();
}

/* What is taken over and told once more is the same. */
static void read_answer(const uint8_t *data, size_t size)
{
	AUTO_DEVICES list = DEVICES_INIT, again = DEVICES_INIT;
	AUTO_STRBUF told = STRBUF_INIT, twice = STRBUF_INIT;
	struct device *d = devices_add(&list), *back = devices_add(&again);

	if (!answer_read(&list, d, data, size)) {
		must(!d->has_identity && !d->why && !d->identity.family);
		return;
	}
	must(device_state_name(d->state) != NULL);
	answer_write(d, &told);
	must(answer_read(&again, back, told.buf, told.len));
	answer_write(back, &twice);
	must(told.len == twice.len && memcmp(told.buf, twice.buf, told.len) == 0);
}

static void check_identity(const struct identity *id)
{
	const char *const texts[] = { id->family,  id->version, id->stamp, id->date,
				      id->machine, id->cpu,     id->board, id->variant,
				      id->port,    id->mpy,     id->arch,  id->sys_platform,
				      id->board_id };

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		fuzz_check_text("identity", texts[i]);
	must(id->build >= 0 && (!id->board_id || id->board));
}

static void read_text(const char *text, size_t size)
{
	AUTO_IDENTITY id = IDENTITY_INIT;
	AUTO_FREE char *said = xstrndup(text, size);
	size_t len = strlen(said);
	const char *sign = repl_find_restart(text, size);

	must(!sign || (sign >= text && sign < text + size));
	must(device_state_name(probe_judge(said, len, false)) != NULL);
	must(identity_parse(&id, said, len < size ? said + len + 1 : "") == (id.family != NULL));
	check_identity(&id);
	identity_set_board_id(&id, said);
	must(id.board && strncmp(id.board_id, id.board, strlen(id.board)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size && data[0] == 'p')
		read_answer(data + 1, size - 1);
	else
		read_text((const char *)data, size);
	return 0;
}
