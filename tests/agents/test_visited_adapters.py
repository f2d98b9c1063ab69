"""The adapters of dialects that no ordinary run has an image of: read, and held against the core."""

from __future__ import annotations

import re

import pytest
from chunk_reader import Reading, read

from stui_cli.local.dialects import CORE, VISITED, agent_files

# The first line of a method that is left to a subclass.
LEFT = re.compile(r"^([^\s!][^\n]*)\n(?:\t\"[^\"]*\"\n)?\t\^self subclassResponsibility", re.MULTILINE)


def reading_of(dialect: str, *, core: bool) -> Reading:
    reading = Reading()
    for path in agent_files(dialect):
        if (f"{path.parent.name}/{path.stem}" in CORE) == core:
            read(path.read_text("ascii"), reading)
    return reading


def hooks() -> set[str]:
    """What a dialect must answer: the methods of StuiDialect that are left to it."""
    (path,) = (each for each in agent_files("gst") if (each.parent.name, each.stem) == ("core", "dialect"))
    lefts = re.findall(
        r"^([^\s!][^\n]*)\n(?:\t\"[^\"]*\"\n)?\t\^self subclassResponsibility", path.read_text(), re.MULTILINE
    )
    return {"".join(re.findall(r"\w+:", line)) or line.strip() for line in lefts}


@pytest.mark.parametrize("dialect", VISITED)
def test_it_answers_all_that_the_core_leaves_to_a_dialect(dialect: str) -> None:
    assert len(hooks()) > 40
    assert hooks() - reading_of(dialect, core=False).defined == set()


@pytest.mark.parametrize("dialect", VISITED)
def test_the_family_leaves_nothing_to_a_dialect_that_it_does_not_answer(dialect: str) -> None:
    """A message that is its subclass's responsibility is defined once more."""
    files = [path for path in agent_files(dialect) if path.parent.name != "core"]
    text = "".join(path.read_text() for path in files)
    assert [
        line for line in LEFT.findall(text) if len(re.findall(f"^{re.escape(line)}$", text, re.MULTILINE)) < 2
    ] == []


@pytest.mark.parametrize("dialect", VISITED)
def test_its_files_hold_what_every_dialect_reads_alike(dialect: str) -> None:
    """Upper-case digits, no accessors of numbers in bytes (some abort a virtual machine), one dialect at the end."""
    for path in agent_files(dialect)[len(CORE) :]:
        found = re.findall(r"16r[0-9A-F]*[a-f]\w*|doubleAt:|floatAt:|integerAt:|commentStamp:", path.read_text("ascii"))
        assert found == [], path
    assert agent_files(dialect)[-1].read_text().rstrip().endswith("new!")


def test_no_image_of_pharo_takes_our_manager_by_itself() -> None:
    """At a start without a display it takes the most special one that says it is meant, with and without an agent."""
    assert "isValidForCurrentSystemConfiguration" in reading_of("pharo", core=False).defined
