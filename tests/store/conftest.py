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

from store_tools import MEMORY, open_store

if TYPE_CHECKING:
    from collections.abc import Iterator

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


@pytest.fixture
def store(folder: Path) -> Store:
    return open_store(folder)
