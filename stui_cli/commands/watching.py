"""`stui status --watch`: the same list again and again, drawn over itself on a terminal, in lines elsewhere.

JSON lines are as `kubectl get -w -o json` has them: first one of each image, then one of an image whenever something
of it is new, which a probe that was answered always is. What was not asked, because it is left alone for a while, is
not told again. In every other form the whole list is printed each round, in JSON as one document.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from stui_cli.commands.overview import listing, write_textfile
from stui_cli.model.errors import StoreProblem
from stui_cli.model.exits import Exit
from stui_cli.model.results import OutputMode
from stui_cli.output.cleaning import clean
from stui_cli.output.live import live
from stui_cli.output.render import render
from stui_cli.output.selection import selected
from stui_cli.output.streams import reader_is_gone
from stui_cli.work.images.monitoring import WAITS, Monitoring
from stui_cli.work.images.team_rounds import team_rounds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stui_cli.commands.overview import View
    from stui_cli.invocation import Invocation
    from stui_cli.model.errors import StuiError
    from stui_cli.model.images import Image
    from stui_cli.model.probes import ProbeRecord
    from stui_cli.model.results import Item, Result
    from stui_cli.output.screen import Screen
    from stui_cli.work.images.team_rounds import TeamRounds
    from stui_cli.work.workbench import Workbench

# How soon a new size of the terminal is noticed, and how often ages go on between two rounds, in seconds.
_LOOK_S = 0.1
_AGES_S = 1.0


class WatchWish(NamedTuple):
    """A round every `interval` seconds; whether this monitor `leads` a team's; where the table for Prometheus goes."""

    interval: float
    leads: bool = False
    textfile: str | None = None


def watch(invocation: Invocation, view: View, wish: WatchWish) -> int:
    """Go on until Ctrl-C, which is the way to end it and no failure."""
    screen = invocation.screen
    team = team_rounds(invocation.bench, wish.interval, leads=wish.leads)
    monitoring = Monitoring(invocation.bench, view.images, wish.interval, team)
    try:
        if wish.textfile is None and screen.tabular and screen.on_terminal:
            _draw_rounds(invocation, view, monitoring, WatchHeading(wish.interval, team))
        else:
            _print_rounds(invocation, view, monitoring, wish.textfile)
    except KeyboardInterrupt:
        pass
    return int(Exit.DONE)


def _draw_rounds(invocation: Invocation, view: View, monitoring: Monitoring, heading: WatchHeading) -> None:
    bench = invocation.bench
    records = bench.store.probes()
    with (
        invocation.holding_announcements() as said,
        live(invocation.screen) as terminal,
        monitoring.start(),
    ):
        seen, drawn_at = 0, 0.0
        watched = Watched(bench, view)
        while True:
            rounds = monitoring.wait(seen, _LOOK_S)
            if rounds > seen:
                records = monitoring.records
            if rounds > seen or terminal.was_resized or time.monotonic() - drawn_at >= _AGES_S:
                result = watched.result(records)
                terminal.draw(
                    heading.text(rounds, knows_who=monitoring.problem is None),
                    result._replace(notes=[*result.notes, *below(said, monitoring.problem)]),
                )
                drawn_at = time.monotonic()
            seen = rounds


def below(said: Sequence[str], problem: StuiError | None) -> list[str]:
    """What stands below what is watched: why it waits, for as long as it does; else what was `said` last."""
    if problem is not None:
        return [WAITS + problem.what]
    return [text for text in said if not text.startswith(WAITS)][-1:]


class Watched:
    """What is watched, as the images were when the store could be read last; `is_read`: whether it could just now, as
    the monitoring tells. Ages go on meanwhile."""

    def __init__(self, bench: Workbench, view: View) -> None:
        self._bench = bench
        self._view = view
        self._images: Sequence[Image] = ()
        self.is_read = False

    def result(self, records: Mapping[str, ProbeRecord]) -> Result:
        try:
            self._images, self.is_read = self._view.images(self._bench.store.read()), True
        except StoreProblem:
            self.is_read = False
        return listing(self._images, records, self._view, self._bench.clock())


class WatchHeading:
    """The line above what is watched: how often it is looked, when that was last, and who looks."""

    def __init__(self, interval: float, team: TeamRounds | None) -> None:
        self._interval = interval
        self._team = team

    def text(self, rounds: int, *, knows_who: bool) -> str:
        """`knows_who`: whether the last round reached the store, where it is told who leads."""
        state = time.strftime("%H:%M:%S") if rounds else "probing"
        who = self._who() if knows_who else ""
        return f"stui status every {self._interval:g} s, {state}{who} - Ctrl-C ends it"

    def _who(self) -> str:
        if self._team is None:
            return ""
        if self._team.is_leading:
            return ", leading"
        return "" if self._team.leader is None else f", led by {clean(self._team.leader.shown)}"


def _print_rounds(invocation: Invocation, view: View, monitoring: Monitoring, textfile: str | None) -> None:
    bench = invocation.bench
    screen = invocation.screen
    if screen.mode is OutputMode.AUTO and screen.selection.template is None:
        screen = screen.but(mode=OutputMode.JSONL)
    told: dict[str, Item] = {}
    watched = Watched(bench, view)
    with monitoring.start():
        seen = 0
        while True:
            rounds = monitoring.wait(seen, _AGES_S)
            if textfile is None and reader_is_gone(screen.out):
                raise BrokenPipeError
            if rounds == seen:
                continue
            seen = rounds
            result = watched.result(monitoring.records)
            if not watched.is_read:
                continue
            if textfile is not None:
                write_textfile(textfile, result, bench.clock())
            elif screen.mode is not OutputMode.JSONL:
                render(result, screen)
            else:
                _print_news(result, screen, told)


def _print_news(result: Result, screen: Screen, told: dict[str, Item]) -> None:
    """One line for each item that is not as it was `told`, of those that are to be shown."""
    shown, left_out = selected(result, screen.selection)
    if left_out and not told and not screen.quiet:
        screen.say(left_out)
    news = _news(shown, told)
    if news.items or news.errors or news.warnings:
        render(news, screen)


def _news(result: Result, told: dict[str, Item]) -> Result:
    """The items that are not as they were `told`, which is brought up to date. That they are older is nothing new."""
    now = {str(item["name"]): {key: value for key, value in item.items() if key != "age_s"} for item in result.items}
    items = [item for item in result.items if now[str(item["name"])] != told.get(str(item["name"]))]
    told.clear()
    told.update(now)
    return result._replace(items=items)
