/* SPDX-License-Identifier: MIT
 *
 * Groups of users: distributions give the rights to serial ports and USB devices to the members of some.
 */
#ifndef OS_GROUPS_H
#define OS_GROUPS_H

enum group_standing {
	GROUP_UNKNOWN, /* this machine has no such group */
	GROUP_OUTSIDE,
	GROUP_AFTER_LOGIN, /* a member by the lists, but this session began before that */
	GROUP_MEMBER,      /* this process has the group's rights */
};

/* How our user stands to the group of that name. */
enum group_standing group_standing(const char *name);

#endif
