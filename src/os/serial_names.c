/* SPDX-License-Identifier: MIT
 *
 * The names in /sys/class/tty; see serial_names.h.
 */
#include "os/serial_names.h"

#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#ifdef __linux__
#include <linux/serial.h>
#endif

#include "os/fs.h"

/* The PC's own ports: the driver makes as many as it was built for, and only it knows which are there. */
static bool is_wired(const char *path)
{
#if defined(__linux__) && defined(TIOCGSERIAL)
	AUTO_FD fd = open(path, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct serial_struct info;

	return fd >= 0 && ioctl(fd, TIOCGSERIAL, &info) == 0 && info.type != PORT_UNKNOWN;
#else
	(void)path;
	return true;
#endif
}

/* An entry is a link to the device; on old kernels a folder with that link in it. */
static bool device_of(struct arena *a, const char *name, struct strbuf *out)
{
	AUTO_ERR e = ERR_INIT;

	return fs_read_link(arena_printf(a, "/sys/class/tty/%s", name), out, &e) ||
	       fs_read_link(arena_printf(a, "/sys/class/tty/%s/device", name), out, &e);
}

bool serial_names(struct arena *a, struct strv *out)
{
	struct fs_list names = { 0 };
	AUTO_ERR e = ERR_INIT;

	if (!fs_is_dir("/sys/class/tty") || !fs_list(&names, "/sys/class/tty", &e))
		return false;
	for (size_t i = 0; i < names.count; i++) {
		AUTO_STRBUF device = STRBUF_INIT;
		const char *path;

		if (!device_of(a, names.names[i], &device) || strstr(device.buf, "virtual"))
			continue;
		path = arena_printf(a, "/dev/%s", names.names[i]);
		if (!strstr(device.buf, "serial8250") || is_wired(path))
			vec_push(out, path);
	}
	fs_list_free(&names);
	return true;
}
