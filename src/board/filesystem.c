/* SPDX-License-Identifier: MIT
 *
 * The scripts. They find the block device by the port's own module, so that a storage that a user mounted beside it (an SD card)
 * is left alone, and the kind of file system by what is on it: MicroPython does not tell which one is mounted.
 */
#include "board/filesystem.h"

#include <string.h>

enum { WORK_MS = 300000, LEAVE_MS = 2000, TOLD_MS = 500 };

/*
 * device(): the flash behind the file system. A pyboard's is pyb.Flash(start=0), also for FAT: pyb.Flash() is what a PC sees,
 * with a partition table that nobody can write before it (ports/stm32/storage.c, docs/reference/filesystem.rst).
 * mounted(): where the firmware's _boot.py or main.c puts it.
 */
static const char find_device[] =
	"import os,sys\n"
	"try:\n"
	" import vfs\n"
	"except ImportError:\n"
	" vfs=os\n"
	"def device():\n"
	" if sys.platform=='pyboard':\n"
	"  import pyb\n"
	"  return pyb.Flash(start=0)\n"
	" for m,c in (('rp2','Flash'),('samd','Flash'),('nrf','Flash'),('mimxrt','Flash'),('alif','Flash'),\n"
	"   ('psoc_edge','QSPI_Flash')):\n"
	"  try:\n"
	"   return getattr(__import__(m),c)()\n"
	"  except (ImportError,AttributeError):\n"
	"   pass\n"
	" return __import__('flashbdev').bdev\n"
	"d=device()\n"
	"size=d.ioctl(5,0)\n"
	"def mounted():\n"
	" return '/' if sys.platform in ('rp2','samd','esp32','esp8266') else '/flash'\n"
	"def unmount(at):\n"
	" try:\n"
	"  os.chdir('/')\n"
	"  vfs.umount(at)\n"
	" except OSError:\n"
	"  pass\n";

/* The words at 8 (littlefs 2) and 40 (littlefs 1) are in the first block or, while it is renewed, in the second. */
static const char format_rest[] =
	"def kind():\n"
	" b=bytearray(size)\n"
	" for i in (0,1):\n"
	"  d.readblocks(i,b)\n"
	"  if b[8:16]==b'littlefs':\n"
	"   return 'VfsLfs2'\n"
	"  if b[40:48]==b'littlefs':\n"
	"   return 'VfsLfs1'\n"
	"  if i==0 and b[510:512]==b'\\x55\\xaa':\n"
	"   return 'VfsFat'\n"
	" for k in ('VfsFat','VfsLfs2') if sys.platform=='pyboard' else ('VfsLfs2','VfsLfs1','VfsFat'):\n"
	"  if hasattr(vfs,k):\n"
	"   return k\n"
	"k=kind()\n"
	"at=mounted()\n"
	"C=getattr(vfs,k)\n"
	"o={'progsize':256} if k=='VfsLfs2' else {}\n"
	"unmount(at)\n"
	"C.mkfs(d,**o)\n"
	"vfs.mount(C(d,**o),at)\n"
	"s=os.statvfs(at)\n"
	"print('FORMAT: done',k,'at',at+',',s[2],'blocks of',s[1],'bytes')\n";

static const char erase_rest[] = "unmount(mounted())\n"
				 "n=d.ioctl(4,0)\n"
				 "for i in range(n):\n"
				 " d.ioctl(6,i)\n"
				 "print('ERASE: done',n,'blocks of',size,'bytes')\n";

static const char reset_script[] = "import machine\nmachine.reset()\n";

static bool failed(const struct strbuf *error, struct err *e)
{
	AUTO_STRBUF reason = STRBUF_INIT;

	repl_add_reason(error, &reason);
	err_set(e, "the board says '%s'", reason.buf);
	return err_hint(e, "does its firmware have a file system in flash?");
}

/* The rest of the line behind `marker`. */
static bool take_marker(const struct strbuf *out, const char *marker, struct strbuf *said)
{
	const char *at = strstr(out->buf, marker);
	AUTO_STRBUF line = STRBUF_INIT;

	if (!at)
		return false;
	at += strlen(marker);
	at += strspn(at, " ");
	strbuf_add(&line, at, strcspn(at, "\r\n"));
	strbuf_add_shown(said, line.buf, 120);
	return true;
}

static bool run_script(struct repl *r, const char *rest, const char *marker, struct strbuf *said,
		       struct err *e)
{
	AUTO_STRBUF script = STRBUF_INIT, out = STRBUF_INIT, error = STRBUF_INIT;

	strbuf_adds(&script, find_device);
	strbuf_adds(&script, rest);
	if (!repl_exec(r, REPL_AUTO, script.buf, script.len, &out, &error, WORK_MS, e))
		return false;
	if (error.len)
		return failed(&error, e);
	return take_marker(&out, marker, said) ||
	       err_set(e, "%s ended its work without saying that it is done", r->stream->name);
}

static bool run_format(struct repl *r, struct strbuf *said, struct err *e)
{
	AUTO_ERR ignored = ERR_INIT;

	if (!run_script(r, format_rest, "FORMAT: done", said, e))
		return false;
	if (repl_leave(r, LEAVE_MS, &ignored))
		repl_soft_reset(r, LEAVE_MS, &ignored);
	return true;
}

static bool run_erase(struct repl *r, struct strbuf *said, struct err *e)
{
	AUTO_ERR ignored = ERR_INIT;

	if (!run_script(r, erase_rest, "ERASE: done", said, e))
		return false;
	/* it leaves before it answers */
	repl_exec(r, REPL_PLAIN, reset_script, strlen(reset_script), NULL, NULL, TOLD_MS, &ignored);
	return true;
}

bool filesystem_can(const struct filesystem_action *a, const char *port)
{
	for (size_t i = 0; port && a->ports[i]; i++)
		if (strcmp(a->ports[i], port) == 0)
			return true;
	return false;
}

static const char *const erase_ports[] = { "nrf", "rp2", "samd", NULL };
static const char *const format_ports[] = { "esp32", "esp8266", "mimxrt", "nrf",
					    "rp2",   "samd",    "stm32",  NULL };

const struct filesystem_action filesystem_erase = { "erase", erase_ports, run_erase };
const struct filesystem_action filesystem_format = { "format", format_ports, run_format };
