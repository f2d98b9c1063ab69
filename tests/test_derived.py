"""Completions, manual pages and the lists of the README say what the command tree says."""

from __future__ import annotations

import importlib
import itertools
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest
from click.testing import CliRunner
from needs import program

from stui_cli.commands.completion import SCRIPTS
from stui_cli.main import root
from stui_cli.model.exits import Exit

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def ci(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """A module of .ci/."""
    monkeypatch.syspath_prepend(str(ROOT / ".ci"))
    return importlib.import_module


def parsed(words: list[str]) -> click.Context:
    """The context of the command that a line leads to, parsed but not run."""
    context = root.make_context("stui", words[1:])
    while isinstance(context.command, click.Group):
        _, command, rest = context.command.resolve_command(context, [*context._protected_args, *context.args])
        assert command is not None
        context = command.make_context(command.name, rest, parent=context)
    return context


def test_derived_text_is_up_to_date() -> None:
    command = [sys.executable, "-W", "error", str(ROOT / ".ci" / "derive.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_difference_is_named_with_its_remedy(
    ci: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    derive = ci("derive")
    monkeypatch.setattr(derive, "ROOT", tmp_path)
    (tmp_path / "man").mkdir()
    (tmp_path / "man" / "stui-gone.1").touch()
    (tmp_path / "man" / "stui.1").write_text("old")
    assert derive.check({"man/stui.1": "new", "completions/_stui": "new"}) == 1
    said = capsys.readouterr().err.splitlines()
    assert [line.split(": ")[1] for line in said] == [
        "man/stui-gone.1 is of no command any more",
        "man/stui.1 differs from the code",
        "completions/_stui is missing",
    ]
    assert all("python .ci/derive.py" in line for line in said)
    assert derive.write({"man/stui.1": "new", "completions/_stui": "new"}) == 0
    assert derive.check({"man/stui.1": "new", "completions/_stui": "new"}) == 0


def test_every_command_is_documented(ci: Callable[[str], Any]) -> None:
    undocumented = [command.name for command in ci("command_tree").tree().walk() if not command.help]
    assert undocumented == []


def test_every_option_has_help(ci: Callable[[str], Any]) -> None:
    bare = [
        f"{command.name} {option.names[-1]}"
        for command in ci("command_tree").tree().walk()
        for option in command.options
        if not option.help.endswith(".")
    ]
    assert bare == []


def test_every_command_has_examples_that_its_parser_takes(
    ci: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("tidy.st", "work.toml"):
        (tmp_path / name).touch()
    examples = ci("examples").EXAMPLES
    assert examples.keys() == {command.path for command in ci("command_tree").tree().walk()}
    for path, lines in examples.items():
        for _, line in lines:
            # As a shell would see it: what stands in eval "$(...)", and nothing of a redirection.
            words = shlex.split(line.removeprefix('eval "$(').removesuffix(')"'))
            context = parsed(list(itertools.takewhile(lambda word: not word.startswith(">"), words)))
            context.close()
            assert context.command_path.split()[: len(path) + 1] == ["stui", *path]


def test_exit_codes_are_those_of_the_program(ci: Callable[[str], Any]) -> None:
    assert list(ci("reference").EXITS) == list(Exit)
    page = (ROOT / "man" / "stui.1").read_text(encoding="utf-8")
    section = page.partition(".SH EXIT STATUS\n")[2].partition(".SH ")[0]
    assert [int(code) for code in re.findall(r"^\\fB(\d+)\\fR$", section, re.MULTILINE)] == list(Exit)
    table = (ROOT / "README.md").read_text(encoding="utf-8").partition("<!-- exits -->")[2]
    assert [int(code) for code in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)] == list(Exit)


def complaints(command: list[str], pages: str) -> str:
    """What a linter says of the pages. groff reads each on its own; of several it makes one document."""
    program(command[0])
    paths = [str(page) for page in sorted((ROOT / "man").glob(pages))]
    said = ""
    for some in [[path] for path in paths] if command[0] == "groff" else [paths]:
        done = subprocess.run([*command, *some], capture_output=True, text=True, check=False)
        said += done.stdout + done.stderr
    return said


def test_derived_manual_pages_please_mandoc() -> None:
    assert complaints(["mandoc", "-T", "lint", "-W", "style"], "*.1") == ""


def test_every_manual_page_is_free_of_warnings() -> None:
    assert complaints(["mandoc", "-T", "lint", "-W", "warning"], "*") == ""
    assert complaints(["groff", "-mandoc", "-ww", "-z"], "*") == ""


@pytest.mark.parametrize("shell", SCRIPTS)
def test_completion_prints_the_derived_script(shell: str) -> None:
    printed = CliRunner().invoke(root, ["completion", shell])
    assert printed.stdout == (ROOT / "completions" / SCRIPTS[shell]).read_text(encoding="utf-8")
