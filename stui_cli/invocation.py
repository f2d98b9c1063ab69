"""One call of stui: what a command needs, made from the global options when it is first needed."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from enum import Enum, auto
from functools import cached_property, update_wrapper
from typing import TYPE_CHECKING, Any, TypeVar

import click

from stui_cli.global_options import (
    EVERYWHERE,
    HELP_OPTION,
    LIST_OPTIONS,
    OPTIONS,
    no_list,
    with_short_names,
    write_examples,
    write_own_options,
)
from stui_cli.model.colors import environments_color
from stui_cli.model.errors import AnswerLost, OutputFailed, StoreProblem, StuiError, UsageProblem
from stui_cli.model.results import OutputMode
from stui_cli.model.times import now_ms

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

    from stui_cli.model.fields import Fields
    from stui_cli.model.probes import ProbeRecord
    from stui_cli.model.results import Result
    from stui_cli.model.store_facts import Copied
    from stui_cli.output.progress import Board, Drawing, Progress
    from stui_cli.output.screen import Screen
    from stui_cli.output.selection import Selection
    from stui_cli.store.files.settings import Settings
    from stui_cli.store.store import Store
    from stui_cli.work.meant.target import Asked
    from stui_cli.work.workbench import Workbench

_KIND = "stui.kind"

# The options that choose what is shown of the items.
_CHOOSING = ("columns", "sort", "limit", "template")

# How an announcement begins that is a warning: in JSON it stands among the warnings.
_WARNING = "warning: "
DEFAULT_TIMEOUT_S = 2.0
DEFAULT_LOCK_TIMEOUT_S = 10.0

# The settings that a variable may say. A test compares them, and the defaults above, with the table of settings, which
# no command needs that finds neither a variable nor a config.toml.
_FROM_ENVIRONMENT = ("timeout", "output", "lock_timeout")

F = TypeVar("F", bound=Callable[..., Any])
D = TypeVar("D", bound="Drawing")


class Purpose(Enum):
    """What a command is for, by which its exit code is decided where what it prints cannot be written.

    One that only tells has failed then (1). One that acts has done it: its exit code is that of the act, and a warning
    says what happened. One that runs code for its answer is partly done (8): the code ran, its answer is lost.
    """

    TELL = auto()
    ACT = auto()
    RUN = auto()


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


class Invocation:
    """What the commands get. Everything is made when it is first needed, so that `stui context` does not pay for
    what `stui status` uses."""

    def __init__(self, options: Mapping[str, Any], environ: Mapping[str, str] | None = None) -> None:
        self._options = options
        self._held: list[str] | None = None
        self._warnings: list[str] = []
        self._announced: set[str] = set()
        self._drawing: Drawing | None = None
        self._selection: Selection | None = None
        self._of_teams: list[Store] = []
        self.purpose = Purpose.TELL
        self.environ = os.environ if environ is None else environ

    @property
    def asked(self) -> Asked:
        """What -i and -s name."""
        from stui_cli.work.meant.target import Asked

        return Asked(self._options.get("image"), self._options.get("session"))

    @property
    def given_options(self) -> Mapping[str, Any]:
        """The global options of the command line, by name; what is not given is not there."""
        return self._options

    @cached_property
    def _configured(self) -> Settings | UsageProblem | None:
        """What config.toml says, read once; None where there is none. Why it cannot be used is kept, since the form of
        the message is one of the settings."""
        from stui_cli.store.files.location import Home

        try:
            home = Home.find(self.home, self.environ)
            os.lstat(home.config)
        except (FileNotFoundError, NotADirectoryError, StoreProblem):  # who needs a store tells that it has no place
            return None
        except (OSError, ValueError):
            pass  # told by who reads it
        from stui_cli.store.files.settings import read_settings

        try:
            return read_settings(home)
        except UsageProblem as error:
            return error

    def heed_settings(self) -> None:
        """Raise UsageProblem for a config.toml or a variable that cannot be used; warn of keys that mean nothing."""
        match self._configured:
            case None:
                pass
            case UsageProblem() as problem:
                raise problem
            case found:
                for warning in found.warnings:
                    self.announce(f"{_WARNING}{warning}")
        for key in _FROM_ENVIRONMENT:
            self._from_environment(key)

    def setting(self, key: str, given: Any = None) -> Any:
        """The value of a setting that counts: `given` on the command line, else its variable's, else config.toml's,
        else the default; None where there is none. In ms for a duration."""
        if given is None:
            given = self._below_options(key)
        if given is None:
            from stui_cli.model.settings import SETTINGS, default_of

            given = default_of(SETTINGS[key])
        return given

    def _below_options(self, key: str) -> Any:
        """What a variable says, else config.toml; None where neither does, or what they say cannot be used."""
        try:
            found = self._from_environment(key)
        except UsageProblem:  # the boundary tells it, and asks for the form of output itself
            found = None
        configured = self._configured
        if found is None and configured is not None and not isinstance(configured, UsageProblem):
            found = configured.values.get(key)
        return found

    def _from_environment(self, key: str) -> Any:
        if not self.environ.get(f"STUI_{key.upper()}"):
            return None
        from stui_cli.model.settings import SETTINGS, from_environment

        return from_environment(SETTINGS[key], self.environ)

    @property
    def timeout(self) -> float:
        """Seconds that all the talk with images may take."""
        given = self._options.get("timeout") or self._below_options("timeout")
        return DEFAULT_TIMEOUT_S if given is None else given / 1000

    @property
    def given_timeout(self) -> float | None:
        """The same as the command line says it, None if it does not: for commands whose bound is another."""
        given = self._options.get("timeout")
        return None if given is None else given / 1000

    @property
    def lock_timeout(self) -> float:
        """Seconds to wait for the store while others change it."""
        given = self._options.get("lock_timeout")
        if given is None:
            given = self._below_options("lock_timeout")
        return DEFAULT_LOCK_TIMEOUT_S if given is None else given / 1000

    @property
    def quiet(self) -> bool:
        return bool(self._options.get("quiet"))

    @property
    def verbose(self) -> bool:
        return bool(self._options.get("verbose"))

    @property
    def debug(self) -> bool:
        return bool(self._options.get("debug"))

    @property
    def home(self) -> str | None:
        """The store's directory that --home names."""
        given: str | None = self._options.get("home")
        return given

    @property
    def mode(self) -> OutputMode:
        if "template" in self._options:  # it is a form of its own, whatever a variable or config.toml says
            return OutputMode(self._options.get("output") or "auto")
        return OutputMode(self._options.get("output") or self._below_options("output") or "auto")

    def _color(self) -> str:
        given: str | None = self._options.get("color")
        # The environment is stronger than a file.
        return given or environments_color(self.environ) or self._below_options("color") or "auto"

    @property
    def colors_out(self) -> bool:
        """Whether stdout has colours, also where the other options about the output cannot be used."""
        wanted = self._color()
        return wanted == "always" or (wanted == "auto" and sys.stdout.isatty())

    def choose(self, command: StuiCommand, path: str) -> None:
        """Understand what the command line chooses of the items of `command`, which was called as `path`. Raises
        UsageProblem for a field that they have not, and for what does not go together."""
        given = {key: self._options[key] for key in _CHOOSING if key in self._options}
        if not given:
            return
        from stui_cli.output.selection import read_selection

        for option in ("sort", "limit"):
            if option in given and not command.lists:
                raise no_list(path, f"--{option}")
            if option in given and self.mode is OutputMode.PROMETHEUS:
                raise UsageProblem(f"-o prometheus tells of all images in its own order: --{option} is not for it")
        for option in ("output", "columns"):
            if "template" in given and option in self._options:
                raise UsageProblem(
                    f"--template and --{option} both say how items are written", todo="leave one of them out"
                )
        self._selection = read_selection(command.fields(), **given)

    @cached_property
    def screen(self) -> Screen:
        from stui_cli.output.screen import Color, open_screen
        from stui_cli.output.selection import EVERYTHING

        return open_screen(
            sys.stdout,
            sys.stderr,
            self.environ,
            mode=self.mode,
            selection=self._selection or EVERYTHING,
            headers=not self._options.get("no_headers"),
            quiet=self.quiet,
            color=Color(self._color()),
        )

    @property
    def paged_screen(self) -> Screen:
        """The screen; where a person sits at it, what is longer than the terminal is shown in the pager."""
        paged = self.screen.on_terminal and not self._options.get("no_pager") and sys.stdin.isatty()
        return self.screen._replace(pager=self._page) if paged else self.screen

    def _page(self, text: str) -> bool:
        from stui_cli.local.pager import page, pager_of

        words = pager_of(self.environ, self._below_options("pager") or ())
        return words is not None and page(text, words, self.environ, self.screen.out.encoding)

    @cached_property
    def bench(self) -> Workbench:
        """What every piece of work gets."""
        return self._bench_over(self.open_store())

    def bench_for(self, *, read_only: bool) -> Workbench:
        """The workbench; with `read_only` one whose store refuses to be written, whatever is tried."""
        return self._bench_over(self.open_store(read_only=True)) if read_only else self.bench

    def _bench_over(self, store: Store) -> Workbench:
        from stui_cli.work.opening import open_workbench

        if sys.stdin and sys.stderr and self.may_ask and sys.stderr.isatty():
            from stui_cli.model.asking import let_ask  # what ssh asks, it asks a person at a terminal

            let_ask(True)
        return open_workbench(
            store,
            now_ms,
            environ=self.environ,
            timeout=self.timeout,
            announce=self.announce,
            narrate=self.narrate,
        )

    def open_store(self, *, read_only: bool = False) -> Store:
        """The store of this user; nothing is touched on disk yet."""
        from stui_cli.store.files.location import Home
        from stui_cli.store.store import open_store
        from stui_cli.work.opening import actor_here

        home = Home.find(self.home, self.environ)
        if home.team is None and isinstance(team := self._below_options("store"), str):
            home.team, home.chosen_by = team, home.config
        self.narrate(f"the store is {_shown(home.team or home.folder)}, by {home.chosen_by}")
        store = open_store(
            home,
            actor_here(self.environ, _command()),
            now_ms,
            read_only=read_only,
            lock_timeout=self.lock_timeout,
            announce=self.announce,
            is_gone=_terminal_is_gone,
            settings=self._settings_read,
        )
        if home.team is not None and not read_only:
            self._of_teams.append(store)
        return store

    def copy_store(self, from_place: str, to_place: str) -> Copied:
        """Copy a whole store from one place to another, each a folder or the address of a team's."""
        from stui_cli.store.files.location import Home
        from stui_cli.store.store import copy_store
        from stui_cli.work.opening import actor_here

        source, target = (Home.find(place, self.environ) for place in (from_place, to_place))
        return copy_store(source, target, actor_here(self.environ, _command()), self.announce)

    def refresh_names(self) -> None:
        """Let Tab know the names that this command saw in the store of a team."""
        for store in self._of_teams:
            store.refresh_names()

    def _settings_read(self) -> Settings | None:
        """Those that this command heeded, None where there was no file."""
        match self._configured:
            case UsageProblem() as problem:
                raise problem
            case found:
                return found

    def narrate(self, text: str) -> None:
        """Tell a person who asked for more (-v) what is done and why, on stderr."""
        if self.verbose:
            self.announce(text)

    def announce(self, text: str) -> None:
        """Tell a person what is going on, on stderr; not in quiet mode, and the same words once. A warning goes where a
        program reads the answer into its document."""
        if self._held is not None:
            if text not in self._held:
                self._held.append(text)
        elif text not in self._announced:
            self._announced.add(text)
            if text.startswith(_WARNING) and self.mode in (OutputMode.JSON, OutputMode.JSONL):
                self._warnings.append(text.removeprefix(_WARNING))
            else:
                self._say(text)

    def _say(self, text: str) -> None:
        if not self.quiet:
            from stui_cli.output.cleaning import indented
            from stui_cli.output.failure import warn

            if self._drawing is not None:
                self._drawing.make_room()
            if text.startswith(_WARNING):
                warn(text.removeprefix(_WARNING), self.screen)
            else:
                self.screen.say(f"stui: {indented(text)}")

    def progress(self, what: str, total: int = 0) -> AbstractContextManager[Progress]:
        """Tell a person, if it takes long, that `what` goes on, how many of `total` are done, and for how long."""
        from stui_cli.output.progress import Progress

        return self._among_announcements(Progress(self.screen, what, total))

    def board(self, names: Sequence[str]) -> AbstractContextManager[Board]:
        """The same of many that are under way at once, with a line for each."""
        from stui_cli.output.progress import Board

        return self._among_announcements(Board(self.screen, names))

    @contextmanager
    def _among_announcements(self, drawing: D) -> Iterator[D]:
        """What is announced meanwhile has a line of its own."""
        with drawing:
            self._drawing = drawing
            try:
                yield drawing
            finally:
                self._drawing = None

    @contextmanager
    def holding_announcements(self) -> Iterator[list[str]]:
        """Collect what is announced while the whole terminal is drawn on; the rest of it is announced afterwards."""
        held: list[str] = []
        self._held = held
        try:
            yield held
        finally:
            self._held = None
            for text in held:
                self.announce(text)

    def untold_warnings(self) -> list[str]:
        """What was announced as a warning and stands in no document yet; it counts as told then."""
        warnings, self._warnings = self._warnings, []
        return warnings

    def tell_untold(self) -> None:
        """Say on stderr what came too late for the document: after it was printed, or without any."""
        for text in self.untold_warnings():
            self._say(f"{_WARNING}{text}")

    def show(self, result: Result, *, more: bool = False) -> int:
        """Print a result; answers its exit code. `more` of the same document follows: it is not paged, nor is what a
        command tells that does something. Raises OutputFailed and
        BrokenPipeError only where nothing was done yet, or where the answer is what the command was for."""
        from stui_cli.output.render import render

        if self._warnings and not more:
            result = result._replace(warnings=[*result.warnings, *self.untold_warnings()])
        try:
            render(result, self.paged_screen if self.purpose is Purpose.TELL and not more else self.screen)
        except UsageProblem as error:  # a column that these items have not
            if self.purpose is Purpose.TELL:
                raise
            self._tell_done(result, error.what)
        except OutputFailed as error:
            if self.purpose is Purpose.TELL:
                raise
            if self.purpose is Purpose.RUN:
                raise AnswerLost(
                    error.what, todo="the code ran: look at what it did before you run it again"
                ) from error
            discard_output()
            self._tell_done(result, error.what)
        except BrokenPipeError:
            if self.purpose is not Purpose.ACT:
                raise
            discard_output()
            self._tell_done(result, None)
        return int(result.exit_code)

    def _tell_done(self, result: Result, warning: str | None) -> None:
        """What stderr still takes of a result whose stdout is gone."""
        from stui_cli.output.failure import warn
        from stui_cli.output.render import talk

        talk(result, self.screen)
        if warning and not self.quiet:
            warn(f"{warning}; what was asked is done", self.screen)

    def tell_changes(self, records: Mapping[str, ProbeRecord]) -> None:
        """Tell a person at a terminal, in one line and once, whose standing changed since the last command.

        For commands that have read the `records` of probes anyway; the others do not pay for it.
        """
        if self.quiet or self.mode not in (OutputMode.AUTO, OutputMode.TABLE) or not _person_at_terminal():
            return
        from stui_cli.work.images.notices import notice, take_untold_changes

        changes = take_untold_changes(self.bench, records)
        if changes:
            from stui_cli.output.cleaning import clean

            self.screen.say(clean(notice(changes)))

    @property
    def confirms_all(self) -> bool:
        """Whether -y was given."""
        return bool(self._options.get("yes"))

    @property
    def may_ask(self) -> bool:
        """Whether somebody is there to answer."""
        return not self._options.get("no_input") and sys.stdin.isatty()

    def confirm(self, question: str) -> bool:
        """Ask a person. With -y the answer is yes; raises UsageProblem where nobody can answer."""
        if self.confirms_all:
            return True
        if not self.may_ask:
            raise UsageProblem(f"a question needs an answer: {question}", todo="say -y to answer it with yes")
        try:
            return click.confirm(self.screen.paint_talk(question, "strong"), err=True)
        except OSError as error:  # the terminal is gone
            raise click.Abort from error
        finally:
            if "bench" in vars(self):  # whoever is asked may take an hour
                self.bench.allowance.begin_anew()


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
                invocation.heed_settings()
            # Wrong options about the output are told before anything is done.
            invocation.choose(made, click.get_current_context().command_path)
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


def discard_output() -> None:
    """Let nothing be flushed at exit into what cannot take it: Python would complain with a traceback."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _person_at_terminal() -> bool:
    """Whether a person typed this command at a terminal: a shell with job control gives each command line a process
    group of its own, while the commands of a script share the script's."""
    if not (sys.stderr.isatty() and sys.stdout.isatty()):
        return False
    return not hasattr(os, "getpgrp") or os.getpgrp() == os.getpid()


def _terminal_is_gone(scope: str) -> bool:
    """Asked of other contexts when a change is made; imported then, since `stui context` makes none."""
    from stui_cli.work.meant.terminals import terminal_is_gone

    return terminal_is_gone(scope)


def _command() -> str:
    """The command line for the log. Sources of evaluations are recorded in history, not here."""
    return _shown(" ".join(["stui", *sys.argv[1:]]))[:500]


def _shown(text: str) -> str:
    """A text without the password that the address of a team's store has in it."""
    if "postgres" not in text and "password" not in text:
        return text
    from stui_cli.store.team_address import without_password

    return without_password(text)
