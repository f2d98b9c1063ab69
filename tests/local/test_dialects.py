"""The table of dialects: what is loaded, and how it is cut."""

from __future__ import annotations

from pathlib import Path

import pytest

import stui_cli.agents
from stui_cli.local.dialects import (
    DIALECTS,
    VISITED,
    Dialect,
    agent_files,
    dialect_of,
    portable_files,
    preferred_agent,
    preferred_dialect,
    with_agent_files,
)
from stui_cli.model.errors import NotFound, Refused

AGENTS = Path(stui_cli.agents.__file__).parent
ALL = with_agent_files()


@pytest.mark.parametrize("dialect", ALL)
def test_the_core_is_loaded_before_the_adapter(dialect: str) -> None:
    files = agent_files(dialect)
    core = [path for path in files if path.parent.name == "core"]
    assert files[: len(core)] == core
    assert all(path.is_file() for path in files)
    assert set(core) == set((AGENTS / "core").glob("*.st"))


def test_every_adapter_is_one_of_some_dialect() -> None:
    loaded = {path for dialect in ALL for path in agent_files(dialect)}
    assert set(AGENTS.rglob("*.st")) == loaded | set(portable_files())


def test_each_file_of_the_agent_fits_into_one_look() -> None:
    long = {path.name: len(path.read_text().splitlines()) for path in AGENTS.rglob("*.st")}
    assert {name: lines for name, lines in long.items() if lines >= 650} == {}


def test_all_classes_of_a_dialect_come_before_the_first_method() -> None:
    for dialect in ALL:
        for part in ("core", dialect):
            files = [path for path in agent_files(dialect) if path.parent.name == part]
            text = "".join(path.read_text() for path in files)
            assert text.rindex("subclass: #") < text.index("methodsFor:")


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda row: row.name)
def test_a_saved_image_is_started_without_the_agents_files(dialect: Dialect) -> None:
    """It holds an agent already, with its sessions."""
    start, saved = Path("/folder/start.st"), Path("/folder") / dialect.saved_image
    fresh = dialect.command(dialect.files, start, None)
    resumed = dialect.command(dialect.files, start, saved)
    assert {*map(str, dialect.files), str(start)} <= set(fresh)
    assert {str(saved), str(start)} <= set(resumed)
    assert not set(map(str, dialect.files)) & set(resumed)


@pytest.mark.parametrize("dialect", VISITED)
def test_what_loads_an_agent_by_hand_names_its_files_in_their_order(dialect: str) -> None:
    row = VISITED[dialect]
    assert row.load is not None
    text = row.load([*row.files, Path("/it's here")])
    places = [text.index(f"'{path}'") for path in row.files]
    assert places == sorted(places)
    assert "'/it''s here'" in text


@pytest.mark.parametrize("dialect", VISITED.values(), ids=lambda row: row.name)
def test_an_image_that_is_given_is_started_with_its_start_file_last(dialect: Dialect) -> None:
    words = dialect.command(dialect.files, Path("/folder/start.st"), Path("/folder/saved.image"))
    assert (words[0], words[-1]) == ("/folder/saved.image", "/folder/start.st")
    assert dialect.headless


def test_an_unknown_dialect_is_told_with_those_that_there_are() -> None:
    with pytest.raises(NotFound, match="'zork'") as told:
        dialect_of("zork")
    assert told.value.todo == "available: gst, playground, pharo, squeak, cuis"


def test_where_nothing_is_installed_a_playground_is_meant_and_the_agent_of_the_first(tmp_path: Path) -> None:
    bare = {"PATH": str(tmp_path)}
    assert (preferred_dialect(bare), preferred_agent(bare)) == ("playground", "gst")
    gst = tmp_path / "gst"
    gst.touch(0o755)
    assert (preferred_dialect(bare), preferred_agent(bare)) == ("gst", "gst")


def test_a_playground_has_its_agent_in_it() -> None:
    with pytest.raises(Refused, match="nothing to load") as told:
        agent_files("playground")
    assert "stui images launch --dialect playground NAME" in told.value.todo
