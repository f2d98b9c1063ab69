"""Screens that remember what was printed, and snapshots of it: STUI_UPDATE_SNAPSHOTS=1 writes them anew."""

from __future__ import annotations

import os
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from stui_cli.contract.image import IMAGE
from stui_cli.model.errors import NotFound, Unreachable
from stui_cli.model.results import Column, OutputMode, Result, Show
from stui_cli.model.times import Moment
from stui_cli.output.screen import Screen
from stui_cli.output.selection import Selection

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = 1_760_000_000_000  # 2025-10-09T08:53:20Z


class Recorded:
    """A screen on two strings."""

    def __init__(
        self, mode: OutputMode = OutputMode.AUTO, columns: tuple[str, ...] | None = None, **options: Any
    ) -> None:
        self.out = StringIO()
        self.err = StringIO()
        options.setdefault("selection", Selection(columns))
        self.screen = Screen(mode, self.out, self.err, clock=lambda: NOW, **options)

    def __str__(self) -> str:
        return f"--- stdout\n{self.out.getvalue()}--- stderr\n{self.err.getvalue()}"


@pytest.fixture
def recorded() -> type[Recorded]:
    return Recorded


@pytest.fixture
def matches_snapshot() -> Callable[[str, object], None]:
    def check(name: str, printed: object) -> None:
        path = Path(__file__).parent / "snapshots" / f"{name}.txt"
        if os.environ.get("STUI_UPDATE_SNAPSHOTS"):
            path.write_text(str(printed), encoding="utf-8", newline="")
        with path.open(encoding="utf-8", newline="") as file:
            assert str(printed) == file.read()

    return check


@pytest.fixture
def images() -> Result:
    """Five images of every status, with hostile text, failures, a warning and a note."""
    columns = (
        Column("current", "", Show.MARK),
        Column("name", "Name"),
        Column("status", "Status", Show.STATUS),
        Column("health", "Health", Show.HEALTH),
        Column("latency_ms", "Latency", Show.MILLISECONDS),
        Column("session_count", "Sessions", Show.NUMBER),
        Column("last_seen", "Seen", Show.AGE),
        Column("uptime_ms", "Up", Show.DURATION),
        Column("memory_used", "Memory", Show.BYTES),
        Column("address", "Address"),
        Column("image_version", "Version"),
        Column("metadata", "Labels", Show.LABELS),
    )
    down: dict[str, object] = {
        "current": False,
        "latency_ms": None,
        "session_count": None,
        "last_seen": None,
        "uptime_ms": None,
        "memory_used": None,
        "image_version": None,
        "metadata": {},
        "pid": None,
    }
    items: list[dict[str, object]] = [
        {
            "current": True,
            "name": "alpha",
            "status": "connected",
            "health": "healthy",
            "latency_ms": 0.41,
            "session_count": 3,
            "last_seen": Moment(NOW - 9_000),
            "uptime_ms": 7_500_000,
            "memory_used": 14 * 2**20,
            "address": "tcp://127.0.0.1:54321",
            "image_version": "GNU Smalltalk ready 3.2.91",
            "metadata": {"env": "dev"},
            "pid": 4711,
        },
        {
            "current": False,
            "name": "pharo-12-production",
            "status": "reconnecting",
            "health": "warning",
            "latency_ms": 120.5,
            "session_count": 12,
            "last_seen": Moment(NOW - 200_000),
            "uptime_ms": 1_000_000_000,
            "memory_used": 3_650_722_201,
            "address": "ssh://builder@build.example.org:2222/localhost:9000",
            "image_version": "Pharo12.0.0 SNAPSHOT Build.1519",
            "metadata": {"env": "prod", "team": "core"},
            "pid": 99,
        },
        down
        | {
            "name": "日本語",
            "status": "failed",
            "health": "critical",
            "address": "unix:///tmp/\x1b[31mred\t\n",
        },
        down
        | {
            "name": "squeak",
            "status": "disconnected",
            "health": "critical",
            "address": "tcp://10.0.0.7:9000",
        },
        down
        | {
            "name": "cuis",
            "status": "unknown",
            "health": "unknown",
            "address": "tls://x:1",
            "metadata": None,
        },
    ]
    return Result(
        IMAGE,
        items,
        columns,
        notes=("1 of 5 images answers",),
        errors=(
            Unreachable("squeak refused the connection", todo="stui doctor squeak", image="squeak"),
            NotFound("no image is named beta\x1b[2J\nstui: all is well"),
        ),
        warnings=("the clock of alpha is 7 s behind",),
        empty="no images are registered: stui images add NAME ADDRESS",
    )
