"""`stui sessions show`: all that is known of one session."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stui_cli.commands.two_words import SessionCommand
from stui_cli.contract.history import RESULT_SHOWN
from stui_cli.contract.session import MORE_IN_FULL, SESSION
from stui_cli.global_options import complete_target
from stui_cli.invocation import Invocation, command
from stui_cli.model.results import Result
from stui_cli.option_types import option
from stui_cli.output.cells import kept_short, value_line
from stui_cli.output.cleaning import clean, first_line
from stui_cli.output.units import age

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from stui_cli.model.history import Entry
    from stui_cli.model.sessions import CheckpointBinding
    from stui_cli.work.sessions.show import SessionView


def shown(view: SessionView, now: int) -> Result:
    """A description for people: who it is, its variables, its checkpoint, what was evaluated last."""
    from stui_cli.work.sessions.show import show_item

    return Result(
        SESSION,
        [show_item(view)],
        text="\n".join(_lines(view, now)),
        warnings=view.notes,
    )


def _lines(view: SessionView, now: int) -> Iterator[str]:
    from stui_cli.work.sessions.show import last_of

    metadata, checkpoint = view.metadata, view.checkpoint
    session = metadata.session
    yield from _aligned(
        [
            ("session", f"{view.target}{' (current)' if metadata.current else ''}"),
            ("state", f"{session.state}"),
            ("description", session.description or "-"),
            ("image", f"{metadata.image or 'not registered'}, {metadata.connection_status}"),
            ("address", metadata.image_address or "-"),
            ("version", metadata.image_version or "-"),
            ("image id", session.image_id),
            ("session id", session.session_id),
            ("created", age(now - session.created_at)),
            ("last activity", age(now - session.last_activity)),
            ("checkpoint", _checkpoint_words(view, now) if checkpoint else "none yet: it is taken when it is left"),
        ]
    )
    yield ""
    when = "now" if view.live else "as of the checkpoint"
    yield f"variables {when}:" if view.bindings else f"no variables {when}"
    yield from _indented(_aligned([(b.name, b.class_name, _printed(b)) for b in view.bindings]))
    yield ""
    yield f"last of {len(view.history)} evaluations:" if view.history else "nothing was evaluated yet"
    yield from _indented(_aligned([(f"{n}", *_told(entry)) for n, entry in last_of(view.history)]))


def _printed(binding: CheckpointBinding) -> str:
    printed = value_line(binding.printed, binding.class_name)
    return printed if binding.store else f"{printed} (only as print)"


def _told(entry: Entry) -> tuple[str, str]:
    """What came of an evaluation, and what it was: a line of each."""
    result = value_line(entry.error or entry.printed or entry.outcome, entry.class_name)
    return kept_short(result, RESULT_SHOWN), first_line(entry.source)


def _checkpoint_words(view: SessionView, now: int) -> str:
    assert view.checkpoint is not None
    count = len(view.checkpoint.bindings)
    kept = sum(b.store is not None for b in view.checkpoint.bindings)
    return f"{age(now - view.checkpoint.taken_at)}: {kept} of {count} variables can be made again"


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Rows with their columns two spaces apart; each cell on one line, whatever an image put into it."""
    cells = [[clean(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (f"  {line}" for line in lines)


@command("session", name="show", cls=SessionCommand, adds=MORE_IN_FULL)
@click.argument("named", required=False, metavar="[IMAGE/SESSION]", shell_complete=complete_target)
@option("--cached", is_flag=True, help="Contact no image: variables as of the last checkpoint.")
def cli(invocation: Invocation, named: str | None, cached: bool) -> int:
    """Show a session, or the current one: its variables, its checkpoint, its history, its image.

    The image is asked for the variables; where it does not answer they are shown as of the last checkpoint.
    """
    from stui_cli.work.meant.target import meant_session
    from stui_cli.work.sessions.show import view_session

    bench = invocation.bench
    target = meant_session(bench.store.read(), named, invocation.asked, bench)
    return invocation.show(shown(view_session(bench, target, ask=not cached), bench.clock()))
