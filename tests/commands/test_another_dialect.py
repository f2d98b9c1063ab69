"""A further dialect is one more row of the table: every command that has to do with dialects serves it then."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.shell_completion import ShellComplete

import stui_cli
from stui_cli.commands import demo
from stui_cli.local import dialects
from stui_cli.local.dialects import CORE, DIALECTS, Dialect, with_agent_files
from stui_cli.main import root

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Stui

MACHINE = Path(__file__).parents[1] / "conformance" / "virtual_machine.py"


# The row, for this process and for those that launch: an image that this very process starts would have to be reaped.
ROW = """
from stui_cli.local.dialects import DIALECTS, Dialect
DIALECTS["invented"] = Dialect(
    name="invented",
    title="Invented Smalltalk",
    adapter=(),
    program="invented-vm",
    command=lambda files, start, saved: [str(start), *([] if saved is None else [str(saved)])],
    saved_image="kept.image",
    packages="nobody packs it",
    least_memory=2**20,
)
"""
MAIN = f"{ROW}\nfrom stui_cli.main import main\nmain()\n"


@pytest.fixture
def invented(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Dialect:
    """A row of a dialect whose program is the only one on the PATH."""
    programs = tmp_path / "programs"
    programs.mkdir()
    program = programs / "invented-vm"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{MACHINE}" "$@"\n')
    program.chmod(0o755)
    monkeypatch.setitem(DIALECTS, "invented", None)
    exec(ROW)
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setenv("PYTHONPATH", str(Path(stui_cli.__file__).parents[1]))
    return DIALECTS["invented"]


def by_itself(*words: str) -> str:
    """The output of a command that runs in a process of its own and has to succeed."""
    done = subprocess.run([sys.executable, "-c", MAIN, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done
    return done.stdout


@pytest.fixture
def launched(stui: Stui, invented: Dialect) -> Iterator[str]:
    """An image of that dialect, named by its being the only one installed."""
    by_itself("images", "launch", "one", "--wait", "20s")
    yield "one"
    stui.ok("images", "stop", "one", "--no-preserve")


def test_an_image_of_it_is_launched_used_saved_and_started_again(stui: Stui, launched: str) -> None:
    (item,) = stui.items("images")
    assert (item["dialect"], item["status"]) == ("invented", "connected")
    assert stui.ok("eval", "-i", launched, "3 + 4") == "7\n"
    saved = Path(stui.ok("images", "save", launched).split()[-1])
    assert (saved.name, saved.read_text()) == ("kept.image", "an image")
    stui.ok("images", "stop", launched, "--no-preserve")
    by_itself("images", "launch", launched)
    (again,) = stui.items("images")
    assert (again["dialect"], again["image_id"]) == ("invented", item["image_id"])


def test_an_image_comes_back_in_its_own_dialect_whatever_else_is_installed(
    stui: Stui, launched: str, monkeypatch: pytest.MonkeyPatch, gst_path: str
) -> None:
    stui.ok("images", "stop", launched, "--no-preserve")
    monkeypatch.setenv("PATH", f"{gst_path}{os.pathsep}{os.environ['PATH']}")
    assert dialects.preferred_dialect(os.environ) == "gst"
    by_itself("images", "launch", launched)
    assert [item["dialect"] for item in stui.items("images")] == ["invented"]


def test_its_agent_is_told(stui: Stui, invented: Dialect) -> None:
    files = [Path(line) for line in stui.ok("images", "agent").splitlines()]
    assert [f"{file.parent.name}/{file.stem}" for file in files] == list(CORE)
    assert stui.ok("images", "agent", "invented").splitlines() == [str(file) for file in files]


def test_the_doctor_looks_for_its_program(stui: Stui, invented: Dialect, monkeypatch: pytest.MonkeyPatch) -> None:
    (found,) = [item for item in stui.items("doctor") if item["case"] == "invented-vm"]
    assert found["verdict"] == "passed"
    monkeypatch.setenv("PATH", "")
    (found,) = [item for item in stui.items("doctor") if item["case"] == "invented-vm"]
    assert found["got"] == "not on the PATH; to launch Invented Smalltalk images (nobody packs it)"


def test_tab_offers_it(stui: Stui, invented: Dialect, monkeypatch: pytest.MonkeyPatch) -> None:
    complete = ShellComplete(root, {}, "stui", "_STUI_COMPLETE")
    assert [item.value for item in complete.get_completions(["images", "launch", "--dialect"], "i")] == ["invented"]
    assert [item.value for item in complete.get_completions(["images", "agent"], "")] == [
        *with_agent_files(),
    ]
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / ".ci"))
    from command_tree import tree

    (agent,) = [command for command in tree().walk() if command.path == ("images", "agent")]
    assert agent.arguments[0].value.words == tuple(with_agent_files())


def test_the_demo_uses_what_is_installed(invented: Dialect) -> None:
    assert [step.words[3] for step in demo.starting(dialects.preferred_dialect(os.environ))] == ["invented"] * 2


def test_without_any_program_a_playground_is_started_unless_another_is_asked_for(
    stui: Stui, invented: Dialect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    assert dialects.preferred_dialect(os.environ) == "playground"
    assert "gst is not on the PATH" in stui("images", "launch", "one", "--dialect", "gst").err
    assert "invented-vm is not on the PATH" in stui("images", "launch", "one", "--dialect", "invented").err
