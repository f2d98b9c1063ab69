"""The whole image, and the evaluation of source text in it."""

from __future__ import annotations

import sys
from collections import OrderedDict
from typing import TYPE_CHECKING

from stui_cli.playground import kernel, limits, ticking
from stui_cli.playground.compiling import Code, compile_do_it, compile_method
from stui_cli.playground.machine import Machine, Workspace
from stui_cli.playground.reading import NotCompiled, not_compiled
from stui_cli.playground.signals import Raised, Stopped
from stui_cli.playground.world import World

if TYPE_CHECKING:
    from collections.abc import Callable

    from stui_cli.playground.classes import Behavior, Method, Value
    from stui_cli.playground.machine import Stop

__all__ = ["Machine", "NotCompiled", "Playground", "Raised", "Stopped", "Workspace"]
_KEPT_SOURCES = 500
_LONGEST_KEPT_SOURCE = 10_000


class Playground(World):
    def __init__(self) -> None:
        if sys.getrecursionlimit() < limits.PYTHON_FRAMES:
            sys.setrecursionlimit(limits.PYTHON_FRAMES)
        kernel.load()
        super().__init__()
        self._sources: OrderedDict[str, Code] = OrderedDict()

    def evaluate(self, source: str, workspace: Workspace, say: Callable[[str], None], stop: Stop) -> Value:
        """The value of `source`. Raises NotCompiled, Raised or Stopped."""
        return self.run(source, Machine(self, workspace, say, stop))

    def run(self, source: str, machine: Machine) -> Value:
        """The same, by a machine that may be used again: to print the value, say."""
        with ticking.attended(machine):
            return machine.within(self.compiled(source, machine), None)

    def compiled(self, source: str, machine: Machine) -> Callable[..., Value]:
        """What runs the source. Raises NotCompiled, also for a kept result that is not there; or Stopped."""
        code = self._sources.get(source)
        if code is None:
            code = compile_do_it(source, self, machine.look)
            if len(source) <= _LONGEST_KEPT_SOURCE:
                self._sources[source] = code
                if len(self._sources) > _KEPT_SOURCES:
                    self._sources.popitem(last=False)
        for number, line, column in code.refs:
            if number not in machine.workspace.kept:
                raise not_compiled(source, f"@{number} is no kept result of this session", line, column)
        return code.function

    def compile_method(self, source: str, behavior: Behavior, category: str = "as yet unclassified") -> Method:
        """Install it. Raises NotCompiled, and then nothing was changed."""
        method = compile_method(source, behavior, self, category)
        behavior.install(method)
        self.changes += 1
        return method
