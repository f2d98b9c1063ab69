"""An image that lies about the type of any one value: each command says so, or does without, and never falls over."""

from __future__ import annotations

import math
import os
import random
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hostile_image import HostileImage, Path, paths_in, with_value

from stui_cli.api import open_manager
from stui_cli.main import run
from stui_cli.model.images import Image
from stui_cli.model.operations import ImageDetails, Kind

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Iterator

    from stui_cli.store.transaction import Draft

# What no field of an answer should hold, or hardly any.
WRONG = {
    "nothing": None,
    "true": True,
    "zero": 0,
    "less than nothing": -1,
    "the least integer": -(2**63),
    "the largest integer": 2**64 - 1,
    "a large integer": 2**32,
    "a whole float": 3.0,
    "a huge float": 1e308,
    "no number": math.nan,
    "no end": -math.inf,
    "no text": "",
    "controls": "\x1b]0;x\x07\x9b2J\r\n\u202e\u2028\U000e0041",
    "no UTF-8": "caf\udce9",
    "a path": "../../../etc/passwd",
    "a long text": "x" * 100_000,
    "bytes": b"\xff\xfe",
    "an empty array": [],
    "arrays": [[None], {}],
    "an empty map": {},
    "a strange map": {1: 2, b"\xff": [True], None: None},
}


class Row(NamedTuple):
    """A command, and what makes it possible anew each time."""

    words: tuple[str, ...]
    before: tuple[tuple[str, ...], ...] = ()


SOURCE = "Object subclass: Lit [ | a | a [ ^a ] ]\n3 + 4\n1 foo\n"
SUITE = "TestCase subclass: LitTest [ testGood [ self assert: true ] testBad [ self assert: false ] ]\n"
REMOVED = (("sessions", "remove", "-y", "alpha/more"),)
MADE = (*REMOVED, ("sessions", "create", "alpha/more"))
ROWS = {
    "ping": Row(("ping",)),
    "status": Row(("status",)),
    "status -o prometheus": Row(("status", "-o", "prometheus")),
    "check": Row(("check",)),
    "eval": Row(("eval", "(Transcript showCr: 'said'). 3.5")),
    "eval that raises": Row(("eval", "-i", "alpha", "-s", "work", "x := 3 foo")),
    "eval that does not compile": Row(("eval", "3 +")),
    "eval everywhere": Row(("eval", "--all", "3 + 4")),
    "inspect": Row(("inspect", "(3/4)->'a'")),
    "inspect what raises": Row(("inspect", "3 foo")),
    "images connect": Row(("images", "connect", "alpha")),
    "sessions create": Row(("sessions", "create", "alpha/more"), REMOVED),
    "sessions show": Row(("sessions", "show", "alpha/work")),
    "sessions close": Row(("sessions", "close", "alpha/more"), MADE),
    "sessions restore": Row(("sessions", "restore", "alpha/more"), (*MADE, ("sessions", "close", "alpha/more"))),
    "sessions stats": Row(("sessions", "stats", "alpha")),
    "sessions export": Row(("sessions", "export", "alpha/work")),
    "switch": Row(("switch", "alpha/work"), (("switch", "alpha"),)),
    "cleanup -n": Row(("cleanup", "--all", "-n")),
    "cleanup": Row(("cleanup", "--all", "--force", "-y"), (*MADE, ("undo",))),
    "jobs": Row(("jobs",)),
    "interrupt": Row(("interrupt", "alpha", "nothing")),
    "load": Row(("load", "lit.st")),
    "test": Row(("test", "LitTest", "--junit", "out.xml")),
    "browse classes": Row(("browse", "classes")),
    "browse source": Row(("browse", "source", "Lit")),
    "browse nothing": Row(("browse", "source", "NoSuchClass")),
    "images trust": Row(("images", "trust", "-y", "alpha")),
}

# These hear a greeting and no more.
GREETED = ("images trust",)

# How many lies of each command are tried, 0 for all: 13,000 in three minutes.
LIES = int(os.environ.get("STUI_TEST_LIES", "6"))


@pytest.fixture
def hostile(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HostileImage]:
    """`alpha`, with a session `work` and code to load, test and browse; honest until it is told otherwise."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lit.st").write_text(SOURCE)
    (tmp_path / "suite.st").write_text(SUITE)
    with HostileImage() as image:

        def register(draft: Draft) -> ImageDetails:
            draft.images["alpha"] = Image("alpha", image.address, 0, image_id=image.image_id)
            return ImageDetails(Kind.IMAGE_ADD, "alpha")

        open_manager().store.commit(register)
        for words in (
            ("sessions", "create", "alpha/work"),
            ("eval", "-i", "alpha", "-s", "work", "a := 3"),
            ("load", "suite.st"),
            ("load", "lit.st"),
        ):
            run([*words, "--timeout=2"])
        yield image


def honestly(image: HostileImage, *commands: tuple[str, ...]) -> None:
    image.distort = lambda _, sent: sent
    for words in commands:
        run([*words, "--timeout=2"])


def lies(image: HostileImage, row: Row) -> list[tuple[str, Path, str]]:
    """All values that the image sends while a command runs, each with all that it could be instead."""
    said: dict[str, object] = {}

    def listen(what: str, sent: object) -> object:
        said.setdefault(what, sent)
        return sent

    honestly(image, *row.before)
    image.distort = listen
    run([*row.words, "--timeout=2"])
    return [(what, path, name) for what, sent in said.items() for path in paths_in(sent) for name in WRONG]


def check_lie(
    image: HostileImage, row: Row, what: str, path: Path, value: object, capfd: pytest.CaptureFixture[str]
) -> None:
    honestly(image, *row.before)
    image.distort = lambda said, sent: with_value(sent, path, value) if said == what else sent
    capfd.readouterr()
    code = run([*row.words, "--timeout=2"])
    out, err = capfd.readouterr()
    told = (row.words, what, path, repr(value)[:60], err[-2_000:])
    assert "bug of stui" not in err + out, told
    assert "Traceback" not in err + out, told
    assert code in range(11), told
    for hidden in "\x1b\x07\x9b\r\u202e\u2028\U000e0041":
        assert hidden not in out + err, (hidden, *told)
    assert not os.path.exists(os.path.join(os.environ["STUI_HOME"], "crashes")), told


def test_a_wrong_value_anywhere(hostile: HostileImage, capfd: pytest.CaptureFixture[str]) -> None:
    for command, row in ROWS.items():
        found = lies(hostile, row)
        assert {what for what, _, _ in found} > {"hello"} or command in GREETED, f"{command} asks for nothing"
        chosen = random.Random(command).sample(found, min(LIES or len(found), len(found)))
        for what, path, name in chosen:
            check_lie(hostile, row, what, path, WRONG[name], capfd)


@pytest.mark.parametrize("place", [2**64 - 1, 2**32, 0, -(2**63)])
def test_a_place_that_no_source_has(place: int, hostile: HostileImage, capfd: pytest.CaptureFixture[str]) -> None:
    """A mark below it would be as long as it is far to the right."""

    def elsewhere(sent: Any) -> Any:
        match sent:
            case dict():
                return {key: place if key in ("line", "column") else elsewhere(each) for key, each in sent.items()}
            case list() | tuple():
                return [elsewhere(each) for each in sent]
            case _:
                return sent

    def far_right(sent: Any) -> Any:
        moved = elsewhere(sent)
        return with_value(moved, ("error", "line"), 1) if isinstance(moved, dict) else moved

    for change in (elsewhere, far_right):
        hostile.distort = lambda what, sent, change=change: (
            change(sent) if what in ("evaluate", "load_source") else sent
        )
        for words in (["eval", "3 +"], ["load", "lit.st"]):
            capfd.readouterr()
            assert run([*words, "--timeout=2"]) == 7
            assert len(capfd.readouterr().err) < 2_000
    assert not os.path.exists(os.path.join(os.environ["STUI_HOME"], "crashes"))
