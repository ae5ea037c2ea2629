/* SPDX-License-Identifier: MIT
 *
 * Files and links of /sys and /dev for emulated devices.
 */
#include "bed.h"

#include <glib/gstdio.h>
#include <fcntl.h>
#include <pty.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum {
	MAX_INTERFACES = 16,
	ACM_MAJOR = 166,
	USB_SERIAL_MAJOR = 188,
	BLOCK_MAJOR = 8,
	USB_MAJOR = 189
};
/* of devices; hubs have those below */
enum { FIRST_ADDRESS = 30, LAST_ADDRESS = 126 };

struct interface {
	unsigned class, subclass, protocol;
	char *name; /* NULL: none */
	char *tty, *block, *label;
	bool bus_reset; /* of DFU: does not detach by itself */
};

struct bed_usb {
	char *place, *dir; /* "1-4.2", "/sys/devices/usb1/1-4/1-4.2" */
	int address;
	unsigned vid, pid, release;
	char *serial, *product, *manufacturer;
	struct interface interfaces[MAX_INTERFACES];
	int count;
	GByteArray *blob; /* of a model: its descriptors, as sysfs has them */
	GPtrArray *made;  /* what to remove outside of dir: absolute paths in the bed */
};

static void usb_free(void *p)
{
	struct bed_usb *u = p;

	for (int i = 0; i < u->count; i++) {
		g_free(u->interfaces[i].name);
		g_free(u->interfaces[i].tty);
		g_free(u->interfaces[i].block);
		g_free(u->interfaces[i].label);
	}
	g_free(u->place);
	g_free(u->dir);
	g_free(u->serial);
	g_free(u->product);
	g_free(u->manufacturer);
	g_ptr_array_free(u->made, TRUE);
	if (u->blob)
		g_byte_array_unref(u->blob);
	g_free(u);
}

static void tty_free(void *p)
{
	struct bed_tty *t = p;

	if (t->master >= 0)
		close(t->master);
	g_free(t->name);
	g_free(t->place);
	g_free(t->slave);
	g_free(t);
}

static void make_folder(const struct bed *b, const char *path)
{
	char *full = g_strconcat(b->root, path, NULL);

	g_mkdir_with_parents(full, 0755);
	g_free(full);
}

void bed_init(struct bed *b, const char *root)
{
	*b = (struct bed){ .root = root, .next_address = FIRST_ADDRESS, .next_hub = 2 };
	b->ttys = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, tty_free);
	b->usb = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, usb_free);
	make_folder(b, "/sys/class/tty");
	make_folder(b, "/sys/class/block");
	make_folder(b, "/sys/bus/usb/devices");
	make_folder(b, "/dev");
}

void bed_free(struct bed *b)
{
	g_hash_table_destroy(b->ttys);
	g_hash_table_destroy(b->usb);
}

char *bed_unescape(const char *text)
{
	GString *out = g_string_new(NULL);

	for (; *text; text++)
		if (text[0] == '%' && g_ascii_isxdigit(text[1]) && g_ascii_isxdigit(text[2])) {
			g_string_append_c(out, (char)(g_ascii_xdigit_value(text[1]) * 16 +
						      g_ascii_xdigit_value(text[2])));
			text += 2;
		} else {
			g_string_append_c(out, *text);
		}
	return g_string_free(out, FALSE);
}

/* The number that a text begins with; 0: none. */
static int number_of(const char *text)
{
	return (int)strtol(text, NULL, 10);
}

/* Hex numbers with `separator` between: "2e8a:0005", "ff/00/01". */
static bool hex_numbers(const char *text, char separator, unsigned **to, int count)
{
	char *end;

	for (int i = 0; i < count; i++, text = end + 1) {
		*to[i] = (unsigned)strtoul(text, &end, 16);
		if (end == text || (i + 1 < count && *end != separator))
			return false;
	}
	return true;
}

static bool fail(char **why, const char *fmt, ...) G_GNUC_PRINTF(2, 3);
static bool fail(char **why, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	*why = g_strdup_vprintf(fmt, ap);
	va_end(ap);
	return false;
}

/* --- files of the bed ---------------------------------------------------------------------------------------- */

static void put(const struct bed *b, const char *path, const void *data, size_t len)
{
	char *full = g_strconcat(b->root, path, NULL);
	char *dir = g_path_get_dirname(full);

	g_mkdir_with_parents(dir, 0755);
	if (!g_file_set_contents(full, data, (gssize)len, NULL))
		g_error("cannot write %s", full);
	g_free(dir);
	g_free(full);
}

static void attribute(const struct bed *b, const char *dir, const char *name, const char *value)
{
	char *path = g_strconcat(dir, "/", name, NULL);
	char *line = g_strconcat(value, "\n", NULL);

	put(b, path, line, strlen(line));
	g_free(line);
	g_free(path);
}

static void attributef(const struct bed *b, const char *dir, const char *name, const char *fmt, ...)
	G_GNUC_PRINTF(4, 5);
static void attributef(const struct bed *b, const char *dir, const char *name, const char *fmt, ...)
{
	va_list ap;
	char *value;

	va_start(ap, fmt);
	value = g_strdup_vprintf(fmt, ap);
	va_end(ap);
	attribute(b, dir, name, value);
	g_free(value);
}

/* A link at `path` to another absolute path of the bed, told relatively as the kernel does: sysfs is read through it. */
static void link_to(const struct bed *b, const char *path, const char *target, GPtrArray *made)
{
	char *full = g_strconcat(b->root, path, NULL);
	char *dir = g_path_get_dirname(full);
	GString *text = g_string_new(NULL);

	for (const char *p = path + 1; (p = strchr(p, '/')); p++)
		g_string_append(text, "../");
	g_string_append(text, target + 1);
	g_mkdir_with_parents(dir, 0755);
	unlink(full);
	if (symlink(text->str, full) != 0)
		g_error("cannot link %s", full);
	if (made)
		g_ptr_array_add(made, full);
	else
		g_free(full);
	g_string_free(text, TRUE);
	g_free(dir);
}

/* /dev/NAME as a plain file, and what stat shall say of it: umockdev reads the number from .node. */
static void node(const struct bed *b, const char *name, int major, int minor, GPtrArray *made)
{
	char *path = g_strconcat("/dev/", name, NULL);
	char *flat = g_strdelimit(g_strdup(name), "/", '_');
	char *number = g_strdup_printf("%s/dev/.node/%s", b->root, flat);
	char *text = g_strdup_printf("%d:%d", major, minor);
	char *dir = g_path_get_dirname(number);

	put(b, path, "", 0);
	g_mkdir_with_parents(dir, 0755);
	unlink(number);
	if (symlink(text, number) != 0)
		g_error("cannot link %s", number);
	if (made) {
		g_ptr_array_add(made, g_strconcat(b->root, path, NULL));
		g_ptr_array_add(made, number);
	} else {
		g_free(number);
	}
	g_free(dir);
	g_free(text);
	g_free(flat);
	g_free(path);
}

/* A block device reads as S_IFBLK for umockdev when its file has the sticky bit. */
static void block_node(const struct bed *b, const char *name, int minor, GPtrArray *made)
{
	char *full = g_strdup_printf("%s/dev/%s", b->root, name);

	node(b, name, BLOCK_MAJOR, minor, made);
	g_chmod(full, 01644);
	g_free(full);
}

/* --- serial ports -------------------------------------------------------------------------------------------- */

static bool make_tty(struct bed *b, const char *name, const char *place, char **why)
{
	struct bed_tty *t;
	char *path = g_strdup_printf("%s/dev/%s", b->root, name);
	char slave[64];
	struct termios raw;
	int master, fd;

	if (openpty(&master, &fd, slave, NULL, NULL) != 0)
		return fail(why, "no pty");
	tcgetattr(fd, &raw);
	cfmakeraw(&raw);
	cfsetspeed(&raw, B9600);
	tcsetattr(fd, TCSANOW, &raw);
	close(fd); /* else mpflash would see us as who has it open */
	fcntl(master, F_SETFD, FD_CLOEXEC);
	t = g_new0(struct bed_tty, 1);
	t->name = g_strdup(name);
	t->place = g_strdup(place);
	t->slave = g_strdup(slave);
	t->master = master;
	node(b, name, g_str_has_prefix(name, "ttyACM") ? ACM_MAJOR : USB_SERIAL_MAJOR,
	     number_of(name + strcspn(name, "0123456789")), NULL);
	unlink(path);
	g_hash_table_insert(b->ttys, t->name, t);
	/* who opens it asks for its lines at once, and ends where nobody answers */
	if (b->tty_made)
		b->tty_made(b->ctx, name, master);
	if (symlink(slave, path) != 0)
		return fail(why, "cannot link %s", path);
	g_free(path);
	return true;
}

bool bed_tty(struct bed *b, const char *name, char **why)
{
	char *dir = g_strconcat("/sys/devices/platform/serial/tty/", name, NULL);
	char *link = g_strconcat("/sys/class/tty/", name, NULL);

	attribute(b, dir, "dev", "4:64");
	link_to(b, link, dir, NULL);
	g_free(link);
	link = g_strconcat(dir, "/device", NULL);
	link_to(b, link, "/sys/devices/platform/serial", NULL);
	g_free(link);
	g_free(dir);
	return make_tty(b, name, NULL, why);
}

bool bed_link(struct bed *b, const char *name, const char *pty, char **why)
{
	struct bed_tty *t = g_hash_table_lookup(b->ttys, name);
	char *path;

	if (!t)
		return fail(why, "no port %s", name);
	path = g_strdup_printf("%s/dev/%s", b->root, name);
	unlink(path);
	if (symlink(pty, path) != 0)
		return fail(why, "cannot link %s", path);
	g_free(path);
	g_free(t->slave);
	t->slave = g_strdup(pty);
	return true;
}

/* An address that no device has: a bus has 127. */
static int free_address(struct bed *b)
{
	GHashTableIter all;
	gpointer place, usb;
	bool used = true;

	while (used) {
		b->next_address =
			b->next_address >= LAST_ADDRESS ? FIRST_ADDRESS : b->next_address + 1;
		used = false;
		g_hash_table_iter_init(&all, b->usb);
		while (!used && g_hash_table_iter_next(&all, &place, &usb))
			used = ((struct bed_usb *)usb)->address == b->next_address;
	}
	return b->next_address;
}

/* --- USB ----------------------------------------------------------------------------------------------------- */

static void u16(GByteArray *to, unsigned value)
{
	g_byte_array_append(to, (const guint8[]){ value & 0xff, value >> 8 & 0xff }, 2);
}

#define BYTES(to, ...)                                           \
	g_byte_array_append(to, (const guint8[]){ __VA_ARGS__ }, \
			    sizeof((const guint8[]){ __VA_ARGS__ }))

/* Two bulk endpoints for what moves data, one interrupt endpoint for CDC's control interface, none for DFU. */
static void interface_descriptor(GByteArray *to, const struct interface *i, guint8 number)
{
	bool bulk = i->class == 0xff || i->class == 0x08 || i->class == 0x0a;
	guint8 endpoints = bulk ? 2 : i->class == 0x02 || i->class == 0x03 ? 1 : 0;

	BYTES(to, 9, 4, number, 0, endpoints, (guint8)i->class, (guint8)i->subclass,
	      (guint8)i->protocol, i->name ? number + 4 : 0);
	if (i->class == 0xfe && i->subclass == 1)
		BYTES(to, 9, 0x21, i->bus_reset ? 0x03 : 0x0b, 0xff, 0x00, 0x00, 0x08, 0x1a, 0x01);
	if (bulk) {
		BYTES(to, 7, 5, 0x81 + number, 2, 64, 0, 0);
		BYTES(to, 7, 5, 0x01 + number, 2, 64, 0, 0);
	} else if (endpoints) {
		BYTES(to, 7, 5, 0x81 + number, 3, 8, 0, 16);
	}
}

static GByteArray *descriptors(const struct bed_usb *u)
{
	GByteArray *all = g_byte_array_new(), *config = g_byte_array_new();

	BYTES(all, 18, 1, 0x00, 0x02, 0, 0, 0, 64);
	u16(all, u->vid);
	u16(all, u->pid);
	u16(all, u->release);
	BYTES(all, 1, 2, 3, 1);
	for (int i = 0; i < u->count; i++)
		interface_descriptor(config, &u->interfaces[i], (guint8)i);
	BYTES(all, 9, 2);
	u16(all, 9 + config->len);
	BYTES(all, (guint8)u->count, 1, 0, 0x80, 250);
	g_byte_array_append(all, config->data, config->len);
	g_byte_array_unref(config);
	return all;
}

/* "CC/SS/PP[:NAME]" */
static bool parse_interface(struct bed_usb *u, const char *text, char **why)
{
	struct interface *i = &u->interfaces[u->count];
	const char *colon = strchr(text, ':');

	if (u->count == MAX_INTERFACES ||
	    !hex_numbers(text, '/', (unsigned *[]){ &i->class, &i->subclass, &i->protocol }, 3))
		return fail(why, "bad interface '%s'", text);
	i->name = colon ? bed_unescape(colon + 1) : NULL;
	u->count++;
	return true;
}

/* cdc=ttyACM0[:NAME], uart=ttyUSB0[:NAME], block=sdb1[:LABEL] */
static bool parse_part(struct bed_usb *u, const char *word, const char *value, char **why)
{
	char **parts = g_strsplit(value, ":", 2);
	struct interface *i;
	bool ok = true;

	if (strcmp(word, "cdc") == 0)
		ok = parse_interface(u, "02/02/00", why) && parse_interface(u, "0a/00/00", why);
	else
		ok = parse_interface(u, strcmp(word, "uart") == 0 ? "ff/00/00" : "08/06/50", why);
	if (ok && strcmp(word, "block") == 0) {
		i = &u->interfaces[u->count - 1];
		i->block = g_strdup(parts[0]);
		i->label = parts[1] ? bed_unescape(parts[1]) : NULL;
	} else if (ok) {
		i = &u->interfaces[u->count - (strcmp(word, "cdc") == 0 ? 2 : 1)];
		i->tty = g_strdup(parts[0]);
		i->name = parts[1] ? bed_unescape(parts[1]) : NULL;
	}
	g_strfreev(parts);
	return ok;
}

static bool parse_word(struct bed_usb *u, const char *word, char **why)
{
	const char *value = strchr(word, '=');
	char *name = value ? g_strndup(word, (gsize)(value - word)) : NULL;
	bool ok = name != NULL;

	if (!ok)
		return fail(why, "'%s' is no word=value", word);
	value++;
	if (strcmp(name, "serial") == 0)
		u->serial = bed_unescape(value);
	else if (strcmp(name, "product") == 0)
		u->product = bed_unescape(value);
	else if (strcmp(name, "manufacturer") == 0)
		u->manufacturer = bed_unescape(value);
	else if (strcmp(name, "release") == 0)
		u->release = (unsigned)strtoul(value, NULL, 16);
	else if (strcmp(name, "if") == 0)
		ok = parse_interface(u, value, why);
	else if (strcmp(name, "detach") == 0 && strcmp(value, "bus") == 0 && u->count)
		u->interfaces[u->count - 1].bus_reset = true;
	else if (strcmp(name, "cdc") == 0 || strcmp(name, "uart") == 0 ||
		 strcmp(name, "block") == 0)
		ok = parse_part(u, name, value, why);
	else
		ok = fail(why, "unknown word '%s'", word);
	g_free(name);
	return ok;
}

/* "1-4.2" -> the folder of its parent, which is made when it is not there: "/sys/devices/usb1/1-4". */
static char *parent_dir(struct bed *b, const char *place);

static void hub(struct bed *b, const char *place, const char *dir)
{
	static const guint8 descriptor[] = { 18, 1, 0, 2, 9, 0, 0, 64, 0x6b, 0x1d, 2, 0,    1, 0,
					     0,  0, 0, 1, 9, 2, 9, 0,  0,    1,    0, 0xe0, 0 };
	char *path = g_strconcat(dir, "/busnum", NULL);
	char *full = g_strconcat(b->root, path, NULL);
	char *link = g_strconcat("/sys/bus/usb/devices/", place, NULL);
	char *number;
	int bus = number_of(g_str_has_prefix(place, "usb") ? place + 3 : place);
	int address = g_str_has_prefix(place, "usb") ? 1 : b->next_hub++;

	if (!g_file_test(full, G_FILE_TEST_EXISTS)) {
		attributef(b, dir, "busnum", "%d", bus);
		attributef(b, dir, "devnum", "%d", address);
		attribute(b, dir, "speed", "480");
		attribute(b, dir, "bConfigurationValue", "1");
		attribute(b, dir, "idVendor", "1d6b");
		attribute(b, dir, "idProduct", "0002");
		g_free(path);
		path = g_strconcat(dir, "/descriptors", NULL);
		put(b, path, descriptor, sizeof(descriptor));
		link_to(b, link, dir, NULL);
		g_free(path);
		path = g_strconcat(dir, "/subsystem", NULL);
		link_to(b, path, "/sys/bus/usb", NULL);
		number = g_strdup_printf("bus/usb/%03d/%03d", bus, address);
		node(b, number, USB_MAJOR, (bus - 1) * 128 + address - 1, NULL);
		attributef(b, dir, "uevent", "DEVTYPE=usb_device\nDEVNAME=%s\nMAJOR=189\nMINOR=%d",
			   number, (bus - 1) * 128 + address - 1);
		g_free(number);
	}
	g_free(link);
	g_free(full);
	g_free(path);
}

static char *parent_dir(struct bed *b, const char *place)
{
	const char *end = strrchr(place, '.');
	char *name, *above, *dir;

	if (!end) {
		name = g_strdup_printf("usb%d", number_of(place));
		dir = g_strconcat("/sys/devices/", name, NULL);
	} else {
		name = g_strndup(place, (gsize)(end - place));
		above = parent_dir(b, name);
		dir = g_strconcat(above, "/", name, NULL);
		g_free(above);
	}
	hub(b, name, dir);
	g_free(name);
	return dir;
}

/* /sys/.../1-4:1.0/tty/ttyACM0 for CDC, .../1-4:1.0/ttyUSB0/tty/ttyUSB0 for serial adapters, as the kernel's drivers do. */
static bool interface_tty(struct bed *b, struct bed_usb *u, const char *dir,
			  const struct interface *i, int number, char **why)
{
	bool acm = i->class == 0x02;
	char *device = acm ? g_strdup(dir) : g_strconcat(dir, "/", i->tty, NULL);
	char *tty = g_strconcat(device, "/tty/", i->tty, NULL);
	char *link = g_strconcat("/sys/class/tty/", i->tty, NULL);
	char *link2 = g_strconcat(tty, "/device", NULL);
	char *dev = g_strconcat("/dev/", i->tty, NULL);
	char *by = g_strdup_printf("/dev/serial/by-path/pci-0000:00:14.0-usb-%d:%s:1.%d",
				   number_of(u->place) - 1, strchr(u->place, '-') + 1, number);
	bool ok;

	attributef(b, tty, "dev", "%d:%d", acm ? ACM_MAJOR : USB_SERIAL_MAJOR, number);
	link_to(b, link, tty, u->made);
	link_to(b, link2, device, NULL);
	ok = make_tty(b, i->tty, u->place, why);
	link_to(b, by, dev, u->made);
	if (u->serial && !strpbrk(u->serial, "/%\n")) {
		g_free(by);
		by = g_strdup_printf("/dev/serial/by-id/usb-%s-if%02d", u->serial, number);
		link_to(b, by, dev, u->made);
	}
	g_free(by);
	g_free(dev);
	g_free(link2);
	g_free(link);
	g_free(tty);
	g_free(device);
	return ok;
}

static void interface_block(struct bed *b, struct bed_usb *u, const char *dir,
			    const struct interface *i)
{
	size_t n = strcspn(i->block, "0123456789");
	char *disk = g_strndup(i->block, n);
	char *top = g_strdup_printf("%s/host4/target4:0:0/4:0:0:0/block/%s", dir, disk);
	char *link = g_strconcat("/sys/class/block/", disk, NULL);
	char *part;
	int minor = (disk[2] - 'a') * 16;

	attribute(b, top, "size", "262144");
	attribute(b, top, "device/model", "RP2             ");
	link_to(b, link, top, u->made);
	block_node(b, disk, minor, u->made);
	if (i->block[n]) {
		part = g_strconcat(top, "/", i->block, NULL);
		attribute(b, part, "partition", i->block + n);
		attribute(b, part, "size", "262143");
		g_free(link);
		link = g_strconcat("/sys/class/block/", i->block, NULL);
		link_to(b, link, part, u->made);
		block_node(b, i->block, minor + 1, u->made);
		g_free(part);
	}
	if (i->label) {
		part = g_strconcat("/dev/", i->block, NULL);
		g_free(link);
		link = g_strconcat("/dev/disk/by-label/", i->label, NULL);
		link_to(b, link, part, u->made);
		g_free(part);
	}
	g_free(link);
	g_free(top);
	g_free(disk);
}

static bool make_interfaces(struct bed *b, struct bed_usb *u, char **why)
{
	bool ok = true;

	for (int n = 0; ok && n < u->count; n++) {
		const struct interface *i = &u->interfaces[n];
		char *name = g_strdup_printf("%s:1.%d", u->place, n);
		char *dir = g_strconcat(u->dir, "/", name, NULL);
		char *link = g_strconcat("/sys/bus/usb/devices/", name, NULL);
		char *subsystem = g_strconcat(dir, "/subsystem", NULL);

		attributef(b, dir, "bInterfaceNumber", "%02x", n);
		attributef(b, dir, "bInterfaceClass", "%02x", i->class);
		attributef(b, dir, "bInterfaceSubClass", "%02x", i->subclass);
		attributef(b, dir, "bInterfaceProtocol", "%02x", i->protocol);
		attribute(b, dir, "uevent", "DEVTYPE=usb_interface");
		if (i->name)
			attribute(b, dir, "interface", i->name);
		link_to(b, link, dir, u->made);
		link_to(b, subsystem, "/sys/bus/usb", NULL);
		if (i->tty)
			ok = interface_tty(b, u, dir, i, n, why);
		g_free(subsystem);
		g_free(link);
		g_free(dir);
		g_free(name);
	}
	return ok;
}

/* Drives come last, as from the kernel, which first asks them for their size. */
static void make_drives(struct bed *b, struct bed_usb *u)
{
	for (int n = 0; n < u->count; n++) {
		char *dir = g_strdup_printf("%s/%s:1.%d", u->dir, u->place, n);

		if (u->interfaces[n].block)
			interface_block(b, u, dir, &u->interfaces[n]);
		g_free(dir);
	}
}

/* Before anything of it is there: it takes a while, and the rest is to come at once. */
static void announce(struct bed *b, const struct bed_usb *u)
{
	char *path = g_strdup_printf("/dev/bus/usb/%03d/%03d", number_of(u->place), u->address);

	if (b->usb_made)
		b->usb_made(b->ctx, u->place, path);
	g_free(path);
}

static void make_device(struct bed *b, struct bed_usb *u)
{
	int bus = number_of(u->place), minor = (bus - 1) * 128 + u->address - 1;
	char *name = g_strdup_printf("bus/usb/%03d/%03d", bus, u->address);
	char *path = g_strconcat(u->dir, "/descriptors", NULL);
	GByteArray *blob = u->blob ? g_byte_array_ref(u->blob) : descriptors(u);

	attributef(b, u->dir, "busnum", "%d", bus);
	attributef(b, u->dir, "devnum", "%d", u->address);
	attribute(b, u->dir, "speed", "12");
	attribute(b, u->dir, "bConfigurationValue", "1");
	attribute(b, u->dir, "bDeviceClass", "00");
	attributef(b, u->dir, "idVendor", "%04x", u->vid);
	attributef(b, u->dir, "idProduct", "%04x", u->pid);
	attributef(b, u->dir, "uevent", "DEVTYPE=usb_device\nDEVNAME=%s\nMAJOR=%d\nMINOR=%d", name,
		   USB_MAJOR, minor);
	if (u->serial)
		attribute(b, u->dir, "serial", u->serial);
	if (u->product)
		attribute(b, u->dir, "product", u->product);
	if (u->manufacturer)
		attribute(b, u->dir, "manufacturer", u->manufacturer);
	put(b, path, blob->data, blob->len);
	node(b, name, USB_MAJOR, minor, u->made);
	g_free(path);
	path = g_strdup_printf("%s/dev/%s", b->root, name);
	g_file_set_contents(path, (const char *)blob->data, blob->len, NULL);
	g_free(path);
	path = g_strconcat(u->dir, "/subsystem", NULL);
	link_to(b, path, "/sys/bus/usb", NULL);
	g_free(path);
	path = g_strconcat("/sys/bus/usb/devices/", u->place, NULL);
	link_to(b, path, u->dir, u->made);
	g_free(path);
	g_byte_array_unref(blob);
	g_free(name);
}

/* The same for both kinds: it takes `u`, whose place nobody has. */
static bool plug_in(struct bed *b, struct bed_usb *u, char **why)
{
	char *above = parent_dir(b, u->place);

	u->dir = g_strconcat(above, "/", u->place, NULL);
	u->address = free_address(b);
	g_free(above);
	g_hash_table_insert(b->usb, u->place, u);
	announce(b, u);
	/* the device's own name after its ports: who polls sees it whole */
	if (!make_interfaces(b, u, why))
		return false;
	make_device(b, u);
	make_drives(b, u);
	return true;
}

static struct bed_usb *usb_new(const struct bed *b, const char *place, char **why)
{
	struct bed_usb *u;

	if (g_hash_table_contains(b->usb, place)) {
		fail(why, "%s is taken", place);
		return NULL;
	}
	u = g_new0(struct bed_usb, 1);
	u->place = g_strdup(place);
	u->made = g_ptr_array_new_with_free_func(g_free);
	u->release = 0x0100;
	return u;
}

bool bed_usb(struct bed *b, char **words, char **why)
{
	struct bed_usb *u;

	if (!words[0] || !words[1] || !strchr(words[0], '-'))
		return fail(why, "usb wants PLACE VID:PID");
	u = usb_new(b, words[0], why);
	if (!u)
		return false;
	if (!hex_numbers(words[1], ':', (unsigned *[]){ &u->vid, &u->pid }, 2)) {
		usb_free(u);
		return fail(why, "bad ids '%s'", words[1]);
	}
	for (char **word = words + 2; *word; word++)
		if (**word && !parse_word(u, *word, why)) {
			usb_free(u);
			return false;
		}
	return plug_in(b, u, why);
}

static char *string_of(const struct bed_descriptors *d, guint8 index)
{
	return index ? g_strdup(d->string(d->m, index)) : NULL;
}

/* The interfaces in their first settings, as sysfs shows them before anybody chose. */
static void take_interfaces(struct bed_usb *u, const struct bed_descriptors *d)
{
	const guint8 *end = d->configuration + d->size;

	for (const guint8 *p = d->configuration; p + 2 <= end && p[0] >= 2; p += p[0]) {
		struct interface *i = &u->interfaces[u->count];

		if (p[1] != 4 || p[0] < 9 || p[3] || u->count == MAX_INTERFACES)
			continue;
		i->class = p[5];
		i->subclass = p[6];
		i->protocol = p[7];
		i->name = string_of(d, p[8]);
		u->count++;
	}
}

/* cdc=ttyACM0, block=sdb1:LABEL: the device of the first interface that can have one. */
static void take_part(struct bed_usb *u, const char *word)
{
	const char *value = strchr(word, '=') + 1, *colon = strchr(value, ':');
	bool block = g_str_has_prefix(word, "block=");

	for (int n = 0; n < u->count; n++) {
		struct interface *i = &u->interfaces[n];

		if (block && i->class == 0x08) {
			i->block = g_strndup(value, strcspn(value, ":"));
			i->label = colon ? g_strdup(colon + 1) : NULL;
			return;
		}
		if (!block && i->class == 0x02) {
			i->tty = g_strdup(value);
			return;
		}
	}
}

bool bed_model(struct bed *b, const char *place, const struct bed_descriptors *d, char **words,
	       char **why)
{
	struct bed_usb *u = usb_new(b, place, why);

	if (!u)
		return false;
	u->vid = d->device[8] | d->device[9] << 8;
	u->pid = d->device[10] | d->device[11] << 8;
	u->release = d->device[12] | d->device[13] << 8;
	u->manufacturer = string_of(d, d->device[14]);
	u->product = string_of(d, d->device[15]);
	u->serial = string_of(d, d->device[16]);
	u->blob = g_byte_array_new();
	g_byte_array_append(u->blob, d->device, 18);
	g_byte_array_append(u->blob, d->configuration, (guint)d->size);
	take_interfaces(u, d);
	for (char **word = words; *word; word++)
		take_part(u, *word);
	return plug_in(b, u, why);
}

/* --- unplugging ---------------------------------------------------------------------------------------------- */

static void remove_tty(struct bed *b, struct bed_tty *t)
{
	char *path = g_strdup_printf("%s/dev/%s", b->root, t->name);
	char *number = g_strdup_printf("%s/dev/.node/%s", b->root, t->name);
	char *class = g_strdup_printf("%s/sys/class/tty/%s", b->root, t->name);

	unlink(path);
	unlink(number);
	unlink(class);
	if (b->tty_gone)
		b->tty_gone(b->ctx, t->name);
	g_hash_table_remove(b->ttys, t->name);
	g_free(class);
	g_free(number);
	g_free(path);
}

static void remove_ttys_at(struct bed *b, const char *place)
{
	GHashTableIter all;
	gpointer name, tty;
	GPtrArray *gone = g_ptr_array_new();

	g_hash_table_iter_init(&all, b->ttys);
	while (g_hash_table_iter_next(&all, &name, &tty))
		if (g_strcmp0(((struct bed_tty *)tty)->place, place) == 0)
			g_ptr_array_add(gone, tty);
	for (guint i = 0; i < gone->len; i++)
		remove_tty(b, gone->pdata[i]);
	g_ptr_array_free(gone, TRUE);
}

static void remove_tree(const char *path)
{
	GDir *dir = g_file_test(path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open(path, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		char *below = g_build_filename(path, name, NULL);

		remove_tree(below);
		g_free(below);
	}
	if (dir)
		g_dir_close(dir);
	g_remove(path);
}

bool bed_remove(struct bed *b, const char *name, char **why)
{
	struct bed_tty *t = g_hash_table_lookup(b->ttys, name);
	struct bed_usb *u = g_hash_table_lookup(b->usb, name);
	char *dir;

	if (t && !u) {
		remove_tty(b, t);
		return true;
	}
	if (!u)
		return fail(why, "nothing at %s", name);
	if (b->usb_gone)
		b->usb_gone(b->ctx, u->place);
	for (guint i = u->made->len; i-- > 0;)
		unlink(u->made->pdata[i]);
	remove_ttys_at(b, u->place);
	dir = g_strconcat(b->root, u->dir, NULL);
	remove_tree(dir);
	g_free(dir);
	g_hash_table_remove(b->usb, name);
	return true;
}
