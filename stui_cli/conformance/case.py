"""One case, and how a file of cases declares its own."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from stui_cli.conformance.bench import Bench

    Steps = Callable[[Bench], None]


class Needs(StrEnum):
    """What a case cannot do without; the run skips it, with the reason, where that is missing."""

    NOTHING = "nothing but a connection"
    OBSERVER = "a conversation that is let in"
    DEVELOPER = "the developer role"
    KEY = "an agent that asks for a key, and the key"


@dataclass(frozen=True)
class Case:
    """`shows` is one line: what is checked, and the rule of the design that it comes from.

    `request` is the wire's method that it belongs to; "framing" for what is true of every message.
    """

    request: str
    name: str
    shows: str
    needs: Needs
    steps: Steps


class Subject:
    """The cases of one file, in order. Used as a decorator of their functions."""

    def __init__(self) -> None:
        self.cases: list[Case] = []

    def case(self, request: str, name: str, shows: str, needs: Needs = Needs.OBSERVER) -> Callable[[Steps], Steps]:
        """Declare the function below as a case."""

        def declare(steps: Steps) -> Steps:
            self.add(request, name, shows, needs, steps)
            return steps

        return declare

    def add(self, request: str, name: str, shows: str, needs: Needs, steps: Steps) -> None:
        """The same for cases that are made from a table."""
        self.cases.append(Case(request, name, shows, needs, steps))
