"""The shells find the names of a team's store by its address, as stui does, and start nothing for it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from needs import program

from stui_cli.store.files.location import Home

SCRIPTS = Path(__file__).resolve().parents[2] / "completions"
ASK = {
    "bash": 'source "$1/stui.bash"; _stui_folder "$2"; echo "$folder"',
    "zsh": 'source "$1/_stui" 2>/dev/null; _stui_folder "$2"; echo "$folder"',
    "fish": 'source "$argv[1]/stui.fish"; __stui_folder "$argv[2]"',
}
START = {"bash": ["--norc", "-c"], "zsh": ["-fc"], "fish": ["--no-config", "-c"]}


@pytest.mark.parametrize("shell", ASK)
def test_the_folder_beside_a_team_is_found(shell: str, home: Path) -> None:
    environ = {"HOME": str(home), "PATH": "/usr/bin:/bin"}
    for url in (
        "postgresql://db.example/team",
        "postgresql://ada:geh@eim@db.example:5433/team?schema=builds",
        f"postgresql://@/team?host=/run/postgresql&port=5433&schema={'x' * 40}_{'y' * 9}",
        "postgres:///" + "long" * 40,
    ):
        words = [*START[shell], ASK[shell], *(["ask"] if shell != "fish" else []), str(SCRIPTS), url]
        command = [program(shell), *words]

        def asked(command: list[str] = command) -> str:
            return subprocess.run(command, env=environ, capture_output=True, text=True, check=True).stdout.strip()

        assert asked() == url, "nothing is there yet"
        folder = Path(Home.find(url, environ).folder)
        folder.mkdir(parents=True)
        assert asked() == str(folder)
