"""The address of a team's store: what is libpq's, what is ours, and what nobody gets to see."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stui_cli.model.errors import UsageProblem
from stui_cli.model.settings import SETTINGS, checked
from stui_cli.store.files.location import Home
from stui_cli.store.team_address import TeamAddress, without_password

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://db/team", "postgresql://db/team"),
        ("postgresql://ada@db:5433/team?schema=a", "postgresql://ada@db:5433/team?schema=a"),
        ("postgresql://ada:geheim@db/team", "postgresql://ada:***@db/team"),
        ("postgresql://:geheim@db/team", "postgresql://:***@db/team"),
        ("postgres://ada:ge@heim:zwei@db/team", "postgres://ada:***@db/team"),
        ("postgresql:///team?user=ada&password=geheim&host=/run", "postgresql:///team?user=ada&password=***&host=/run"),
        ("postgresql://ada:ge/hei?m@db/team", "postgresql://ada:***@db/team"),
        ("postgresql://ada@[::1]:5433/team", "postgresql://ada@[::1]:5433/team"),
        ("postgresql:///team?sslpassword=geheim", "postgresql:///team?sslpassword=***"),
        ("postgresql:///team?password=ge'hei\"m&user=ada", "postgresql:///team?password=***&user=ada"),
        ("postgresql:///team?user=ada&p%61ssword=geheim", "postgresql:///team?user=ada&p%61ssword=***"),
        ("POSTGRESQL://ada:geheim@db/team", "POSTGRESQL://ada:***@db/team"),
        ("stui --home postgresql://a:geheim@b/c images", "stui --home postgresql://a:***@b/c images"),
    ],
)
def test_a_password_is_never_shown(text: str, shown: str) -> None:
    assert without_password(text) == shown
    assert "hei" not in shown


def test_all_but_the_schema_goes_to_libpq() -> None:
    address = TeamAddress("postgresql://ada:x@db/team?sslmode=verify-full&schema=builds&service=s")
    assert address.conninfo == "postgresql://ada:x@db/team?sslmode=verify-full&service=s"
    assert address.schema == "builds"
    assert TeamAddress("postgresql:///team").schema == "stui"
    assert TeamAddress("postgresql:///team?schema=x").conninfo == "postgresql:///team"


@pytest.mark.parametrize("schema", ["a-b", "A", "x;drop", "1a", '"', "a" * 60])
def test_a_schema_is_a_plain_word(schema: str) -> None:
    with pytest.raises(UsageProblem, match="a schema is called by small letters"):
        TeamAddress(f"postgresql:///team?schema={schema}")


def test_no_part_of_a_password_with_a_space_is_shown() -> None:
    """Some libpq take it as it is, and then it would be in the log of operations."""
    for text in ("postgresql://ada:mein geheim@db/team", "postgresql:///team?password=mein\tgeheim"):
        with pytest.raises(UsageProblem, match="space") as caught:
            TeamAddress(text)
        assert "hei" not in caught.value.what + str(caught.value.todo)


@pytest.mark.parametrize(
    "text",
    ["postgresql:///team?schema=A", "postgresql://db/t?sslmode=require&schema=", "postgresql:///t?schema=1a&user=a b"],
)
def test_config_toml_takes_no_address_that_no_command_could_use(text: str) -> None:
    """`stui config set` itself could not take it back."""
    with pytest.raises(UsageProblem):
        TeamAddress(text)
    with pytest.raises(UsageProblem):
        checked(SETTINGS["store"], text)


@pytest.mark.parametrize(
    "text", ["postgresql:///team", "postgresql:///team?schema=a1&user=ada", "postgres://x?schema=_"]
)
def test_config_toml_takes_what_a_command_can_use(text: str) -> None:
    assert TeamAddress(text).shown == checked(SETTINGS["store"], text)


def test_no_folder_is_made_of_an_address_whose_scheme_is_in_capitals(home: Path) -> None:
    assert Home.find("POSTGRESQL://ada:geheim@db/team", {"HOME": str(home)}).team == "POSTGRESQL://ada:geheim@db/team"


def test_each_store_has_a_folder_of_its_own_whoever_uses_it(home: Path) -> None:
    environ = {"HOME": str(home)}
    urls = (
        "postgresql://ada:one@db/team",
        "postgresql://grace:two@db/team",
        "postgresql://db/other",
        "postgresql://db/team?schema=other",
    )
    folders = [Home.find(url, environ).folder for url in urls]
    assert folders[0] == folders[1]
    assert len(set(folders)) == len({TeamAddress(url).mark for url in urls}) == 3
    alike = TeamAddress("postgresql://d.b/team"), TeamAddress("postgresql://d-b/team")
    assert alike[0].folder == alike[1].folder
    assert alike[0].mark != alike[1].mark
    assert all(folder.startswith(f"{home}/.local/state/stui/teams/") for folder in folders)
    assert Home.find("postgresql://db/team", environ).config == f"{home}/.config/stui/config.toml"
    assert Home.find(None, {**environ, "STUI_HOME": "postgresql://db/team"}).team == "postgresql://db/team"
