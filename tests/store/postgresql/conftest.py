"""These tests are of the store of a team."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from store_tools import open_store
from team_server import Team

if TYPE_CHECKING:
    from pathlib import Path

    from stui_cli.store.store import Store


@pytest.fixture
def team(folder: Path) -> Team:
    return Team(folder)


@pytest.fixture
def store(team: Team) -> Store:
    return open_store(team)
