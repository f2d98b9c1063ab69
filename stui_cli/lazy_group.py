"""A click group over a table of modules: a command's module is imported when it is named, not before."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from stui_cli.global_options import (
    EVERYWHERE,
    HELP_OPTION,
    LIST_OPTIONS,
    with_short_names,
    write_examples,
    write_own_options,
)
from stui_cli.invocation import StuiCommand, with_headings

if TYPE_CHECKING:
    from stui_cli.command_table import CommandRow


class LazyGroup(click.Group):
    """A group whose subcommands stand in a table. `default` is meant when no subcommand is named."""

    def __init__(self, table: dict[str, CommandRow], default: str | None = None, **settings: Any) -> None:
        super().__init__(params=[*(LIST_OPTIONS if default else ()), *EVERYWHERE], **settings)
        self._table = table
        self._default = default

    def make_parser(self, ctx: click.Context) -> Any:
        return with_short_names(super().make_parser(ctx))

    def get_help_option(self, ctx: click.Context) -> click.Option:
        del ctx
        return HELP_OPTION

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(self._table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        entry = self._table.get(cmd_name)
        if entry is None:
            return None
        if entry.subcommands:
            return LazyGroup(
                entry.subcommands, entry.default, name=cmd_name, help=entry.summary, short_help=entry.summary
            )
        loaded = getattr(import_module(entry.module), "cli")  # noqa: B009  typed as Any on purpose
        assert isinstance(loaded, click.Command)
        loaded.short_help = entry.summary
        if isinstance(loaded, StuiCommand):
            loaded.takes_session = entry.session
        return loaded

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if ctx.resilient_parsing:
            of_default = self._default is not None and self._is_strange(args)
            return super().parse_args(ctx, [self._default or "", *args] if of_default else args)
        if self._default is None:  # as gh and kubectl do, and not click's exit 2 with the help as an error
            return super().parse_args(ctx, args or ["--help"])
        helps = any(word in ("-h", "--help") for word in args)
        if not helps and not any(word in self._table for word in self._without_values(args)):
            args = [self._default, *args] if not args or args[0].startswith("-") else args
        return super().parse_args(ctx, args)

    def _without_values(self, args: list[str]) -> list[str]:
        """`args` without the values of options that this group knows: `path` in `--sort path` names no command."""
        takes = {
            name
            for param in self.params
            if isinstance(param, click.Option) and not param.is_flag
            for name in param.opts
        }
        return [word for before, word in zip(["", *args], args, strict=False) if before not in takes]

    def _is_strange(self, args: list[str]) -> bool:
        """Whether `args`, which Tab is pressed after, begin with an option that only the default subcommand has."""
        if not args or not args[0].startswith("-"):
            return False
        known = {name for param in self.params for name in param.opts}
        names = (word.partition("=")[0] if word.startswith("--") else word[:2] for word in args if word[:1] == "-")
        return any(name not in known for name in names)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self._table:
            hint = self._hint(ctx, args[0])
            raise click.UsageError(f"no such command: {ctx.command_path} {args[0]}{hint and f' ({hint})'}", ctx)
        return super().resolve_command(ctx, args)

    def _hint(self, ctx: click.Context, word: str) -> str:
        from stui_cli.synonyms import hint_for  # only when something was mistyped

        top = ctx.find_root().command
        assert isinstance(top, LazyGroup)
        return hint_for(word, "" if top is self else self.name or "", top._table)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        if ctx.parent is None:
            click.Command.format_options(self, ctx, formatter)
        else:
            write_own_options(self.get_params(ctx), ctx, formatter)
        self.format_commands(ctx, formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        write_examples(ctx, formatter)

    def get_help(self, ctx: click.Context) -> str:
        return with_headings(super().get_help(ctx), ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list for --help, from the table alone: no module is imported for it."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in self._table.items()])
