/* SPDX-License-Identifier: MIT
 *
 * The checks. Each looks at one thing that keeps boards from being seen, asked or written, and names one way to put it right.
 */
#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"
#include "board/usb_control.h"
#include "cmd/doctor.h"
#include "os/clock.h"
#include "os/dirs.h"
#include "os/fs.h"
#include "os/groups.h"
#include "os/openers.h"

/* 2026-01-01: certificates of firmware's servers are younger than a clock that says less. */
static const int64_t clock_not_before = INT64_C(1767225600) * 1000000000;

enum { LITTLE_SPACE_MB = 200 };

const char *doctor_rules_folder(struct arena *a)
{
	const char *root = getenv("DESTDIR");

	return arena_printf(a, "%s/etc/udev/rules.d", root ? root : "");
}

/* Rights that everybody lacks are found by a device that is denied; this is for the ones that will be plugged in. */
static void check_udev(struct doctor *d)
{
	static const char *const packaged[] = { "/usr/lib/udev/rules.d", "/lib/udev/rules.d",
						"/usr/local/lib/udev/rules.d" };
	const char *mine = doctor_rules_folder(&d->arena);

	if (openers_is_root() || !fs_is_dir(mine) ||
	    fs_exists(arena_printf(&d->arena, "%s/" DOCTOR_RULES_NAME, mine)))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(packaged); i++)
		if (fs_exists(arena_printf(&d->arena, "%s/" DOCTOR_RULES_NAME, packaged[i])))
			return;
	doctor_add(d, "no udev rules give your user the rights to bootloaders and probes over USB",
		   "sudo mpflash doctor --install-udev");
}

static void check_rights(struct doctor *d)
{
	struct arena *a = &d->arena;

	for (size_t i = 0; i < d->devices.count; i++) {
		const struct device *v = &d->devices.items[i];
		const struct serial_port *p = v->port_count ? v->ports[0] : NULL;

		if (p && p->denied)
			doctor_add(d, arena_printf(a, "your user may not open %s", p->path),
				   "sudo usermod -a -G dialout $USER, then log in again");
		else if (v->usb && v->usb->denied && v->usb->node)
			doctor_add(d,
				   arena_printf(a, "your user may not open %s (%s)", v->usb->node,
						v->kind ? v->kind : v->id),
				   "sudo mpflash doctor --install-udev, then plug it in again");
	}
}

/*
 * Rights of ports that will be plugged in: the rules give those of known boards to who sits at the machine, serial adapters are
 * left to the distribution's group. Of plugdev the rules' rights come without sitting there.
 */
static void check_groups(struct doctor *d)
{
	static const struct {
		const char *name, *what;
	} groups[] = {
		{ "dialout", "serial adapters" },
		{ "uucp", "serial adapters" }, /* Arch's dialout */
		{ "plugdev", "bootloaders and probes over USB, where nobody sits at the machine" },
	};
	struct arena *a = &d->arena;

	for (size_t i = 0; !openers_is_root() && i < ARRAY_SIZE(groups); i++) {
		const char *name = groups[i].name;
		enum group_standing standing = group_standing(name);

		/* Debian has both, and its uucp has nothing to do with ports. */
		if (strcmp(name, "uucp") == 0 && group_standing("dialout") != GROUP_UNKNOWN)
			continue;
		if (standing == GROUP_AFTER_LOGIN)
			doctor_add(d,
				   arena_printf(
					   a,
					   "your user is in the group %s, but not in this session",
					   name),
				   "log out and in again");
		else if (standing == GROUP_OUTSIDE)
			doctor_note(
				d,
				arena_printf(
					a,
					"your user is not in the group %s, which has the rights to %s",
					name, groups[i].what),
				arena_printf(a, "sudo usermod -a -G %s $USER, then log in again",
					     name));
	}
}

static void check_held(struct doctor *d)
{
	struct arena *a = &d->arena;

	for (size_t i = 0; i < d->devices.count; i++) {
		const struct device *v = &d->devices.items[i];

		if (v->state == DEVICE_HELD)
			doctor_add(d, arena_printf(a, "%s is %s", device_label(v), v->why),
				   "close that program");
	}
}

static void check_modem_manager(struct doctor *d)
{
	long pid = openers_program("ModemManager");

	if (pid)
		doctor_add(
			d,
			arena_printf(&d->arena,
				     "ModemManager runs (pid %ld): it opens new serial ports and "
				     "speaks to boards as to modems",
				     pid),
			"sudo mpflash doctor --install-udev (its rules keep it off boards), or "
			"sudo systemctl disable --now ModemManager");
}

static void check_drives(struct doctor *d)
{
	for (size_t i = 0; i < d->devices.count; i++) {
		const struct device *v = &d->devices.items[i];

		if (v->volume && v->volume->read_only)
			doctor_add(d,
				   arena_printf(&d->arena,
						"the drive of %s is mounted read-only: nothing can "
						"be copied to it",
						device_label(v)),
				   "unplug the board and plug it in again");
	}
}

/* A tool that was ended in the middle leaves the bootloader there: some then refuse to begin anew. */
static void check_dfu(struct doctor *d)
{
	for (size_t i = 0; i < d->devices.count; i++) {
		const struct device *v = &d->devices.items[i];
		AUTO_ERR why = ERR_INIT;
		enum dfu_state state;
		bool busy = false;

		if (!v->usb || !(v->usb->things & USB_DFU) || v->usb->denied)
			continue;
		if (!usb_dfu_state(v->usb, &state, &busy, &why)) {
			if (!busy)
				doctor_add(
					d, arena_strdup(&d->arena, why.msg),
					"unplug the board and bring it into its bootloader again");
		} else if (state != DFU_IDLE) {
			doctor_add(
				d,
				arena_printf(
					&d->arena,
					state == DFU_ERROR
						? "the DFU bootloader %s is in its error state, which a "
						  "transfer that failed left"
						: "the DFU bootloader %s waits for the rest of a "
						  "transfer that was broken off",
					device_label(v)),
				"unplug the board and bring it into its bootloader again");
		}
	}
}

static void check_confined(struct doctor *d)
{
	const char *how = getenv("SNAP")                ? "a snap"
			  : fs_exists("/.flatpak-info") ? "a flatpak"
							: NULL;

	if (how)
		doctor_add(d,
			   arena_printf(&d->arena,
					"mpflash runs inside %s, which may not see serial ports, "
					"USB devices and drives",
					how),
			   "install mpflash outside of it");
}

/* --- the environment ------------------------------------------------------------------------------------------ */

extern char **environ;

/* Those that this program and the Python tool read. */
static const char *const known[] = {
	"MPFLASH_BUILDER",   "MPFLASH_CACHE",  "MPFLASH_CACHE_SIZE", "MPFLASH_DOWNLOAD_URL",
	"MPFLASH_FIRMWARE",  "MPFLASH_IGNORE", "MPFLASH_PROGRESS",   "MPFLASH_QUIET",
	"MPFLASH_REPO",      "MPFLASH_RULES",  "MPFLASH_TEST",       "MPFLASH_TRACE",
	"MPFLASH_WORK_SIZE",
};
enum { KNOWN = sizeof(known) / sizeof(*known) };

static bool is_known(const char *name)
{
	for (size_t i = 0; i < KNOWN; i++)
		if (strcmp(known[i], name) == 0)
			return true;
	return false;
}

static void check_name(struct doctor *d, const char *name)
{
	const char *near;

	if (is_known(name))
		return;
	near = suggest_nearest(name, known, KNOWN);
	doctor_add(d, arena_printf(&d->arena, "nothing reads the variable %s", name),
		   near ? arena_printf(&d->arena, "is %s meant?", near)
			: arena_printf(&d->arena, "unset %s", name));
}

static void check_environment(struct doctor *d)
{
	const char *firmware = getenv("MPFLASH_FIRMWARE"), *ignore = getenv("MPFLASH_IGNORE");
	AUTO_STRBUF dir = STRBUF_INIT;
	AUTO_ERR e = ERR_INIT;

	for (char **v = environ; *v; v++)
		if (strncmp(*v, "MPFLASH_", 8) == 0)
			check_name(d, arena_strndup(&d->arena, *v, strcspn(*v, "=")));
	if (firmware && *firmware && dirs_expand(&dir, firmware, &e) && !fs_is_dir(dir.buf))
		doctor_add(d,
			   arena_printf(&d->arena, "MPFLASH_FIRMWARE names %s, which is no folder",
					firmware),
			   arena_printf(&d->arena, "mkdir -p '%s'", dir.buf));
	if (ignore && strchr(ignore, ','))
		doctor_add(d, "MPFLASH_IGNORE has commas: its globs stand between blanks",
			   "put blanks in place of the commas");
}

/* --- this machine --------------------------------------------------------------------------------------------- */

/* The nearest folder that is there. */
static const char *existing(struct arena *a, const char *path)
{
	char *dir = arena_strdup(a, path), *slash;

	while (!fs_exists(dir) && (slash = strrchr(dir, '/')) && slash != dir)
		*slash = '\0';
	return dir;
}

static void check_cache(struct doctor *d)
{
	AUTO_STRBUF dir = STRBUF_INIT;
	AUTO_ERR e = ERR_INIT;
	const char *there;
	uint64_t left;

	if (!dirs_cache(&dir, &e)) {
		doctor_add(d, arena_strdup(&d->arena, e.msg), "set HOME, or MPFLASH_CACHE");
		return;
	}
	there = existing(&d->arena, dir.buf);
	if (!fs_is_dir(there) || !openers_may_open(there))
		doctor_add(
			d,
			arena_printf(&d->arena, "the cache folder %s cannot be written", dir.buf),
			arena_printf(&d->arena, "sudo chown -R $USER '%s', or set MPFLASH_CACHE",
				     there));
	left = fs_free_bytes(there);
	if (left < (uint64_t)LITTLE_SPACE_MB << 20)
		doctor_add(d,
			   arena_printf(&d->arena, "the disk of the cache folder %s has %u MB left",
					dir.buf, (unsigned)(left >> 20)),
			   "mpflash cache gc, or free some space");
}

static void check_clock(struct doctor *d)
{
	if (clock_now_ns() < clock_not_before)
		doctor_add(
			d,
			"the clock is years behind: downloads will fail, and dates will be wrong",
			"sudo timedatectl set-ntp true");
}

const struct doctor_check doctor_checks[] = {
	{ "udev", check_udev },
	{ "rights", check_rights },
	{ "groups", check_groups },
	{ "ports", check_held },
	{ "modem-manager", check_modem_manager },
	{ "drives", check_drives },
	{ "dfu", check_dfu },
	{ "confined", check_confined },
	{ "environment", check_environment },
	{ "cache", check_cache },
	{ "clock", check_clock },
	{ "toolchain", doctor_check_tools },
	{ "engine", NULL },
	{ NULL, NULL },
};
