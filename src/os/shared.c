/* SPDX-License-Identifier: MIT
 *
 * Shared memory without a name: it goes with the last process that has it.
 */
#include "os/shared.h"

#include <sys/mman.h>

void *shared_alloc(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

void shared_free(void *p, size_t size)
{
	if (p)
		munmap(p, size);
}
