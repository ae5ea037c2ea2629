/* SPDX-License-Identifier: MIT
 *
 * The port of an emulated board: the master side of its pty is standard input, the rig reads events from standard output, and
 * tells of the modem lines over a pipe (descriptor 3, where it is open).
 */
#ifndef EMU_BOARD_PORT_H
#define EMU_BOARD_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PORT_LINES = 3 };

/* Called, while the board waits for something, with each change of DTR and RTS (true: asserted). */
extern void (*port_lines)(bool dtr, bool rts);
/* Called after port_lines and every few milliseconds while the board waits. */
extern void (*port_tick)(void);
/* Called with the number of bytes that have just come, before the first of them is given out. */
extern void (*port_came)(size_t n);

int port_hear(void);       /* one byte; waits, also while nobody has the port open */
int port_hear_for(int ms); /* -1: nothing came */
void port_say(const void *data, size_t len); /* to nobody, when nobody has the port open */
void port_tell(const char *event);           /* the rig */
void port_pause_us(int64_t us);              /* a nap that looks at the lines */
bool port_is_open(void);
void port_forget(void);    /* bytes that came and were not heard yet */
unsigned port_speed(void); /* that the other side has set */
int64_t port_now_us(void);

#endif
