"""Options as stui has them, and values that click does not know: durations, sizes, and names of files at no cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from stui_cli.model.errors import UsageProblem

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from click.shell_completion import CompletionItem

    from stui_cli.model.ranges import Range

    F = TypeVar("F", bound=Callable[..., Any])


class Option(click.Option):
    """An option whose help is one line, as it stands. click would look for indents in it, by a module that no command
    uses otherwise: 4 ms (main.py leaves it out)."""

    def __init__(self, *args: Any, help: str | None = None, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.help = help


def option(*names: str, **settings: Any) -> Callable[[F], F]:
    """Declare an option of a command."""
    return click.option(*names, cls=Option, **settings)


class Duration(click.ParamType[int]):
    """A duration such as 2, 500ms, 30s, 24h or 7d; the value is in ms, and no less than `least`."""

    name = "duration"

    def __init__(self, least: int = 0) -> None:
        self._least = least

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        from stui_cli.model.durations import parse_duration

        if isinstance(value, int):
            return value
        try:
            found = parse_duration(value)
        except UsageProblem as error:
            self.fail(f"{error.what}: {error.todo}", param, ctx)
        if found < self._least:
            self.fail(f"{value!r} is too short: at least {self._least}ms", param, ctx)
        return found


class TimeLimit(Duration):
    """How long code may run in an image: a duration that an agent takes, in ms. `bounds` is what help says of it."""

    bounds = "From 1ms to 24h."

    def __init__(self) -> None:
        super().__init__(least=1)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        from stui_cli.model.code_limits import LONGEST_TIME_LIMIT_MS

        given = super().convert(value, param, ctx)
        if given > LONGEST_TIME_LIMIT_MS:
            self.fail(f"{value!r} is too long: an image takes at most 24h", param, ctx)
        return given


class Latencies(click.ParamType["Range"]):
    """A threshold as the plug-in guidelines of Nagios write it; the value is in ms."""

    name = "range"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Range:
        from stui_cli.model.ranges import Range, parse_range

        if isinstance(value, Range):
            return value
        try:
            return parse_range(value)
        except UsageProblem as error:
            self.fail(f"{error.what}: {error.todo}", param, ctx)


class Size(click.ParamType[int]):
    """A size such as 64M or 2G; the value is in bytes."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        from stui_cli.model.sizes import parse_size

        if isinstance(value, int):
            return value
        try:
            return parse_size(value)
        except UsageProblem as error:
            self.fail(f"{error.what}: {error.todo}", param, ctx)


class Whole(click.IntRange):
    """A whole number within bounds; one that is none, or out of them, is told in plain words."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            number = int(value)
        except ValueError:
            self.fail(f"{value!r} is no whole number", param, ctx)
        if self.max is None and self.min is not None and number < self.min:
            self.fail(f"{number} is too small: at least {self.min}", param, ctx)
        if self.max is not None and not (self.min or 0) <= number <= self.max:
            self.fail(f"{number} is out of bounds: from {self.min or 0} to {self.max}", param, ctx)
        return number


class Words(click.Choice[str]):
    """Some of a few words, separated by commas; the value is a tuple of them."""

    name = "words"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if isinstance(value, tuple):
            return value
        return tuple(super(Words, self).convert(word.strip(), param, ctx) for word in str(value).split(","))

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from stui_cli.completing import lists

        del ctx, param
        return lists([str(choice) for choice in self.choices], incomplete)


class FileName(click.ParamType[str]):
    """The name of a file, as text. Making a click.Path asks for a translation of its name, which costs 1 ms."""

    name = "path"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        del ctx, param
        return [CompletionItem(incomplete, type="file")]
