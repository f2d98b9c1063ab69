"""Names to complete, and shells to complete them in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from needs import program
from terminals import IMAGES, KEYS, LABELS, OPERATIONS, SESSIONS, Terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """Three images, three sessions, and a PATH with awk and nothing else: no Python and no stui can be started."""
    names = tmp_path / "home" / "names"
    names.mkdir(parents=True)
    (names / "images").write_text("".join(f"{name}\n" for name in IMAGES))
    (names / "sessions").write_text("".join(f"{name}\n" for name in SESSIONS))
    (names / "keys").write_text("".join(f"{name}\n" for name in KEYS))
    (names / "labels").write_text("".join(f"{line}\n" for line in LABELS))
    (names / "operations").write_text("".join(f"{line}\n" for line in OPERATIONS))
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "awk").symlink_to(program("awk"))
    (tmp_path / "secret.key").touch()
    return {
        "HOME": str(tmp_path),
        "STUI_HOME": str(tmp_path / "home"),
        "PATH": str(tools),
        "TERM": "xterm",
        "LC_ALL": "C.UTF-8",
    }


@pytest.fixture
def terminal(environ: dict[str, str], tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    opened: list[Terminal] = []

    def start(*command: str) -> Terminal:
        opened.append(Terminal(command, environ, tmp_path))
        return opened[-1]

    yield start
    for each in opened:
        each.close()
