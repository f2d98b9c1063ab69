"""`alpha work`, which the fingers type for `alpha/work`, by the commands that take one session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from stui_cli.invocation import StuiCommand, invocation_of

if TYPE_CHECKING:
    from collections.abc import Sequence


class SessionCommand(StuiCommand):
    """A command that takes one session: IMAGE SESSION is IMAGE/SESSION, and any other word too many is an error, as
    everywhere. That is seen when it runs, not when the line is read: which images there are stands in the store."""

    allow_extra_args = True

    def invoke(self, ctx: click.Context) -> Any:
        if ctx.args:
            names = [param.name for param in self.params if isinstance(param, click.Argument) and param.name]
            words = _joined([ctx.params[name] for name in names], ctx)
            ctx.params.update(zip(names, words, strict=True))
        return super().invoke(ctx)


def _joined(given: Sequence[str | None], ctx: click.Context) -> list[str]:
    """The arguments, of which the first is made of two words, since there is one too many."""
    from stui_cli.work.meant.several import joined

    words = [*filter(None, given), *ctx.args]
    if len(words) == len(given) + 1:
        state = invocation_of(ctx).bench.store.read()
        if (first := joined(state, words[0], words[1])) is not None:
            return [first, *words[2:]]
    many = "s" * (len(ctx.args) > 1)
    raise click.UsageError(f"Got unexpected extra argument{many} ({' '.join(ctx.args)})", ctx)
