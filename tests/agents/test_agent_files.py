"""Files after the shape of public repositories, loaded through the agent as `gst FILE` loads them: same classes,
selectors, sides, results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from plain_gst import AFTER, BEFORE, FILES, SOURCES, bracketed, plain

if TYPE_CHECKING:
    from pathlib import Path

    from running import Starter
    from wire import Wire


def through_the_agent(wire: Wire, text: str) -> tuple[list[str], list[str], list[Any]]:
    """What it prints, what it makes, and the items that failed."""
    assert wire.value(BEFORE) == "'kept'"
    items = wire.call("load_source", text=text, stop_at_error=False)
    made = wire.value(AFTER, print_limit=1_000_000)
    output = "".join(item["output"] for item in items)
    return (
        output.splitlines(),
        made.removeprefix("'").removesuffix("'").replace("''", "'").splitlines(),
        [item for item in items if item["outcome"] != "returned"],
    )


def in_order(lines: list[str], text: str) -> list[str]:
    """A plain gst prints what goes to the Transcript later than the rest."""
    return sorted(lines) if "Transcript" in text else lines


def ids(path: Path) -> str:
    return str(path.relative_to(SOURCES))


def test_there_are_sixty_in_four_formats() -> None:
    assert len(FILES) >= 60
    assert {path.parent.name for path in FILES} == {"chunks", "brackets", "tonel", "statements"}


def compare(wire: Wire, gst: Path, folder: Path, text: str, in_gst: str) -> None:
    printed, made, failed = through_the_agent(wire, text)
    plainly_printed, plainly_made = plain(gst, folder, in_gst.encode())
    assert failed == []
    assert made == plainly_made
    assert in_order(printed, text) == in_order(plainly_printed, text)


PLAIN = [path for path in FILES if path.parent.name != "tonel"]

# Superclasses first.
TONEL = sorted(
    (path for path in FILES if path.parent.name == "tonel"), key=lambda path: path.stem == "TonelBackward.class"
)


@pytest.mark.parametrize("path", PLAIN, ids=ids)
def test_a_file_makes_what_it_makes_in_a_plain_gst(wire: Wire, gst: Path, tmp_path: Path, path: Path) -> None:
    text = path.read_text("utf-8")
    compare(wire, gst, tmp_path, text, text)


def test_files_of_tonel_make_what_the_same_in_brackets_makes(wire: Wire, gst: Path, tmp_path: Path) -> None:
    assert wire.value(BEFORE) == "'kept'"
    texts = [path.read_text("utf-8") for path in TONEL]
    for text in texts:
        assert [item["outcome"] for item in wire.call("load_source", text=text)] == ["returned"]
    made = [line.replace("''", "'") for line in wire.value(AFTER, print_limit=1_000_000)[1:-1].splitlines()]
    _, plainly_made = plain(gst, tmp_path, "".join(map(bracketed, texts)).encode())
    assert made == plainly_made
    assert len(made) > 60


@pytest.mark.long
@pytest.mark.parametrize("end", ["\r\n", "\r", "\n\f"], ids=["CRLF", "CR", "FF"])
def test_the_same_with_other_ends_of_lines(starter: Starter, gst: Path, tmp_path: Path, end: str) -> None:
    wire = starter.clients_of(starter().start())()
    for path in PLAIN:
        text = path.read_text("utf-8").replace("\n", end)
        if "lines size" not in text:
            compare(wire, gst, tmp_path, text, text)
