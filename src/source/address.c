/* SPDX-License-Identifier: MIT
 *
 * What of an address is whose; see address.h.
 */
#include "source/address.h"

#include <string.h>

#include "base/err.h"
#include "base/strbuf.h"
#include "os/dirs.h"
#include "os/fs.h"

const char *address_public(struct arena *a, const char *address)
{
	const char *scheme = strstr(address, "://"), *host, *at = NULL;

	if (!scheme)
		return arena_strdup(a, address);
	scheme += 3;
	for (host = scheme; *host && !strchr("/?#", *host); host++)
		if (*host == '@')
			at = host;
	return at ? arena_printf(a, "%.*s%s", (int)(scheme - address), address, at + 1)
		  : arena_strdup(a, address);
}

const char *address_absolute(struct arena *a, const char *address)
{
	AUTO_STRBUF path = STRBUF_INIT;
	AUTO_ERR ignored = ERR_INIT;

	/* git takes "host:path" for another machine unless a '/' comes first */
	if (address[strcspn(address, ":/")] == ':' || !fs_is_dir(address) ||
	    !dirs_absolute(&path, address, &ignored))
		return address;
	return arena_strdup(a, path.buf);
}
