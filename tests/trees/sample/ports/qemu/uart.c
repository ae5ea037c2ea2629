/* SPDX-License-Identifier: MIT
 *
 * The UARTs of the three machines; which one, the board's mpconfigboard.mk tells by QEMU_SOC_*.
 */
#include "shared/runtime/uart_stdio.h"

#include "lib/cortexm/cortexm.h"

#if defined(QEMU_SOC_MPS2)

/* Arm CMSDK APB UART 0 (DDI 0479, 4.3). */
#define UART_DATA REG32(0x40004000)
#define UART_STATE REG32(0x40004004)
#define UART_CTRL REG32(0x40004008)
#define UART_BAUDDIV REG32(0x40004010)
#define STATE_TXFULL (1u << 0)
#define STATE_RXFULL (1u << 1)

void uart_init(void)
{
	UART_BAUDDIV = 16; /* the smallest that the UART accepts */
	UART_CTRL = 3;     /* transmit and receive */
}

int uart_rx_chr(void)
{
	return UART_STATE & STATE_RXFULL ? (int)(UART_DATA & 0xff) : -1;
}

void uart_tx_chr(char c)
{
	while (UART_STATE & STATE_TXFULL)
		continue;
	UART_DATA = (unsigned char)c;
}

#elif defined(QEMU_SOC_STM32)

/* STM32F205 USART1 (RM0033, 24.6). */
#define USART_SR REG32(0x40011000)
#define USART_DR REG32(0x40011004)
#define USART_CR1 REG32(0x4001100c)
#define SR_RXNE (1u << 5)
#define SR_TXE (1u << 7)
#define CR1_RE (1u << 2)
#define CR1_TE (1u << 3)
#define CR1_UE (1u << 13)

void uart_init(void)
{
	USART_CR1 = CR1_UE | CR1_TE | CR1_RE;
}

int uart_rx_chr(void)
{
	return USART_SR & SR_RXNE ? (int)(USART_DR & 0xff) : -1;
}

void uart_tx_chr(char c)
{
	while (!(USART_SR & SR_TXE))
		continue;
	USART_DR = (unsigned char)c;
}

#elif defined(QEMU_SOC_NRF51)

/* nRF51 UART0 (nRF51 Series Reference Manual, 29.10). */
#define UART_STARTRX REG32(0x40002000)
#define UART_STARTTX REG32(0x40002008)
#define UART_RXDRDY REG32(0x40002108)
#define UART_TXDRDY REG32(0x4000211c)
#define UART_ENABLE REG32(0x40002500)
#define UART_RXD REG32(0x40002518)
#define UART_TXD REG32(0x4000251c)

void uart_init(void)
{
	UART_ENABLE = 4;
	UART_STARTRX = 1;
	UART_STARTTX = 1;
}

int uart_rx_chr(void)
{
	if (!UART_RXDRDY)
		return -1;
	UART_RXDRDY = 0;
	return (int)(UART_RXD & 0xff);
}

void uart_tx_chr(char c)
{
	UART_TXDRDY = 0;
	UART_TXD = (unsigned char)c;
	while (!UART_TXDRDY)
		continue;
}

#else
#error "the board's mpconfigboard.mk names no QEMU_SOC_*"
#endif
