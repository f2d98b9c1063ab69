"""What the agent is told at its start, in the start file that stui writes for any dialect."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from pathlib import Path

from stui_cli.protocol.limits import DEFAULT_LIMITS, WireLimits

_PAIR = re.compile(r"#(\w+) (?:'((?:[^']|'')*)'|(\d+))")


@dataclass(frozen=True)
class AgentSettings:
    """`port` 0 lets the system choose. Without a key file the agent asks for no key; without a runtime folder it tells
    nobody where it listens. `folder` is where it may save itself; without one it may not.

    Sizes are in bytes, times in seconds, all others are counts; `memory_limit` is only told. Before it has proved its
    key a peer may send messages of `stranger_message` bytes, and has `stranger_s` to say who it is; for `strangers` of
    these there are places beside those of the `connections` that are known.
    """

    name: str = "playground"
    image_id: str = ""
    port: int = 0
    key_file: Path | None = None
    runtime_directory: Path | None = None
    folder: Path | None = None
    memory_limit: int | None = None
    wire: WireLimits = DEFAULT_LIMITS
    stranger_message: int = 64 * 1024
    stranger_s: float = 30.0
    connections: int = 800
    strangers: int = 128
    in_flight: int = 10_000
    sessions_per_client: int = 1_000
    results_per_session: int = 100
    receipts: int = 1_000
    source_limit: int = 1024 * 1024
    output_limit: int = 1024 * 1024
    unattended_for_s: float = 10.0
    active_for_s: float = 15 * 60.0
    orphan_after_s: float = 24 * 3_600.0


# How the start file calls them, where it has another name for them than a setting in capitals and underscores.
_NAMES = {
    "name": "name",
    "imageId": "image_id",
    "port": "port",
    "keyFile": "key_file",
    "runtimeDirectory": "runtime_directory",
    "memoryLimit": "memory_limit",
}
_PATHS = {"key_file", "runtime_directory"}
assert set(_NAMES.values()) <= {field.name for field in fields(AgentSettings)}


def settings_in(start: str, folder: Path) -> AgentSettings:
    """The settings that the array in a start file holds; the image may save itself in `folder`."""
    told: dict[str, str | int | Path] = {}
    for name, text, number in _PAIR.findall(start):
        if name not in _NAMES:
            continue
        value = int(number) if number else text.replace("''", "'")
        told[_NAMES[name]] = Path(str(value)) if _NAMES[name] in _PATHS else value
    return AgentSettings(folder=folder, **told)  # type: ignore[arg-type]  # each is of the type that stui writes
