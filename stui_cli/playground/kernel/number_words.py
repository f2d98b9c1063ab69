"""Integers in words and in Roman digits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.playground.classes import primitive
from stui_cli.playground.objects import Text

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine


@primitive("Integer", "printStringRoman", "printRoman", "asRoman", category="printing")
def roman(machine: Machine, receiver: int) -> Value:
    if abs(receiver) > 1_000_000:
        return machine.raise_("Error", "Roman digits are for numbers up to a million")
    rest, text = abs(receiver), "-" if receiver < 0 else ""
    for size, letters in _ROMAN:
        text += letters * (rest // size)
        rest %= size
    return Text(text)


_ROMAN = [
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"),
    (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
]  # fmt: skip


@primitive("Integer", "asWords", category="printing")
def as_words(machine: Machine, receiver: int) -> Value:
    if receiver == 0:
        return Text("zero")
    groups: list[str] = []
    rest = abs(receiver)
    for scale in _SCALES:
        rest, group = divmod(rest, 1000)
        if group:
            groups.insert(0, _words(group) + scale)
    if rest:
        return machine.raise_("Error", "there is no word for a number of this size")
    return Text(("negative " if receiver < 0 else "") + ", ".join(groups))


def _words(number: int) -> str:
    """Of 1 to 999."""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    parts = [f"{_ONES[hundreds]} hundred"] if hundreds else []
    if 0 < rest < 20:
        parts.append(_ONES[rest])
    elif rest:
        parts.append(_TENS[tens] + (f"-{_ONES[ones]}" if ones else ""))
    return " ".join(parts)


_ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["zero", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_SCALES = [
    *("", " thousand", " million", " billion", " trillion", " quadrillion", " quintillion", " sextillion"),
    *(" septillion", " octillion", " nonillion", " decillion"),
]
