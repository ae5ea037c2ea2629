/* SPDX-License-Identifier: MIT
 *
 * Memory that a process shares with the children that it forks: what they write there, it sees.
 */
#ifndef OS_SHARED_H
#define OS_SHARED_H

#include <stddef.h>

/* Zeroed bytes, for shared_free; NULL: there is no memory left. What is in them is for atomic access only. */
void *shared_alloc(size_t size);
void shared_free(void *p, size_t size); /* takes NULL */

#endif
