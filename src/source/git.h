/* SPDX-License-Identifier: MIT
 *
 * libgit2, loaded when it is first needed: a run that has nothing to do never asks git anything, and loading the library
 * with all that it drags in would cost more than the rest of such a run.
 */
#ifndef SOURCE_GIT_H
#define SOURCE_GIT_H

#include <git2.h>
#include <stdbool.h>

/* The functions that we use, without their prefix git_. */
#define GIT_FUNCTIONS(X)                   \
	X(blob_free)                       \
	X(blob_lookup)                     \
	X(blob_rawcontent)                 \
	X(blob_rawsize)                    \
	X(buf_dispose)                     \
	X(commit_time)                     \
	X(commit_tree_id)                  \
	X(describe_commit)                 \
	X(describe_format)                 \
	X(describe_format_options_init)    \
	X(describe_options_init)           \
	X(describe_result_free)            \
	X(diff_free)                       \
	X(diff_get_delta)                  \
	X(diff_num_deltas)                 \
	X(diff_options_init)               \
	X(diff_tree_to_workdir_with_index) \
	X(error_last)                      \
	X(ignore_path_is_ignored)          \
	X(index_entrycount)                \
	X(index_find_prefix)               \
	X(index_free)                      \
	X(index_get_byindex)               \
	X(index_get_bypath)                \
	X(index_read)                      \
	X(libgit2_init)                    \
	X(libgit2_opts)                    \
	X(libgit2_shutdown)                \
	X(object_free)                     \
	X(object_id)                       \
	X(object_lookup)                   \
	X(object_peel)                     \
	X(odb_hash)                        \
	X(odb_hashfile)                    \
	X(oid_equal)                       \
	X(oid_is_zero)                     \
	X(oid_tostr)                       \
	X(reference_list)                  \
	X(reference_name_to_id)            \
	X(repository_free)                 \
	X(repository_head_unborn)          \
	X(repository_index)                \
	X(repository_open_ext)             \
	X(revparse_single)                 \
	X(status_byindex)                  \
	X(status_list_entrycount)          \
	X(status_list_free)                \
	X(status_list_new)                 \
	X(status_options_init)             \
	X(strarray_dispose)                \
	X(tree_entry_bypath)               \
	X(tree_entry_filemode)             \
	X(tree_entry_free)                 \
	X(tree_entry_id)                   \
	X(tree_entry_name)                 \
	X(tree_walk)

struct git_api {
#define GIT_MEMBER(name) \
	__typeof__(&git_##name) name; /* NOLINT(bugprone-macro-parentheses): a name */
	GIT_FUNCTIONS(GIT_MEMBER)
#undef GIT_MEMBER
};

/* git.commit_time(...) is git_commit_time(...). Valid while a repository is open. */
extern struct git_api git;

/*
 * Opens the repository whose work tree is `path` itself. NULL: there is none, libgit2 does not read it, or libgit2 is
 * not on this machine. git_close takes NULL too.
 */
git_repository *git_open(const char *path);
void git_close(git_repository *repo);

/* The repository's index; NULL when it cannot be read (see git_message). git_close_index takes NULL too. */
git_index *git_open_index(git_repository *repo);
void git_close_index(git_index *index);

/* What libgit2 says of its last failure; never NULL. */
const char *git_message(void);

#endif
