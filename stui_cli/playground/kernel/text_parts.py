"""Strings: replacing, taking apart and putting together."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stui_cli.playground.classes import primitive
from stui_cli.playground.kernel.elements import elements, one
from stui_cli.playground.kernel.naming import distinct
from stui_cli.playground.kernel.text import as_text, chars, count_of, is_text, made, pad_of
from stui_cli.playground.objects import Array, Character, Ordered, Text, character

if TYPE_CHECKING:
    from collections.abc import Callable

    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine

_BLANKS = " \t\n\r\f"
_WIDEST = 1_000_000


# Replacing


@primitive("String", "copyReplaceAll:with:", category="copying")
def copy_replace_all(machine: Machine, receiver: Value, old: Value, new: Value) -> Value:
    text, wanted, replacement = chars(receiver), as_text(machine, old, "size"), as_text(machine, new, "size")
    if not wanted:
        return Text(text)
    machine.charge_slots((text.count(wanted) * len(replacement) + len(text)) // 8)
    return made(machine, text.replace(wanted, replacement))


@primitive("String", "replaceAll:with:", category="converting")
def replace_all(machine: Machine, receiver: Value, old: Value, new: Value) -> Value:
    """One character by another, in the string itself."""
    if type(old) is Character and type(new) is Character and isinstance(receiver, Text):
        receiver.chars = receiver.chars.replace(chr(old.code), chr(new.code))
        return receiver
    return machine.raise_("Error", "Improper store into indexable object")


@primitive("String", "copyReplaceTokens:with:", category="copying")
def copy_replace_tokens(machine: Machine, receiver: Value, old: Value, new: Value) -> Value:
    """Only where it stands as a word."""
    wanted, replacement = as_text(machine, old, "size"), as_text(machine, new, "size")
    parts = re.split(rf"(?<![^\W_]){re.escape(wanted)}(?![^\W_])", chars(receiver))
    return made(machine, replacement.join(parts))


@primitive("String", "withSeparatorsCompacted", category="converting")
def with_separators_compacted(machine: Machine, receiver: Value) -> Value:
    return made(machine, re.sub("[ \t\n\r\f]+", " ", chars(receiver)))


@primitive("String", "withoutPrefix:", category="converting")
def without_prefix(machine: Machine, receiver: Value, prefix: Value) -> Value:
    return made(machine, chars(receiver).removeprefix(as_text(machine, prefix, "size")))


@primitive("String", "withoutSuffix:", category="converting")
def without_suffix(machine: Machine, receiver: Value, suffix: Value) -> Value:
    return made(machine, chars(receiver).removesuffix(as_text(machine, suffix, "size")))


@primitive("String", "trimBoth", "trim", "trimmed", "withBlanksTrimmed", category="converting")
def trim_both(machine: Machine, receiver: Value) -> Value:
    return made(machine, chars(receiver).strip(_BLANKS))


@primitive("String", "trimLeft", category="converting")
def trim_left(machine: Machine, receiver: Value) -> Value:
    return made(machine, chars(receiver).lstrip(_BLANKS))


@primitive("String", "trimRight", category="converting")
def trim_right(machine: Machine, receiver: Value) -> Value:
    return made(machine, chars(receiver).rstrip(_BLANKS))


@primitive("String", "trimBoth:", category="converting")
def trim_both_by(machine: Machine, receiver: Value, block: Value) -> Value:
    text = _trimmed_left(machine, chars(receiver), block)
    return made(machine, _trimmed_left(machine, text[::-1], block)[::-1])


@primitive("String", "trimLeft:", category="converting")
def trim_left_by(machine: Machine, receiver: Value, block: Value) -> Value:
    return made(machine, _trimmed_left(machine, chars(receiver), block))


@primitive("String", "trimRight:", category="converting")
def trim_right_by(machine: Machine, receiver: Value, block: Value) -> Value:
    return made(machine, _trimmed_left(machine, chars(receiver)[::-1], block)[::-1])


def _trimmed_left(machine: Machine, text: str, block: Value) -> str:
    goes = one(block)
    for index, each in enumerate(text):
        if not machine.truth(goes(machine, character(ord(each)))):
            return text[index:]
    return ""


# Taking apart


def _texts(machine: Machine, parts: list[str]) -> list[Value]:
    machine.charge_slots(len(parts))
    return [Text(part) for part in parts]


def _separators(machine: Machine, separators: Value) -> str:
    """Characters as a string: given as one, as a character, or as a collection of both."""
    if type(separators) is Character:
        return chr(separators.code)
    if is_text(separators):
        return chars(separators)
    return "".join(_separators(machine, each) for each in elements(machine, separators))


def _tokens(text: str, separators: str) -> list[str]:
    if not separators:
        return [text] if text else []
    return [part for part in re.split(f"[{re.escape(separators)}]+", text) if part]


@primitive("String", "substrings", category="converting")
def substrings(machine: Machine, receiver: Value) -> Value:
    return Array(_texts(machine, _tokens(chars(receiver), _BLANKS)))


@primitive("String", "substrings:", "subStrings:", category="converting")
def substrings_of(machine: Machine, receiver: Value, separators: Value) -> Value:
    return Array(_texts(machine, _tokens(chars(receiver), _separators(machine, separators))))


@primitive("String", "findTokens:", category="accessing")
def find_tokens(machine: Machine, receiver: Value, separators: Value) -> Value:
    return Ordered(_texts(machine, _tokens(chars(receiver), _separators(machine, separators))))


@primitive("String", "lines", category="accessing")
def lines(machine: Machine, receiver: Value) -> Value:
    return Array(_texts(machine, lines_of(chars(receiver))))


def lines_of(text: str) -> list[str]:
    """Ended by CR, LF or both; the last one may lack its end."""
    parts = re.split("\r\n|\r|\n", text)
    return parts if parts[-1] else parts[:-1]


@primitive("String", "linesDo:", category="accessing")
def lines_do(machine: Machine, receiver: Value, block: Value) -> Value:
    give = one(block)
    for line in lines_of(chars(receiver)):
        give(machine, Text(line))
    return receiver


@primitive("String", "lineCount", category="accessing")
def line_count(machine: Machine, receiver: Value) -> Value:
    return len(lines_of(chars(receiver)))


@primitive("String", "split:", category="splitjoin")
def split(machine: Machine, receiver: Value, whole: Value) -> Value:
    """The other string, cut where the receiver is in it; ', ' split: 'a, b'."""
    if not is_text(whole):
        return Ordered([whole])
    separator = chars(receiver)
    return Ordered(_texts(machine, chars(whole).split(separator) if separator else [chars(whole)]))


@primitive("String", "splitOn:", category="splitjoin")
def split_on(machine: Machine, receiver: Value, separator: Value) -> Value:
    if is_text(separator) or type(separator) is Character:
        return split(machine, Text(_separators(machine, separator)), receiver)
    cuts, parts = one(separator), [""]
    for each in chars(receiver):
        if machine.truth(cuts(machine, character(ord(each)))):
            parts.append("")
        else:
            parts[-1] += each
    return Ordered(_texts(machine, parts))


# Putting together


@primitive("String", "join:", category="splitjoin")
def join(machine: Machine, receiver: Value, parts: Value) -> Value:
    """The parts, with the receiver between them."""
    texts = [_shown(machine, each) for each in elements(machine, parts)]
    machine.charge_slots((sum(map(len, texts)) + len(texts) * len(chars(receiver))) // 8)
    return made(machine, chars(receiver).join(texts))


def _shown(machine: Machine, value: Value) -> str:
    """A string as it is, of another object what asString answers."""
    if is_text(value):
        return chars(value)
    if machine.attention:
        machine.poll()
    return as_text(machine, machine.send(value, "asString"))


@primitive("String", "format:", category="formatting")
def format_with(machine: Machine, receiver: Value, values: Value) -> Value:
    """{1} is the first of the values, {key} that of a dictionary; a backslash takes the next character as it is."""
    parts: list[str] = []
    for escaped, key, plain in re.findall(r"\\(.)|\{([^}]*)\}?|([^\\{]+|\\$)", chars(receiver), re.DOTALL):
        if escaped or plain:
            parts.append(escaped or plain)
        else:
            index: Value = int(key) if re.fullmatch("[0-9]{1,9}", key) else Text(key)
            parts.append(_shown(machine, machine.send(values, "at:", index)))
    return made(machine, "".join(parts))


_MACRO = re.compile(r"%(.)|<(?:([0-9]*)([lLnNpPrRsStT])|([0-9]+)\?([^:>]*):([^>]*))>|([^%<]+|[%<])", re.DOTALL)
_MACRO_ENDS = {"n": "\r", "r": "\r", "l": "\n", "t": "\t"}


@primitive("String", "expandMacros", category="formatting")
def expand_macros(machine: Machine, receiver: Value) -> Value:
    return expand_macros_with_arguments(machine, receiver, Array())


@primitive("String", "expandMacrosWith:", category="formatting")
def expand_macros_with(machine: Machine, receiver: Value, first: Value) -> Value:
    return expand_macros_with_arguments(machine, receiver, Array([first]))


@primitive("String", "expandMacrosWith:with:", category="formatting")
def expand_macros_with_two(machine: Machine, receiver: Value, first: Value, second: Value) -> Value:
    return expand_macros_with_arguments(machine, receiver, Array([first, second]))


@primitive("String", "expandMacrosWithArguments:", category="formatting")
def expand_macros_with_arguments(machine: Machine, receiver: Value, arguments: Value) -> Value:
    """<n> and <r> are a carriage return, <l> a line feed, <t> a tab.

    <1p> is the print of an argument, <1s> a string; <1?yes:no> chooses by one; %< is <.
    """
    parts = []
    for found in _MACRO.finditer(chars(receiver)):
        escaped, index, kind, asked, yes, no, plain = found.groups()
        if escaped or plain:
            parts.append(escaped or plain)
        elif asked:
            parts.append(yes if machine.truth(machine.send(arguments, "at:", int(asked[:9]))) else no)
        elif kind.lower() in _MACRO_ENDS:
            parts.append(_MACRO_ENDS[kind.lower()])
        else:
            value = machine.send(arguments, "at:", int(index[:9] or "1"))
            parts.append(as_text(machine, value if kind in "sS" else machine.send(value, "printString")))
    return made(machine, "".join(parts))


@primitive("String", "surroundedBy:", category="converting")
def surrounded_by(machine: Machine, receiver: Value, text: Value) -> Value:
    around = as_text(machine, text, "size")
    return made(machine, around + chars(receiver) + around)


@primitive("String", "surroundedBySingleQuotes", category="converting")
def surrounded_by_quotes(machine: Machine, receiver: Value) -> Value:
    return made(machine, f"'{chars(receiver)}'")


@primitive("String", "padLeftTo:", category="padding")
def pad_left(machine: Machine, receiver: Value, width: Value) -> Value:
    return _padded(machine, receiver, width, " ", str.rjust)


@primitive("String", "padLeftTo:with:", category="padding")
def pad_left_with(machine: Machine, receiver: Value, width: Value, pad: Value) -> Value:
    return _padded(machine, receiver, width, pad_of(pad), str.rjust)


@primitive("String", "padRightTo:", category="padding")
def pad_right(machine: Machine, receiver: Value, width: Value) -> Value:
    return _padded(machine, receiver, width, " ", str.ljust)


@primitive("String", "padRightTo:with:", category="padding")
def pad_right_with(machine: Machine, receiver: Value, width: Value, pad: Value) -> Value:
    return _padded(machine, receiver, width, pad_of(pad), str.ljust)


def _padded(machine: Machine, receiver: Value, width: Value, pad: str, how: Callable[[str, int, str], str]) -> Value:
    return made(machine, how(chars(receiver), count_of(machine, width, _WIDEST), pad))


@primitive("String", "truncateTo:", category="converting")
def truncate_to(machine: Machine, receiver: Value, size: Value) -> Value:
    return made(machine, chars(receiver)[: count_of(machine, size, len(chars(receiver)))])


@primitive("String", "contractTo:", category="converting")
def contract_to(machine: Machine, receiver: Value, size: Value) -> Value:
    """Shortened by dots in its middle."""
    text = chars(receiver)
    room = count_of(machine, size, len(text))
    if len(text) <= room:
        return receiver
    if room < 5:
        return Text(text[:room])
    left = (room - 2) // 2
    return Text(text[:left] + "..." + text[len(text) - (room - left - 3) :])


@primitive("String", "repeat:", category="copying")
def repeat(machine: Machine, receiver: Value, times: Value) -> Value:
    count = times if type(times) is int and times > 0 else 0
    machine.charge_slots(count * len(chars(receiver)) // 8)
    machine.charge(count * len(chars(receiver)))
    return Text(chars(receiver) * count)


@primitive("String", "withLineEndings:", category="converting")
def with_line_endings(machine: Machine, receiver: Value, ending: Value) -> Value:
    return made(machine, as_text(machine, ending, "size").join(re.split("\r\n|\r|\n", chars(receiver))))


@primitive("String", "withUnixLineEndings", category="converting")
def with_unix_line_endings(machine: Machine, receiver: Value) -> Value:
    return made(machine, re.sub("\r\n|\r", "\n", chars(receiver)))


@primitive("String", "withInternalLineEndings", category="converting")
def with_internal_line_endings(machine: Machine, receiver: Value) -> Value:
    return made(machine, re.sub("\r\n|\n", "\r", chars(receiver)))


# Made by the class


def _fixed(selector: str, text: str) -> None:
    @primitive("String class", selector, category="instance creation")
    def fixed(machine: Machine, receiver: Value) -> Value:
        return Text(text)

    distinct(fixed, selector)


for _selector, _text in (("cr", "\r"), ("lf", "\n"), ("crlf", "\r\n"), ("tab", "\t"), ("space", " "), ("empty", "")):
    _fixed(_selector, _text)


@primitive("String class", "fromString:", category="instance creation")
def from_string(machine: Machine, receiver: Value, text: Value) -> Value:
    return Text(as_text(machine, text))
