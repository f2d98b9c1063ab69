"""What a command works with: the store, the workbench, and a person's yes or no."""

from __future__ import annotations

import os
import sys
from functools import cached_property
from typing import TYPE_CHECKING, Any

import click

from stui_cli.invocation.telling import Telling
from stui_cli.model.errors import UsageProblem
from stui_cli.model.results import OutputMode
from stui_cli.model.times import now_ms

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stui_cli.model.probes import ProbeRecord
    from stui_cli.model.store_facts import Copied
    from stui_cli.store.files.configured import Settings
    from stui_cli.store.store import Store
    from stui_cli.work.workbench import Workbench


class Invocation(Telling):
    """What the commands get. Everything is made when it is first needed, so that `stui context` does not pay for
    what `stui status` uses."""

    def __init__(self, options: Mapping[str, Any], environ: Mapping[str, str] | None = None) -> None:
        super().__init__(options, environ)
        self._of_teams: list[Store] = []

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
        from stui_cli.store.store import Store
        from stui_cli.work.opening import actor_here

        home = Home.find(self.home, self.environ)
        if home.team is None and isinstance(team := self.below_options("store"), str):
            home.team, home.chosen_by = team, home.config
        self.narrate(f"the store is {_shown(home.team or home.folder)}, by {home.chosen_by}")
        store = Store(
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
        from stui_cli.store.opening import copy_store
        from stui_cli.work.opening import actor_here

        source, target = (Home.find(place, self.environ) for place in (from_place, to_place))
        return copy_store(source, target, actor_here(self.environ, _command()), self.announce)

    def refresh_names(self) -> None:
        """Let Tab know the names that this command saw in the store of a team."""
        for store in self._of_teams:
            store.refresh_names()

    def _settings_read(self) -> Settings | None:
        """Those that this command heeded, None where there was no file."""
        match self.configured:
            case UsageProblem() as problem:
                raise problem
            case found:
                return found

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
