/* SPDX-License-Identifier: MIT
 *
 * The table of models of USB devices, sorted by name.
 */
#include "usb_model.h"

const struct usb_model *const usb_models[] = {
	&dfu_model,
	NULL,
};
