/* SPDX-License-Identifier: MIT
 *
 * The bed: a folder that umockdev's preloaded library shows to programs as /sys and /dev. Devices are described by lines
 * (README.md has the words); each becomes the files and links that a kernel would make.
 */
#ifndef EMU_BED_H
#define EMU_BED_H

#include <glib.h>
#include <stdbool.h>

struct bed {
	const char *root; /* UMOCKDEV_DIR */
	GHashTable *ttys; /* name -> struct bed_tty */
	GHashTable *usb;  /* place -> struct bed_usb */
	int next_address, next_hub;
	/* called for each tty that was made, and before one is removed */
	void (*tty_made)(void *ctx, const char *name, int master);
	void (*tty_gone)(void *ctx, const char *name);
	/* the same for each USB device, before its files are there; node: "/dev/bus/usb/001/031" */
	void (*usb_made)(void *ctx, const char *place, const char *node);
	void (*usb_gone)(void *ctx, const char *place);
	void *ctx;
};

struct bed_tty {
	char *name;  /* "ttyACM0" */
	char *place; /* of its USB device; NULL: none */
	char *slave; /* "/dev/pts/4" */
	int master;  /* -1: somebody else's pty */
};

/* Makes the folders that every kernel has. */
void bed_init(struct bed *b, const char *root);
void bed_free(struct bed *b);

/* "1-4.2 2e8a:0005 serial=X ..."; false with the reason in *why (g_free). */
bool bed_usb(struct bed *b, char **words, char **why);
/* What a model says of itself, for bed_model; valid during the call. */
struct bed_descriptors {
	const guint8 *device, *configuration;
	gsize size; /* of configuration */
	const char *(*string)(void *m, guint8 index);
	void *m;
};
/* The same with these descriptors. words: "cdc=ttyACM0", the port of its first CDC interface; NULL-terminated. */
bool bed_model(struct bed *b, const char *place, const struct bed_descriptors *d, char **words,
	       char **why);
/* A serial port that is not on USB: "ttyS0". */
bool bed_tty(struct bed *b, const char *name, char **why);
/* The port is that pty from now on. */
bool bed_link(struct bed *b, const char *name, const char *pty, char **why);
/* A USB place with all that is at it, or a tty. */
bool bed_remove(struct bed *b, const char *name, char **why);

/* %41 -> A, for texts that have blanks or worse in them. g_free. */
char *bed_unescape(const char *text);

#endif
