/* SPDX-License-Identifier: MIT
 *
 * What is the same for all boards with one chip (or one family of chips): where its flash and RAM are, how its files say
 * that they are for it. What differs by board (where the file system is) is the rules' to say.
 */
#ifndef IMAGE_CHIP_H
#define IMAGE_CHIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct chip_range {
	uint32_t start, end; /* first address, one past the last; both 0: none */
};

enum { CHIP_FLASH = 3, CHIP_RAM = 3 };

/* ELF's e_machine (System V ABI, and the supplements of the processors) */
enum chip_machine { CHIP_ARM = 40, CHIP_XTENSA = 94, CHIP_RISCV = 243 };

enum chip_boot {
	CHIP_BOOT_OTHER,   /* nothing that can be checked */
	CHIP_BOOT_VECTORS, /* Cortex-M: stack pointer and reset vector at the start of the image */
	CHIP_BOOT_RP2040,  /* boot2 with its CRC, vectors 256 bytes further */
	CHIP_BOOT_RP2350,  /* an image block in the first 4 KiB */
	CHIP_BOOT_ESP,     /* an ESP image at esp_boot */
};

struct chip {
	const char
		*name; /* "stm32f4", "rp2040", "esp32s3": lower case, unique; table sorted by it */
	const char *title; /* "STM32F4", for people */
	const char *port;  /* MicroPython's port for it */
	const char *
		mcu; /* board.json's mcu, where all boards with that word have this chip; NULL: none */
	/* The entry that stands for all of its kind ("nrf52" for nrf52840), for files that say no more; NULL: none. */
	const char *kind;
	uint16_t machine; /* enum chip_machine; 0: several */
	enum chip_boot boot;
	/*
	 * What an image may hold: memory-mapped flash, the largest part's size (ESP: offsets in the flash), and what is
	 * written like flash (UICR, option settings).
	 */
	struct chip_range flash[CHIP_FLASH];
	uint32_t
		base; /* where firmware usually starts, when that is not where the flash does; 0: there */
	struct chip_range ram[CHIP_RAM]; /* where a stack can be */
	struct chip_range
		id_code;     /* Renesas RA: words of the option settings that can lock the chip */
	uint32_t uf2_family; /* the family its UF2 files state; 0: none */
	int esp_id;          /* chip id of an ESP image header; -1: none */
	uint32_t esp_boot;   /* flash offset where the ROM looks for the boot image */
};

extern const struct chip chips[]; /* ends with a NULL name */

/* NULL: not in the table. Names: as in the table, upper case too. */
const struct chip *chip_by_name(const char *name);
const struct chip *chip_by_mcu(const char *port, const char *mcu);
const struct chip *chip_by_uf2_family(
	uint32_t family); /* other ids of the same chip too (STM32F407) */
const struct chip *chip_by_esp_id(int id);

/*
 * The chip that an image is for, as far as can be told: what the file states (chip, UF2 family), else its content (RP2350
 * image block, RP2040 boot2 with a right CRC, ...); NULL when only an address range speaks for one of several. *certain:
 * stated, or proven by content.
 */
struct image;
const struct chip *chip_of_image(const struct image *img, bool *certain);

/* Of sys.implementation._machine: the same text ("Raspberry Pi Pico with RP2040"); NULL: it names none that is in the table. */
const struct chip *chip_of_machine(const char *text);

/* Content only: what proves a chip (a boot block of its own), whatever the file states; NULL: nothing does. */
const struct chip *chip_proven(const struct image *img);

/*
 * The banner's machine text ("Raspberry Pi Pico with RP2040") names the chip too, but a bootloader or a tool may hold another's:
 * probably. `board`: what stands before "with", at most size - 1 bytes. NULL: none found.
 */
const struct chip *chip_of_banner(const struct image *img, char *board, size_t size);

/* True when firmware for one is firmware for the other: the same entry, or one is the other's kind. */
bool chip_matches(const struct chip *a, const struct chip *b);

bool chip_range_has(const struct chip_range *ranges, size_t count, uint32_t address);

#endif
