"""Classes: how a message finds its method, the tree of those that are always there, and the registry of primitives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Value = Any  # None, bool, int, float, Fraction, a Behavior, or an instance of a class of objects.py
    Function = Callable[..., Value]

PRIMITIVES: dict[tuple[str, str], Primitive] = {}
_WORDLESS = "+-*/\\<>=~,@%&?|!"


@dataclass(frozen=True, slots=True)
class Primitive:
    function: Function
    category: str


@dataclass(frozen=True, slots=True)
class Method:
    selector: str
    function: Function
    source: str | None = None  # none for a primitive
    category: str = "as yet unclassified"
    line: int = 1


def arity(selector: str) -> int:
    """How many arguments the selector takes."""
    return 1 if selector[:1] in _WORDLESS else selector.count(":")


def primitive(class_name: str, *selectors: str, category: str = "primitives") -> Callable[[Function], Function]:
    """Register `function(machine, receiver, *arguments)` as the method of a class, or of "Name class"."""

    def register(function: Function) -> Function:
        code = function.__code__
        for selector in selectors:
            fits = code.co_flags & 4 or code.co_argcount == 2 + arity(selector)
            assert fits, f"{class_name}>>{selector} takes other arguments"
            assert (class_name, selector) not in PRIMITIVES, f"{class_name}>>{selector} is there twice"
            PRIMITIVES[class_name, selector] = Primitive(function, category)
        return function

    return register


class Table(dict[str, "Function"]):
    """selector -> function, of one class with all it inherits; filled as messages are sent.

    It is never empty, and so never false.
    """

    __slots__ = ("behavior",)

    def __init__(self, behavior: Behavior) -> None:
        super().__init__({"": _never})
        self.behavior = behavior

    def __missing__(self, selector: str) -> Function:
        method = self.behavior.lookup(selector)
        if method is None:
            return not_understood(selector)
        self[selector] = method.function
        return method.function

    def forget(self) -> None:
        self.clear()
        self[""] = _never


class BooleanTable(dict[str, "Function"]):
    """true and false are of one Python class and of two of Smalltalk."""

    __slots__ = ("no", "yes")

    def __init__(self, yes: Table, no: Table) -> None:
        super().__init__({"": _never})
        self.yes = yes
        self.no = no

    def __missing__(self, selector: str) -> Function:
        yes, no = self.yes, self.no

        def chosen(machine: Any, receiver: bool, *arguments: Value) -> Value:
            return (yes if receiver else no)[selector](machine, receiver, *arguments)

        def with_none(machine: Any, receiver: bool) -> Value:
            return (yes if receiver else no)[selector](machine, receiver)

        def with_one(machine: Any, receiver: bool, first: Value) -> Value:
            return (yes if receiver else no)[selector](machine, receiver, first)

        def with_two(machine: Any, receiver: bool, first: Value, second: Value) -> Value:
            return (yes if receiver else no)[selector](machine, receiver, first, second)

        few = (with_none, with_one, with_two)
        count = arity(selector)
        self[selector] = few[count] if count < len(few) else chosen
        return self[selector]


def _never(*_: Value) -> Value:
    raise AssertionError("no selector is empty")


def not_understood(selector: str) -> Function:
    def function(machine: Any, receiver: Value, *arguments: Value) -> Value:
        return machine.not_understood(receiver, selector, list(arguments))

    return function


class Behavior:
    """A class, or a metaclass: that is the class of its one instance, `sole`."""

    __slots__ = (
        "category", "cls", "comment", "methods", "name", "payload", "pool", "slots", "sole", "subclasses", "superclass",
        "table", "variables",
    )  # fmt: skip

    def __init__(self, name: str, superclass: Behavior | None, payload: type | None = None) -> None:
        self.name = name
        self.superclass = superclass
        self.subclasses: list[Behavior] = []
        self.methods: dict[str, Method] = {}
        self.variables: list[str] = []  # of its instances, without the inherited ones
        self.pool: dict[str, Value] = {}  # class variables
        self.slots: list[Value] = []  # of the class itself: the variables of its class side
        self.comment = ""
        self.category = "Kernel"
        self.payload = payload  # the Python class of its instances; none for plain objects
        self.sole: Behavior | None = None
        self.cls: Behavior = self  # set at once by whoever makes a class
        self.table = Table(self)
        if superclass is not None:
            superclass.subclasses.append(self)

    def lookup(self, selector: str) -> Method | None:
        behavior: Behavior | None = self
        while behavior is not None:
            method = behavior.methods.get(selector)
            if method is not None:
                return method
            behavior = behavior.superclass
        return None

    def lineage(self) -> Iterator[Behavior]:
        """Itself and its superclasses, upwards."""
        behavior: Behavior | None = self
        while behavior is not None:
            yield behavior
            behavior = behavior.superclass

    def inherits_from(self, other: Behavior) -> bool:
        """Whether it is the other or below it."""
        return any(behavior is other for behavior in self.lineage())

    def all_variables(self) -> list[str]:
        above = self.superclass.all_variables() if self.superclass is not None else []
        return above + self.variables if self.variables else above

    def family(self) -> Iterator[Behavior]:
        """Itself and all below it."""
        waiting = [self]
        while waiting:
            behavior = waiting.pop()
            yield behavior
            waiting.extend(behavior.subclasses)

    def install(self, method: Method) -> None:
        self.methods[method.selector] = method
        self.forget()

    def remove(self, selector: str) -> bool:
        """Whether there was such a method."""
        found = self.methods.pop(selector, None)
        self.forget()
        return found is not None

    def forget(self) -> None:
        """Drop what was found by former lookups, here and below."""
        for behavior in self.family():
            behavior.table.forget()

    @property
    def is_meta(self) -> bool:
        return self.sole is not None
