# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154 # run sets status, out and err
#
# A history of edits on a tree, each built by `mpflash make --audit`: whatever the work folder was gone on with must be
# what a build from nothing makes. Sourced after cli/lib.sh, by tests/history and cli/history.t.
#
#	history TREE PORT BOARD [GROUP...]    changes TREE (a git checkout: MicroPython's, or the sample tree) step by step;
#	                                      one result a step. Groups: sources configuration frozen files dates; none: all
#	history_summary                       what was compiled, and what of that came out as it was before: remarks
#
# Edits have new dates or, as files that an archive or a `cp -a` brings, old ones.

history_compiled=0 history_needless=0 history_objects=0 history_steps=0 history_fresh=0

# edit FILE SED...: a change of content, or the test is broken
edit() {
	edit_file=$history_tree/$1
	shift
	cp -- "$edit_file" "$T/before" || bail "no $edit_file"
	for edit_sed; do
		sed "$edit_sed" "$edit_file" >"$T/after" && cat "$T/after" >"$edit_file"
	done
	! cmp -s "$T/before" "$edit_file" || bail "no change in $edit_file: $*"
}

append() {
	printf '%s\n' "$2" >>"$history_tree/$1"
}

# The file of the first commit again.
back() {
	git -C "$history_tree" checkout -q -- "$1" || bail "no $1 to go back to"
}

old() {
	touch -d '2001-02-03 04:05:06' "$history_tree/$1"
}

objects() {
	(cd "$1" 2>/dev/null && find . \( -name '*.o' -o -name '*.obj' \) -exec sha1sum {} + | sort)
}

# What make compiled is newer than the mark; what it need not have compiled came out the same.
count_objects() {
	objects "$history_work" >"$T/objects.now"
	(cd "$history_work" 2>/dev/null && find . \( -name '*.o' -o -name '*.obj' \) -newer "$T/mark") | sort >"$T/compiled"
	count_same=$(comm -12 "$T/objects.before" "$T/objects.now" | sed 's/^[^ ]*  //' | sort |
		comm -12 - "$T/compiled" | wc -l)
	history_compiled=$((history_compiled + $(wc -l <"$T/compiled")))
	history_needless=$((history_needless + count_same))
	history_objects=$((history_objects + $(wc -l <"$T/objects.now")))
	mv "$T/objects.now" "$T/objects.before"
}

# build LABEL: makes and audits
build() {
	tick
	: >"$T/mark"
	tick
	run "$MPFLASH" make -C "$history_tree" --explain --audit "$history_target"
	build_status=$status build_said=$err
	[ "$build_status" = 0 ] && printf '%s\n' "$build_said" | grep -q '^audit .* from nothing the same: firmware'
	tap_result $? "$history_target: $1" || diag "exit $build_status: $build_said"
	count_objects
	history_steps=$((history_steps + 1))
	build_why=$(printf '%s\n' "$build_said" | sed -n "s/^note: $(printf '%s' "$history_target" | sed 's|/|.|g').*: the work folder is //p")
	case $build_why in
	started*) history_fresh=$((history_fresh + 1)) ;;
	esac
	diag "$history_target: $1: $(wc -l <"$T/compiled") compiled, $count_same for nothing; ${build_why:-no work folder}"
}

# step LABEL COMMAND...
step() {
	step_label=$1
	shift
	"$@" || bail "$step_label: $*"
	build "$step_label"
}

# --- what there is to change, by tree and port ---------------------------------------------------------------------

name_sample_files() {
	source_file=py/modsys.c source_code='s/"preview"/"review"/'
	source_name='s/{ MP_QSTR_platform,/{ MP_QSTR_history, MP_OBJ_INT(1) },\n\t&/'
	header=extmod/modmachine.h header_code='s/PWRON_RESET, MP_OBJ_INT(1)/PWRON_RESET, MP_OBJ_INT(7)/'
	header_name='s/PWRON_RESET/HISTORY_RESET/'
	port_source=$port_dir/main.c port_code='s/soft reboot/warm reboot/'
	config_word='#define MICROPY_REPL_LINE_MAX 2048'
	shadowed=py/mphal.h shadow_code='s/mp_hal_reset(void)/mp_hal_reset(void) __attribute__((cold))/'
	assembly='' assembly_code='' board_flag=CFLAGS port_flag='CFLAGS += -DMICROPY_REPL_LINE_MAX=1024'
	port_make=$port_dir/Makefile list_source='s/^SRC_C += .*/&\n\thistory.c \\/'
	case $port in
	qemu)
		script=$port_dir/mcu/arm/cortex-m.ld script_code='s/ALIGN(4)/ALIGN(32)/'
		board_make=$port_dir/boards/$board/mpconfigboard.mk board_header='' frozen=$port_dir/modules/hello.py
		manifest=$port_dir/Makefile manifest_code="s/require('unittest'); //" pins=''
		;;
	stm32)
		script=$port_dir/boards/common_ifs.ld script_code='s/ALIGN(4)/ALIGN(32)/'
		board_make=$port_dir/boards/$board/mpconfigboard.mk frozen=$port_dir/modules/boot.py
		board_header=$port_dir/boards/$board/mpconfigboard.h header_board='s/"PYBv1.1"/"PYBv1.2"/'
		manifest=$port_dir/boards/manifest.py manifest_code='/require/d'
		pins=$port_dir/boards/$board/pins.csv pins_code='s/^SW,PB3/SW,PB4/'
		;;
	rp2)
		script=$port_dir/memmap_sections.ld script_code='s/ALIGN(4)/ALIGN(32)/'
		board_make=$port_dir/boards/$board/mpconfigboard.cmake board_flag='' frozen=$port_dir/modules/blink.py
		board_header=$port_dir/boards/$board/mpconfigboard.h header_board='s/"Raspberry Pi Pico"/"Raspberry Pie"/'
		manifest=$port_dir/boards/manifest.py manifest_code='/require/d' pins=''
		assembly=$port_dir/boot2.S assembly_code='s/0x08\] @ SSIENR.*/&\n\tnop/'
		port_make=$port_dir/CMakeLists.txt port_flag='# a remark'
		# shellcheck disable=SC2016 # CMake's variable
		list_source='s|${MICROPY_PORT_DIR}/clocks.c|&\n    ${MICROPY_PORT_DIR}/history.c|'
		;;
	esac
}

name_real_files() {
	source_file=py/objlist.c source_code='s/MP_OBJ_NEW_SMALL_INT(self->len)/MP_OBJ_NEW_SMALL_INT(self->len + 1)/'
	source_name='s/MP_QSTR_clear), MP_ROM_PTR/MP_QSTR_history), MP_ROM_PTR/'
	header=py/reader.h header_code='s/define MP_READER_EOF .*/define MP_READER_EOF ((mp_uint_t)(-2))/'
	header_name='1i // a remark'
	port_source=$port_dir/main.c port_code='s/mp_init();/mp_init(); mp_hal_stdout_tx_strn("H", 1);/'
	config_word='#define MICROPY_PY_SYS_PS1_PS2 (0)'
	shadowed=py/reader.h shadow_code='s/define MP_READER_EOF .*/define MP_READER_EOF ((mp_uint_t)(-3))/'
	assembly=shared/runtime/gchelper_thumb2.s assembly_code='0,/bx /s//nop\n bx /'
	board_flag=CFLAGS port_flag='CFLAGS += -DMICROPY_ALLOC_PATH_MAX=700'
	port_make=$port_dir/Makefile list_source='s/^SRC_C += .*/&\n\thistory.c \\/'
	case $port in
	qemu)
		script=$port_dir/mcu/arm/mps2.ld script_code='s/_estack = /_estack = -64 + /'
		board_make=$port_dir/boards/$board/mpconfigboard.mk board_header='' frozen=$port_dir/test-frzmpy/frozen_const.py
		manifest=$port_dir/Makefile manifest_code="s/require('unittest'); //" pins=''
		port_code='s/gc_init(/mp_hal_stdout_tx_strn("H", 1); gc_init(/'
		;;
	stm32)
		script=$port_dir/boards/stm32f405.ld script_code='s/_minimum_stack_size = .*/_minimum_stack_size = 4K;/'
		board_make=$port_dir/boards/$board/mpconfigboard.mk frozen=extmod/asyncio/lock.py
		board_header=$port_dir/boards/$board/mpconfigboard.h header_board='s/"PYBv1.1"/"PYBv1.2"/'
		manifest=$port_dir/boards/manifest.py manifest_code='/onewire/d'
		pins=$port_dir/boards/$board/pins.csv pins_code='s/^LED_BLUE/LED_GREY/;s/^X1,/XX1,/'
		;;
	rp2)
		script=$port_dir/memmap_mp_rp2040.ld script_code='s/\(SCRATCH_X.*LENGTH = \)4k/\13k/'
		board_make=$port_dir/boards/$board/mpconfigboard.cmake board_flag='' frozen=extmod/asyncio/lock.py
		board_header=$port_dir/boards/$board/mpconfigboard.h header_board='s/"Raspberry Pi Pico"/"Raspberry Pie"/'
		manifest=$port_dir/boards/manifest.py manifest_code='/onewire/d'
		pins=$port_dir/boards/$board/pins.csv pins_code='s/^GP0,/GP00,/'
		assembly=shared/runtime/gchelper_thumb1.s
		port_make=$port_dir/CMakeLists.txt port_flag='# a remark'
		list_source='s|^ *main.c|&\n    history.c|'
		;;
	esac
}

# --- the groups ------------------------------------------------------------------------------------------------------

both() {
	"$1" "$2" "$3" && old "$2"
}

# And a remark elsewhere: the state of the start is in the store, and nothing would be built.
back_and_old() {
	back "$1" && old "$1" && append "$port_source" "/* back at $history_steps */"
}

history_of_sources() {
	step "a source" edit "$source_file" "$source_code"
	step "a source with a new name" edit "$source_file" "$source_name"
	step "a source without it, from before" back_and_old "$source_file"
	step "a source of the port, with an old date" both edit "$port_source" "$port_code"
	step "a header" edit "$header" "$header_code"
	step "a header with other words" edit "$header" "$header_name"
	step "a header from before" back_and_old "$header"
	edit "$source_file" "$source_name"
	append py/mpconfig.h '/* a remark */'
	step "a source and a header at once, with old dates" old "$source_file"
	if [ "$assembly" ]; then
		step "an assembler file" edit "$assembly" "$assembly_code"
		step "an assembler file from before" back_and_old "$assembly"
	fi
	back "$source_file"
	back py/mpconfig.h
	back "$port_source"
	step "sources and headers with new dates and the bytes of the start" append "$port_source" '/* the start */'
}

history_of_configuration() {
	step "the port's options" edit "$port_dir/mpconfigport.h" "1i $config_word"
	step "the port's options from before" back_and_old "$port_dir/mpconfigport.h"
	if [ "$board_header" ]; then
		step "the board's header, with an old date" both edit "$board_header" "$header_board"
	fi
	if [ "$board_flag" ]; then
		step "a flag of the board" append "$board_make" "$board_flag += -DMICROPY_PY_SYS_PS1_PS2=0 -DHISTORY=1"
	else
		step "the board's settings" append "$board_make" '# a remark'
	fi
	step "a flag of the port, with an old date" both append "$port_make" "$port_flag"
	step "the flags from before" back_and_old "$board_make"
	back "$port_make"
	step "a linker script" edit "$script" "$script_code"
	step "a linker script from before" back_and_old "$script"
	step "names of the port" append "$port_dir/qstrdefsport.h" 'Q(history_port)'
	step "a script that generates" append py/makeqstrdata.py '# a remark'
	if [ "$pins" ]; then
		step "the board's pins" edit "$pins" "$pins_code"
		step "the board's pins from before" back_and_old "$pins"
	fi
}

history_of_frozen() {
	step "a frozen module" append "$frozen" 'import sys'
	step "a frozen module from before" back_and_old "$frozen"
	step "a manifest with less" edit "$manifest" "$manifest_code"
	step "a manifest from before" back_and_old "$manifest"
}

add_source() {
	printf '#include "py/obj.h"\n\nint history_%s(void);\nint history_%s(void)\n{\n\treturn MP_QSTR_history_%s;\n}\n' \
		"$1" "$1" "$1" >"$history_tree/$port_dir/history.c"
}

history_of_files() {
	add_source one
	step "one source more" edit "$port_make" "$list_source"
	step "the new source again" add_source two
	rm "$history_tree/$port_dir/history.c"
	step "one source less" back "$port_make"
	mkdir -p "$history_tree/$port_dir/py"
	cp "$history_tree/$shadowed" "$history_tree/$port_dir/$shadowed"
	step "a header before another one" edit "$port_dir/$shadowed" "$shadow_code"
	step "a change of that" append "$port_dir/$shadowed" '/* a remark */'
	rm -r "${history_tree:?}/$port_dir/py"
	step "that header gone" append "$port_source" '/* a remark */'
	append "$port_source" 'int history_error = no such thing;'
	run "$MPFLASH" make -C "$history_tree" "$history_target"
	[ "$status" = 1 ] || bail "an error of the compiler and yet: $err"
	step "a build that failed, and its source as it was before" back "$port_source"
}

commit_at() {
	git -C "$history_tree" -c user.name=H -c user.email=h@example.org -c commit.gpgsign=false \
		commit -q --allow-empty -am "$1"
}

history_of_dates() {
	printf '#include <stddef.h>\n#include "py/mphal.h"\nvoid history_date(void);\n%s\n' \
		'void history_date(void) { mp_hal_stdout_tx_strn(__DATE__ __TIME__, 19); }' >"$T/dated"
	cat "$T/dated" >>"$history_tree/$port_source"
	edit "$port_source" 's/^int main(.*/void history_date(void);\n&/' 's/_init();/&\n\thistory_date();/'
	step "a source that holds the date" true
	GIT_AUTHOR_DATE='1700000000 +0000' GIT_COMMITTER_DATE='1700000000 +0000' commit_at "One day"
	step "a commit of another day, and another file" append "$header" '/* a remark */'
	GIT_AUTHOR_DATE='1710000000 +0000' GIT_COMMITTER_DATE='1710000000 +0000' commit_at "Another day"
	step "a third day" edit "$source_file" "$source_code"
	git -C "$history_tree" checkout -q -f "$history_start" || bail "no way back"
	step "the first commit again" true
}

# history TREE PORT BOARD [GROUP...]
history() {
	history_tree=$1 port=$2 board=$3
	shift 3
	[ $# -gt 0 ] || set -- sources configuration frozen files dates
	port_dir=ports/$port
	history_target=$port/$board
	history_start=$(git -C "$history_tree" rev-parse HEAD) || bail "$history_tree is no git checkout"
	if [ -e "$history_tree/py/objlist.c" ]; then name_real_files; else name_sample_files; fi
	[ "$script" ] || bail "nothing is known about the port $port"
	: >"$T/objects.before"
	history_work=
	run "$MPFLASH" make -C "$history_tree" "$history_target"
	[ "$status" = 0 ] || bail "the first build of $history_target: $err"
	history_work=$(find "$MPFLASH_CACHE/work" -maxdepth 2 -type d -name "$port-$board" | head -n 1)
	[ "$history_work" ] || bail "$history_target has no work folder"
	objects "$history_work" >"$T/objects.before"
	for history_group; do
		"history_of_$history_group"
	done
}

history_summary() {
	diag "$history_steps builds, $history_fresh of them from nothing:" \
		"$history_compiled objects compiled, $history_needless of them came out as they were;" \
		"from nothing each time it would be $history_objects"
}
