"""`stui inspect`: look into an object, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stui_cli.commands.code_words import CodeCommand
from stui_cli.contract.inspection import INSPECTION, SLOT, SLOTS, slot_row
from stui_cli.invocation import Invocation, Purpose, command
from stui_cli.model.code_limits import LARGEST_PRINT_LIMIT, LARGEST_START
from stui_cli.model.results import OutputMode, Result
from stui_cli.option_types import TimeLimit, Whole, option
from stui_cli.work.meant.target import meant

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stui_cli.protocol.inspection import Inspection, Slot


def rows(found: Inspection, *, kept: bool) -> list[dict[str, object]]:
    """The slots as rows, named ones first; deeper ones are indented below their owner."""
    return list(_walk((*found.named, *found.indexed), 0, kept))


def _walk(slots: Iterable[Slot], level: int, kept: bool) -> Iterator[dict[str, object]]:
    for slot in slots:
        yield slot_row(slot.name, slot.class_name, slot.print, slot.ref if kept else None, level)
        yield from _walk((*(slot.named or ()), *(slot.indexed or ())), level + 1, kept)


@command("inspection", name="inspect", cls=CodeCommand, purpose=Purpose.RUN)
@click.argument("what", metavar="EXPR | @REF")
@option("--depth", type=Whole(1, 8), default=1, show_default=True, help="How many levels of slots.")
@option("--start", type=Whole(1, LARGEST_START), default=1, show_default=True,
              help="The first indexed slot to show.")  # fmt: skip
@option("--count", type=Whole(0, 1_000), default=20, show_default=True, help="Indexed slots at most.")
@option("--print-limit", type=Whole(1, LARGEST_PRINT_LIMIT), default=200, show_default=True,
              help="Characters of each value at most.")  # fmt: skip
@option("--time-limit", type=TimeLimit(), default="10s", show_default=True, help="How long it may take.")
def cli(
    invocation: Invocation, what: str, depth: int, start: int, count: int, print_limit: int, time_limit: int
) -> int:
    """Look into the value of EXPR, or into the kept result @REF of the session: its class, its slots, their values.

    In a session every slot is kept as a result of its own, so that its REF can be inspected, or used in `stui eval`.
    """
    from stui_cli.work.talking.inspect import inspect, whole

    bench = invocation.bench
    target = meant(bench, invocation.asked).target
    kept = target.session is not None
    found = inspect(
        bench,
        target,
        what,
        depth=depth,
        start=start,
        count=count,
        print_limit=print_limit,
        time_s=time_limit / 1000,
    )
    if invocation.mode in (OutputMode.JSON, OutputMode.JSONL):
        return invocation.show(Result(INSPECTION, [whole(found, kept=kept)]))
    head = f"{found.class_name}: {found.print}"
    shown = len(found.indexed)
    notes = [f"@{found.ref} {head}" if kept and found.ref is not None else head]
    if found.size > start - 1 + shown:
        notes.append(
            f"indexed slots {start} to {start - 1 + shown} of {found.size}: go on with --start {start + shown}"
        )
    return invocation.show(Result(SLOT, rows(found, kept=kept), SLOTS, notes=notes))
