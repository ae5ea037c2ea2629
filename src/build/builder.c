/* SPDX-License-Identifier: MIT
 *
 * The table of builders: adding one is a file and a line here.
 */
#include "build/builder.h"

#include <stddef.h>
#include <string.h>

extern const struct builder docker_builder, host_builder, podman_builder;

const struct builder *const builders[] = { &docker_builder, &host_builder, &podman_builder, NULL };

const struct builder *builder_by_name(const char *name)
{
	for (size_t i = 0; builders[i]; i++)
		if (strcmp(builders[i]->name, name) == 0)
			return builders[i];
	return NULL;
}
