"""`stui help`: every command and topic, in a pipe, on a terminal through a pager, and by its name."""

from __future__ import annotations

import json
import os
import pty
import struct
import subprocess
import sys
from fcntl import ioctl
from importlib.metadata import distribution
from termios import TIOCSWINSZ
from typing import TYPE_CHECKING

import pytest
from needs import program

from stui_cli.command_table import COMMANDS
from stui_cli.commands.help import _man_path, found
from stui_cli.main import run
from stui_cli.model.errors import StuiError
from stui_cli.model.exits import Exit
from stui_cli.model.topics import TOPICS
from stui_cli.output.manual.blocks import section
from stui_cli.output.manual.pages import page_source
from stui_cli.output.manual.reading import read_page

if TYPE_CHECKING:
    from pathlib import Path

LINES = [words for name, row in COMMANDS.items() for words in ((name,), *((name, below) for below in row.subcommands))]


def told(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    """What `stui help` prints."""
    assert run(["help", *words]) == code
    captured = capsys.readouterr()
    return captured.err if code else captured.out


def test_the_overview_has_every_command_and_topic(capsys: pytest.CaptureFixture[str]) -> None:
    names = [line.split()[0] for line in told(capsys).splitlines() if line.startswith("  ")]
    assert names == [*COMMANDS, *TOPICS]


def test_every_command_has_its_page(capsys: pytest.CaptureFixture[str]) -> None:
    for words in LINES:
        assert f"\n    stui-{'-'.join(words)} - " in told(capsys, *words)


def test_every_topic_is_there() -> None:
    for name, topic in TOPICS.items():
        blocks = read_page(page_source(topic.page))
        assert section(blocks, topic.section) if topic.section else blocks, name


def test_a_word_that_is_both_shows_the_command_and_then_the_topic(capsys: pytest.CaptureFixture[str]) -> None:
    text = told(capsys, "context")
    assert text.startswith("NAME\n    stui-context - ")
    assert "\nCONTEXT\n    A command means the image and session " in text


def test_exit_codes_are_a_table_of_all(capsys: pytest.CaptureFixture[str]) -> None:
    lines = [line for line in told(capsys, "exit-codes").splitlines() if line[4:5].isdigit()]
    assert [int(line.split()[0]) for line in lines] == list(Exit)


@pytest.mark.parametrize(
    ("words", "page"),
    [
        (["stui"], "stui.1"),
        (["stui-images-add"], "stui-images-add.1"),
        (["images-add"], "stui-images-add.1"),
        (["stui", "images", "add"], "stui-images-add.1"),
        (["stui-protocol"], "stui-protocol.7"),
        (["stui-config.5"], "stui-config.5"),
    ],
)
def test_a_page_is_found_by_its_own_name(words: list[str], page: str) -> None:
    assert [topic.page for topic in found(words)] == [page]


@pytest.mark.parametrize(
    ("words", "near"),
    [(["exit-cods"], "exit-codes"), (["evl"], "eval"), (["images", "ad"], "images add"), (["securty"], "security")],
)
def test_an_unknown_word_is_refused_with_the_nearest(
    words: list[str], near: str, capsys: pytest.CaptureFixture[str]
) -> None:
    said = told(capsys, *words, code=2)
    assert f"did you mean {near}" in said
    assert "stui help lists the commands and topics" in said


def test_names_are_taken_back_as_arguments(capsys: pytest.CaptureFixture[str]) -> None:
    names = told(capsys, "-o", "name").splitlines()
    assert names == list(TOPICS)
    for name in names:
        document = json.loads(told(capsys, name, "-o", "json"))
        assert [item["name"] for item in document["items"]] == [name] * len(document["items"])
        assert all(item["text"] for item in document["items"])


def on_terminal(folder: Path, pager: str, **more: str) -> str:
    """What a terminal gets of `stui help cron`, which is longer than it."""
    here, theirs = pty.openpty()
    ioctl(theirs, TIOCSWINSZ, struct.pack("HHHH", 10, 80, 0, 0))
    environ = {"PATH": os.environ["PATH"], "TERM": "xterm", "STUI_HOME": str(folder / "store"), "PAGER": pager} | more
    words = [sys.executable, "-m", "stui_cli", "help", "cron"]
    with subprocess.Popen(
        words, stdin=theirs, stdout=theirs, stderr=theirs, env=environ, start_new_session=True
    ) as child:
        os.close(theirs)
        shown = b""
        try:
            while some := os.read(here, 65536):
                shown += some
        except OSError:  # EIO: the other side is closed
            pass
        os.close(here)
        assert child.wait(20) == 0
    return shown.decode()


def test_a_terminal_gets_it_through_the_pager(tmp_path: Path) -> None:
    shown = on_terminal(tmp_path, "sed 's/^/paged: /'")
    assert shown.startswith("paged: \x1b[1mCRON\x1b[0m")


@pytest.mark.parametrize("pager", ["cat", "", "no-such-pager", "'"])
def test_without_a_pager_it_is_printed(tmp_path: Path, pager: str) -> None:
    assert on_terminal(tmp_path, pager, NO_COLOR="1").startswith("CRON\r\n    A command of cron ")


def test_a_pager_that_is_left_early_is_no_failure(tmp_path: Path) -> None:
    assert on_terminal(tmp_path, "head -n 1", NO_COLOR="1") == "CRON\r\n"


def test_a_pipe_gets_it_plain(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAGER", "false")
    assert told(capsys, "cron").startswith("CRON\n    A command of cron ")


def test_man_finds_the_pages_of_an_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a wheel lays them out: by MANPATH, and, with man-db, by the PATH alone."""
    folder = tmp_path / "env" / "share" / "man" / "man1"
    folder.mkdir(parents=True)
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "env"))
    with pytest.raises(StuiError, match="no manual pages were installed"):
        _man_path()
    (folder / "stui.1").write_text(page_source("stui.1"))
    assert _man_path() == str(folder.parent)
    environ = {"PATH": os.environ["PATH"], "MANPATH": f"{_man_path()}:"}
    found_there = subprocess.run(
        [program("man"), "-w", "stui"], env=environ, capture_output=True, text=True, check=True
    )
    assert found_there.stdout.strip() == str(folder / "stui.1")


def test_an_installed_page_is_in_the_folder_of_its_section() -> None:
    pages = [path for path in distribution("stui-cli").files or () if "/share/man/" in str(path)]
    assert len(pages) > len(LINES), "install stui into this environment"
    assert [str(page) for page in pages if page.parent.name != f"man{page.suffix[1:]}"] == []


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ([], "stui images launch alpha"),
        (["images"], "stui images -o name"),
        (["images", "add"], "stui images add alpha tcp://127.0.0.1:9042"),
        (["eval"], "stui eval '3 + 4'"),
    ],
)
def test_help_of_a_command_shows_two_examples(words: list[str], line: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*words, "--help"]) == 0
    examples = capsys.readouterr().out.partition("\nExamples:\n")[2].splitlines()
    assert len([each for each in examples if each.startswith("  stui ")]) == 2
    assert f"  {line}" in examples
