"""The stack of an error: Python's frames of compiled methods and primitives, told as Smalltalk's."""

from __future__ import annotations

import sys
from collections import deque
from itertools import islice
from typing import TYPE_CHECKING, Any

from stui_cli.playground import limits
from stui_cli.playground.classes import PRIMITIVES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import CodeType, FrameType, TracebackType

    from stui_cli.playground.classes import Value

FILE = "smalltalk:"  # what compiled code has for its file, and then where it is: Foo>>bar
_LOOKED_AT = limits.STACK_FRAMES * 20  # frames of Python for so many of Smalltalk
_HIDDEN = ("signal", "signal:", "on:do:", "ensure:", "ifCurtailed:", "value", "value:", "value:value:", "error:")
_primitives: dict[CodeType, tuple[str, str]] = {}


def calling() -> Iterator[tuple[FrameType, int]]:
    """The frames of whoever calls, innermost first, with the line of each."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        yield frame, frame.f_lineno
        frame = frame.f_back


def of_traceback(traceback: TracebackType | None) -> Iterator[tuple[FrameType, int]]:
    """The frames that an exception of Python went through, innermost first, then those around them."""
    last: deque[tuple[FrameType, int]] = deque(maxlen=limits.STACK_FRAMES * 4)
    first = traceback.tb_frame.f_back if traceback is not None else None
    while traceback is not None:
        last.append((traceback.tb_frame, traceback.tb_lineno))
        traceback = traceback.tb_next
    yield from reversed(last)
    while first is not None:
        yield first, first.f_lineno
        first = first.f_back


def told(class_name: Callable[[Value], str], frames: Iterable[tuple[FrameType, int]]) -> list[str]:
    """`Receiver class(Class)>>selector line 3`, innermost first; a primitive has no line."""
    found: list[str] = []
    for frame, line in islice(frames, _LOOKED_AT):
        text = _told(class_name, frame, line)
        if text is not None:
            found.append(text)
            if len(found) >= limits.STACK_FRAMES:
                found.append("...")
                break
    return found


def _told(class_name: Callable[[Value], str], frame: FrameType, line: int) -> str | None:
    code = frame.f_code
    if code.co_filename.startswith(FILE):
        where = code.co_filename.removeprefix(FILE)
        name = f"[] in {where}" if code.co_name == "block" else _with_receiver(class_name, frame, where)
        return f"{name} line {line}"
    primitive = _primitive_of(code)
    if primitive is None or primitive[1] in _HIDDEN:
        return None
    return _with_receiver(class_name, frame, f"{primitive[0]}>>{primitive[1]}")


def _with_receiver(class_name: Callable[[Value], str], frame: FrameType, where: str) -> str:
    """With the receiver's own class before that of the method, where they differ."""
    names = frame.f_code.co_varnames
    if frame.f_code.co_argcount < 2 or where.startswith("UndefinedObject>>DoIt"):
        return where
    receiver: Any = frame.f_locals.get(names[1])
    mine, _, selector = where.partition(">>")
    name = class_name(receiver)
    return where if name == mine else f"{name}({mine})>>{selector}"


def _primitive_of(code: CodeType) -> tuple[str, str] | None:
    if not _primitives:  # they are all there before any code runs
        for place, registered in PRIMITIVES.items():
            _primitives.setdefault(registered.function.__code__, place)
    return _primitives.get(code)
