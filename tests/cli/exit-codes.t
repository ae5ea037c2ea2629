#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Exit statuses of every command: 0 done, 1 failed, 2 used wrongly, 130 interrupted. The table has a row for each command that the
# program has: a new one without a row fails.
. "$(dirname "$0")/lib.sh"
# shellcheck source=../emu/emu.sh
. "$TESTS_DIR/emu/emu.sh"
# shellcheck source=../net/lib.sh
. "$TESTS_DIR/net/lib.sh"
# shellcheck source=flash.sh
. "$TESTS_DIR/cli/flash.sh"
need python3 umockdev-wrapper git sqlite3
unset MPFLASH_PEERS MPFLASH_TEST_CACHE MPFLASH_TEST_VARIANT # the tests' own: to doctor they are mistakes
cd "$T" || exit
MPFLASH_FIRMWARE=$T/fw
export MPFLASH_FIRMWARE
mkdir fw bin none
slow=SLOW-20250809-v1.26.0.uf2
small_tree tree
git init -q other && git -C other -c user.name=t -c user.email=t@t commit -q --allow-empty -m none
site_start "$@"
page SLOW rp2 $slow
firmware $slow 300000
how $slow 'stall 1000'
page RPI_PICO rp2 RPI_PICO-20250809-v1.26.0.uf2 RPI_PICO-20250415-v1.25.0.uf2
firmware RPI_PICO-20250415-v1.25.0.uf2 300000
how RPI_PICO-20250415-v1.25.0.uf2 'stall 1000'
boot2 "$T/site/resources/firmware/RPI_PICO-20250809-v1.26.0" 26
rm -f "$T"/site/resources/firmware/*.bin
port_page rp2 RPI_PICO SLOW
cp "$T/site/resources/firmware/RPI_PICO-20250809-v1.26.0.uf2" firmware.uf2
head -c 100 /dev/urandom >noise.uf2
says new-pico RPI_PICO 'Raspberry Pi Pico with RP2040' v1.26.0
cp new-pico old-pico

# pyOCD's two lists, as far as the commands read them; `wait`: it says nothing
cat >bin/pyocd <<END
#!/bin/sh
if [ -e "$T/pyocd.wait" ]; then
	touch "$T/waits"
	exec sleep 100
fi
case " \$* " in
*--targets*) echo '{"pyocd_version":"0.46.0","version":{"major":1,"minor":2},"status":0,"targets":[{"name":"rp2040","vendor":"Raspberry Pi","part_families":[],"part_number":"RP2040","source":"builtin"}]}' ;;
*) echo '{"pyocd_version":"0.46.0","version":{"major":1,"minor":1},"status":0,"boards":[]}' ;;
esac
END
chmod +x bin/pyocd
cp bin/pyocd pyocd
PATH=$T/bin:$PATH

emu_start
emu_boards fs=lfs2

# --- what a row may want to be so: NAME: before its words

set_boots() {
	pico 1
	enters 1
}
set_pico() { pico 1; }
set_fs() {
	emu usb 1-2 2e8a:0005 serial=e6614c311b8a0002 cdc=ttyACM2
	emu link ttyACM2 "$(readlink "$T/fs")"
}
set_silent() {
	emu usb 1-8 2e8a:0005 serial=e6614c311b8a0008 cdc=ttyACM8
	emu board ttyACM8 silent
}
set_probe() { emu usb 2-1 0d28:0204 serial=0240000011112222 product=CMSIS-DAP if=ff/00/00:CMSIS-DAP; }
set_slow() { printf 'DELAY = 60\n# %s\n' "$number" >tree/ports/mini/boards/BLUE/delay.mk; }
set_wait() { touch pyocd.wait; }
set_nopyocd() { rm bin/pyocd; }
set_mistake() { export MPFLASH_NONSENSE=1; }
set_nocache() { MPFLASH_CACHE=$T/firmware.uf2/cache; }
set_damaged() {
	# the largest file of the store
	find "$MPFLASH_CACHE" -type f -path '*blobs*' -exec ls -S {} + | head -n 1 | while read -r blob; do
		chmod u+w "$blob"
		printf 'damage' | dd of="$blob" conv=notrunc 2>/dev/null
	done
}
set_badstore() {
	MPFLASH_CACHE=$T/bad
	mkdir -p bad && cp cache/index.db bad && sqlite3 bad/index.db 'PRAGMA user_version = 9999' # a later mpflash's
}
set_built() { "$MPFLASH" make -C tree RED >/dev/null 2>&1; }
set_none() { :; }

as_before() {
	for place in 1-1 1-2 1-8 2-1; do
		[ ! -e "$emu_root/sys/bus/usb/devices/$place" ] || emu remove "$place"
	done
	rm -f pyocd.wait waits
	cp pyocd bin/pyocd
	unset MPFLASH_NONSENSE
	MPFLASH_CACHE=$T/cache
	rm -f tree/ports/mini/boards/BLUE/delay.mk
}

# set_up WORDS: does what stands before them, and sets $words to the rest
set_up() {
	words=$1
	while :; do
		first=${words%%[ :]*}
		case $words in
		"$first: "* | "$first:") ;;
		*) break ;;
		esac
		[ -n "$first" ] || break
		"set_$first"
		words=${words#"$first":}
		words=${words# }
	done
}

# exits NAME WANT COMMAND WORDS: that exit status, an "error:" for 1 and 2, none for 0
exits() {
	set_up "$4"
	eval "run emu_run \"\$MPFLASH\" $3 $words"
	is "$1: exit status $2" "$status" "$2" || diag "mpflash $3 $words: $out $err"
	if [ "$2" = 0 ]; then
		unlike "$1: no error" "$err" '^error:'
	else
		is "$1: one error" "$(printf '%s\n' "$err" | grep -c '^error: ')" 1
	fi
	as_before
}

# One SIGINT, as a terminal sends it, when the moment has come: a shell's background jobs ignore it.
cat >interrupt.py <<'PYTHON'
import os, re, signal, subprocess, sys, time
kind, _, value = sys.argv[1].partition(" ")
files = {"asks": os.environ["SITE_LOG"], "event": os.environ["RIG_LOG"], "says": "said", "waits": "waits"}
pattern = {"asks": value, "event": "^" + re.escape(value) + "$", "says": value, "waits": ""}.get(kind)
start = os.path.getsize(files[kind]) if kind in ("asks", "event") else 0
with open("said", "w") as said:
    p = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE, stdout=said, stderr=said,
                         preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
def has_come():
    if kind == "soon":
        time.sleep(1)
        return True
    if not os.path.exists(files[kind]):
        return False
    with open(files[kind], errors="replace") as f:
        f.seek(start)
        return re.search(pattern, f.read(), re.M)
end = time.monotonic() + 60
while not has_come() and p.poll() is None and time.monotonic() < end:
    time.sleep(0.02)
if p.poll() is not None:
    sys.exit("it ended with %d before it was interrupted: %s" % (p.returncode, open("said").read()))
p.send_signal(signal.SIGINT)
p.wait(60)
print(128 - p.returncode if p.returncode < 0 else p.returncode)
PYTHON

# stops NAME COMMAND WORDS @ MOMENT
stops() {
	set_up "${3% @ *}"
	# shellcheck disable=SC2034 # eval reads it
	moment=${3##* @ }
	SITE_LOG=$site_log RIG_LOG=$emu_dir/log
	export SITE_LOG RIG_LOG
	eval "run emu_run python3 interrupt.py \"\$moment\" \"\$MPFLASH\" $2 $words"
	is "$1: exit status 130" "$out" 130 || diag "mpflash $2 $words: $err $(cat said)"
	as_before
}

# --- the table

# COMMAND | words of a success | of a failure | of a usage error | of a run that is interrupted @ when. "- REASON": there is none.
# When: `event LINE` of the rig, `asks ERE` the site, `says ERE`, `waits` (pyOCD was started), `soon`.
rows() {
	cat <<'END'
|--version|- only its commands fail|--frobnicate|- only its commands wait
add|firmware.uf2 --board RPI_PICO --version v1.26.0|missing.uf2||"$site/resources/firmware/$slow" @ asks SLOW-
boards|-C tree|-C other|-C tree --format nonsense|- reads files only
boards update|-C tree|-C none|one two|- reads files only
bootloader|boots: -s ttyACM1 --method mpy --no-probe|-s ttyACM7|one two|pico: -s ttyACM1 --method mpy --only --no-probe @ event bootloader ttyACM1
build|-C tree RED|-C tree NONE|-C tree|slow: -C tree BLUE @ says ^compile .*BLUE.*\.\.\.
cache|- only its subcommands do anything|- only its subcommands fail|nonsense|- only its subcommands do anything
cache export|-C tree -o boards.tar.zst RED|-C tree -o firmware.uf2/x RED|--nonsense|- copies files only
cache gc||nocache:|--max-size much|- removes files only
cache import|boards.tar.zst|missing.tar.zst||- copies files only
cache stats||badstore:|one|- reads files only
cache verify||damaged:|one|- reads files only
clean|-C tree RED|-C tree NONE|-C tree|- removes files only
completion|bash|- nothing to fail by|csh|- prints only
convert|firmware.uf2 firmware.hex|noise.uf2 out.hex|firmware.uf2|--from bin --base 0 - out.hex @ soon
doctor||mistake:|one|- asks nothing that waits
download|-b RPI_PICO|-b NONE|-b RPI_PICO --version nonsense|-b SLOW @ asks SLOW-
erase|fs: -y -s ttyACM2|-y -s ttyACM7|one two|silent: -y @ event open ttyACM8
flash|boots: -b RPI_PICO -v 1.26.0 -s ttyACM1 --force|-b RPI_PICO -s ttyACM7|--erase --format|pico: -b RPI_PICO -v 1.25.0 -s ttyACM1 @ asks 1\.25\.0
format|fs: -y -s ttyACM2|-y -s ttyACM7|one two|silent: -y @ event open ttyACM8
graph|-C tree RED|-C tree NONE|-C tree|- reads files only
info|firmware.uf2|missing.uf2||--from bin --base 0 - @ soon
list|fs:|-s ttyACM7|one|silent: @ event open ttyACM8
list-probes|probe:|none:|one|wait: probe: --detect-targets @ waits
log|built: -C tree RED|-C tree NONE|-C tree|- reads files only
make|-C tree RED|-C tree NONE|-C tree|slow: -C tree BLUE @ says ^compile .*BLUE.*\.\.\.
plugins||--rules missing.rules|--format nonsense|- reads files only
pyocd-info||nopyocd:|one|wait: @ waits
pyocd-targets||-t nothing|one|wait: @ waits
rebuild|-C tree RED|-C tree NONE|-C tree|slow: -C tree BLUE @ says ^compile .*BLUE.*\.\.\.
repl|fs: -s ttyACM2|-s ttyACM7|one two|- hands Ctrl-C to the board (repl.t)
reset|fs: -s ttyACM2|-s ttyACM7|one two|silent: -s ttyACM8 @ event open ttyACM8
size|firmware.uf2|missing.elf||- @ soon
why|-C tree RED|-C tree NONE|-C tree|- reads files only
END
}

# Its own list has every command and subcommand, the table too.
is 'each command has a row' "$(rows | sed -n 's/^\([a-z][^|]*\)|.*/\1/p' | sort)" \
	"$("$MPFLASH" man | sed -n 's/^\.Ss "\\&mpflash \(.*\)"$/\1/p' | sed 's/\\-/-/g' | sort)"
rows >table
number=0
while IFS='|' read -r command success failure usage wait <&4; do
	number=$((number + 1))
	name=${command:-mpflash}
	case $success in '- '*) ;; *) exits "$name" 0 "$command" "$success" ;; esac
	case $failure in '- '*) ;; *) exits "$name" 1 "$command" "$failure" ;; esac
	case $usage in '- '*) ;; *) exits "$name" 2 "$command" "$usage" ;; esac
	case $wait in
	*' @ '*) stops "$name" "$command" "$wait" ;;
	'- '*) ;;
	*) bail "$name: what of an interruption?" ;;
	esac
done 4<table
for command in complete man; do
	run "$MPFLASH" $command --nonsense
	is "$command, for programs: exit status 2" "$status" 2
done
run "$MPFLASH" nonsense
is 'a command that there is not: exit status 2' "$status" 2
emu_stop
done_testing
