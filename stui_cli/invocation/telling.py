"""What is heard of one call: its result on stdout, and on stderr what a person should know meanwhile.

In JSON a warning stands in the document, as long as that is not printed yet. While a drawing of progress has the last
lines of the terminal, or all of it, announcements keep out of its way.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, nullcontext
from enum import Enum, auto
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from stui_cli.invocation.call_settings import CallSettings
from stui_cli.model.errors import AnswerLost, OutputFailed, UsageProblem
from stui_cli.model.results import OutputMode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from stui_cli.model.blocks import Listing
    from stui_cli.model.results import Result
    from stui_cli.output.progress import Board, Drawing, Progress
    from stui_cli.output.screen import Screen
    from stui_cli.output.selection import Selection

    D = TypeVar("D", bound=Drawing)

# How an announcement begins that is a warning: in JSON it stands among the warnings.
_WARNING = "warning: "


class Purpose(Enum):
    """What a command is for, by which its exit code is decided where what it prints cannot be written.

    One that only tells has failed then (1). One that acts has done it: its exit code is that of the act, and a warning
    says what happened. One that runs code for its answer is partly done (8): the code ran, its answer is lost.
    """

    TELL = auto()
    ACT = auto()
    RUN = auto()


class Telling(CallSettings):
    """The call with its voice."""

    def __init__(self, options: Mapping[str, Any], environ: Mapping[str, str] | None = None) -> None:
        super().__init__(options, environ)
        self.purpose = Purpose.TELL
        self.selection: Selection | None = None
        self._held: list[str] | None = None
        self._warnings: list[str] = []
        self._announced: set[str] = set()
        self._drawing: Drawing | None = None

    @cached_property
    def screen(self) -> Screen:
        from stui_cli.output.screen import open_screen
        from stui_cli.output.selection import EVERYTHING

        return open_screen(
            sys.stdout,
            sys.stderr,
            self.environ,
            mode=self.mode,
            selection=self.selection or EVERYTHING,
            headers=not self._options.get("no_headers"),
            quiet=self.quiet,
            color=self.color,
        )

    @property
    def paged_screen(self) -> Screen:
        """The screen; where a person sits at it, what is longer than the terminal is shown in the pager."""
        paged = self.screen.on_terminal and not self._options.get("no_pager") and sys.stdin.isatty()
        return self.screen.but(pager=self._page) if paged else self.screen

    def _page(self, texts: Iterable[str]) -> bool:
        from stui_cli.local.pager import page, pager_of

        words = pager_of(self.environ, self.below_options("pager") or ())
        return words is not None and page(texts, words, self.environ, self.screen.out.encoding)

    def tell_of_settings(self) -> None:
        """Warn of keys of config.toml that mean nothing. Raises UsageProblem for a file or a variable that cannot be
        used."""
        for warning in self.heed_settings():
            self.announce(f"{_WARNING}{warning}")

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

    def tell_interrupt(self, where: str) -> None:
        """Say where an interrupt ended the command, after the ^C that a terminal shows."""
        if self.screen.err.isatty():
            self.screen.say("")
        self.announce(f"interrupted{where}")

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

    def show(self, result: Result, *, more: bool = False, asking: bool = False, begun: bool = False) -> int:
        """Print a result; answers its exit code. `more` of the same document follows: it is not paged, nor is what a
        command tells that does something, nor what it is `asking` for a yes to. Where the document was `begun` before,
        its headings are there. Raises OutputFailed and BrokenPipeError only where nothing was done yet, or where the
        answer is what the command was for."""
        from stui_cli.output.render import render

        if self._warnings and not more:
            result = result._replace(warnings=[*result.warnings, *self.untold_warnings()])
        try:
            is_paged = self.purpose is Purpose.TELL and not more and not asking
            screen = self.paged_screen if is_paged else self.screen
            render(result, screen.but(headers=False) if begun else screen)
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

    def show_listing(self, listing: Listing) -> int:
        """Print a long list while it is read, for a command that only tells; answers its exit code. Raises OutputFailed
        and BrokenPipeError."""
        from stui_cli.output.streaming import stream

        screen = self.paged_screen
        # What is announced while the pager has the terminal would stand in the midst of a page.
        document = self.mode in (OutputMode.JSON, OutputMode.JSONL)
        with self.holding_announcements() if screen.pager is not None and not document else nullcontext():
            return stream(listing, screen, self.untold_warnings)

    def _tell_done(self, result: Result, warning: str | None) -> None:
        """What stderr still takes of a result whose stdout is gone."""
        from stui_cli.output.failure import warn
        from stui_cli.output.render import talk

        talk(result, self.screen)
        if warning and not self.quiet:
            warn(f"{warning}; what was asked is done", self.screen)


def discard_output() -> None:
    """Let nothing be flushed at exit into what cannot take it: Python would complain with a traceback."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
