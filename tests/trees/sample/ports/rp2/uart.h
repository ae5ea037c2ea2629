/* SPDX-License-Identifier: MIT
 *
 * UART 0 on GPIO 0 and 1, polled.
 */
#ifndef RP2_UART_H
#define RP2_UART_H

/* A board may change it before uart_init(). */
extern unsigned uart_baud;

void uart_init(void);
int uart_rx_chr(void); /* a byte, or -1 when there is none */
void uart_tx_chr(char c);

#endif
