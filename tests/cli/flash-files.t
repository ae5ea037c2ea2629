#!/bin/sh
# SPDX-License-Identifier: MIT
#
# --files DIR: a folder's files on the board's file system behind the flash, the same in each byte; what is there already is left alone, and
# what cannot be is told. The board's interpreter and file systems are MicroPython's own.
# Runs sanitized: it takes its time.
. "$(dirname "$0")/lib.sh"
# shellcheck source=../emu/emu.sh
. "$TESTS_DIR/emu/emu.sh"
# shellcheck source=../peers/lib.sh
. "$TESTS_DIR/peers/lib.sh"

need python3 umockdev-wrapper
emu_unix || skip_all "$why"
cd "$T" || exit
emu_start

# A tool that says that it is done: what is on trial is what comes then.
cat >copy.rules <<'END'
runner copy
  program = ./copy
  formats = bin
  flash = write $port $file
port samd
  board BOARD
    flash = copy
    flash.base = 0x2000
port rp2
  board BOARD
    flash = copy
    flash.base = 0x10000000
port stm32
  board BOARD
    flash = copy
    flash.base = 0x08000000
END
printf '#!/bin/sh\necho "$@" >>"%s/words"\n' "$T" >copy
chmod +x copy
python3 - <<'END'
import os, random, struct
for port, base in ('samd', 0x2000), ('stm32', 0x08000000), ('rp2', 0x20000000):
    open(port + '.bin', 'wb').write(struct.pack('<16I', 0x20001000, *[base + 0x101] * 15) + bytes(range(256)) * 8)
random.seed(1)
for path, data in (
    ('main.py', b'print("hello")\n'),
    ('lib/net/http.py', b'# http\n' * 300),
    ('lib/empty.py', b''),
    ('data/every byte.bin', bytes(range(256)) * 20),
    ('data/it\'s ä.txt', 'grüße\n'.encode()),
    ('data/random.bin', random.randbytes(9001)),
    ('.git/config', b'not for a board'),
    ('lib/__pycache__/x.pyc', b'nor this'),
):
    os.makedirs('app/' + os.path.dirname(path), exist_ok=True)
    open('app/' + path, 'wb').write(data)
END
# wanted PLACE: what a board has to have, as its log tells it
wanted() {
	(cd app && find . -type f ! -path '*/.*/*' ! -path '*/__pycache__/*' -exec sha256sum {} +) |
		sed "s,^\([0-9a-f]*\)  \./\(.*\),file ${1%/}/\2 \1," | LC_ALL=C sort
}
# has LOG: the files at its last start, which it may be about still
has() {
	until [ "$(grep -Ex 'booted|soft reset' "$1" | tail -n 1)" = booted ]; do
		has_tries=$((${has_tries-0} + 1))
		[ "$has_tries" -lt 500 ] || bail "it does not start: $1"
		sleep 0.02
	done
	awk '/^boot / { text = "" } /^file/ { text = text $0 "\n" } END { printf "%s", text }' "$1" | LC_ALL=C sort
}
# board PORT KIND IDS [bare]: the next one, at ttyACM$n
n=0
board() {
	n=$((n + 1))
	emu usb 1-$n "$3" serial=A00$n cdc=ttyACM$n
	# shellcheck disable=SC2086
	emu board ttyACM$n exec $emu_unix "$1" "$2" "$T/log$n" ${4-}
}
# put [OPTION...]: onto the last board
put() {
	rm -f words
	run emu_run "$MPFLASH" make --rules copy.rules --image "$image" --serial "/dev/ttyACM$n" --files app --allow boot2-crc \
		--allow address --allow vectors "flash-$port/BOARD" "$@"
}

while read -r port kind place ids bare; do
	image=$port.bin name="$port $kind${bare:+ $bare}"
	board "$port" "$kind" "$ids" "$bare"
	put
	is "$name: exit status" "$status" 0 || diag "$err"
	like "$name: flashed first" "$(cat words)" '^write /dev/ttyACM[0-9]+ firmware\.bin$'
	like "$name: told" "$err" "$port/BOARD on ttyACM[0-9]: done .*; 6 files written \(16244 bytes\), 0 were there already"
	is "$name: byte for byte, and nothing else" "$(has "log$n" | grep -v boot.py)" "$(wanted "$place")"
	ok "$name: what was there before stays" grep -q "^file ${place%/}/boot.py" "log$n"
	put
	is "$name: again: exit status" "$status" 0 || diag "$err"
	like "$name: again: nothing is written" "$err" '; 0 files written \(0 bytes\), 6 were there already$'
done <<'END'
samd VfsLfs1 / 239a:801b
rp2 VfsLfs2 / 2e8a:0005
stm32 VfsFat /flash f055:9800
samd VfsLfs2 / 239a:801b bare
END

port=samd place=/

# --- one file changed; the board has the firmware ---
ok 'a board with its firmware is not flashed for its files' test ! -e words
printf 'print("changed")\n' >app/main.py
put
is 'one changed: exit status' "$status" 0 || diag "$err"
like 'one changed: one written' "$err" '; 1 file written \(17 bytes\), 5 were there already$'
unlike 'one changed: no board is counted as flashed' "$err" '^[0-9]+ flashed'
is 'one changed: it is there' "$(has "log$n" | grep -v boot.py)" "$(wanted "$place")"
put -n
like '-n says it' "$err$out" 'its files are looked at'

# --- what cannot be ---
head -c 200000 /dev/zero >app/big.bin
before=$(has "log$n")
put
is 'no room: exit status' "$status" 1
like 'no room: which file' "$err" '^error: samd/BOARD flash.*: files: big\.bin: there is no room for it on the board$'
is 'no room: the others are as they were, and no half file is there' "$(has "log$n")" "$before"
rm app/big.bin
# What is left of 24 blocks of 4096 has room for one of these, not for two.
head -c 24000 /dev/urandom >app/half.bin
put
is 'half of the room: exit status' "$status" 0 || diag "$err"
head -c 24000 /dev/urandom >app/half.bin
put
is 'half of the room, again: exit status' "$status" 0 || diag "$err"
is 'half of the room, again: the new one' "$(has "log$n" | grep half)" "$(wanted "$place" | grep half)"
rm app/half.bin
mkdir app/main.py.d && mv app/main.py app/main.py.d/ && mv app/main.py.d app/boot.py
put
is 'a folder where a file is: exit status' "$status" 1
like 'a folder where a file is: told' "$err" 'boot\.py'
rm -r app/boot.py
put --files /nowhere
is 'a folder that is not there: exit status' "$status" 1
like 'a folder that is not there: told' "$err" '/nowhere'
ln -s ../app app/loop
rm -f words
put -B
is 'a link to a folder: exit status' "$status" 1
like 'a link to a folder: told' "$err" 'app/loop is a link to a folder$'
ok 'it is told before anything is flashed' test ! -e words
rm app/loop
: >'app/what?.txt'
put -B
like 'a name that FAT cannot have' "$err" "what\?\.txt: a board's file system cannot have a file of that name$"
ok 'that, too' test ! -e words
rm 'app/what?.txt'

# --- mpflash flash has it too; --format goes before it ---
front() {
	run emu_run "$MPFLASH" flash -x --rules copy.rules --image "$PWD/samd.bin" --board BOARD --port samd --method copy --serial "/dev/ttyACM$n" --files app "$@"
}
front
is 'flash --files: exit status' "$status" 0 || diag "$err"
like 'flash --files: told' "$err" '; 0 files written \(0 bytes\), 5 were there already$'
front --format
is 'flash --format --files: exit status' "$status" 0 || diag "$err"
like 'flash --format --files: formatted' "$out" '^/dev/ttyACM4: formatted: '
like 'flash --format --files: all were put again' "$out" '^/dev/ttyACM4: 5 files written \(16[0-9]* bytes\), 0 were there already$'
is 'flash --format --files: they are there, and nothing else' "$(has "log$n")" "$(wanted "$place")"
front --format --files /nowhere
is 'flash --format --files: a folder that is not there' "$status" 1
is 'flash --format --files: told before the format' "$(has "log$n")" "$(wanted "$place")"

# --- what a board with its user's own firmware remembers of it goes into its board_info.toml, which is its owner's ---
MPFLASH_FIRMWARE=$T/fw
export MPFLASH_FIRMWARE
mkdir fw own
run "$MPFLASH" add --board BOARD --port samd --version v1.29.0 --description 'Built "by hand"' samd.bin
is 'a custom firmware is added' "$status" 0 || diag "$err"
python3 - <<'END'
notes = ''.join('note%03d = "what its owner wrote: grüße"\n' % i for i in range(250)) # more than anybody asks for
old = 'description = "as it was"\n' + notes + '[mpflash]\nignore = false\nboard_id = "OLD"\n[wifi]\nboard_id = "stays"'
new = 'description = "Built \\"by hand\\""\n' + notes + '[mpflash]\nboard_id = "BOARD"\ncustom_id = "BOARD"\nignore = false\n[wifi]\nboard_id = "stays"\n'
open('own/board_info.toml', 'w').write(old)
open('new.toml', 'w').write(new)
END
custom() {
	run emu_run "$MPFLASH" flash --offline --rules copy.rules --board BOARD --port samd --method copy --serial "/dev/ttyACM$n" --custom -v 1.29.0 "$@"
}
info() { # the digest of the board's file
	has "log$n" | sed -n 's,^file /board_info.toml ,,p'
}
put --files own
custom -f
is '--custom: exit status' "$status" 0 || diag "$err"
mkdir none && put --files none # so that it starts again
is '--custom: a long board_info.toml keeps each of its other lines' "$(info)" "$(sha256sum <new.toml | cut -d' ' -f1)"
printf 'no text: \377\376\n' >own/board_info.toml
put --files own
custom -f
is '--custom: a board_info.toml that is no text: exit status' "$status" 1
like '--custom: a board_info.toml that is no text: told' "$err" 'board_info\.toml cannot be (read|changed)'
put --files none
is '--custom: a board_info.toml that is no text stays' "$(info)" "$(sha256sum <own/board_info.toml | cut -d' ' -f1)"
custom -f --json
is '--custom --json: exit status' "$status" 1
like '--custom --json: which board, and why' "$err" '^/dev/ttyACM4: board_info\.toml cannot be '
not_ok '--custom --json: nothing but events' grep -qv '^{' <<END
$out
END

# --- a board without a file system ---
emu_boards a=pico
emu usb 2-1 2e8a:0005 serial=e6614c311b8a0001 cdc=ttyACM9
emu link ttyACM9 "$(readlink "$T/a")"
sed 's/board BOARD/board RPI_PICO/' copy.rules >pico.rules
run emu_run "$MPFLASH" make --rules pico.rules --image rp2.bin --serial /dev/ttyACM9 --files app --allow boot2-crc --allow address \
	--allow vectors flash-rp2/RPI_PICO
is 'no file system: exit status' "$status" 1
like 'no file system: what the board says' "$err" "^error: .*: files, with the firmware written: the board says 'ImportError"
like 'no file system: what to do' "$err" '^hint: .*mpflash format'
emu_stop
done_testing
