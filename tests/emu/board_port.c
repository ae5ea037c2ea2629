/* SPDX-License-Identifier: MIT
 *
 * Bytes, lines and naps of an emulated board.
 */
#include "board_port.h"

#include <asm/termbits.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { PORT = STDIN_FILENO, TICK_MS = 2 };

void (*port_lines)(bool dtr, bool rts);
void (*port_tick)(void);
void (*port_came)(size_t n);

static unsigned char heard[4096];
static size_t heard_count, heard_next;

int64_t port_now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

unsigned port_speed(void)
{
	struct termios2 t;

	return ioctl(PORT, TCGETS2, &t) == 0 ? t.c_ospeed : 0;
}

bool port_is_open(void)
{
	struct pollfd p = { .fd = PORT, .events = POLLIN };

	return poll(&p, 1, 0) >= 0 && !(p.revents & POLLHUP);
}

void port_forget(void)
{
	heard_count = heard_next = 0;
}

/* Two letters a change, "10": DTR is asserted, RTS is not. */
static void look_at_lines(void)
{
	char change[2];

	while (port_lines && read(PORT_LINES, change, sizeof(change)) == sizeof(change))
		port_lines(change[0] == '1', change[1] == '1');
	if (port_tick)
		port_tick();
}

/* Waits at most so long for the port; true when it may have bytes. */
static bool wait_for_bytes(int ms)
{
	struct pollfd p[2] = { { .fd = PORT, .events = POLLIN },
			       { .fd = port_lines ? PORT_LINES : -1, .events = POLLIN } };
	int n = poll(p, 2, ms);

	if (n > 0 && (p[0].revents & POLLHUP) && !(p[0].revents & POLLIN)) {
		/* nobody has it open: poll would return at once, again and again */
		p[0].fd = -1;
		poll(p, 2, ms < TICK_MS ? ms : TICK_MS);
		return false;
	}
	return n > 0 && (p[0].revents & POLLIN);
}

static bool fill(int ms)
{
	ssize_t n;

	if (!wait_for_bytes(ms))
		return false;
	n = read(PORT, heard, sizeof(heard));
	if (n < 0 && errno != EIO && errno != EAGAIN && errno != EINTR)
		exit(0);
	if (n <= 0)
		return false;
	heard_next = 0;
	heard_count = (size_t)n;
	if (port_came)
		port_came(heard_count);
	return true;
}

int port_hear_for(int ms)
{
	int64_t end = port_now_us() + (int64_t)ms * 1000;

	while (heard_next == heard_count) {
		int64_t left = (end - port_now_us()) / 1000;

		look_at_lines();
		if (left < 0)
			return -1;
		fill(left < TICK_MS ? (int)left + 1 : TICK_MS);
	}
	return heard[heard_next++];
}

int port_hear(void)
{
	int c;

	do
		c = port_hear_for(1000);
	while (c < 0);
	return c;
}

void port_pause_us(int64_t us)
{
	int64_t end = port_now_us() + us, left;

	while (look_at_lines(), (left = end - port_now_us()) > 0)
		usleep((useconds_t)(left < TICK_MS * 1000 ? left : TICK_MS * 1000));
}

void port_say(const void *data, size_t len)
{
	const char *p = data;

	while (len) {
		ssize_t n = write(PORT, p, len);

		if (n < 0 && errno != EAGAIN && errno != EINTR && errno != EIO)
			exit(0);
		if (n < 0) {
			if (errno == EIO)
				return;
			port_pause_us(TICK_MS * 1000);
			continue;
		}
		p += n;
		len -= (size_t)n;
	}
}

void port_tell(const char *event)
{
	printf("%s\n", event);
	fflush(stdout);
}
