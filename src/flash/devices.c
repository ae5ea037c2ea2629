/* SPDX-License-Identifier: MIT
 *
 * Listing devices through the table of methods.
 */
#include "flash/devices.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"

struct search {
	const struct flash_method *method;
	struct devices *out;
	bool ask;
};

static char *copy(const char *s)
{
	return s ? xstrdup(s) : NULL;
}

static void ask_device(const struct flash_device *found, struct device *d)
{
	struct flash_target target = {
		.port = found->port ? found->port : "",
		.board_id = found->board_id ? found->board_id : "",
		.run_dir = found->run_dir,
	};
	AUTO_FLASH_RESULT r = FLASH_RESULT_INIT;
	AUTO_ERR e = ERR_INIT;
	bool present;

	if (!d->method->identify || !found->run_dir)
		return;
	if (!d->method->identify(&target, &present, &r, &e)) {
		d->silence = copy(e.msg);
	} else if (present) {
		flash_result_free(&d->result);
		d->result = r;
		r = (struct flash_result)FLASH_RESULT_INIT;
	}
}

static void on_found(void *ctx, const struct flash_device *found)
{
	struct search *search = ctx;
	struct device d = {
		.method = search->method,
		.port = copy(found->port),
		.board_id = copy(found->board_id),
		.result = { .device = copy(found->device),
			    .address = copy(found->address),
			    .pid = found->pid },
	};

	if (search->ask)
		ask_device(found, &d);
	vec_push(search->out, d);
}

static int by_id(const void *a, const void *b)
{
	const struct device *x = a, *y = b;

	return strcmp(x->result.device, y->result.device);
}

bool devices_list(const char *devices_dir, bool ask, struct devices *out, struct err *e)
{
	*out = (struct devices){ 0 };
	for (size_t i = 0; flash_methods[i]; i++) {
		struct search search = { flash_methods[i], out, ask };

		if (flash_methods[i]->list &&
		    !flash_methods[i]->list(devices_dir, on_found, &search, e))
			return false;
	}
	if (out->count)
		qsort(out->items, out->count, sizeof(*out->items), by_id);
	return true;
}

void devices_free(struct devices *d)
{
	for (size_t i = 0; i < d->count; i++) {
		free(d->items[i].port);
		free(d->items[i].board_id);
		free(d->items[i].silence);
		flash_result_free(&d->items[i].result);
	}
	vec_free(d);
}
