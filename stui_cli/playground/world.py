"""What all evaluations share: classes, the tables by which messages find methods, and globals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stui_cli.playground import tree
from stui_cli.playground.memory import resident_bytes
from stui_cli.playground.objects import Instance, Signal, with_class

if TYPE_CHECKING:
    from stui_cli.playground.classes import Behavior, Value

_SMALLEST_LARGE = 1 << 60  # as in 64-bit images
# Names of objects that are there once, and their classes.
ONLY_ONE = {"Transcript": "TranscriptStream", "Smalltalk": "SystemDictionary", "Processor": "ProcessorScheduler"}


class World:
    def __init__(self) -> None:
        self.started_with = resident_bytes()
        self.classes: dict[str, Behavior] = tree.build()
        self.tables = tree.tables(self.classes)
        self.globals: dict[str, Value] = dict(self.classes)
        for name, class_name in ONLY_ONE.items():
            self.globals[name] = Instance(self.classes[class_name])
        self.changes = 0  # of classes and methods, since the start

    def class_of(self, value: Value) -> Behavior:
        kind = type(value)
        if kind is bool:
            return self.classes["True" if value else "False"]
        if kind is int:
            if -_SMALLEST_LARGE <= value < _SMALLEST_LARGE:
                return self.classes["SmallInteger"]
            return self.classes["LargePositiveInteger" if value > 0 else "LargeNegativeInteger"]
        table: Any = self.tables.get(kind)
        found: Behavior = table.behavior if table is not None else value.cls
        return found

    def instance_of(self, behavior: Behavior) -> Value:
        """An empty instance, of a class that has `new`."""
        if behavior.inherits_from(self.classes["Exception"]):
            return Signal(behavior)
        payload = behavior.payload
        if payload is None:
            return Instance(behavior)
        if self.tables.get(payload) is behavior.table:
            return payload()
        made: Any = with_class(payload)()
        made.cls = behavior
        made.slots = [None] * len(behavior.all_variables())
        return made
