/* SPDX-License-Identifier: MIT
 *
 * Answers to single requests of an emulated USB device without a protocol.
 */
#include "usb_plain.h"

#include <glib.h>

enum { STANDARD = 0x60, TO_HOST = 0x80 };

struct plain {
	const struct usb_model_host *host;
	GHashTable *answers; /* "a1:05" -> GByteArray */
};

static void *plain_create(char **words, const struct usb_model_host *host, char **why)
{
	struct plain *p = g_new0(struct plain, 1);

	(void)words;
	(void)why;
	p->host = host;
	p->answers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
					   (GDestroyNotify)g_byte_array_unref);
	return p;
}

static void plain_destroy(void *m)
{
	struct plain *p = m;

	g_hash_table_destroy(p->answers);
	g_free(p);
}

static int plain_control(void *m, const uint8_t setup[8], uint8_t *data)
{
	struct plain *p = m;
	char name[8], told[16];
	GByteArray *answer;
	guint room = setup[6] | (guint)setup[7] << 8;

	g_snprintf(name, sizeof(name), "%02x:%02x", setup[0], setup[1]);
	g_snprintf(told, sizeof(told), "%s %04x", name, setup[2] | setup[3] << 8);
	if ((setup[0] & STANDARD) != 0)
		p->host->event(p->host->ctx, told);
	if (!(setup[0] & TO_HOST))
		return 0;
	answer = g_hash_table_lookup(p->answers, name);
	if (!answer)
		return USB_MODEL_STALL;
	if (room > answer->len)
		room = answer->len;
	memcpy(data, answer->data, room);
	return (int)room;
}

bool usb_plain_answer(void *m, const char *request, const char *hex)
{
	struct plain *p = m;
	GByteArray *bytes = g_byte_array_new();

	for (const char *h = hex; h[0] && h[1]; h += 2) {
		guint8 byte =
			(guint8)(g_ascii_xdigit_value(h[0]) * 16 + g_ascii_xdigit_value(h[1]));

		g_byte_array_append(bytes, &byte, 1);
	}
	if (!bytes->len) {
		g_byte_array_unref(bytes);
		return false;
	}
	g_hash_table_insert(p->answers, g_strdup(request), bytes);
	return true;
}

const struct usb_model usb_plain_model = {
	.name = "control",
	.words = "",
	.create = plain_create,
	.destroy = plain_destroy,
	.control = plain_control,
};
