"""The command tree of stui as plain values: what the writers of completions and manual pages work on."""

from __future__ import annotations

import inspect
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # the checkout's own stui, installed or not

from stui_cli.command_table import COMMANDS, CommandRow
from stui_cli.completing import Offer, words_of
from stui_cli.global_options import EVERYWHERE, Offered
from stui_cli.invocation import StuiCommand
from stui_cli.main import root
from stui_cli.model.settings import SETTINGS, PathValue, offered_values
from stui_cli.option_types import FileName, Words

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Value:
    """A value of an option or an argument: how help calls it and what Tab offers."""

    metavar: str
    offer: Offer
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Option:
    """`names` in the order of their declaration; `value` is None for a flag. `default` is shown in manuals."""

    names: tuple[str, ...]
    value: Value | None
    help: str
    default: str | None
    repeatable: bool


@dataclass(frozen=True)
class Argument:
    """`synopsis` is how a usage line writes it, as in `[IMAGE]...`."""

    synopsis: str
    value: Value
    required: bool
    repeatable: bool


@dataclass(frozen=True)
class Command:
    """A command or a group, with its own options only. `default` is the subcommand meant when none is named, `columns`
    are the keys of what it lists."""

    path: tuple[str, ...]
    summary: str
    help: tuple[str, ...]
    options: tuple[Option, ...]
    arguments: tuple[Argument, ...]
    subcommands: tuple[Command, ...]
    default: str | None
    columns: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """`stui images add`."""
        return " ".join(("stui", *self.path))

    @property
    def page(self) -> str:
        """`stui-images-add`, the name of its manual page."""
        return "-".join(("stui", *self.path))

    @property
    def accepted(self) -> tuple[Option, ...]:
        """Its options; a group takes those of the subcommand that it means by itself, too."""
        meant = [sub.options for sub in self.subcommands if sub.path[-1] == self.default]
        return tuple(dict.fromkeys(option for options in (self.options, *meant) for option in options))

    def walk(self) -> Iterator[Command]:
        """The command and all below it, in the order of the table."""
        yield self
        for each in self.subcommands:
            yield from each.walk()


def tree() -> Command:
    """Everything that stui can be told."""
    context = click.Context(root, info_name="stui", **root.context_settings)
    return Command(
        (),
        _first(root.help),
        _paragraphs(root.help),
        tuple(_options(root, context, own=False)),
        (),
        tuple(_command(root, (name,), entry, context) for name, entry in COMMANDS.items()),
        None,
    )


def _command(group: click.Group, path: tuple[str, ...], entry: CommandRow, parent: click.Context) -> Command:
    made = group.get_command(parent, path[-1])
    assert made is not None
    context = click.Context(made, parent, info_name=path[-1])
    below: tuple[Command, ...] = ()
    if entry.subcommands:
        assert isinstance(made, click.Group)
        below = tuple(_command(made, (*path, name), sub, context) for name, sub in entry.subcommands.items())
    return Command(
        path,
        entry.summary,
        _paragraphs(made.help),
        tuple(_options(made, context, own=True)),
        tuple(_argument(param, context) for param in made.params if isinstance(param, click.Argument)),
        below,
        entry.default,
        _columns(made, below, entry.default),
    )


def _columns(made: click.Command, below: tuple[Command, ...], default: str | None) -> tuple[str, ...]:
    """The keys of what a command lists; a group lists what its default does."""
    fields = made.fields() if isinstance(made, StuiCommand) else None
    of_default = next((sub.columns for sub in below if sub.path[-1] == default), ())
    return of_default if fields is None else tuple(fields.shows)


def _options(command: click.Command, context: click.Context, *, own: bool) -> Iterator[Option]:
    for param in command.get_params(context):
        if isinstance(param, click.Option) and not (own and param in EVERYWHERE) and not param.hidden:
            flag = param.is_flag or param.count
            shown = param.show_default and param.default is not None and not flag
            yield Option(
                tuple(sorted([*param.opts, *param.secondary_opts], key=lambda name: name.startswith("--"))),
                None if flag else _value(param, context),
                _with_range(param),
                str(param.default) if shown else None,
                param.multiple,
            )


def _with_range(param: click.Option) -> str:
    """The help of an option, with the numbers that it takes, as `--help` has them."""
    kind = param.type
    if not isinstance(kind, click.IntRange) or kind.max is None:
        return param.help or ""
    return f"{param.help} From {kind.min} to {kind.max}."


def _argument(param: click.Argument, context: click.Context) -> Argument:
    return Argument(param.make_metavar(context), _value(param, context), param.required, param.nargs == -1)


def _value(param: click.Parameter, context: click.Context) -> Value:
    words = _words(param)
    return Value(_metavar(param, words, context), _offer(param), words)


def _words(param: click.Parameter) -> tuple[str, ...]:
    """All that the value may be, where that is known beforehand."""
    if (words := words_of(_offer(param))) != ():
        return words
    return tuple(str(choice) for choice in param.type.choices) if isinstance(param.type, click.Choice) else ()


def _metavar(param: click.Parameter, words: tuple[str, ...], context: click.Context) -> str:
    if param.metavar:
        return param.metavar
    if words:
        return "|".join(words)
    if isinstance(param, click.Argument):
        return param.make_metavar(context).strip("[].")
    if isinstance(param.type, click.types.IntParamType):
        return "N"
    if isinstance(param.type, click.types.FloatParamType):
        return "NUMBER"
    return param.make_metavar(context)


def _offer(param: click.Parameter) -> Offer:
    completer = param._custom_shell_complete  # click keeps what `shell_complete=` was given nowhere else
    if isinstance(completer, Offered):
        return Offer(completer.offer)
    if isinstance(param.type, Words):
        return Offer.LIST
    if isinstance(param.type, click.File | click.Path | FileName):
        return Offer.FILE
    return Offer.NOTHING


def setting_values() -> dict[str, tuple[str, ...]]:
    """What Tab offers for the value of each setting, where it offers any."""
    return {row.key: values for row in SETTINGS.values() if (values := offered_values(row))}


def path_settings() -> list[str]:
    """The settings whose values are paths."""
    return [row.key for row in SETTINGS.values() if isinstance(row.kind, PathValue)]


def _paragraphs(text: str | None) -> tuple[str, ...]:
    """The paragraphs of a help text, each one line; those marked \\b, as click wants it, keep their lines."""
    parts = inspect.cleandoc(text or "").split("\n\n")
    return tuple(
        part.removeprefix("\b\n") if part.startswith("\b\n") else " ".join(part.split())
        for part in parts
        if part.strip()
    )


def _first(text: str | None) -> str:
    return _paragraphs(text)[0]
