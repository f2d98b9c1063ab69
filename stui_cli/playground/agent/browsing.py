"""Browsing: packages, classes, methods, and their text. What is a part of the playground itself has no source."""

from __future__ import annotations

import re
from fnmatch import translate
from typing import TYPE_CHECKING, NamedTuple

from stui_cli.playground.agent.evaluating import bounded, plain
from stui_cli.playground.agent.inspecting import InspectionHabits
from stui_cli.playground.agent.jobs import TOLD, AgentJob
from stui_cli.playground.agent.refusals import Refusal
from stui_cli.playground.classes import Behavior
from stui_cli.playground.objects import Indexed
from stui_cli.protocol.code import Browse, Browsed, CodeItem
from stui_cli.protocol.faults import ErrorCode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import CodeType

    from stui_cli.playground.agent.peers import Peer
    from stui_cli.playground.classes import Method
    from stui_cli.playground.world import World

_LIMIT_MS = 30_000
_MOST, _LAST = 100_000, 10**9
_WITHOUT_OF = ("packages", "classes")
_WHAT = (*_WITHOUT_OF, "methods", "source", "comment", "hierarchy", "implementors", "senders")
_ANY = re.compile(r"\[")


def matcher(pattern: str | None) -> Callable[[str], bool]:
    """Whether a name fits: * stands for any characters, also for none, and ? for one."""
    if pattern is None:
        return lambda _: True
    fits = re.compile(translate(_ANY.sub("[[]", pattern)))
    return lambda name: fits.match(name) is not None


class CodePlace(NamedTuple):
    """A class, or a method of it or of its class side."""

    name: str
    is_instance: bool
    selector: str
    behavior: Behavior
    method: Method | None


class BrowsingHabits(InspectionHabits):
    """Looks at the code of the image."""

    def browse(self, peer: Peer, number: int, asked: Browse) -> None:
        """Begin. Raises Refusal."""
        if asked.what not in _WHAT:
            raise Refusal(ErrorCode.INVALID_REQUEST, f"what: {asked.what} cannot be browsed")
        if asked.of is None and asked.what not in _WITHOUT_OF:
            raise Refusal(ErrorCode.INVALID_REQUEST, "of is missing")
        bounded(asked.start, "start", 1, _LAST)
        bounded(asked.how_many, "count", 0, _MOST)
        told = f"browse {asked.what} {asked.of or ''}".strip()[:TOLD]
        self.submit(AgentJob(peer, number, _LIMIT_MS, lambda _: self.browsed(asked), told, None, "browse"))

    def browsed(self, asked: Browse) -> Browsed:
        """What was found. Raises Refusal."""
        page = slice(asked.start - 1, asked.start - 1 + asked.how_many)
        if asked.what == "packages":
            names = sorted(filter(matcher(asked.pattern), {each.category for each in classes_of(self.image)}))
            return Browsed(len(names), tuple(_package(name) for name in names[page]))
        found = self._found(asked)
        return Browsed(len(found), tuple(_item(place, asked.what) for place in found[page]))

    def _found(self, asked: Browse) -> list[CodePlace]:
        fits = matcher(asked.pattern)
        of = asked.of or ""
        match asked.what:
            case "classes":
                return self._classes(asked.of, fits, all_of_it=asked.pattern is None)
            case "comment":
                return [_place(self._class(of))]
            case "hierarchy":
                return [_place(each) for each in self._hierarchy(self._class(of)) if each.name == of or fits(each.name)]
            case "implementors":
                return [place for place in self._everywhere(fits) if place.selector == of]
            case "senders":
                return [place for place in self._everywhere(fits) if place.method and sends(place.method, of)]
            case _:
                return self._methods(asked, fits)

    def _classes(self, package: str | None, fits: Callable[[str], bool], *, all_of_it: bool) -> list[CodePlace]:
        every = classes_of(self.image)
        found = [_place(each) for each in every if fits(each.name) and package in (None, each.category)]
        if package is not None and all_of_it and not found:
            raise Refusal(ErrorCode.OBJECT_NOT_FOUND, f"this image knows no package {package}")
        return sorted(found, key=lambda place: place.name)

    def _class(self, name: str) -> Behavior:
        found = next((each for each in classes_of(self.image) if each.name == name), None)
        if found is None:
            raise Refusal(ErrorCode.OBJECT_NOT_FOUND, f"this image knows no class {name}")
        return found

    def _hierarchy(self, behavior: Behavior) -> list[Behavior]:
        """From the root down to the class, and all below it, each before those that inherit from it."""
        above = [each for each in behavior.lineage() if each is not behavior]
        return [*reversed(above), *_below(behavior)]

    def _everywhere(self, fits: Callable[[str], bool]) -> list[CodePlace]:
        found = [place for each in classes_of(self.image) if fits(each.name) for place in _methods_of(each)]
        return sorted(found, key=lambda place: place[:3])

    def _methods(self, asked: Browse, fits: Callable[[str], bool]) -> list[CodePlace]:
        """Of Foo, Foo class, Foo>>bar: or Foo class>>bar:; with their text, the definition is first."""
        name, arrows, selector = (asked.of or "").partition(">>")
        plain_name = name.removesuffix(" class")
        behavior = self._class(plain_name)
        is_meta = plain_name != name
        found = [place for place in _methods_of(behavior) if not (is_meta and place.is_instance)]
        if arrows:
            named = [place for place in found if place.selector == selector and place.is_instance is not is_meta]
            if not named:
                raise Refusal(ErrorCode.OBJECT_NOT_FOUND, f"{name} has no method {selector}")
            return named
        found = sorted((place for place in found if fits(place.selector)), key=lambda place: place[:3])
        is_whole = asked.what == "source" and not is_meta and asked.pattern is None
        return [_place(behavior), *found] if is_whole else found


def classes_of(world: World) -> list[Behavior]:
    """All classes that are found by their names."""
    found = {
        id(each): each for each in list(world.globals.values()) if isinstance(each, Behavior) and each.sole is None
    }
    return list(found.values())


def _place(behavior: Behavior) -> CodePlace:
    return CodePlace(behavior.name, True, "", behavior, None)


def _methods_of(behavior: Behavior) -> Iterator[CodePlace]:
    for each, is_instance in ((behavior.cls, False), (behavior, True)):
        for method in list(each.methods.values()):
            yield CodePlace(behavior.name, is_instance, method.selector, behavior, method)


def _below(behavior: Behavior) -> Iterator[Behavior]:
    waiting = [behavior]
    while waiting:
        each = waiting.pop()
        yield each
        waiting.extend(sorted((b for b in each.subclasses if b.sole is None), key=lambda b: b.name, reverse=True))


def sends(method: Method, selector: str) -> bool:
    """Whether its code names the selector."""
    codes: list[CodeType] = [method.function.__code__]
    while codes:
        code = codes.pop()
        for constant in code.co_consts:
            if constant == selector and isinstance(constant, str):
                return True
            if hasattr(constant, "co_consts"):
                codes.append(constant)
    return False


def definition_of(behavior: Behavior) -> str:
    """The statement that defines a class, and the one for the variables of its class side, where it has some."""
    above = "nil" if behavior.superclass is None else behavior.superclass.name
    word = "variableSubclass:" if behavior.payload is Indexed else "subclass:"
    return (
        f"{above} {word} #{behavior.name}\n"
        f"\tinstanceVariableNames: '{' '.join(behavior.variables)}'\n"
        f"\tclassVariableNames: '{' '.join(behavior.pool)}'\n"
        f"\tpackage: '{behavior.category}'" + _definition_of_class_side(behavior)
    )


def _definition_of_class_side(behavior: Behavior) -> str:
    variables = " ".join(behavior.cls.variables)
    return f".\n\n{behavior.name} class\n\tinstanceVariableNames: '{variables}'" if variables else ""


def _package(name: str) -> CodeItem:
    return CodeItem(plain(name), None, None, None, None, None)


def _item(place: CodePlace, what: str) -> CodeItem:
    behavior, method = place.behavior, place.method
    if method is not None:
        category, text = method.category, method.source
    else:
        category, text = behavior.category, behavior.comment if what == "comment" else definition_of(behavior)
    above = behavior.superclass.name if method is None and behavior.superclass is not None else None
    return CodeItem(
        plain(behavior.category),
        behavior.name,
        "instance" if place.is_instance else "class",
        place.selector or None,
        plain(category),
        plain(text) if text is not None and what in ("source", "comment") else None,
        above,
    )
