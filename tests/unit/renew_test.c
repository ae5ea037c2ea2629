/* SPDX-License-Identifier: MIT
 *
 * What goes of a work folder for each kind of change. The folders here are made by hand after what make and CMake leave;
 * tests/cli/history.t has real ones.
 */
#include <string.h>

#include "build/readers.h"
#include "build/renew.h"
#include "scratch.h"

/* A port "p" with a board's folder: two sources of the tree, one of the port, an assembler file, frozen code. */
static struct scratch *make_port(void **state)
{
	struct scratch *s = *state;

	scratch_put(s, "tree/py/mpconfig.h", "");
	scratch_put(s, "tree/py/a.h", "");
	scratch_put(s, "tree/py/a.c", "int a;\n");
	scratch_put(s, "tree/py/b.c", "int b;\n");
	scratch_put(s, "tree/ports/p/main.c", "int main;\n");
	scratch_put(s, "tree/shared/gc.s", "nop\n");
	scratch_put(s, "work/py/a.o", "");
	scratch_put(s, "work/py/a.P",
		    "/w/py/a.o: ../../py/a.c ../../py/mpconfig.h \\\n ../../py/a.h\n"
		    "../../py/a.c ../../py/mpconfig.h :\n");
	scratch_put(s, "work/py/b.o", "");
	scratch_put(s, "work/py/b.P", "/w/py/b.o: ../../py/b.c ../../py/mpconfig.h\n");
	scratch_put(s, "work/main.o", "");
	scratch_put(s, "work/main.P", "/w/main.o: main.c ../../py/mpconfig.h\n");
	scratch_put(s, "work/shared/gc.o", "");
	scratch_put(s, "work/firmware.elf", "");
	scratch_put(s, "work/frozen_content.c", "");
	scratch_put(s, "work/frozen_mpy/boot.mpy", "");
	scratch_put(s, "work/genhdr/qstr.i.last", "");
	scratch_put(s, "work/genhdr/qstr.split", "");
	scratch_put(s, "work/genhdr/qstrdefs.collected.h", "");
	scratch_put(s, "work/genhdr/qstrdefs.generated.h", "");
	scratch_put(s, "work/genhdr/qstrdefs.preprocessed.h", "");
	scratch_put(s, "work/genhdr/qstr/@@__@@__py__a.c.qstr", "");
	scratch_put(s, "work/genhdr/qstr/@@__@@__py__b.c.qstr", "");
	scratch_put(s, "work/genhdr/module/@@__@@__py__a.c.module", "");
	scratch_put(s, "work/genhdr/module/main.c.module", "");
	return s;
}

/* CMake's: absolute names, dependency files beside the objects with a longer name. */
static struct scratch *cmake_port(void **state)
{
	struct scratch *s = *state;
	const char *tree = scratch_path(s, "tree");

	scratch_put(s, "tree/ports/p/main.c", "int main;\n");
	scratch_put(s, "tree/ports/p/boot.S", "nop\n");
	scratch_put(s, "tree/ports/p/p.h", "");
	scratch_put(s, "tree/tools/tool.cpp", "");
	scratch_put(s, "work/CMakeCache.txt", "");
	scratch_put(s, "work/CMakeFiles/f.dir/main.c.o", "");
	scratch_put(s, "work/CMakeFiles/f.dir/main.c.o.d",
		    arena_printf(&s->arena, "m: %s/ports/p/main.c %s/ports/p/p.h\n", tree, tree));
	scratch_put(s, "work/CMakeFiles/f.dir/boot.S.obj", "");
	scratch_put(s, "work/CMakeFiles/f.dir/boot.S.obj.d",
		    arena_printf(&s->arena, "b: %s/ports/p/boot.S\n", tree));
	scratch_put(s, "work/tool/CMakeCache.txt", "");
	scratch_put(s, "work/tool/tool.o", "");
	scratch_put(s, "work/tool/tool.o.d",
		    arena_printf(&s->arena, "t: %s/tools/tool.cpp\n", tree));
	scratch_put(s, "work/boot.elf", "");
	scratch_put(s, "work/firmware.elf", "");
	scratch_put(s, "work/genhdr/qstr.i.last", "");
	scratch_put(s, "work/genhdr/qstr/main.c.qstr", "");
	return s;
}

static struct renew renew_all(struct scratch *s, const struct change *changes, size_t count,
			      bool epoch)
{
	struct renew_job job = {
		.work_dir = scratch_path(s, "work"),
		.tree = scratch_path(s, "tree"),
		.make_dir = "ports/p",
		.changes = changes,
		.count = count,
		.epoch_changed = epoch,
	};
	struct renew out;

	must(renew_folder(&job, &s->arena, &out, &s->err), &s->err);
	return out;
}

static struct renew renew_one(struct scratch *s, enum change_kind kind, const char *path,
			      unsigned readers)
{
	struct change c = { kind, path, readers };

	return renew_all(s, &c, 1, false);
}

/* Nothing was touched, and the reason names these words. */
static void assert_fresh(struct scratch *s, struct renew out, const char *before, const char *why)
{
	assert_true(out.fresh);
	assert_has(out.why, why);
	assert_int_equal(out.removed, 0);
	assert_int_equal(out.words.count, 0);
	assert_string_equal(scratch_list(s, "work"), before);
}

/* The words as one text; frees them. */
static const char *words(struct scratch *s, struct renew *out)
{
	const char *text = "";

	assert_false(out->fresh);
	for (size_t i = 0; i < out->words.count; i++)
		text = arena_printf(&s->arena, "%s%s ", text, out->words.items[i]);
	vec_free(&out->words);
	return text;
}

static void assert_gone(struct scratch *s, const char *name, bool gone)
{
	if ((strstr(scratch_list(s, "work"), name) == NULL) != gone)
		fail_msg("%s is %s", name, gone ? "there" : "gone");
}

/* --- make's ports --------------------------------------------------------------------------------------------- */

static void test_a_source_goes_with_its_object_its_qstrs_and_the_frozen_code(void **state)
{
	struct scratch *s = make_port(state);
	struct renew out = renew_one(s, CHANGE_CONTENT, "py/a.c", READER_COMPILER);

	/* With "-W py/a.c" make would take it for a file of ports/p. */
	assert_string_equal(words(s, &out), "-W ../../py/a.c ");
	assert_string_equal(out.why, "1 object");
	assert_int_equal(out.removed, 4);
	assert_gone(s, "py/a.o", true);
	assert_gone(s, "@@__@@__py__a.c.qstr", true);
	assert_gone(s, "@@__@@__py__a.c.module", true);
	assert_gone(s, "frozen_content.c", true);
	assert_gone(s, "py/b.o", false);
	assert_gone(s, "@@__@@__py__b.c.qstr", false);
	assert_gone(s, "genhdr/qstr.i.last", false);
	assert_gone(s, "frozen_mpy/boot.mpy", false);
}

static void test_a_source_of_the_port_is_known_by_the_name_that_its_make_has(void **state)
{
	struct scratch *s = make_port(state);
	struct renew out = renew_one(s, CHANGE_CONTENT, "ports/p/main.c", READER_COMPILER);

	assert_string_equal(words(s, &out), "-W main.c ");
	assert_gone(s, "main.o", true);
	assert_gone(s, "main.c.module", true);
}

static void test_a_header_takes_all_qstrs_and_keeps_what_was_collected(void **state)
{
	struct scratch *s = make_port(state);
	struct renew out = renew_one(s, CHANGE_CONTENT, "py/a.h", READER_COMPILER);

	assert_string_equal(words(s, &out), "");
	assert_gone(s, "py/a.o", true);
	assert_gone(s, "py/b.o", false);
	assert_gone(s, "main.o", false);
	assert_gone(s, "qstr.i.last", true);
	assert_gone(s, "qstr.split", true);
	assert_gone(s, "@@__@@__py__b.c.qstr", true);
	assert_gone(s, "main.c.module", true);
	assert_gone(s, "qstrdefs.collected.h", false);
	assert_gone(s, "qstrdefs.generated.h", false);
	assert_gone(s, "frozen_content.c", true);
	/* It leaves no dependency file: it may read any header. */
	assert_gone(s, "shared/gc.o", true);
}

static void test_a_header_that_configures_takes_the_list_of_qstrs_too(void **state)
{
	struct scratch *s = make_port(state);
	struct renew out = renew_one(s, CHANGE_CONTENT, "py/mpconfig.h", READER_COMPILER);

	assert_string_equal(words(s, &out), "");
	assert_string_equal(out.why, "4 objects, all QSTRs");
	assert_gone(s, "qstrdefs.generated.h", true);
	assert_gone(s, "qstrdefs.preprocessed.h", true);
	assert_gone(s, "qstrdefs.collected.h", false);
}

static void test_a_header_behind_a_link_is_the_file_that_the_link_leads_to(void **state)
{
	struct scratch *s = make_port(state);
	struct renew out;

	RUN(s, ".", "mv", "tree/py/a.h", "tree/py/real.h");
	RUN(s, ".", "ln", "-s", "real.h", "tree/py/a.h");
	out = renew_one(s, CHANGE_CONTENT, "py/real.h", READER_COMPILER);
	words(s, &out);
	assert_gone(s, "py/a.o", true);
}

static void test_an_included_source_counts_as_a_header(void **state)
{
	struct scratch *s = make_port(state);
	struct renew out;

	scratch_put(s, "tree/py/inc.c", "");
	scratch_put(s, "work/py/b.P", "/w/py/b.o: ../../py/b.c ../../py/inc.c\n");
	out = renew_one(s, CHANGE_CONTENT, "py/inc.c", READER_COMPILER);
	words(s, &out);
	assert_gone(s, "py/b.o", true);
	assert_gone(s, "qstr.i.last", true);
	assert_gone(s, "py/a.o", false);
}

static void test_a_source_that_includes_what_others_include_takes_all_qstrs(void **state)
{
	struct scratch *s = make_port(state);
	struct renew out;

	scratch_put(s, "tree/py/inc.c", "");
	scratch_put(s, "work/py/a.P", "/w/py/a.o: ../../py/a.c ../../py/inc.c\n");
	scratch_put(s, "work/py/b.P", "/w/py/b.o: ../../py/b.c ../../py/inc.c\n");
	out = renew_one(s, CHANGE_CONTENT, "py/b.c", READER_COMPILER);
	words(s, &out);
	assert_gone(s, "py/b.o", true);
	assert_gone(s, "py/a.o", false);
	assert_gone(s, "qstr.i.last", true);
	assert_gone(s, "@@__@@__py__a.c.qstr", true);
}

static void test_an_assembler_file_goes_with_the_object_of_its_name(void **state)
{
	struct scratch *s = make_port(state);
	struct renew out = renew_one(s, CHANGE_CONTENT, "shared/gc.s", READER_COMPILER);

	assert_string_equal(words(s, &out), "");
	assert_int_equal(out.removed, 1);
	assert_gone(s, "shared/gc.o", true);
}

static void test_a_linker_script_goes_with_what_is_linked(void **state)
{
	struct scratch *s = make_port(state);
	struct renew out = renew_one(s, CHANGE_CONTENT, "ports/p/p.ld", READER_LINKER);

	assert_string_equal(words(s, &out), "");
	assert_int_equal(out.removed, 1);
	assert_gone(s, "firmware.elf", true);
}

static void test_a_frozen_module_and_mpy_cross_go_with_the_frozen_code(void **state)
{
	struct scratch *s = make_port(state);
	struct renew out = renew_one(s, CHANGE_CONTENT, "ports/p/boot.py", READER_MPY_CROSS);

	assert_string_equal(words(s, &out), "");
	assert_string_equal(out.why, "frozen modules");
	assert_gone(s, "frozen_mpy", true);
	assert_gone(s, "frozen_content.c", true);
	assert_gone(s, "py/a.o", false);
	scratch_put(s, "work/frozen_mpy/boot.mpy", "");
	out = renew_one(s, CHANGE_MPY_CROSS, "mpy-cross", 0);
	words(s, &out);
	assert_gone(s, "frozen_mpy", true);
}

static void test_a_versioned_module_that_only_a_script_reads_is_a_frozen_one(void **state)
{
	struct scratch *s = make_port(state);
	const char *before;
	struct renew out;

	scratch_put(s, "work/frozen_mpy/unittest/core.mpy", "");
	before = scratch_list(s, "work");
	/* Not frozen; a manifest; a script of another place with a frozen module's name. */
	assert_fresh(s,
		     renew_one(s, CHANGE_CONTENT, "lib/micropython-lib/x/core.py", READER_PYTHON),
		     before, "more than a compiler");
	assert_fresh(
		s, renew_one(s, CHANGE_CONTENT, "lib/micropython-lib/u/manifest.py", READER_PYTHON),
		before, "more than a compiler");
	assert_fresh(s, renew_one(s, CHANGE_CONTENT, "tools/unittest/core.py", READER_PYTHON),
		     before, "more than a compiler");
	out = renew_one(s, CHANGE_CONTENT, "lib/micropython-lib/u/unittest/core.py",
			READER_PYTHON | READER_MPY_CROSS);
	words(s, &out);
	assert_gone(s, "frozen_mpy", true);
}

static void test_the_clock_tables_of_stm32_go_with_all_qstrs(void **state)
{
	struct scratch *s = make_port(state);
	struct renew out;

	scratch_put(s, "work/genhdr/pllfreqtable.h", "");
	scratch_put(s, "tree/py/a.c", "static int micropy_hw_hse_value = 8;\n");
	out = renew_one(s, CHANGE_CONTENT, "py/a.c", READER_COMPILER);
	words(s, &out);
	assert_gone(s, "pllfreqtable.h", true);
	assert_gone(s, "qstr.i.last", true);
}

static void test_a_script_with_a_newer_date_takes_its_table_from_all_sources(void **state)
{
	struct scratch *s = make_port(state);
	struct renew out;

	scratch_put(s, "work/genhdr/plli2stable.h", "");
	scratch_put(s, "tree/ports/p/boards/plli2svalues.py", "");
	scratch_date(s, "work/genhdr/plli2stable.h", 1000000000);
	out = renew_all(s, NULL, 0, false);
	words(s, &out);
	assert_gone(s, "plli2stable.h", true);
	assert_gone(s, "qstr.i.last", true);
}

static void test_no_change_touches_nothing(void **state)
{
	struct scratch *s = make_port(state);
	const char *before = scratch_list(s, "work");
	struct renew out = renew_all(s, NULL, 0, false);

	assert_string_equal(words(s, &out), "");
	assert_string_equal(out.why, "nothing");
	assert_string_equal(scratch_list(s, "work"), before);
}

static void test_another_epoch_takes_the_objects_that_hold_a_date(void **state)
{
	struct scratch *s = make_port(state);
	struct renew out;

	scratch_put(s, "tree/py/a.h",
		    "#define IS_DATE(__DATE__) ((__DATE__) > 0 && \\\n (__DATE__) < 32)\n");
	scratch_put(s, "tree/py/b.c", "#define ODD(__DATE__)\nconst char when[] = __DATE__;\n");
	out = renew_all(s, NULL, 0, true);
	words(s, &out);
	assert_int_equal(out.removed, 1);
	assert_gone(s, "py/b.o", true);
}

/* --- from nothing ---------------------------------------------------------------------------------------------- */

static void test_what_is_more_than_bytes_makes_it_fresh(void **state)
{
	struct scratch *s = make_port(state);
	const char *before = scratch_list(s, "work");

	assert_fresh(s, renew_one(s, CHANGE_ADDED, "ports/p/a.h", READER_COMPILER), before,
		     "ports/p/a.h is there now");
	assert_fresh(s, renew_one(s, CHANGE_REMOVED, "py/a.h", READER_COMPILER), before,
		     "py/a.h is gone");
	assert_fresh(s, renew_one(s, CHANGE_LISTING, "py", READER_MAKE), before, "other names");
	assert_fresh(s, renew_one(s, CHANGE_LINK, "py", READER_COMPILER), before,
		     "leads elsewhere");
}

static void test_a_file_that_more_than_one_kind_of_program_reads_makes_it_fresh(void **state)
{
	static const unsigned others[] = { READER_MAKE, READER_PYTHON, READER_CMAKE, READER_OTHER,
					   READER_LINKER };
	struct scratch *s = make_port(state);
	const char *before = scratch_list(s, "work");

	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		assert_fresh(s, renew_one(s, CHANGE_CONTENT, "py/a.h", READER_COMPILER | others[i]),
			     before, "py/a.h changed, and what reads it is more than a compiler");
		assert_fresh(
			s,
			renew_one(s, CHANGE_CONTENT, "ports/p/p.ld", READER_COMPILER | others[i]),
			before, "more than a compiler");
	}
	assert_fresh(s, renew_one(s, CHANGE_CONTENT, "py/a.c", 0), before, "more than a compiler");
}

static void test_a_source_whose_compiler_failed_is_gone_on_with(void **state)
{
	struct scratch *s = make_port(state);
	struct renew out;

	RUN(s, ".", "rm", "work/main.o");
	out = renew_one(s, CHANGE_CONTENT, "ports/p/main.c", READER_COMPILER);
	assert_string_equal(words(s, &out), "-W main.c ");
	assert_gone(s, "main.c.module", true);
	assert_gone(s, "py/a.o", false);
}

static void test_what_cmake_found_out_about_the_compiler_stays(void **state)
{
	struct scratch *s = cmake_port(state);
	struct renew out;

	scratch_put(s, "work/CMakeFiles/3.25.1/CompilerIdC/CMakeCCompilerId.o", "");
	out = renew_one(s, CHANGE_CONTENT, "ports/p/p.h", READER_COMPILER);
	words(s, &out);
	assert_gone(s, "main.c.o ", true);
	assert_gone(s, "CMakeCCompilerId.o", false);
}

static void test_what_no_dependency_file_names_makes_it_fresh(void **state)
{
	struct scratch *s = make_port(state);
	const char *before;

	RUN(s, ".", "rm", "work/main.P");
	before = scratch_list(s, "work");
	assert_fresh(s, renew_one(s, CHANGE_CONTENT, "ports/p/main.c", READER_COMPILER), before,
		     "no dependency file names it");
	assert_fresh(s, renew_one(s, CHANGE_CONTENT, "py/none.h", READER_COMPILER), before,
		     "no dependency file names it");
	assert_fresh(s, renew_one(s, CHANGE_CONTENT, "shared/none.s", READER_COMPILER), before,
		     "no object is known");
}

static void test_a_dependency_file_that_is_damaged_makes_it_fresh(void **state)
{
	struct scratch *s = make_port(state);
	const char *before;

	scratch_put(s, "work/py/b.P", "/w/py/b.o: ../../py/b.c \\\n");
	before = scratch_list(s, "work");
	assert_fresh(s, renew_one(s, CHANGE_CONTENT, "py/a.c", READER_COMPILER), before,
		     "py/b.P: it ends in the middle of a line");
	scratch_put(s, "work/py/b.P", "/w/py/b.o: ../../py/b.c\n");
	scratch_put(s, "work/py/b.d", "/w/py/b.o: ../../py/b.c\n");
	before = scratch_list(s, "work");
	assert_fresh(s, renew_one(s, CHANGE_CONTENT, "py/a.c", READER_COMPILER), before,
		     "two dependency files");
}

static void test_a_name_that_make_cannot_take_makes_it_fresh(void **state)
{
	struct scratch *s = make_port(state);
	const char *before = scratch_list(s, "work");

	assert_fresh(s, renew_one(s, CHANGE_CONTENT, "py/a b.c", READER_COMPILER), before,
		     "cannot take such a name");
}

static void test_made_linker_scripts_are_not_followed_to_headers(void **state)
{
	struct scratch *s = make_port(state);
	struct renew out;
	const char *before;

	scratch_put(s, "work/link.ld", "");
	before = scratch_list(s, "work");
	assert_fresh(s, renew_one(s, CHANGE_CONTENT, "py/a.h", READER_COMPILER), before,
		     "linker scripts are made with the preprocessor");
	out = renew_one(s, CHANGE_CONTENT, "py/a.c", READER_COMPILER);
	assert_string_equal(words(s, &out), "-W ../../py/a.c ");
}

static void test_a_linker_script_of_nothing_makes_it_fresh(void **state)
{
	struct scratch *s = make_port(state);

	RUN(s, ".", "rm", "work/firmware.elf");
	assert_fresh(s, renew_one(s, CHANGE_CONTENT, "ports/p/p.ld", READER_LINKER),
		     scratch_list(s, "work"), "nobody knows what is linked");
}

static void test_one_change_that_cannot_be_followed_spares_the_others_files(void **state)
{
	const struct change changes[] = {
		{ CHANGE_CONTENT, "py/a.c", READER_COMPILER },
		{ CHANGE_CONTENT, "ports/p/Makefile", READER_MAKE },
	};
	struct scratch *s = make_port(state);
	const char *before = scratch_list(s, "work");

	assert_fresh(s, renew_all(s, changes, 2, false), before, "ports/p/Makefile");
}

/* --- CMake's ---------------------------------------------------------------------------------------------------- */

static void test_cmake_sources_go_with_their_objects_and_all_qstrs(void **state)
{
	struct scratch *s = cmake_port(state);
	struct renew out = renew_one(s, CHANGE_CONTENT, "ports/p/main.c", READER_COMPILER);

	assert_string_equal(words(s, &out), "");
	assert_gone(s, "main.c.o ", true);
	assert_gone(s, "qstr.i.last", true);
	assert_gone(s, "main.c.qstr", true);
	assert_gone(s, "boot.S.obj ", false);
}

/* CMake names objects of other folders by the whole path. */
static void test_cmake_assembler_files_are_found_by_the_name_of_their_object(void **state)
{
	struct scratch *s = cmake_port(state);
	const char *object = arena_printf(&s->arena, "work/CMakeFiles/f.dir%s.o",
					  scratch_path(s, "tree/lib/div.S"));
	struct renew out;

	scratch_put(s, "tree/lib/div.S", "nop\n");
	scratch_put(s, object, "");
	out = renew_one(s, CHANGE_CONTENT, "lib/div.S", READER_COMPILER);
	words(s, &out);
	assert_gone(s, "div.S.o ", true);
	assert_gone(s, "boot.S.obj ", false);
	/* A header may be in it. */
	scratch_put(s, object, "");
	out = renew_one(s, CHANGE_CONTENT, "ports/p/p.h", READER_COMPILER);
	words(s, &out);
	assert_gone(s, "div.S.o ", true);
}

static void test_an_object_that_nobody_knows_makes_headers_and_assembler_files_fresh(void **state)
{
	struct scratch *s = make_port(state);

	scratch_put(s, "work/boot2.o", "");
	assert_fresh(s, renew_one(s, CHANGE_CONTENT, "py/a.h", READER_COMPILER),
		     scratch_list(s, "work"), "boot2.o is made from");
	assert_fresh(s, renew_one(s, CHANGE_CONTENT, "shared/gc.s", READER_COMPILER),
		     scratch_list(s, "work"), "boot2.o is made from");
}

static void test_cmake_assembler_files_have_dependency_files(void **state)
{
	struct scratch *s = cmake_port(state);
	struct renew out = renew_one(s, CHANGE_CONTENT, "ports/p/boot.S", READER_COMPILER);

	words(s, &out);
	assert_gone(s, "boot.S.obj ", true);
	assert_gone(s, "main.c.o ", false);
}

static void test_cmake_headers_and_linker_scripts_are_followed(void **state)
{
	struct scratch *s = cmake_port(state);
	struct renew out = renew_one(s, CHANGE_CONTENT, "ports/p/p.h", READER_COMPILER);

	words(s, &out);
	assert_gone(s, "main.c.o ", true);
	assert_gone(s, "tool.o ", false);
	out = renew_one(s, CHANGE_CONTENT, "ports/p/p.ld", READER_LINKER);
	words(s, &out);
	assert_int_equal(out.removed, 2);
	assert_gone(s, "boot.elf", true);
	assert_gone(s, "firmware.elf", true);
}

static void test_a_host_tool_s_source_makes_it_fresh(void **state)
{
	struct scratch *s = cmake_port(state);

	assert_fresh(s, renew_one(s, CHANGE_CONTENT, "tools/tool.cpp", READER_COMPILER),
		     scratch_list(s, "work"), "a host tool is built from it");
}

static void test_a_relative_name_that_leads_nowhere_makes_it_fresh(void **state)
{
	struct scratch *s = cmake_port(state);
	const char *before;

	scratch_put(s, "work/CMakeFiles/f.dir/main.c.o.d", "m: ../main.c\n");
	before = scratch_list(s, "work");
	assert_fresh(s, renew_one(s, CHANGE_CONTENT, "ports/p/boot.S", READER_COMPILER), before,
		     "nobody knows where ../main.c is");
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_source_goes_with_its_object_its_qstrs_and_the_frozen_code),
		TEST(test_a_source_of_the_port_is_known_by_the_name_that_its_make_has),
		TEST(test_a_header_takes_all_qstrs_and_keeps_what_was_collected),
		TEST(test_a_header_that_configures_takes_the_list_of_qstrs_too),
		TEST(test_a_header_behind_a_link_is_the_file_that_the_link_leads_to),
		TEST(test_an_included_source_counts_as_a_header),
		TEST(test_a_source_that_includes_what_others_include_takes_all_qstrs),
		TEST(test_an_assembler_file_goes_with_the_object_of_its_name),
		TEST(test_a_linker_script_goes_with_what_is_linked),
		TEST(test_a_frozen_module_and_mpy_cross_go_with_the_frozen_code),
		TEST(test_a_versioned_module_that_only_a_script_reads_is_a_frozen_one),
		TEST(test_the_clock_tables_of_stm32_go_with_all_qstrs),
		TEST(test_a_script_with_a_newer_date_takes_its_table_from_all_sources),
		TEST(test_no_change_touches_nothing),
		TEST(test_another_epoch_takes_the_objects_that_hold_a_date),
		TEST(test_what_is_more_than_bytes_makes_it_fresh),
		TEST(test_a_file_that_more_than_one_kind_of_program_reads_makes_it_fresh),
		TEST(test_a_source_whose_compiler_failed_is_gone_on_with),
		TEST(test_what_cmake_found_out_about_the_compiler_stays),
		TEST(test_what_no_dependency_file_names_makes_it_fresh),
		TEST(test_a_dependency_file_that_is_damaged_makes_it_fresh),
		TEST(test_a_name_that_make_cannot_take_makes_it_fresh),
		TEST(test_made_linker_scripts_are_not_followed_to_headers),
		TEST(test_a_linker_script_of_nothing_makes_it_fresh),
		TEST(test_one_change_that_cannot_be_followed_spares_the_others_files),
		TEST(test_cmake_sources_go_with_their_objects_and_all_qstrs),
		TEST(test_cmake_assembler_files_are_found_by_the_name_of_their_object),
		TEST(test_an_object_that_nobody_knows_makes_headers_and_assembler_files_fresh),
		TEST(test_cmake_assembler_files_have_dependency_files),
		TEST(test_cmake_headers_and_linker_scripts_are_followed),
		TEST(test_a_host_tool_s_source_makes_it_fresh),
		TEST(test_a_relative_name_that_leads_nowhere_makes_it_fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
