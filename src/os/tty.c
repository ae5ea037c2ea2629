/* SPDX-License-Identifier: MIT
 *
 * Serial ports and ptys over termios.
 */
#include "os/tty.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "os/clock.h"

enum { LOCK_POLL_MS = 10, TOUCH_MS = 200, TOUCH_LOCK_MS = 500 };

static bool open_failed(const char *path, int number, struct err *e)
{
	err_sys(e, number, "cannot open %s", path);
	if (number == EACCES || number == EPERM)
		err_hint(e,
			 "your user may not use serial ports: `sudo usermod -a -G dialout $USER`, "
			 "then log in again");
	else if (number == ENOENT || number == ENXIO || number == ENODEV)
		err_hint(e,
			 "the board was unplugged, or came back under another name; `mpflash list` "
			 "shows what is there");
	errno = number;
	return false;
}

int tty_open_plain(const char *path, struct err *e)
{
	int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		open_failed(path, errno, e);
	return fd;
}

static bool take_lock(struct stream *s, int wait_ms, struct err *e)
{
	int64_t deadline = stream_deadline(wait_ms);

	while (flock(s->fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return err_sys(e, errno, "cannot lock %s", s->name);
		if (stream_left(deadline) == 0) {
			errno = EBUSY;
			err_set(e, "%s is in use by another program", s->name);
			return err_hint(
				e, "close the terminal program that has it open, then try again");
		}
		clock_sleep_ms(LOCK_POLL_MS);
	}
	return true;
}

static bool make_raw(struct stream *s, struct err *e)
{
	struct termios t;

	if (tcgetattr(s->fd, &t) < 0) {
		if (errno == ENOTTY)
			return err_set(e, "%s is not a serial port", s->name);
		return err_sys(e, errno, "cannot set up %s", s->name);
	}
	t.c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON |
				 IXOFF);
	t.c_oflag &= ~(tcflag_t)OPOST;
	t.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
	/* HUPCL would drop DTR at close, and that resets many boards. */
	t.c_cflag &= ~(tcflag_t)(CSIZE | PARENB | CSTOPB | HUPCL);
	t.c_cflag |= CS8 | CREAD | CLOCAL;
	t.c_cc[VMIN] = 1;
	t.c_cc[VTIME] = 0;
	cfsetispeed(&t, B115200);
	cfsetospeed(&t, B115200);
	if (tcsetattr(s->fd, TCSANOW, &t) < 0)
		return err_sys(e, errno, "cannot set up %s", s->name);
	return true;
}

bool tty_open(struct stream *s, const char *path, int wait_ms, struct err *e)
{
	int fd, number;

	log_debug("open %s", path);
	fd = tty_open_plain(path, e);
	if (fd < 0)
		return false;
	if (!stream_adopt(s, fd, path, e)) {
		number = errno;
		close(fd);
		errno = number;
		return false;
	}
	if (make_raw(s, e) && take_lock(s, wait_ms, e))
		return true;
	number = errno;
	stream_close(s);
	errno = number;
	return false;
}

void tty_drop_input(struct stream *s)
{
	tcflush(s->fd, TCIFLUSH);
}

bool tty_set_lines(struct stream *s, bool dtr, bool rts, struct err *e)
{
	int lines;

	log_debug("%s: DTR %d, RTS %d", s->name, dtr, rts);
	if (ioctl(s->fd, TIOCMGET, &lines) < 0)
		return err_sys(e, errno, "%s has no DTR and RTS", s->name);
	lines = dtr ? lines | TIOCM_DTR : lines & ~TIOCM_DTR;
	lines = rts ? lines | TIOCM_RTS : lines & ~TIOCM_RTS;
	if (ioctl(s->fd, TIOCMSET, &lines) < 0)
		return err_sys(e, errno, "cannot set DTR and RTS of %s", s->name);
	return true;
}

static const struct {
	unsigned baud;
	speed_t word;
} speeds[] = {
	{ 1200, B1200 },       { 9600, B9600 },     { 19200, B19200 },   { 38400, B38400 },
	{ 57600, B57600 },     { 115200, B115200 }, { 230400, B230400 },
#ifdef B460800
	{ 460800, B460800 },
#endif
#ifdef B921600
	{ 921600, B921600 },
#endif
#ifdef B1500000
	{ 1500000, B1500000 },
#endif
#ifdef B2000000
	{ 2000000, B2000000 },
#endif
#ifdef B3000000
	{ 3000000, B3000000 },
#endif
};

bool tty_set_speed(struct stream *s, unsigned baud, struct err *e)
{
	struct termios t;
	size_t i = 0;

	while (i < ARRAY_SIZE(speeds) && speeds[i].baud != baud)
		i++;
	if (i == ARRAY_SIZE(speeds)) {
		err_set(e, "a serial port has no speed of %u baud", baud);
		return err_hint(e, "try 115200, 230400, 460800 or 921600");
	}
	if (tcgetattr(s->fd, &t) == 0) {
		cfsetispeed(&t, speeds[i].word);
		cfsetospeed(&t, speeds[i].word);
		if (tcsetattr(s->fd, TCSANOW, &t) == 0)
			return true;
	}
	return err_sys(e, errno, "cannot set the speed of %s", s->name);
}

bool tty_touch_1200(const char *path, struct err *e)
{
	AUTO_STREAM s = STREAM_INIT;
	AUTO_ERR ignored = ERR_INIT;

	if (!tty_open(&s, path, TOUCH_LOCK_MS, e) || !tty_set_speed(&s, 1200, e))
		return false;
	/* The speed alone does it for most; a port without lines has been told too. */
	tty_set_lines(&s, false, false, &ignored);
	clock_sleep_ms(TOUCH_MS);
	return true;
}

bool tty_is_device(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISCHR(st.st_mode);
}

bool tty_is_able(int fd)
{
	const char *term = getenv("TERM");

	return term && *term && strcmp(term, "dumb") != 0 && isatty(fd);
}

bool tty_takes_colour(int fd)
{
	const char *no = getenv("NO_COLOR"), *ansi = getenv("CLICOLOR");

	return !(no && *no) && !(ansi && strcmp(ansi, "0") == 0) && tty_is_able(fd);
}

int tty_columns(int fd)
{
	struct winsize size = { 0 };

	if (!isatty(fd))
		return 0;
	return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
}

int tty_rows(int fd)
{
	struct winsize size = { 0 };

	if (!isatty(fd))
		return 0;
	return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_row ? size.ws_row : 24;
}
