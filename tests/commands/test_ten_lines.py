"""The ten lines of the README: the story is played and everything that it says is said, but for what differs each time.

GNU Smalltalk is a real one. Pharo's machine is a stand-in, so that its story shows what stui does and says.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from shell import Shell
from test_given_image import CONTENT, Machine

if TYPE_CHECKING:
    from collections.abc import Iterator

README = Path(__file__).parents[2] / "README.md"
# What is another one at each run, or on each machine.
VARYING = (
    (r"127\.0\.0\.1:\d+", "ADDRESS"),
    (r"pid \d+", "PID"),
    (r"\d+ bytes in \S+/", "BYTES IN FOLDER/"),
    (r"\b[\d.]+ (ms|s|min)\b", "TIME"),
    (r"\bTIME ago\b", "now"),
    (r"\b[\d.]+ MiB\b", "SIZE"),
    (r"\b3\.2\.\d+", "VERSION"),  # of GNU Smalltalk
    (r"\((\w+\.st):\d+\)", r"(\1)"),
    (r" \(- goes back to alpha\)", ""),  # a terminal leaves what was the only image
    (r" +", " "),
)


def story(name: str) -> Iterator[tuple[str, list[str]]]:
    """Each line of a story with what it prints."""
    block = README.read_text(encoding="utf-8").partition(f"<!-- ten lines in {name} -->\n```console\n")[2]
    for part in block.partition("```")[0].split("$ stui ")[1:]:
        command, *printed = part.splitlines()
        yield command, printed


def told(lines: list[str]) -> list[str]:
    for pattern, instead in VARYING:
        lines = [re.sub(pattern, instead, line) for line in lines]
    # The default is said where there is a terminal.
    return [line.rstrip() for line in lines if not line.startswith("the default is")]


def played(shell: Shell, command: str) -> list[str]:
    """What a line prints in a terminal, the exit code where the line tells it."""
    words, _, telling = command.partition(";")
    ran = shell.stui(*shlex.split(words))
    # There is no terminal here to be in.
    out = re.sub(r"^the default is (\S+) now$", r"now in \1", ran.out, flags=re.MULTILINE)
    return [*out.splitlines(), *ran.err.splitlines(), *([str(ran.code)] if telling else [])]


def test_in_gnu_smalltalk(shell: Shell) -> None:
    lines = list(story("gst"))
    assert len(lines) == 10
    for command, printed in lines:
        assert told(played(shell, command)) == told(printed), command


def test_in_a_playground_where_nothing_is_installed(shell: Shell) -> None:
    """The same story: what differs is the name of the dialect, of its file, and the words of its errors."""
    bare = Shell({**shell.environ, "PATH": "/nonexistent"}, shell.folder)
    for command, printed in story("gst"):
        said = [line for line in played(bare, command) if not line.startswith("alpha is a playground")]
        assert as_of_any(said) == as_of_any(printed), command


def as_of_any(lines: list[str]) -> list[str]:
    """Without what each dialect says in its own words: name, version, file, and what is said of an error."""
    own = (r"\b(gst|playground)( +)(VERSION|[\d.]+)", r"saved\.(im|playground)", r"ZeroDivide.*")
    told_lines = [line for line in told(lines) if not re.match(" (Small|UndefinedObject|evaluated)", line)]
    for pattern in own:
        told_lines = [re.sub(pattern, "OWN", line) for line in told_lines]
    return told_lines


def test_in_pharo_with_a_stand_in(shell: Shell, tmp_path: Path) -> None:
    home = Path(shell.environ["HOME"])
    images, machines = home / "Pharo" / "images" / "moose-10", home / "Pharo" / "vms" / "100-x64"
    for folder in (images, machines):
        folder.mkdir(parents=True)
    (images / "moose-10.image").write_bytes(CONTENT)
    (images / "pharo.version").write_text("100")
    (machines / "pharo").symlink_to(Machine(tmp_path).program)
    lines = list(story("Pharo"))
    assert [command for command, _ in lines[1:]] == [command for command, _ in story("gst")][1:]
    for command, printed in lines[:-1]:  # it saves no sessions
        said = [re.sub(r"\bpharo( +)\S+", r"pharo\g<1>10.0", line) for line in played(shell, command)]
        if "; echo" in command:  # the words and the stack are the image's own
            assert printed[0].endswith(": ...")
            said = [said[0][: len(printed[0]) - 3] + "...", said[-1]]
        assert told(said) == told(printed), command


@pytest.fixture(autouse=True)
def ended(shell: Shell) -> Iterator[None]:
    yield
    shell.stui("images", "stop", "alpha", "--no-preserve")
