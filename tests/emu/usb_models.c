/* SPDX-License-Identifier: MIT
 *
 * The table of models of USB devices, sorted by name.
 */
#include "usb_model.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

const struct usb_model *const usb_models[] = {
	&cmsisdap_model,
	&dfu_model,
	&picoboot_model,
	NULL,
};

const struct usb_model *usb_model_by_name(const char *name)
{
	for (size_t i = 0; usb_models[i]; i++)
		if (strcmp(usb_models[i]->name, name) == 0)
			return usb_models[i];
	return NULL;
}

bool usb_model_pair(const char *text, char between, unsigned *first, unsigned *second)
{
	char *end;

	*first = (unsigned)strtoul(text, &end, 16);
	if (end == text || *end != between)
		return false;
	text = end + 1;
	*second = (unsigned)strtoul(text, &end, 16);
	return end != text && !*end;
}
