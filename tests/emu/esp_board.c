/* SPDX-License-Identifier: MIT
 *
 * The board around the ROM loader: reset by the modem lines, frames, the UART's speed and time, faults.
 */
#include "esp_board.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "board_port.h"
#include "esp_rom.h"

enum { CAPACITOR_US = 4000, MAX_FRAME = 0x5000, BITS = 10, SETTLE_US = 1000 };

/* One board a process: the handlers of port_* have no context. */
static struct {
	struct esp_rom rom;
	const char *reply;
	bool loader, jtag, pace;
	int64_t turnaround_us;
	unsigned baud, next_baud, max_baud; /* baud 0: measured by the next SYNC */
	bool off;                           /* EN is low */
	bool latched;                       /* the USB peripheral was told to start the loader */
	int64_t starts;                     /* when EN's capacitor is charged; 0: it runs */
	bool dtr, rts;
	sigjmp_buf reset;
	int64_t line_free, came;
	const char *fault;
	unsigned fault_at;
	uint64_t tell_at;
	bool lines;
} b;

/* --- reset ------------------------------------------------------------------------------------------------------- */

static void on_lines(bool dtr, bool rts)
{
	bool off = rts && !dtr;

	b.dtr = dtr;
	b.rts = rts;
	if (b.jtag && dtr && !rts)
		b.latched = true;
	if (b.off && !off)
		b.starts = port_now_us() + CAPACITOR_US;
	else if (off)
		b.starts = 0;
	if (off && !b.off) {
		b.off = true;
		siglongjmp(b.reset, 1);
	}
	b.off = off;
}

static void on_tick(void)
{
	if (!b.starts || port_now_us() < b.starts)
		return;
	b.starts = 0;
	b.loader = b.jtag ? b.latched : b.dtr && !b.rts;
	b.latched = false;
	siglongjmp(b.reset, 2);
}

/* --- the line ----------------------------------------------------------------------------------------------------- */

static bool speeds_fit(void)
{
	unsigned host = port_speed();

	if (b.max_baud && host > b.max_baud)
		return false;
	return !b.baud || b.jtag || (host < b.baud + b.baud / 30 && host > b.baud - b.baud / 30);
}

static void on_came(size_t n)
{
	(void)n;
	b.came = port_now_us();
}

static void take_time(size_t bytes, int64_t from)
{
	unsigned baud = b.baud ? b.baud : port_speed();

	if (!b.pace || !baud)
		return;
	if (b.line_free < from)
		b.line_free = from;
	b.line_free += (int64_t)bytes * BITS * 1000000 / baud;
}

static void wait_for_line(void)
{
	int64_t now = port_now_us();

	if (b.line_free > now)
		port_pause_us(b.line_free - now);
}

static void garble(uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		data[i] = (uint8_t)(data[i] * 37 ^ (0x80 | i));
}

static void send(uint8_t *data, size_t len)
{
	if (b.turnaround_us)
		port_pause_us(b.turnaround_us);
	take_time(len, port_now_us());
	wait_for_line();
	if (!speeds_fit())
		garble(data, len);
	port_say(data, len);
}

static size_t slip(uint8_t *out, const uint8_t *data, size_t len)
{
	size_t n = 0;

	out[n++] = 0xc0;
	for (size_t i = 0; i < len; i++) {
		if (data[i] == 0xc0 || data[i] == 0xdb) {
			out[n++] = 0xdb;
			out[n++] = data[i] == 0xc0 ? 0xdc : 0xdd;
		} else {
			out[n++] = data[i];
		}
	}
	out[n++] = 0xc0;
	return n;
}

static void silent_for_ever(void)
{
	for (;;)
		port_hear();
}

static void say_frame(const void *frame, size_t len)
{
	uint8_t out[2 * 128 + 2];

	/* It stops there, so that what the test does then comes at that byte. */
	if (b.tell_at && b.rom.programmed >= b.tell_at) {
		b.tell_at = 0;
		port_tell("reached");
		silent_for_ever();
	}
	send(out, slip(out, frame, len));
}

static void work(int64_t us)
{
	if (us)
		port_pause_us(us);
}

static void set_baud(unsigned baud)
{
	uint64_t crystal = b.rom.crystal, believed = b.rom.chip->crystal;

	/* An ESP32's ROM has measured its crystal, wrongly; others' have a crystal that they do not know. */
	if (strcmp(b.rom.chip->name, "esp32") == 0)
		b.next_baud = (unsigned)(baud * believed / crystal);
	else
		b.next_baud = (unsigned)(baud * crystal / believed);
}

/* --- faults -------------------------------------------------------------------------------------------------------- */

static bool fault(uint8_t op)
{
	uint8_t frame[] = { 1, op, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, out[64];
	const char *kind = b.fault;

	if (!kind || b.rom.data_blocks != b.fault_at)
		return false;
	b.fault = NULL;
	if (strncmp(kind, "silent", 6) == 0) {
		silent_for_ever();
	} else if (strncmp(kind, "lost", 4) == 0) { /* this block and its answer */
		return true;
	} else if (strncmp(kind, "garbage", 7) == 0) {
		memset(out, 0xa5, sizeof(out));
		send(out, sizeof(out));
		return true;
	} else if (strncmp(kind, "cut", 3) == 0) {
		slip(out, frame, sizeof(frame));
		send(out, 6);
		silent_for_ever();
	} else if (strncmp(kind, "other", 5) == 0) { /* the answer of another request comes first */
		esp_rom_answer(&b.rom, 0x0a, 0, NULL, 0, 0);
	} else if (strncmp(kind, "twice", 5) == 0) { /* as a frame of noise, and then the answer */
		send(out, slip(out, (const uint8_t *)"\xff\x00noise", 7));
	} else if (strncmp(kind, "error", 5) == 0) {
		esp_rom_answer(&b.rom, op, 0, NULL, 0, 8);
		return true;
	} else if (strncmp(kind, "gone", 4) == 0) {
		port_tell("gone");
		silent_for_ever();
	}
	return false;
}

/* --- what it runs --------------------------------------------------------------------------------------------------- */

static void run_firmware(void (*firmware)(const char *reply))
{
	static const char bad[] = "invalid header: 0xffffffff\r\n";
	const uint8_t *at = b.rom.flash + b.rom.chip->boot;

	if (at[0] != 0xe9) {
		port_tell("unbootable");
		port_say(bad, sizeof(bad) - 1);
		silent_for_ever();
	}
	port_tell("boot");
	if (b.reply)
		firmware(b.reply);
	silent_for_ever();
}

static void obey(const uint8_t *frame, size_t len)
{
	wait_for_line();
	/* The speed of the first request is measured. */
	if (!b.baud)
		b.baud = port_speed();
	b.rom.baud = b.baud;
	esp_rom_request(&b.rom, frame, len);
	if (b.next_baud) {
		port_pause_us(SETTLE_US);
		b.baud = b.next_baud;
		b.next_baud = 0;
	}
}

static void run_loader(void (*firmware)(const char *reply))
{
	static const char hello[] =
		"\r\nets Jul 29 2019 12:21:46\r\n\r\nrst:0x1 (POWERON_RESET),boot:0x3 "
		"(DOWNLOAD_BOOT(UART0/UART1/SDIO_REI_REO_V2))\r\n"
		"waiting for download\r\n";
	static uint8_t frame[MAX_FRAME];
	size_t len = 0;
	bool escaped = false;

	port_tell("loader");
	if (!b.lines || b.starts == 0)
		port_say(hello, sizeof(hello) - 1);
	while (!b.rom.left) {
		int c = port_hear();

		take_time(1, b.came);
		if (!speeds_fit())
			continue;
		if (c == 0xc0) {
			if (len)
				obey(frame, len);
			len = 0;
			escaped = false;
			continue;
		}
		if (escaped)
			c = c == 0xdc ? 0xc0 : c == 0xdd ? 0xdb : c;
		else if (c == 0xdb) {
			escaped = true;
			continue;
		}
		escaped = false;
		if (len < sizeof(frame))
			frame[len++] = (uint8_t)c;
	}
	run_firmware(firmware);
}

/* --- words ----------------------------------------------------------------------------------------------------------- */

static bool open_flash(const char *path)
{
	struct stat st;
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) < 0)
		return false;
	b.rom.flash_size = (size_t)st.st_size;
	b.rom.flash = mmap(NULL, b.rom.flash_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	return b.rom.flash != MAP_FAILED;
}

/* RDID: Winbond, and the power of two that its size is. */
static uint32_t flash_id_of(size_t size)
{
	uint32_t power = 0;

	while (((size_t)1 << power) < size)
		power++;
	return 0x40ef | power << 16;
}

static bool flag_word(const char *word)
{
	if (strcmp(word, "loader") == 0)
		return b.loader = true;
	if (strcmp(word, "pace") == 0)
		return b.pace = true;
	return false;
}

static bool text_word(const char *name, const char *value)
{
	struct esp_rom *r = &b.rom;

	if (strcmp(name, "chip") == 0)
		return (r->chip = esp_model_chip(value)) != NULL;
	if (strcmp(name, "flash") == 0)
		return open_flash(value);
	if (strcmp(name, "reply") == 0)
		return (b.reply = value) != NULL;
	if (strcmp(name, "log") == 0)
		return (r->log = fopen(value, "ae")) != NULL;
	if (strcmp(name, "line") == 0) {
		b.jtag = r->usb_jtag = strcmp(value, "jtag") == 0;
		return true;
	}
	if (strcmp(name, "fault") == 0) {
		b.fault = value;
		b.fault_at = strchr(value, '@')
				     ? (unsigned)strtoul(strchr(value, '@') + 1, NULL, 10)
				     : 1;
		return true;
	}
	if (strcmp(name, "mac") == 0) {
		r->mac = strtoull(value, NULL, 16);
		return true;
	}
	if (strcmp(name, "secure") == 0) {
		r->secure_boot = strstr(value, "boot");
		r->encrypted = strstr(value, "encrypt");
		r->secure_download = strstr(value, "download");
		return true;
	}
	return false;
}

static bool number_word(const char *name, unsigned long n)
{
	struct esp_rom *r = &b.rom;

	if (strcmp(name, "params") == 0)
		r->flash_id = flash_id_of(n);
	else if (strcmp(name, "turnaround") == 0)
		b.turnaround_us = (int64_t)n * 1000;
	else if (strcmp(name, "erase") == 0)
		r->erase_us = (int64_t)n;
	else if (strcmp(name, "write") == 0)
		r->write_us = (int64_t)n;
	else if (strcmp(name, "crystal") == 0)
		r->crystal = (unsigned)n;
	else if (strcmp(name, "max_baud") == 0)
		b.max_baud = (unsigned)n;
	else if (strcmp(name, "revision") == 0)
		r->revision = (unsigned)n;
	else if (strcmp(name, "tell") == 0)
		b.tell_at = n;
	else
		return false;
	return true;
}

static bool take_word(char *word)
{
	char *value = strchr(word, '=');

	if (!value)
		return flag_word(word);
	*value++ = '\0';
	return text_word(word, value) || number_word(word, strtoul(value, NULL, 0));
}

static bool prepare(char **words)
{
	b.rom.chip = esp_model_chip("esp32");
	for (; *words; words++)
		if (!take_word(*words)) {
			fprintf(stderr, "emu_board: esp: %s?\n", *words);
			return false;
		}
	if (!b.rom.flash) {
		b.rom.flash_size = 4 << 20;
		b.rom.flash = malloc(b.rom.flash_size);
		memset(b.rom.flash, 0xff, b.rom.flash_size);
	}
	if (!b.rom.flash_id)
		b.rom.flash_id = flash_id_of(b.rom.flash_size);
	if (!b.rom.crystal)
		b.rom.crystal = b.rom.chip->crystal;
	b.rom.say = say_frame;
	b.rom.work = work;
	b.rom.set_baud = set_baud;
	b.rom.told = port_tell;
	b.rom.fault = fault;
	return true;
}

int esp_board(char **words, void (*firmware)(const char *reply))
{
	if (!prepare(words))
		return 2;
	fcntl(STDIN_FILENO, F_SETFL, fcntl(STDIN_FILENO, F_GETFL) | O_NONBLOCK);
	b.lines = fcntl(PORT_LINES, F_GETFD) >= 0;
	port_came = on_came;
	if (b.lines) {
		port_lines = on_lines;
		port_tick = on_tick;
	}
	sigsetjmp(b.reset, 0);
	esp_rom_reset(&b.rom);
	port_forget();
	b.baud = b.next_baud = 0;
	b.line_free = 0;
	/* EN is low, or its capacitor is not charged: nothing runs. */
	while (b.off || b.starts)
		port_pause_us(1000);
	if (b.loader)
		run_loader(firmware);
	else
		run_firmware(firmware);
	return 0;
}
