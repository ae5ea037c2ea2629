/* SPDX-License-Identifier: MIT
 *
 * The board's first LED: on while the firmware runs.
 */
#include "led.h"

#include "genhdr/pins.h"
#include "stm32.h"

void led_init(void)
{
	pin_mode(pin_LED1, GPIO_OUTPUT, 0);
}

void led_on(void)
{
	pin_high(pin_LED1);
}
