#!/bin/sh
# SPDX-License-Identifier: MIT
#
# README.md and docs/ say what is so: links lead somewhere, every command and option that a sentence names is there, every command of the
# program is named, and docs/guide/COMING-FROM.md has each command and option of the Python mpflash and of mpbuild, no other, and mpflash takes them.
# Runs once: the program is asked for its help only.
. "$(dirname "$0")/lib.sh"
# shellcheck source=../peers/lib.sh
. "$TESTS_DIR/peers/lib.sh"

need python3
root=$TESTS_DIR/..
cd "$T" || exit
docs() {
	python3 "$TESTS_DIR/cli/docs.py" "$root" "$@"
}

# --- links: files, headings in them, and addresses that are whole
docs links >link-list
ok 'there are links' test "$(wc -l <link-list)" -gt 20
python3 - "$root" link-list <<'END' >broken
import os, re, sys
root = sys.argv[1]
def anchors(path):
    found = set()
    for line in open(path, encoding="utf-8"):
        heading = re.match(r"#+ (.*)", line)
        if heading:
            found.add(re.sub(r"[^\w -]", "", heading[1].strip().lower()).replace(" ", "-"))
    return found
for line in open(sys.argv[2], encoding="utf-8"):
    where, target = line.rstrip("\n").split("\t")
    if re.match(r"https?://[\w.-]+/?\S*$", target):
        continue
    path, _, anchor = target.partition("#")
    here = os.path.join(root, where.rsplit(":", 1)[0])
    file = os.path.normpath(os.path.join(os.path.dirname(here), path)) if path else here
    if not os.path.exists(file) or anchor and anchor not in anchors(file):
        print(where, target)
END
is 'links lead somewhere' "$(cat broken)" ''
is 'each document is led to' "$(cd "$root" && find docs -name '*.md' | while read -r file; do
	grep -q "$(basename "$file")\$" "$T/link-list" || echo "$file"
done)" ''

# --- commands within sentences: "mpflash make flash-BOARD", "mpflash cache", ...
docs words >spans
ok 'sentences name commands' test "$(wc -l <spans)" -gt 40
while IFS='	' read -r at text; do
	# shellcheck disable=SC2001 # what is in [], ... and quotes are no words
	set -f
	# shellcheck disable=SC2046 # words
	set -- $(printf '%s\n' "$text" | sed "s/^[A-Z_]*=[^ ]* //; s/\[[^]]*\]//g; s/\.\.\.//g; s/'//g; s/ [>|].*//")
	set +f
	shift
	"$MPFLASH" "$@" --help >/dev/null 2>&1 </dev/null || echo "$at: mpflash $*"
done <spans >wrong
is 'each is there, with its options' "$(cat wrong)" ''
"$MPFLASH" complete -- '' | cut -f 1 >commands
{ docs words && docs commands; } | cut -f 2 >named
is 'each command of the program is named' "$(while read -r command; do
	grep -qE "mpflash (-[-a-zA-Z]+ )*$command( |\$)" named || grep -qE "\`$command\`" "$root/README.md" "$root"/docs/guide/*.md || echo "$command"
done <commands | paste -sd' ' -)" ''

# --- coming from the Python tools
cat >theirs.py <<'END'
"""COMMAND OPTION lines ("-": none) of the Python mpflash, by its own parser."""
import click
from mpflash import cli_main, cli_group
cli_main.migrate_database = lambda **_: None
cli_main.cli = cli_group.cli
for module in ("list", "download", "flash", "add", "format", "erase"):
    __import__("mpflash.cli_" + module)
def walk(name, command):
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            for word in list(parameter.opts) + list(parameter.secondary_opts):
                print(name or "-", word)
    for sub, inner in getattr(command, "commands", {}).items():
        walk(sub, inner)
for name in ("cli_list_mcus", "cli_download", "cli_flash_board", "cli_add_custom", "cli_format_board", "cli_erase_board"):
    cli_group.cli.add_command(getattr(cli_main, name))
walk("", cli_group.cli)
END
cat >ours.py <<'END'
"""The same of the tables of COMING-FROM.md: a table's head names the command, or a row's first words before a colon do."""
import re, sys
text = open(sys.argv[1], encoding="utf-8").read().split("## mpflash\n")[1].split("\n## ")[0]
command = "-"
for line in text.split("\n"):
    cell = line.split("|")[1] if line.startswith("|") else ""
    head = re.match(r" (?:`([\w-]+)` |others |variables.* )?there $", cell)
    if head:
        command = head[1] or ("-" if cell == " there " else None)
        continue
    before, colon, after = cell.partition(": ")
    names = re.findall(r"`([\w-]+)`", before) if command is None and colon else [command]
    for word in re.findall(r"`(-[\w-]+)`", after if command is None else cell):
        for name in names:
            if name and word != "--help":
                print(name, word)
END
python3 ours.py "$root/docs/guide/COMING-FROM.md" | sort -u >ours
ok 'the tables were read' test "$(wc -l <ours)" -gt 70
is 'mpflash takes all of them' "$(while read -r command word; do
	[ "$command" != - ] || command=
	# shellcheck disable=SC2086 # no word for none
	"$MPFLASH" $command $word --help >/dev/null 2>&1 </dev/null || "$MPFLASH" $command $word 1 --help >/dev/null 2>&1 </dev/null || echo "$command $word"
done <ours)" ''
if peer_mpflash; then
	mkdir fw
	MPFLASH_FIRMWARE=$T/fw PYTHONPATH=$PEER_MPFLASH PYTHONDONTWRITEBYTECODE=1 python3 theirs.py 2>theirs.err | sort -u >theirs
	ok 'the Python mpflash tells its options' test "$(wc -l <theirs)" -gt 70 || diag "$(cat theirs.err)"
	is 'options that the tables lack' "$(comm -23 theirs ours)" ''
	is 'options that it does not have' "$(comm -13 theirs ours)" ''
	is 'its commands are in the tables, or have no options' "$(cut -d' ' -f 1 theirs | sort -u | grep -vxFf "$T/commands" | grep -vx -e - | paste -sd' ' -)" ''
else
	skip 'options that the tables lack' "$why"
fi
sed -n '/^## mpbuild/,/^## The same/p' "$root/docs/guide/COMING-FROM.md" >mpbuild-table
if peer_mpbuild; then
	python3 - "$PEER_MPBUILD/mpbuild/cli.py" <<'END' >mpbuild-words
import ast, re, sys
source = open(sys.argv[1]).read()
for f in ast.parse(source).body:
    if isinstance(f, ast.FunctionDef) and any("app.command" in ast.unparse(d) for d in f.decorator_list):
        given = re.search(r"app\.command\('([^']+)'", ast.unparse(f.decorator_list[0]))
        print("mpbuild", given[1] if given else f.name)
        for a in f.args.args:
            text = ast.unparse(a.annotation)
            if "typer.Option" in text:
                named = re.search(r"'(--[a-z-]+)'", text)
                print(named[1] if named else "--" + a.arg.replace("_", "-"))
    if isinstance(f, ast.FunctionDef) and "app.callback" in "".join(map(ast.unparse, f.decorator_list)):
        print("\n".join(re.findall(r"'(--?[a-z]+)'", ast.unparse(f.args))))
END
	ok 'mpbuild tells its commands' grep -qx 'mpbuild build' mpbuild-words
	is 'commands and options of mpbuild that the table lacks' "$(while read -r word; do
		grep -qE -e "\`(mpbuild )?$word( |\`)" mpbuild-table || echo "$word"
	done <mpbuild-words)" ''
else
	skip 'commands and options of mpbuild that the table lacks' "$why"
fi
done_testing
