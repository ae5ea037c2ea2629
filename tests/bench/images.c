/* SPDX-License-Identifier: MIT
 *
 * What conversions cost inside of a process: images ELF prints medians over RUNS of an ELF file to each format (its
 * budget is BUDGET_MS), and how fast text formats and digests go on an image of LARGE bytes.
 *
 * CPU time, so that a busy machine does not tell on it; wall time beside it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/xalloc.h"
#include "image/image.h"

enum { RUNS = 21, BUDGET_MS = 4, LARGE = 16 << 20 };

struct times {
	double cpu[RUNS], wall[RUNS]; /* ms */
	size_t count;
	double cpu_from, wall_from;
};

static double now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void begin(struct times *t)
{
	t->wall_from = now(CLOCK_MONOTONIC);
	t->cpu_from = now(CLOCK_PROCESS_CPUTIME_ID);
}

static void end(struct times *t)
{
	t->cpu[t->count] = now(CLOCK_PROCESS_CPUTIME_ID) - t->cpu_from;
	t->wall[t->count++] = now(CLOCK_MONOTONIC) - t->wall_from;
}

static int by_value(const void *left, const void *right)
{
	const double *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

static double median(double *values)
{
	qsort(values, RUNS, sizeof(*values), by_value);
	return values[RUNS / 2];
}

static _Noreturn void die(const char *what, const struct err *e)
{
	fprintf(stderr, "error: %s: %s\n", what, e->msg);
	exit(1);
}

/* From a path to the bytes of the other file, in memory. */
static void convert(const char *path, const struct image_format *to, struct strbuf *out)
{
	AUTO_ERR e = ERR_INIT;
	struct image_file file;

	if (!image_file_open(&file, path, NULL, &e) || !image_write(&file.image, to, NULL, out, &e))
		die(path, &e);
	image_file_close(&file);
}

static void bench_conversion(const char *path, const char *name)
{
	const struct image_format *to = image_format_by_name(name);
	struct times t = { .count = 0 };
	double cpu;

	if (!to || !to->write)
		return;
	while (t.count < RUNS) {
		AUTO_STRBUF out = STRBUF_INIT;

		begin(&t);
		convert(path, to, &out);
		end(&t);
	}
	cpu = median(t.cpu);
	printf("in process: elf to %-17s %9.2f ms CPU %9.2f ms wall   %s %d ms\n", name, cpu,
	       median(t.wall), cpu <= BUDGET_MS ? "within" : "OVER", BUDGET_MS);
}

static void print_speed(const char *what, const char *name, double bytes, struct times *t)
{
	double cpu = median(t->cpu);

	printf("in process: %-7s %-19s %9.2f ms CPU %9.2f ms wall   %.0f MB/s\n", what, name, cpu,
	       median(t->wall), bytes / cpu / 1e3);
}

/* The text of a large image: how many of its bytes are written and read a second. */
static void bench_text(const struct image *img, const char *name)
{
	const struct image_format *format = image_format_by_name(name);
	struct times writing = { .count = 0 }, reading = { .count = 0 };
	const struct image_options opt = { .has_base = true };
	double bytes = 0;

	if (!format || !format->write)
		return;
	while (reading.count < RUNS) {
		AUTO_STRBUF text = STRBUF_INIT;
		AUTO_IMAGE back = IMAGE_INIT;
		AUTO_ERR e = ERR_INIT;

		begin(&writing);
		if (!image_write(img, format, &opt, &text, &e))
			die(name, &e);
		end(&writing);
		begin(&reading);
		if (!format->read(&back, (const uint8_t *)text.buf, text.len, &opt, &e))
			die(name, &e);
		end(&reading);
		bytes = (double)text.len;
		image_free(&back);
	}
	print_speed("writing", name, bytes, &writing);
	print_speed("reading", name, bytes, &reading);
}

static void bench_digest(const struct image *img)
{
	struct times t = { .count = 0 };
	static volatile uint8_t sink; /* so that it is worked out */

	while (t.count < RUNS) {
		struct digest d;

		begin(&t);
		d = image_digest(img);
		end(&t);
		sink = d.bytes[0];
	}
	(void)sink;
	print_speed("digest", "", LARGE, &t);
}

static void bench_large(void)
{
	uint8_t *bytes = xmalloc(LARGE);
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_ERR e = ERR_INIT;
	uint32_t x = 1;

	for (size_t i = 0; i < LARGE; i++) {
		x = x * 1664525 + 1013904223;
		bytes[i] = (uint8_t)(x >> 24);
	}
	if (!image_add(&img, 0x08000000, bytes, LARGE, false, &e))
		die("image", &e);
	bench_text(&img, "hex");
	bench_text(&img, "srec");
	bench_text(&img, "uf2");
	bench_text(&img, "dfu");
	bench_digest(&img);
	image_free(&img);
	free(bytes);
}

int main(int argc, char **argv)
{
	static const char *const formats[] = { "bin", "hex", "srec", "dfu", "uf2" };

	if (argc != 2) {
		fprintf(stderr, "usage: %s ELF\n", argv[0]);
		return 2;
	}
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		bench_conversion(argv[1], formats[i]);
	bench_large();
	return 0;
}
