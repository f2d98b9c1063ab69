"""These tests are of the store in files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from store_tools import open_store

if TYPE_CHECKING:
    from pathlib import Path

    from stui_cli.store.store import Store


@pytest.fixture
def store(folder: Path) -> Store:
    return open_store(folder)
