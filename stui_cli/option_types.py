"""Values on the command line that click does not know: durations and sizes."""

from __future__ import annotations

from typing import Any

import click

from stui_cli.model.errors import UsageProblem


class Duration(click.ParamType[int]):
    """A duration such as 2, 500ms, 30s, 24h or 7d; the value is in ms."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        from stui_cli.model.durations import parse_duration

        if isinstance(value, int):
            return value
        try:
            return parse_duration(value)
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
