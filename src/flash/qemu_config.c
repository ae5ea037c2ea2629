/* SPDX-License-Identifier: MIT
 *
 * What the rules say of a QEMU machine, and whether an image is for it: everything that can be wrong is found before
 * a running board is touched.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "flash/qemu_internal.h"

static bool missing(const struct flash_target *t, const char *name, struct err *e)
{
	err_set(e, "the rules give board %s/%s no %s", t->port, t->board_id, name);
	return err_hint(e, "set it in the board's block of a rule file");
}

static void split_words(struct qemu_config *c, const char *text, struct strv *out)
{
	char *save = NULL;

	for (char *word = strtok_r(arena_strdup(&c->arena, text), " \t\n", &save); word;
	     word = strtok_r(NULL, " \t\n", &save))
		vec_push(out, word);
}

/* "0x10001000+0x100" */
static bool parse_range(const char *word, struct qemu_range *out)
{
	uint64_t size;
	char *end;

	errno = 0;
	out->start = strtoull(word, &end, 0);
	if (end == word || *end != '+')
		return false;
	word = end + 1;
	size = strtoull(word, &end, 0);
	out->end = out->start + size;
	return end != word && !*end && !errno && size && out->end > out->start;
}

static bool read_skip(struct qemu_config *c, const char *text, struct err *e)
{
	struct strv words = { 0 };
	bool ok = true;

	split_words(c, text, &words);
	for (size_t i = 0; i < words.count && ok; i++) {
		struct qemu_range r;

		ok = parse_range(words.items[i], &r);
		if (ok)
			vec_push(&c->skip, r);
		else
			err_set(e, "qemu.skip: '%s' is not ADDRESS+SIZE", words.items[i]);
	}
	vec_free(&words);
	return ok;
}

static bool read_flash(struct qemu_config *c, const struct flash_target *t, struct err *e)
{
	uint64_t size = 0;
	bool set = false;

	if (!flash_target_number(t, "flash.base", &set, &c->flash.start, e))
		return false;
	if (!set)
		return missing(t, "flash.base", e);
	if (!flash_target_number(t, "flash.size", &set, &size, e))
		return false;
	if (!set)
		return missing(t, "flash.size", e);
	if (c->flash.start > UINT32_MAX || size == 0 || size > UINT32_MAX)
		return err_set(e, "flash.base and flash.size do not lie within 32 bits");
	c->flash.end = c->flash.start + size;
	return true;
}

bool qemu_config_read(struct qemu_config *c, const struct flash_target *t, struct err *e)
{
	const char *program = flash_target_get(t, "qemu.program");
	const char *args = flash_target_get(t, "qemu.args");
	const char *skip = flash_target_get(t, "qemu.skip");

	c->machine = flash_target_get(t, "qemu.machine");
	if (!c->machine)
		return missing(t, "qemu.machine", e);
	c->program = program ? program : QEMU_DEFAULT_PROGRAM;
	if (args)
		split_words(c, args, &c->args);
	return read_flash(c, t, e) && (!skip || read_skip(c, skip, e));
}

void qemu_config_free(struct qemu_config *c)
{
	vec_free(&c->args);
	vec_free(&c->skip);
	arena_free(&c->arena);
	*c = (struct qemu_config)QEMU_CONFIG_INIT;
}

/* --- the image --- */

/* Adds what of [start, end) no skip range covers; the bytes start at `data`. */
static bool add_outside(const struct qemu_config *c, size_t i, struct qemu_range r,
			const uint8_t *data, struct image *load, struct err *e)
{
	struct qemu_range right = r;

	for (; i < c->skip.count; i++) {
		struct qemu_range skip = c->skip.items[i];

		if (skip.end <= r.start || skip.start >= r.end)
			continue;
		if (skip.end < r.end) {
			right.start = skip.end;
			if (!add_outside(c, i + 1, right, data + (skip.end - r.start), load, e))
				return false;
		}
		if (skip.start <= r.start)
			return true;
		r.end = skip.start;
		right = r;
	}
	return image_add(load, (uint32_t)r.start, data, (size_t)(r.end - r.start), false, e);
}

static bool has_byte(const struct image *img, uint64_t address)
{
	for (size_t i = 0; i < img->count; i++)
		if (address >= img->segments[i].address &&
		    address - img->segments[i].address < img->segments[i].size)
			return true;
	return false;
}

static bool check_place(const struct qemu_config *c, const struct image *load, struct err *e)
{
	for (size_t i = 0; i < load->count; i++) {
		uint64_t start = load->segments[i].address;
		uint64_t end = start + load->segments[i].size;

		if (start >= c->flash.start && end <= c->flash.end)
			continue;
		err_set(e,
			"the image has bytes at 0x%08" PRIx64 "-0x%08" PRIx64
			", outside the flash of %s (0x%08" PRIx64 "-0x%08" PRIx64 ")",
			start, end - 1, c->machine, c->flash.start, c->flash.end - 1);
		return err_hint(e, "this firmware is for another board; `mpflash info FILE` shows "
				   "what it holds");
	}
	return true;
}

/* ARMv6-M and ARMv7-M start from two words: the initial stack pointer and the reset handler (DDI0403 B1.5.3). */
static bool check_vectors(const struct qemu_config *c, const struct image *load, struct err *e)
{
	uint32_t base = (uint32_t)c->flash.start;
	uint8_t b[8];
	uint32_t sp, reset;

	for (uint32_t i = 0; i < sizeof(b); i++)
		if (!has_byte(load, c->flash.start + i))
			return err_set(e, "the image has no vector table at 0x%08" PRIx32, base);
	image_read(load, base, b, sizeof(b), 0);
	sp = b[0] | b[1] << 8 | b[2] << 16 | (uint32_t)b[3] << 24;
	reset = b[4] | b[5] << 8 | b[6] << 16 | (uint32_t)b[7] << 24;
	if (sp == 0 || sp % 4)
		return err_set(e,
			       "the image's initial stack pointer is 0x%08" PRIx32
			       ", which is no word's address",
			       sp);
	if (reset % 2 == 0)
		return err_set(e,
			       "the image's reset vector is 0x%08" PRIx32
			       ", which is no Thumb code (bit 0 is clear)",
			       reset);
	if (!has_byte(load, reset - 1))
		return err_set(e,
			       "the image's reset vector 0x%08" PRIx32 " points outside the image",
			       reset);
	return true;
}

bool qemu_image_check(const struct qemu_config *c, const struct image *img, struct image *load,
		      uint64_t *skipped, struct err *e)
{
	bool ok = true;

	for (size_t i = 0; i < img->count && ok; i++) {
		const struct image_segment *s = &img->segments[i];
		struct qemu_range r = { s->address, (uint64_t)s->address + s->size };

		ok = add_outside(c, 0, r, s->data, load, e);
	}
	if (!ok)
		return false;
	*skipped = image_size(img) - image_size(load);
	if (load->count == 0) {
		err_set(e, "the image is empty");
	} else if (check_place(c, load, e) && check_vectors(c, load, e)) {
		return true;
	}
	if (!e->hint)
		err_hint(e,
			 "this file is no firmware for %s; `mpflash info FILE` shows what it "
			 "holds",
			 c->machine);
	return false;
}
