"""Code as an argument: it may begin as an option does, and a shell may have taken it apart."""

from __future__ import annotations

import re

import click

from stui_cli.invocation import StuiCommand
from stui_cli.model.errors import UsageProblem

# What is no expression by itself: the operator of a message, or a keyword that waits for its argument.
_PART = r"[-+*/\\~<>=@%|&?,]+|(?:[A-Za-z_]\w*:)+"


class CodeCommand(StuiCommand):
    """A command that takes code, which may begin as an option does."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        given = list(args)
        try:
            rest = super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            at = next(
                (n for n, word in enumerate(given) if word.startswith(error.option_name) and not _is_option(word)), None
            )
            if at is None:
                raise
            words = _expression(given[at:])
            raise UsageProblem(
                f"{given[at]!r} begins as an option does",
                todo=f"write: {_line(ctx, [*given[:at], *given[at + len(words) :], '--'], words)}",
            ) from error
        if not ctx.resilient_parsing:
            self._refuse_taken_apart(ctx, given)
        return rest

    def _refuse_taken_apart(self, ctx: click.Context, given: list[str]) -> None:
        """Raises UsageProblem for `eval 3 + 4`: no image can run a `+`, and it would have run the 3 first."""
        words = ctx.params.get("code")
        if not isinstance(words, tuple) or len(words) < 2:
            return
        part = next((word for word in words if word != "-" and re.fullmatch(_PART, word)), None)
        part = part or ("-" if "-" in words else None)
        if part is None:
            return
        start = next((n for n in range(len(given)) if tuple(given[n : n + len(words)]) == words), None)
        before, after = ([], []) if start is None else (given[:start], given[start + len(words) :])
        raise UsageProblem(
            f"{part!r} is no expression: the shell has taken one apart",
            todo=f"put it into quotation marks: {_line(ctx, [*before, *after], list(words))}",
        )


def _expression(words: list[str]) -> list[str]:
    """The words from the first on that may be of one expression: up to an option."""
    end = next((n for n, word in enumerate(words) if n and word.startswith("-") and len(word) > 1), len(words))
    return words[:end]


def _line(ctx: click.Context, options: list[str], words: list[str]) -> str:
    import shlex

    return " ".join([ctx.command_path, *map(shlex.quote, options), shlex.quote(" ".join(words))])


def _is_option(word: str) -> bool:
    """Whether a word looks like a (misspelt) option rather than like code: a minus before a name is no expression."""
    if not word.startswith("--"):
        return word[1:2].isalpha()
    return word.partition("=")[0].removeprefix("--").replace("-", "").isalnum()
