"""Finds MP_QSTR_ words and MP_REGISTER_MODULE lines in preprocessed sources, in three steps.

pp     runs the preprocessor over sources and keeps the lines that matter. It is given only the
       sources that are newer than its last output, unless a global dependency changed: a word
       that comes out of a header is therefore found when its source is scanned, not when the
       header changes.
split  writes one file per source; files of sources that were not scanned stay as they are.
cat    joins all of them; the result keeps its date when it has the same content.

    makeqstrdefs.py pp CPP.. output FILE cflags .. sources .. dependencies .. changed_sources ..
    makeqstrdefs.py split qstr|module LAST DIR
    makeqstrdefs.py cat qstr|module DIR FILE
"""

import glob
import os
import re
import subprocess
import sys

LINE_MARKER = re.compile(r'^#(?:line)? \d+ "([^"]*)"')
WANTED = {
    "qstr": re.compile(r"MP_QSTR_\w+"),
    "module": re.compile(r"MP_REGISTER_MODULE\(\s*MP_QSTR_\w+,\s*\w+\s*\)"),
}
ANY_WANTED = re.compile("MP_QSTR_|MP_REGISTER_MODULE")


def parse_lists(words):
    lists = {k: [] for k in ("pp", "output", "cflags", "sources", "dependencies", "changed_sources")}
    current = None
    for word in words:
        if word in lists:
            current = lists[word]
        else:
            current.append(word)
    return lists


def sources_to_scan(lists):
    changed, dependencies = lists["changed_sources"], lists["dependencies"]
    if not changed or any(c in dependencies for c in changed):
        changed = lists["sources"]
    return [s for s in changed if s.endswith(".c")]


def filter_lines(text):
    marker = None
    for line in text.splitlines():
        if LINE_MARKER.match(line):
            marker = line
        elif ANY_WANTED.search(line):
            if marker:
                yield marker
                marker = None
            yield line


def preprocess(words):
    lists = parse_lists(words)
    output = lists["output"][0]
    os.makedirs(os.path.dirname(output), exist_ok=True)
    command = lists["pp"] + lists["cflags"] + sources_to_scan(lists)
    done = subprocess.run(command, stdout=subprocess.PIPE)
    if done.returncode:
        sys.exit("makeqstrdefs.py: the preprocessor failed")
    with open(output, "w") as f:
        for line in filter_lines(done.stdout.decode()):
            f.write(line + "\n")


def split(mode, last, folder):
    found = {}
    source = None
    with open(last) as f:
        for line in f:
            marker = LINE_MARKER.match(line)
            if marker:
                # What stands in a header counts for the source that includes it.
                source = marker.group(1) if marker.group(1).endswith(".c") else source
            elif source:
                found.setdefault(source, []).extend(WANTED[mode].findall(line))
    os.makedirs(folder, exist_ok=True)
    for source, words in found.items():
        name = source.replace("..", "@@").replace("/", "__")
        if words:
            with open(os.path.join(folder, name + "." + mode), "w") as f:
                f.write("\n".join(words) + "\n")


def cat(mode, folder, output):
    lines = set()
    for name in glob.glob(os.path.join(glob.escape(folder), "*." + mode)):
        with open(name) as f:
            lines.update(f.read().splitlines())
    if mode == "qstr":
        lines = {"Q(%s)" % line[len("MP_QSTR_"):] for line in lines}
    text = "".join(line + "\n" for line in sorted(lines))
    try:
        with open(output) as f:
            if f.read() == text:
                return
    except FileNotFoundError:
        pass
    with open(output, "w") as f:
        f.write(text)


COMMANDS = {"split": split, "cat": cat}
if sys.argv[1] == "pp":
    preprocess(sys.argv[1:])
else:
    COMMANDS[sys.argv[1]](*sys.argv[2:])
