/* SPDX-License-Identifier: MIT
 *
 * What all emulated USB devices have in common (USB 2.0, chapter 9), and faults.
 */
#include "usb_dev.h"

#include <stdlib.h>
#include <string.h>

enum {
	MAX_INTERFACES = 16,
	MAX_FAULTS = 8,
	FULL_SPEED_PACKET = 64,
	TO_HOST = 0x80,
	TYPE_MASK = 0x60,
	RECIPIENT_MASK = 0x1f,
	TO_DEVICE = 0,
	TO_INTERFACE = 1,
	TO_ENDPOINT = 2,
	LOST = -6, /* a fault: done, but the host does not hear of it */
};

enum request {
	GET_STATUS = 0,
	CLEAR_FEATURE = 1,
	GET_DESCRIPTOR = 6,
	GET_CONFIGURATION = 8,
	SET_CONFIGURATION = 9,
	GET_INTERFACE = 10,
	SET_INTERFACE = 11,
};

enum kind { ANY, CONTROL, IN, OUT, REQUEST };

struct fault {
	unsigned after, times; /* the after-th from now; 0 times: not in use */
	int what;              /* USB_MODEL_... or LOST */
	enum kind kind;
	unsigned type, code; /* of REQUEST */
};

struct usb_dev {
	const struct usb_model *model;
	const struct usb_model_host *host;
	void *m;
	uint8_t alts[MAX_INTERFACES];
	uint32_t halted; /* by faults: a bit per endpoint, IN from 16 on */
	struct fault faults[MAX_FAULTS];
	struct usb_dev_count count;
};

struct usb_dev *usb_dev_create(const struct usb_model *model, char **words,
			       const struct usb_model_host *host, char **why)
{
	struct usb_dev *d = calloc(1, sizeof(*d));

	if (!d)
		abort();
	d->model = model;
	d->host = host;
	d->m = model->create(words, host, why);
	if (d->m)
		return d;
	free(d);
	return NULL;
}

void usb_dev_destroy(struct usb_dev *d)
{
	if (!d)
		return;
	d->model->destroy(d->m);
	free(d);
}

const struct usb_model *usb_dev_model(const struct usb_dev *d, void **m)
{
	*m = d->m;
	return d->model;
}

static size_t u16(const uint8_t *p)
{
	return (size_t)p[0] | (size_t)p[1] << 8;
}

/* --- standard requests --------------------------------------------------------------------------------------- */

/* As many of the bytes as there is room for. */
static int give(struct usb_transfer *t, const void *from, size_t size)
{
	t->moved = size < t->size ? size : t->size;
	memcpy(t->data, from, t->moved);
	return 0;
}

/* UTF-8 to UTF-16; no surrogates, and nothing is wrong in it. */
static int give_string(struct usb_transfer *t, const char *text)
{
	uint8_t out[255] = { 0, 3 };
	size_t n = 2;

	for (const unsigned char *p = (const unsigned char *)text; *p && n < 254; n += 2) {
		unsigned c = *p++;

		if (c >= 0xe0 && p[0] && p[1]) {
			c = (c & 0x0f) << 12 | (p[0] & 0x3fU) << 6 | (p[1] & 0x3fU);
			p += 2;
		} else if (c >= 0xc0 && p[0]) {
			c = (c & 0x1f) << 6 | (p[0] & 0x3fU);
			p++;
		}
		out[n] = (uint8_t)c;
		out[n + 1] = (uint8_t)(c >> 8);
	}
	out[0] = (uint8_t)n;
	return give(t, out, n);
}

static int get_descriptor(const struct usb_dev *d, struct usb_transfer *t)
{
	static const uint8_t languages[] = { 4, 3, 0x09, 0x04 };
	const uint8_t *bytes;
	const char *text;
	size_t size;

	switch (t->setup[3]) {
	case 1:
		return give(t, d->model->device(d->m), 18);
	case 2:
		bytes = d->model->configuration(d->m, &size);
		return t->setup[2] ? USB_MODEL_STALL : give(t, bytes, size);
	case 3:
		if (t->setup[2] == 0)
			return give(t, languages, sizeof(languages));
		text = d->model->string(d->m, t->setup[2]);
		return text ? give_string(t, text) : USB_MODEL_STALL;
	default:
		return USB_MODEL_STALL;
	}
}

static uint32_t endpoint_bit(uint8_t endpoint)
{
	return UINT32_C(1) << ((endpoint & 15) + (endpoint & TO_HOST ? 16 : 0));
}

static int ask_model(struct usb_dev *d, struct usb_transfer *t)
{
	int n = d->model->control(d->m, t->setup, t->data);

	if (n < 0)
		return n;
	t->moved = t->setup[0] & TO_HOST ? (size_t)n : t->size;
	return t->moved > t->size ? USB_MODEL_BABBLE : 0;
}

int usb_dev_set_interface(struct usb_dev *d, uint8_t number, uint8_t alt)
{
	const uint8_t setup[8] = { TO_INTERFACE, SET_INTERFACE, alt, 0, number };
	struct usb_transfer t = { .setup = setup };
	int status = number < MAX_INTERFACES ? ask_model(d, &t) : USB_MODEL_STALL;

	if (status == 0)
		d->alts[number] = alt;
	return status;
}

static int standard(struct usb_dev *d, struct usb_transfer *t)
{
	static const uint8_t one = 1;
	uint8_t halted[2] = { 0 };
	const uint8_t *s = t->setup;

	switch (s[1]) {
	case GET_STATUS:
		if ((s[0] & RECIPIENT_MASK) == TO_ENDPOINT)
			halted[0] = (d->halted & endpoint_bit(s[4])) != 0;
		return give(t, halted, sizeof(halted));
	case CLEAR_FEATURE:
		usb_dev_clear_halt(d, s[4]);
		return 0;
	case GET_DESCRIPTOR:
		return (s[0] & RECIPIENT_MASK) == TO_DEVICE ? get_descriptor(d, t)
							    : ask_model(d, t);
	case GET_CONFIGURATION:
		return give(t, &one, 1);
	case SET_CONFIGURATION:
		return 0;
	case GET_INTERFACE:
		return give(t, &d->alts[s[4] % MAX_INTERFACES], 1);
	case SET_INTERFACE:
		return usb_dev_set_interface(d, s[4], s[2]);
	default:
		return USB_MODEL_STALL;
	}
}

static bool is_standard(const struct usb_dev *d, const struct usb_transfer *t)
{
	return t->setup && !(t->setup[0] & TYPE_MASK) && d->model->device;
}

/* --- bulk and interrupt -------------------------------------------------------------------------------------- */

static size_t packet_size(const struct usb_dev *d, uint8_t endpoint)
{
	size_t size = 0;
	const uint8_t *p = d->model->configuration(d->m, &size);

	for (const uint8_t *end = p + size; p + 2 <= end && p[0] >= 2; p += p[0])
		if (p[0] >= 7 && p[1] == 5 && p[2] == endpoint)
			return u16(p + 4) & 0x7ff;
	return FULL_SPEED_PACKET;
}

static int run_in(struct usb_dev *d, struct usb_transfer *t)
{
	size_t packet = packet_size(d, t->endpoint);
	int n;

	do {
		n = d->model->in(d->m, t->endpoint, t->data + t->moved, t->size - t->moved);
		if (n < 0)
			return n;
		if ((size_t)n > t->size - t->moved)
			return USB_MODEL_BABBLE;
		t->moved += (size_t)n;
	} while (n > 0 && (size_t)n % packet == 0 && t->moved < t->size);
	return 0;
}

static int run_out(struct usb_dev *d, struct usb_transfer *t)
{
	int n;

	while (!t->fed) {
		n = d->model->out(d->m, t->endpoint, t->data + t->moved, t->size - t->moved);
		if (n < 0)
			return n;
		t->moved += (size_t)n;
		t->fed = t->moved == t->size;
	}
	if (!t->zero_packet || !t->size || t->size % packet_size(d, t->endpoint) != 0)
		return 0;
	n = d->model->out(d->m, t->endpoint, t->data, 0);
	return n < 0 ? n : 0;
}

static int run(struct usb_dev *d, struct usb_transfer *t)
{
	if (t->setup)
		return ask_model(d, t);
	if (d->halted & endpoint_bit(t->endpoint))
		return USB_MODEL_STALL;
	if (t->endpoint & TO_HOST)
		return d->model->in ? run_in(d, t) : USB_MODEL_STALL;
	return d->model->out ? run_out(d, t) : USB_MODEL_STALL;
}

void usb_dev_clear_halt(struct usb_dev *d, uint8_t endpoint)
{
	d->halted &= ~endpoint_bit(endpoint);
	if (d->model->clear_halt)
		d->model->clear_halt(d->m, endpoint);
}

void usb_dev_reset(struct usb_dev *d)
{
	d->halted = 0;
	memset(d->alts, 0, sizeof(d->alts));
	if (d->model->reset)
		d->model->reset(d->m);
}

/* --- faults -------------------------------------------------------------------------------------------------- */

static bool fault_kind(struct fault *f, const char *word)
{
	if (strcmp(word, "control") == 0)
		f->kind = CONTROL;
	else if (strcmp(word, "in") == 0)
		f->kind = IN;
	else if (strcmp(word, "out") == 0)
		f->kind = OUT;
	else if (usb_model_pair(word, ':', &f->type, &f->code))
		f->kind = REQUEST;
	else
		return false;
	return true;
}

static bool number_word(const char *word, const char *name, unsigned *to)
{
	char *end;

	if (strncmp(word, name, strlen(name)) != 0)
		return false;
	word += strlen(name);
	*to = (unsigned)strtoul(word, &end, 10);
	return end != word && !*end;
}

static bool fault_word(struct fault *f, const char *word)
{
	static const struct {
		const char *name;
		int what;
	} whats[] = {
		{ "stall", USB_MODEL_STALL }, { "nak", USB_MODEL_NAK },
		{ "gone", USB_MODEL_GONE },   { "babble", USB_MODEL_BABBLE },
		{ "error", USB_MODEL_ERROR }, { "lost", LOST },
	};

	for (size_t i = 0; i < sizeof(whats) / sizeof(*whats); i++)
		if (strcmp(word, whats[i].name) == 0) {
			f->what = whats[i].what;
			return true;
		}
	return number_word(word, "after=", &f->after) || number_word(word, "times=", &f->times) ||
	       fault_kind(f, word);
}

bool usb_dev_fault(struct usb_dev *d, char **words)
{
	struct fault f = { .after = 1, .times = 1 };

	if (words[0] && strcmp(words[0], "none") == 0) {
		memset(d->faults, 0, sizeof(d->faults));
		return true;
	}
	for (; *words; words++)
		if (!fault_word(&f, *words))
			return false;
	for (size_t i = 0; f.what && f.after && i < MAX_FAULTS; i++)
		if (!d->faults[i].times) {
			d->faults[i] = f;
			return true;
		}
	return false;
}

static bool concerns(const struct fault *f, const struct usb_transfer *t)
{
	bool in = t->setup ? t->setup[0] & TO_HOST : t->endpoint & TO_HOST;

	switch (f->kind) {
	case CONTROL:
		return t->setup;
	case IN:
		return !t->setup && in;
	case OUT:
		return !t->setup && !in;
	case REQUEST:
		return t->setup && t->setup[0] == f->type && t->setup[1] == f->code;
	default:
		return true;
	}
}

/* What is to go wrong with this transfer, which is counted; 0: nothing. */
static int fault_of(struct usb_dev *d, const struct usb_transfer *t)
{
	int what = 0;

	for (size_t i = 0; i < MAX_FAULTS; i++) {
		struct fault *f = &d->faults[i];

		if (!f->times || !concerns(f, t) || --f->after > 0)
			continue;
		f->after = 1;
		f->times--;
		what = f->what;
	}
	return what;
}

static void start(struct usb_dev *d, struct usb_transfer *t)
{
	t->started = true;
	t->fault = fault_of(d, t);
	if (t->setup)
		d->count.control++;
	else if (t->endpoint & TO_HOST)
		d->count.in++;
	else
		d->count.out++;
	if (t->fault == USB_MODEL_GONE)
		d->host->leave(d->host->ctx, 0);
	if (t->fault == USB_MODEL_STALL && !t->setup)
		d->halted |= endpoint_bit(t->endpoint);
}

int usb_dev_run(struct usb_dev *d, struct usb_transfer *t)
{
	int status;

	if (is_standard(d, t))
		return standard(d, t);
	if (!t->started)
		start(d, t);
	if (t->fault && t->fault != LOST)
		return t->fault;
	status = run(d, t);
	if (status == 0)
		d->count.bytes += t->moved;
	return status == 0 && t->fault == LOST ? USB_MODEL_ERROR : status;
}

struct usb_dev_count usb_dev_count(struct usb_dev *d)
{
	struct usb_dev_count now = d->count;

	d->count = (struct usb_dev_count){ 0 };
	return now;
}
