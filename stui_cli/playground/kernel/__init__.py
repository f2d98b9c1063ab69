"""The methods that are always there, one file a family; each registers its primitives when imported."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules


def load() -> None:
    """Import every family; seed.py last, for it gives way to the others."""
    names = [module.name for module in iter_modules(__path__)]
    for name in sorted(names, key=lambda name: (name == "seed", name)):
        import_module(f"{__name__}.{name}")
