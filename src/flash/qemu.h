/* SPDX-License-Identifier: MIT
 *
 * Boards that QEMU plays: a detached qemu-system-arm with the image in its memory and its UART on a pty is a
 * device like any other.
 *
 * Rule variables: qemu.machine (mandatory), qemu.args (more words for QEMU), qemu.program
 * (default qemu-system-arm), flash.base and flash.size (mandatory: the machine's program memory), qemu.skip
 * ("ADDRESS+SIZE" words: parts of an image that the machine has no memory for, such as an nRF51's UICR).
 *
 * The run folder holds
 *     board       "qemu/MPS2_AN385", written before anything is started
 *     image.hex   what the machine was started with
 *     qmp.sock    QEMU's QMP socket: who answers there is the device; nothing else is believed
 *     qemu.pid    QEMU's process id: a hint, used only when /proc shows that this process has the file's
 *                 absolute path among its arguments
 *     qemu.log    what QEMU said, of a lockup for instance
 *     lock        held while one of us works on the machine
 * What a dead QEMU left there is removed at the next use.
 */
#ifndef FLASH_QEMU_H
#define FLASH_QEMU_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "flash/method.h"
#include "image/image.h"

extern const struct flash_method qemu_method;

enum qemu_state {
	QEMU_ABSENT, /* nothing answers at the socket */
	QEMU_HALTED, /* a start that was never finished, or a machine somebody stopped */
	QEMU_RUNNING,
};

struct qemu_machine {
	enum qemu_state state;
	char *pty; /* path of the UART; NULL when absent */
	long pid;  /* 0: not known */
};
void qemu_machine_free(struct qemu_machine *m);

/* What runs in a run folder. An error only when something answers there that is no QEMU, or hangs. */
bool qemu_look(const char *run_dir, struct qemu_machine *m, struct err *e);

#endif
