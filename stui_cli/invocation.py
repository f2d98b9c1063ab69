"""One call of stui: its global options, and what a command needs made from them.

Global options are accepted before and after the subcommand (DESIGN section 10): every group and command carries
the same option objects, which write into one place shared by the whole chain; the last one given wins.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, update_wrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from stui_cli.model.errors import UsageProblem
from stui_cli.model.results import OutputMode
from stui_cli.model.times import now_ms

if TYPE_CHECKING:
    from stui_cli.flows.targeting import Asked
    from stui_cli.manager import SessionManager
    from stui_cli.model.results import Result
    from stui_cli.output.screen import Screen
    from stui_cli.store.store import Store

_META = "stui.options"
_KIND = "stui.kind"
DEFAULT_TIMEOUT_S = 2.0
DEFAULT_LOCK_TIMEOUT_S = 10.0

F = TypeVar("F", bound=Callable[..., Any])


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


def complete_image(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Names of images for Tab: from the store's plain files, never the network."""
    del param
    return [name for name in _names(ctx, sessions=False) if name.startswith(incomplete)]


def complete_target(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Names of images, and of the sessions in them, as in `alpha/work`."""
    found = [name for name in _names(ctx, sessions=True) if name.startswith(incomplete)]
    return [*complete_image(ctx, param, incomplete), *found]


def complete_session(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Names of sessions without their image: those of the image that -i names, where it is given."""
    del param
    image = ctx.meta.get(_META, {}).get("image") or os.environ.get("STUI_IMAGE")
    pairs = [name.partition("/") for name in _names(ctx, sessions=True)]
    found = (session for owner, _, session in pairs if image in (None, "", owner))
    return sorted({session for session in found if session.startswith(incomplete)})


def _names(ctx: click.Context, *, sessions: bool) -> list[str]:
    from stui_cli.store.location import Home
    from stui_cli.store.names import read_names

    return read_names(Home.find(ctx.meta.get(_META, {}).get("home"), os.environ), sessions=sessions)


def _remember(ctx: click.Context, param: click.Parameter, value: object) -> None:
    options = ctx.meta.setdefault(_META, {})
    if value not in (None, False, 0) or param.name not in options:
        options[param.name] = value


def _option(*names: str, **settings: Any) -> click.Option:
    return click.Option(names, callback=_remember, expose_value=False, **settings)


GLOBAL_OPTIONS: tuple[click.Option, ...] = (
    _option("-i", "--image", metavar="NAME", shell_complete=complete_image, help="The image meant."),
    _option("-s", "--session", metavar="NAME", shell_complete=complete_session, help="The session meant."),
    _option(
        "-o",
        "--output",
        metavar="FORMAT",
        type=click.Choice([mode.value for mode in OutputMode if mode != "auto"]),
        help="table, plain, json, jsonl, tsv or name.",
    ),
    _option("-q", "--quiet", is_flag=True, help="Say nothing but data and failures."),
    _option("-v", "--verbose", is_flag=True, help="Say more."),
    _option("--no-headers", is_flag=True, help="No headings above the rows."),
    _option("--columns", metavar="KEYS", help="Only these columns, separated by commas."),
    _option("--timeout", type=Duration(), help="How long one contact with an image may take (2s)."),
    _option("--no-input", is_flag=True, help="Never ask; fail where an answer is needed."),
    _option("-y", "--yes", is_flag=True, help="Answer every question with yes."),
    _option("--color", type=click.Choice(["auto", "always", "never"]), help="Colour on a terminal (auto)."),
    _option("--home", metavar="DIR", type=click.Path(path_type=Path), help="The store's directory ($STUI_HOME)."),
    _option("--lock-timeout", type=Duration(), help="How long to wait for the store's lock (10s)."),
    _option("--debug", is_flag=True, help="Show the traceback of an unexpected failure."),
)


def write_own_options(params: Sequence[click.Parameter], ctx: click.Context, formatter: click.HelpFormatter) -> None:
    """The options section of a subcommand's --help: its own ones; the global ones are listed once, at the root."""
    own = [param for param in params if isinstance(param, click.Option) and param not in GLOBAL_OPTIONS]
    rows = [row for param in own if (row := param.get_help_record(ctx)) is not None]
    with formatter.section("Options"):
        formatter.write_dl([*rows, ("...", "Global options such as -i, -o and -y: see stui --help.")])


class StuiCommand(click.Command):
    """A command whose help keeps to what is its own."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        write_own_options(self.get_params(ctx), ctx, formatter)


class Invocation:
    """What the commands get. Everything is made when it is first needed, so that `stui context` does not pay for
    what `stui status` uses."""

    def __init__(self, options: Mapping[str, Any], environ: Mapping[str, str] | None = None) -> None:
        self._options = options
        self.environ = os.environ if environ is None else environ

    @property
    def asked(self) -> Asked:
        """What -i and -s name."""
        from stui_cli.flows.targeting import Asked

        return Asked(self._options.get("image"), self._options.get("session"))

    @property
    def timeout(self) -> float:
        """Seconds that one contact may take."""
        given = self._options.get("timeout")
        return DEFAULT_TIMEOUT_S if given is None else given / 1000

    @property
    def quiet(self) -> bool:
        return bool(self._options.get("quiet"))

    @property
    def debug(self) -> bool:
        return bool(self._options.get("debug"))

    @property
    def mode(self) -> OutputMode:
        return OutputMode(self._options.get("output") or "auto")

    @cached_property
    def screen(self) -> Screen:
        from stui_cli.output.screen import Color, open_screen

        return open_screen(
            sys.stdout,
            sys.stderr,
            self.environ,
            mode=self.mode,
            columns=self._options.get("columns"),
            headers=not self._options.get("no_headers"),
            quiet=self.quiet,
            color=Color(self._options.get("color") or "auto"),
        )

    @cached_property
    def manager(self) -> SessionManager:
        from stui_cli.manager import SessionManager

        return SessionManager(self.open_store(), environ=self.environ, timeout=self.timeout)

    def manager_for(self, *, read_only: bool) -> SessionManager:
        """The manager; with `read_only` one whose store refuses to be written, whatever a flow tries."""
        if not read_only:
            return self.manager
        from stui_cli.manager import SessionManager

        return SessionManager(self.open_store(read_only=True), environ=self.environ, timeout=self.timeout)

    def open_store(self, *, read_only: bool = False) -> Store:
        """The store of this user; nothing is touched on disk yet."""
        from stui_cli.model.actors import Actor
        from stui_cli.store.location import Home
        from stui_cli.store.store import Store

        given = self._options.get("lock_timeout")
        return Store(
            Home.find(self._options.get("home"), self.environ),
            Actor(
                _user(self.environ),
                os.uname().nodename if hasattr(os, "uname") else "",
                os.getpid(),
                _command(),
            ),
            now_ms,
            read_only=read_only,
            lock_timeout=DEFAULT_LOCK_TIMEOUT_S if given is None else given / 1000,
            announce=self.announce,
            is_gone=_terminal_is_gone,
        )

    def announce(self, text: str) -> None:
        """Tell a person what is going on, on stderr; not in quiet mode."""
        if not self.quiet:
            click.echo(f"stui: {text}", err=True)

    def show(self, result: Result) -> int:
        """Print a result; answers its exit code."""
        from stui_cli.output.render import render

        render(result, self.screen)
        return int(result.exit_code)

    @property
    def confirms_all(self) -> bool:
        """Whether -y was given."""
        return bool(self._options.get("yes"))

    def confirm(self, question: str) -> bool:
        """Ask a person. With -y the answer is yes; raises UsageProblem where nobody can answer."""
        if self.confirms_all:
            return True
        if self._options.get("no_input") or not sys.stdin.isatty():
            raise UsageProblem(f"a question needs an answer: {question}", todo="say -y to answer it with yes")
        return click.confirm(question, err=True)


def invocation_of(ctx: click.Context) -> Invocation:
    """The invocation of this call, made once."""
    root = ctx.find_root()
    if not isinstance(root.obj, Invocation):
        root.obj = Invocation(ctx.meta.get(_META, {}))
    return root.obj


def kind_of(ctx: click.Context) -> str:
    """The kind of item that the running command lists, for the envelope of a failure."""
    return str(ctx.meta.get(_KIND, "error"))


def command(kind: str, **settings: Any) -> Callable[[F], click.Command]:
    """Declare a command: it gets the Invocation first, carries the global options, and returns its exit code."""

    def declare(function: F) -> click.Command:
        def run(*arguments: Any, **values: Any) -> Any:
            ctx = click.get_current_context()
            ctx.meta[_KIND] = kind
            return function(invocation_of(ctx), *arguments, **values)

        made: click.Command = click.command(cls=StuiCommand, **settings)(update_wrapper(run, function))
        made.params.extend(GLOBAL_OPTIONS)
        return made

    return declare


def _terminal_is_gone(scope: str) -> bool:
    """Asked of other contexts when a change is made; imported then, since `stui context` makes none."""
    from stui_cli.flows.terminals import terminal_is_gone

    return terminal_is_gone(scope)


def _user(environ: Mapping[str, str]) -> str:
    """Who acts. The environment's word, as in every log of this kind; not an authentication."""
    named = environ.get("USER") or environ.get("LOGNAME")
    if named or not hasattr(os, "getuid"):
        return named or environ.get("USERNAME", "")
    import pwd  # cron jobs and containers often name nobody

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def _command() -> str:
    """The command line for the log. Sources of evaluations are recorded in history, not here."""
    words = sys.argv[1:]
    return " ".join(["stui", *words])[:500]
