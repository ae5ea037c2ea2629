/* SPDX-License-Identifier: MIT
 *
 * Time: a monotonic clock for durations, the calendar for records.
 */
#ifndef OS_CLOCK_H
#define OS_CLOCK_H

#include <stdint.h>

int64_t clock_ms(void);     /* monotonic, from an arbitrary start */
int64_t clock_now_ns(void); /* since 1970, as file times count */
int64_t clock_cpu_us(void); /* CPU time of this process and its ended children */
void clock_sleep_ms(int ms);

#endif
