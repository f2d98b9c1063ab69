"""The options that every command has, accepted before and after the subcommand (DESIGN section 10).

Every group and command carries the same option objects, which write into one place shared by the whole chain; the
last one given wins. What names the image, the session or the store is refused where one place names two of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from stui_cli import __version__
from stui_cli.model.errors import UsageProblem
from stui_cli.model.results import OutputMode
from stui_cli.option_types import Duration, Option, Whole

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from click.shell_completion import CompletionItem

# Where the options are kept in a click context.
OPTIONS = "stui.options"


class Offered:
    """What Tab offers for a value, by the name of an Offer. Who completes it is imported when Tab is pressed."""

    __slots__ = ("offer",)

    def __init__(self, offer: str) -> None:
        self.offer = offer

    def __call__(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from stui_cli.completing import Offer, candidates

        del param
        return candidates(Offer(self.offer), ctx, incomplete, ctx.meta.get(OPTIONS, {}))


complete_image = Offered("image")
complete_target = Offered("target")
complete_session = Offered("session")
complete_key = Offered("key")
complete_label = Offered("label")
complete_columns = Offered("columns")
complete_group = Offered("group")
complete_operation = Offered("operation")
complete_dialect = Offered("dialect")
complete_agent = Offered("agent")
complete_setting = Offered("setting")
complete_setting_value = Offered("value")
complete_help = Offered("help")
complete_image_file = Offered("given")
complete_folder = Offered("folder")


def _remember(ctx: click.Context, param: click.Parameter, value: object) -> None:
    """Keep what is given, whatever its value: a default must not hide what was given before the subcommand."""
    assert param.name is not None
    options = ctx.meta.setdefault(OPTIONS, {})
    if ctx.get_parameter_source(param.name) is ParameterSource.COMMANDLINE:
        if (
            value == "" and not ctx.resilient_parsing
        ):  # a variable that is not set must not mean what happens to be here
            raise click.BadParameter("it is empty", ctx, param)
        options[param.name] = value


class FreeOption(Option):
    """An option that costs nothing where it is not given. For each of some forty, which root and command carry, click
    would look for a default, a variable, a type to convert to and a callback: 0.5 ms of every command. Its callback
    hears only what is given, and it exposes no value."""

    def handle_parse_result(
        self, ctx: click.Context, opts: Mapping[str, Any], args: list[str]
    ) -> tuple[Any, list[str]]:
        return super().handle_parse_result(ctx, opts, args) if self.name in opts else (None, args)


class NamingOption(FreeOption):
    """An option that names what a command is about. Of two in one place one would go unheard, and what was meant for
    both be done to the last alone; behind a subcommand another one may stand than before it, as an alias leaves it."""

    def add_to_parser(self, parser: Any, ctx: click.Context) -> None:
        del ctx
        parser.add_option(obj=self, opts=self.opts, dest=self.name, action="append")

    def handle_parse_result(
        self, ctx: click.Context, opts: Mapping[str, Any], args: list[str]
    ) -> tuple[Any, list[str]]:
        assert self.name is not None
        if self.name not in opts:
            return None, args
        first, *more = opts[self.name]
        if any(each != first for each in more) and not ctx.resilient_parsing:
            raise named_twice(self, list(dict.fromkeys((first, *more))))
        return super().handle_parse_result(ctx, {**opts, self.name: [first, *more][-1]}, args)


def named_twice(option: click.Option, values: Sequence[str]) -> UsageProblem:
    """Why a command cannot be about all of `values`."""
    todo = "leave all but one out"
    if option.name == "home":  # a password may stand in the address of one
        return UsageProblem("--home names two stores", todo=todo)
    if option.name == "image":
        todo += "; what can be done in several images takes a pattern (-i 'al*') or labels (-l team=core)"
    return UsageProblem(f"{option.opts[0]} names {' and '.join(map(repr, values))}", todo=todo)


def _option(*names: str, cls: type[click.Option] = FreeOption, **settings: Any) -> click.Option:
    return cls(names, callback=_remember, expose_value=False, **settings)


GLOBAL_OPTIONS: tuple[click.Option, ...] = (
    _option("-i", "--image", cls=NamingOption, metavar="NAME", shell_complete=complete_image, help="The image meant."),
    _option(
        "-s",
        "--session",
        cls=NamingOption,
        metavar="NAME",
        shell_complete=complete_session,
        help="The session meant; refused where none can be.",
    ),
    _option(
        "-o",
        "--output",
        metavar="FORMAT",
        type=click.Choice([mode.value for mode in OutputMode if mode != "auto"]),
        help="table, plain, json, jsonl, tsv or name; for status also prometheus.",
    ),
    _option("-q", "--quiet", is_flag=True, help="Say nothing but data and failures."),
    _option("-v", "--verbose", is_flag=True, help="Say more: the store, what is meant and why, who answers, how long."),
    _option("--no-headers", is_flag=True, help="No headings above the rows."),
    _option(
        "--columns", metavar="KEYS", shell_complete=complete_columns, help="Only these columns, separated by commas."
    ),
    _option("--template", metavar="TEXT", help="A line for each item, its fields in braces: '{name} {status}'."),
    _option("--timeout", type=Duration(least=1), help="How long a command may talk to images, all in all (2s)."),
    _option("--no-input", is_flag=True, help="Never ask; fail where an answer is needed."),
    _option("-y", "--yes", is_flag=True, help="Answer every question with yes."),
    _option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        is_eager=True,  # a --help that follows is to know
        help="Colour on a terminal (auto), in a pipe too, or never.",
    ),
    _option("--no-pager", is_flag=True, help="Print also what is longer than the terminal, without a pager."),
    _option(
        "--home",
        cls=NamingOption,
        metavar="DIR",
        shell_complete=complete_folder,
        help="The store's directory, or a team's database ($STUI_HOME).",
    ),
    _option("--lock-timeout", type=Duration(), help="How long to wait for the store's lock (10s); 0 tries once."),
    _option("--debug", is_flag=True, help="Show the traceback of an unexpected failure."),
)


def print_version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    """The callback of --version."""
    del param
    if value and not ctx.resilient_parsing:
        click.echo(f"stui {__version__}")
        ctx.exit()


VERSION_OPTION = FreeOption(
    ["--version"],
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=print_version,
    help="Print the version.",
)

# What every group and command accepts beside its own.
EVERYWHERE = (*GLOBAL_OPTIONS, VERSION_OPTION)

# What the commands that list accept, and the groups that list where no command is named.
LIST_OPTIONS: tuple[click.Option, ...] = (
    _option(
        "--sort",
        metavar="KEYS",
        shell_complete=complete_columns,
        help="Sort by these fields, separated by commas; -FIELD turns one round.",
    ),
    _option(
        "--limit",
        metavar="N",
        type=Whole(0),
        help="Show the first N only; of what ends with the newest (audit, history) the last N.",
    ),
)


def no_list(path: str, option: str) -> UsageProblem:
    """Why `path` does not take an option of the commands that list."""
    if path == "stui":
        return UsageProblem(f"{option} stands behind the command that it is for", todo="as in: stui images --sort name")
    return UsageProblem(f"{option} is for commands that list, and {path} is none", todo=f"see {path} --help")


def with_short_names(parser: Any) -> Any:
    """A parser of click's that finds `-i` at once. By itself it takes a short name for a misspelt long one first, looks
    for what that resembles, and has the advice translated, all to throw it away: 2 ms of every command that has one."""
    getattr(parser, "_long_opt", {}).update(getattr(parser, "_short_opt", {}))
    return parser


def write_own_options(params: Sequence[click.Parameter], ctx: click.Context, formatter: click.HelpFormatter) -> None:
    """The options section of a subcommand's --help: its own ones; the global ones are listed once, at the root."""
    own = [param for param in params if isinstance(param, click.Option) and param not in EVERYWHERE]
    rows = [row for param in own if (row := param.get_help_record(ctx)) is not None]
    with formatter.section("Options"):
        formatter.write_dl([*rows, ("...", "Global options such as -i, -o and -y: see stui --help.")])


# More are in the manual.
_EXAMPLES_IN_HELP = 2


def write_examples(ctx: click.Context, formatter: click.HelpFormatter) -> None:
    """The first examples of a command's manual page, for its --help."""
    from stui_cli.output.manual.examples import examples_of

    found = examples_of(ctx.command_path)[:_EXAMPLES_IN_HELP]
    if found:
        with formatter.section("Examples"):
            for line, why in found:
                formatter.write(f"{'':{formatter.current_indent}}{line}\n")
                with formatter.indentation():
                    formatter.write_text(why)


def _show_help(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    del param
    if value and not ctx.resilient_parsing:
        click.echo(ctx.get_help(), color=True)  # it has those that are wanted
        ctx.exit()


# click's own asks gettext for a translation of its text, and that imports locale: 1 ms of every command.
HELP_OPTION = FreeOption(
    ["-h", "--help"],
    is_flag=True,
    expose_value=False,
    is_eager=True,
    help="Show this message and exit.",
    callback=_show_help,
)
