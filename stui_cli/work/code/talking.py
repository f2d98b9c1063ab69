"""Conversations with many images about one piece of work: recorded in one go, and interrupted together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.work.talking.record import begin_everywhere, warning_once, write_all

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stui_cli.model.names import Target
    from stui_cli.work.talking.evaluate import Workplace
    from stui_cli.work.workbench import Workbench


class Talking:
    """A context manager around them. That `what` is about to be done in all `targets` is recorded first, and what came
    of it at the end under one lock; whatever ends it early is passed on to all of them."""

    def __init__(self, bench: Workbench, targets: Sequence[Target], what: str, source: str) -> None:
        self._bench = warning_once(bench)
        self._targets = targets
        self._what = what
        self._source = source
        self._open: list[Workplace] = []

    def add(self, workplace: Workplace) -> None:
        """One more is open. Sent from any thread."""
        workplace.recorder.held = True
        self._open.append(workplace)

    def __enter__(self) -> Talking:
        begin_everywhere(self._bench, self._targets, self._source, must=False, action=self._what)
        return self

    def __exit__(self, kind: type[BaseException] | None, *details: object) -> None:
        if kind is not None:
            for workplace in list(self._open):
                workplace.interrupt()
        write_all(self._bench, [workplace.recorder.taken() for workplace in list(self._open)])
