/* SPDX-License-Identifier: MIT
 *
 * The driver behind the method esp (flash/esp.h).
 */
#ifndef FLASH_ESP_DRIVER_H
#define FLASH_ESP_DRIVER_H

#include "flash/driver.h"

extern const struct flash_driver esp_driver;

/* A target that knows what became of the line: `target` is what the driver is run with. */
struct esp_attempt {
	struct flash_target target;       /* get is ours, ctx leads here */
	const struct flash_target *asked; /* the caller's */
	bool again;                       /* the second time: speed and mode are those for it */
	bool broken;                      /* the line failed, not the chip or the image */
};

void esp_attempt_init(struct esp_attempt *a, const struct flash_target *t, bool again);

#endif
