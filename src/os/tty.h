/* SPDX-License-Identifier: MIT
 *
 * Serial ports and ptys: opened raw, and by one program at a time.
 */
#ifndef OS_TTY_H
#define OS_TTY_H

#include <stdbool.h>

#include "base/err.h"
#include "os/stream.h"

/*
 * Opens a terminal device for raw bytes, 115200 8N1, without making it our controlling terminal and without
 * dropping its modem lines at close. It is locked with flock, as mpremote and pyserial do (TIOCEXCL does not
 * stop root, and a pty keeps it after we are gone): when another program holds the lock, waits up to wait_ms, then
 * that is the error. The lock ends with stream_close. After a failure errno is EBUSY when another program has the device, else
 * the system's reason.
 *
 * The modem lines are left to the kernel: it raises DTR and RTS together, which boards with Espressif's reset circuit take for
 * no reset, and boards with a USB port of their own for a listener. Setting one after the other would reset the former.
 */
bool tty_open(struct stream *s, const char *path, int wait_ms, struct err *e);

/* Throws away what the device said before now. */
void tty_drop_input(struct stream *s);

/*
 * A second, unlocked descriptor of the same device, to be handed to another process (see qmp_give_fd). -1 with an
 * error; the caller closes it.
 */
int tty_open_plain(const char *path, struct err *e);

/*
 * The "1200 baud touch": opened at that speed, DTR and RTS low, closed again. Boards with a USB port of their own take it for "go to
 * the bootloader"; one that is gone before we are done has understood.
 */
bool tty_touch_1200(const char *path, struct err *e);

/*
 * DTR and RTS as told, both in one call: a circuit that looks at both sees no state in between. False also for a port that
 * has no such lines (a pty).
 */
bool tty_set_lines(struct stream *s, bool dtr, bool rts, struct err *e);

/* The speed in bits per second, both ways; what is on its way keeps the old one. An error for one that the system has no word for. */
bool tty_set_speed(struct stream *s, unsigned baud, struct err *e);

/* Is there a device at this path that could be a terminal? It is not opened. */
bool tty_is_device(const char *path);

/* A terminal that moves its cursor and takes colours: TERM is set, and not "dumb". */
bool tty_is_able(int fd);
/* The same, whose user has not said otherwise: NO_COLOR (no-color.org; empty counts as not set), CLICOLOR=0. */
bool tty_takes_colour(int fd);

/* How wide the terminal is, 80 when it does not say; 0: no terminal. */
int tty_columns(int fd);
/* How high: 24 when it does not say; 0: no terminal. */
int tty_rows(int fd);

#endif
