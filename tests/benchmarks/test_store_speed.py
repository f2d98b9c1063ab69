"""What the store costs: beside SQLite on the same disk, and with a hundred times as much in it.

python -m pytest tests/benchmarks/test_store_speed.py -m benchmark -s

It prints tables and asserts nothing timed: a machine with other work to do fails no build.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import pytest

import stui_cli
from stui_cli.model.actors import Actor
from stui_cli.model.contexts import Context
from stui_cli.model.images import Image
from stui_cli.model.names import Target
from stui_cli.model.operations import Details, ImageDetails, Kind, SessionDetails, SwitchDetails
from stui_cli.model.sessions import Session
from stui_cli.model.times import now_ms
from stui_cli.store.files.location import Home
from stui_cli.store.store import Store, open_store

if TYPE_CHECKING:
    from collections.abc import Callable

    from stui_cli.store.transaction import Draft

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(600)]

ROUNDS = 15
ACTOR = Actor("ada", "host", os.getpid(), "stui benchmark")
SMALL, LARGE = (10, 10), (1_000, 100)

# One command's share of the store, in a process of its own: what is imported, a read, and a switch.
COMMAND = """
import sys, time
from pathlib import Path
before = time.perf_counter()
from stui_cli.store.files.location import Home
from stui_cli.store.store import open_store
from stui_cli.model.actors import Actor
from stui_cli.model.times import now_ms
store = open_store(Home.find(Path(sys.argv[1]), {}), Actor("ada", "host", 1, "x"), now_ms, announce=print)
state = store.read()
if sys.argv[2] == "switch":
    from stui_cli.model.contexts import Context
    from stui_cli.model.names import Target
    from stui_cli.model.operations import Kind, SwitchDetails
    def change(draft):
        draft.contexts["default"] = Context(Target("image0", str(draft.now)), draft.now)
        return SwitchDetails(Kind.SWITCH, "default", None, "image0")
    store.commit(change)
print((time.perf_counter() - before) * 1000)
"""


def image_id(number: int) -> str:
    return f"3f2504e0-4f89-41d3-9a0c-{number:012d}"


def filled(folder: Path, images: int, sessions: int) -> Store:
    store = open_store(Home.find(folder, {}), ACTOR, now_ms, announce=print)

    def change(draft: Draft) -> Details:
        for number in range(images):
            name, identifier = f"image{number}", image_id(number)
            draft.images[name] = Image(
                name, f"tcp://127.0.0.1:{number + 1}", draft.now, identifier, "pharo", "Pharo.image", "Pharo 12.0",
                {"env": "prod", "team": "core"}, "/home/ada/.local/state/stui/keys/image", "developer",
            )  # fmt: skip
            for each in range(sessions):
                session = Session(f"{number:08d}-{each:04d}", f"work{each}", identifier, "incarnation", 1, 2)
                draft.sessions(identifier)[session.name] = session
        return ImageDetails(Kind.IMAGE_ADD, "all")

    store.commit(change)
    return store


def in_a_process(folder: Path, what: str) -> float:
    """Milliseconds that one command spends on the store."""
    environ = {**os.environ, "PYTHONPATH": str(Path(stui_cli.__file__).parent.parent)}
    environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed stui has its byte code
    command = [sys.executable, "-c", COMMAND, str(folder), what]
    return float(subprocess.run(command, env=environ, capture_output=True, text=True, check=True).stdout)


def milliseconds(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        work()
        times.append((time.perf_counter() - begin) * 1000)
    return median(times)


def switching(store: Store) -> Callable[[], object]:
    def change(draft: Draft) -> Details:
        draft.contexts["default"] = Context(Target("image0", str(time.perf_counter_ns())), draft.now)
        return SwitchDetails(Kind.SWITCH, "default", None, "image0")

    return lambda: store.commit(change)


def touching_a_session(store: Store) -> Callable[[], object]:
    def change(draft: Draft) -> Details:

        sessions = draft.sessions(image_id(0))
        sessions["work0"] = sessions["work0"]._replace(last_activity=time.perf_counter_ns())
        return SessionDetails(Kind.SESSION_CHANGE, "image0", "work0")

    return lambda: store.commit(change)


def test_growth(tmp_path: Path) -> None:
    small, large = filled(tmp_path / "small", *SMALL), filled(tmp_path / "large", *LARGE)
    works: dict[str, Callable[[Store], float]] = {
        "a process that reads": lambda s: median(in_a_process(s.home.folder, "read") for _ in range(ROUNDS)),
        "a process that switches": lambda s: median(in_a_process(s.home.folder, "switch") for _ in range(ROUNDS)),
        "read": lambda s: milliseconds(s.read),
        "sessions of one image": lambda s: milliseconds(lambda: s.sessions(s.read(), image_id(0))),
        "commit of a switch": lambda s: milliseconds(switching(s)),
        "commit of a session": lambda s: milliseconds(touching_a_session(s)),
        "undo": lambda s: milliseconds(lambda: (touching_a_session(s)(), s.undo()), 5),
    }
    print(f"\n{'ms':28}{'10 images, 100 sessions':>26}{'1,000 and 100,000':>20}")
    for name, work in works.items():
        print(f"{name:28}{work(small):26.2f}{work(large):20.2f}")


def test_commits_per_second_beside_sqlite(tmp_path: Path) -> None:
    store = filled(tmp_path / "store", *SMALL)
    ours = milliseconds(switching(store), 200)
    ours_durable = milliseconds(touching_a_session(store), 200)

    database = sqlite3.connect(tmp_path / "database")
    try:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        database.execute("CREATE TABLE context (scope TEXT PRIMARY KEY, target TEXT)")

        def insert() -> None:
            with database:
                database.execute("INSERT OR REPLACE INTO context VALUES ('default', ?)", (str(time.perf_counter_ns()),))

        theirs = milliseconds(insert, 200)
    finally:
        database.close()
    print(f"\n{'':32}{'ms':>8}{'per second':>14}")
    for name, each in (("switch", ours), ("session, with audit", ours_durable), ("SQLite, WAL, FULL", theirs)):
        print(f"{name:32}{each:8.2f}{1000 / each:14.0f}")
