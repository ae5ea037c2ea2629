/* SPDX-License-Identifier: MIT
 *
 * What a port gives to the core.
 */
#ifndef PY_MPHAL_H
#define PY_MPHAL_H

#include <stddef.h>

/* Waits for a byte of input; negative when the input has ended (ports with a file as input). */
int mp_hal_stdin_rx_chr(void);

/* Sends bytes as they are. */
void mp_hal_stdout_tx_strn(const char *str, size_t len);

/* Resets the chip; on a host, ends the program. */
void mp_hal_reset(void) __attribute__((noreturn));

/* Built on those above by mpprint.c. Cooked: a newline goes out as CR LF. */
void mp_hal_stdout_tx_str(const char *str);
void mp_hal_stdout_tx_strn_cooked(const char *str, size_t len);

#endif
