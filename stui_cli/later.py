"""A module that other packages import, and that is read when something of it is used."""

from __future__ import annotations

import sys
from _thread import allocate_lock
from importlib import import_module
from types import ModuleType
from typing import Any

_lock = allocate_lock()


class _Later(ModuleType):
    """Stands for the module of its name until something of that is used."""

    def __getattr__(self, name: str) -> Any:
        own = self.__name__
        with _lock:
            if sys.modules.get(own) is self:
                del sys.modules[own]
        return getattr(import_module(own), name)


def import_later(name: str) -> None:
    """Let `import name` cost nothing, whoever says it, until something of that module is used; `from name import` uses
    it at once. A module that is there already stays."""
    if name not in sys.modules:
        sys.modules[name] = _Later(name)
