#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mpflash graph and mpflash log: the steps and files behind a target, and what the last build said. Looking changes nothing.
. "$(dirname "$0")/lib.sh"

need git arm-none-eabi-gcc make python3
small_tree "$T/tree"
cd "$T/tree" || exit

# The value of a Python expression over the JSON of the last command, as d.
json() {
	printf '%s' "$out" | python3 -c 'import json, sys; d = json.load(sys.stdin); print(eval(sys.argv[1]))' "$1"
}

# Reads DOT as its grammar has it (quoted and plain ids, attributes, subgraphs), prints the statements in a plain form.
cat >"$T/dot.py" <<'PY'
import re, sys

text = sys.stdin.read()
token = re.compile(r'\s*("(?:[^"\\]|\\.)*"|->|[{}\[\];=,]|[A-Za-z_][A-Za-z_0-9]*)')
words, at = [], 0
while at < len(text.rstrip()):
    m = token.match(text, at)
    if not m:
        sys.exit('no token at: ' + text[at:at + 40])
    words.append(m.group(1))
    at = m.end()

def take(*wanted):
    word = words.pop(0)
    if wanted and word not in wanted:
        sys.exit('%s where %s is expected' % (word, ' or '.join(wanted)))
    return word

def name():
    word = take()
    if word[0] == '"':
        return re.sub(r'\\(.)', r'\1', word[1:-1])
    if not word[0].isalpha() and word[0] != '_':
        sys.exit(word + ' is no name')
    return word

def attributes():
    found = {}
    if words[0] == '[':
        take('[')
        while words[0] != ']':
            key = name()
            take('=')
            found[key] = name()
            if words[0] != ']':
                take(',')
        take(']')
    return found

def statements(cluster):
    while words[0] != '}':
        if words[0] == 'subgraph':
            take()
            inner = name()
            take('{')
            statements(inner)
            continue
        first = name()
        if words[0] == '=':
            take('=')
            value = name()
            if first == 'label':
                print('cluster', value)
        elif words[0] == '->':
            take('->')
            second = name()
            print('edge', first, '->', second, attributes().get('style', 'solid'))
        else:
            print('node', first, 'in', cluster, attributes()['label'])
        take(';')
    take('}')

take('digraph')
name()
take('{')
statements('top')
sys.exit(bool(words))
PY

# --- text ---
run "$MPFLASH" graph flash-RED --method qemu
is 'text: steps by board, what each reads and makes' "$out" "mini/RED in $T/tree/build-mpflash/RED
  compile
    reads      py ports/mini
    makes      firmware.elf firmware.bin
    may leave  firmware.map
  flash
    reads      firmware.elf"
is 'text: nothing else is said' "$status$err" 0
run "$MPFLASH" graph mini/all
is 'all boards of a port' "$(printf '%s\n' "$out" | grep -c '^mini/')" 3
run "$MPFLASH" graph clean-RED RED
like 'text: an order without a file' "$out" '^    after      mini/RED clean$'

# --- JSON ---
run "$MPFLASH" graph --json RED
is 'JSON: the goals' "$(json "d['goals'] == [{'target': 'RED', 'board': 'mini/RED', 'action': None, 'files': [
	'file:mini/RED/' + n for n in ('firmware.elf', 'firmware.bin', 'firmware.map', 'firmware.hex')]}]")" True
is 'JSON: steps' "$(json "[(n['id'], n['kind'], n['label'], n['board']) for n in d['nodes'] if n['type'] == 'step']")" \
	"[('step:mini/RED firmware.elf', 'compile', 'compile', 'mini/RED'), ('step:mini/RED firmware.hex', 'convert', 'hex', 'mini/RED')]"
is 'JSON: sources' "$(json "[n['path'] for n in d['nodes'] if n['type'] == 'source']")" \
	"['$T/tree/py', '$T/tree/ports/mini']"
is 'JSON: files and their places' "$(json "[n['path'] for n in d['nodes'] if n['type'] == 'file'][-1]")" \
	"$T/tree/build-mpflash/RED/firmware.hex"
is 'JSON: edges' "$(json "sorted((e['type'], e['from'].split(':')[1], e['to'].split(':')[1]) for e in d['edges'])[:3]")" \
	"[('makes', 'mini/RED firmware.elf', 'mini/RED/firmware.bin'), ('makes', 'mini/RED firmware.elf', 'mini/RED/firmware.elf'), ('makes', 'mini/RED firmware.hex', 'mini/RED/firmware.hex')]"
is 'JSON: every edge joins two nodes' \
	"$(json "{e[k] for e in d['edges'] for k in ('from', 'to')} - {n['id'] for n in d['nodes']}")" 'set()'
is 'JSON: no node twice' "$(json "len(d['nodes']) == len({n['id'] for n in d['nodes']})")" True
first=$(json "sorted(n['id'] for n in d['nodes'])")
run "$MPFLASH" graph --json hex-RED RED -o "$T/elsewhere"
is 'JSON: names do not depend on the words' "$(json "sorted(n['id'] for n in d['nodes'])")" "$first"

# --- DOT ---
cat >"$T/odd.rules" <<'RULES'
rule pack
  command = tools/pack.sh $in $out
port mini
  odd = 'tools/a"b\c.txt'
  build firmware.packed.bin: pack firmware.bin $odd
RULES
run "$MPFLASH" graph --dot mini/all --rules "$T/odd.rules"
dot=$(printf '%s\n' "$out" | python3 "$T/dot.py")
is 'DOT: it can be read' "$status $?" '0 0'
like 'DOT: a board is a cluster' "$dot" '^cluster mini/RED$'
like 'DOT: a name with a quote and a backslash' "$dot" '^node source:tools/a"b\\c\.txt in top '
like 'DOT: a step' "$dot" '^node step:mini/RED firmware\.elf in cluster_[0-9]+ compile$'
like 'DOT: a source belongs to no board' "$dot" '^node source:py in top py$'
like 'DOT: what is read' "$dot" '^edge source:py -> step:mini/RED firmware\.elf solid$'
like 'DOT: a made file is read' "$dot" '^edge file:mini/RED/firmware\.elf -> step:mini/RED firmware\.hex solid$'
like 'DOT: what may be left' "$dot" '^edge step:mini/RED firmware\.elf -> file:mini/RED/firmware\.map dashed$'
is 'DOT: every edge joins two nodes' "$(printf '%s\n' "$dot" | python3 -c '
import re, sys
lines = sys.stdin.read().splitlines()
nodes = {m.group(1) for m in (re.match("node (.*) in (top|cluster)", l) for l in lines) if m}
ends = {e for l in lines if l.startswith("edge ") for e in l[5:].rsplit(" ", 1)[0].split(" -> ")}
print(len(ends) > 9, ends - nodes)')" 'True set()'
if command -v dot >/dev/null; then
	printf '%s\n' "$out" >"$T/graph.dot"
	ok 'DOT: Graphviz reads it' dot -Tplain "$T/graph.dot"
else
	skip 'DOT: Graphviz reads it' 'dot is not here'
fi

# --- errors ---
run "$MPFLASH" graph
is 'no target: usage' "$status" 2
run "$MPFLASH" graph --dot --json RED
is 'two forms: usage' "$status$out" 2
run "$MPFLASH" graph RDE
is 'an unknown board' "$status$out" 1
like 'with a near name' "$err" "^hint: did you mean 'RED'"
run "$MPFLASH" graph RED --set nothing
is '--set without a value' "$status$out" 2
cat >"$T/cycle.rules" <<'RULES'
rule copy
  command = cp $in $out
port mini
  build a.bin: copy b.bin
  build b.bin: copy a.bin
RULES
run "$MPFLASH" graph RED --rules "$T/cycle.rules"
is 'a cycle' "$status$out" 1
like 'it is named' "$err" '^error: steps wait for each other: '
run "$MPFLASH" graph --help
like '--help' "$out" '^      --dot '

# --- log ---
run "$MPFLASH" log RED
is 'no log' "$status$out" 1
like 'it says so' "$err" "^error: there is no log of 'mini/RED compile': it did not run in this tree, or was cleaned\$"
is 'nothing was written so far' "$(ls -A "$MPFLASH_CACHE"; git status --porcelain --ignored)" ''

run "$MPFLASH" make RED
is 'a build' "$status" 0
run "$MPFLASH" log RED
like 'the log is that of make' "$out" '^arm-none-eabi-gcc .* -o .*/firmware\.elf'
is 'nothing else is said' "$status$err" 0
log=$out
run "$MPFLASH" log hex-RED
is 'the log of a format is that of its compile' "$out" "$log"
run "$MPFLASH" log --path RED
is '--path: where it is' "$(cat "$out")" "$log"
run "$MPFLASH" log RED-DARK
is 'a variant has a log of its own' "$status$out" 1
run "$MPFLASH" log RED --set CFLAGS_EXTRA=-Dx
is 'so have other settings' "$status$out" 1
sed -i 's/16/broken/' py/mini.h
run "$MPFLASH" make RED
isnt 'a build that fails' "$status" 0
run "$MPFLASH" log RED
like 'its log tells why' "$out" 'error: '
git checkout -q py
run "$MPFLASH" log mini/all
is 'a target of many boards: usage' "$status$out" 2
like 'one of them is named' "$err" '^hint: name one of them: `mpflash log mini/'
run "$MPFLASH" log RED BLUE
is 'two targets: usage' "$status$out" 2
run "$MPFLASH" make clean-RED
run "$MPFLASH" log RED
is 'a cleaned board has none' "$status$out" 1

done_testing
