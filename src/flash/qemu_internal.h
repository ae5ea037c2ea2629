/* SPDX-License-Identifier: MIT
 *
 * What the files of the QEMU method share: qemu_config.c (rule variables and the image), qemu_machine.c (the
 * process), qemu.c (the method).
 */
#ifndef FLASH_QEMU_INTERNAL_H
#define FLASH_QEMU_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/vec.h"
#include "flash/qemu.h"
#include "flash/qmp.h"

#define QEMU_DEFAULT_PROGRAM "qemu-system-arm"

struct qemu_range {
	uint64_t start, end; /* one past the last byte */
};

struct qemu_config {
	const char *machine, *program;
	struct strv args; /* qemu.args, word by word */
	struct qemu_range flash;
	VEC(struct qemu_range) skip;
	struct arena arena;
};

#define QEMU_CONFIG_INIT \
	{                \
		0        \
	}
#define AUTO_QEMU_CONFIG __attribute__((cleanup(qemu_config_free))) struct qemu_config

bool qemu_config_read(struct qemu_config *c, const struct flash_target *t, struct err *e);
void qemu_config_free(struct qemu_config *c);

/*
 * The part of the image that the machine has memory for, in `load` (IMAGE_INIT; its bytes are those of `img`),
 * after all checks: inside the flash, stack pointer, reset vector. *skipped counts the bytes left out.
 */
bool qemu_image_check(const struct qemu_config *c, const struct image *img, struct image *load,
		      uint64_t *skipped, struct err *e);

/* A file of the run folder, in the arena. */
char *qemu_file(struct arena *a, const char *run_dir, const char *name);

/*
 * Starts the machine with the image loaded and its CPU not yet running. `q` (QMP_INIT) is connected to it
 * afterwards, *pty (owned by the caller) is its UART. On failure nothing is left running.
 */
bool qemu_start(const struct qemu_config *c, const struct flash_target *t, const struct image *load,
		struct qmp *q, char **pty, struct err *e);

/* Ends the machine of a run folder and removes what it leaves. *was_running: there was one. */
bool qemu_stop(const char *run_dir, bool *was_running, struct err *e);

/*
 * Connects to the machine of a run folder. The state is QEMU_ABSENT with `q` closed, or one of the others with
 * `m` filled.
 */
bool qemu_attach(const char *run_dir, struct qmp *q, struct qemu_machine *m, struct err *e);

/* Compares the machine's memory with every byte of `load`. */
bool qemu_compare(struct qmp *q, const char *run_dir, const struct image *load, struct err *e);

/* Why QEMU gave up while the firmware ran ("fatal: Lockup: ..."), from its log; "" when it ended by itself. */
void qemu_log_line(const char *run_dir, struct strbuf *out);

#endif
