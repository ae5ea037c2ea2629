/* SPDX-License-Identifier: MIT
 *
 * The board's first LED, which pins.csv calls LED1.
 */
#ifndef STM32_LED_H
#define STM32_LED_H

void led_init(void);
void led_on(void);

#endif
