#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Many boards at once: patterns, --exclude, --shard, the table of results, --junit and -k.
. "$(dirname "$0")/lib.sh"
need git make arm-none-eabi-gcc python3

# Of the events on standard input: the boards whose compile step is planned.
planned() {
	python3 -c '
import json, sys
print(" ".join(sorted(e["target"] for e in map(json.loads, sys.stdin) if e["event"] == "plan" and e["step"] == "compile")))'
}

plan_is() {
	plan_name=$1 plan_want=$2
	shift 2
	run "$MPFLASH" make -n --json "$@"
	is "$plan_name" "$(printf '%s\n' "$out" | planned)" "$plan_want"
}

# junit FILE: as python's parser reads it: one line a case, and the counts of suites checked against their cases
junit() {
	python3 - "$1" <<'PYTHON'
import sys, xml.etree.ElementTree as ET
root = ET.parse(sys.argv[1]).getroot()
assert root.tag == "testsuites", root.tag
total = 0
for suite in root:
    cases = suite.findall("testcase")
    total += len(cases)
    assert int(suite.get("tests")) == len(cases)
    for tag, name in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        assert int(suite.get(name)) == sum(c.find(tag) is not None for c in cases), name
    assert abs(float(suite.get("time")) - sum(float(c.get("time")) for c in cases)) < 0.0015
    for c in cases:
        how = [t for t in ("failure", "error", "skipped") if c.find(t) is not None]
        outcome = c.find("properties/property[@name='outcome']")
        print(suite.get("name"), c.get("name"), how[0] if how else "passed",
              outcome.get("value") if outcome is not None else "",
              "0" if float(c.get("time")) == 0 else "timed", sep="|")
assert int(root.get("tests")) == total
PYTHON
}

small_tree "$T/tree"
cd "$T/tree" || exit

# --- patterns ---

plan_is 'a pattern stands for boards and variants' 'mini/RED mini/RED-DARK' 'R*'
plan_is 'with a port' 'mini/BLUE mini/RED mini/RED-DARK' 'mini/*'
plan_is 'a pattern of ports' 'mini/BLUE' 'm?ni/[AB]*'
plan_is 'several words may stand for one board' 'mini/BLUE mini/RED mini/RED-DARK' '*R*' '*E*' BLUE
plan_is '--exclude' 'mini/RED' all --exclude '*-DARK' --exclude mini/BLUE
plan_is '--exclude of a board that was named' 'mini/RED' RED BLUE --exclude 'B*'
run "$MPFLASH" make -n 'hex-*-DARK'
is 'a format of those that fit' "$(printf '%s\n' "$err" | grep -c '^hex ')" 1
run "$MPFLASH" make -n 'GREEN*'
is 'a pattern that nothing fits' "$status" 1
like 'is told' "$err" "^error: no board fits 'GREEN\*'"
run "$MPFLASH" make -n 'BLEU*'
like 'with near names' "$err" "^hint: did you mean 'BLUE\*'"
run "$MPFLASH" make -n all --exclude '*'
is 'nothing left' "$status" 1
like 'is told too' "$err" '^error: --exclude leaves none'
run "$MPFLASH" make -n all --exclude PURPLE
like 'an --exclude that excludes nothing is told' "$err" '^note: --exclude PURPLE: no board'
run "$MPFLASH" log 'R*'
is 'one board is wanted elsewhere' "$status" 2
like 'a pattern stands for several' "$err" "'R\*' stands for 2 boards"

mkdir -p ports/other/boards/THING && echo '{}' >ports/other/boards/THING/board.json
printf 'port other\n  unsupported = it is built elsewhere\n' >"$T/other.rules"
run "$MPFLASH" make -n --rules "$T/other.rules" '*/*' '*/T*' all --json
is 'boards that are not covered are no failure' "$status" 0
is 'and told once' "$(printf '%s\n' "$out" | grep -c 'left out: the port .other. is not covered')" 1
run "$MPFLASH" make -n --rules "$T/other.rules" 'other/*'
is 'but nothing at all is one' "$status" 1
run "$MPFLASH" log --rules "$T/other.rules" 'other/*'
is 'elsewhere too' "$status" 1
rm -r ports/other

# --- the table ---

run "$MPFLASH" make all
is 'all' "$status" 0
like 'a row for each board' "$err" '^mini/RED-DARK +built +[0-9.]+ s +[0-9.]+ kB$'
like 'and their number' "$err" '^3 boards: 3 built$'
run "$MPFLASH" make all
like 'nothing to do' "$err" '^3 boards: 3 up to date$'
run "$MPFLASH" make RED
unlike 'one board has no table' "$err" 'up to date$'

echo 'int broken = ;' >>ports/mini/boards/BLUE/board.c
echo '/* a remark */' >>ports/mini/main.c
run "$MPFLASH" make all -k --junit "$T/results.xml"
is '-k: exit status' "$status" 1
like 'the others are built' "$err" '^3 boards: 2 built, 1 failed$'
like 'the first error' "$err" '^mini/BLUE +failed .*board.c:3:14: error: expected expression'
like 'where the log is' "$err" "^  log: $T/cache/log/.*/mini-BLUE/compile.log\$"
like 'one that was built' "$err" '^mini/RED +built '
is 'JUnit XML' "$(junit "$T/results.xml")" 'mini|BLUE|failure|failed|timed
mini|RED|passed|built|timed
mini|RED-DARK|passed|built|timed'
run "$MPFLASH" make all -k --json
is '--json: an event for each' "$(printf '%s\n' "$out" | python3 -c '
import json, sys
for e in map(json.loads, sys.stdin):
    if e["event"] == "result":
        print(e["target"], e["outcome"], "size" in e, "log" in e, e.get("step"))')" 'mini/BLUE failed False True compile
mini/RED up to date True False None
mini/RED-DARK up to date True False None'
is 'no table then' "$(printf '%s\n' "$err" | grep -c '^3 boards')" 0
echo '/* another */' >>ports/mini/main.c
run "$MPFLASH" make -j1 BLUE RED RED-DARK --junit "$T/results.xml"
is 'without -k the first failure ends the run' "$status" 1
like 'not tried' "$err" '^3 boards: .*1 failed.*not tried'
like 'skipped' "$(junit "$T/results.xml")" '^mini\|RED(-DARK)?\|skipped\|not tried\|0$'
git checkout -q .

# --- what is done, and not built ---

run "$MPFLASH" make clean-RED clean-BLUE
like 'a board that was cleaned was not built' "$err" '^mini/RED +done '
like 'nor counted so' "$err" '^2 boards: 2 done$'
run "$MPFLASH" make BLUE
run "$MPFLASH" make clean-BLUE RED
like 'beside one that there was nothing to do for' "$err" '^2 boards: 1 done, 1 up to date$'
run "$MPFLASH" make all

# --- a terminal: lines fit ---

need script stty
for columns in 40 72 100; do
	echo 'int broken = ;' >>ports/mini/boards/BLUE/board.c
	script -qec "stty cols $columns; '$MPFLASH' make all -k" "$T/typescript" >/dev/null </dev/null
	ok "$columns columns: no line of the table is longer" python3 -c '
import re, sys
text = open(sys.argv[1], encoding="utf-8", errors="replace").read().replace("\r\n", "\n")
text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\r", "", text)
table = text[text.rindex("\nboard "):text.index("\n3 boards")].split("\n")
assert len(table) >= 5, table
assert all(len(line) <= max(int(sys.argv[2]), 53) for line in table), table' "$T/typescript" "$columns"
	git checkout -q .
done

# --- JUnit: whatever the log has, whatever happens ---

# shellcheck disable=SC2016 # for make
printf '$(info \033[31m ]]> <&" \001\377\376 \357\277\277 end)\n$(error no\tway)\n' >ports/mini/boards/BLUE/delay.mk
run "$MPFLASH" make BLUE RED -k --junit "$T/results.xml"
is 'a log of any bytes' "$(junit "$T/results.xml")" 'mini|BLUE|failure|failed|timed
mini|RED|passed|up to date|0'
like 'its end is in the failure' "$(python3 -c '
import sys, xml.etree.ElementTree as ET
print(ET.parse(sys.argv[1]).getroot().find(".//failure").text)' "$T/results.xml")" '\]\]> <&" .* end'
git clean -fdq ports
run "$MPFLASH" make NOSUCH --junit "$T/results.xml"
is 'a run that ends before it begins' "$(junit "$T/results.xml")" 'mpflash|make|error||0'
echo 'nonsense here' >>mpflash.rules
echo old >"$T/results.xml"
run "$MPFLASH" make RED --junit "$T/results.xml"
is 'rules that cannot be read: exit status' "$status" 1
is 'are in the results too' "$(junit "$T/results.xml")" 'mpflash|make|error||0'
git checkout -q mpflash.rules
run "$MPFLASH" make RED --junit "$T/missing/results.xml"
is 'a folder that is not there is told first' "$status$out" 1
like 'with a way out' "$err" "^hint: mkdir -p '$T/missing'"
run "$MPFLASH" make RED --junit "$T"
is 'a folder is no file' "$status" 2
run "$MPFLASH" make -n RED --junit "$T/results.xml"
is '-n makes no results' "$status" 2
is 'no temporary files stay' "$(find "$T" -maxdepth 1 -name 'results.xml?*')" ''

touch "$T/cache/work/wait-for"
echo '/* wait */' >>py/mini.h
rm -f "$T/results.xml"
python3 -c '
import glob, os, signal, subprocess, sys, time
p = subprocess.Popen([sys.argv[1], "make", "all", "--junit", sys.argv[2]], stderr=open(sys.argv[3], "w"), start_new_session=True)
for _ in range(600):
    if " ..." in open(sys.argv[3]).read():
        break
    time.sleep(0.05)
time.sleep(0.3)
p.send_signal(signal.SIGINT)
sys.exit(0 if p.wait(60) == 130 else 1)' "$MPFLASH" "$T/results.xml" "$T/said"
is 'interrupted' "$?" 0
is 'results are written all the same' "$(junit "$T/results.xml" | cut -d '|' -f 1,3,4 | sort -u)" 'mini|skipped|not tried'
like 'and the table is told' "$(cat "$T/said")" '^3 boards: 3 not tried$'
rm "$T/cache/work/wait-for"
git checkout -q .

# --- shards ---

MPFLASH_CACHE=$T/empty
plan_is 'without times the names go round' 'mini/BLUE mini/RED-DARK' all --shard 1/2
plan_is 'the other half' 'mini/RED' all --shard 2/2
plan_is 'more parts than boards' '' all --shard 4/5
is 'an empty part is no failure' "$status" 0
plan_is 'one part is all' 'mini/BLUE mini/RED mini/RED-DARK' all --shard 1/1
MPFLASH_CACHE=$T/timed
echo 'DELAY = 4' >ports/mini/boards/RED/delay.mk # both of RED; more than a busy machine adds to BLUE
run "$MPFLASH" make all
echo '/* again */' >>py/mini.h
plan_is 'with times: the slow ones have a part of their own each' 'mini/BLUE' RED BLUE RED-DARK --shard 3/3
one=$(for i in 1 2; do "$MPFLASH" make -n --json all --shard "$i/2" | planned; done)
is 'each board is in exactly one part' "$(printf '%s\n' "$one" | tr ' ' '\n' | sort | tr '\n' ' ')" \
	'mini/BLUE mini/RED mini/RED-DARK '
is 'the order of words does not matter' \
	"$(for i in 1 2; do "$MPFLASH" make -n --json RED-DARK BLUE RED --shard "$i/2" | planned; done)" "$one"
small_tree "$T/elsewhere"
cp -R "$T/timed" "$T/timed-elsewhere"
is 'a checkout of another path has the same parts' "$(for i in 1 2; do
	MPFLASH_CACHE=$T/timed-elsewhere "$MPFLASH" make -C "$T/elsewhere" -n --json all --shard "$i/2" | planned
done)" "$one"
for bad in 0/2 3/2 1 2/ /2 a/b 1/0 -1/2; do
	run "$MPFLASH" make all --shard "$bad"
	is "--shard $bad is a usage error" "$status" 2
done
done_testing
