/* SPDX-License-Identifier: MIT
 *
 * Files onto a board. The board gets a handful of functions first, which stay in its memory until it is reset; then each file is a
 * few short scripts. A board without hashlib is asked for the bytes instead.
 */
#include "board/files.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "os/crypto.h"
#include "os/fs.h"
#include "os/process.h"
#include "os/tty.h"

enum {
	CHUNK = 768, /* bytes of a file in one script: 1 KiB as base64, which every port can compile */
	DUMP = 256,
	SHORT_MS = 10000,
	WRITE_MS = 60000, /* a file system that is full of holes collects garbage first */
	HASH_MS_PER_KIB = 20,
	SPARE = 8192, /* what a file system needs for a file beside its bytes */
	LOCK_MS = 2000,
	ENTER_MS = 10000,
	LEAVE_MS = 2000,
};

/*
 * _mp_base: where the firmware mounts its flash; "" when there is no file system. A pyboard's is /flash, where an SD card may be
 * the current folder.
 */
static const char setup[] =
	"import os,sys\n"
	"try:\n"
	" from hashlib import sha256 as _mp_sha\n"
	"except ImportError:\n"
	" _mp_sha=None\n"
	"try:\n"
	" from binascii import a2b_base64 as _mp_b64\n"
	"except ImportError:\n"
	" _mp_b64=None\n"
	"def _mp_base():\n"
	" for p in ('/',) if sys.platform in ('rp2','samd','esp32','esp8266') else ('/flash','/'):\n"
	"  try:\n"
	"   s=os.statvfs(p)\n"
	"   if s[0]*s[2]:\n"
	"    return p\n"
	"  except (OSError,AttributeError):\n"
	"   pass\n"
	" return ''\n"
	"def _mp_sum(p):\n"
	" h=_mp_sha()\n"
	" with open(p,'rb') as f:\n"
	"  while 1:\n"
	"   b=f.read(512)\n"
	"   if not b:\n"
	"    return ''.join('%02x'%c for c in h.digest())\n"
	"   h.update(b)\n"
	"def _mp_look(p,n):\n"
	" try:\n"
	"  s=os.stat(p)\n"
	" except OSError:\n"
	"  return 'none'\n"
	" if s[0]&0x4000:\n"
	"  return 'folder'\n"
	" if s[6]!=n:\n"
	"  return 'size'\n"
	" return _mp_sum(p) if _mp_sha else 'ask'\n"
	"def _mp_dump(p,at,n):\n"
	" with open(p,'rb') as f:\n"
	"  f.seek(at)\n"
	"  return ''.join('%02x'%c for c in f.read(n))\n"
	"def _mp_folder(p):\n"
	" try:\n"
	"  os.mkdir(p)\n"
	"  return 'made'\n"
	" except OSError:\n"
	"  if not os.stat(p)[0]&0x4000:\n"
	"   raise\n"
	"  return 'there'\n"
	"def _mp_drop(p):\n"
	" try:\n"
	"  os.remove(p)\n"
	" except OSError:\n"
	"  pass\n"
	"def _mp_open(p):\n"
	" global _mp_f\n"
	" _mp_f=open(p,'wb')\n"
	"def _mp_room(p):\n"
	" s=os.statvfs(_mp_base())\n"
	" try:\n"
	"  n=os.stat(p)[6]\n"
	" except OSError:\n"
	"  n=0\n"
	" return s[0]*s[3]+n\n"
	"def _mp_move(a,b):\n"
	" try:\n"
	"  os.rename(a,b)\n"
	" except OSError:\n"
	"  _mp_drop(b)\n"
	"  os.rename(a,b)\n"
	"print('READY',1 if _mp_b64 else 0,_mp_base())\n";

struct put {
	struct repl *r;
	const struct files_options *o;
	struct files_result *result;
	struct arena arena;
	const char *base; /* "/" or "/flash/" */
	bool base64;
	uint64_t done, total;
};

/* --- the board's answers -------------------------------------------------------------------------------------- */

static bool board_says(const struct strbuf *error, struct err *e)
{
	AUTO_STRBUF line = STRBUF_INIT;

	repl_add_reason(error, &line);
	/* errno 28, as a number or by MicroPython's errorcode: "OSError: [Errno 28] ENOSPC" */
	if (strstr(line.buf, "ENOSPC") || strstr(line.buf, "OSError: 28")) {
		err_set(e, "there is no room for it on the board");
		return err_hint(e, "remove files from the board, or from the folder; "
				   "`mpflash format` empties its file system");
	}
	if (strstr(line.buf, "MemoryError")) {
		err_set(e, "the board has no memory left for it");
		return err_hint(e, "a main.py that the board starts may hold it: `mpflash format` "
				   "removes all files");
	}
	err_set(e, "the board says '%s'", line.buf);
	return err_hint(e,
			"does its firmware have a file system? `mpflash format` makes a new one");
}

/* Runs a script; its output, without the end of the line, in `out` (NULL: none is wanted). */
static bool run(struct put *p, const char *script, int ms, struct strbuf *out, struct err *e)
{
	AUTO_STRBUF said = STRBUF_INIT, error = STRBUF_INIT;

	if (process_interrupted()) {
		err_set(e, "interrupted");
		e->kind = ERR_INTERRUPTED;
		return false;
	}
	if (!repl_exec(p->r, REPL_AUTO, script, strlen(script), &said, &error, ms, e))
		return false;
	if (error.len)
		return board_says(&error, e);
	while (said.len && isspace((unsigned char)said.buf[said.len - 1]))
		strbuf_set_len(&said, said.len - 1);
	if (out)
		strbuf_add(out, said.buf, said.len);
	return true;
}

/* As a string of Python. */
static const char *quoted(struct put *p, const char *name, const char *after)
{
	return arena_printf(&p->arena, "'%s%s%s'", p->base, name, after);
}

static const char *quoted_name(struct put *p, const char *name, const char *after)
{
	AUTO_STRBUF out = STRBUF_INIT;

	for (; *name; name++) { /* '"' and '\\' are in no name */
		if (*name == '\'')
			strbuf_addch(&out, '\\');
		strbuf_addch(&out, *name);
	}
	return quoted(p, arena_strdup(&p->arena, out.buf), after);
}

static bool begin(struct put *p, struct err *e)
{
	static const char ready[] = "READY ";
	AUTO_STRBUF said = STRBUF_INIT;
	const char *at;

	if (!run(p, setup, SHORT_MS, &said, e))
		return false;
	at = strstr(said.buf, ready);
	if (!at)
		return err_set(e, "%s does not answer as MicroPython does", p->r->stream->name);
	at += sizeof(ready) - 1;
	p->base64 = *at == '1';
	at += strcspn(at, " ");
	at += strspn(at, " ");
	if (*at != '/') {
		err_set(e, "the board has no file system to put files on");
		return err_hint(e, "`mpflash format` makes one, where its firmware can");
	}
	p->base = strcmp(at, "/") == 0 ? "/" : arena_printf(&p->arena, "%s/", at);
	return true;
}

/* --- comparing ------------------------------------------------------------------------------------------------ */

static bool sum_of(const struct fs_map *map, char hex[static 2 * CRYPTO_SHA256 + 1], struct err *e)
{
	uint8_t digest[CRYPTO_SHA256];

	if (!crypto_sha256(map->data, map->size, digest, e))
		return false;
	for (size_t i = 0; i < sizeof(digest); i++) {
		hex[2 * i] = "0123456789abcdef"[digest[i] >> 4];
		hex[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
	}
	hex[2 * sizeof(digest)] = '\0';
	return true;
}

static bool same_hex(const char *hex, const uint8_t *data, size_t size)
{
	if (strlen(hex) != 2 * size)
		return false;
	for (size_t i = 0; i < size; i++)
		if (hex[2 * i] != "0123456789abcdef"[data[i] >> 4] ||
		    hex[2 * i + 1] != "0123456789abcdef"[data[i] & 15])
			return false;
	return true;
}

/* Without hashlib: byte by byte. */
static bool compare_bytes(struct put *p, const char *path, const struct fs_map *map, bool *same,
			  struct err *e)
{
	*same = true;
	for (size_t at = 0; *same && at < map->size; at += DUMP) {
		size_t n = map->size - at < DUMP ? map->size - at : DUMP;
		AUTO_STRBUF said = STRBUF_INIT;

		if (!run(p, arena_printf(&p->arena, "print(_mp_dump(%s,%zu,%zu))", path, at, n),
			 SHORT_MS, &said, e))
			return false;
		*same = same_hex(said.buf, map->data + at, n);
	}
	return true;
}

static bool compare(struct put *p, const char *path, const struct fs_map *map, bool *same,
		    struct err *e)
{
	int ms = SHORT_MS + (int)(map->size / 1024) * HASH_MS_PER_KIB;
	char sum[2 * CRYPTO_SHA256 + 1];
	AUTO_STRBUF said = STRBUF_INIT;

	if (!run(p, arena_printf(&p->arena, "print(_mp_look(%s,%zu))", path, map->size), ms, &said,
		 e))
		return false;
	if (strcmp(said.buf, "ask") == 0)
		return compare_bytes(p, path, map, same, e);
	if (strcmp(said.buf, "folder") == 0)
		return err_set(e, "the board has a folder of that name");
	if (!sum_of(map, sum, e))
		return false;
	*same = strcmp(said.buf, sum) == 0;
	return true;
}

/* --- writing -------------------------------------------------------------------------------------------------- */

static void add_base64(struct strbuf *out, const uint8_t *d, size_t n)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (; n; d += 3) {
		size_t k = n < 3 ? n : 3;
		uint32_t v = (uint32_t)d[0] << 16 | (k > 1 ? (uint32_t)d[1] << 8 : 0) |
			     (k > 2 ? d[2] : 0);

		strbuf_addch(out, letters[v >> 18]);
		strbuf_addch(out, letters[v >> 12 & 63]);
		strbuf_addch(out, k > 1 ? letters[v >> 6 & 63] : '=');
		strbuf_addch(out, k > 2 ? letters[v & 63] : '=');
		n -= k;
	}
}

static void add_bytes(const struct put *p, struct strbuf *out, const uint8_t *d, size_t n)
{
	if (p->base64) {
		strbuf_adds(out, "_mp_b64('");
		add_base64(out, d, n);
		strbuf_adds(out, "')");
		return;
	}
	strbuf_adds(out, "b'");
	for (size_t i = 0; i < n; i++)
		strbuf_addf(out, "\\x%02x", d[i]);
	strbuf_addch(out, '\'');
}

static bool write_bytes(struct put *p, const struct fs_map *map, struct err *e)
{
	/* four characters a byte */
	size_t chunk = p->base64 ? CHUNK : CHUNK / 3;

	for (size_t at = 0; at < map->size; at += chunk) {
		size_t n = map->size - at < chunk ? map->size - at : chunk;
		AUTO_STRBUF script = STRBUF_INIT;

		/* a FAT that is full takes a part and says so by the count alone */
		strbuf_addf(&script, "if _mp_f.write(");
		add_bytes(p, &script, map->data + at, n);
		strbuf_addf(&script, ")!=%zu: raise OSError(28)", n);
		if (!run(p, script.buf, WRITE_MS, NULL, e))
			return false;
		if (p->o->progress)
			p->o->progress(p->o->ctx, p->done + at + n, p->total);
	}
	return true;
}

static bool write_as(struct put *p, const char *path, const struct fs_map *map, struct err *e)
{
	AUTO_ERR ignored = ERR_INIT;
	bool same;

	if (run(p, arena_printf(&p->arena, "_mp_open(%s)", path), WRITE_MS, NULL, e) &&
	    write_bytes(p, map, e) && run(p, "_mp_f.close()", WRITE_MS, NULL, e) &&
	    compare(p, path, map, &same, e)) {
		if (same)
			return true;
		err_set(e, "what was written does not read back the same");
		err_hint(e,
			 "put it again; when it happens again the board's flash may be worn out");
	}
	if (!p->r->stream->gone)
		run(p,
		    arena_printf(&p->arena, "try:\n _mp_f.close()\nexcept:\n pass\n_mp_drop(%s)",
				 path),
		    SHORT_MS, NULL, &ignored);
	return false;
}

static bool is_full(const struct err *e)
{
	return e->msg && strstr(e->msg, "no room") != NULL;
}

/* Would it fit in the place of the old one? */
static bool fits_instead(struct put *p, const char *path, size_t size)
{
	AUTO_STRBUF said = STRBUF_INIT;
	AUTO_ERR ignored = ERR_INIT;

	return run(p, arena_printf(&p->arena, "print(_mp_room(%s))", path), SHORT_MS, &said,
		   &ignored) &&
	       strtoull(said.buf, NULL, 10) >= size + SPARE;
}

/* Beside its place first; where there is room for one of the two only, the old one goes. */
static bool write_file(struct put *p, const struct local_file *f, const struct fs_map *map,
		       struct err *e)
{
	const char *path = quoted_name(p, f->name, "");
	const char *temp = quoted_name(p, f->name, "~new");
	AUTO_ERR full = ERR_INIT;

	if (write_as(p, temp, map, &full))
		return run(p, arena_printf(&p->arena, "_mp_move(%s,%s)", temp, path), WRITE_MS,
			   NULL, e);
	if (!is_full(&full) || !fits_instead(p, path, map->size)) {
		err_move(e, &full);
		return false;
	}
	return run(p, arena_printf(&p->arena, "_mp_drop(%s)", path), SHORT_MS, NULL, e) &&
	       write_as(p, path, map, e);
}

static bool put_file(struct put *p, const struct local_file *f, struct err *e)
{
	struct fs_map map;
	bool same = false, ok;

	if (!fs_map(&map, f->path, e))
		return false;
	ok = compare(p, quoted_name(p, f->name, ""), &map, &same, e) &&
	     (same || write_file(p, f, &map, e));
	if (ok && same) {
		p->result->equal++;
	} else if (ok) {
		p->result->written++;
		p->result->bytes += map.size;
	}
	p->done += f->size;
	if (ok && p->o->progress)
		p->o->progress(p->o->ctx, p->done, p->total);
	fs_unmap(&map);
	return ok || err_wrap(e, "%s", f->name);
}

static bool make_folder(struct put *p, const char *name, struct err *e)
{
	AUTO_STRBUF said = STRBUF_INIT;

	if (!run(p, arena_printf(&p->arena, "print(_mp_folder(%s))", quoted_name(p, name, "")),
		 WRITE_MS, &said, e))
		return err_wrap(e, "%s", name);
	p->result->folders += strcmp(said.buf, "made") == 0;
	return true;
}

/* --- all of them ---------------------------------------------------------------------------------------------- */

bool files_put(struct repl *r, const struct local_files *from, const struct files_options *o,
	       struct files_result *out, struct err *e)
{
	struct put p = { .r = r, .o = o, .result = out, .total = from->bytes };
	bool ok = begin(&p, e);

	*out = (struct files_result){ 0 };
	for (size_t i = 0; ok && i < from->folders.count; i++)
		ok = make_folder(&p, from->folders.items[i], e);
	for (size_t i = 0; ok && i < from->files.count; i++)
		ok = put_file(&p, &from->files.items[i], e);
	arena_free(&p.arena);
	return ok;
}

bool files_put_port(const char *port, const struct local_files *from, const struct files_options *o,
		    struct files_result *out, struct err *e)
{
	AUTO_STREAM tty = STREAM_INIT;
	AUTO_ERR ignored = ERR_INIT;
	struct repl r;
	bool ok;

	*out = (struct files_result){ 0 };
	if (!tty_open(&tty, port, LOCK_MS, e))
		return false;
	repl_init(&r, &tty);
	ok = repl_enter(&r, ENTER_MS, e) && files_put(&r, from, o, out, e);
	if (!tty.gone && repl_leave(&r, LEAVE_MS, &ignored))
		repl_soft_reset(&r, LEAVE_MS, &ignored);
	repl_free(&r);
	return ok;
}
