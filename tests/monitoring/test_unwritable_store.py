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


@pytest.mark.parametrize("trouble", [locked, obstructed])
@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("status", "-o", "name"), 0),
        (("status", "-o", "prometheus"), 0),
        (("status", "--exit-code"), 0),
        (("status", "--cached"), 0),
        (("ping", "alpha"), 0),
        (("ping", "alpha", "-c", "2", "--interval", "10ms"), 0),
        (("check",), 0),
        (("images", "list"), 0),
        (("images", "show", "alpha"), 0),
        (("cleanup", "-n"), 0),
    ],
)
def test_what_cannot_be_recorded_is_answered_all_the_same(
    farm: Farm,
    stui: Stui,
    home: Path,
    trouble: Callable[[Path], AbstractContextManager[None]],
    words: tuple[str, ...],
    code: int,
) -> None:
    stui.add(farm.add(Behaviour(name="alpha")))
    good = stui(*words)
    assert good.code == code
    begun = time.monotonic()
    with trouble(home / "stui"):
        said = stui(*words)
    assert time.monotonic() - begun < 8  # others wait 10 s for the lock
    assert said.code == code
    assert len(said.lines) == len(good.lines)
    writes = words[0] in ("status", "ping", "check") and "--cached" not in words
    assert said.err.count("warning: the probes could not be recorded") == writes
