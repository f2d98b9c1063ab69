"""What printing may import: start-up time is part of the contract (DESIGN section 12)."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import stui_cli

ROOT = Path(stui_cli.__file__).parents[1]

PROGRAM = """
import sys
from stui_cli.model.errors import NotFound
from stui_cli.model.results import Column, ItemKind, OutputMode, Result, Show
from stui_cli.model.times import Moment
from stui_cli.output.failure import render_failure
from stui_cli.output.render import render
from stui_cli.output.screen import open_screen

columns = [Column("name", "Name"), *(Column(show.value, show.value, show) for show in Show)]
items = [{"name": "alpha", "age": Moment(0)}]
result = Result(ItemKind("image", {}), items, columns, errors=[NotFound("beta")])
screen = open_screen(sys.stdout, sys.stderr, {}, mode=OutputMode(sys.argv[1]))
render(result, screen)
render_failure(NotFound("gamma"), "image", screen)
heavy = "click datetime difflib json msgpack rich shutil socket subprocess unicodedata"
print("imported:", *(name for name in heavy.split() if name in sys.modules))
"""


@pytest.mark.parametrize(
    ("mode", "imported"),
    [
        ("auto", "imported:"),
        ("plain", "imported:"),
        ("name", "imported:"),
        ("tsv", "imported:"),
        ("json", "imported: json"),
        ("jsonl", "imported: json"),
    ],
)
def test_off_a_terminal_nothing_heavy_is_imported(mode: str, imported: str) -> None:
    # -S: what site-packages brings along is not ours.
    command = [sys.executable, "-S", "-W", "error", "-c", PROGRAM, mode]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.splitlines()[-1] == imported


@pytest.mark.benchmark
def test_import_time_of_the_renderer(tmp_path: Path) -> None:
    program = (
        "import click, stui_cli.model.results, time; start = time.perf_counter(); "
        "import stui_cli.output.render; print(time.perf_counter() - start)"
    )
    command = [sys.executable, "-c", program]
    environ = os.environ | {"PYTHONPYCACHEPREFIX": str(tmp_path), "PYTHONDONTWRITEBYTECODE": ""}
    runs = [subprocess.run(command, capture_output=True, check=True, cwd=ROOT, env=environ) for _ in range(10)]
    assert min(float(run.stdout) for run in runs) < 0.0015
