"""How a command is declared: one class and one decorator, which see to what is the same for all of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import TYPE_CHECKING, Any, TypeVar

import click

from stui_cli.global_options import (
    EVERYWHERE,
    HELP_OPTION,
    LIST_OPTIONS,
    OPTIONS,
    with_short_names,
    write_examples,
    write_own_options,
)
from stui_cli.invocation.telling import Purpose
from stui_cli.invocation.working import Invocation
from stui_cli.model.errors import StuiError, UsageProblem
from stui_cli.model.results import OutputMode
from stui_cli.model.times import now_ms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stui_cli.model.fields import Fields

_KIND = "stui.kind"

F = TypeVar("F", bound=Callable[..., Any])


class StuiCommand(click.Command):
    """A command whose help keeps to what is its own. `kind` is the kind of its items, to which it `adds` keys; one that
    `lists` may be told in which order, and how many. `takes_session` is whether -s has a meaning for it: what names a
    session and goes unheard would be done to more than was meant."""

    kind = "error"
    purpose = Purpose.TELL
    lists = False
    adds: Sequence[str] = ()
    takes_session = True

    def fields(self) -> Fields | None:
        """What its items consist of, for --columns, --sort and --template; None where it prints no items. No command is
        run for it, and nothing of the store is read."""
        from stui_cli.contract.fields import fields_of_kind

        return fields_of_kind(self.kind, self.adds)

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        if parent is not None:  # known before the arguments are read, for the envelope of a usage error
            parent.meta[_KIND] = self.kind
        return super().make_context(info_name, args, parent, **extra)

    def make_parser(self, ctx: click.Context) -> Any:
        return with_short_names(super().make_parser(ctx))

    def get_help_option(self, ctx: click.Context) -> click.Option:
        del ctx
        return HELP_OPTION

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        write_own_options(self.get_params(ctx), ctx, formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        write_examples(ctx, formatter)

    def get_help(self, ctx: click.Context) -> str:
        return with_headings(super().get_help(ctx), ctx)


def invocation_of(ctx: click.Context) -> Invocation:
    """The invocation of this call, made once."""
    root = ctx.find_root()
    if not isinstance(root.obj, Invocation):
        root.obj = Invocation(ctx.meta.setdefault(OPTIONS, {}))
    return root.obj


def with_headings(text: str, ctx: click.Context) -> str:
    """The text of a --help, its headings bold where there are colours."""
    if not invocation_of(ctx).colors_out:
        return text
    import re

    return re.sub(r"(?m)^(Usage:|[A-Z][A-Za-z ]*:$)", "\x1b[1m\\1\x1b[0m", text)


def kind_of(ctx: click.Context) -> str:
    """The kind of item that the running command lists, for the envelope of a failure."""
    return str(ctx.meta.get(_KIND, "error"))


def command(
    kind: str,
    *,
    purpose: Purpose = Purpose.TELL,
    cls: type[StuiCommand] = StuiCommand,
    exposes: bool = False,
    lists: bool = False,
    adds: Sequence[str] = (),
    heeds_settings: bool = True,
    **settings: Any,
) -> Callable[[F], click.Command]:
    """Declare a command: it gets the Invocation first, carries the global options, and returns its exit code.

    `exposes` says that its items can be written for Prometheus, `lists` that there may be many of them, and `adds`
    which keys they have beyond those of their `kind`. Without `heeds_settings` it works also where config.toml cannot
    be used: what tells of it, or mends it.
    """

    def declare(function: F) -> click.Command:
        def run(*arguments: Any, **values: Any) -> Any:
            begun = now_ms()
            context = click.get_current_context()
            invocation = invocation_of(context)
            invocation.purpose = purpose
            if "session" in invocation.given_options and not made.takes_session:
                raise UsageProblem(
                    f"-s names a session, which has no meaning for `{context.command_path}`", todo="leave -s out"
                )
            if heeds_settings:
                invocation.tell_of_settings()
            if invocation.choosing:  # wrong options about the output are told before anything is done
                from stui_cli.invocation.choosing import understood

                invocation.selection = understood(invocation, context.command_path, made.fields(), lists=made.lists)
            if invocation.mode is OutputMode.PROMETHEUS and not exposes:
                raise UsageProblem("-o prometheus is for `stui status` alone", todo="choose json, jsonl, tsv or name")
            try:
                code = function(invocation, *arguments, **values)
            except StuiError:
                raise  # its document has the warnings
            except BaseException:
                invocation.tell_untold()
                raise
            invocation.refresh_names()
            invocation.tell_untold()
            invocation.narrate(f"done after {now_ms() - begun} ms")
            return code

        made: StuiCommand = click.command(cls=cls, **settings)(update_wrapper(run, function))
        made.kind = kind
        made.purpose = purpose
        made.lists = lists
        made.adds = adds
        if lists:
            made.params.extend(LIST_OPTIONS)
        for param in made.params:
            if isinstance(param, click.Option) and (bounds := getattr(param.type, "bounds", None)):
                param.help = f"{param.help} {bounds}"
        made.params.extend(EVERYWHERE)
        return made

    return declare
