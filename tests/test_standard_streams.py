"""Closed, full and broken standard streams: no traceback, no file in their place, no done work told as failure."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

import pytest
from shell import Ran, Shell, own_environ

from stui_cli.api import open_manager
from stui_cli.command_table import COMMANDS
from stui_cli.work.meant.target import Asked

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from stui_cli.command_table import CommandRow

ACTS, TELLS, RUNS = "acts", "tells", "runs"


class Case(NamedTuple):
    """How a command is called here, what it is for, and what has to be done before (more command lines)."""

    line: str
    purpose: str
    before: tuple[str, ...] = ()


CASES = {
    "images list": Case("images list", TELLS),
    "images add": Case("images add extra tcp://127.0.0.1:9 --offline", ACTS),
    "images show": Case("images show alpha", TELLS),
    "images set": Case("images set ghost a=b", ACTS),
    "images rename": Case("images rename ghost geist", ACTS),
    "images remove": Case("images remove ghost -y", ACTS),
    "images connect": Case("images connect alpha", ACTS, ("images disconnect alpha",)),
    "images disconnect": Case("images disconnect ghost", ACTS),
    "images trust": Case("images trust alpha", ACTS),
    "images export": Case("images export", TELLS),
    "images import": Case("images import images.toml", ACTS),
    "images discover": Case("images discover --add", ACTS, ("images remove alpha -y --keep-running",)),
    "images launch": Case("images launch gamma", ACTS),
    "images save": Case("images save alpha", ACTS),
    "images stop": Case("images stop gamma", ACTS, ("images launch gamma",)),
    "images restart": Case("images restart gamma", ACTS, ("images launch gamma",)),
    "images logs": Case("images logs alpha", TELLS),
    "images agent": Case("images agent gst", TELLS),
    "sessions list": Case("sessions list", TELLS),
    "sessions create": Case("sessions create alpha/new --switch", ACTS),
    "sessions show": Case("sessions show alpha/work", TELLS),
    "sessions set": Case("sessions set alpha/work --description tidy", ACTS),
    "sessions restore": Case("sessions restore alpha/work", ACTS, ("sessions close alpha/work -y",)),
    "sessions rename": Case("sessions rename alpha/work job", ACTS),
    "sessions close": Case("sessions close alpha/work -y", ACTS),
    "sessions remove": Case("sessions remove alpha/work -y", ACTS),
    "sessions history": Case("sessions history alpha/work", TELLS),
    "sessions stats": Case("sessions stats alpha", TELLS),
    "sessions export": Case("sessions export alpha/work", TELLS),
    "sessions import": Case(
        "sessions import work.toml --as copy", ACTS, ("sessions export alpha/work -f work.toml --force",)
    ),
    "switch": Case("switch alpha/work", ACTS),
    "context": Case("context -i alpha", TELLS),
    "status": Case("status", TELLS),
    "cleanup": Case("cleanup -y", ACTS, ("sessions create alpha/lost", "images remove alpha -y --keep-running")),
    "eval": Case("eval -i alpha/work x:=x+1", RUNS),
    "inspect": Case("inspect -i alpha/work x", RUNS),
    "test": Case("test -i alpha --rerun-failed", RUNS),
    "load": Case("load -i alpha/work missing.st", ACTS),
    "browse": Case("browse classes -i alpha --pattern Object", TELLS),
    "jobs": Case("jobs alpha", TELLS),
    "interrupt": Case("interrupt alpha", ACTS),
    "keys list": Case("keys list -i alpha", TELLS),
    "keys new": Case("keys new bob --role observer --file agent.keys --to bob.key", ACTS),
    "keys show": Case("keys show ada --file agent.keys", TELLS),
    "keys revoke": Case("keys revoke eve --file agent.keys", ACTS),
    "keys rotate": Case("keys rotate eve --file agent.keys --to bob.key", ACTS),
    "ping": Case("ping alpha", TELLS),
    "check": Case("check", TELLS),
    "log list": Case("log list", TELLS),
    "log show": Case("log show 1", TELLS),
    "undo": Case("undo", ACTS, ("images set ghost a=b",)),
    "redo": Case("redo", ACTS, ("images set ghost a=b", "undo")),
    "rollback": Case("rollback 1 -y", ACTS, ("images set ghost a=b",)),
    "audit": Case("audit", TELLS),
    "doctor": Case("doctor", TELLS),
    "help": Case("help cron", TELLS),
    "completion": Case("completion bash", TELLS),
    "store show": Case("store show", TELLS),
    "store init": Case("store init", ACTS),
    "config list": Case("config list", TELLS),
    "config get": Case("config get timeout", TELLS),
    "config set": Case("config set timeout 5s", ACTS),
    "config path": Case("config path", TELLS),
    "config edit": Case("config edit", ACTS),
}
# One starts and kills images of its own in a home of its own: tested below. One goes on until it is interrupted.
# One says something else when it is run again.
APART = {"demo", "playground", "store copy"}
QUICK = ("sessions create", "images list", "eval")  # one of each purpose
STREAMS = {"stdin": "0<&-", "stdout": "1>&-", "stderr": "2>&-"}


def _commands(table: Mapping[str, CommandRow], above: str = "") -> Iterator[str]:
    for name, entry in table.items():
        if entry.subcommands:
            yield from _commands(entry.subcommands, f"{above}{name} ")
        else:
            yield f"{above}{name}"


def test_every_command_has_a_case() -> None:
    assert set(_commands(COMMANDS)) - APART == set(CASES)


class World:
    """One launched image that every case shares, and a store of its own for each run of a command."""

    def __init__(self, folder: Path, gst_path: str) -> None:
        self.folder = folder
        self._path = gst_path
        self._number = 0
        self._usual: dict[str, tuple[Ran, object]] = {}
        self._origin = self.shell("origin")
        self._origin.ok("images", "launch", "alpha", "--wait", "30s")
        self._origin.ok("images", "add", "ghost", "tcp://127.0.0.1:9", "--offline")

    def shell(self, name: str) -> Shell:
        return Shell(
            own_environ(self.folder, self._path) | {"STUI_HOME": str(self.folder / name), "EDITOR": "true"}, self.folder
        )

    def prepared(self, case: Case) -> Shell:
        """A store with the shared image and a session in it."""
        self._number += 1
        shell = self.shell(f"store-{self._number}")
        shutil.copytree(self._origin.environ["STUI_HOME"], shell.environ["STUI_HOME"])
        manager = open_manager(shell.environ["STUI_HOME"])
        manager.create_session_for_image("alpha", session_name="work")
        (self.folder / "images.toml").write_text('[[images]]\nname = "read"\naddress = "tcp://127.0.0.1:9"\n')
        (self.folder / "bob.key").unlink(missing_ok=True)
        keys = self.folder / "agent.keys"
        keys.write_text(f"ada admin {'11' * 32}\neve observer {'22' * 32}\n")
        keys.chmod(0o600)
        for line in ("eval -i alpha/work x:=3 --no-history", *case.before):
            shell.ok(*line.split())
        return shell

    def run(self, case: Case, redirection: str) -> tuple[Ran, object]:
        """How the command ended, and what the store says afterwards."""
        shell = self.prepared(case)
        try:
            ran = _redirected(shell, case.line, redirection)
            return ran, _what_there_is(shell)
        finally:
            if "gamma" in case.line:
                shell.stui("images", "stop", "gamma")

    def usual(self, case: Case) -> tuple[Ran, object]:
        """The same with whole streams, once for all of a case's tests."""
        if case.line not in self._usual:
            self._usual[case.line] = self.run(case, "")
        return self._usual[case.line]

    def end(self) -> None:
        self._origin.stui("images", "stop", "alpha")


@pytest.fixture(scope="module")
def world(gst_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("streams"), gst_path)
    yield made
    made.end()


def _redirected(shell: Shell, line: str, redirection: str) -> Ran:
    done = subprocess.run(
        ["sh", "-c", f"exec {sys.executable} -m stui_cli {line} {redirection}"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, env=dict(shell.environ), cwd=shell.folder,
        timeout=60, check=False, start_new_session=True,
    )  # fmt: skip
    return Ran(done.returncode, done.stdout, done.stderr)


def _what_there_is(shell: Shell) -> object:
    """Names, states and counts; ids and times differ between two runs. No crash report may be among it."""
    home = shell.environ["STUI_HOME"]
    assert not os.path.exists(os.path.join(home, "crashes"))
    manager = open_manager(home)
    state = manager.read()
    sessions = [(each.image_name, each.session.name, each.session.state) for each in manager.list_image_sessions()]
    images = [(image.name, image.parked, dict(image.metadata)) for image in state.images.values()]
    there = manager.target(Asked()).target if state.contexts else None
    kinds = [str(operation.details.kind) for operation in manager.store.operations()]
    return sorted(sessions), images, there, kinds


def _expected(case: Case, usual: Ran, stream: str) -> int:
    """The exit code where this stream is closed."""
    lost = stream == "stdout" and usual.out != "" and usual.code == 0
    if case.line == "check":  # Nagios would read 1 as a warning
        return 3 if stream == "stdout" else usual.code
    return usual.code if not lost or case.purpose == ACTS else 8 if case.purpose == RUNS else 1


def _check(world: World, name: str, stream: str, redirection: str) -> None:
    case = CASES[name]
    usual, usual_state = world.usual(case)
    ran, state = world.run(case, redirection)
    assert "Traceback" not in ran.err
    assert "bug of stui" not in ran.err
    assert ran.code == _expected(case, usual, stream), (ran, usual)
    assert state == usual_state
    if stream == "stdout" and usual.out:
        assert "cannot be written" in ran.err


@pytest.mark.parametrize("name", QUICK)
def test_a_closed_stdout_changes_nothing_of_what_is_done(world: World, name: str) -> None:
    _check(world, name, "stdout", STREAMS["stdout"])


@pytest.mark.long
@pytest.mark.parametrize("stream", list(STREAMS))
@pytest.mark.parametrize("name", list(CASES))
def test_a_closed_stream_changes_nothing_of_what_is_done(world: World, name: str, stream: str) -> None:
    _check(world, name, stream, STREAMS[stream])


@pytest.mark.long
@pytest.mark.parametrize("name", list(CASES))
def test_a_full_stdout_changes_nothing_of_what_is_done(world: World, name: str) -> None:
    _check(world, name, "stdout", "1>/dev/full")


@pytest.mark.parametrize(("name", "stream"), [("eval", "stdin"), ("eval", "stderr")])
def test_who_closes_stdin_or_stderr_misses_only_these(world: World, name: str, stream: str) -> None:
    _check(world, name, stream, STREAMS[stream])


def test_all_three_closed(world: World) -> None:
    """Nothing that is opened afterwards, neither a socket nor a file of the store, may take the place of a stream."""
    case = CASES["sessions create"]
    usual, usual_state = world.usual(case)
    ran, state = world.run(case, "0<&- 1>&- 2>&-")
    assert (ran.code, state) == (usual.code, usual_state)


def test_a_closed_stdin_is_no_empty_one(world: World) -> None:
    ran = _redirected(world.prepared(CASES["eval"]), "eval -i alpha -", "0<&-")
    assert (ran.code, ran.out) == (2, "")
    assert "standard input cannot be read" in ran.err
    assert _redirected(world.prepared(CASES["eval"]), "eval -i alpha -", "0</dev/null").code == 0


@pytest.mark.parametrize("redirection", ["2>/dev/full", "2</dev/null", "2>&-"])
def test_what_becomes_of_stderr_decides_nothing(world: World, redirection: str) -> None:
    shell = world.prepared(CASES["eval"])
    ran = _redirected(shell, "eval -i alpha 'Transcript showCr: (String new: 5).  3+4'", redirection)
    assert (ran.code, ran.out) == (0, "7\n")
    assert _redirected(shell, "images show nobody", redirection).code == 3


@pytest.mark.parametrize(
    "line",
    ["--help", "completion bash"]
    + [pytest.param(each, marks=pytest.mark.long) for each in ("--version", "images --help", "eval --help")],
)
def test_help_is_told_or_has_failed(line: str, world: World) -> None:
    shell = world.shell("none")
    for redirection in ("1>&-", "1>/dev/full"):
        ran = _redirected(shell, line, redirection)
        assert ran.code == 1
        assert ran.err.startswith("stui: the output cannot be written: ")


def test_nobody_reads_what_was_done(world: World) -> None:
    """As in `stui sessions create | true`: it is made, and said nothing against. What only tells ends as cat does."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        shell = world.prepared(CASES["images set"])
        for line, code in (("images set ghost a=b", 0), ("images list", 141), ("eval -i alpha 3", 141)):
            done = subprocess.run(
                [sys.executable, "-m", "stui_cli", *line.split()], stdin=subprocess.DEVNULL, stdout=writing,
                stderr=subprocess.PIPE, text=True, env=dict(shell.environ), cwd=shell.folder, timeout=60, check=False,
            )  # fmt: skip
            assert (done.returncode, done.stderr) == (code, ""), line
    finally:
        os.close(writing)


@pytest.mark.long
def test_a_demo_that_cannot_be_shown_leaves_nothing(world: World) -> None:
    shell = world.shell("demo")
    ran = _redirected(shell, "demo", "1>&-")
    assert ran.code == 1
    assert "Traceback" not in ran.err
