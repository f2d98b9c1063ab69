"""The files of a folder, in the order that they need."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stui_cli.model.errors import UsageProblem
from stui_cli.work.code.files import SourceFile, in_order, source_files

if TYPE_CHECKING:
    from pathlib import Path

LEAF_TONEL = "Class {\n\t#name : #Leaf,\n\t#superclass : #Root,\n\t#category : #Bank\n}\n"
ROOT_TONEL = '"A comment."\nClass {\n\t#name : #Root,\n\t#superclass : #Object\n}\n'
MORE_TONEL = "Extension { #name : #Leaf }\n\n{ #category : #x }\nLeaf >> foo [\n\t^1\n]\n"
LEAF_BRACKETS = "Root subclass: Leaf [\n  foo [ ^1 ]\n]\n"
ROOT_CHUNKS = "Object subclass: #Root\n\tinstanceVariableNames: ''\n\tcategory: 'x'!\n"
MORE_BRACKETS = "Leaf class extend [\n  bar [ ^2 ]\n]\n"
MORE_CHUNKS = "!Root methodsFor: 'x'!\nfoo\n\t^1! !\n"


def order(*texts: str) -> list[int]:
    files = [SourceFile(str(number), text) for number, text in enumerate(texts)]
    return [int(file.name) for file in in_order(files)]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ((LEAF_TONEL, ROOT_TONEL, MORE_TONEL), [1, 0, 2]),
        ((MORE_TONEL, LEAF_TONEL, ROOT_TONEL), [2, 1, 0]),
        ((LEAF_BRACKETS, MORE_BRACKETS, ROOT_CHUNKS, MORE_CHUNKS), [2, 0, 1, 3]),
        ((MORE_CHUNKS, "3 printNl", ROOT_CHUNKS), [2, 0, 1]),
        (("A subclass: B [ ]", "B subclass: A [ ]"), [1, 0]),  # a circle ends
        (("'text'", "3 + 4"), [0, 1]),
    ],
)
def test_order(texts: tuple[str, ...], expected: list[int]) -> None:
    assert order(*texts) == expected


def test_a_folder_and_a_file(tmp_path: Path) -> None:
    folder = tmp_path / "Bank"
    (folder / "deep").mkdir(parents=True)
    (folder / "Aleaf.class.st").write_text(LEAF_TONEL)
    (folder / "deep" / "Zroot.class.st").write_text(ROOT_TONEL)
    (folder / "package.st").write_text("Package { #name : #Bank }")
    (folder / "notes.txt").write_text("no source")
    (tmp_path / "one.st").write_bytes(b"\xff'no UTF-8'")
    found = source_files([str(folder), str(tmp_path / "one.st"), "-"], b"3 + 4")
    assert [file.name.rpartition("/")[2] for file in found] == [
        "Zroot.class.st",
        "Aleaf.class.st",
        "one.st",
        "standard input",
    ]
    assert found[2].text.encode("utf-8", "surrogateescape") == b"\xff'no UTF-8'"
    with pytest.raises(UsageProblem, match="cannot be read"):
        source_files([str(tmp_path / "none.st")])


def test_a_name_that_is_too_long_is_refused_as_any_that_cannot_be_read() -> None:
    with pytest.raises(UsageProblem, match="cannot be read: File name too long"):
        source_files(["x" * 5_000])


def test_a_folder_that_vanishes_or_may_not_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "inner").mkdir()

    def refused(folder: str) -> object:
        raise PermissionError(13, "Permission denied", str(folder))

    monkeypatch.setattr("os.scandir", refused)
    with pytest.raises(UsageProblem, match="cannot be read: Permission denied"):
        source_files([str(tmp_path)])
