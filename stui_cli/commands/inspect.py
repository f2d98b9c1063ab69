"""`stui inspect`: look into an object, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stui_cli.invocation import Invocation, command
from stui_cli.model.results import Column, Result

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stui_cli.protocol.evaluation import Inspection, Slot

_COLUMNS = (
    Column("slot", "SLOT"),
    Column("class", "CLASS"),
    Column("print", "VALUE"),
    Column("ref", "REF"),
)


def rows(inspection: Inspection) -> list[dict[str, object]]:
    """The slots as rows, named ones first; deeper ones are indented below their owner."""
    return list(_walk((*inspection.named, *inspection.indexed), 0))


def _walk(slots: Iterable[Slot], level: int) -> Iterator[dict[str, object]]:
    for slot in slots:
        yield {
            "slot": "  " * level + slot.name,
            "class": slot.class_name,
            "print": slot.print,
            "ref": f"@{slot.ref}" if slot.ref is not None else None,
            "level": level,
        }
        yield from _walk((*(slot.named or ()), *(slot.indexed or ())), level + 1)


@command("slot", name="inspect")
@click.argument("what", metavar="EXPR | @REF")
@click.option("--depth", type=click.IntRange(1, 10), default=1, show_default=True, help="How many levels of slots.")
@click.option("--start", type=click.IntRange(1), default=1, show_default=True, help="The first indexed slot to show.")
@click.option("--count", type=click.IntRange(0, 10_000), default=20, show_default=True, help="Indexed slots at most.")
@click.option(
    "--print-limit", type=click.IntRange(1), default=200, show_default=True, help="Characters of each value at most."
)
@click.option("--time-limit", type=float, default=10.0, show_default=True, help="Seconds that it may take.")
def cli(
    invocation: Invocation, what: str, depth: int, start: int, count: int, print_limit: int, time_limit: float
) -> int:
    """Look into the value of EXPR, or into the kept result @REF of the session: its class, its slots, their values.

    In a session every slot is kept as a result of its own, so that its REF can be inspected, or used in `stui eval`.
    """
    from stui_cli.flows.inspection import inspect

    manager = invocation.manager
    found = inspect(
        manager.bench,
        manager.target(invocation.asked).target,
        what,
        depth=depth,
        start=start,
        count=count,
        print_limit=print_limit,
        time_s=time_limit,
    )
    head = f"{found.class_name}: {found.print}"
    shown = len(found.indexed)
    notes = [head if found.ref is None else f"@{found.ref} {head}"]
    if found.size > start - 1 + shown:
        notes.append(
            f"indexed slots {start} to {start - 1 + shown} of {found.size}: go on with --start {start + shown}"
        )
    return invocation.show(Result("slot", rows(found), _COLUMNS, notes=notes, name_key="slot"))
