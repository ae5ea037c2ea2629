/* SPDX-License-Identifier: MIT
 *
 * The parts of the manual page that belong to no command: what the program is, its environment, its files, its exit status.
 */
#include "cmd/man.h"

#include <stddef.h>

#include "config.h"

const char man_description[] =
	"mpflash takes a MicroPython board from source to a running, verified device. Firmware files and the boards that "
	"carry them are nodes of one graph whose keys are digests of content: building, converting and flashing "
	"happen only when sources, flags, tools, board or image really changed.\n"
	"\n"
	"Results go to standard output, progress and errors to standard error. What fails ends with a line that "
	"begins with `error:`, maybe followed by one that begins with `hint:` and says what to do.\n"
	"\n"
	"A board is written by its name: the only attached device that is that board, or the one that the options name. "
	"Nothing is erased before everything that can be checked was checked, and what was written is verified where "
	"the way to the board can.\n";

static const char environment[] =
	"  MICROPY_DIR                  the MicroPython tree, where no option names one and the current folder lies in none\n"
	"  MPFLASH_FIRMWARE             the folder of the firmware library; it has to be there\n"
	"  MPFLASH_CACHE                the folder of the store\n"
	"  MPFLASH_CACHE_SIZE           how much firmware the store keeps: 500M, 5G (default), 0 for no limit\n"
	"  MPFLASH_WORK_SIZE            the same for the folders in which the ports' make runs, and worktrees\n"
	"  MPFLASH_BUILDER              where builds run: auto, host, docker or podman, as `--builder`\n"
	"  MPFLASH_REPO                 where versions come from without a tree (default: MicroPython's repository)\n"
	"  MPFLASH_RULES                the folder of the rule files that are built in\n"
	"  MPFLASH_IGNORE               serial ports to leave alone: globs with blanks between them\n"
	"  MPFLASH_QUIET                as `--quiet`\n"
	"  MPFLASH_PROGRESS             seconds between lines on what still runs, where no terminal is (30; 0: none)\n"
	"  MPFLASH_DOWNLOAD_URL         the site that firmware is downloaded from\n"
	"  MPFLASH_TRACE                the program that follows builds, instead of the one that was installed\n"
	"  NO_COLOR                     set: no colours on terminals; so does CLICOLOR=0\n"
	"  TERM                         dumb, or not set: no status area, no colours\n"
	"  CI, GITHUB_ACTIONS           true: nothing is asked\n"
	"  GITHUB_WORKSPACE             with GITHUB_ACTIONS, the firmware library is in its folder firmware\n"
	"  XDG_CACHE_HOME, XDG_CONFIG_HOME   where caches and settings are, as for other programs\n"
	"  https_proxy, http_proxy, no_proxy   as curl(1) reads them, for downloads\n"
	"  SSL_CERT_FILE, SSL_CERT_DIR, CURL_CA_BUNDLE   the certificates that servers are checked by\n"
	"  DESTDIR                      put before the folder that `mpflash doctor --install-udev` writes to\n"
	"\n"
	"Builds get an environment of their own: what of yours they do not see, and the `--set` to use instead, is told.\n";

static const char files[] =
	"  TREE/build-mpflash/BOARD/    what was made: firmware.elf, .hex, .uf2, ... and the linker's map\n"
	"  TREE/mpflash.rules           rules of the tree's own\n"
	"  ~/.cache/mpflash/            the store, logs of builds, work folders, worktrees\n"
	"  ~/Downloads/firmware/        the firmware library, shared with the Python mpflash: mpflash.db and a folder a port\n"
	"  " MPFLASH_PREFIX "/share/mpflash/rules/   the rule files for MicroPython's ports\n"
	"  " MPFLASH_PREFIX
	"/lib/udev/rules.d/70-mpflash.rules   users' rights to bootloaders and debug probes over USB\n"
	"  " MPFLASH_PREFIX
	"/share/doc/mpflash/   guides: images, rule files, devices, the library\n";

static const char status[] =
	"  0                            done, or there was nothing to do\n"
	"  1                            something failed\n"
	"  2                            used wrongly, or a question was answered with no\n"
	"  130                          interrupted (Ctrl-C)\n";

const struct man_section man_sections[] = {
	{ "ENVIRONMENT", environment },
	{ "FILES", files },
	{ "EXIT STATUS", status },
	{ NULL, NULL },
};
