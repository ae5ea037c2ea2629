/* SPDX-License-Identifier: MIT
 *
 * JSON out: appends to a strbuf, takes care of commas and escapes. Reading JSON is SQLite's work.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/strbuf.h"

struct json {
	struct strbuf *out;
	bool need_comma;
};

/* `name` is the member's name inside an object, NULL inside an array and at the top. */
void json_object(struct json *j, const char *name);
void json_object_end(struct json *j);
void json_array(struct json *j, const char *name);
void json_array_end(struct json *j);
void json_string(struct json *j, const char *name, const char *value); /* NULL value: null */
void json_int(struct json *j, const char *name, int64_t value);
void json_bool(struct json *j, const char *name, bool value);
void json_raw(struct json *j, const char *name,
	      const char *json); /* a value that is JSON already */

#endif
