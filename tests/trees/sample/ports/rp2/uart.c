/* SPDX-License-Identifier: MIT
 *
 * UART 0, an Arm PL011 (DDI 0183, 3.3).
 */
#include "shared/runtime/uart_stdio.h"

#include "rp2.h"

#define UART_DR REG32(UART0_BASE + 0x00)
#define UART_FR REG32(UART0_BASE + 0x18)
#define UART_IBRD REG32(UART0_BASE + 0x24)
#define UART_FBRD REG32(UART0_BASE + 0x28)
#define UART_LCR_H REG32(UART0_BASE + 0x2c)
#define UART_CR REG32(UART0_BASE + 0x30)
#define FR_RXFE (1u << 4)
#define FR_TXFF (1u << 5)
#define LCR_8N1_FIFO 0x70
#define CR_ON 0x301 /* RXE, TXE, UARTEN */

#define PAD(gpio) REG32(PADS_BANK0_BASE + 4 + (gpio)*4)
#define PAD_INPUT_ON 0x56 /* not isolated, on the RP2350 */
#define GPIO_CTRL(gpio) REG32(IO_BANK0_BASE + 4 + (gpio)*8)
#define FUNCTION_UART 2

/* Not const: a board may change it first, so the image has a .data to carry. */
extern unsigned uart_baud;
unsigned uart_baud = 115200;

void uart_init(void)
{
	unsigned divisor = PERI_CLOCK_HZ * 4 / uart_baud; /* in 1/64 */

	for (int gpio = 0; gpio < 2; gpio++) {
		PAD(gpio) = PAD_INPUT_ON;
		GPIO_CTRL(gpio) = FUNCTION_UART;
	}
	UART_IBRD = divisor / 64;
	UART_FBRD = divisor % 64;
	UART_LCR_H = LCR_8N1_FIFO;
	UART_CR = CR_ON;
}

int uart_rx_chr(void)
{
	return UART_FR & FR_RXFE ? -1 : (int)(UART_DR & 0xff);
}

void uart_tx_chr(char c)
{
	while (UART_FR & FR_TXFF)
		continue;
	UART_DR = (unsigned char)c;
}
