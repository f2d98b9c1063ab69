#!/usr/bin/env python3
"""Is every selector and class that an adapter sends in the sources of each version it claims?

    .ci/selector_table.py DIALECT VERSION=FOLDER...

FOLDER is a checked-out source tree of that version: Pharo's and other Tonel files, FileTree folders, or change sets in
the chunk format, also within zip files. Prints one row for each selector or class that some version lacks or
deprecates, with the method that sends it, and counts the others. Run by hand; what it printed last stands in
man/stui-agent.7. Nothing of the trees is kept.
"""

from __future__ import annotations

import re
import sys
import zipfile
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "agents")]

from chunk_reader import Reading, read

from stui_cli.local.dialects import CORE, agent_files

if TYPE_CHECKING:
    from collections.abc import Iterator

TONEL_METHOD = re.compile(r"^(\w+)(?: class)?(?: classSide)? >> (.+?) ?\[ *$(.*?)(?=^\]\s*$)", re.MULTILINE | re.DOTALL)
TONEL_CLASS = re.compile(r"^(?:Class|Trait) \{\s+#name : #?'?(\w+)", re.MULTILINE)
CHUNK_CLASS = re.compile(r"[sS]ubclass: #(\w+)")
CHUNK_METHODS = re.compile(r"^!(\w+)(?: class)? methodsFor: [^!]*!", re.MULTILINE)
ADVICE = re.compile(r"deprecated:\s*'((?:[^']|'')*)'")
# Compiled in place by every compiler, or answered by the machine for every object.
EVERYWHERE = {"ifTrue:", "ifFalse:", "whileTrue", "whileTrue:", "whileFalse:", "and:", "or:", "to:do:", "timesRepeat:"}
# Globals that are no classes.
VARIABLES = {"Processor", "Smalltalk", "SourceFiles", "Transcript", "Undeclared"}


@dataclass
class Sources:
    """What one version defines. A selector is deprecated if each of its methods is."""

    selectors: dict[str, list[str | None]] = field(default_factory=lambda: defaultdict(list))  # the advice, or None
    classes: set[str] = field(default_factory=set)

    def add(self, pattern: str, body: str) -> None:
        advice = ADVICE.search(body)
        self.selectors[selector_of(pattern)].append(advice[1] if advice else None)

    def advice(self, selector: str) -> str | None:
        found = self.selectors[selector]
        return found[0] if all(found) else None


def selector_of(pattern: str) -> str:
    """Of the first line of a method."""
    words = pattern.split()
    if not words:
        return ""
    keywords = [word for word in words if word.endswith(":")]
    return "".join(keywords) if words[0].endswith(":") else words[0]


def texts(folder: Path) -> Iterator[tuple[str, str]]:
    """The path and text of each source file, tests left out: what only they define is not there for others."""
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                for name in archive.namelist():
                    if name.endswith(".st"):
                        yield name, archive.read(name).decode("utf-8", "replace")
        elif path.suffix == ".st" and "Tests" not in path.parent.name:
            yield str(path), path.read_text("utf-8", "replace")


def sources(folder: Path) -> Sources:
    found = Sources()
    for name, text in texts(folder):
        if ".class/" in name or ((".extension/" in name and "/instance/" in name) or "/class/" in name):
            found.classes.update(re.findall(r"/(\w+)\.class/", name))
            _, pattern, body = [*text.replace("\r", "\n").split("\n", 2), "", ""][:3]
            found.add(pattern, body)
        elif name.endswith((".class.st", ".extension.st", ".trait.st")):
            found.classes.update(TONEL_CLASS.findall(text))
            for method in TONEL_METHOD.finditer(text):
                found.add(method[2], method[3])
        else:
            of_chunks(text.replace("\r", "\n"), found)
    return found


def of_chunks(text: str, found: Sources) -> None:
    """The methods between a heading and an empty chunk."""
    found.classes.update(CHUNK_CLASS.findall(text))
    for heading in CHUNK_METHODS.finditer(text):
        found.classes.add(heading[1])
        for chunk in text[heading.end() :].split("!\n\n! !")[0].split("! !")[0].split("!"):
            lines = [line for line in chunk.strip().split("\n") if line]
            if lines:
                found.add(lines[0], chunk)


def adapter(dialect: str) -> Reading:
    """What the files of the adapter send and name, the core's own messages known."""
    reading = Reading()
    core = Reading()
    for path in agent_files(dialect):
        of_core = f"{path.parent.name}/{path.stem}" in CORE
        read(path.read_text("ascii"), core if of_core else reading)
    reading.defined |= core.defined
    return reading


def table(dialect: str, versions: dict[str, Path]) -> list[str]:
    """The rows, and last how many selectors and classes are everywhere."""
    reading, trees = adapter(dialect), {name: sources(folder) for name, folder in versions.items()}
    sent = {each: where for each, where in reading.sent.items() if each not in reading.defined | EVERYWHERE}
    rows = []
    for selector, where in sorted(sent.items()):
        lacking = [name for name, tree in trees.items() if selector not in tree.selectors]
        advised = {name: tree.advice(selector) for name, tree in trees.items() if name not in lacking}
        rows += [f"{selector}\t{where}\tnot in {', '.join(lacking)}"] if lacking else []
        rows += [f"{selector}\t{where}\tdeprecated in {name}: {text}" for name, text in advised.items() if text]
    named = {each for each in reading.globals if not each.startswith("Stui")} - VARIABLES
    for name in sorted(named):
        lacking = [version for version, tree in trees.items() if name not in tree.classes]
        rows += [f"{name}\ta class\tnot in {', '.join(lacking)}"] if lacking else []
    return [*rows, f"{len(sent)} selectors and {len(named)} classes looked up in {', '.join(versions)}"]


def main(arguments: list[str]) -> int:
    if len(arguments) < 2 or not all("=" in each for each in arguments[1:]):
        print(__doc__, file=sys.stderr)
        return 2
    versions = dict(each.split("=", 1) for each in arguments[1:])
    print("\n".join(table(arguments[0], {name: Path(folder) for name, folder in versions.items()})))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
