"""Whatever stands on the command line, every command does it or says what is wrong: nothing is a bug of stui."""

from __future__ import annotations

import io
import os
import sys
from typing import TYPE_CHECKING

import click
import pytest
from farm import Behaviour, Farm, with_control_characters

from stui_cli.api import open_manager
from stui_cli.command_table import COMMANDS
from stui_cli.main import root, run
from stui_cli.model.images import Image
from stui_cli.model.operations import ImageDetails, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from farm import FarmImage

    from stui_cli.command_table import CommandRow
    from stui_cli.store.transaction import Draft

ODD = {
    "bytes that are no text": "\udcff\udcfe\udc80",
    "nothing": "",
    "blanks": "  \t ",
    "controls": "a\nb\x1b[2J\x07",
    "long": "x" * 100_000,
    "many digits": "9" * 5_000,
    "a dash": "-",
    "a path": "../../../dev/null",
    "a folder": "/",
    "slashes": "a/b/c/d",
    "a pattern": "[",
    "an empty name": "alpha/",
    "a pair": "=",
    "a reference": "@99999999999999999999999",
    "other letters": "\u00e9\u202e\U0001f600",
}


def _commands(table: Mapping[str, CommandRow], *above: str) -> Iterator[tuple[str, ...]]:
    for name, entry in table.items():
        if entry.subcommands:
            yield from _commands(entry.subcommands, *above, name)
        elif name not in ("demo", "playground"):  # they take no such words, or serve until they are ended
            yield (*above, name)


def _command(path: tuple[str, ...]) -> click.Command:
    found: click.Command = root
    for name in path:
        assert isinstance(found, click.Group)
        below = found.get_command(click.Context(found), name)
        assert below is not None
        found = below
    return found


def _lines(path: tuple[str, ...], odd: str, *, options: bool) -> Iterator[list[str]]:
    """Command lines with the odd word at every place that takes one."""
    yield [*path, odd]
    if path != ("doctor",):  # its cases against an image are tested elsewhere, and take their time
        yield [*path, "alpha", odd]
    yield [*path, "--", odd, odd, odd]
    for param in _command(path).params if options else ():
        if isinstance(param, click.Option) and not param.is_flag and param.name != "home":
            yield [*path, f"{param.opts[-1]}={odd}"]
            if path != ("doctor",):
                yield [*path, f"{param.opts[-1]}={odd}", "alpha"]


@pytest.fixture
def image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FarmImage]:
    """`alpha`, with a session, in a folder where files may be written."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"3 + 4\n")))
    with Farm() as farm:
        made = farm.add(Behaviour(texts=with_control_characters))

        def register(draft: Draft) -> ImageDetails:
            draft.images["alpha"] = Image("alpha", made.address, 0, image_id=made.image_id)
            return ImageDetails(Kind.IMAGE_ADD, "alpha")

        manager = open_manager()
        manager.store.commit(register)
        manager.create_session_for_image("alpha", session_name="work")
        yield made


def _check(
    path: tuple[str, ...],
    told: str,
    capfd: pytest.CaptureFixture[str],
    argv: Callable[..., None],
    *,
    options: bool = True,
) -> None:
    for words in _lines(path, ODD[told], options=options):
        argv("stui", *words)
        code = run([*words, "--timeout=1"] if "--" not in words else words)
        err = capfd.readouterr().err
        assert "bug of stui" not in err, (words[:2], told, err[-2_000:])
        assert code in range(11), (words[:2], told)
        assert len(err) < 20_000, (words[:2], told)
    assert not os.path.exists(os.path.join(os.environ["STUI_HOME"], "crashes"))


@pytest.fixture
def argv(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """The words of the process, as the operation log takes them."""
    return lambda *words: monkeypatch.setattr(sys, "argv", list(words))


# Every third command; in long runs all of them meet every odd word there is.
@pytest.mark.parametrize("path", list(_commands(COMMANDS))[::3], ids=" ".join)
def test_bytes_that_are_no_text_and_empty_words_are_done_or_refused(
    path: tuple[str, ...], image: FarmImage, capfd: pytest.CaptureFixture[str], argv: Callable[..., None]
) -> None:
    _check(path, "bytes that are no text", capfd, argv, options=False)
    _check(path, "nothing", capfd, argv, options=False)


@pytest.mark.long
@pytest.mark.parametrize("told", list(ODD))
@pytest.mark.parametrize("path", list(_commands(COMMANDS)), ids=" ".join)
def test_an_odd_word_is_done_or_refused(
    path: tuple[str, ...], told: str, image: FarmImage, capfd: pytest.CaptureFixture[str], argv: Callable[..., None]
) -> None:
    _check(path, told, capfd, argv)


@pytest.mark.parametrize("line", ["switch /", "sessions show /", "sessions create /", "sessions close / -y"])
def test_a_session_without_a_name_is_none(line: str, image: FarmImage, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(line.split()) == 2
    assert "names no session" in capfd.readouterr().err


def test_a_size_of_many_digits_is_none(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["images", "launch", "a", "--memory-limit", "9" * 400]) == 2
    assert "is not a size" in capfd.readouterr().err
