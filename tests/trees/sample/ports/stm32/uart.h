/* SPDX-License-Identifier: MIT
 *
 * The UART of the REPL, polled. Which one and on which pins, mpconfigboard.h says.
 */
#ifndef STM32_UART_H
#define STM32_UART_H

/* A board may change it in its early start: so the image has initialised data to carry. */
extern unsigned uart_baud;

void uart_init(void);
int uart_rx_chr(void); /* a byte, or -1 when there is none */
void uart_tx_chr(char c);

#endif
