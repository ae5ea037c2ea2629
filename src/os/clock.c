/* SPDX-License-Identifier: MIT
 *
 * Time over POSIX clocks.
 */
#include "os/clock.h"

#include <sys/resource.h>
#include <time.h>

int64_t clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t clock_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t clock_file_ns(void)
{
	struct timespec t;

#ifdef CLOCK_REALTIME_COARSE
	clock_gettime(CLOCK_REALTIME_COARSE, &t);
#else
	clock_gettime(CLOCK_REALTIME, &t);
#endif
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t clock_file_begin(void)
{
	int64_t called = clock_now_ns(), now;

	while ((now = clock_file_ns()) <= called)
		clock_sleep_ms(1);
	return now;
}

static int64_t usage_us(int who)
{
	struct rusage r;

	getrusage(who, &r);
	return ((int64_t)r.ru_utime.tv_sec + r.ru_stime.tv_sec) * 1000000 + r.ru_utime.tv_usec +
	       r.ru_stime.tv_usec;
}

int64_t clock_cpu_us(void)
{
	return usage_us(RUSAGE_SELF) + usage_us(RUSAGE_CHILDREN);
}

void clock_sleep_ms(int ms)
{
	struct timespec t = { ms / 1000, (long)(ms % 1000) * 1000000 };

	nanosleep(&t, NULL);
}
