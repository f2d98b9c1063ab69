"""Tonel files: the settings of a class or an extension, and its methods. All of it is one part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.playground.source.chunks import first_line_passed
from stui_cli.playground.source.parts import ClassBody, ClassVariable, Unread
from stui_cli.playground.source.reader import Reader
from stui_cli.playground.source.tokens import Kind, Misread, contents

if TYPE_CHECKING:
    from stui_cli.playground.source.parts import MethodPart, Part
    from stui_cli.playground.source.tokens import Poll

Setting = str | list[str] | None


def begins_as_tonel(text: str) -> bool:
    """Whether Class, Trait, Extension or Package stands first, with settings behind it."""
    reader = Reader(text)
    if reader.here.text not in ("Class", "Trait", "Extension", "Package"):
        return False
    reader.next()
    return reader.here.kind is Kind.OPEN and reader.here.text == "{"


def read_tonel(text: str, poll: Poll | None = None) -> list[Part]:
    """The one part of such a file; none of a file that only names a package."""
    reader = TonelReader(text, poll)
    begin = reader.here
    kind = begin.text.lower()
    try:
        return reader.parts()
    except Misread as problem:
        return [
            reader.refused(
                kind if kind in ("class", "extension", "trait") else "statements", None, begin.start, problem
            )
        ]


class TonelReader(Reader):
    def parts(self) -> list[Part]:
        """Raises Misread."""
        begin = self.here
        if begin.text not in ("Class", "Trait", "Extension", "Package"):
            raise Misread("Class, Trait, Extension or Package was expected", begin.start)
        self.next()
        settings = self._map()
        if begin.text == "Package":
            return []
        name = self._text(settings, "name", begin.start)
        if name is None:
            raise Misread("there is no name", begin.start)
        place = self.place(begin.start)
        if begin.text == "Trait" or settings.get("traits") is not None:
            why = "a playground has no traits"
            return [Unread(begin.text.lower(), name, why, place, place)]
        body = ClassBody(name, place, extends=begin.text == "Extension")
        if not body.extends:
            self._describe(body, settings, begin.start)
        while not self.at(Kind.END):
            body.methods.append(self._method_of(body))
        return [body]

    def _describe(self, body: ClassBody, settings: dict[str, Setting], at: int) -> None:
        body.superclass = self._text(settings, "superclass", at) or "nil"
        body.category = self._text(settings, "category", at) or self._text(settings, "package", at)
        body.variables = self._list(settings, "instVars", at)
        body.class_side_variables = self._list(settings, "classInstVars", at)
        body.class_variables = [ClassVariable(each, None, body.place) for each in self._list(settings, "classVars", at)]
        body.comment = self._comment()

    def _comment(self) -> str | None:
        """That of the class stands first in the file, as a comment of the language."""
        begin = self.source.text.find('"', first_line_passed(self.text))
        before = self.text[first_line_passed(self.text) : max(begin, 0)]
        if begin < 0 or before.strip(" \t\r\n\f\ufeff"):
            return None
        at = begin + 1
        while self.text.startswith('""', at := self.text.find('"', at)):
            at += 2
        return self.text[begin + 1 : at].replace('""', '"')

    def _method_of(self, body: ClassBody) -> MethodPart:
        category: Setting = None
        if self.at(Kind.OPEN) and self.here.text == "{":
            category = self._map().get("category")
        begin = self.here.start
        target = self.target()
        if target is None:
            raise Misread("a method like Foo >> bar [ ] was expected", begin)
        return self.method(body.name, target[1], category if isinstance(category, str) else "")

    # Settings

    def _text(self, settings: dict[str, Setting], name: str, at: int) -> str | None:
        value = settings.get(name)
        if isinstance(value, list):
            raise Misread(f"one value was expected for #{name}", at)
        return None if value == "nil" else value

    def _list(self, settings: dict[str, Setting], name: str, at: int) -> list[str]:
        value = settings.get(name)
        if isinstance(value, str):
            raise Misread(f"a list was expected for #{name}", at)
        return value or []

    def _map(self) -> dict[str, Setting]:
        """{ #name : #Foo, #instVars : [ 'a' ] }"""
        if not self.at(Kind.OPEN) or self.here.text != "{":
            raise Misread("settings in { } were expected", self.here.start)
        self.next()
        found: dict[str, Setting] = {}
        while not self.at(Kind.CLOSE):
            self._entry(found)
        self.next()
        return found

    def _entry(self, found: dict[str, Setting]) -> None:
        if self.is_operator(","):
            self.next()
            return
        if not self.at(Kind.SYMBOL):
            raise Misread("a setting like #name : was expected", self.here.start)
        key = _plain(self.here.text)
        self.next()
        if self.here.text == ":":
            self.next()
        found[key] = self._value()

    def _value(self) -> Setting:
        if self.at(Kind.OPEN):
            return self._items()
        if self.at_end():
            raise Misread("there is no end to these settings", self.here.start)
        value = _plain(self.here.text)
        self.next()
        return value

    def _items(self) -> list[str]:
        """What is nested deeper is of no use here."""
        begin = self.here.start
        found = []
        self.next()
        while not self.at(Kind.CLOSE):
            if self.at_end():
                raise Misread("there is no end to this list", begin)
            if self.at(Kind.OPEN):
                self.group()
                continue
            if self.at(Kind.STRING, Kind.SYMBOL):
                found.append(_plain(self.here.text))
            self.next()
        self.next()
        return found


def _plain(literal: str) -> str:
    return contents(literal).rstrip(":") if literal.startswith("#") else contents(literal)
