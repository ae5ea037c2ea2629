#!/bin/sh
# SPDX-License-Identifier: MIT
#
# make --audit: what was made, against the same made from nothing, elsewhere and with the same stamp.
. "$(dirname "$0")/lib.sh"
need arm-none-eabi-gcc

sample_tree "$T/tree"
make_board() {
	run "$MPFLASH" make -C "$T/tree" "$@" MPS2_AN385
}

make_board -n --audit
is "with -n it does nothing" "$status" 0
unlike "and does not say that it would have" "$err" 'audit'

make_board --audit
is "after a first build it finds no difference" "$status" 0
like "and names what it compared" "$err" \
	'^audit    qemu/MPS2_AN385: done in .*: from nothing the same: firmware.elf, firmware.bin$'

git -C "$T/tree" -c user.name=A -c user.email=a@example.org commit -q --allow-empty -m 'Nothing that a board reads'
make_board --audit
is "a result with the stamp of an earlier commit is audited with that" "$status" 0
like "although nothing was built" "$err" '^compile  qemu/MPS2_AN385: nothing to do'

# An object that is not what its source says, as a work folder must never have one.
object=$(find "$T/cache/work" -path '*qemu-MPS2_AN385/py/runtime.o')
is "the board's folder is kept" "$([ -f "$object" ] && echo yes)" yes
tick
sed 's/NameError/NameErrer/' "$object" >"$object.new" && mv "$object.new" "$object"
printf '\n' >>"$T/tree/ports/qemu/main.c"
make_board
is "make itself does not see it" "$status" 0
make_board --audit --junit "$T/results.xml"
is "the audit fails" "$status" 1
like "also for those who read the results" "$(cat "$T/results.xml")" '<error .*message=".*qemu/MPS2_AN385'
like "says for what" "$err" '^error: .*qemu/MPS2_AN385.*: a build from nothing makes something else$'
like "names the file, the first address and how many bytes" "$err" \
	'^  firmware.bin: 1 byte differs, the first at offset 0x0000[0-9a-f]{4}$'
like "of an ELF what it loads" "$err" '^  firmware.elf: 1 byte differs, the first at 0x0000[0-9a-f]{4}$'
like "and what to do" "$err" '^hint: .*mpflash make -B'
run "$MPFLASH" make -C "$T/tree" --json --audit MPS2_AN385
like "readers of events are told too" "$out" '"event":"fail".*"step":"audit".*firmware.bin'
make_board -B --audit
is "-B makes it right" "$status" 0 || diag "$err"
is "nothing of it stays" "$(find "$T/cache" -name '*audit*')" ''

# make's dependency files name the objects by the folder's path: one that was moved knows nothing of who reads what.
mv "$T/cache" "$T/moved"
MPFLASH_CACHE=$T/moved
printf '#include "py/qstr.h"\nint sorts_first(void);\nint sorts_first(void) { return MP_QSTR_AAAA_first; }\n' \
	>>"$T/tree/ports/qemu/main.c"
make_board --explain --audit
is "a source with a new QSTR, after the cache was moved" "$status" 0 || diag "$err"
unlike "the folder was not gone on with" "$err" 'qemu/MPS2_AN385.* is gone on with'
mv "$T/moved" "$T/cache"
MPFLASH_CACHE=$T/cache

printf 'syntax error\n' >>"$T/tree/ports/qemu/main.c"
make_board --audit
is "nothing is audited when make fails" "$status" 1
unlike "and nothing said of it" "$err" 'audit'

done_testing
