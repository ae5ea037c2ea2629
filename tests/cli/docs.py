#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reads README.md and docs/**.md: what in them is a command, a link, a recipe.

	docs.py ROOT commands [DIR]     FILE:LINE<TAB>COMMAND of every command in a block, the lines of one joined. What the block shows of
	                                its output goes into DIR/N for the N-th
	docs.py ROOT loose              FILE:LINE<TAB>TEXT: lines of blocks that are commands, but not marked as such
	docs.py ROOT words              FILE:LINE<TAB>COMMAND of every `mpflash ...` within a sentence or a table
	docs.py ROOT links              FILE:LINE<TAB>TARGET
	docs.py ROOT steps FILE N       KIND<TAB>CONDITION<TAB>TEXT of every step of the N-th yaml block, from 0: run, uses; and what it says by
	                                "variable" (of all steps), "path" and "key" (of the uses before)
	docs.py like FILE SEEN          is each line of FILE in SEEN? Numbers, times and sizes may differ, and what stands for ...

A block is indented by four, or fenced. A command in it follows `$ `; in a block of sh every line is one. What follows it to the next one is
its output.
"""
import glob
import os
import re
import sys

COMMAND = re.compile(r"(sudo |[A-Z_]+=\S+ )*(mpflash|ninja|\./configure|git|docker|podman|apt|dpkg-buildpackage|cd|source|export) ")


def files(root):
    for path in ["README.md"] + sorted(glob.glob("docs/**/*.md", root_dir=root, recursive=True)):
        yield path, open(os.path.join(root, path), encoding="utf-8").read().split("\n")


def parts(lines):
    """(number, text, language) of each line: None outside of blocks, "" in one that is indented"""
    fence, block, empty = None, False, True
    for number, line in enumerate(lines, 1):
        mark = re.match(r"```(\w*)", line)
        if mark and fence is None:
            fence = mark[1] or "text"
            continue
        if mark:
            fence = None
            continue
        if fence is not None:
            yield number, line, fence
            continue
        block = line.startswith("    ") and (block or empty)
        empty = not line.strip()
        yield number, line[4:] if block else line, "" if block else None


def commands(root):
    """(file, line, command, output)"""
    for path, lines in files(root):
        found = []
        for number, text, language in parts(lines):
            if language not in ("", "text", "sh") or not text.strip():
                found.append(None)
            elif found and found[-1] and found[-1][2].endswith("\\"):
                found[-1][2] = found[-1][2][:-1] + text.strip()
            elif text.startswith("$ "):
                found.append([path, number, text[2:], []])
            elif language == "sh" and not text.startswith("#"):
                found.append([path, number, text, []])
            elif found and found[-1]:
                found[-1][3].append(text)
        yield from filter(None, found)


def loose(root):
    for path, lines in files(root):
        for number, text, language in parts(lines):
            if language in ("", "text") and COMMAND.match(text):
                yield path, number, text


def words(root):
    """A placeholder in capitals is a word as any other; `...` and what is in [] is none."""
    for path, lines in files(root):
        for number, text, language in parts(lines):
            if language is None:
                for span in re.findall(r"`((?:[A-Z_]+=\S+ )?mpflash(?: [^`]*)?)`", text):
                    yield path, number, span


def links(root):
    for path, lines in files(root):
        for number, text, language in parts(lines):
            if language is None:
                for target in re.findall(r"\]\(([^)\s]+)\)", text):
                    yield path, number, target



def steps(text):
    """As much of YAML as our recipes have; where a whole reader is here, it has to read them, too."""
    try:
        import yaml
        yaml.safe_load(text)
    except ImportError:
        pass
    condition, section = "", ""
    for line in text.split("\n"):
        if re.match(r" *[a-z_]+:$", line):
            section = line.strip()[:-1]
        if line.startswith("      - "):
            condition = ""
        field = re.match(r" *(?:- )?(run|uses|if|path|key): (.+)", line)
        if section in ("before_script", "script") and line.startswith("    - "):
            yield "run", "", line[6:]
        elif section in ("env", "variables") and re.match(r" +[A-Z_]+: ", line):
            yield "variable", condition, re.sub(r"^ *([A-Z_]+): *", r"\1=", line)
        elif field and field[1] == "if":
            condition = field[2]
        elif field and field[2] != "|":
            yield field[1], condition, field[2]


def plain(text):
    text = re.sub(r"\d+(\.\d+)? (ms|s|min|bytes|KiB|MiB|GB)\b", r"N", text)
    text = re.sub(r"\d[\da-f.]*", "N", text)
    return re.sub(r"\s+", " ", text).strip()


def like(shown, seen):
    """Exit status 1 with the first line that is not there."""
    have = [plain(line) for line in open(seen, encoding="utf-8", errors="replace")]
    for line in open(shown, encoding="utf-8"):
        want = plain(line)
        if want == "...":
            continue
        pattern = ".*".join(re.escape(part) for part in want.split("..."))
        if want and not any(re.fullmatch(pattern, text) for text in have):
            print("not seen:", line.strip())
            return 1
    return 0


def main():
    if sys.argv[1] == "like":
        sys.exit(like(sys.argv[2], sys.argv[3]))
    root, verb, rest = sys.argv[1], sys.argv[2], sys.argv[3:]
    if verb == "commands":
        for count, (path, number, command, output) in enumerate(commands(root), 1):
            print("%s:%d\t%s" % (path, number, command))
            if rest and output:
                open(os.path.join(rest[0], str(count)), "w", encoding="utf-8").write("\n".join(output) + "\n")
    elif verb == "steps":
        text = "\n".join(dict(files(root))[rest[0]])
        for step in steps(re.findall(r"^```yaml\n(.*?)^```", text, re.M | re.S)[int(rest[1])]):
            print("\t".join(step))
    else:
        for path, number, text in {"loose": loose, "words": words, "links": links}[verb](root):
            print("%s:%d\t%s" % (path, number, text))


main()
