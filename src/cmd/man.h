/* SPDX-License-Identifier: MIT
 *
 * What the manual page says besides what the commands say of themselves.
 */
#ifndef CMD_MAN_H
#define CMD_MAN_H

/* A section; text: whole lines as in cmd/help_text.h. */
struct man_section {
	const char *title, *text;
};

extern const char man_description[]; /* the text of DESCRIPTION */
extern const struct man_section man_sections
	[]; /* behind the commands, in the order of manual pages; ends with a NULL title */

#endif
