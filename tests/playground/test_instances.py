"""Every class: what basicNew and new give prints, or is refused in words; no half-made object fails within."""

from __future__ import annotations

import threading

import pytest

from stui_cli.playground.image import Playground, Raised, Workspace

IMAGE = Playground()
# What these make is broken until it was set up, as in other Smalltalks: it cannot print.
NEEDS_SETTING_UP = {"OrderedCollection basicNew", "SortedCollection basicNew"}


@pytest.mark.parametrize("selector", ["new", "basicNew", "class new", "class basicNew", "new: 3", "basicNew: 3"])
def test_a_new_instance_prints_or_is_refused(selector: str) -> None:
    failed = []
    for name in IMAGE.classes:
        source = f"{name} {selector}"
        try:
            IMAGE.evaluate(f"({source}) printString", Workspace(), lambda text: None, threading.Event())
        except Raised as raised:
            if raised.kind == "PrimitiveFailed" and source not in NEEDS_SETTING_UP:
                failed.append(f"{source}: {raised.stack[0]}")
    assert failed == []
