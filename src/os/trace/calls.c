/* SPDX-License-Identifier: MIT
 *
 * The table of system calls. What is not in it: readlink (whoever reads the log resolves links itself, and it is more
 * than half of all calls that name files), and changes of owner, mode and date, which change no content.
 */
#include "os/trace/calls.h"

#include <sched.h>
#include <sys/syscall.h>

#define NONE                                                                        \
	.dir = CALL_NONE, .path = CALL_NONE, .flags = CALL_NONE, .dir2 = CALL_NONE, \
	.path2 = CALL_NONE

/* call(path, ...), callat(dir, path, ...), callat(dir, path, dir2, path2); F: the argument with the flags */
#define PLAIN(n, k, f)                                                             \
	{                                                                          \
		.nr = (n), .kind = (k), .dir = CALL_NONE, .path = 0, .flags = (f), \
		.dir2 = CALL_NONE, .path2 = CALL_NONE                              \
	}
#define AT(n, k, f)                                                                           \
	{                                                                                     \
		.nr = (n), .kind = (k), .dir = 0, .path = 1, .flags = (f), .dir2 = CALL_NONE, \
		.path2 = CALL_NONE                                                            \
	}
#define TWO(n, k)                                                                        \
	{                                                                                \
		.nr = (n), .kind = (k), .dir = CALL_NONE, .path = 0, .flags = CALL_NONE, \
		.dir2 = CALL_NONE, .path2 = 1                                            \
	}
#define TWO_AT(n, k, f)                                                                          \
	{                                                                                        \
		.nr = (n), .kind = (k), .dir = 0, .path = 1, .flags = (f), .dir2 = 2, .path2 = 3 \
	}
#define ESCAPE(n, bits, text)                                                            \
	{                                                                                \
		.nr = (n), .kind = CALL_ESCAPE, NONE, .only_with = (bits), .why = (text) \
	}
#define REFUSE(n)                                    \
	{                                            \
		.nr = (n), .kind = CALL_REFUSE, NONE \
	}

const struct call calls[] = {
	AT(SYS_newfstatat, CALL_LOOK, 3),
	AT(SYS_openat, CALL_OPEN, 2),
	AT(SYS_statx, CALL_LOOK, 2),
	AT(SYS_faccessat, CALL_LOOK, CALL_NONE),
#ifdef SYS_faccessat2
	AT(SYS_faccessat2, CALL_LOOK, 3),
#endif
#ifdef SYS_openat2
	AT(SYS_openat2, CALL_OPENAT2, 2),
#endif
	PLAIN(SYS_execve, CALL_EXEC, CALL_NONE),
	AT(SYS_execveat, CALL_EXEC, 4),
	PLAIN(SYS_chdir, CALL_LOOK, CALL_NONE),
	{ .nr = SYS_getdents64,
	  .kind = CALL_LIST,
	  .dir = 0,
	  .path = CALL_NONE,
	  .flags = CALL_NONE,
	  .dir2 = CALL_NONE,
	  .path2 = CALL_NONE },
	PLAIN(SYS_truncate, CALL_CHANGE, CALL_NONE),
	AT(SYS_mkdirat, CALL_NEW, CALL_NONE),
	AT(SYS_mknodat, CALL_NEW, CALL_NONE),
	AT(SYS_unlinkat, CALL_GONE, CALL_NONE),
	{ .nr = SYS_symlinkat,
	  .kind = CALL_NEW,
	  .dir = 1,
	  .path = 2,
	  .flags = CALL_NONE,
	  .dir2 = CALL_NONE,
	  .path2 = CALL_NONE },
	TWO_AT(SYS_linkat, CALL_LINK, 4),
#ifdef SYS_renameat
	TWO_AT(SYS_renameat, CALL_RENAME, CALL_NONE),
#endif
	TWO_AT(SYS_renameat2, CALL_RENAME, CALL_NONE),
/* Old calls, which new architectures do not have. */
#ifdef SYS_open
	PLAIN(SYS_open, CALL_OPEN, 1),
	PLAIN(SYS_creat, CALL_CREAT, CALL_NONE),
	PLAIN(SYS_stat, CALL_LOOK, CALL_NONE),
	PLAIN(SYS_lstat, CALL_LOOK, CALL_NONE),
	PLAIN(SYS_access, CALL_LOOK, CALL_NONE),
	{ .nr = SYS_getdents,
	  .kind = CALL_LIST,
	  .dir = 0,
	  .path = CALL_NONE,
	  .flags = CALL_NONE,
	  .dir2 = CALL_NONE,
	  .path2 = CALL_NONE },
	PLAIN(SYS_mkdir, CALL_NEW, CALL_NONE),
	PLAIN(SYS_mknod, CALL_NEW, CALL_NONE),
	PLAIN(SYS_rmdir, CALL_GONE, CALL_NONE),
	PLAIN(SYS_unlink, CALL_GONE, CALL_NONE),
	{ .nr = SYS_symlink,
	  .kind = CALL_NEW,
	  .dir = CALL_NONE,
	  .path = 1,
	  .flags = CALL_NONE,
	  .dir2 = CALL_NONE,
	  .path2 = CALL_NONE },
	TWO(SYS_link, CALL_LINK),
	TWO(SYS_rename, CALL_RENAME),
#endif
	ESCAPE(SYS_chroot, 0, "a program changed its root folder"),
	ESCAPE(SYS_pivot_root, 0, "a program changed its root folder"),
	ESCAPE(SYS_mount, 0, "a program mounted something"),
	ESCAPE(SYS_umount2, 0, "a program unmounted something"),
	ESCAPE(SYS_setns, 0, "a program entered another namespace"),
	ESCAPE(SYS_unshare, CLONE_NEWNS, "a program made a mount namespace"),
	ESCAPE(SYS_clone, CLONE_NEWNS, "a program made a mount namespace"),
#ifdef SYS_move_mount
	ESCAPE(SYS_open_tree, 0, "a program mounted something"),
	ESCAPE(SYS_move_mount, 0, "a program mounted something"),
	ESCAPE(SYS_fsmount, 0, "a program mounted something"),
#endif
	/* Opens files without a call that the filter could see; by a number instead of a path. */
	REFUSE(SYS_io_uring_setup),
	REFUSE(SYS_open_by_handle_at),
#ifdef SYS_clone3
	/* Its flags are in memory, where a filter cannot look; everybody falls back to clone. */
	REFUSE(SYS_clone3),
#endif
};

const size_t calls_count = sizeof(calls) / sizeof(calls[0]);

const struct call *calls_find(int nr)
{
	for (size_t i = 0; i < calls_count; i++)
		if (calls[i].nr == nr)
			return &calls[i];
	return NULL;
}
