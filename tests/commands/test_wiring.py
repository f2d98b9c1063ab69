"""How the commands are wired to the command line, by click's own runner, in this process and on a store in memory.

Every command is looked at as the table lists it: what its function takes is what its options and arguments give; each
option means what it says; the global options count before and after it. What the commands do is tested elsewhere.
"""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest
from click.testing import CliRunner
from memory_store import Memory, open_memory

from stui_cli.command_table import COMMANDS
from stui_cli.global_options import EVERYWHERE, GLOBAL_OPTIONS, LIST_OPTIONS, OPTIONS
from stui_cli.invocation import Invocation
from stui_cli.main import root
from stui_cli.model.errors import StuiError
from stui_cli.model.operations import Actor
from stui_cli.model.ranges import Range
from stui_cli.model.times import now_ms
from stui_cli.option_types import Duration, FileName, Latencies, Size, Words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stui_cli.command_table import CommandRow


def _paths(table: Mapping[str, CommandRow], *above: str) -> Iterator[tuple[str, ...]]:
    for name, row in table.items():
        yield from _paths(row.subcommands, *above, name) if row.subcommands else [(*above, name)]


PATHS = list(_paths(COMMANDS))
every_command = pytest.mark.parametrize("path", PATHS, ids=" ".join)

# Words that an argument takes whose command looks at it while it is parsed.
WORDS = {"what": "classes", "shell": "bash", "number": "1"}


def _command(path: tuple[str, ...]) -> click.Command:
    found: click.Command = root
    for name in path:
        assert isinstance(found, click.Group)
        below = found.get_command(click.Context(found), name)
        assert below is not None
        found = below
    return found


def _parsed(words: list[str]) -> click.Context:
    """The context of the command that a line leads to, read and not run."""
    context = root.make_context("stui", words)
    while isinstance(context.command, click.Group):
        _, command, rest = context.command.resolve_command(context, [*context._protected_args, *context.args])
        assert command is not None
        context = command.make_context(command.name, rest, parent=context)
    return context


def _own(command: click.Command) -> list[click.Parameter]:
    return [param for param in command.params if param not in (*EVERYWHERE, *LIST_OPTIONS)]


def _arguments(command: click.Command) -> list[str]:
    """Words for the arguments that a command needs."""
    needed = [param for param in command.params if isinstance(param, click.Argument) and param.required]
    return [WORDS.get(str(param.name), "word") for param in needed for _ in range(max(param.nargs, 1))]


def _with_needed(path: tuple[str, ...]) -> list[str]:
    """A command with the options that it cannot do without."""
    needed = [param for param in _own(_command(path)) if isinstance(param, click.Option) and param.required]
    return [*path, *(f"{param.opts[-1]}={_sample(param)[0]}" for param in needed)]


def _sample(param: click.Parameter) -> tuple[str, object]:
    """A word that an option takes, and the value that it is."""
    match param.type:
        case Duration():
            return "90s", 90_000
        case Latencies():
            return "@2:90", Range(2_000, 90_000, inside=True)
        case Size():
            return "2G", 2 * 1024**3
        case Words(choices=choices):
            return str(choices[-1]), (choices[-1],)
        case click.Choice(choices=choices):
            return str(choices[-1]), choices[-1]
        case click.IntRange() | click.types.IntParamType():
            return "7", 7
        case click.FloatRange() | click.types.FloatParamType():
            return "0.5", 0.5
        case FileName():
            return "some file", "some file"
        case _:
            return "a=b", "a=b"


@every_command
def test_a_command_takes_what_its_options_and_arguments_give(path: tuple[str, ...]) -> None:
    command = _command(path)
    assert command.callback is not None
    invocation, *taken = inspect.signature(command.callback).parameters.values()
    assert invocation.name == "invocation"
    given = {str(param.name) for param in _own(command) if param.expose_value}
    named = {each.name for each in taken if each.kind is not inspect.Parameter.VAR_KEYWORD}
    assert named <= given
    assert named == given or len(named) < len(taken)  # what is not named goes on together


@every_command
def test_every_option_arrives_under_its_name(path: tuple[str, ...]) -> None:
    command = _command(path)
    for param in _own(command):
        if not isinstance(param, click.Option) or not param.expose_value:
            continue
        word, value = _sample(param)
        for name in param.opts:
            if param.is_flag:
                line, expected = [name], True if param.is_bool_flag else param.flag_value
            else:
                line, expected = [f"{name}={word}" if name.startswith("--") else f"{name}{word}"], value
            given = _parsed([*_with_needed(path), *line, *_arguments(command)]).params[str(param.name)]
            given = str(given) if isinstance(given, Path) else given
            assert given == ((expected,) if param.multiple else expected), (name, given)
        for name in param.secondary_opts:
            assert _parsed([*_with_needed(path), name, *_arguments(command)]).params[str(param.name)] is False


# What lists: the groups that list without being told so, and these.
LISTS = {
    "images list", "images discover", "sessions list", "sessions stats", "sessions history", "status", "ping", "jobs",
    "keys list", "log list", "audit", "config list", "browse", "cleanup",
}  # fmt: skip


@every_command
def test_what_lists_is_sorted_and_limited_and_nothing_else(path: tuple[str, ...]) -> None:
    lists = " ".join(path) in LISTS
    assert [option in _command(path).params for option in LIST_OPTIONS] == [lists, lists]
    if lists:
        line = [*_with_needed(path), "--sort", "-name", "--limit=3", *_arguments(_command(path))]
        assert _parsed(line).meta[OPTIONS] == {"sort": "-name", "limit": 3}


@pytest.mark.parametrize("group", [name for name, row in COMMANDS.items() if row.default == "list"])
@pytest.mark.parametrize("word", ["name", "path", "show"])  # some are commands of some groups, too
def test_a_group_that_lists_takes_its_options(group: str, word: str) -> None:
    for line in ([group, "--sort", word, "--limit", "1"], [group, "--sort", word, "list", "--limit", "1"]):
        context = _parsed(line)
        assert (context.info_name, context.meta[OPTIONS]) == ("list", {"sort": word, "limit": 1})


@every_command
def test_global_options_count_before_and_after(path: tuple[str, ...]) -> None:
    words, expected = [], {}
    for option in GLOBAL_OPTIONS:
        word, value = _sample(option)
        words += [option.opts[-1], *([] if option.is_flag else [word])]
        expected[option.name] = True if option.is_flag else value
    arguments = _arguments(_command(path))
    before, after = (
        _parsed([*words, *_with_needed(path), *arguments]),
        _parsed([*_with_needed(path), *words, *arguments]),
    )
    assert before.meta[OPTIONS] == after.meta[OPTIONS] == expected


class Runner:
    """Runs command lines on a store in memory; a failure is what was raised."""

    def __init__(self, folder: Path) -> None:
        self._memory = Memory()
        self._folder = folder
        self._runner = CliRunner()

    def open_store(self, invocation: Invocation, *, read_only: bool = False) -> Any:
        actor = Actor("me", "here", 1, "stui")
        return open_memory(self._memory, self._folder, actor, now_ms, invocation.announce, read_only=read_only)

    def __call__(self, *words: str, code: int = 0) -> str:
        ran = self._runner.invoke(root, list(words), standalone_mode=False)
        if isinstance(ran.exception, StuiError):
            assert int(ran.exception.exit_code) == code, ran.exception
        elif ran.exception is not None:
            raise ran.exception
        else:
            assert int(ran.return_value or 0) == code, ran.output
        return ran.stdout


@pytest.fixture
def stui(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runner:
    runner = Runner(tmp_path)
    monkeypatch.setattr(
        Invocation, "open_store", lambda self, *, read_only=False: runner.open_store(self, read_only=read_only)
    )
    runner("images", "add", "--offline", "alpha", "tcp://127.0.0.1:9")
    return runner


@pytest.mark.parametrize(
    ("line", "printed"),
    [
        ("images -o name", "alpha\n"),
        ("-o name images list", "alpha\n"),
        ("images --columns name,address --no-headers", "alpha  tcp://127.0.0.1:9\n"),
        ("images set alpha role=build", ""),
        ("images rename alpha beta", ""),
        ("images disconnect alpha", ""),
        ("images remove alpha -y", ""),
        ("images export -q", ""),
        ("sessions -o name", ""),
        ("switch alpha", ""),
        ("status --cached -o name", "alpha\n"),
        ("cleanup -n -o name", ""),
        ("log -o name", "1\n"),
        ("undo -o name", ""),
        ("rollback 0 -y", ""),
        ("audit -o name", ""),
    ],
)
def test_a_command_runs_on_any_store(stui: Runner, line: str, printed: str) -> None:
    said = stui(*line.split())
    assert said == printed or not printed


@pytest.mark.parametrize(
    "path", [("images", "list"), ("sessions", "list"), ("context",), ("log", "list"), ("status",), ("audit",)]
)
def test_what_it_shows_is_of_the_kind_that_it_declares(stui: Runner, path: tuple[str, ...]) -> None:
    stui("switch", "alpha")
    document = json.loads(stui(*path, "-o", "json"))
    assert document["kind"] == _command(path).kind
    assert {"schema", "generated_at", "items", "errors", "warnings"} < document.keys()
    assert stui(*path, "-o", "jsonl").count("\n") == len(document["items"])


def test_what_one_command_changed_the_next_one_finds(stui: Runner) -> None:
    stui("images", "set", "alpha", "role=build")
    assert "role=build" in stui("images", "show", "alpha")
    stui("undo")
    assert "role=build" not in stui("images", "show", "alpha")
    stui("images", "show", "nobody", code=3)
    stui("rollback", "99", "-y", code=3)
