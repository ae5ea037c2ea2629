/* SPDX-License-Identifier: MIT
 *
 * Modem lines of emulated serial ports: a pty has none, so the calls that set them are answered here, and told.
 */
#ifndef EMU_LINES_H
#define EMU_LINES_H

#include <umockdev.h>

/*
 * Watches /dev/NAME: `event` (on the main loop) is called with "open NAME", "lines NAME dtr=1 rts=0". The
 * handle goes to lines_unwatch.
 */
struct lines;
struct lines *lines_watch(UMockdevTestbed *bed, const char *name,
			  void (*event)(void *ctx, const char *text), void *ctx);
void lines_unwatch(struct lines *l);

#endif
