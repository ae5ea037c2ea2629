/* SPDX-License-Identifier: MIT
 *
 * Two lists say who is a member: the process has the groups of its login, the system's files those of the next one.
 */
#include "os/groups.h"

#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/xalloc.h"

static bool process_has(gid_t group)
{
	int count = getgroups(0, NULL);
	gid_t *groups = xcalloc(count > 0 ? (size_t)count : 1, sizeof(*groups));
	bool found = getegid() == group;

	count = getgroups(count > 0 ? count : 0, groups);
	for (int i = 0; i < count && !found; i++)
		found = groups[i] == group;
	free(groups);
	return found;
}

static bool lists_user(const struct group *g)
{
	const struct passwd *user = getpwuid(geteuid());

	for (char **m = g->gr_mem; user && *m; m++)
		if (strcmp(*m, user->pw_name) == 0)
			return true;
	return user && user->pw_gid == g->gr_gid;
}

enum group_standing group_standing(const char *name)
{
	const struct group *g = getgrnam(name);

	if (!g)
		return GROUP_UNKNOWN;
	if (process_has(g->gr_gid))
		return GROUP_MEMBER;
	return lists_user(g) ? GROUP_AFTER_LOGIN : GROUP_OUTSIDE;
}
