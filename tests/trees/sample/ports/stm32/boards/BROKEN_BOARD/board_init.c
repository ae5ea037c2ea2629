/* SPDX-License-Identifier: MIT
 *
 * Does not compile, on purpose: pins.csv has no pin of that name.
 */
#include "genhdr/pins.h"
#include "stm32.h"

void board_early_init(void);

void board_early_init(void)
{
	pin_mode(pin_NO_SUCH_PIN, GPIO_INPUT, 0);
}
