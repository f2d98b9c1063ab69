"""Several things by one command: the failure of one takes neither the others nor what is done along."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

from stui_cli.model.errors import StoreProblem, StuiError
from stui_cli.model.exits import Exit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from stui_cli.model.results import Result

T = TypeVar("T")
Done = TypeVar("Done")


@dataclass
class Several(Generic[Done]):
    """What was done of several things, and what failed."""

    done: list[Done] = field(default_factory=list)
    failures: list[StuiError] = field(default_factory=list)

    @property
    def exit_code(self) -> Exit:
        """Partly done if something is; else that of the failure, if all failed in the same way."""
        codes = {failure.exit_code for failure in self.failures}
        if not codes:
            return Exit.DONE
        return codes.pop() if not self.done and len(codes) == 1 else Exit.PARTLY_DONE


def one_by_one(things: Iterable[T], act: Callable[[T], Done]) -> Several[Done]:
    """Do `act` to each. A store that cannot be written fails for all that follow, so it is not tried again."""
    several: Several[Done] = Several()
    for thing in things:
        try:
            several.done.append(act(thing))
        except StuiError as error:
            several.failures.append(error)
            if isinstance(error, StoreProblem):
                break
    return several


def together(results: Sequence[Result], failures: Sequence[StuiError]) -> Result:
    """The results of several things, of which there is one at least, as one: what failed follows what was done."""
    errors = [error for result in results for error in result.errors] + list(failures)
    return results[0]._replace(
        items=[item for result in results for item in result.items],
        text="\n".join(result.text for result in results if result.text),
        warnings=[warning for result in results for warning in result.warnings],
        notes=[note for result in results for note in result.notes],
        errors=errors,
        exit_code=Exit.PARTLY_DONE if errors else Exit.DONE,
    )
