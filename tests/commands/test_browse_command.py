"""`stui browse`: tables, text, names, colours, and what two images have not alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stui_cli.commands.browse import as_text, meant_by, without_source
from stui_cli.protocol.code import CodeItem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Stui

DEFINE = """Object subclass: #BrowsedThing instanceVariableNames: 'a' classVariableNames: '' poolDictionaries: ''
 category: 'Browsed'!
BrowsedThing comment: 'A thing, to look at.'!
!BrowsedThing methodsFor: 'asking'!
one
	^'one'!
two: x
	^self one , x! !
!BrowsedThing class methodsFor: 'making'!
make
	^self new! !
"""
UNDEFINE = "(Smalltalk includesKey: #BrowsedThing) ifTrue: [Smalltalk removeKey: #BrowsedThing]"


@pytest.fixture
def defined(stui: Stui, two_images: object) -> Iterator[None]:
    source = DEFINE.replace("'", "''")
    stui.ok("eval", "-i", "alpha", f"(ReadStream on: '{source}') fileIn")
    yield
    stui("eval", "--all", f"Object removeSubclass: (Smalltalk at: #BrowsedThing). {UNDEFINE}")


def test_tables_and_names(stui: Stui, defined: None) -> None:
    assert stui.ok("browse", "packages", "-i", "alpha", "--pattern", "Brow*") == "PACKAGE\nBrowsed\n"
    assert stui.ok("browse", "classes", "Browsed", "-i", "alpha").splitlines() == [
        "CLASS         SUPERCLASS  PACKAGE",
        "BrowsedThing  Object      Browsed",
    ]
    assert stui.ok("browse", "methods", "BrowsedThing", "-i", "alpha", "-o", "name").splitlines() == [
        "BrowsedThing class>>make",
        "BrowsedThing>>one",
        "BrowsedThing>>two:",
    ]
    (item,) = stui.items("browse", "implementors", "two:", "-i", "alpha")
    assert (item["name"], item["category"], item["image"]) == ("BrowsedThing>>two:", "asking", "alpha")
    assert stui.ok("browse", "hierarchy", "BrowsedThing", "-i", "alpha") == "Object\n  BrowsedThing\n"
    assert stui.ok("browse", "comment", "BrowsedThing", "-i", "alpha") == "A thing, to look at.\n"


def test_a_method_and_a_whole_class(stui: Stui, defined: None) -> None:
    for words in (("BrowsedThing>>two:",), ("BrowsedThing", ">>two:"), ("BrowsedThing", "two:")):
        assert stui.ok("browse", "source", *words, "-i", "alpha") == "two: x\n\t^self one , x\n"
    text = stui.ok("browse", "source", "BrowsedThing", "-i", "alpha")
    assert text.startswith("Object subclass: #BrowsedThing\n")
    assert "!BrowsedThing class methodsFor: 'making'!\nmake\n\t^self new! !\n" in text


def test_a_mark_within_a_text_is_doubled_in_chunks() -> None:
    method = CodeItem("Browsed", "BrowsedThing", "instance", "one", "it's", "one\n\t^'!'\n")
    found = {dialect: as_text("source", [method, method], dialect) or "" for dialect in ("squeak", "gst")}
    assert found["squeak"].split("\n\n")[0] == "!BrowsedThing methodsFor: 'it''s'!\none\n\t^'!!'! !"
    assert found["gst"].split("\n\n")[0] == "!BrowsedThing methodsFor: 'it''s'!\none\n\t^'!'! !"


def test_a_class_comes_back_from_its_file_with_its_comment(stui: Stui, defined: None, tmp_path: Path) -> None:
    file = tmp_path / "BrowsedThing.st"
    stui.ok("eval", "-i", "alpha", "BrowsedThing comment: 'It''s a thing! Two: !! and a ''quote''.\n\nEnd.'")
    told = stui.ok("browse", "comment", "BrowsedThing", "-i", "alpha")
    file.write_text(stui.ok("browse", "source", "BrowsedThing", "-i", "alpha"))
    assert "\nBrowsedThing comment: 'It''s a thing! Two: !! and a ''quote''." in file.read_text()
    stui.ok("load", "-i", "beta", str(file))
    assert stui.ok("browse", "comment", "BrowsedThing", "-i", "beta") == told
    stui.ok("eval", "-i", "alpha", "BrowsedThing comment: nil")
    assert " comment: " not in stui.ok("browse", "source", "BrowsedThing", "-i", "alpha")


def test_the_comment_of_a_class_without_methods_is_a_chunk_too() -> None:
    definition = CodeItem("Browsed", "Bare", "instance", None, "Browsed", "Object subclass: #Bare", "Object")
    assert as_text("source", [definition], "pharo", "It's!") == (
        "Object subclass: #Bare!\n\nBare comment: 'It''s!!'!\n"
    )
    assert as_text("source", [definition], "pharo") == "Object subclass: #Bare!\n"


def test_a_method_without_source_is_no_chunk() -> None:
    definition = CodeItem("Kernel", "Bare", "instance", None, "Kernel", "Object subclass: #Bare", "Object")
    own = CodeItem("Kernel", "Bare", "instance", "one", "primitives", None, None)
    assert as_text("source", [definition, own], "playground") == "Object subclass: #Bare!\n"
    assert list(without_source([definition, own], "alpha", "squeak")) == ["Bare>>one has no source in alpha"]
    assert list(without_source([definition, own, own], "alpha", "playground")) == [
        "2 methods have no source: they are parts of the playground itself"
    ]


def test_what_is_not_there(stui: Stui, two_images: object) -> None:
    for words in (("methods", "NoSuchThing"), ("source", "Object>>noSuch"), ("classes", "No Such")):
        said = stui("browse", *words, "-i", "alpha")
        assert (said.code, "see `stui browse" in said.err) == (3, True)
    assert stui("browse", "methods", "-i", "alpha").code == 2


def test_another_image(stui: Stui, defined: None) -> None:
    source = DEFINE.replace("^self new", "^super new").replace("'", "''")
    stui.ok("eval", "-i", "beta", f"(ReadStream on: '{source}') fileIn")
    said = stui("browse", "source", "BrowsedThing", "-i", "alpha", "--against", "beta", "--exit-code")
    assert said.code == 8
    assert said.out.splitlines() == [
        "--- alpha: BrowsedThing class>>make",
        "+++ beta: BrowsedThing class>>make",
        "@@ -1,2 +1,2 @@",
        " make",
        "-\t^self new",
        "+\t^super new",
    ]
    (item,) = stui.items("browse", "source", "BrowsedThing", "-i", "alpha", "--against", "beta")
    assert (item["difference"], item["only_in"], item["against"]) == ("differs", None, "beta")
    assert (item["source"], item["there"]) == ("make\n\t^self new", "make\n\t^super new")
    alike = ("browse", "methods", "BrowsedThing", "-i", "alpha", "--against", "beta", "--exit-code")
    assert stui.ok(*alike) == ""
    stui.ok("eval", "-i", "beta", "BrowsedThing removeSelector: #one")
    assert stui("browse", *alike[1:]).out.splitlines()[1:] == ["BrowsedThing>>one  missing     alpha"]


def test_source_has_colours_where_there_are_any(stui: Stui, defined: None) -> None:
    plain = stui.ok("browse", "source", "BrowsedThing>>one", "-i", "alpha")
    shown = stui.ok("browse", "source", "BrowsedThing>>one", "-i", "alpha", "--color", "always")
    assert "\x1b[" not in plain
    assert "\x1b[" in shown


@pytest.mark.parametrize(
    "text", ["bar: x\n\t^'a long string that a terminal of one column would fold' , x", "x\n\n\ty"]
)
def test_colours_change_no_character(text: str) -> None:
    import re

    from stui_cli.output.syntax import coloured

    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured(text)).rstrip("\n").expandtabs(8) == text.expandtabs(8)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("Foo",), "Foo"),
        (("Foo", ">>bar:"), "Foo>>bar:"),
        (("Foo class",), "Foo class"),
        (("Foo", "class"), "Foo class"),
        (("Foo", "class", ">>bar"), "Foo class>>bar"),
        (("Foo", "bar:"), "Foo>>bar:"),
        ((), None),
    ],
)
def test_how_a_method_is_named(words: tuple[str, ...], text: str | None) -> None:
    assert meant_by("source", words) == text
