/* SPDX-License-Identifier: MIT
 *
 * What planning costs inside of a process: an image of 2 MiB in 512 sectors, made, compared with what a device holds (memory, so that
 * only the planner is measured) and told as JSON. Medians of CPU time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/xalloc.h"
#include "flash/plan.h"

enum { RUNS = 101, SIZE = 2 << 20, SECTOR = 4096, BASE = 0x08000000 };

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int by_value(const void *left, const void *right)
{
	const double *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

static _Noreturn void die(const char *what, const struct err *e)
{
	fprintf(stderr, "error: %s: %s\n", what, e->msg);
	exit(1);
}

static bool read_copy(void *ctx, uint64_t address, void *buf, size_t size, struct err *e)
{
	const uint8_t *held = ctx;

	(void)e;
	memcpy(buf, held + (address - BASE), size);
	return true;
}

static void print_median(const char *what, double *us)
{
	qsort(us, RUNS, sizeof(*us), by_value);
	printf("in process: plan of 2 MiB, %-24s %9.1f us CPU\n", what, us[RUNS / 2]);
}

/* One plan; which of its steps took how long. */
static void plan_once(const struct image *img, const struct flash_memory *memory, uint8_t *held,
		      double *make, double *compare, double *json)
{
	const struct plan_source source = { .read = read_copy, .ctx = held };
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_PLAN p = PLAN_INIT;
	AUTO_ERR e = ERR_INIT;
	double from = now_us();

	if (!plan_make(&p, img, memory, &e))
		die("plan", &e);
	*make = now_us() - from;
	from = now_us();
	if (!plan_compare(&p, &source, &e))
		die("compare", &e);
	*compare = now_us() - from;
	from = now_us();
	plan_json(&p, &out);
	*json = now_us() - from;
}

static void bench_plans(const struct image *img, const struct flash_memory *memory, uint8_t *held,
			const char *what)
{
	double make[RUNS], compare[RUNS], json[RUNS];
	char text[64];

	for (size_t i = 0; i < RUNS; i++)
		plan_once(img, memory, held, &make[i], &compare[i], &json[i]);
	print_median("made", make);
	snprintf(text, sizeof(text), "compared, %s", what);
	print_median(text, compare);
	print_median("as JSON", json);
}

int main(void)
{
	const struct memory_zone zone = {
		.start = BASE,
		.sector = SECTOR,
		.count = SIZE / SECTOR,
		.access = MEMORY_READ | MEMORY_ERASE | MEMORY_WRITE,
		.erased = 0xff,
		.blank_is_erased = true,
	};
	AUTO_FLASH_MEMORY memory = FLASH_MEMORY_INIT;
	uint8_t *bytes = xmalloc(SIZE), *held = xmalloc(SIZE);
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_ERR e = ERR_INIT;
	uint32_t x = 1;

	for (size_t i = 0; i < SIZE; i++) {
		x = x * 1664525 + 1013904223;
		bytes[i] = (uint8_t)(x >> 24);
		held[i] = (uint8_t)~bytes[i];
	}
	if (!flash_memory_add(&memory, &zone, &e) || !image_add(&img, BASE, bytes, SIZE, false, &e))
		die("image", &e);
	bench_plans(&img, &memory, held, "all differs");
	memcpy(held, bytes, SIZE);
	bench_plans(&img, &memory, held, "all equal");
	free(bytes);
	free(held);
	return 0;
}
