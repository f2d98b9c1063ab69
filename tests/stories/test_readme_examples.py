"""Every example of the README, played on playgrounds where nothing is installed: it exits as told, and says what it
says, but for what differs each time and for the words that each dialect has of its own."""

from __future__ import annotations

import os
import re
import shlex
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from shell import Shell, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

README = Path(__file__).parents[2] / "README.md"
ACCOUNT = """Object subclass: #Account
	instanceVariableNames: 'balance'
	classVariableNames: ''
	package: 'Bank'!

!Account methodsFor: 'money'!
deposit: amount
	balance := {sum}
!
withdraw: amount
	balance := balance - amount
!
balance
	^balance
! !
"""
BANK_TEST = """TestCase subclass: #BankTest
	instanceVariableNames: ''
	classVariableNames: ''
	package: 'Bank'!

!BankTest methodsFor: 'tests'!
testInterest
	self assert: {got} equals: 105
! !
"""
# Told of a dialect or of a machine, and so not the same here; the rest of these lines is.
VARYING = (
    (r"127\.0\.0\.1:\d+", "ADDRESS"),
    (r"pid \d+", "PID"),
    (r"\d{4}-\d\d-\d\dT[\d:.]+Z", "THEN"),
    (r"\b[\d.]+ (ms|s|min)( ago)?\b", "now"),
    (r"\b[\d.]+ MiB\b", "SIZE"),
    (r"\b(gst|playground)( +)[\d.]+", "DIALECT"),
    (r"ZeroDivide.*|SyntaxError.*", "ERROR"),
    (r"\d+ pieces", "PIECES"),
    (r" +", " "),
)
# What they list is the image's own.
OWN = ("test --all", "browse senders", "load broken.st")


def examples() -> Iterator[tuple[str, list[str]]]:
    text = README.read_text(encoding="utf-8").partition("\n## The commands by example\n")[2].partition("\n## ")[0]
    for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL):
        for part in block.split("$ ")[1:]:
            command, *printed = part.splitlines()
            yield command, printed


def told(lines: list[str]) -> list[str]:
    """Without what differs, and without stacks."""
    lines = [
        line for line in lines if not re.match(r"  [A-Z]\w+(\(\w+\))?>>|  evaluated source|alpha is a|beta is a", line)
    ]
    for pattern, instead in VARYING:
        lines = [re.sub(pattern, instead, line) for line in lines]
    return [line.strip() for line in lines if "go there with" not in line and not line.startswith("the default is")]


def played(shell: Shell, command: str) -> tuple[int, list[str]]:
    stdin = ""
    if command.startswith("printf "):
        said, _, command = command.partition(" | ")
        stdin = shlex.split(said)[1].replace("\\n", "\n")
    words, _, telling = command.removeprefix("stui ").partition(";")
    ran = shell.stui(*shlex.split(words), stdin=stdin)
    out = re.sub(r"^the default is (\S+) now", r"now in \1", ran.out, flags=re.MULTILINE)
    out = out.replace("this terminal's context", "the default context").replace(
        " (- goes back to ", " (- goes back to "
    )
    return ran.code, [*out.splitlines(), *ran.err.splitlines(), *([str(ran.code)] if telling else [])]


@pytest.fixture
def bare(home: Path, tmp_path: Path) -> Iterator[Shell]:
    """A folder with the sources that the examples load."""
    environ = {**os.environ, "PATH": "/nonexistent", "PYTHONPATH": str(Path(__file__).parents[2])}
    (tmp_path / "src" / "Bank").mkdir(parents=True)
    (tmp_path / "src" / "Bank" / "Account.st").write_text(ACCOUNT.format(sum="balance + amount"))
    (tmp_path / "broken.st").write_text("3 + 4!\n\n\n\n5 + + 6!\n")
    made = Shell(environ, tmp_path)
    yield made
    made.end()


def before(shell: Shell, command: str) -> None:
    """What has happened by then, and what stands in no example."""
    match command:
        case "stui browse source Account -i alpha --against beta":
            (shell.folder / "other.st").write_text(ACCOUNT.format(sum="balance + (amount max: 0)"))
            shell.ok("load", "-i", "beta", "other.st")
        case "stui test --all 'Bank*'":
            for image, got in (("alpha", "105"), ("beta", "100")):
                (shell.folder / "tests.st").write_text(BANK_TEST.format(got=got))
                shell.ok("load", "-i", image, "tests.st")
        case "stui jobs":
            running = shell.started("eval", "[true] whileTrue", "--time-limit", "1m")
            wait_until(lambda: "RUNS FOR" in shell.ok("jobs").out, "it runs")
            running.send_signal(signal.SIGKILL)
            running.communicate()
            wait_until(lambda: "unattended" in shell.ok("jobs").out, "nobody waits for it")
        case "stui status":
            shell.kill(shell.pid("alpha"))


@pytest.mark.long
def test_every_example_runs_on_a_playground(bare: Shell) -> None:
    played_at_all = 0
    for command, printed in examples():
        before(bare, command)
        code, said = played(bare, command)
        expected = int(printed[-1]) if "; echo $?" in command else 0
        assert code == (8 if "test --all" in command else expected), (command, said)
        if not any(own in command for own in OWN):
            wanted = [line.replace("this terminal's context", "the default context") for line in printed]
            assert told(said) == told(wanted), command
        played_at_all += 1
    assert played_at_all > 20
