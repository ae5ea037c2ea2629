/* SPDX-License-Identifier: MIT
 *
 * Finding the firmware folder, as the Python tool does. That one prefers GITHUB_WORKSPACE to MPFLASH_FIRMWARE; here what a user
 * set on purpose counts first.
 */
#include "library/folder.h"

#include <stdlib.h>
#include <strings.h>

#include "os/dirs.h"
#include "os/fs.h"

static const char *variable(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

static bool in_github_actions(void)
{
	const char *value = variable("GITHUB_ACTIONS");

	return value && strcasecmp(value, "true") == 0 && variable("GITHUB_WORKSPACE");
}

bool library_folder(struct strbuf *out, const char *dir, struct strbuf *note, struct err *e)
{
	AUTO_STRBUF found = STRBUF_INIT;
	const char *named = variable("MPFLASH_FIRMWARE");

	if (dir)
		return dirs_expand(out, dir, e);
	if (named) {
		if (!dirs_expand(&found, named, e))
			return false;
		if (fs_is_dir(found.buf)) {
			strbuf_adds(out, found.buf);
			return true;
		}
		strbuf_addf(note, "MPFLASH_FIRMWARE=%s is no folder; the default is used", named);
		strbuf_reset(&found);
	}
	if (in_github_actions()) {
		if (!dirs_expand(&found, variable("GITHUB_WORKSPACE"), e))
			return false;
	} else if (!dirs_downloads(&found, e)) {
		return false;
	}
	strbuf_addf(out, "%s/firmware", found.buf);
	return true;
}
