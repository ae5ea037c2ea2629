/* SPDX-License-Identifier: MIT
 *
 * The registers that this port uses, of the two series it knows (RM0090, RM0481), and pins.
 */
#ifndef STM32_STM32_H
#define STM32_STM32_H

#include "lib/cortexm/cortexm.h"

#if defined(STM32_SERIES_f4)

#define GPIO_BASE 0x40020000
#define RCC_GPIOEN REG32(0x40023830) /* AHB1ENR */
#define UART_CLOCK_HZ 16000000       /* HSI, as it is after a reset */
#define USART_BRR_OFFSET 0x08
#define USART_CR1_OFFSET 0x0c
#define USART_STATUS_OFFSET 0x00
#define USART_RX_OFFSET 0x04
#define USART_TX_OFFSET 0x04
#define USART_CR1_ON (1u << 13 | 1u << 3 | 1u << 2) /* UE, TE, RE */

#elif defined(STM32_SERIES_h5)

#define GPIO_BASE 0x42020000
#define RCC_GPIOEN REG32(0x44020c8c) /* AHB2ENR */
#define UART_CLOCK_HZ 32000000       /* HSI / 2, as it is after a reset */
#define USART_BRR_OFFSET 0x0c
#define USART_CR1_OFFSET 0x00
#define USART_STATUS_OFFSET 0x1c
#define USART_RX_OFFSET 0x24
#define USART_TX_OFFSET 0x28
#define USART_CR1_ON (1u << 3 | 1u << 2 | 1u << 0) /* TE, RE, UE */

#else
#error "the board's MCU_SERIES is not one of f4, h5"
#endif

#define USART_STATUS_RXNE (1u << 5)
#define USART_STATUS_TXE (1u << 7)

#define GPIO(port, offset) REG32(GPIO_BASE + (port)*0x400 + (offset))
#define GPIO_MODER 0x00
#define GPIO_BSRR 0x18
#define GPIO_AFR 0x20

enum gpio_mode { GPIO_INPUT, GPIO_OUTPUT, GPIO_ALTERNATE };

/* A pin as the board's pins.csv names it; boards/make-pins.py writes them. */
struct pin {
	unsigned char port; /* 0 is A */
	unsigned char number;
};

static inline void pin_mode(const struct pin *pin, enum gpio_mode mode, unsigned alternate)
{
	unsigned shift = pin->number % 8 * 4;

	RCC_GPIOEN |= 1u << pin->port;
	GPIO(pin->port, GPIO_AFR + pin->number / 8 * 4) &= ~(15u << shift);
	GPIO(pin->port, GPIO_AFR + pin->number / 8 * 4) |= alternate << shift;
	GPIO(pin->port, GPIO_MODER) &= ~(3u << pin->number * 2);
	GPIO(pin->port, GPIO_MODER) |= (unsigned)mode << pin->number * 2;
}

static inline void pin_high(const struct pin *pin)
{
	GPIO(pin->port, GPIO_BSRR) = 1u << pin->number;
}

#endif
