/* SPDX-License-Identifier: MIT
 *
 * The REPL on a serial line: friendly for people, raw for tools.
 */
#ifndef SHARED_PYEXEC_H
#define SHARED_PYEXEC_H

/* Prints the banner and talks until a soft reset is asked for (Ctrl-D on an empty line) or the
 * input ends. A raw REPL stays raw over a soft reset. Returns 0 for the soft reset, else the
 * negative value of mp_hal_stdin_rx_chr(). */
int pyexec_repl(void);

#endif
