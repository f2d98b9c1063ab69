"""Waiting until an agent has come as far as a case needs it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

from stui_cli.conformance.verdicts import Deviation

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_WITHIN_S = 2.0


def until(look: Callable[[], T], what: str) -> T:
    """The first of what `look` returns that is true. Raises Deviation after two seconds without one."""
    over = time.monotonic() + _WITHIN_S
    while not (found := look()):
        if time.monotonic() > over:
            raise Deviation(what, f"none within {_WITHIN_S:g} s")
    return found
