"""A module that other packages import, and that is read when something of it is used."""

from __future__ import annotations

import sys
from _thread import allocate_lock
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_lock = allocate_lock()


class _Later(ModuleType):
    """Stands for the module of its name until something of that is used."""

    def __getattr__(self, name: str) -> Any:
        if name == "__path__":  # which each `from name import` asks for, and packages alone have
            raise AttributeError(name)
        return getattr(_read(self), name)


def import_later(name: str, *called: str, **there: object) -> None:
    """Let `import name` of a module, no package, cost nothing, whoever says it, until something of that is used.

    `from name import` uses it at once, but for names that are there before: `called` are functions, which read it when
    they are called, and `there` is what it has from elsewhere itself. A module that was read already stays.
    """
    if name not in sys.modules:
        sys.modules[name] = later = _Later(name)
        vars(later).update({each: _calling(later, each) for each in called}, **there)


def _read(later: ModuleType) -> ModuleType:
    with _lock:
        if sys.modules.get(later.__name__) is later:
            del sys.modules[later.__name__]
    return import_module(later.__name__)


def _calling(later: ModuleType, name: str) -> Callable[..., Any]:
    def call(*values: object, **named: object) -> Any:
        return getattr(_read(later), name)(*values, **named)

    return call
