"""An image of whose texts every one would steer, rewrite or hide what a person reads: none reaches an eye as it is."""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hostile_image import HostileImage

from stui_cli.api import open_manager
from stui_cli.main import run
from stui_cli.model.images import Image
from stui_cli.model.operations import ImageDetails, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stui_cli.store.transaction import Draft

HIDDEN = "\x1b\x07\x7f\x9b\x85\r\u200b\u200e\u200f\u061c\u202a\u202e\u2066\u2069\u2028\u2029\ufeff\U000e0041"
POISON = f"\x1b]0;x\x07{HIDDEN}\nforged: a line\n"

# Words of the protocol and ids, without which there would be nothing to show; and Transcript text, which is shown line
# by line as it is said.
MEANT = {
    "image_id",
    "incarnation",
    "auth",
    "session_id",
    "client_id",
    "outcome",
    "ended",
    "methods",
    "abilities",
    "code",
    "output",
    "text",
}


def poisoned(sent: Any, key: object = None) -> Any:
    """The same message with poison at the end of each of its texts."""
    match sent:
        case dict():
            return {each: poisoned(value, each) for each, value in sent.items()}
        case list() | tuple():
            return [poisoned(value, key) for value in sent]
        case str() if key not in MEANT:
            return sent + POISON
        case _:
            return sent


@pytest.fixture
def hostile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HostileImage]:
    monkeypatch.chdir(tmp_path)
    Path("lit.st").write_text(
        "Object subclass: Lit [ | a | a [ ^a ] ]\n3 + 4\n1 foo\n"
        "TestCase subclass: LitTest [ testGood [ self assert: true ] testBad [ self assert: false ] ]\n"
    )
    with HostileImage() as image:

        def register(draft: Draft) -> ImageDetails:
            draft.images["alpha"] = Image("alpha", image.address, 0)  # pinned at the first contact
            return ImageDetails(Kind.IMAGE_ADD, "alpha")

        open_manager().store.commit(register)
        image.distort = lambda _, sent: poisoned(sent)
        run(["sessions", "create", "alpha/work"])
        run(["eval", "-i", "alpha", "-s", "work", "a := 3"])
        run(["load", "lit.st", "--keep-going"])
        yield image


# What is foreign text as a whole, of several lines.
WHOLE = [
    ["eval", "Transcript showCr: 'said'. 'a text'"],
    ["browse", "source", "Lit>>a"],
    ["browse", "source", "Lit"],
    ["browse", "comment", "Lit"],
]
LINES = [
    ["images"],
    ["images", "show", "alpha"],
    ["images", "connect", "alpha"],
    ["images", "trust", "-y", "alpha"],
    ["status"],
    ["status", "-o", "prometheus"],
    ["check"],
    ["ping"],
    ["ping", "-c", "2", "--interval", "0.01s"],
    ["eval", "3 foo"],
    ["eval", "--all", "3 + 4"],
    ["inspect", "3/4"],
    ["inspect", "3 foo"],
    ["inspect", "-i", "alpha", "-s", "work", "@77"],
    ["sessions"],
    ["sessions", "show", "alpha/work"],
    ["sessions", "stats", "alpha"],
    ["sessions", "history", "alpha/work"],
    ["load", "lit.st", "--keep-going"],
    ["test", "LitTest"],
    ["test", "NoSuchTest"],
    ["browse", "classes"],
    ["browse", "hierarchy", "Lit"],
    ["browse", "implementors", "a"],
    ["browse", "source", "NoSuchClass"],
    ["jobs"],
    ["interrupt", "alpha", "nothing"],
    ["cleanup", "--all", "-n"],
    ["sessions", "close", "alpha/work"],
    ["sessions", "restore", "alpha/work"],
    ["sessions", "export", "-f", "work.toml", "--force", "alpha/work"],
    ["log"],
    ["log", "show", "1"],
    ["log", "show", "2"],
    ["log", "show", "3"],
    ["audit"],
    ["undo"],
]


def said(capfd: pytest.CaptureFixture[str], words: list[str]) -> str:
    capfd.readouterr()
    code = run([*words, "--timeout=2"])
    out, err = capfd.readouterr()
    assert "bug of stui" not in out + err, (words, err[-2_000:])
    assert code in range(11), words
    for each in HIDDEN:
        assert each not in out + err, (words, repr(each), (out + err)[-2_000:])
    return out + err


def test_no_text_of_an_image_reaches_a_terminal_as_it_is(
    hostile: HostileImage, capfd: pytest.CaptureFixture[str]
) -> None:
    for words in WHOLE:
        assert "forged" in said(capfd, words), words
    for words in LINES:
        assert not any(line.startswith("forged") for line in said(capfd, words).splitlines()), words
    for form in ("table", "plain", "tsv", "json", "jsonl"):
        for words in (["status"], ["sessions"], ["sessions", "history", "alpha/work"], ["browse", "classes"]):
            told = said(capfd, [*words, "-o", form])
            assert not any(line.startswith("forged") for line in told.splitlines()), (words, form)


def test_nothing_of_it_is_kept_where_people_read(hostile: HostileImage, capfd: pytest.CaptureFixture[str]) -> None:
    said(capfd, ["status"])
    said(capfd, ["test", "LitTest", "--junit", "out.xml"])
    home = Path(os.environ["STUI_HOME"])
    kept = ["out.xml", home / "state.toml", home / "audit.jsonl", *(home / "names").iterdir()]
    for path in kept:
        text = Path(path).read_text()
        assert not any(each in text for each in HIDDEN), path
        assert not any(line.startswith("forged") for line in text.splitlines()), path
    image = tomllib.loads((home / "state.toml").read_text())["images"]["alpha"]
    for key in ("image_name", "image_version", "dialect"):
        assert image[key].isprintable()


def test_an_export_is_escaped_and_loses_nothing(hostile: HostileImage, capfd: pytest.CaptureFixture[str]) -> None:
    """Also where it is not a terminal that reads it at first: people print files."""
    text = said(capfd, ["sessions", "export", "alpha/work"])
    assert not any(line.startswith("forged") for line in text.splitlines())
    said(capfd, ["sessions", "export", "-f", "work.toml", "alpha/work"])
    written = Path("work.toml").read_text()
    assert not any(each in written for each in HIDDEN)
    (binding,) = tomllib.loads(written)["checkpoint"]["bindings"]
    assert binding["printed"] == f"3{POISON}"


def test_hidden_characters_of_toml_are_read_back(tmp_path: Path) -> None:
    from stui_cli.store.toml_text import toml_text

    fields = {"a": HIDDEN, "b": {"\u202ekey": ["été 日本語", "\U000e0041"]}}
    text = toml_text(fields)
    assert not any(each in text for each in HIDDEN)
    assert "été 日本語" in text
    assert tomllib.loads(text) == fields
    assert json.loads(json.dumps(fields)) == fields


def test_what_is_kept_of_an_answer_is_bounded(hostile: HostileImage, capfd: pytest.CaptureFixture[str]) -> None:
    """An image may say 16 MiB of each value and of each error; a history of that would be read for ever."""
    long = "x" * 1_000_000
    for source in ("3 + 4", "3 foo"):
        hostile.distort = lambda what, sent: _lengthened(sent, long) if what == "evaluate" else sent
        run(["eval", "-i", "alpha", "-s", "work", source])
    hostile.distort = lambda _, sent: sent
    capfd.readouterr()
    run(["sessions", "history", "alpha/work", "-o", "json"])
    items = json.loads(capfd.readouterr().out)["items"]
    assert [item["outcome"] for item in items[-2:]] == ["returned", "raised"]
    assert all(len(str(item)) < 10_000 for item in items)


def _lengthened(sent: Any, text: str) -> Any:
    for key in ("value", "error"):
        if sent[key]:
            sent[key] = {name: each + text if isinstance(each, str) else each for name, each in sent[key].items()}
    return sent
