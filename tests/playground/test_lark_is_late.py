"""lark is for the process that serves a playground: no other command of stui pays for it."""

from __future__ import annotations

import subprocess
import sys

EVERY_OTHER_MODULE = """
import importlib, pkgutil, sys
import stui_cli
for module in pkgutil.walk_packages(stui_cli.__path__, "stui_cli."):
    if not module.name.startswith("stui_cli.playground") and not module.name.endswith("__main__"):
        importlib.import_module(module.name)
assert "stui_cli.commands.playground" in sys.modules
print("lark" in sys.modules)
"""
THE_IMAGE = "import sys, stui_cli.playground.image; print('lark' in sys.modules)"


def lark_is_imported(program: str) -> bool:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return done.stdout.split()[-1] == "True"


def test_no_module_but_those_of_the_playground_imports_lark() -> None:
    assert not lark_is_imported(EVERY_OTHER_MODULE)


def test_the_playground_does() -> None:
    assert lark_is_imported(THE_IMAGE)
