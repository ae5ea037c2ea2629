# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# Emulated devices for command-line tests. To be read after tests/cli/lib.sh; README.md has the lines and the kinds.
#
#	emu_start            starts the rig in $T/emu; it ends with the test
#	emu LINE             one line for it ("usb 1-4 2e8a:0005 cdc=ttyACM0"); bails when it is refused
#	emu_run CMD...       runs a program that sees the emulated /sys and /dev: run emu_run "$MPFLASH" list; where mpflash is started
#	                     by another one (run emu_run setpriv ... "$MPFLASH" list) mpflash alone does
#	emu_other CMD...     the same for programs that are not mpflash: python3, cat
#	emu_log              what happened to the devices so far: opened ports, modem lines, touches, what boards told
#	emu_saw EVENT [MS]   waits (5000 ms) until the log has that line
#	emu_stop             ends the rig before the test does
#	emu_microbit         MicroPython 1.0.1 in QEMU's micro:bit; $emu_pty is its serial line
#	emu_wasm_words       sets $emu_wasm, the words for `board PORT exec $emu_wasm`: MicroPython of npm in node; returns 1 with $why
#	                     when it cannot be had (needs tests/peers/lib.sh)
#	emu_unix             sets $emu_unix: `board PORT exec $emu_unix rp2 VfsLfs2 $T/LOG` is a board whose interpreter and file systems are those
#	                     of MicroPython's Unix port (unix-board.py has the words); returns 1 as above
#	emu_boards WORD...   boards of boards.py on ptys: $T/NAME leads to each, $T/NAME.log tells; they end with the test
#	emu_uf2 DIR [WORDS]  a UF2 drive at DIR (FUSE; emu_uf2.c has the words)

emu_programs=${MPFLASH%/mpflash}
emu_programs=${emu_programs%/obj/san}/obj/plain/tests/emu

emu_start() {
	emu_dir=$T/emu
	mkdir "$emu_dir"
	[ -x "$emu_programs/emu_rig" ] || bail "no $emu_programs/emu_rig; ninja makes it where umockdev is"
	umockdev-wrapper "$emu_programs/emu_rig" "$emu_dir" >"$emu_dir/out.txt" 2>&1 </dev/null &
	emu_pid=$!
	emu_tries=0
	until [ -s "$emu_dir/root" ]; do
		emu_tries=$((emu_tries + 1))
		[ "$emu_tries" -lt 500 ] || bail "the rig does not start: $(cat "$emu_dir/out.txt")"
		sleep 0.02
	done
	emu_root=$(cat "$emu_dir/root")
	# A sanitized program wants its runtime before every other library.
	emu_preload=$(ldd "$MPFLASH" 2>/dev/null | awk '/libasan/ { printf "%s:", $3 }')libumockdev-preload.so.0
	# shellcheck disable=SC2016 # the script's
	printf '#!/bin/sh\nexport LD_PRELOAD=%s\nexec "$MPFLASH" "$@"\n' "$emu_preload" >"$emu_dir/mpflash"
	chmod +x "$emu_dir/mpflash"
}

emu() {
	printf '%s\n' "$*" >"$emu_dir/in"
	read -r emu_answer <"$emu_dir/out"
	[ "$emu_answer" = ok ] || bail "rig: $* -> $emu_answer"
}

# without_log OPTIONS: a sanitizer's report in a file of its own and umockdev's library do not go together: it opens the file
# before the library is ready, and crashes.
without_log() {
	printf '%s' "$1" | sed 's/log_path=[^:]*:\{0,1\}//'
}

# A sanitizer's runtime in others' programs would find their faults: only mpflash itself has it.
emu_run() {
	for emu_word; do
		shift
		[ "$emu_word" != "$MPFLASH" ] || emu_word=$emu_dir/mpflash
		set -- "$@" "$emu_word"
	done
	ASAN_OPTIONS=$(without_log "${ASAN_OPTIONS-}") UBSAN_OPTIONS=$(without_log "${UBSAN_OPTIONS-}") \
		LSAN_OPTIONS=$(without_log "${LSAN_OPTIONS-}") UMOCKDEV_DIR=$emu_root "$@"
	emu_status=$?
	# so that tests/one sees it where the test does not look
	emu_report=$(printf '%s' "${ASAN_OPTIONS-}" | sed -n 's/.*log_path=\([^:]*\).*/\1/p')
	[ "$emu_status" != 86 ] || [ -z "$emu_report" ] ||
		printf 'a sanitizer ended it, and told so on standard error: %s\n' "$*" >"$emu_report.emu"
	return "$emu_status"
}

emu_other() {
	UMOCKDEV_DIR=$emu_root LD_PRELOAD=libumockdev-preload.so.0 "$@"
}

emu_log() {
	cat "$emu_dir/log"
}

emu_saw() {
	emu_tries=0
	until grep -qxF -e "$1" "$emu_dir/log"; do
		emu_tries=$((emu_tries + 20))
		[ "$emu_tries" -le "${2:-5000}" ] || return 1
		sleep 0.02
	done
}

emu_stop() {
	kill "$emu_pid" 2>/dev/null
	wait "$emu_pid" 2>/dev/null
	rm -rf "$emu_dir"
}

emu_microbit() {
	emu_hex=/usr/share/firmware-microbit-micropython/firmware.hex
	[ -r "$emu_hex" ] || bail "$emu_hex is not here; ./configure --deps test installs it"
	mkdir -p "$T/microbit"
	qemu-system-arm -M microbit -device "loader,file=$emu_hex" -display none -monitor none -serial pty \
		-name "$T/microbit" >"$T/microbit/out" 2>&1 </dev/null &
	emu_tries=0
	until emu_pty=$(sed -n 's/^char device redirected to \([^ ]*\).*/\1/p' "$T/microbit/out" 2>/dev/null) && [ -n "$emu_pty" ]; do
		emu_tries=$((emu_tries + 1))
		[ "$emu_tries" -lt 500 ] || bail "QEMU does not start: $(cat "$T/microbit/out")"
		sleep 0.02
	done
}

# They end when the test's shell does, which holds their standard input open.
emu_boards() {
	mkfifo "$T/boards.in"
	(cd "$T" && exec python3 "$TESTS_DIR/emu/boards.py" "$@" <"$T/boards.in" >"$T/boards.out" 2>"$T/boards.err") &
	exec 8>"$T/boards.in"
	emu_tries=0
	until grep -qx ready "$T/boards.out" 2>/dev/null; do
		emu_tries=$((emu_tries + 1))
		[ "$emu_tries" -lt 500 ] || bail "boards.py does not start: $(cat "$T/boards.err")"
		sleep 0.02
	done
}

# shellcheck disable=SC2034 # for the test to read
emu_wasm_words() {
	peer_micropython || return 1
	emu_wasm="node $TESTS_DIR/emu/wasm-board.mjs $NODE_PATH/@micropython/micropython-webassembly-pyscript"
}

# shellcheck disable=SC2034 # for the test to read
emu_unix() {
	peer_unix || return 1
	emu_unix="$PEER_UNIX $TESTS_DIR/emu/unix-board.py"
}

emu_uf2() {
	"$emu_programs/emu_uf2" "$@"
}
