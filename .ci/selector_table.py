#!/usr/bin/env python3
"""Is every selector and class that an adapter sends in the sources of each version it claims?

    .ci/selector_table.py DIALECT VERSION=PART,...  ...

A PART is read after the one before it:

    FOLDER               a checked-out source tree: Tonel, FileTree, chunks, also within zip files
    FOLDER:FIRST-LAST    the change sets of those numbers, in their order; what they remove is gone
    +FOLDER:FIRST-LAST   the tree of a later version, and the change sets between this one and it, in the folder of the
                         first part: what it has and none of them wrote was there before they were

VERSION? says that the sources are not whole: what is not in them but sent by their own methods is taken to be there,
unless a change set removed it, and all else told as not visible, and not as lacking. Of one with a + part this is so
anyhow. Prints one row for each selector or class that some version lacks or deprecates, with the method that sends it,
and counts the others. Run by hand; what it printed last stands in man/stui-agent.7. Nothing of the trees is kept.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / ".ci"), str(ROOT / "tests" / "agents")]

from chunk_reader import Reading, read
from source_trees import Sources, read_changes, read_tree

from stui_cli.local.dialects import CORE, agent_files

# Compiled in place by every compiler, or answered by the machine for every object.
EVERYWHERE = {"ifTrue:", "ifFalse:", "whileTrue", "whileTrue:", "whileFalse:", "and:", "or:", "to:do:", "timesRepeat:"}
# Globals that are no classes.
VARIABLES = {"Processor", "Smalltalk", "SourceFiles", "Transcript", "Undeclared"}
# The adapter asks whether it is there, and does without if it is not.
ASKED = re.compile(r"(?:respondsTo|canUnderstand|includesSelector): #([\w:]+)")


@dataclass
class Version:
    name: str
    sources: Sources
    whole: bool

    def lacks(self, selector: str) -> bool:
        if selector in self.sources.selectors:
            return False
        return self.whole or selector in self.sources.removed or not self.sources.sends(selector)


def version(argument: str) -> Version:
    name, parts = argument.split("=", 1)
    sources, whole = Sources(), not name.endswith("?")
    for part in parts.split(","):
        folder, _, numbers = part.partition(":")
        first, _, last = numbers.partition("-")
        if part.startswith("+"):
            whole, changes = False, Path(parts.split(":")[0])
            before_later(Path(folder[1:]), changes, range(int(first), int(last) + 1), sources)
        elif numbers:
            read_changes(Path(folder), range(int(first), int(last) + 1), sources)
        else:
            read_tree(Path(folder), sources)
    return Version(name.rstrip("?"), sources, whole)


def before_later(tree: Path, changes: Path, between: range, sources: Sources) -> None:
    """Add what a later version has and none of the change sets between has written, but what was removed before."""
    later, since = Sources(), Sources()
    read_tree(tree, later)
    read_changes(changes, between, since)
    for method, advice in later.methods.items():
        if method not in since.written and method not in sources.written:
            sources.methods[method] = advice
    sources.classes |= later.classes - since.classes


def adapter(dialect: str) -> tuple[Reading, set[str]]:
    """What the files of the adapter send and name, the core's own messages known; and what it asks for first."""
    reading, core, asked = Reading(), Reading(), set[str]()
    for path in agent_files(dialect):
        text = path.read_text("ascii")
        of_core = f"{path.parent.name}/{path.stem}" in CORE
        read(text, core if of_core else reading)
        asked |= set() if of_core else set(ASKED.findall(text))
    reading.defined |= core.defined
    return reading, asked


def rows_of(selector: str, where: str, versions: list[Version]) -> list[str]:
    rows = []
    for words, lacking in (
        ("not in", [each.name for each in versions if each.lacks(selector) and each.whole]),
        ("not visible in", [each.name for each in versions if each.lacks(selector) and not each.whole]),
    ):
        rows += [f"{selector}\t{where}\t{words} {', '.join(lacking)}"] if lacking else []
    for each in versions:
        advice = each.sources.advice(selector)
        rows += [f"{selector}\t{where}\tdeprecated in {each.name}: {advice}"] if advice else []
    return rows


def table(dialect: str, versions: list[Version]) -> list[str]:
    """The rows, and last how many selectors and classes were looked up."""
    reading, asked = adapter(dialect)
    sent = {each: where for each, where in reading.sent.items() if each not in reading.defined | EVERYWHERE}
    rows = []
    for selector, where in sorted(sent.items()):
        rows += [f"{row}{' (asked for)' if selector in asked else ''}" for row in rows_of(selector, where, versions)]
    named = {each for each in reading.globals if not each.startswith("Stui")} - VARIABLES
    for name in sorted(named):
        lacking = [each.name for each in versions if name not in each.sources.classes]
        rows += [f"{name}\ta class\tnot seen in {', '.join(lacking)}"] if lacking else []
    names = ", ".join(each.name for each in versions)
    return [*rows, f"{len(sent)} selectors and {len(named)} classes looked up in {names}"]


def main(arguments: list[str]) -> int:
    if len(arguments) < 2 or not all("=" in each for each in arguments[1:]):
        print(__doc__, file=sys.stderr)
        return 2
    print("\n".join(table(arguments[0], [version(each) for each in arguments[1:]])))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
