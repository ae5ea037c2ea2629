/* SPDX-License-Identifier: MIT
 *
 * A polled UART as the core's input and output. The port gives these three functions, in its
 * uart.c; uart_stdio.c makes mp_hal_stdin_rx_chr() and mp_hal_stdout_tx_strn() of them.
 */
#ifndef SHARED_UART_STDIO_H
#define SHARED_UART_STDIO_H

void uart_init(void);
int uart_rx_chr(void); /* a byte, or -1 when there is none */
void uart_tx_chr(char c);

#endif
