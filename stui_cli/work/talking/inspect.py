"""Looking into an object of a session: an expression, a kept result, or a variable, page by page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stui_cli.contract.inspection import inspection_item, slot_item
from stui_cli.model.errors import CodeFailed, ImageRefused, NotFound, UsageProblem
from stui_cli.protocol.inspection import Inspect, Inspection
from stui_cli.work.talking.evaluate import open_workplace
from stui_cli.work.talking.running import fault_of_expression

if TYPE_CHECKING:
    from stui_cli.model.names import Target
    from stui_cli.protocol.inspection import Slot
    from stui_cli.work.workbench import Workbench

_REF = re.compile(r"@(\d+)\Z")


def inspect(
    bench: Workbench, target: Target, what: str, *, depth: int, start: int, count: int, print_limit: int, time_s: float
) -> Inspection:
    """Inspect `what`: `@12` is a kept result of the session, anything else an expression. `start` counts from 1.

    Raises CodeFailed if the expression does not compile or raises, NotFound for an unknown reference.
    """
    ref = _REF.match(what)
    if ref and target.session is None:
        raise UsageProblem(
            f"{what} is a result kept in a session, and no session is meant here", todo="name one with -s"
        )
    with open_workplace(bench, target) as workplace, workplace.passing_session() as session_id:
        request = Inspect(
            session_id=session_id,
            depth=depth,
            start=start,
            how_many=count,
            print_limit=print_limit,
            expression=None if ref else what,
            ref=int(ref[1]) if ref else None,
        )
        try:
            return workplace.inspect(request, time_s)
        except ImageRefused as error:
            if ref or error.answer != "InvalidRequest":
                raise
            raise CodeFailed(_complaint(error)).about(target.image, str(target)) from error
        except NotFound as error:
            if error.answer != "ObjectNotFound":
                raise
            raise NotFound(
                f"{target} keeps no result {what}",
                todo=error.todo,
                image=target.image,
            ) from error


def _complaint(error: ImageRefused) -> str:
    """What was wrong with the expression, as far as the image tells it."""
    fault = fault_of_expression(error)
    if fault is None:
        return error.reason
    return f"raised: {fault.told}" if fault.outcome == "raised" else f"did not run: {fault.told}"


def whole(found: Inspection, *, kept: bool) -> dict[str, object]:
    """The object with its slots, for programs. `kept`: the session keeps it and them, so their refs mean something."""
    return inspection_item(
        found.class_name,
        found.print,
        found.ref if kept else None,
        hash_=found.hash,
        size=found.size,
        named=[_slot(slot, kept) for slot in found.named],
        indexed=[_slot(slot, kept) for slot in found.indexed],
    )


def _slot(slot: Slot, kept: bool) -> dict[str, object]:
    named, indexed = (
        None if slots is None else [_slot(each, kept) for each in slots] for slots in (slot.named, slot.indexed)
    )
    return slot_item(slot.name, slot.class_name, slot.print, slot.ref if kept else None, named, indexed)
