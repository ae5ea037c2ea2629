/* SPDX-License-Identifier: MIT
 *
 * JUnit XML; see junit.h. There is no standard, but what Jenkins, GitLab and others read: suites, cases, failure,
 * error, skipped, times in seconds.
 */
#include "graph/junit.h"

#include <stdio.h>
#include <string.h>

#include "base/path.h"
#include "base/xml.h"
#include "os/fs.h"

static const size_t LOG_MAX = (size_t)64 << 20; /* of a log that is read */
enum { TAIL_LINES = 100, TAIL_BYTES = 16384 };  /* of which that much is told */

static void add_number(struct strbuf *out, const char *name, size_t n)
{
	strbuf_addf(out, " %s=\"%zu\"", name, n);
}

static void add_seconds(struct strbuf *out, int64_t ms)
{
	strbuf_addf(out, " time=\"%lld.%03d\"", (long long)(ms / 1000), (int)(ms % 1000));
}

/* --- the end of a log ------------------------------------------------------------------------------------------------- */

/* Where the last lines begin. */
static size_t tail_start(const struct strbuf *log)
{
	size_t start = log->len, lines = 0;

	while (start && log->len - start < TAIL_BYTES) {
		if (log->buf[start - 1] == '\n' && start < log->len && ++lines == TAIL_LINES)
			break;
		start--;
	}
	return start;
}

static void add_tail(struct strbuf *out, const char *path)
{
	AUTO_STRBUF log = STRBUF_INIT;
	AUTO_ERR ignored = ERR_INIT; /* the error itself has been told */
	size_t start;

	if (!fs_read(&log, path, LOG_MAX, &ignored) || !log.len)
		return;
	start = tail_start(&log);
	strbuf_adds(out, start ? "\n\nthe end of the log:\n" : "\n\nthe log:\n");
	xml_text(out, log.buf + start, log.len - start);
}

/* --- cases ------------------------------------------------------------------------------------------------------------- */

static void add_property(struct strbuf *out, const char *name, const char *value)
{
	strbuf_adds(out, "        <property");
	xml_attribute(out, "name", name);
	xml_attribute(out, "value", value);
	strbuf_adds(out, "/>\n");
}

static void add_properties(struct strbuf *out, const struct result *one)
{
	char size[32];

	strbuf_adds(out, "      <properties>\n");
	add_property(out, "outcome", outcome_name(one->outcome));
	if (one->has_size) {
		snprintf(size, sizeof(size), "%llu", (unsigned long long)one->size);
		add_property(out, "size", size);
	}
	if (one->log)
		add_property(out, "log", one->log);
	strbuf_adds(out, "      </properties>\n");
}

static void add_failure(struct strbuf *out, const struct result *one)
{
	strbuf_adds(out, "      <failure");
	xml_attribute(out, "type", one->step ? one->step : "make");
	xml_attribute(out, "message", one->brief ? one->brief : "");
	strbuf_addch(out, '>');
	xml_text(out, one->error, strlen(one->error));
	if (one->log)
		add_tail(out, one->log);
	strbuf_adds(out, "</failure>\n");
}

static void add_case(struct strbuf *out, const struct result *one)
{
	strbuf_adds(out, "    <testcase");
	xml_attribute(out, "name", one->name);
	xml_attribute(out, "classname", one->group);
	add_seconds(out, one->outcome == OUTCOME_FRESH ? 0 : one->ms);
	strbuf_adds(out, ">\n");
	add_properties(out, one);
	if (one->outcome == OUTCOME_FAILED)
		add_failure(out, one);
	if (one->outcome == OUTCOME_LEFT) {
		strbuf_adds(out, "      <skipped");
		xml_attribute(out, "message", one->brief ? one->brief : "");
		strbuf_adds(out, "/>\n");
	}
	strbuf_adds(out, "    </testcase>\n");
}

/* --- suites ------------------------------------------------------------------------------------------------------------ */

static bool is_first_of_group(const struct results *r, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(r->items.items[k].group, r->items.items[i].group) == 0)
			return false;
	return true;
}

static void add_suite(struct strbuf *out, const struct results *r, const char *group)
{
	size_t count = 0, failed = 0, left = 0;
	int64_t ms = 0;

	for (size_t i = 0; i < r->items.count; i++) {
		const struct result *one = &r->items.items[i];

		if (strcmp(one->group, group) != 0)
			continue;
		count++;
		failed += one->outcome == OUTCOME_FAILED;
		left += one->outcome == OUTCOME_LEFT;
		ms += one->outcome == OUTCOME_FRESH ? 0 : one->ms;
	}
	strbuf_adds(out, "  <testsuite");
	xml_attribute(out, "name", group);
	add_number(out, "tests", count);
	add_number(out, "failures", failed);
	add_number(out, "errors", 0);
	add_number(out, "skipped", left);
	add_seconds(out, ms);
	strbuf_adds(out, ">\n");
	for (size_t i = 0; i < r->items.count; i++)
		if (strcmp(r->items.items[i].group, group) == 0)
			add_case(out, &r->items.items[i]);
	strbuf_adds(out, "  </testsuite>\n");
}

static void add_error_suite(struct strbuf *out, const struct err *failure)
{
	strbuf_adds(out, "  <testsuite name=\"mpflash\" tests=\"1\" failures=\"0\" errors=\"1\" "
			 "skipped=\"0\" time=\"0.000\">\n"
			 "    <testcase name=\"make\" classname=\"mpflash\" time=\"0.000\">\n"
			 "      <error");
	xml_attribute(out, "type", failure->kind == ERR_USAGE ? "usage" : "error");
	xml_attribute(out, "message", failure->msg ? failure->msg : "");
	strbuf_addch(out, '>');
	if (failure->hint)
		xml_text(out, failure->hint, strlen(failure->hint));
	strbuf_adds(out, "</error>\n"
			 "    </testcase>\n"
			 "  </testsuite>\n");
}

void junit_text(const struct results *r, const struct err *failure, int64_t ms, struct strbuf *out)
{
	strbuf_adds(out,
		    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"mpflash\"");
	add_number(out, "tests", r->items.count + (failure ? 1 : 0));
	add_number(out, "failures", r->counts[OUTCOME_FAILED]);
	add_number(out, "errors", failure ? 1 : 0);
	add_number(out, "skipped", r->counts[OUTCOME_LEFT]);
	add_seconds(out, ms);
	strbuf_adds(out, ">\n");
	for (size_t i = 0; i < r->items.count; i++)
		if (is_first_of_group(r, i))
			add_suite(out, r, r->items.items[i].group);
	if (failure)
		add_error_suite(out, failure);
	strbuf_adds(out, "</testsuites>\n");
}

bool junit_check(const char *path, struct err *e)
{
	AUTO_ARENA a = ARENA_INIT;
	const char *dir = path_dir(&a, path);

	if (!*path || fs_is_dir(path)) {
		err_usage(e, "--junit wants the name of a file, not '%s'", path);
		return err_hint(e, "for example --junit results.xml");
	}
	if (fs_is_dir(dir))
		return true;
	err_set(e, "--junit %s: there is no folder %s", path, dir);
	return err_hint(e, "mkdir -p '%s'", dir);
}

bool junit_write(const char *path, const struct results *r, const struct err *failure, int64_t ms,
		 struct err *e)
{
	AUTO_STRBUF text = STRBUF_INIT;

	junit_text(r, failure, ms, &text);
	return fs_write_atomic(path, text.buf, text.len, 0644, e) || err_wrap(e, "--junit");
}
