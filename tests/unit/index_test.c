/* SPDX-License-Identifier: MIT
 *
 * Index pages: those of micropython.org in the shape that they have, others' layouts, and HTML that means ill.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "library/index.h"
#include "scratch.h"

static const char board_page[] =
	"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
	"<link href=\"/static/css/site.css\" rel=\"stylesheet\"></head>\n<body>\n"
	"<a href=\"/download/?port=rp2\">rp2</a>\n"
	"<h2>Firmware</h2>\n<h3>Releases</h3>\n"
	"<strong><a href=\"/resources/firmware/RPI_PICO2-20250415-v1.25.0.uf2\">v1.25.0 (2025-04-15) .uf2</a></strong>\n"
	"<a href=\"https://github.com/micropython/micropython/releases/tag/v1.25.0\">[Release notes]</a> (latest)<br>\n"
	"<a href='/resources/firmware/RPI_PICO2-20241129-v1.24.1.uf2'>v1.24.1 (2024-11-29) .uf2</a>\n"
	"<h3>Preview builds</h3>\n"
	"<a href=\"/resources/firmware/RPI_PICO2-20250510-v1.26.0-preview.9.gaaaaaaaaaa.uf2\">x</a>\n"
	"<a href=\"/resources/firmware/RPI_PICO2-20250520-v1.26.0-preview.110.gbbbbbbbbbb.uf2\">x</a>\n"
	"<h2>Firmware (RISC-V)</h2>\n"
	"<a href=\"/resources/firmware/RPI_PICO2-RISCV-20250415-v1.25.0.uf2\">v1.25.0</a>\n"
	"<a href=\"/resources/firmware/RPI_PICO2-RISCV-20250415-v1.25.0.elf\">elf</a>\n"
	"<a href=\"/resources/firmware/RPI_PICO2-20250415-v1.25.0.uf2\">again</a>\n"
	"</body></html>\n";

struct page {
	struct arena arena;
	struct index_files files;
	const char *port;
};

static int setup(void **state)
{
	*state = xcalloc(1, sizeof(struct page));
	return 0;
}

static int teardown(void **state)
{
	struct page *p = *state;

	vec_free(&p->files);
	arena_free(&p->arena);
	free(p);
	return 0;
}

static void read_page(struct page *p, const char *html)
{
	AUTO_ERR e = ERR_INIT;

	must(index_read_files(html, strlen(html), &p->arena, &p->files, &p->port, &e), &e);
}

/* The base names of what is chosen, a space behind each. */
static const char *chosen(struct page *p, const char *version, const char *port)
{
	struct index_files out = { 0 };
	struct version_want want;
	AUTO_STRBUF text = STRBUF_INIT;
	AUTO_ERR e = ERR_INIT;

	must(version_want_parse(&want, version, &e), &e);
	index_select(&p->files, &want, port, &out);
	for (size_t i = 0; i < out.count; i++)
		strbuf_addf(&text, "%s ", strrchr(out.items[i].path, '/') + 1);
	vec_free(&out);
	return arena_strdup(&p->arena, text.buf);
}

static void test_the_files_of_a_page_are_read_in_order_each_once(void **state)
{
	struct page *p = *state;

	read_page(p, board_page);
	assert_int_equal(p->files.count, 6);
	assert_string_equal(p->files.items[0].path,
			    "/resources/firmware/RPI_PICO2-20250415-v1.25.0.uf2");
	assert_string_equal(p->files.items[4].name.board_id, "RPI_PICO2-RISCV");
	assert_string_equal(p->port, "rp2");
}

static void test_stable_is_the_newest_release_of_each_variant(void **state)
{
	struct page *p = *state;

	read_page(p, board_page);
	assert_string_equal(chosen(p, "stable", "rp2"), "RPI_PICO2-20250415-v1.25.0.uf2 "
							"RPI_PICO2-RISCV-20250415-v1.25.0.uf2 ");
}

static void test_the_newest_preview_is_found_by_number_wherever_it_stands(void **state)
{
	struct page *p = *state;

	read_page(p, board_page);
	assert_string_equal(chosen(p, "preview", "rp2"),
			    "RPI_PICO2-20250520-v1.26.0-preview.110.gbbbbbbbbbb.uf2 ");
}

static void test_a_version_and_a_build_of_it_can_be_named(void **state)
{
	struct page *p = *state;

	read_page(p, board_page);
	assert_string_equal(chosen(p, "1.24.1", "rp2"), "RPI_PICO2-20241129-v1.24.1.uf2 ");
	assert_string_equal(chosen(p, "v1.26.0-preview.9", "rp2"),
			    "RPI_PICO2-20250510-v1.26.0-preview.9.gaaaaaaaaaa.uf2 ");
	assert_string_equal(chosen(p, "1.23.0", "rp2"), "");
}

static void test_what_the_port_cannot_use_is_left_out(void **state)
{
	struct page *p = *state;

	read_page(p, "<a href=/resources/firmware/X-20250415-v1.25.0.bin>b</a>"
		     "<a href=/resources/firmware/X-20250415-v1.25.0.app-bin>b</a>"
		     "<a href=/resources/firmware/X-20250415-v1.25.0.hex>b</a>"
		     "<a href=/resources/firmware/X-20250415-v1.25.0.dfu>b</a>"
		     "<a href=/resources/firmware/X-20250415-v1.25.0.map>b</a>");
	assert_string_equal(chosen(p, "stable", "esp32"), "X-20250415-v1.25.0.bin ");
	assert_string_equal(chosen(p, "stable", "stm32"),
			    "X-20250415-v1.25.0.bin X-20250415-v1.25.0.dfu ");
	assert_string_equal(
		chosen(p, "stable", "zephyr"),
		"X-20250415-v1.25.0.bin X-20250415-v1.25.0.hex X-20250415-v1.25.0.dfu ");
	assert_null(p->port);
}

static void test_the_boards_source_tells_its_port_and_a_menu_of_ports_does_not(void **state)
{
	struct page *p = *state;

	read_page(p, "<a href='/download/?port=alif'>a</a><a href='/download/?port=rp2'>b</a>"
		     "<a href='/download/?port=rp2'>b</a>");
	assert_null(p->port);
	read_page(p, "<a href='/download/?port=alif'>a</a><a href='/download/?port=rp2'>b</a>"
		     "<a href='https://x/tree/master/ports/rp2/boards/X'>c</a>");
	assert_string_equal(p->port, "rp2");
	read_page(p,
		  "<a href='/download/?port=rp2&amp;vendor=x'>a</a><a href='/download/?port=rp2'>");
	assert_string_equal(p->port, "rp2");
	read_page(p, "<a href='/download/?port=../x'>a</a><a href='/ports/../boards/X'>");
	assert_null(p->port);
}

static void test_a_build_after_a_release_is_not_stable(void **state)
{
	struct page *p = *state;

	read_page(p,
		  "<a href=/resources/firmware/X-20220817-unstable-v1.19.1-397-g6d2e4b9a1.uf2>x</a>"
		  "<a href=/resources/firmware/X-20220618-v1.19.1.uf2>x</a>");
	assert_string_equal(chosen(p, "stable", "rp2"), "X-20220618-v1.19.1.uf2 ");
	assert_string_equal(chosen(p, "1.19.1.397", "rp2"),
			    "X-20220817-unstable-v1.19.1-397-g6d2e4b9a1.uf2 ");
}

static void test_a_page_of_others_is_known(void **state)
{
	static const struct {
		const char *html;
		bool own;
	} pages[] = {
		{ board_page, true },
		{ "<a class=board-card href=X>", true },
		{ "<a href=/download/>", true },
		{ "<html>Sign in<form action=/download></form><a href=/login>x</a>", false },
		{ "no HTML", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pages); i++) {
		AUTO_ERR e = ERR_INIT;

		assert_int_equal(index_check_page(pages[i].html, strlen(pages[i].html), &e),
				 pages[i].own);
		assert_true(pages[i].own || e.msg);
	}
}

static void test_versions_are_listed_the_newest_first(void **state)
{
	struct page *p = *state;
	struct strv out = { 0 };

	read_page(p, board_page);
	index_versions(&p->files, &p->arena, &out);
	assert_int_equal(out.count, 3);
	assert_string_equal(out.items[0], "v1.26.0-preview");
	assert_string_equal(out.items[1], "v1.25.0");
	assert_string_equal(out.items[2], "v1.24.1");
	vec_free(&out);
}

static void test_links_that_lead_elsewhere_are_passed_over(void **state)
{
	struct page *p = *state;

	read_page(p,
		  "<a href=\"/resources/firmware/../../etc/X-20250415-v1.25.0.uf2\">x</a>"
		  "<a href=\"https://evil.example/resources/firmware/X-20250415-v1.25.0.uf2\">x</a>"
		  "<a href=\"/resources/firmware/X-20250415-v1.25.0.uf2?x=1\">x</a>"
		  "<a href=\"/resources/firmware/X-20250415-v1.25.0.uf2%00\">x</a>"
		  "<a href=\"/resources/firmware/a b-v1.25.0.uf2\">x</a>"
		  "<a href=\"/resources/firmware/X-20250415-v1.25.0.uf2&#10;y.uf2\">x</a>"
		  "<a name=\"/resources/firmware/X-20250415-v1.25.0.uf2\">x</a>"
		  "<!-- <a href=\"/resources/firmware/X-20250415-v1.25.0.uf2\">x</a> -->"
		  "<script>\"<a href='/resources/firmware/X-20250415-v1.25.0.uf2'>\"</script>");
	assert_int_equal(p->files.count, 0);
}

static void test_the_boards_of_a_port_are_the_board_cards(void **state)
{
	static const char html[] =
		"<html><body><a class=\"board-card\" href=\"RPI_PICO\"><div>Pico</div></a>"
		"<a class=\"x board-card\ty\" href=\"/download/RPI_PICO_W/\"></a>"
		"<a class=\"board-cards\" href=\"NOT_ONE\"></a><a href=\"NOR_THIS\"></a>"
		"<a class='board-card' href='../../x'></a><a class=board-card href=RPI_PICO></a>"
		"<a class=board-card></a><a class=board-card href=''></a>";
	AUTO_ARENA a = ARENA_INIT;
	AUTO_ERR e = ERR_INIT;
	struct strv out = { 0 };

	(void)state;
	must(index_read_boards(html, sizeof(html) - 1, &a, &out, &e), &e);
	assert_int_equal(out.count, 2);
	assert_string_equal(out.items[0], "RPI_PICO");
	assert_string_equal(out.items[1], "RPI_PICO_W");
	vec_free(&out);
}

/* However deep a page nests, however it is broken: links are found or not, and nothing else happens. */
static void test_hostile_html_ends(void **state)
{
	struct page *p = *state;
	AUTO_STRBUF deep = STRBUF_INIT;
	AUTO_ERR e = ERR_INIT;
	const char *port;

	for (int i = 0; i < 100000; i++)
		strbuf_adds(&deep, "<div><a href=\"x\">");
	if (!index_read_files(deep.buf, deep.len, &p->arena, &p->files, &port, &e))
		assert_non_null(e.msg);
	assert_int_equal(p->files.count, 0);
	strbuf_reset(&deep);
	strbuf_adds(&deep, "<!DOCTYPE html [<!ENTITY a \"&b;&b;&b;\"><!ENTITY b \"&a;&a;\">]>"
			   "<a href=\"&a;\">&a;</a><a href=\"/resources/firmware/&a;");
	strbuf_add(&deep, "\0\xff\xfe<a", 5);
	err_free(&e);
	if (!index_read_files(deep.buf, deep.len, &p->arena, &p->files, &port, &e))
		assert_non_null(e.msg);
	assert_int_equal(p->files.count, 0);
	err_free(&e);
	if (!index_read_files("", 0, &p->arena, &p->files, &port, &e))
		assert_non_null(e.msg);
	assert_int_equal(p->files.count, 0);
}

int main(void)
{
#define PAGE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		PAGE_TEST(test_the_files_of_a_page_are_read_in_order_each_once),
		PAGE_TEST(test_stable_is_the_newest_release_of_each_variant),
		PAGE_TEST(test_the_newest_preview_is_found_by_number_wherever_it_stands),
		PAGE_TEST(test_a_version_and_a_build_of_it_can_be_named),
		PAGE_TEST(test_what_the_port_cannot_use_is_left_out),
		PAGE_TEST(test_the_boards_source_tells_its_port_and_a_menu_of_ports_does_not),
		PAGE_TEST(test_a_build_after_a_release_is_not_stable),
		cmocka_unit_test(test_a_page_of_others_is_known),
		PAGE_TEST(test_versions_are_listed_the_newest_first),
		PAGE_TEST(test_links_that_lead_elsewhere_are_passed_over),
		cmocka_unit_test(test_the_boards_of_a_port_are_the_board_cards),
		PAGE_TEST(test_hostile_html_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
