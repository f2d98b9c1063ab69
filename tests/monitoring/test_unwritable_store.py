"""A store that cannot be written takes no answer along: what monitors print is what they print on a good one."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from farm import Behaviour

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from conftest import Stui
    from farm import Farm


@contextmanager
def locked(store: Path) -> Iterator[None]:
    handle = os.open(store / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(handle)


@contextmanager
def obstructed(store: Path) -> Iterator[None]:
    """As a full or read-only disk: the probes cannot be replaced, whoever asks."""
    (store / "probes.msgpack.new").mkdir()
    try:
        yield
    finally:
        (store / "probes.msgpack.new").rmdir()


# What writes probes, and what only reads them. A locked store is tested with every command that tells elsewhere.
WORDS = (
    ("status", "-o", "name"),
    ("status", "-o", "prometheus"),
    ("status", "--exit-code"),
    ("status", "--cached"),
    ("ping", "alpha"),
    ("ping", "alpha", "-c", "2", "--interval", "10ms"),
    ("check",),
    ("images", "list"),
    ("images", "show", "alpha"),
    ("cleanup", "-n"),
)
OFTEN = (("status", "-o", "name"), ("ping", "alpha"), ("check",))


@pytest.mark.parametrize(
    ("trouble", "words"),
    [pytest.param(obstructed, words, id=f"obstructed-{' '.join(words)}") for words in WORDS]
    + [
        pytest.param(locked, words, id=f"locked-{' '.join(words)}", marks=() if words in OFTEN else (pytest.mark.long,))
        for words in WORDS
    ],
)
def test_what_cannot_be_recorded_is_answered_all_the_same(
    farm: Farm,
    stui: Stui,
    home: Path,
    trouble: Callable[[Path], AbstractContextManager[None]],
    words: tuple[str, ...],
) -> None:
    stui.add(farm.add(Behaviour(name="alpha")))
    good = stui(*words)
    assert good.code == 0
    begun = time.monotonic()
    with trouble(home / "stui"):
        said = stui(*words)
    assert time.monotonic() - begun < 8  # others wait 10 s for the lock
    assert said.code == 0
    assert len(said.lines) == len(good.lines)
    writes = words[0] in ("status", "ping", "check") and "--cached" not in words
    assert said.err.count("warning: the probes could not be recorded") == writes
