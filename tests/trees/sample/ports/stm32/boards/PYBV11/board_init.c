/* SPDX-License-Identifier: MIT
 *
 * The pyboard's own start: its switch is an input. make finds this file by listing the folder.
 */
#include "genhdr/pins.h"
#include "stm32.h"

void board_early_init(void);

void board_early_init(void)
{
	pin_mode(pin_SW, GPIO_INPUT, 0);
}
