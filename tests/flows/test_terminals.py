"""Which terminal is which, and which are gone."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from stui_cli.flows import terminals
from stui_cli.flows.terminals import is_foreign, terminal_is_gone
from stui_cli.manager import open_manager
from stui_cli.model.contexts import Context
from stui_cli.model.names import Target
from stui_cli.model.operations import Kind, SwitchDetails

if TYPE_CHECKING:
    from stui_cli.store.transaction import Draft

_PRINT_KEY = "from stui_cli.flows.terminals import terminal_key; print(terminal_key())"


def _key_of_a_terminal() -> tuple[int, str]:
    """A process that waits in a terminal of its own, and its key."""
    pid, terminal = pty.fork()
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
        assert terminal_is_gone(f"terminal:{leader}:{started}:00000000:{place}"), "the machine was started again"
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


@pytest.mark.parametrize("scope", ["default", "terminal:1", "terminal:x:1:b:p", "terminal:999999:1:b:elsewhere"])
def test_what_cannot_be_judged_from_here_is_not_gone(scope: str) -> None:
    assert not terminal_is_gone(scope)


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
        from stui_cli.model.images import Image

        draft.images["alpha"] = Image("alpha", "tcp://127.0.0.1:1", now)
        draft.images["beta"] = Image("beta", "tcp://127.0.0.1:2", now)
        for scope, at in ((here, now), (gone, now), (fresh, now), (stale, now - terminals.FOREIGN_KEPT_MS - 1)):
            draft.contexts[scope] = Context(Target("alpha"), at)
        return SwitchDetails(Kind.SWITCH, here, None, "alpha")

    manager.store.commit(change)
    manager.switch_image_context("beta", here)
    assert set(manager.read().contexts) == {here, fresh, "default"}
