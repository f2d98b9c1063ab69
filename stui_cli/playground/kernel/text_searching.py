"""Strings: searching, and matching patterns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stui_cli.playground.classes import primitive
from stui_cli.playground.kernel.characters import lowercase
from stui_cli.playground.kernel.text import as_text, chars, count_of
from stui_cli.playground.objects import Character

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine


@primitive("String", "includesSubstring:", category="testing")
def includes_substring(machine: Machine, receiver: Value, part: Value) -> Value:
    return as_text(machine, part, "isEmpty") in chars(receiver)


@primitive("String", "includesSubstring:caseSensitive:", category="testing")
def includes_substring_case(machine: Machine, receiver: Value, part: Value, sensitive: Value) -> Value:
    return find_from(machine, receiver, part, 1, sensitive) > 0


@primitive("String", "includesSubstring:at:", category="testing")
def includes_substring_at(machine: Machine, receiver: Value, part: Value, index: Value) -> Value:
    place = count_of(machine, index, len(chars(receiver)) + 1)
    return place > 0 and chars(receiver).startswith(as_text(machine, part, "size"), place - 1)


@primitive("String", "findString:", category="finding/searching")
def find(machine: Machine, receiver: Value, part: Value) -> Value:
    return find_from(machine, receiver, part, 1, True)


@primitive("String", "indexOf:", category="accessing")
def index_of(machine: Machine, receiver: Value, element: Value) -> Value:
    return chars(receiver).find(chr(element.code)) + 1 if type(element) is Character else 0


@primitive("String", "findString:startingAt:", category="finding/searching")
def find_after(machine: Machine, receiver: Value, part: Value, start: Value) -> Value:
    return find_from(machine, receiver, part, start, True)


@primitive("String", "findString:startingAt:caseSensitive:", category="finding/searching")
def find_from(machine: Machine, receiver: Value, part: Value, start: Value, sensitive: Value) -> Any:
    """Where it begins, or 0, as for an empty one."""
    text, wanted = chars(receiver), as_text(machine, part, "size")
    if sensitive is not True:
        text, wanted = lowercase(text), lowercase(wanted)
    first = count_of(machine, start, len(text) + 1)
    return text.find(wanted, max(first - 1, 0)) + 1 if wanted else 0


@primitive("String", "beginsWith:caseSensitive:", category="testing")
def begins_with(machine: Machine, receiver: Value, part: Value, sensitive: Value) -> Value:
    change = str if sensitive is True else lowercase
    return change(chars(receiver)).startswith(change(as_text(machine, part, "size")))


@primitive("String", "endsWith:caseSensitive:", category="testing")
def ends_with(machine: Machine, receiver: Value, part: Value, sensitive: Value) -> Value:
    change = str if sensitive is True else lowercase
    return change(chars(receiver)).endswith(change(as_text(machine, part, "size")))


@primitive("String", "match:", category="comparing")
def matches(machine: Machine, receiver: Value, text: Value) -> Value:
    """The receiver is a pattern: * is any characters, # any one; case does not matter."""
    return _matches(machine, lowercase(chars(receiver)), lowercase(as_text(machine, text, "size")))


def _matches(machine: Machine, pattern: str, text: str) -> bool:
    """In time of the product of both at most: only the last * is ever tried again."""
    at = place = 0
    star, tried = -1, 0
    while place < len(text):
        if machine.attention:
            machine.poll()
        if at < len(pattern) and pattern[at] == "*":
            star, tried, at = at, place, at + 1
        elif at < len(pattern) and pattern[at] in ("#", text[place]):
            at, place = at + 1, place + 1
        elif star >= 0:
            at, tried = star + 1, tried + 1
            place = tried
        else:
            return False
    return not pattern[at:].strip("*")
