/* SPDX-License-Identifier: MIT
 *
 * The rig: emulated devices for programs that run with umockdev's preloaded library. It takes lines from a named pipe, answers
 * each with "ok" or "error: ...", and writes what happens to the devices into a log (README.md). It ends with the process that started
 * it.
 *
 * Usage: emu_rig FOLDER    makes FOLDER/in, FOLDER/out, FOLDER/log, and FOLDER/root when it is ready
 */
#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <umockdev.h>
#include <unistd.h>

#include "bed.h"
#include "board_port.h"
#include "lines.h"
#include "usb_calls.h"
#include "usb_plain.h"

struct rig;

struct port {
	struct rig *rig;
	char *name;
	struct lines *lines;
	GPid board;   /* 0: none */
	int tell;     /* a pipe on which the board hears of the lines; -1: none */
	guint events; /* watch on what the board tells */
};

struct reaction {
	struct rig *rig;
	char *event, *line;
	guint delay_ms;
	guint source; /* it has been set off, and waits */
};

struct rig {
	const char *folder, *programs;
	GMainLoop *loop;
	UMockdevTestbed *testbed;
	struct bed bed;
	GHashTable *ports;          /* name -> struct port */
	GHashTable *usb;            /* place -> struct usb_calls */
	struct usb_calls *plugging; /* a model that is on its way in */
	GPtrArray *reactions;       /* to what has not happened */
	GPtrArray *coming;          /* to what has, a little later */
	FILE *log;
	GString *input;
	int in, out;
};

static bool obey(struct rig *r, const char *line, char **why);

/* --- events -------------------------------------------------------------------------------------------------- */

static void free_reaction(void *p)
{
	struct reaction *what = p;

	if (what->source)
		g_source_remove(what->source);
	g_free(what->event);
	g_free(what->line);
	g_free(what);
}

static gboolean react(void *p)
{
	struct reaction *what = p;
	struct rig *r = what->rig;
	char *why = NULL;

	what->source = 0; /* glib removes it itself */
	g_ptr_array_remove_fast(r->coming, what);
	if (!obey(r, what->line, &why))
		fprintf(r->log, "failed %s: %s\n", what->line, why);
	g_free(why);
	free_reaction(what);
	return G_SOURCE_REMOVE;
}

static void free_all(GPtrArray *reactions)
{
	for (guint i = 0; i < reactions->len; i++)
		free_reaction(reactions->pdata[i]);
	g_ptr_array_set_size(reactions, 0);
}

/* Each reaction happens once. */
static void on_event(void *ctx, const char *text)
{
	struct rig *r = ctx;

	fprintf(r->log, "%s\n", text);
	for (guint i = 0; i < r->reactions->len;) {
		struct reaction *what = r->reactions->pdata[i];

		if (strcmp(what->event, text) != 0) {
			i++;
			continue;
		}
		g_ptr_array_remove_index(r->reactions, i);
		g_ptr_array_add(r->coming, what);
		what->source = g_timeout_add(what->delay_ms, react, what);
	}
}

/* "lines ttyUSB0 dtr=1 rts=0": the board behind the port is told "10". */
static void tell_board(const struct port *p, const char *text)
{
	const char *dtr = strstr(text, " dtr="), *rts = strstr(text, " rts=");
	char change[2];

	if (p->tell < 0 || !dtr || !rts)
		return;
	change[0] = dtr[5];
	change[1] = rts[5];
	if (write(p->tell, change, sizeof(change)) != sizeof(change))
		fprintf(p->rig->log, "untold %s\n", text);
}

static void on_line_event(void *ctx, const char *text)
{
	struct port *p = ctx;

	tell_board(p, text);
	on_event(p->rig, text);
}

enum { TOUCH_LOOK_MS = 10 };

/* A port that is closed at 1200 baud: what many boards take for "go to the bootloader". Its pty tells, and is set back. */
static void look_for_touch(struct rig *r, const struct bed_tty *t)
{
	struct pollfd p = { .fd = t->master, .events = POLLIN };
	struct termios now;
	char *touch;

	if (t->master < 0 || tcgetattr(t->master, &now) != 0 || cfgetospeed(&now) != B1200 ||
	    poll(&p, 1, 0) < 0 || !(p.revents & POLLHUP))
		return;
	cfsetispeed(&now, B115200);
	cfsetospeed(&now, B115200);
	tcsetattr(t->master, TCSANOW, &now);
	touch = g_strdup_printf("touch1200 %s", t->name);
	on_event(r, touch);
	g_free(touch);
}

static gboolean look_for_touches(void *ctx)
{
	struct rig *r = ctx;
	GHashTableIter all;
	gpointer name, tty;

	g_hash_table_iter_init(&all, r->bed.ttys);
	while (g_hash_table_iter_next(&all, &name, &tty))
		look_for_touch(r, tty);
	return G_SOURCE_CONTINUE;
}

/* --- boards behind ports ------------------------------------------------------------------------------------- */

static gboolean on_board_line(GIOChannel *channel, GIOCondition condition, void *ctx)
{
	struct port *p = ctx;
	char *line = NULL, *text;
	gsize end;

	(void)condition;
	if (g_io_channel_read_line(channel, &line, NULL, &end, NULL) != G_IO_STATUS_NORMAL) {
		p->events = 0;
		return G_SOURCE_REMOVE;
	}
	line[end] = '\0';
	text = g_strdup_printf("%s %s", line, p->name);
	on_event(p->rig, text);
	g_free(text);
	g_free(line);
	return G_SOURCE_CONTINUE;
}

static void board_child(int master, int tell, int lines, const char *program, char **words)
{
	char **argv = g_new0(char *, g_strv_length(words) + 2);

	argv[0] = (char *)program;
	for (guint i = 0; words[i]; i++)
		argv[i + 1] = bed_unescape(words[i]);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setpgid(0, 0);
	dup2(master, STDIN_FILENO);
	dup2(tell, STDOUT_FILENO);
	dup2(lines, PORT_LINES);
	/* no SA: the preloaded library must not turn the board's own files into emulated ones */
	unsetenv("LD_PRELOAD");
	execv(program, argv);
	_exit(127);
}

static void end_board(struct port *p)
{
	if (p->events)
		g_source_remove(p->events);
	p->events = 0;
	if (p->tell >= 0)
		close(p->tell);
	p->tell = -1;
	if (!p->board)
		return;
	kill(-p->board, SIGKILL);
	kill(p->board, SIGKILL);
	waitpid(p->board, NULL, 0);
	p->board = 0;
}

static bool start_board(struct rig *r, char **words, char **why)
{
	struct port *p = words[0] ? g_hash_table_lookup(r->ports, words[0]) : NULL;
	struct bed_tty *t = p ? g_hash_table_lookup(r->bed.ttys, words[0]) : NULL;
	char *program = g_build_filename(r->programs, "emu_board", NULL);
	GIOChannel *channel;
	int tell[2], lines[2];

	if (!t || !words[1] || pipe2(tell, O_CLOEXEC) != 0 ||
	    pipe2(lines, O_CLOEXEC | O_NONBLOCK) != 0) {
		*why = g_strdup("board wants a port and a kind");
		g_free(program);
		return false;
	}
	end_board(p);
	p->board = fork();
	if (p->board == 0)
		board_child(t->master, tell[1], lines[0], program, words + 1);
	close(tell[1]);
	close(lines[0]);
	p->tell = lines[1];
	channel = g_io_channel_unix_new(tell[0]);
	g_io_channel_set_close_on_unref(channel, TRUE);
	g_io_channel_set_encoding(channel, NULL, NULL);
	p->events = g_io_add_watch(channel, G_IO_IN | G_IO_HUP, on_board_line, p);
	g_io_channel_unref(channel);
	g_free(program);
	return true;
}

static void on_tty_made(void *ctx, const char *name, int master)
{
	struct rig *r = ctx;
	struct port *p = g_new0(struct port, 1);

	(void)master;
	p->rig = r;
	p->tell = -1;
	p->name = g_strdup(name);
	p->lines = lines_watch(r->testbed, name, on_line_event, p);
	g_hash_table_insert(r->ports, p->name, p);
}

/* The port's own memory stays: events of it may be on their way. */
static void on_tty_gone(void *ctx, const char *name)
{
	struct rig *r = ctx;
	struct port *p = g_hash_table_lookup(r->ports, name);

	end_board(p);
	lines_unwatch(p->lines);
	g_hash_table_remove(r->ports, name);
}

/* --- USB devices that are opened ------------------------------------------------------------------------------- */

static void on_left(void *ctx, const char *place)
{
	struct rig *r = ctx;
	char *why = NULL, *text = g_strdup_printf("left %s", place);

	if (!bed_remove(&r->bed, place, &why))
		fprintf(r->log, "failed %s: %s\n", text, why);
	on_event(r, text);
	g_free(text);
	g_free(why);
}

static void on_usb_made(void *ctx, const char *place, const char *node)
{
	struct rig *r = ctx;
	struct usb_calls_told told = { on_event, on_left, r };
	struct usb_calls *c = r->plugging;

	r->plugging = NULL;
	if (!c)
		c = usb_calls_create(&usb_plain_model, NULL, place, &told, NULL);
	usb_calls_watch(c, r->testbed, node);
	g_hash_table_insert(r->usb, g_strdup(place), c);
}

static void on_usb_gone(void *ctx, const char *place)
{
	struct rig *r = ctx;

	usb_calls_unwatch(g_hash_table_lookup(r->usb, place));
	g_hash_table_remove(r->usb, place);
}

/* --- lines --------------------------------------------------------------------------------------------------- */

/* on EVENT... => DELAY_MS LINE */
static bool add_reaction(struct rig *r, const char *text, char **why)
{
	char **sides = g_strsplit(text, " => ", 2);
	struct reaction *what = g_new0(struct reaction, 1);
	char *line;

	if (!sides[0] || !sides[1]) {
		*why = g_strdup("on wants EVENT => DELAY_MS LINE");
		g_strfreev(sides);
		g_free(what);
		return false;
	}
	what->rig = r;
	what->event = g_strdup(sides[0]);
	what->delay_ms = (guint)strtoul(sides[1], &line, 10);
	what->line = g_strdup(g_strchug(line));
	g_ptr_array_add(r->reactions, what);
	g_strfreev(sides);
	return true;
}

/* mode PATH OCTAL: the rights of a file in the bed */
static bool set_mode(const struct rig *r, char **words, char **why)
{
	char *path = words[0] && words[1] ? g_strconcat(r->bed.root, words[0], NULL) : NULL;
	char *real = path ? realpath(path, NULL) : NULL;

	if (!real || chmod(real, (mode_t)strtoul(words[1], NULL, 8)) != 0)
		*why = g_strdup_printf("mode: %s", g_strerror(errno));
	g_free(path);
	free(real);
	return !*why;
}

/* answer PLACE TYPE:REQUEST HEX, or answer PLACE busy */
static bool set_answer(const struct rig *r, char **words, char **why)
{
	struct usb_calls *c = words[0] ? g_hash_table_lookup(r->usb, words[0]) : NULL;

	if (!c || !usb_calls_answer(c, words + 1))
		*why = g_strdup(
			"answer wants the place of a device, TYPE:REQUEST and bytes in hex, or busy");
	return !*why;
}

/* model PLACE NAME key=value... [cdc=ttyACM0] [block=sdb1:LABEL] */
static bool plug_model(struct rig *r, char **words, char **why)
{
	const struct usb_model *model = words[0] && words[1] ? usb_model_by_name(words[1]) : NULL;
	struct usb_calls_told told = { on_event, on_left, r };
	GPtrArray *own = g_ptr_array_new(), *ours = g_ptr_array_new();
	struct bed_descriptors d = { 0 };

	if (!model) {
		*why = g_strdup("model wants PLACE NAME, and there is no such model");
		return false;
	}
	for (char **word = words + 2; *word; word++)
		if (**word)
			g_ptr_array_add(g_str_has_prefix(*word, "cdc=") ||
							g_str_has_prefix(*word, "block=")
						? ours
						: own,
					bed_unescape(*word));
	g_ptr_array_add(own, NULL);
	g_ptr_array_add(ours, NULL);
	r->plugging = usb_calls_create(model, (char **)own->pdata, words[0], &told, why);
	if (!r->plugging)
		return false;
	usb_calls_model(r->plugging, &d.m);
	d.device = model->device(d.m);
	d.configuration = model->configuration(d.m, &d.size);
	d.string = model->string;
	if (bed_model(&r->bed, words[0], &d, (char **)ours->pdata, why))
		return true;
	r->plugging = NULL;
	return false;
}

/* fault PLACE ..., count PLACE, leave PLACE */
static bool tell_device(struct rig *r, char **words, char **why)
{
	struct usb_calls *c = words[1] ? g_hash_table_lookup(r->usb, words[1]) : NULL;

	if (!c)
		*why = g_strdup_printf("%s wants the place of a device", words[0]);
	else if (strcmp(words[0], "count") == 0)
		usb_calls_count(c);
	else if (strcmp(words[0], "leave") == 0)
		on_left(r, words[1]);
	else if (!usb_calls_fault(c, words + 2))
		*why = g_strdup("fault: wrong words, or too many wait");
	return !*why;
}

static bool obey_words(struct rig *r, char **words, char **why)
{
	const char *verb = words[0];

	if (strcmp(verb, "usb") == 0)
		return bed_usb(&r->bed, words + 1, why);
	if (strcmp(verb, "model") == 0)
		return plug_model(r, words + 1, why);
	if (strcmp(verb, "fault") == 0 || strcmp(verb, "count") == 0 || strcmp(verb, "leave") == 0)
		return tell_device(r, words, why);
	if (strcmp(verb, "board") == 0)
		return start_board(r, words + 1, why);
	if (strcmp(verb, "mode") == 0)
		return set_mode(r, words + 1, why);
	if (strcmp(verb, "answer") == 0)
		return set_answer(r, words + 1, why);
	if (strcmp(verb, "tty") == 0 && words[1])
		return bed_tty(&r->bed, words[1], why);
	if (strcmp(verb, "remove") == 0 && words[1])
		return bed_remove(&r->bed, words[1], why);
	if (strcmp(verb, "link") == 0 && words[1] && words[2])
		return bed_link(&r->bed, words[1], words[2], why);
	*why = g_strdup_printf("unknown line '%s'", verb);
	return false;
}

static bool obey(struct rig *r, const char *line, char **why)
{
	char **words;
	bool ok;

	if (strcmp(line, "quit") == 0) {
		g_main_loop_quit(r->loop);
		return true;
	}
	/* What one part of a test has left does not come into the next one. */
	if (strcmp(line, "forget") == 0) {
		free_all(r->reactions);
		free_all(r->coming);
		return true;
	}
	if (g_str_has_prefix(line, "on "))
		return add_reaction(r, line + 3, why);
	words = g_strsplit(line, " ", 0);
	ok = !words[0] || !*words[0] || obey_words(r, words, why);
	g_strfreev(words);
	return ok;
}

static void answer(const struct rig *r, bool ok, const char *why)
{
	char *text = ok ? g_strdup("ok\n") : g_strdup_printf("error: %s\n", why);

	if (write(r->out, text, strlen(text)) < 0)
		fprintf(r->log, "no answer: %s\n", g_strerror(errno));
	g_free(text);
}

static gboolean on_input(int fd, GIOCondition condition, void *ctx)
{
	struct rig *r = ctx;
	char buf[4096], *nl;
	ssize_t n = read(fd, buf, sizeof(buf));

	(void)condition;
	if (n > 0)
		g_string_append_len(r->input, buf, n);
	while ((nl = strchr(r->input->str, '\n'))) {
		char *line = g_strndup(r->input->str, (gsize)(nl - r->input->str)), *why = NULL;
		bool ok;

		g_string_erase(r->input, 0, (gssize)strlen(line) + 1);
		ok = obey(r, line, &why);
		answer(r, ok, why);
		g_free(why);
		g_free(line);
	}
	return G_SOURCE_CONTINUE;
}

static gboolean on_signal(void *ctx)
{
	g_main_loop_quit(((struct rig *)ctx)->loop);
	return G_SOURCE_CONTINUE;
}

static void end_boards(struct rig *r)
{
	GHashTableIter all;
	gpointer name, port;

	g_hash_table_iter_init(&all, r->ports);
	while (g_hash_table_iter_next(&all, &name, &port))
		end_board(port);
}

static bool open_folder(struct rig *r)
{
	char *in = g_build_filename(r->folder, "in", NULL);
	char *out = g_build_filename(r->folder, "out", NULL);
	char *log = g_build_filename(r->folder, "log", NULL);

	r->log = fopen(log, "we");
	if (!r->log || mkfifo(in, 0600) != 0 || mkfifo(out, 0600) != 0)
		return false;
	setvbuf(r->log, NULL, _IOLBF, 0);
	/* Both for both, so that none ends when the other side closes it. */
	r->in = open(in, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	r->out = open(out, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	g_free(in);
	g_free(out);
	g_free(log);
	return r->in >= 0 && r->out >= 0;
}

static void say_ready(const struct rig *r)
{
	char *path = g_build_filename(r->folder, "root", NULL);

	if (!g_file_set_contents(path, r->bed.root, -1, NULL))
		g_error("cannot write %s", path);
	g_free(path);
}

int main(int argc, char **argv)
{
	struct rig r = { .folder = argc == 2 ? argv[1] : NULL };
	char *root;

	if (!r.folder) {
		fprintf(stderr, "usage: emu_rig FOLDER\n");
		return 2;
	}
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	r.programs = g_path_get_dirname(argv[0]);
	r.loop = g_main_loop_new(NULL, FALSE);
	r.ports = g_hash_table_new(g_str_hash, g_str_equal);
	r.usb = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	r.reactions = g_ptr_array_new();
	r.coming = g_ptr_array_new();
	r.input = g_string_new(NULL);
	if (!open_folder(&r)) {
		fprintf(stderr, "emu_rig: %s: %s\n", r.folder, strerror(errno));
		return 1;
	}
	g_unix_signal_add(SIGTERM, on_signal, &r);
	g_unix_signal_add(SIGINT, on_signal, &r);
	g_timeout_add(TOUCH_LOOK_MS, look_for_touches, &r);
	g_unix_fd_add(r.in, G_IO_IN, on_input, &r);
	r.testbed = umockdev_testbed_new();
	root = umockdev_testbed_get_root_dir(r.testbed);
	bed_init(&r.bed, root);
	r.bed.tty_made = on_tty_made;
	r.bed.tty_gone = on_tty_gone;
	r.bed.usb_made = on_usb_made;
	r.bed.usb_gone = on_usb_gone;
	r.bed.ctx = &r;
	say_ready(&r);
	g_main_loop_run(r.loop);
	end_boards(&r);
	bed_free(&r.bed);
	g_object_unref(r.testbed);
	return 0;
}
