"""Which terminal is which, and which are gone."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from forking import fork_with_terminal

from stui_cli.api import open_manager
from stui_cli.model.contexts import Context
from stui_cli.model.images import Image
from stui_cli.model.names import Target
from stui_cli.model.operations import Kind, SwitchDetails
from stui_cli.work.images.register import add_image
from stui_cli.work.meant import terminals
from stui_cli.work.meant.terminals import is_foreign, terminal_is_gone

if TYPE_CHECKING:
    from pathlib import Path

    from stui_cli.store.transaction import Draft

_PRINT_KEY = "from stui_cli.work.meant.terminals import terminal_key; print(terminal_key())"


def _key_of_a_terminal() -> tuple[int, str]:
    """A process that waits in a terminal of its own, and its key."""
    pid, terminal = fork_with_terminal()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, "-c", f"{_PRINT_KEY}\nimport time; time.sleep(60)"])
    printed = b""
    while not printed.endswith(b"\n"):
        printed += os.read(terminal, 1024)
    os.set_inheritable(terminal, False)
    return pid, printed.decode().strip()


def test_a_terminal_is_there_until_its_leader_ends() -> None:
    pid, key = _key_of_a_terminal()
    try:
        assert key.startswith(f"terminal:{pid}:")
        assert not terminal_is_gone(key)
        leader, started, boot, place = key.split(":")[1:]
        assert terminal_is_gone(f"terminal:{leader}:{int(started) - 1}:{boot}:{place}"), "its process id was reused"
        before = f"terminal:{leader}:{started}:00000000:{place}"
        assert not terminal_is_gone(before), "another boot may be another machine of this name"
        assert is_foreign(before), "and so it is kept for a month only"
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    assert terminal_is_gone(key)


def test_without_a_terminal_there_is_no_key() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PRINT_KEY],
        capture_output=True,
        text=True,
        start_new_session=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.stdout == "None\n"


@pytest.mark.parametrize(
    "scope", ["default", "terminal:1", "terminal:x:1:b:p", "terminal:999999:1:b:elsewhere", "terminal:0:x:b:p"]
)
def test_what_cannot_be_judged_from_here_is_not_gone(scope: str) -> None:
    assert not terminal_is_gone(scope)


# What a process says of the terminal that it was started in: its key, whether that is gone, and who has left one.
_TELL = """
import fcntl, os, sys
from binascii import crc32
from stui_cli.work.meant.terminals import terminal_key, terminal_is_gone, terminal_left
if len(sys.argv) > 1:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
key = terminal_key()
print("key", key, "gone", key is not None and terminal_is_gone(key), "left", terminal_left())
"""


def _in_a_terminal(folder: Path, script: str) -> list[list[str]]:
    """What TELL, with $TELL and $HIDDEN (as another user) in a script of a terminal's shell, prints each time."""
    tell = folder / "tell.py"
    tell.write_text(_TELL)
    python = f"{sys.executable} {tell}"
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "TELL": python, "HIDDEN": f"{python} hidden"}
    pid, terminal = fork_with_terminal()
    if pid == 0:
        os.execve("/bin/sh", ["/bin/sh", "-c", f"{script}\ntrue"], environ)
    said = b""
    while part := _read(terminal):
        said += part
    os.close(terminal)
    os.waitpid(pid, 0)
    lines = [line.split() for line in said.decode().splitlines() if line.startswith("key ")]
    assert lines, said
    return lines


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # Linux says EIO at the end
        return b""


def _can(*words: str) -> bool:
    """Whether this system lets this user do what a command does."""
    return (
        shutil.which(words[0]) is not None and subprocess.run(words, capture_output=True, check=False).returncode == 0
    )


NAMESPACES = pytest.mark.skipif(
    not _can("unshare", "-pf", "-m", "--mount-proc", "true"), reason="needs root and unshare: namespaces of its own"
)


class TestOutOfSight:
    """A terminal whose leader, or whose start, cannot be seen from here has a key, and is not gone."""

    def test_whichever_stream_is_the_terminal_it_is_the_same(self, tmp_path: Path) -> None:
        lines = _in_a_terminal(
            tmp_path, "$TELL; echo x | $TELL; $TELL 2>/dev/null <&-; cat <<E\n$($TELL </dev/null 2>&1)\nE"
        )
        assert len(lines) == 4
        assert len({line[1] for line in lines}) == 1
        assert lines[0][1].split(":")[2].isdigit()

    @NAMESPACES
    def test_the_leader_is_outside_the_namespace_of_process_ids(self, tmp_path: Path) -> None:
        lines = _in_a_terminal(tmp_path, "unshare -pf --mount-proc sh -c '$TELL; $TELL </dev/null | cat; true'")
        assert len(lines) == 2
        assert lines[0] == lines[1]
        key = lines[0][1]
        assert key.startswith("terminal:0:tty")
        assert lines[0][3] == "False"
        assert not terminal_is_gone(key)
        assert is_foreign(key)

    @NAMESPACES
    def test_two_such_namespaces_are_two_terminals(self, tmp_path: Path) -> None:
        lines = _in_a_terminal(tmp_path, "unshare -pf --mount-proc $TELL; unshare -pf --mount-proc $TELL")
        assert lines[0][1] != lines[1][1]

    @NAMESPACES
    @pytest.mark.parametrize(
        "script",
        [
            "unshare -pf sh -c '$TELL; true'",  # /proc is still that of the namespace outside
            "unshare -pf setsid -c sh -c '$TELL; true'",
            "unshare -m sh -c 'mount -t tmpfs none /proc; $TELL; true'",
            "unshare -m sh -c 'mount -t proc -o hidepid=2,gid=54321 proc /proc; $HIDDEN; true'",
        ],
        ids=["proc of another", "proc of another, leader within", "no proc", "proc that hides"],
    )
    def test_the_start_of_the_leader_is_not_told(self, tmp_path: Path, script: str) -> None:
        ((_, key, _, gone, *_),) = _in_a_terminal(tmp_path, script)
        assert key.startswith("terminal:")
        assert key.split(":")[2].startswith("tty")
        assert gone == "False"

    @NAMESPACES
    @pytest.mark.parametrize("around", ["unshare -pf --mount-proc", "unshare -pf"])
    def test_a_switch_there_holds_there(self, tmp_path: Path, around: str) -> None:
        manager = open_manager()
        for name in ("alpha", "beta"):
            add_image(manager.bench, Image(name, "tcp://127.0.0.1:1", 0), offline=True)
        manager.switch_image_context("alpha", "default")
        stui = f"{sys.executable} -m stui_cli"
        lines = _in_a_terminal(
            tmp_path,
            f"{around} sh -c '{stui} switch beta; {stui} switch beta; echo key $({stui} context -o name)'; "
            f"echo key $({stui} context -o name)",
        )
        assert [line[1] for line in lines] == ["beta", "alpha"]

    @pytest.mark.skipif(
        not _can("unshare", "-T", "--fork", "--boottime", "5000", "true"),
        reason="needs root and unshare: namespaces of time",
    )
    def test_a_namespace_of_times_is_another_place(self, tmp_path: Path) -> None:
        """There the leader has started at another time, and is not another one for that."""
        (_, outside, *_), (_, inside, *_) = _in_a_terminal(tmp_path, "$TELL; unshare -T --fork --boottime 500000 $TELL")
        assert is_foreign(inside)
        assert outside.split(":")[4] != inside.split(":")[4]

    @NAMESPACES
    def test_processes_of_another_namespace_are_not_gone_though_no_such_runs_here(self, tmp_path: Path) -> None:
        outside = f"terminal:{2**22 - 1}:1:{terminals._boot()}:{terminals._place()}"
        assert terminal_is_gone(outside)
        judge = (
            "import sys; from stui_cli.work.meant.terminals import terminal_is_gone as g; print('key', g(sys.argv[1]))"
        )
        command = f'{sys.executable} -c "{judge}" {outside}'
        lines = _in_a_terminal(tmp_path, f"unshare -pf --mount-proc {command}; unshare -pf {command}; {command}")
        assert [line[1] for line in lines] == ["False", "False", "True"]

    def test_a_session_of_its_own_below_a_terminal_knows_that_it_left_one(self, tmp_path: Path) -> None:
        """As Neovim runs a command: the terminal's context is not found there."""
        ((_, key, *_, left),) = _in_a_terminal(tmp_path, "setsid sh -c '$TELL; true' </dev/null | cat")
        assert key == "None"
        assert left.isdigit()


def test_contexts_of_closed_terminals_go_and_those_of_other_machines_stay_for_a_month(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    manager = open_manager()
    now = manager.bench.clock()
    here = f"terminal:{os.getpid()}:{terminals._started(os.getpid())}:{terminals._boot()}:{terminals._place()}"
    gone = f"terminal:1:1:{terminals._boot()}:{terminals._place()}"
    fresh, stale = "terminal:7:7:boot:elsewhere", "terminal:8:8:boot:elsewhere"
    assert is_foreign(fresh)

    def change(draft: Draft) -> SwitchDetails:
        draft.images["alpha"] = Image("alpha", "tcp://127.0.0.1:1", now)
        draft.images["beta"] = Image("beta", "tcp://127.0.0.1:2", now)
        for scope, at in ((here, now), (gone, now), (fresh, now), (stale, now - terminals.FOREIGN_KEPT_MS - 1)):
            draft.contexts[scope] = Context(Target("alpha"), at)
        return SwitchDetails(Kind.SWITCH, here, None, "alpha")

    manager.store.commit(change)
    manager.switch_image_context("beta", here)
    assert set(manager.read().contexts) == {here, fresh, "default"}
