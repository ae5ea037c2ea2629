/* SPDX-License-Identifier: MIT
 *
 * libarchive, loaded when it is first needed: it drags in a dozen libraries, and only export, import and packed firmware use
 * it.
 */
#ifndef OS_ARCHIVE_LIB_H
#define OS_ARCHIVE_LIB_H

#include <archive.h>
#include <archive_entry.h>
#include <stdbool.h>

#include "base/err.h"

/* The functions that we use. */
#define ARCHIVE_FUNCTIONS(X)                        \
	X(archive_entry_filetype)                   \
	X(archive_entry_free)                       \
	X(archive_entry_hardlink)                   \
	X(archive_entry_is_data_encrypted)          \
	X(archive_entry_new)                        \
	X(archive_entry_pathname)                   \
	X(archive_entry_pathname_utf8)              \
	X(archive_entry_set_filetype)               \
	X(archive_entry_set_mtime)                  \
	X(archive_entry_set_pathname)               \
	X(archive_entry_set_perm)                   \
	X(archive_entry_set_size)                   \
	X(archive_entry_size)                       \
	X(archive_entry_size_is_set)                \
	X(archive_entry_symlink)                    \
	X(archive_errno)                            \
	X(archive_error_string)                     \
	X(archive_read_data)                        \
	X(archive_read_free)                        \
	X(archive_read_new)                         \
	X(archive_read_next_header)                 \
	X(archive_read_open_filename)               \
	X(archive_read_open_memory)                 \
	X(archive_read_support_filter_bzip2)        \
	X(archive_read_support_filter_gzip)         \
	X(archive_read_support_filter_xz)           \
	X(archive_read_support_filter_zstd)         \
	X(archive_read_support_format_empty)        \
	X(archive_read_support_format_raw)          \
	X(archive_read_support_format_tar)          \
	X(archive_read_support_format_zip_seekable) \
	X(archive_write_add_filter_zstd)            \
	X(archive_write_close)                      \
	X(archive_write_data)                       \
	X(archive_write_free)                       \
	X(archive_write_header)                     \
	X(archive_write_new)                        \
	X(archive_write_open_fd)                    \
	X(archive_write_set_format_ustar)

struct archive_api {
#define ARCHIVE_MEMBER(name) \
	__typeof__(&name) name; /* NOLINT(bugprone-macro-parentheses): a name */
	ARCHIVE_FUNCTIONS(ARCHIVE_MEMBER)
#undef ARCHIVE_MEMBER
};

/* lib.archive_write_new() is archive_write_new(). Valid once archive_lib_load said yes. */
extern struct archive_api lib;

bool archive_lib_load(struct err *e);

#endif
