"""The defects that an image is known for, run in it: not of its agent, so they are warnings and no failed cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.conformance.case import Case, Needs
from stui_cli.conformance.verdicts import KnownDefect, shortened
from stui_cli.model.defects import DEFECTS, known_defects

if TYPE_CHECKING:
    from collections.abc import Callable

    from stui_cli.conformance.bench import Bench
    from stui_cli.model.defects import Defect
    from stui_cli.protocol.greeting import Greeting


def _running(defect: Defect) -> Callable[[Bench], None]:
    def steps(bench: Bench) -> None:
        evaluation = bench.evaluate(bench.talk(), defect.expression)
        value, error = evaluation.value, evaluation.error
        if value is not None and value.print == defect.right:
            return
        came = value.print if value is not None else f"{error.class_name}: {error.message}" if error else "nothing"
        raise KnownDefect(f"{defect.expression} prints {defect.right}", f"{shortened(came)}: {defect.means}")

    return steps


# Of all dialects and versions; `concerns` chooses.
_DEFECTS = {Case("defect", each.name, each.means, Needs.DEVELOPER, _running(each)): each for each in DEFECTS}
DEFECT_CASES = tuple(_DEFECTS)


def concerns(case: Case, greeting: Greeting | None) -> bool:
    """Whether a case is to be tried in the image that greets so: that of a defect only where it is known."""
    defect = _DEFECTS.get(case)
    if defect is None or greeting is None:
        return defect is None
    return defect in known_defects(greeting.dialect, greeting.image_version)
