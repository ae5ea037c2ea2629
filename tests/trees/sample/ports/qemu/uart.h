/* SPDX-License-Identifier: MIT
 *
 * The machine's first UART, polled.
 */
#ifndef QEMU_UART_H
#define QEMU_UART_H

void uart_init(void);
int uart_rx_chr(void); /* a byte, or -1 when there is none */
void uart_tx_chr(char c);

#endif
