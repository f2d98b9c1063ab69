"""Many processes change one store at once, with commands of fifteen kinds, and a third of them is killed: every change
that was acknowledged is there, and what was refused has not happened. Also on a disk that fills up in the middle.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from farm import Behaviour, Farm
from writer import SHARED

from stui_cli.api import open_manager
from stui_cli.protocol.fields import to_map
from stui_cli.protocol.workspaces import Bindings, BindingText
from stui_cli.store.files.names import read_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stui_cli.store.store import Store

WRITER = Path(__file__).parent / "writer.py"
PROCESSES, SECONDS, CHANGES = 32, 60.0, 12
KEPT = Bindings((BindingText("x", "Integer", "42", "42"),))

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(600),
    pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL, which Windows has not"),
]


class Place:
    """One place after the other for a writer; each is a process, which is killed with the chance of a third."""

    def __init__(self, number: int, until: list[float], full: threading.Event) -> None:
        self.things: dict[str, list[Any]] = {}  # what may be there: one value, or two where a kill left that open
        self.codes: Counter[int] = Counter()
        self.kinds: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.refused: list[str] = []
        self.started = self.killed = self.swept = 0
        self._number, self._until, self._full = number, until, full
        self._dice = random.Random(number)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def join(self) -> None:
        self._thread.join()

    def _run(self) -> None:
        while time.monotonic() < self._until[0]:
            self.started += 1
            name = f"w{self._number:02d}.{self.started}"
            words = [sys.executable, str(WRITER), name, str(CHANGES), str(self._dice.random())[2:]]
            with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
                assert process.stdout is not None
                assert process.stderr is not None
                reaper = threading.Timer(self._dice.uniform(0, 0.5), process.kill)
                # In the midst of one of its changes, however quick the machine is.
                last = self._dice.randrange(CHANGES) if self._dice.random() < 1 / 3 else None
                begun: tuple[str, Any, str] | None = None
                for number, line in enumerate(process.stdout):
                    if not line.endswith("\n"):
                        break
                    begun = self._heard(json.loads(line), begun)
                    if last is not None and number == 2 * last:
                        reaper.start()
                reaper.cancel()
                told = process.stderr.read()
            if process.returncode == -9:
                self.killed += 1
                if begun is not None:
                    self.things.setdefault(begun[0], [None]).append(begun[1])
            elif process.returncode != 0:
                self.wrong.append(told)
                return

    def _heard(self, said: list[str], begun: tuple[str, Any, str] | None) -> tuple[str, Any, str] | None:
        if said[0] == "begin":
            self.kinds[" ".join(word for word in said[3].split()[:2] if word.isalpha())] += 1
            return said[1], json.loads(said[2]), said[3]
        assert begun is not None
        thing, value, words = begun
        code = int(said[1])
        self.codes[code] += 1
        if code == 0:
            self.things[thing] = [value]
        elif code == 10:
            self.refused.append(f"{words}: {said[2]}")
            self._full.set()
            if (
                "does not live in its image any more" in said[2]
            ):  # the disk filled up after that, and a sweep may take the record
                self.things.setdefault(thing, []).append(None)
        elif code == 3 and thing.startswith("session ") and None in self.things.get(thing, ()):
            self.swept += 1  # that sweep came: the writer goes on asking for the record, which is rightly not there
        # Nobody has switched yet; a sweep meets sessions that change while it looks.
        elif (words, code) != ("switch -", 3) and not (words.startswith("cleanup") and code == 8):
            self.wrong.append(f"{words}: {code} {said[2]}")
        return None


@contextmanager
def shared_images(home: Path) -> Iterator[None]:
    """The two farmed images that all writers use, registered."""
    answers = {"checkpoint_session": lambda params: to_map(KEPT)}
    with Farm() as farm:
        for name in SHARED:
            image = farm.add(Behaviour(name=name, answers=answers))
            subprocess.run(
                [sys.executable, "-m", "stui_cli", "images", "add", name, image.address],
                check=True,
                capture_output=True,
            )
        yield


def stui(*words: str) -> None:
    """One command, which has to succeed."""
    done = subprocess.run([sys.executable, "-m", "stui_cli", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done


def let_write(seconds: float, relieve: Callable[[], None] | None = None) -> list[Place]:
    """Let the writers write; `relieve` is called a while after the disk was full for the first time."""
    full = threading.Event()
    end = time.monotonic() + seconds
    until = [end if relieve is None else end + 300]  # on a busy machine the disk fills up slowly
    places = [Place(number, until, full) for number in range(PROCESSES)]
    try:
        if relieve is not None:
            assert full.wait(seconds + 300), "the disk never filled up"
            until[0] = max(end, time.monotonic() + 20)
            time.sleep((until[0] - time.monotonic()) / 2)
            relieve()
    finally:
        until[0] = min(until[0], max(end, time.monotonic() + 20))
        for place in places:
            place.join()
    return places


def check(places: list[Place]) -> None:
    """What was acknowledged is there, what was refused is not, and every file of the store is as it has to be."""
    assert "".join(wrong for place in places for wrong in place.wrong) == ""
    killed, started = sum(place.killed for place in places), sum(place.started for place in places)
    kinds = sum((place.kinds for place in places), Counter[str]())
    assert started / 6 < killed < started / 2, (killed, started)
    assert len(kinds) >= 12, kinds
    manager = open_manager()
    store = manager.store
    state = store.read()
    sessions = {name: store.sessions(state, str(state.images[name].image_id)) for name in SHARED}
    lost = []
    for place in places:
        for thing, possible in place.things.items():
            match thing.split():
                case ["label", image, key]:
                    found: Any = state.images[image].metadata.get(key)
                case ["image", name]:
                    own = [i for i in state.images.values() if i.name.startswith(f"{name}-")]
                    assert len(own) <= 1, own
                    found = [own[0].name, own[0].address, own[0].parked] if own else None
                case ["session", image, name]:
                    mine = [s for s in sessions[image].values() if s.name.startswith(f"{name}-")]
                    assert len(mine) <= 1, mine
                    found = [mine[0].name, str(mine[0].state)] if mine else None
                    # An ending that was cut off: its image has none of it, so a sweep may take the rest; and a removal
                    # beside a sweep puts the record back as closed first, for the checkpoint that it took.
                    ending = len(possible) > 1 and any(each is None or each[1] == "closed" for each in possible)
                    if ending and (found is None or found[1] == "closed"):
                        continue
                case _:
                    continue
            if found not in possible:
                lost.append((thing, possible, found))
    assert lost == []
    subprocess.run(
        [sys.executable, "-m", "stui_cli", "images", "add", "--offline", "last", "tcp://127.0.0.1:9"], check=True
    )
    check_files(store)


def check_files(store: Store) -> None:
    state = store.read()
    assert [operation.number for operation in store.operations()] == list(range(state.head, 0, -1))
    assert store.verify_audit().line is None
    assert [entry.operation for entry in store.audit() if entry.operation] == list(range(1, state.head + 1))
    assert read_names(store.home) == sorted(state.images)
    names = [
        f"{image.name}/{session}"
        for image in state.images.values()
        if image.image_id is not None
        for session in store.sessions(state, image.image_id)
    ]
    # Image by image, in the order in which the images got their first sessions.
    assert sorted(read_names(store.home, sessions=True)) == sorted(names)
    stui("doctor")
    assert store.damage() == []


def test_nothing_acknowledged_is_lost(home: Path) -> None:
    with shared_images(home):
        places = let_write(SECONDS)
        assert [each for place in places for each in place.refused] == []
        check(places)


def test_nothing_acknowledged_is_lost_on_a_disk_that_fills_up(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with small_disk(tmp_path / "small") as (folder, grow):
        monkeypatch.setenv("STUI_HOME", str(folder / "stui"))
        with shared_images(home):
            places = let_write(SECONDS, grow)
            check(places)


@contextmanager
def small_disk(folder: Path) -> Iterator[tuple[Path, Callable[[], None]]]:
    """A disk of 2 MB in memory, and what makes it large."""
    if shutil.which("mount") is None or not hasattr(os, "getuid") or os.getuid() != 0:
        pytest.skip("mounting a small disk needs root")
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m,mode=700", "tmpfs", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"no small disk can be mounted here: {done.stderr.strip()}")
    (folder / "ballast").write_bytes(bytes(1_600_000))  # so that what the store needs fills it soon
    try:
        yield folder, lambda: _grow(folder)
    finally:
        if subprocess.run(["umount", str(folder)], check=False).returncode != 0:
            subprocess.run(["umount", "-l", str(folder)], check=True)


def _grow(folder: Path) -> None:
    subprocess.run(["mount", "-o", "remount,size=512m", str(folder)], check=True)
