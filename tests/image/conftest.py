"""A farm of test images, and the promise that no test leaves a socket open."""

from __future__ import annotations

import gc
import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from farm import Farm

if TYPE_CHECKING:
    from collections.abc import Iterator


def open_sockets() -> set[str]:
    """The sockets of this process, by inode."""
    found = set()
    for entry in os.listdir("/proc/self/fd"):
        try:
            target = os.readlink(f"/proc/self/fd/{entry}")
        except OSError:
            continue
        if target.startswith("socket:"):
            found.add(target)
    return found


@pytest.fixture
def no_socket_left() -> Iterator[None]:
    """Fails the test after which more sockets are open than before."""
    if not Path("/proc/self/fd").exists():
        yield
        return
    before = open_sockets()
    yield
    until = time.monotonic() + 5
    while left := open_sockets() - before:  # a thread that a test before gave up may have one for a moment
        assert time.monotonic() < until, f"left open: {left}"
        gc.collect()
        time.sleep(0.01)


@pytest.fixture
def farm(no_socket_left: None) -> Iterator[Farm]:
    with Farm() as made:
        yield made


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder whose path fits a unix socket's address, which pytest's own may not."""
    with tempfile.TemporaryDirectory(prefix="stui-", dir="/tmp") as folder:
        yield Path(folder)
