/* SPDX-License-Identifier: MIT
 *
 * Plugs emulated USB devices into the kernel that it runs on: vhci-hcd gets one end of a socketpair, usbip.c answers on the other. For
 * a virtual machine, as the devices are there for all of the system. Lines come from a FIFO, as for the rig (README.md):
 *
 *	model PLACE NAME WORDS        plugs in; PLACE is "1-1" to "1-8", the ports of the first bus, which has to be vhci-hcd's
 *	remove PLACE                  unplugs
 *	fault PLACE WORDS             usb_dev.h
 *	count PLACE                   tells "count PLACE control=N in=N out=N bytes=N"
 *	on EVENT => MS LINE           does LINE once, MS after EVENT stood in the log
 *
 * Usage: emu_vhci DIR    with FIFOs DIR/in (a line) and DIR/out (its answer: "ok", or what is wrong); DIR/log gets events
 */
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "usb_dev.h"
#include "usb_model.h"
#include "usbip.h"

#define ATTACH "/sys/devices/platform/vhci_hcd.0/attach"

enum { PORTS = 8, RULES = 32, LINE = 1024, WORDS = 32, FULL_SPEED = 2, AGAIN_MS = 4 };

struct port {
	char place[8];
	int number;
	struct usb_dev *dev; /* NULL: nothing there */
	struct usbip *wire;
	int fd; /* of the wire */
	struct usb_model_host host;
	int64_t leave_at; /* 0: it stays */
};

struct rule {
	char *event, *line; /* NULL: not in use */
	int ms;
	int64_t due; /* 0: the event was not yet */
};

static struct port ports[PORTS];
static struct rule rules[RULES];
static FILE *event_log;

static int64_t now_ms(void *ctx)
{
	struct timespec t;

	(void)ctx;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* --- events -------------------------------------------------------------------------------------------------------- */

static void tell(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void tell(const char *fmt, ...)
{
	char text[LINE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	fprintf(event_log, "%s\n", text);
	fflush(event_log);
	for (struct rule *r = rules; r < rules + RULES; r++)
		if (r->event && !r->due && strcmp(r->event, text) == 0)
			r->due = now_ms(NULL) + r->ms;
}

static void on_event(void *ctx, const char *text)
{
	struct port *p = ctx;
	void *m;

	if (p->dev)
		tell("%s %s %s", usb_dev_model(p->dev, &m)->name, p->place, text);
}

static void on_leave(void *ctx, int ms)
{
	struct port *p = ctx;

	p->leave_at = now_ms(NULL) + ms;
}

/* --- ports --------------------------------------------------------------------------------------------------------- */

static struct port *port_at(const char *place)
{
	for (int i = 0; place && i < PORTS; i++)
		if (strcmp(ports[i].place, place) == 0)
			return &ports[i];
	return NULL;
}

static void unplug(struct port *p)
{
	usbip_destroy(p->wire);
	usb_dev_destroy(p->dev);
	p->wire = NULL;
	p->dev = NULL;
	p->leave_at = 0;
}

static void left(struct port *p)
{
	unplug(p);
	tell("left %s", p->place);
}

/* The kernel takes its end of the socket out of this process: "PORT FD DEVICE SPEED". */
static bool attach(const struct port *p, int fd)
{
	char text[64];
	int n = snprintf(text, sizeof(text), "%d %d %d %d", p->number, fd, p->number + 1,
			 FULL_SPEED);
	int sys = open(ATTACH, O_WRONLY | O_CLOEXEC);
	bool ok = sys >= 0 && write(sys, text, (size_t)n) == n;

	if (!ok)
		perror(ATTACH);
	if (sys >= 0)
		close(sys);
	return ok;
}

static const char *plug(struct port *p, char **words)
{
	static char *why;
	const struct usb_model *model = words[0] ? usb_model_by_name(words[0]) : NULL;
	int ends[2];

	if (p->dev || !model)
		return model ? "something is there" : "no such model";
	free(why);
	why = NULL;
	p->dev = usb_dev_create(model, words + 1, &p->host, &why);
	if (!p->dev)
		return why;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		die("socketpair");
	p->fd = ends[0];
	p->wire = usbip_create(p->fd, p->dev);
	if (!attach(p, ends[1]))
		unplug(p);
	close(ends[1]);
	return p->dev ? NULL : "vhci-hcd does not take it";
}

/* --- lines --------------------------------------------------------------------------------------------------------- */

static const char *add_rule(const char *text)
{
	const char *arrow = strstr(text, " => ");
	char *line;
	long ms = arrow ? strtol(arrow + 4, &line, 10) : -1;

	for (struct rule *r = rules; ms >= 0 && *line == ' ' && r < rules + RULES; r++)
		if (!r->event) {
			*r = (struct rule){ strndup(text, (size_t)(arrow - text)), strdup(line + 1),
					    (int)ms, 0 };
			return NULL;
		}
	return "on EVENT => MS LINE";
}

/* NULL: done; else what is wrong. */
static const char *do_line(char *line)
{
	char *words[WORDS + 1] = { NULL }, *save = NULL;
	struct port *p;
	int n = 0;

	if (strncmp(line, "on ", 3) == 0)
		return add_rule(line + 3);
	for (char *w = strtok_r(line, " ", &save); w && n < WORDS; w = strtok_r(NULL, " ", &save))
		words[n++] = w;
	p = port_at(words[1]);
	if (!p)
		return "no such place";
	if (strcmp(words[0], "model") == 0)
		return plug(p, words + 2);
	if (!p->dev)
		return "nothing is there";
	if (strcmp(words[0], "remove") == 0) {
		unplug(p);
	} else if (strcmp(words[0], "fault") == 0) {
		return usb_dev_fault(p->dev, words + 2) ? NULL : "wrong words";
	} else if (strcmp(words[0], "count") == 0) {
		struct usb_dev_count c = usb_dev_count(p->dev);

		tell("count %s control=%lu in=%lu out=%lu bytes=%lu", p->place, c.control, c.in,
		     c.out, c.bytes);
	} else {
		return "no such line";
	}
	return NULL;
}

static void do_due_rules(void)
{
	for (struct rule *r = rules; r < rules + RULES; r++) {
		struct rule done = *r;
		const char *why;

		if (!r->event || !r->due || r->due > now_ms(NULL))
			continue;
		*r = (struct rule){ 0 };
		why = do_line(done.line);
		if (why)
			tell("wrong: on %s: %s", done.event, why);
		free(done.event);
		free(done.line);
	}
}

/* A line and its answer. Who wrote it waits for the latter, so there are never two. */
static void serve_line(FILE *in, const char *out)
{
	char line[LINE];
	const char *why;
	FILE *f;

	if (!fgets(line, sizeof(line), in))
		return;
	line[strcspn(line, "\n")] = '\0';
	why = do_line(line);
	f = fopen(out, "we");
	if (!f)
		die(out);
	fprintf(f, "%s\n", why ? why : "ok");
	fclose(f);
}

/* --- the loop ------------------------------------------------------------------------------------------------------ */

static void sooner(int *timeout, int64_t at)
{
	int64_t ms = at - now_ms(NULL);

	if (ms < 0)
		ms = 0;
	if (*timeout < 0 || ms < *timeout)
		*timeout = (int)ms;
}

/* How long poll may wait; -1: until something comes. */
static int patience(void)
{
	int timeout = -1;

	for (const struct port *p = ports; p < ports + PORTS; p++) {
		if (p->dev && usbip_waits(p->wire))
			sooner(&timeout, now_ms(NULL) + AGAIN_MS);
		if (p->dev && p->leave_at)
			sooner(&timeout, p->leave_at);
	}
	for (const struct rule *r = rules; r < rules + RULES; r++)
		if (r->due)
			sooner(&timeout, r->due);
	return timeout;
}

static void serve_port(struct port *p, bool readable)
{
	if (p->leave_at && p->leave_at <= now_ms(NULL)) {
		left(p);
		return;
	}
	if ((readable && !usbip_read(p->wire)) || !usbip_run(p->wire))
		left(p);
}

static void serve(FILE *in, const char *out)
{
	for (;;) {
		struct pollfd fds[PORTS + 1] = { { fileno(in), POLLIN, 0 } };

		for (int i = 0; i < PORTS; i++) {
			fds[i + 1].fd = ports[i].dev ? ports[i].fd : -1;
			fds[i + 1].events = POLLIN;
		}
		if (poll(fds, PORTS + 1, patience()) < 0)
			die("poll");
		for (int i = 0; i < PORTS; i++)
			if (ports[i].dev)
				serve_port(&ports[i], fds[i + 1].revents);
		do_due_rules();
		if (fds[0].revents)
			serve_line(in, out);
	}
}

static char *path_in(const char *dir, const char *name)
{
	char *path = NULL;

	if (asprintf(&path, "%s/%s", dir, name) < 0)
		abort();
	return path;
}

int main(int argc, char **argv)
{
	FILE *in;
	int fd;

	if (argc != 2) {
		fprintf(stderr, "usage: emu_vhci DIR\n");
		return 2;
	}
	for (int i = 0; i < PORTS; i++) {
		snprintf(ports[i].place, sizeof(ports[i].place), "1-%d", i + 1);
		ports[i].number = i;
		ports[i].host = (struct usb_model_host){ on_event, on_leave, now_ms, &ports[i] };
	}
	event_log = fopen(path_in(argv[1], "log"), "ae");
	/* also for writing: it does not end when a writer does */
	fd = open(path_in(argv[1], "in"), O_RDWR | O_CLOEXEC);
	in = fd < 0 ? NULL : fdopen(fd, "r");
	if (!event_log || !in)
		die(argv[1]);
	serve(in, path_in(argv[1], "out"));
}
