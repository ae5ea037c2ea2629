/* SPDX-License-Identifier: MIT
 *
 * The UART of the REPL. F4 and H5 have the same bits at different places.
 */
#include "shared/runtime/uart_stdio.h"

#include "genhdr/pins.h"
#include "py/mpconfig.h"
#include "stm32.h"

#define USART(offset) REG32(MICROPY_HW_UART_REPL_BASE + (offset))
#define AF_USART 7 /* of USART1 to USART3 in both series */

/* Not const: a board may change it in its early start, so the image has a .data to carry. */
extern unsigned uart_baud;
unsigned uart_baud = MICROPY_HW_UART_REPL_BAUD;

void uart_init(void)
{
	MICROPY_HW_UART_REPL_CLOCK_ON();
	pin_mode(pin_REPL_TX, GPIO_ALTERNATE, AF_USART);
	pin_mode(pin_REPL_RX, GPIO_ALTERNATE, AF_USART);
	USART(USART_BRR_OFFSET) = UART_CLOCK_HZ / uart_baud;
	USART(USART_CR1_OFFSET) = USART_CR1_ON;
}

int uart_rx_chr(void)
{
	if (!(USART(USART_STATUS_OFFSET) & USART_STATUS_RXNE))
		return -1;
	return (int)(USART(USART_RX_OFFSET) & 0xff);
}

void uart_tx_chr(char c)
{
	while (!(USART(USART_STATUS_OFFSET) & USART_STATUS_TXE))
		continue;
	USART(USART_TX_OFFSET) = (unsigned char)c;
}
