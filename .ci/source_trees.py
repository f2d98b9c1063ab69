"""What the sources of a version of Pharo, Squeak or Cuis define: Tonel files, FileTree folders, change sets in the
chunk format, also within zip files. Tests are left out: what only they define is not there for others."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

TONEL_METHOD = re.compile(r"^(\w+)( class)?(?: classSide)? >> (.+?) ?\[ *$(.*?)(?=^\]\s*$)", re.MULTILINE | re.DOTALL)
TONEL_CLASS = re.compile(r"^(?:Class|Trait) \{\s+#name : #?'?(\w+)", re.MULTILINE)
CHUNK_CLASS = re.compile(r"[sS]ubclass: #(\w+)")
HEADING = re.compile(r"(\w+)( class)? methodsFor: ")
REMOVED = re.compile(r"(\w+)( class)? removeSelector: #([\w:]+)")
RENAMED_CLASS = re.compile(r"Smalltalk renameClassNamed: #(\w+) as: #(\w+)")
REMOVED_CLASS = re.compile(r"Smalltalk removeClassNamed: #(\w+)")
MARK = re.compile(r"(?<!!)!(?!!)")
ADVICE = re.compile(r"deprecated:\s*'((?:[^']|'')*)'")

Method = tuple[str, str]  # the class, its class side as in `Foo class`, and the selector


@dataclass
class Sources:
    """What is defined; `written` is what a change set has written or removed, whatever became of it, and `removed` has
    the selectors of which some method was removed and none written since."""

    methods: dict[Method, str | None] = field(default_factory=dict)  # the advice if it is deprecated
    classes: set[str] = field(default_factory=set)
    written: set[Method] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)
    bodies: list[str] = field(default_factory=list)

    def add(self, owner: str, pattern: str, body: str) -> None:
        advice = ADVICE.search(body)
        method = (owner, selector_of(pattern))
        self.written.add(method)
        self.removed.discard(method[1])
        self.methods[method] = advice[1] if advice else None
        self.bodies.append(body)

    def remove(self, method: Method) -> None:
        self.written.add(method)
        self.methods.pop(method, None)
        self.removed.add(method[1])

    def remove_class(self, name: str) -> None:
        self.classes.discard(name)
        for method in [each for each in self.methods if each[0].removesuffix(" class") == name]:
            self.remove(method)

    def rename_class(self, old: str, new: str) -> None:
        self.classes.add(new)
        for owner, selector in [each for each in self.methods if each[0].removesuffix(" class") == old]:
            self.methods[owner.replace(old, new, 1), selector] = self.methods[owner, selector]
        self.remove_class(old)

    def sends(self, selector: str) -> bool:
        """Whether some method seems to send it: its words stand there in their order."""
        words = re.findall(r"\w+:?|\W+", selector)
        wanted = re.compile(r".*?".join(rf"(?<!\w){re.escape(each)}(?![\w:])" for each in words), re.DOTALL)
        return any(words[0] in body and wanted.search(body, body.find("\n")) for body in self.bodies)

    @property
    def selectors(self) -> set[str]:
        return {selector for _, selector in self.methods}

    def advice(self, selector: str) -> str | None:
        """Of a selector whose every method is deprecated."""
        found = [advice for (_, each), advice in self.methods.items() if each == selector]
        return found[0] if found and all(found) else None


def selector_of(pattern: str) -> str:
    """Of the first line of a method."""
    words = re.sub(r'".*', "", pattern).split()
    if not words:
        return ""
    keywords = [word for word in words if word.endswith(":")]
    return "".join(keywords) if words[0].endswith(":") else words[0]


def texts(folder: Path) -> Iterator[tuple[str, str]]:
    """The path and text of each source file, by path."""
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                for name in archive.namelist():
                    if name.endswith(".st"):
                        yield name, archive.read(name).decode("utf-8", "replace")
        elif path.suffix == ".st" and "Tests" not in path.parent.name:
            yield str(path), path.read_text("utf-8", "replace")


def read_tree(folder: Path, found: Sources) -> None:
    """A checked-out tree, whole."""
    for name, text in texts(folder):
        if ".class/" in name or ((".extension/" in name and "/instance/" in name) or "/class/" in name):
            of_file_tree(name, text, found)
        elif name.endswith((".class.st", ".extension.st", ".trait.st")):
            found.classes.update(TONEL_CLASS.findall(text))
            for method in TONEL_METHOD.finditer(text):
                found.add(method[1] + (method[2] or ""), method[3], method[4])
        else:
            of_chunks(text, found)


def of_file_tree(name: str, text: str, found: Sources) -> None:
    """A file that holds one method, its category in the first line."""
    parts = re.search(r"/(\w+)\.(class|extension)/(class|instance)/", name)
    if parts is None:
        return
    if parts[2] == "class":
        found.classes.add(parts[1])
    _, pattern, body = [*text.replace("\r", "\n").split("\n", 2), "", ""][:3]
    found.add(parts[1] + (" class" if parts[3] == "class" else ""), pattern, body)


def read_changes(folder: Path, wanted: range, found: Sources) -> None:
    """The change sets whose numbers are in this range, by their numbers: what they remove is gone."""
    numbered = [(number(name), text) for name, text in texts(folder)]
    for each, text in sorted(numbered):
        if each in wanted:
            of_chunks(text, found)


def number(name: str) -> int:
    match = re.match(r"\d+", Path(name).name)
    return int(match[0]) if match else 0


def of_chunks(text: str, found: Sources) -> None:
    """Statements, and the methods between a heading and an empty chunk."""
    owner = ""
    for chunk in MARK.split(text.replace("\r", "\n")):
        stripped = chunk.strip()
        if not stripped:
            owner = "" if chunk.strip("\n") else owner
        elif heading := HEADING.match(stripped):
            owner = heading[1] + (heading[2] or "")
            found.classes.add(heading[1])
        elif owner:
            found.add(owner, stripped.split("\n")[0], stripped)
        else:
            found.classes.update(CHUNK_CLASS.findall(stripped))
            for each in REMOVED.finditer(stripped):
                found.remove((each[1] + (each[2] or ""), each[3]))
            for each in RENAMED_CLASS.finditer(stripped):
                found.rename_class(each[1], each[2])
            for each in REMOVED_CLASS.finditer(stripped):
                found.remove_class(each[1])
