"""Advice can be followed: every command and option that a text of stui names is there, with the words it needs."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from stui_cli.command_table import COMMANDS
from stui_cli.main import root

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(__file__).parents[1] / "stui_cli"
# What a text puts in at run time.
FILLED = "\u25aa"
# A command is what follows `stui` up to the end of its clause.
_COMMAND = re.compile(r"(?P<before>^|[`:>$(] ?|, |or |then )stui (?P<words>[a-z][^`,;:()\n]*)")
_OPTION = re.compile(r"(?:^|(?<=[\s`(]))--[a-z][a-z-]+")
# Long options of other programs that stui runs.
_PROSE = {"monitoring", "failed", "starts"}  # texts that begin with stui, and tell of it
_OF_OTHERS = {"--height", "--reverse", "--no-multi", "--prompt", "--header", "--kernel-directory", "--interactive"}


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def _texts(path: Path) -> Iterator[tuple[str, int]]:
    """Every string of a module that is no docstring; what is filled in stands as one sign."""
    nodes = list(ast.walk(parsed(path)))
    parts = {id(value) for node in nodes if isinstance(node, ast.JoinedStr) for value in node.values}
    parts |= {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    for node in nodes:
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(v.value) if isinstance(v, ast.Constant) else FILLED for v in node.values), node.lineno
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts:
            yield node.value, node.lineno


@cache
def each_text() -> list[tuple[str, str]]:
    return list(_texts_and_help())


def _texts_and_help() -> Iterator[tuple[str, str]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        for text, line in _texts(path):
            yield f"{path.relative_to(PACKAGE)}:{line}", text
    for command in _every_command(root):
        yield f"help of {command.name}", re.sub(r"\s+", " ", command.help or "")


def _flaw(words: list[str]) -> str | None:
    """What is wrong with a command line that a text names; None if nothing is."""
    command: click.Command = root
    while isinstance(command, click.Group):
        name = words[0] if words and words[0] in command.list_commands(click.Context(command)) else None
        if name is None:
            if command is root or (words and words[0][0].islower()):
                return f"there is no command {words[0]!r} of {command.name}"
            name = getattr(command, "_default", None)
        else:
            words = words[1:]
        if name is None:
            return None
        found = command.get_command(click.Context(command), name)
        assert found is not None
        command = found
    return _flaw_of_words(command, words)


def _flaw_of_words(command: click.Command, words: list[str]) -> str | None:
    options = {name: p for p in command.params if isinstance(p, click.Option) for name in (*p.opts, *p.secondary_opts)}
    options["--help"] = options["-h"] = click.Option(["--help"], is_flag=True)
    arguments = [p for p in command.params if isinstance(p, click.Argument)]
    choices = {each for p in arguments if isinstance(p.type, click.Choice) for each in p.type.choices}
    given, index = 0, 0
    while index < len(words):
        word = words[index]
        index += 1
        if word.startswith("-") and word != "-":
            if re.fullmatch("-[a-z]{2,}", word):  # -qo is -q -o
                words[index - 1 : index] = [f"-{letter}" for letter in word[1:]]
                word = words[index - 1]
            option = options.get(word.partition("=")[0])
            if option is None:
                return f"{command.name} has no option {word}"
            if not option.is_flag and "=" not in word:
                if index == len(words):
                    return f"{word} of {command.name} needs a value"
                index += 1
        elif word[0].islower() and word not in choices:
            break  # the sentence goes on
        else:
            given += 1
    needed = sum(isinstance(p, click.Argument) and p.required for p in command.params)
    asks_help = "--help" in words or "-h" in words
    return f"{command.name} needs {needed} words, and {given} are named" if given < needed and not asks_help else None


def _named(text: str) -> Iterator[list[str]]:
    for match in _COMMAND.finditer(text):
        words = match["words"].rstrip(". ").split()
        if words[0] not in COMMANDS and (words[0] in _PROSE or match["before"][:1] not in ("", "`")):
            continue
        yield words


def test_every_command_that_a_text_names_can_be_run() -> None:
    found = [(where, flaw) for where, text in each_text() for words in _named(text) if (flaw := _flaw(words))]
    # Help names other commands, it does not advise to run them here and now.
    assert [f"{where}: {flaw}" for where, flaw in found if not (where.startswith("help") and "needs" in flaw)] == []


def test_every_option_that_a_text_names_is_one_of_some_command() -> None:
    known = {"--help", *_OF_OTHERS}
    for command in _every_command(root):
        known |= {name for param in command.params for name in (*param.opts, *param.secondary_opts)}
    known |= {spelled for name in known for spelled in name.split("/")}
    wrong = [f"{where}: {o}" for where, text in each_text() for o in _OPTION.findall(text) if o not in known]
    assert wrong == []


def _every_command(group: click.Group) -> Iterator[click.Command]:
    yield group
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        assert found is not None
        yield from _every_command(found) if isinstance(found, click.Group) else [found]


@pytest.mark.parametrize(
    ("line", "right"),
    [
        ("images remove ▪", True),
        ("images remove", False),
        ("images st ▪", False),
        ("images set ▪ --key-file FILE", True),
        ("images set ▪ --key-file", False),
        ("images set ▪ --key FILE", False),
        ("nonsense", False),
        ("undo brings the records back", True),
    ],
)
def test_the_test_itself(line: str, right: bool) -> None:
    assert (_flaw(line.split()) is None) is right
