/* SPDX-License-Identifier: MIT
 *
 * USB/IP for an emulated device. A message is a head of 48 bytes, its numbers with the high byte first, and the data of a transfer
 * behind it. A transfer without an answer (NAK) is kept until the device has one or the kernel takes it back.
 */
#include "usbip.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "usb_dev.h"
#include "usb_model.h"

enum { HEAD = 48, SETUP_AT = 40, LARGEST = 1 << 20, TO_HOST = 0x80 };
enum { CMD_SUBMIT = 1, CMD_UNLINK = 2, RET_SUBMIT = 3, RET_UNLINK = 4 };
enum { ZERO_PACKET = 0x40 }; /* of transfer_flags */

/* Places in a head, in bytes. */
enum {
	COMMAND = 0,
	SEQUENCE = 4,
	DIRECTION = 12,
	ENDPOINT = 16,
	/* of CMD_SUBMIT */
	FLAGS = 20,
	LENGTH = 24,
	PACKETS = 32,
	/* of CMD_UNLINK */
	UNLINKED = 20,
	/* of answers */
	STATUS = 20,
	ACTUAL = 24,
};

/* A transfer that the kernel waits for; in the order of their coming. */
struct urb {
	struct urb *next;
	uint8_t head[HEAD];
	struct usb_transfer transfer;
	uint8_t data[];
};

struct usbip {
	int fd;
	struct usb_dev *dev;
	struct urb *urbs;
	bool gone;
};

static uint32_t get(const uint8_t *head, int at)
{
	const uint8_t *p = head + at;

	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void put(uint8_t *head, int at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		head[at + i] = (uint8_t)(value >> (24 - 8 * i));
}

static bool read_all(int fd, uint8_t *to, size_t size)
{
	for (ssize_t n; size; to += n, size -= (size_t)n) {
		n = recv(fd, to, size, MSG_WAITALL);
		if (n < 0 && errno == EINTR)
			n = 0;
		else if (n <= 0)
			return false;
	}
	return true;
}

/* A closed end is seen when the next message is read. */
static void write_all(int fd, const uint8_t *from, size_t size)
{
	for (ssize_t n; size; from += n, size -= (size_t)n) {
		n = send(fd, from, size, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			n = 0;
		else if (n <= 0)
			return;
	}
}

struct usbip *usbip_create(int fd, struct usb_dev *dev)
{
	struct usbip *u = calloc(1, sizeof(*u));

	if (!u)
		abort();
	u->fd = fd;
	u->dev = dev;
	return u;
}

void usbip_destroy(struct usbip *u)
{
	if (!u)
		return;
	while (u->urbs) {
		struct urb *next = u->urbs->next;

		free(u->urbs);
		u->urbs = next;
	}
	close(u->fd);
	free(u);
}

bool usbip_waits(const struct usbip *u)
{
	return u->urbs;
}

static int errno_of(int status)
{
	switch (status) {
	case 0:
		return 0;
	case USB_MODEL_STALL:
		return EPIPE;
	case USB_MODEL_BABBLE:
		return EOVERFLOW;
	default:
		return EPROTO;
	}
}

static void answer(const struct usbip *u, const struct urb *urb, int status)
{
	const struct usb_transfer *t = &urb->transfer;
	bool in = get(urb->head, DIRECTION) != 0;
	size_t moved = t->moved < t->size ? t->moved : t->size;
	uint8_t head[HEAD] = { 0 };

	put(head, COMMAND, RET_SUBMIT);
	put(head, SEQUENCE, get(urb->head, SEQUENCE));
	put(head, STATUS, (uint32_t)-errno_of(status));
	put(head, ACTUAL, (uint32_t)moved);
	put(head, PACKETS, get(urb->head, PACKETS));
	write_all(u->fd, head, HEAD);
	if (in)
		write_all(u->fd, t->data, moved);
}

static bool same_pipe(const struct urb *a, const struct urb *b)
{
	if (a->transfer.setup || b->transfer.setup)
		return a->transfer.setup && b->transfer.setup;
	return a->transfer.endpoint == b->transfer.endpoint;
}

/* An earlier one on the same endpoint has no answer yet. */
static bool has_to_wait(const struct usbip *u, const struct urb *urb)
{
	for (const struct urb *other = u->urbs; other != urb; other = other->next)
		if (same_pipe(other, urb))
			return true;
	return false;
}

bool usbip_run(struct usbip *u)
{
	struct urb **at = &u->urbs;

	while (!u->gone && *at) {
		struct urb *urb = *at;
		int status =
			has_to_wait(u, urb) ? USB_MODEL_NAK : usb_dev_run(u->dev, &urb->transfer);

		if (status == USB_MODEL_NAK) {
			at = &urb->next;
			continue;
		}
		u->gone = status == USB_MODEL_GONE;
		if (!u->gone)
			answer(u, urb, status);
		*at = urb->next;
		free(urb);
	}
	return !u->gone;
}

/*
 * vhci-hcd resets a port without a word to the device. What follows a reset, and nothing else, is the kernel's question for the
 * device descriptor with room for 64 bytes.
 */
static bool after_reset(const uint8_t *setup)
{
	static const uint8_t question[] = { TO_HOST, 6, 0, 1, 0, 0, 64, 0 };

	return memcmp(setup, question, sizeof(question)) == 0;
}

static bool submitted(struct usbip *u, const uint8_t *head)
{
	size_t size = get(head, LENGTH);
	bool in = get(head, DIRECTION) != 0;
	uint32_t endpoint = get(head, ENDPOINT);
	struct urb *urb, **last = &u->urbs;

	if (size > LARGEST || endpoint > 15)
		return false;
	urb = calloc(1, sizeof(*urb) + size);
	if (!urb)
		abort();
	memcpy(urb->head, head, HEAD);
	urb->transfer.setup = endpoint ? NULL : urb->head + SETUP_AT;
	urb->transfer.endpoint = (uint8_t)(endpoint | (in ? TO_HOST : 0));
	urb->transfer.data = urb->data;
	urb->transfer.size = size;
	urb->transfer.zero_packet = get(head, FLAGS) & ZERO_PACKET;
	if (!in && !read_all(u->fd, urb->data, size)) {
		free(urb);
		return false;
	}
	if (urb->transfer.setup && after_reset(urb->transfer.setup))
		usb_dev_reset(u->dev);
	while (*last)
		last = &(*last)->next;
	*last = urb;
	return usbip_run(u);
}

/* Taken back by the kernel: -ECONNRESET says that it was still there, 0 that its answer is on the way. */
static void unlinked(struct usbip *u, const uint8_t *head)
{
	uint8_t reply[HEAD] = { 0 };

	put(reply, COMMAND, RET_UNLINK);
	put(reply, SEQUENCE, get(head, SEQUENCE));
	for (struct urb **at = &u->urbs; *at; at = &(*at)->next) {
		struct urb *urb = *at;

		if (get(urb->head, SEQUENCE) != get(head, UNLINKED))
			continue;
		put(reply, STATUS, (uint32_t)-ECONNRESET);
		*at = urb->next;
		free(urb);
		break;
	}
	write_all(u->fd, reply, HEAD);
}

bool usbip_read(struct usbip *u)
{
	uint8_t head[HEAD];

	if (!read_all(u->fd, head, HEAD))
		return false;
	switch (get(head, COMMAND)) {
	case CMD_SUBMIT:
		return submitted(u, head);
	case CMD_UNLINK:
		unlinked(u, head);
		return true;
	default:
		return false;
	}
}
