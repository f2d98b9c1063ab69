"""Looking into an object of a session: an expression, a kept result, or a variable, page by page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stui_cli.flows.evaluation import open_workplace
from stui_cli.model.errors import UsageProblem
from stui_cli.protocol.evaluation import Inspect, Inspection

if TYPE_CHECKING:
    from stui_cli.flows.workbench import Workbench
    from stui_cli.model.names import Target

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
    with open_workplace(bench, target) as workplace:
        return workplace.inspect(
            Inspect(
                session_id=workplace.session_id,
                depth=depth,
                start=start,
                count=count,
                print_limit=print_limit,
                expression=None if ref else what,
                ref=int(ref[1]) if ref else None,
            ),
            time_s,
        )
