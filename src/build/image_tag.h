/* SPDX-License-Identifier: MIT
 *
 * The tag of a container's image, where the tree itself says which version of a toolchain it is made for.
 */
#ifndef BUILD_IMAGE_TAG_H
#define BUILD_IMAGE_TAG_H

#include <stdbool.h>

#include "base/err.h"
#include "base/strbuf.h"
#include "base/vec.h"

/*
 * Appends the first tag that the words give, without a leading "v". A word is FILE:KEY.KEY... (FILE relative to `tree`, YAML; the keys
 * lead to a plain value), or without a colon the tag itself. A file or key that is not there, and a value that cannot be a
 * tag, let the next word try. False: no word gave one.
 */
bool image_tag_find(const char *tree, const struct strv *words, struct strbuf *out);

/* The same of a file's text: the value under "dependencies.idf.version". False: it is not there or no tag. */
bool image_tag_in_yaml(const char *text, const char *keys, struct strbuf *out);

#endif
