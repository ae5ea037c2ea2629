/* SPDX-License-Identifier: MIT
 *
 * Checks of what a chip's boot ROM looks at before it starts a firmware: an image that fails here does not run, and often the
 * board is not even reached any more.
 */
#include <inttypes.h>

#include "image/check_internal.h"
#include "image/esp.h"
#include "image/le.h"
#include "image/rp2_block.h"

/* ESP: where the partition table is; what starts below is the boot image. */
enum { ESP_PARTITION_TABLE = 0x8000 };

static bool holds(const struct image *img, uint32_t address, uint32_t size)
{
	uint32_t first, last;

	return check_bytes_in(img, address, (uint64_t)address + size, &first, &last) == size;
}

/* Whether the image starts where the flash does, as what a ROM starts has to. */
static bool is_at_flash_start(const struct image_check *c)
{
	return image_start(c->img) == c->chip->flash[0].start;
}

static bool is_stack(const struct chip *chip, uint32_t sp)
{
	/* It grows down: the first word is written below. */
	return sp % 4 == 0 && sp && chip_range_has(chip->ram, CHIP_RAM, sp - 1);
}

static void check_vectors(const struct image_check *c, uint32_t table)
{
	uint8_t words[8];
	uint32_t sp, reset;
	enum finding_level bad = check_error(c, "vectors");

	if (!holds(c->img, table, sizeof(words))) {
		finding_add(c->out, "vectors", FINDING_WARNING,
			    "there is no vector table at 0x%08" PRIx32
			    ", where the firmware should start",
			    table);
		return;
	}
	image_read(c->img, table, words, sizeof(words), 0);
	sp = get_le32(words);
	reset = get_le32(words + 4);
	if (!is_stack(c->chip, sp))
		finding_add(c->out, "vectors", bad,
			    "the vector table at 0x%08" PRIx32 " has its stack at 0x%08" PRIx32
			    ", where the %s has no RAM",
			    table, sp, c->chip->title);
	else if (!(reset & 1))
		finding_add(c->out, "vectors", bad,
			    "the reset vector at 0x%08" PRIx32 " is 0x%08" PRIx32
			    ": even, but the %s has Thumb code only",
			    table + 4, reset, c->chip->title);
	else if (!holds(c->img, reset - 1, 2))
		finding_add(c->out, "vectors", bad,
			    "the reset vector at 0x%08" PRIx32 " is 0x%08" PRIx32
			    ", outside of the image",
			    table + 4, reset);
	else
		finding_add(c->out, "vectors", FINDING_OK,
			    "the vector table at 0x%08" PRIx32 " starts at 0x%08" PRIx32
			    ", inside of the image",
			    table, reset);
}

static void check_rp2040(const struct image_check *c)
{
	uint32_t is, should, start = image_start(c->img);

	if (!is_at_flash_start(c))
		return;
	if (!rp2_boot2(c->img, &is, &should))
		finding_add(c->out, "boot2-crc", check_error(c, "boot2-crc"),
			    "the image ends inside of its boot2, 256 bytes at 0x%08" PRIx32, start);
	else if (is != should)
		finding_add(c->out, "boot2-crc", check_error(c, "boot2-crc"),
			    "the CRC at 0x%08" PRIx32 " is %08" PRIx32
			    ", that of boot2 is %08" PRIx32 ": the %s would not start it",
			    start + 252, is, should, c->chip->title);
	else
		finding_add(c->out, "boot2-crc", FINDING_OK, "boot2's CRC is right: %08" PRIx32,
			    is);
	check_vectors(c, start + RP2_BOOT2_SIZE);
}

static void check_rp2350(const struct image_check *c)
{
	enum finding_level bad = check_error(c, "image-block");
	struct rp2_block block;

	if (!is_at_flash_start(c))
		return;
	if (!rp2_block_find(c->img, &block))
		finding_add(c->out, "image-block", bad,
			    "there is no image block in 0x%08" PRIx32 "-0x%08" PRIx32
			    ": the %s would not start it",
			    image_start(c->img), image_start(c->img) + RP2_BLOCK_WINDOW - 1,
			    c->chip->title);
	else if (!block.has_type)
		finding_add(c->out, "image-block", FINDING_NOTE,
			    "the first block, at 0x%08" PRIx32 ", does not say what it is of",
			    block.address);
	else if (!rp2_type_is_program(block.type))
		finding_add(c->out, "image-block", FINDING_WARNING,
			    "the image block at 0x%08" PRIx32 " is of data, not of a program",
			    block.address);
	else if (!rp2_type_is_rp2350(block.type))
		finding_add(c->out, "image-block", bad,
			    "the image block at 0x%08" PRIx32 " is of a program for another chip",
			    block.address);
	else
		finding_add(c->out, "image-block", FINDING_OK,
			    "the image block at 0x%08" PRIx32 " is of a program for the %s's %s",
			    block.address, c->chip->title,
			    rp2_type_is_riscv(block.type) ? "RISC-V cores" : "ARM cores");
}

/* "micropython.bin": a boot loader starts it, and it starts nothing itself. */
static bool is_esp_app(const struct image *img)
{
	const struct image_segment *s = &img->segments[0];
	struct esp_image first;
	AUTO_ERR none = ERR_INIT;

	return esp_image_parse(&first, s->data, s->size, 0, &none) && first.kind == ESP_APP;
}

static void check_esp(const struct image_check *c)
{
	uint32_t start = image_start(c->img);
	uint8_t magic;

	image_read(c->img, start, &magic, 1, 0);
	if (magic != ESP_MAGIC || start >= ESP_PARTITION_TABLE)
		return;
	if (is_esp_app(c->img))
		finding_add(c->out, "esp-offset", check_error(c, "esp-offset"),
			    "an application alone is at 0x%" PRIx32
			    ", where the %s's boot image belongs: the board would not start "
			    "(firmware.bin has both)",
			    start, c->chip->title);
	else if (start == c->chip->esp_boot)
		finding_add(c->out, "esp-offset", FINDING_OK,
			    "the boot image is at 0x%" PRIx32 ", where the %s looks for it", start,
			    c->chip->title);
	else
		finding_add(c->out, "esp-offset", check_error(c, "esp-offset"),
			    "the boot image is at 0x%" PRIx32
			    ", but the %s looks for it at 0x%" PRIx32,
			    start, c->chip->title, c->chip->esp_boot);
}

void check_boot(const struct image_check *c)
{
	switch (c->chip ? c->chip->boot : CHIP_BOOT_OTHER) {
	case CHIP_BOOT_VECTORS:
		check_vectors(c, check_base(c));
		break;
	case CHIP_BOOT_RP2040:
		check_rp2040(c);
		break;
	case CHIP_BOOT_RP2350:
		check_rp2350(c);
		break;
	case CHIP_BOOT_ESP:
		check_esp(c);
		break;
	case CHIP_BOOT_OTHER:
		break;
	}
}
