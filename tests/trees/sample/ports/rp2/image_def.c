/* SPDX-License-Identifier: MIT
 *
 * The block that the RP2350's ROM looks for in the first 4K of an image (RP2350 datasheet 5.9.5):
 * "an executable, for this processor".
 */
#include <stdint.h>

#ifdef __riscv
#define IMAGE_TYPE_ITEM 0x11010142
#else
#define IMAGE_TYPE_ITEM 0x10210142 /* secure */
#endif

const uint32_t image_def[5] __attribute__((section(".embedded_block"), used)) = {
	0xffffded3, IMAGE_TYPE_ITEM, 0x000001ff, /* the last item */
	0,                                       /* the next block is this one */
	0xab123579,
};
