"""A store of its own for every test."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

# The helpers are imported by their plain name, whatever the import mode.
sys.path.insert(0, str(Path(__file__).parent))

from memory_store import Memory
from store_tools import MEMORY, open_store
from team_server import Team

if TYPE_CHECKING:
    from collections.abc import Iterator

    from store_tools import Kept

    from stui_cli.store.store import Store


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A folder in memory where the system has such: these tests make thousands of stores, and a disk that others
    use too takes ten times as long for it."""
    path = Path(tempfile.mkdtemp(prefix="stui-store-", dir=MEMORY))
    yield path
    shutil.rmtree(path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture(params=["files", "memory", "postgresql"])
def kept(request: pytest.FixtureRequest) -> Kept:
    """What keeps a store: each test of what a store means runs over every kind. A further one is one more parameter."""
    match request.param:
        case "files":
            folder: Path = request.getfixturevalue("folder")
            return folder
        case "memory":
            return Memory()
        case "postgresql":
            return Team(request.getfixturevalue("folder"))
        case other:
            raise AssertionError(other)


@pytest.fixture
def store(kept: Kept) -> Store:
    return open_store(kept)
