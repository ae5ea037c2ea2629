/* SPDX-License-Identifier: MIT
 *
 * A UF2 bootloader's drive over FUSE: INFO_UF2.TXT, CURRENT.UF2, and any file that is written to it. It takes blocks as the ROMs do,
 * wherever in a file they come, and unmounts itself a little after the last one: who writes then gets ENOTCONN or the like.
 *
 * Usage: emu_uf2 [-o OUTPUT] [-d /dev/sdb1] [-i INFO_FILE] [-f FAMILY] [-s BLOCKS] [-r KIB] [-c CURRENT] [-e CALL:ERRNO:BLOCKS]
 *                [-m ro|denied] [-w MS] [-l LOG] FOLDER
 *   -o  (absolute) the payloads, in the order of their addresses, are written there when all have come
 *   -d  the drive's device, as mounts name it      -i  the text of INFO_UF2.TXT (default: RP2040's)
 *   -f  the only family that is taken (hex)        -s  goes away after that many blocks, whatever the file says
 *   -r  so much room it says that it has           -c  the bytes of CURRENT.UF2 (default: there is none)
 *   -e  from that many blocks on, `open`, `write`, `fsync` or `close` fails with that number
 *   -m  mounted read-only, or only to be read by our user
 *   -w  each write, and each read of CURRENT.UF2, takes that long
 *   -l  (absolute) told there: "pid N", "current" (it is read), "blocks N" (after each write). Who ends that process pulls the cable
 *   It runs in the background; the folder is mounted when it returns.
 */
#define FUSE_USE_VERSION 31
#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { BLOCK = 512, PAYLOAD = 256, MAX_BLOCKS = 65536, MAX_FILES = 32, NAME = 128 };

static const char rp2040[] =
	"UF2 Bootloader v3.0\r\nModel: Raspberry Pi RP2\r\nBoard-ID: RPI-RP2\r\n";

struct page {
	bool here;
	uint32_t address;
	uint8_t data[PAYLOAD];
};

/* What was written as a file: kept so that it can be looked at until the drive goes. */
struct file {
	char name[NAME];
	uint8_t *data;
	size_t size, cap;
};

static struct {
	const char *output, *device, *folder;
	char *info;
	uint32_t family;
	unsigned stop_after, room, wait_ms, fail_after;
	const char *fail_call; /* "write"; NULL: none fails */
	int fail_errno;
	bool read_only, denied;
	FILE *log;
	struct page *pages;
	unsigned taken, total;
	bool done;
	struct file files[MAX_FILES];
	int count;
	struct fuse *fuse;
} drive;

static uint32_t u32(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* Answers first, goes a little later: by SIGTERM, which libfuse handles. */
static void go_soon(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGTERM };
	const struct itimerspec when = { .it_value.tv_nsec = 20000000 };
	timer_t timer;

	if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0 ||
	    timer_settime(timer, 0, &when, NULL) != 0)
		abort();
}

static void finish(void)
{
	FILE *out = drive.output ? fopen(drive.output, "we") : NULL;

	for (unsigned i = 0; out && i < drive.total; i++)
		if (drive.pages[i].here)
			fwrite(drive.pages[i].data, 1, PAYLOAD, out);
	if (out)
		fclose(out);
	drive.done = true;
	go_soon();
}

static void take_block(const uint8_t *b)
{
	uint32_t flags = u32(b + 8), number = u32(b + 20), total = u32(b + 24);

	if (u32(b) != 0x0a324655 || u32(b + 4) != 0x9e5d5157 || u32(b + 508) != 0x0ab16f30 ||
	    flags & 1 || u32(b + 16) != PAYLOAD || u32(b + 12) % PAYLOAD || total > MAX_BLOCKS ||
	    number >= total)
		return;
	if (drive.family && (!(flags & 0x2000) || u32(b + 28) != drive.family))
		return;
	drive.total = total;
	if (!drive.pages[number].here) {
		drive.pages[number].here = true;
		drive.taken++;
	}
	drive.pages[number].address = u32(b + 12);
	memcpy(drive.pages[number].data, b + 32, PAYLOAD);
	if (!drive.done &&
	    (drive.taken == total || (drive.stop_after && drive.taken >= drive.stop_after)))
		finish();
}

/* What the call that is to fail says, when it is its turn; 0: nothing. */
static int failure(const char *call)
{
	if (!drive.fail_call || strcmp(drive.fail_call, call) != 0 ||
	    drive.taken < drive.fail_after)
		return 0;
	return -drive.fail_errno;
}

static void take_time(void)
{
	const struct timespec t = { .tv_sec = drive.wait_ms / 1000,
				    .tv_nsec = (long)(drive.wait_ms % 1000) * 1000000 };

	nanosleep(&t, NULL);
}

static void tell(const char *what, unsigned count)
{
	if (!drive.log)
		return;
	fprintf(drive.log, count ? "%s %u\n" : "%s\n", what, count);
	fflush(drive.log);
}

static struct file *file_of(const char *path)
{
	for (int i = 0; i < drive.count; i++)
		if (strcmp(drive.files[i].name, path + 1) == 0)
			return &drive.files[i];
	return NULL;
}

static int on_getattr(const char *path, struct stat *st, struct fuse_file_info *info)
{
	struct file *f = file_of(path);

	(void)info;
	memset(st, 0, sizeof(*st));
	if (strcmp(path, "/") == 0) {
		st->st_mode = S_IFDIR | 0777;
		st->st_nlink = 2;
		return 0;
	}
	if (!f)
		return -ENOENT;
	st->st_mode = S_IFREG | 0666;
	st->st_nlink = 1;
	st->st_size = (off_t)f->size;
	return 0;
}

static int on_readdir(const char *path, void *buf, fuse_fill_dir_t fill, off_t offset,
		      struct fuse_file_info *info, enum fuse_readdir_flags flags)
{
	(void)path;
	(void)offset;
	(void)info;
	(void)flags;
	fill(buf, ".", NULL, 0, 0);
	fill(buf, "..", NULL, 0, 0);
	for (int i = 0; i < drive.count; i++)
		fill(buf, drive.files[i].name, NULL, 0, 0);
	return 0;
}

static int on_create(const char *path, mode_t mode, struct fuse_file_info *info)
{
	(void)mode;
	(void)info;
	if (drive.denied)
		return -EACCES;
	if (failure("open"))
		return failure("open");
	if (file_of(path))
		return 0;
	if (drive.count == MAX_FILES || strlen(path) > NAME)
		return -ENOSPC;
	snprintf(drive.files[drive.count++].name, NAME, "%s", path + 1);
	return 0;
}

static int on_open(const char *path, struct fuse_file_info *info)
{
	if ((info->flags & O_ACCMODE) != O_RDONLY) {
		if (drive.denied)
			return -EACCES;
		if (failure("open"))
			return failure("open");
	}
	return file_of(path) ? 0 : -ENOENT;
}

static int on_access(const char *path, int mask)
{
	(void)path;
	return drive.denied && mask & W_OK ? -EACCES : 0;
}

static int on_fsync(const char *path, int data_only, struct fuse_file_info *info)
{
	(void)path;
	(void)data_only;
	(void)info;
	return failure("fsync");
}

/* close(2) hears of it; of a file that was only read, nothing fails. */
static int on_flush(const char *path, struct fuse_file_info *info)
{
	(void)path;
	return (info->flags & O_ACCMODE) == O_RDONLY ? 0 : failure("close");
}

static int on_read(const char *path, char *buf, size_t size, off_t offset,
		   struct fuse_file_info *info)
{
	struct file *f = file_of(path);

	(void)info;
	if (f && strcmp(f->name, "CURRENT.UF2") == 0) {
		if (offset == 0)
			tell("current", 0);
		take_time();
	}
	if (!f || (size_t)offset >= f->size)
		return 0;
	if (size > f->size - (size_t)offset)
		size = f->size - (size_t)offset;
	memcpy(buf, f->data + offset, size);
	return (int)size;
}

static bool grow(struct file *f, size_t size)
{
	if (size > (size_t)MAX_BLOCKS * BLOCK)
		return false;
	if (size > f->cap) {
		f->data = realloc(f->data, size * 2);
		if (!f->data)
			abort();
		memset(f->data + f->cap, 0, size * 2 - f->cap);
		f->cap = size * 2;
	}
	if (size > f->size)
		f->size = size;
	return true;
}

static int on_write(const char *path, const char *buf, size_t size, off_t offset,
		    struct fuse_file_info *info)
{
	struct file *f = file_of(path);
	size_t end = (size_t)offset + size;

	(void)info;
	if (drive.done)
		return -EIO; /* it is restarting */
	if (failure("write"))
		return failure("write");
	take_time();
	if (!f || !grow(f, end))
		return -ENOSPC;
	memcpy(f->data + offset, buf, size);
	/* every block that this write has made whole */
	for (size_t at = (size_t)offset / BLOCK * BLOCK; at + BLOCK <= end; at += BLOCK)
		take_block(f->data + at);
	tell("blocks", drive.taken);
	/* pulled in the middle of it; behind the last block the write is still answered */
	return drive.done && drive.taken < drive.total ? -EIO : (int)size;
}

static int on_truncate(const char *path, off_t size, struct fuse_file_info *info)
{
	struct file *f = file_of(path);

	(void)info;
	if (!f || !grow(f, (size_t)size))
		return -ENOENT;
	f->size = (size_t)size;
	return 0;
}

static int on_unlink(const char *path)
{
	struct file *f = file_of(path);

	if (!f)
		return -ENOENT;
	free(f->data);
	*f = drive.files[--drive.count];
	return 0;
}

static int on_utimens(const char *path, const struct timespec times[2], struct fuse_file_info *info)
{
	(void)path;
	(void)times;
	(void)info;
	return 0;
}

static int on_mode(const char *path, mode_t mode, struct fuse_file_info *info)
{
	(void)path;
	(void)mode;
	(void)info;
	return 0;
}

static void put_file(const char *name, const void *data, size_t size)
{
	struct file *f = &drive.files[drive.count++];

	snprintf(f->name, NAME, "%s", name);
	if (!grow(f, size))
		abort();
	memcpy(f->data, data, size);
}

static int on_statfs(const char *path, struct statvfs *st)
{
	(void)path;
	*st = (struct statvfs){ .f_bsize = BLOCK, .f_frsize = BLOCK, .f_blocks = MAX_BLOCKS };
	st->f_bfree = st->f_bavail = drive.room * 2;
	return 0;
}

static void *on_init(struct fuse_conn_info *connection, struct fuse_config *config)
{
	(void)connection;
	config->direct_io = 1; /* each write comes as it was made */
	return NULL;
}

static char *read_text(const char *path)
{
	static char text[8192];
	FILE *f = fopen(path, "re");

	if (!f || (fread(text, 1, sizeof(text) - 1, f) == 0 && ferror(f))) {
		fprintf(stderr, "emu_uf2: %s: %s\n", path, strerror(errno));
		exit(1);
	}
	fclose(f);
	return text;
}

static void put_current(const char *path)
{
	struct stat st;
	FILE *f = fopen(path, "re");
	uint8_t *bytes;

	if (!f || fstat(fileno(f), &st) != 0 || !(bytes = malloc((size_t)st.st_size)) ||
	    fread(bytes, 1, (size_t)st.st_size, f) != (size_t)st.st_size) {
		fprintf(stderr, "emu_uf2: %s: %s\n", path, strerror(errno));
		exit(1);
	}
	put_file("CURRENT.UF2", bytes, (size_t)st.st_size);
	fclose(f);
	free(bytes);
}

/* "write:28:100" */
static void parse_failure(char *text)
{
	char *number = strchr(text, ':'), *blocks = number ? strchr(number + 1, ':') : NULL;

	if (!blocks) {
		fprintf(stderr, "emu_uf2: -e %s: CALL:ERRNO:BLOCKS\n", text);
		exit(2);
	}
	*number = '\0';
	drive.fail_call = text;
	drive.fail_errno = (int)strtol(number + 1, NULL, 10);
	drive.fail_after = (unsigned)strtoul(blocks + 1, NULL, 10);
}

static bool parse(int argc, char **argv)
{
	int c;

	drive.info = (char *)rp2040;
	drive.room = MAX_BLOCKS / 2;
	while ((c = getopt(argc, argv, "o:d:i:f:s:r:c:e:m:w:l:")) != -1) {
		if (c == 'o')
			drive.output = optarg;
		else if (c == 'd')
			drive.device = optarg;
		else if (c == 'i')
			drive.info = read_text(optarg);
		else if (c == 'f')
			drive.family = (uint32_t)strtoul(optarg, NULL, 16);
		else if (c == 's')
			drive.stop_after = (unsigned)strtoul(optarg, NULL, 10);
		else if (c == 'r')
			drive.room = (unsigned)strtoul(optarg, NULL, 10);
		else if (c == 'c')
			put_current(optarg);
		else if (c == 'e')
			parse_failure(optarg);
		else if (c == 'm') {
			drive.read_only = strcmp(optarg, "ro") == 0;
			drive.denied = !drive.read_only;
		} else if (c == 'w')
			drive.wait_ms = (unsigned)strtoul(optarg, NULL, 10);
		else if (c == 'l')
			drive.log = fopen(optarg, "ae");
		else
			return false;
	}
	/* absolute, as -o must be: in the background we are in / */
	drive.folder = argv[optind] ? realpath(argv[optind], NULL) : NULL;
	return drive.folder && !argv[optind + 1] && (!drive.output || *drive.output == '/');
}

/* As a mounted device's: mpflash takes a FUSE file system for a drive when it has one. */
static char *mount_options(void)
{
	static char text[200];

	snprintf(text, sizeof(text), "fsname=%s,subtype=vfat%s",
		 drive.device ? drive.device : "/dev/uf2", drive.read_only ? ",ro" : "");
	return text;
}

static const struct fuse_operations operations = {
	.getattr = on_getattr,
	.readdir = on_readdir,
	.create = on_create,
	.open = on_open,
	.access = on_access,
	.fsync = on_fsync,
	.flush = on_flush,
	.read = on_read,
	.write = on_write,
	.truncate = on_truncate,
	.unlink = on_unlink,
	.utimens = on_utimens,
	.chmod = on_mode,
	.statfs = on_statfs,
	.init = on_init,
};

int main(int argc, char **argv)
{
	struct fuse_args args = FUSE_ARGS_INIT(0, NULL);
	int status;

	if (!parse(argc, argv)) {
		fprintf(stderr,
			"usage: emu_uf2 [-o OUTPUT] [-d DEVICE] [-i INFO] [-f FAMILY] [-s BLOCKS] [-r KIB] [-c CURRENT]\n"
			"               [-e CALL:ERRNO:BLOCKS] [-m ro|denied] [-w MS] [-l LOG] FOLDER\n");
		return 2;
	}
	drive.pages = calloc(MAX_BLOCKS, sizeof(*drive.pages));
	put_file("INFO_UF2.TXT", drive.info, strlen(drive.info));
	put_file("INDEX.HTM", "<html>\n", 7);
	fuse_opt_add_arg(&args, argv[0]);
	fuse_opt_add_arg(&args, "-o");
	fuse_opt_add_arg(&args, mount_options());
	drive.fuse = fuse_new(&args, &operations, sizeof(operations), NULL);
	if (!drive.pages || !drive.fuse || fuse_mount(drive.fuse, drive.folder) != 0)
		return 1;
	if (fuse_daemonize(0) != 0)
		return 1;
	tell("pid", (unsigned)getpid());
	fuse_set_signal_handlers(fuse_get_session(drive.fuse));
	status = fuse_loop(drive.fuse);
	fuse_unmount(drive.fuse);
	fuse_destroy(drive.fuse);
	fuse_opt_free_args(&args);
	return status != 0;
}
