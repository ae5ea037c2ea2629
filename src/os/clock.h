/* SPDX-License-Identifier: MIT
 *
 * Time: a monotonic clock for durations, the calendar for records.
 */
#ifndef OS_CLOCK_H
#define OS_CLOCK_H

#include <stdint.h>

int64_t clock_ms(void);     /* monotonic, from an arbitrary start */
int64_t clock_now_ns(void); /* since 1970, as file times count */
/*
 * The clock that the kernel stamps files with: a file changed from now on has a ctime at or after this, and one that
 * changed earlier has not (but for the clock's tick).
 */
int64_t clock_file_ns(void);

/*
 * Waits for the next tick of that clock and gives its time: what changed before the call is older, what changes from now
 * on is not. (Linux since 6.13 dates some files by a finer clock, which runs ahead of the tick.)
 */
int64_t clock_file_begin(void);
int64_t clock_cpu_us(void); /* CPU time of this process and its ended children */
void clock_sleep_ms(int ms);

#endif
