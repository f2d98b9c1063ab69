"""Code as an argument: it may begin as an option does."""

from __future__ import annotations

import click

from stui_cli.invocation import StuiCommand
from stui_cli.model.errors import UsageProblem


class CodeCommand(StuiCommand):
    """A command that takes code, which may begin as an option does."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        given = list(args)
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            code = next((word for word in given if word.startswith(error.option_name) and not _is_option(word)), None)
            if code is None:
                raise
            import shlex

            raise UsageProblem(
                f"{code!r} begins as an option does", todo=f"write: {ctx.command_path} -- {shlex.quote(code)}"
            ) from error


def _is_option(word: str) -> bool:
    """Whether a word looks like a (misspelt) option rather than like code."""
    return word.startswith("--") and word.partition("=")[0].removeprefix("--").replace("-", "").isalnum()
