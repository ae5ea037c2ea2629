/* SPDX-License-Identifier: MIT
 *
 * The method esp: the driver, run once, and once more, slowly, when the line failed.
 */
#include "flash/esp.h"

#include <string.h>

#include "board/bootloader.h"
#include "flash/esp_content.h"
#include "flash/esp_driver.h"

static const char *const formats[] = { "bin", NULL };

static bool esp_available(const struct flash_target *t, struct err *e)
{
	const char *port;

	if (strncmp(t->port, "esp", 3) != 0)
		return err_set(e, "the board is no chip of Espressif's");
	if (!t->attached)
		return err_set(e, "no device is attached");
	if (!device_port(t->attached))
		return err_set(e, "%s has no serial port", device_label(t->attached));
	port = bootloader_port(t->attached);
	return !port || strncmp(port, "esp", 3) == 0 ||
	       err_set(e, "%s is no chip of Espressif's", device_label(t->attached));
}

static bool esp_check_image(const struct flash_target *t, const struct image *img, struct err *e)
{
	AUTO_IMAGE view = IMAGE_INIT;

	(void)t;
	return esp_content_view(img, &view, e) && esp_content_check(&view, e);
}

static bool may_retry(const struct flash_target *t, const struct esp_attempt *a,
		      const struct err *e)
{
	const char *word = flash_target_get(t, "esp.retry");

	return a->broken && e->kind != ERR_INTERRUPTED && !(word && strcmp(word, "no") == 0);
}

static bool flash_view(const struct flash_target *t, const struct image *img,
		       struct flash_result *result, struct err *e)
{
	struct esp_attempt a;
	AUTO_ERR first = ERR_INIT;

	esp_attempt_init(&a, t, false);
	if (driver_flash(&esp_driver, &a.target, img, result, &first))
		return true;
	if (!may_retry(t, &a, &first)) {
		err_move(e, &first);
		return false;
	}
	esp_attempt_init(&a, t, true);
	flash_target_note(t, "%s; trying once more with %s baud, flash mode %s", first.msg,
			  flash_target_get(&a.target, "esp.baud"),
			  flash_target_get(&a.target, "esp.mode"));
	return driver_flash(&esp_driver, &a.target, img, result, e);
}

static bool esp_flash(const struct flash_target *t, const struct image *img,
		      struct flash_result *result, struct err *e)
{
	AUTO_IMAGE view = IMAGE_INIT;

	return esp_content_view(img, &view, e) && esp_content_check(&view, e) &&
	       flash_view(t, &view, result, e);
}

static bool esp_verify(const struct flash_target *t, const struct image *img,
		       struct flash_result *result, struct err *e)
{
	AUTO_IMAGE view = IMAGE_INIT;
	struct esp_attempt a;

	esp_attempt_init(&a, t, false);
	return esp_content_view(img, &view, e) &&
	       driver_verify(&esp_driver, &a.target, &view, result, e);
}

static bool esp_plan(const struct flash_target *t, const struct image *img, struct plan *out,
		     struct err *e)
{
	AUTO_IMAGE view = IMAGE_INIT;
	struct esp_attempt a;

	esp_attempt_init(&a, t, false);
	return esp_content_view(img, &view, e) &&
	       driver_plan(&esp_driver, &a.target, &view, out, e);
}

static bool esp_read_flash(const struct flash_target *t, uint64_t address, uint64_t size,
			   struct image *out, struct err *e)
{
	struct esp_attempt a;

	esp_attempt_init(&a, t, false);
	return driver_read(&esp_driver, &a.target, address, size, out, e);
}

const struct flash_method esp_method = {
	.name = "esp",
	.title = "loader in the ROM of Espressif's chips, over a serial port",
	.erases = true,
	.formats = formats,
	.available = esp_available,
	.check = esp_check_image,
	.flash = esp_flash,
	.verify = esp_verify,
	.plan = esp_plan,
	.read = esp_read_flash,
};
