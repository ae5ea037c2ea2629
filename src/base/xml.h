/* SPDX-License-Identifier: MIT
 *
 * XML out: text from anywhere as XML 1.0 takes it.
 */
#ifndef BASE_XML_H
#define BASE_XML_H

#include <stddef.h>

#include "base/strbuf.h"

/*
 * Appends text for the inside of an element or of a quoted attribute. What XML cannot hold whatever one does (control
 * characters, NUL, bytes that are no UTF-8, U+FFFE and U+FFFF) becomes U+FFFD, one for each byte or character.
 */
void xml_text(struct strbuf *out, const void *text, size_t len);

/* Appends ` name="value"`; ends of lines and tabs stay what they are. */
void xml_attribute(struct strbuf *out, const char *name, const char *value);

#endif
