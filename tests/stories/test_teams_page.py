"""The set-up of stui-teams(7), run line by line as it stands there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from team_server import TeamServer

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).resolve().parents[2] / "man" / "stui-teams.7"

# The tables as the first stui with such a store made them.
FIRST = str(Path(__file__).resolve().parents[1] / "store" / "postgresql" / "data" / "schema-1.sql")


def lines(heading: str) -> list[str]:
    """The lines of the first example below a heading."""
    _, _, below = PAGE.read_text("utf-8").partition(f".Ss {heading}\n")
    found = re.search(r"^\.Bd -literal.*?\n(.*?)^\.Ed", below, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1].splitlines()


@pytest.fixture
def server() -> Iterator[TeamServer]:
    """One of its own: roles are of a whole server."""
    made = TeamServer()
    yield made
    made.end()


def test_the_set_up_in_five_lines(server: TeamServer, home: Path) -> None:
    stui = shutil.which("stui", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    assert stui is not None
    environ = {
        **os.environ,
        "PATH": os.pathsep.join((str(server.bin), str(Path(stui).parent), os.environ["PATH"])),
        "PGHOST": str(server.folder),
        "PGPORT": str(server.port),
        "PGUSER": "owner",
    }
    environ.pop("STUI_HOME")

    def run(*script: str, **more: str) -> str:
        done = subprocess.run(
            ["sh", "-eu", "-c", "\n".join(script)],
            check=False,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            env=environ | more,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    five = lines("Set-up in five lines")
    assert len(five) == 5
    run(*five)
    ada = {"PGUSER": "ada", "STUI_HOME": "postgresql:///team", "XDG_STATE_HOME": str(home / "adas")}
    assert "build" in run("stui images", **ada)
    assert "member" in run("stui store -o tsv --columns role", **ada)
    run("stui images rename build ci", "stui undo", "stui audit --verify", **ada)
    assert server.sql("select distinct made_by from stui.operations order by 1", database="team") == [
        ("ada",),
        ("owner",),
    ]
    older = {"STUI_HOME": "postgresql:///older", "FIRST": FIRST}
    run("createdb older", 'sed "s/{schema}/stui/g" "$FIRST" | psql -q older', **older)
    assert run("stui store init --print | psql -q -v ON_ERROR_STOP=1 older", **older) == ""
    versions = run("stui store -o tsv --no-headers --columns schema,schema_known", **older).split()
    assert versions[0] == versions[1] != "1"
    take = lines("Moving")[1].replace("~/team", str(home / "team"))
    run(take)
    assert "build" in run(f"stui images --home {home / 'team'}")
