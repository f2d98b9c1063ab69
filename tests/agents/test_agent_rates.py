"""How many requests a second one image answers over one connection. Prints its figures, asserts nothing about them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from wire import Wire

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(300)]


def test_rates(wire: Wire) -> None:
    for name, count, call in (
        ("pings one at a time", 10_000, lambda: wire.call("ping", message=None)),
        ("evaluations one at a time", 3000, lambda: wire.evaluate("3 + 4")),
    ):
        start = time.monotonic()
        for _ in range(count):
            call()
        print(f"{name}: {count / (time.monotonic() - start):.0f} a second")
    for method, params, count in (
        ("ping", {"message": None}, 20_000),
        ("evaluate", {"session_id": None, "source": "3 + 4", "time_limit_ms": 60_000}, 3000),
    ):
        start = time.monotonic()
        numbers = [wire.request(method, **params) for _ in range(count)]
        for number in numbers:
            wire.answer(number)
        print(f"{method} pipelined: {count / (time.monotonic() - start):.0f} a second")
