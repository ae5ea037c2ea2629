/* SPDX-License-Identifier: MIT
 *
 * The table of flash methods, and what all of them share.
 */
#include "flash/method.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/xalloc.h"
#include "flash/dfu.h"
#include "flash/esp.h"
#include "flash/gdb.h"
#include "flash/picoboot.h"
#include "flash/qemu.h"
#include "flash/runner.h"
#include "flash/uf2.h"
#include "os/usb_lib.h"

/* Sorted by name. */
const struct flash_method *const flash_methods[] = {
	&bossac_method, &dfu_method,     &esp_method,      &esptool_method,  &gdb_method,
	&jlink_method,  &openocd_method, &picoboot_method, &probe_rs_method, &pyocd_method,
	&qemu_method,   &stlink_method,  &teensy_method,   &uf2_method,      NULL,
};

const struct flash_method *flash_method_by_name(const char *name)
{
	for (size_t i = 0; flash_methods[i]; i++)
		if (strcmp(flash_methods[i]->name, name) == 0)
			return flash_methods[i];
	return NULL;
}

bool flash_method_takes(const struct flash_method *m, const char *format)
{
	for (size_t i = 0; m->formats[i]; i++)
		if (strcmp(m->formats[i], format) == 0)
			return true;
	return false;
}

bool flash_method_has_usb(const struct flash_method *m, struct err *e)
{
	(void)m;
	return usb_lib_load(e);
}

void flash_methods_check(void)
{
	const char *last = "";

	for (size_t i = 0; flash_methods[i]; last = flash_methods[i]->name, i++) {
		const struct flash_method *m = flash_methods[i];

		if (!m->name || !m->title || !m->formats || !m->formats[0] || !m->available ||
		    !m->check || !m->flash)
			BUG("flash method %zu lacks a mandatory member", i);
		if (strcmp(last, m->name) >= 0)
			BUG("flash method %s stands behind %s", m->name, last);
		if (m->runner)
			runner_check_table(m->runner);
		for (size_t k = 0; m->formats[k]; k++)
			if (!image_format_by_name(m->formats[k]))
				BUG("flash method %s wants the unknown format %s", m->name,
				    m->formats[k]);
	}
}

const char *flash_target_get(const struct flash_target *t, const char *name)
{
	const char *value = t->get ? t->get(t->ctx, name) : NULL;

	return value && *value ? value : NULL;
}

bool flash_target_number(const struct flash_target *t, const char *name, bool *set, uint64_t *value,
			 struct err *e)
{
	const char *text = flash_target_get(t, name);
	char *end;

	*set = text != NULL;
	if (!text)
		return true;
	errno = 0;
	*value = strtoull(text, &end, 0);
	if (*text < '0' || *text > '9' || *end || errno)
		return err_set(e, "%s = %s: not a number", name, text);
	return true;
}

void flash_target_note(const struct flash_target *t, const char *fmt, ...)
{
	AUTO_STRBUF text = STRBUF_INIT;
	va_list ap;

	if (!t->note)
		return;
	va_start(ap, fmt);
	strbuf_vaddf(&text, fmt, ap);
	va_end(ap);
	t->note(t->ctx, text.buf);
}

void flash_result_free(struct flash_result *r)
{
	free(r->device);
	free(r->address);
	free(r->files);
	identity_free(&r->identity);
	*r = (struct flash_result)FLASH_RESULT_INIT;
}
