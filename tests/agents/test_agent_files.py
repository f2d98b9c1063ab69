"""Files after the shape of public repositories, loaded through the agent as `gst FILE` loads them: same classes,
selectors, sides, results."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from plain_gst import AFTER, BEFORE, FILES, SOURCES, bracketed, plain

if TYPE_CHECKING:
    from running import Starter
    from wire import Wire


def through_the_agent(wire: Wire, *texts: str) -> tuple[list[str], list[str]]:
    """What they print and what they make."""
    assert wire.value(BEFORE) == "'kept'"
    items = [item for text in texts for item in wire.call("load_source", text=text, stop_at_error=False)]
    assert [item for item in items if item["outcome"] != "returned"] == []
    made = wire.value(AFTER, print_limit=1_000_000)
    output = "".join(item["output"] for item in items)
    return output.splitlines(), made[1:-1].replace("''", "'").splitlines()


def compare(wire: Wire, gst: Path, folder: Path, *texts: str) -> None:
    printed, made = through_the_agent(wire, *texts)
    plainly_printed, plainly_made = plain(gst, folder, *(text.encode() for text in texts))
    assert made == plainly_made
    # A plain gst prints what goes to the Transcript later than the rest.
    order = sorted if "Transcript" in "".join(texts) else list
    assert order(printed) == order(plainly_printed)


def ids(path: Path) -> str:
    return str(path.relative_to(SOURCES))


def texts_of(paths: list[Path], end: str = "\n") -> list[str]:
    return [path.read_text("utf-8").replace("\n", end) for path in paths]


PLAIN = [path for path in FILES if path.parent.name != "tonel"]

# Superclasses first.
TONEL = sorted(
    (path for path in FILES if path.parent.name == "tonel"), key=lambda path: path.stem == "TonelBackward.class"
)


def test_there_are_sixty_in_four_formats() -> None:
    assert len(FILES) >= 60
    assert {path.parent.name for path in FILES} == {"chunks", "brackets", "tonel", "statements"}


def test_files_make_what_they_make_in_a_plain_gst(wire: Wire, gst: Path, tmp_path: Path) -> None:
    compare(wire, gst, tmp_path, *texts_of(PLAIN))


@pytest.mark.long
@pytest.mark.parametrize("path", PLAIN, ids=ids)
def test_a_file_makes_what_it_makes_in_a_plain_gst(starter: Starter, gst: Path, tmp_path: Path, path: Path) -> None:
    """Each in images of its own."""
    compare(starter.clients_of(starter().start())(), gst, tmp_path, *texts_of([path]))


@pytest.mark.long
@pytest.mark.parametrize("end", ["\r\n", "\r", "\n\f"], ids=["CRLF", "CR", "FF"])
def test_the_same_with_other_ends_of_lines(starter: Starter, gst: Path, tmp_path: Path, end: str) -> None:
    """But for the one that counts its lines."""
    texts = [text for text in texts_of(PLAIN, end) if "lines size" not in text]
    compare(starter.clients_of(starter().start())(), gst, tmp_path, *texts)


def test_files_of_tonel_make_what_the_same_in_brackets_makes(wire: Wire, gst: Path, tmp_path: Path) -> None:
    texts = texts_of(TONEL)
    _, made = through_the_agent(wire, *texts)
    _, plainly_made = plain(gst, tmp_path, "".join(map(bracketed, texts)).encode())
    assert made == plainly_made
    assert len(made) > 50


# Sources that others wrote: of packages that come with GNU Smalltalk.
PACKAGES = (
    *("SUnit/SUnit.st", "ROE/Core.st", "CParser/CDeclNode.st", "Parser/RBToken.st", "Digest/digest.st"),
    *("Complex/Complex.st", "Announcements/Announcements.st", "Sockets/SocketAddress.st"),
)


@pytest.mark.long
@pytest.mark.parametrize("name", PACKAGES)
def test_sources_of_packages_make_what_they_make_in_a_plain_gst(
    starter: Starter, gst: Path, tmp_path: Path, name: str
) -> None:
    package, _, file = name.partition("/")
    wire = starter.clients_of(starter().start())()
    home = Path(wire.value("Directory kernel asString").strip("'")).parent
    with zipfile.ZipFile(home / f"{package}.star") as archive:
        text = archive.read(file).decode("utf-8", "replace")
    compare(wire, gst, tmp_path, text)


_COMMENTED = """\
Object subclass: Commented{0} [ |a b| <comment: 'comment {0}'> <category: 'category {0}'> foo [ ^#(1 2 3) , 'x' ] ]
(1 to: 300) inject: OrderedCollection new into: [:a :b | a add: b printString; yourself].
"""
_OTHERS = """\
({0} to: {1}) select: [:n | | class |
    class := Smalltalk at: ('Commented' , n printString) asSymbol.
    class comment ~= ('comment ' , n printString) or: [class category ~= ('category ' , n printString)]]
"""


@pytest.mark.long
def test_each_class_has_its_own_comment_and_category(starter: Starter) -> None:
    """Where garbage was collected while the virtual machine read them, one in a thousand had some other object."""
    wire = starter.clients_of(starter().start())()
    for first in range(0, 600, 60):
        text = "".join(_COMMENTED.format(n) for n in range(first, first + 60))
        wire.call("load_source", text=text, stop_at_error=False, time_limit_ms=60_000)
        assert wire.value(_OTHERS.format(first, first + 59)) == "()"
