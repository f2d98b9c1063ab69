"""Which files of source a load means, and in which order: what others inherit from or extend comes before them."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from stui_cli.model.errors import UsageProblem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

STANDARD_INPUT = "-"

_NAME = r"([A-Za-z_][\w.]*)"

# Only for the order of files: their image reads them by tokens. One that defines nothing that is seen here keeps its
# place by its name.
_SUBCLASS = re.compile(rf"{_NAME}\s+\w*[sS]ubclass:\s*#?\s*'?{_NAME}")
_TONEL = re.compile(r"^\s*(Class|Trait)\s*\{(.*?)\n\}", re.DOTALL | re.MULTILINE)
_TONEL_NAME = re.compile(rf"#name\s*:\s*#?'?{_NAME}")
_TONEL_ABOVE = re.compile(rf"#(?:superclass|traits)\s*:\s*#?'?{_NAME}")
_EXTENDED = re.compile(
    rf"(?:!\s*{_NAME}(?:\s+class)?\s+methodsFor:|^\s*{_NAME}(?:\s+class)?\s+extend\s*\[|Extension\s*\{{\s*#name\s*:\s*#?'?{_NAME})",
    re.MULTILINE,
)

# A folder of Tonel files has one that says of which package it is, and holds no code.
_PACKAGE = "package.st"


class SourceFile(NamedTuple):
    """A file of source: how it is called in messages, and its text."""

    name: str
    text: str


class _Seen(NamedTuple):
    defines: frozenset[str]
    needs: frozenset[str]


def source_files(words: Iterable[str], standard_input: bytes = b"") -> list[SourceFile]:
    """The files that `words` name: each file, and of each folder all below it that end with .st, in the order of what
    they need. Raises UsageProblem for what cannot be read."""
    found: list[SourceFile] = []
    for word in words:
        if word == STANDARD_INPUT:
            found.append(SourceFile("standard input", _text(standard_input)))
        elif os.path.isdir(word):  # noqa: PTH112  pathlib raises for a name that is too long
            found += in_order([_read(each) for each in sorted(_below(word))])
        else:
            found.append(_read(Path(word)))
    return found


def _below(folder: str) -> Iterator[Path]:
    """Its source files, and those of all folders in it. Raises UsageProblem for a folder that cannot be read: what is
    in it would be left out without a word."""
    for above, _, names in os.walk(folder, onerror=_refuse):
        yield from (Path(above, name) for name in names if name.endswith(".st") and name != _PACKAGE)


def _refuse(error: OSError) -> NoReturn:
    raise UsageProblem(
        f"{error.filename} cannot be read: {error.strerror}", todo="name files of source, or folders of them"
    ) from error


def in_order(files: Sequence[SourceFile]) -> list[SourceFile]:
    """The files so that what a class inherits from is defined before it, and what is extended before that; otherwise as
    they came, those that only extend last."""
    seen = {file: _seen(file.text) for file in files}
    owners = {name: file for file, each in seen.items() for name in each.defines}
    done: dict[SourceFile, None] = {}

    def add(file: SourceFile, above: tuple[SourceFile, ...]) -> None:
        if file in done or file in above:  # a circle is loaded as it came
            return
        for name in sorted(seen[file].needs):
            if name in owners:
                add(owners[name], (*above, file))
        done[file] = None

    for file in [*(each for each in files if seen[each].defines), *files]:
        add(file, ())
    return list(done)


def holds_definitions(text: str) -> bool:
    """Whether classes or methods are defined in it, as far as that is seen without reading it by tokens."""
    seen = _seen(text)
    return bool(seen.defines or seen.needs)


def _seen(text: str) -> _Seen:
    defines: set[str] = set()
    needs: set[str] = set()
    for above, name in _definitions(text):
        defines.add(name)
        needs.add(above)
    needs.update(name for groups in _EXTENDED.findall(text) for name in groups if name)
    return _Seen(frozenset(defines), frozenset(needs - defines))


def _definitions(text: str) -> Iterator[tuple[str, str]]:
    """Superclass and name of each class, as far as they can be seen."""
    yield from _SUBCLASS.findall(text)
    for _, header in _TONEL.findall(text):
        name = _TONEL_NAME.search(header)
        for above in _TONEL_ABOVE.findall(header) or ("",):
            if name is not None:
                yield above, name[1]


def _read(path: Path) -> SourceFile:
    try:
        return SourceFile(str(path), _text(path.read_bytes()))
    except OSError as error:
        _refuse(error)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
