"""The methods that are always there, one file a family; each registers its primitives when imported."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules


def load() -> None:
    """Import every family."""
    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
