"""Many processes change one store at once, and some are killed: what was acknowledged is there, nothing is half."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from store_tools import Kept, add_image, create_session, log_numbers, open_store
from team_server import Team, TeamServer

import stui_cli
from stui_cli.model.operations import ImageDetails, SessionDetails, SwitchDetails
from stui_cli.model.times import now_ms

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# 64 of them start Python and a driver 264 times, and meet each other at each commit: minutes of two cores.
# Fewer are for CI.
ALL_OF_IT = (64, 50, 200)
WHOLE = bool(os.environ.get("STUI_TEST_WHOLE_CHAOS"))

WORKER = Path(__file__).parent / "store_worker.py"
# The workers run what this process runs, installed or not.
ENVIRON = {
    **os.environ,
    "PYTHONPATH": f"{Path(stui_cli.__file__).parent.parent}{os.pathsep}{Path(__file__).parents[1]}",
}


class Worker:
    """Lets processes make the changes 0 to `changes` of one image, each going on where the last one died."""

    def __init__(self, place: Sequence[str], name: str, changes: int) -> None:
        self.name = name
        self.acknowledged: list[int] = []
        self.killed = 0
        self._place = place
        self._changes = changes
        self._process: subprocess.Popen[str] | None = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def kill(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()

    @property
    def done(self) -> bool:
        return not self._thread.is_alive()

    def join(self) -> None:
        self._thread.join()

    def _run(self) -> None:
        first = 0
        while first < self._changes:
            arguments = [*self._place, self.name, str(first), str(self._changes)]
            with subprocess.Popen(
                [sys.executable, str(WORKER), *arguments], stdout=subprocess.PIPE, text=True, env=ENVIRON
            ) as self._process:
                assert self._process.stdout is not None
                self.acknowledged += [int(line) for line in self._process.stdout if line.endswith("\n")]
            if self._process.returncode == 0:
                return
            assert self._process.returncode == -9, "a worker failed by itself"
            self.killed += 1
            # The change under way was never acknowledged: whether it is there is not known, and it is not repeated.
            first = max(self.acknowledged, default=first - 1) + 2


@pytest.mark.parametrize(
    ("processes", "changes", "kills"),
    [(6, 12, 8), pytest.param(64, 50, 200, marks=[pytest.mark.long, pytest.mark.timeout(900)])],
)
@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL, which Windows has not")
def test_what_was_acknowledged_is_there(folder: Path, processes: int, changes: int, kills: int) -> None:
    _change_and_look(folder, (str(folder), "-"), processes, changes, kills, meanwhile=lambda: None)


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize(("processes", "changes", "kills"), [ALL_OF_IT if WHOLE else (12, 8, 8)])
def test_what_was_acknowledged_is_there_though_the_server_crashed(
    folder: Path, processes: int, changes: int, kills: int
) -> None:
    server = TeamServer(durable=True)
    try:
        team = Team(folder, server=server)
        _change_and_look(team, (str(folder), team.url), processes, changes, kills, meanwhile=server.restart)
    finally:
        server.end()


class BothHosts(Team):
    """A team's store on a server, or on the replica that takes over, whichever takes changes."""

    def __init__(self, folder: Path, server: TeamServer, replica: TeamServer) -> None:
        super().__init__(folder, server=server)
        self._replica = replica

    @property
    def url(self) -> str:
        two = (self.server, self._replica)
        hosts, ports = ",".join(str(each.folder) for each in two), ",".join(str(each.port) for each in two)
        return (
            f"postgresql://owner@/postgres?host={hosts}&port={ports}&schema={self.schema}"
            "&target_session_attrs=read-write"
        )


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize(("processes", "changes", "kills"), [ALL_OF_IT if WHOLE else (5, 8, 3)])
def test_what_was_acknowledged_is_there_after_a_failover(
    folder: Path, processes: int, changes: int, kills: int
) -> None:
    server = TeamServer(durable=True)
    replica = None
    try:
        replica = TeamServer(follows=server)
        server.acknowledge_with(replica)
        team = BothHosts(folder, server, replica)

        def fail_over() -> None:
            server.stop("immediate")
            assert replica is not None
            replica.promote()

        _change_and_look(team, (str(folder), team.url), processes, changes, kills, meanwhile=fail_over)
    finally:
        server.end()
        if replica is not None:
            replica.end()


def _change_and_look(
    kept: Kept,
    place: Sequence[str],
    processes: int,
    changes: int,
    kills: int,
    meanwhile: Callable[[], None],
) -> None:
    """Let processes make changes while some of them are killed, do `meanwhile` once half of them are, and look."""
    names = [f"image{number:02d}" for number in range(processes)]
    store = open_store(kept, clock=now_ms, lock_timeout=60)
    for name in names:
        store.commit(add_image(name))
        store.commit(create_session(name, "work"))
    begun = store.read().head
    dice = random.Random(1)
    workers = [Worker(place, name, changes) for name in names]
    done = False
    while not all(worker.done for worker in workers):
        killed = sum(worker.killed for worker in workers)
        if killed < kills:
            dice.choice(workers).kill()
        if not done and killed >= kills // 2:
            done = True
            meanwhile()
        time.sleep(dice.uniform(0.01, 0.06))
    for worker in workers:
        worker.join()
    assert sum(worker.killed for worker in workers) > 0
    assert done

    head = store.read().head
    assert log_numbers(store) == list(range(head, 0, -1))
    made: dict[str, list[int]] = {name: [] for name in names}
    for operation in reversed(list(store.operations())):
        if operation.number <= begun:
            continue
        match operation.details:
            case ImageDetails(image=name, changed=changed):
                made[name].append(int(changed["metadata"].split("'")[3]))
            case SessionDetails(image=name):
                (difference,) = store.difference(operation.number)
                made[name].append(int(str(difference.fields["description"][1])))
            case SwitchDetails(scope=name, entered=str(entered)):
                made[name].append(int(entered.rpartition("/")[2]))
            case _:
                pytest.fail(f"nobody asked for {operation}")
    for worker in workers:
        assert set(worker.acknowledged) <= set(made[worker.name])
        assert made[worker.name] == sorted(set(made[worker.name])), "each change once, in its order"
        assert len(made[worker.name]) - len(worker.acknowledged) <= worker.killed
    state = store.read()
    for name in names:
        counts = [number for number in made[name] if number % 3 == 0]
        assert state.images[name].metadata == {"count": str(counts[-1])}
    assert store.verify_audit().line is None
    assert [each.operation for each in store.audit() if each.operation] == list(range(1, head + 1))
    store.prune()
    store.repair()
    assert store.damage() == []
