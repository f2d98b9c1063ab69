"""The runtime file, by which a running agent is found without any configuration. That it is there means: it answers."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from stui_cli.local.proc import start_of
from stui_cli.local.runtime_files import private_directory, private_file
from stui_cli.playground.agent.values import VERSION

if TYPE_CHECKING:
    from pathlib import Path

    from stui_cli.playground.agent.server import Agent


def write_runtime_file(agent: Agent, directory: Path) -> Path:
    """Write it whole, for this user alone; return where it is."""
    private_directory(directory)
    path = directory / f"{agent.settings.name.replace('/', '_')}-{os.getpid()}.toml"
    partial = path.with_suffix(".new")
    with private_file(partial, "wb") as file:
        # The name of the key file may have other bytes than UTF-8: folders may.
        file.write("".join(f"{name} = {_toml(value)}\n" for name, value in _facts(agent).items()).encode(
            "utf-8", "surrogateescape"
        ))  # fmt: skip
    partial.replace(path)
    return path


def _facts(agent: Agent) -> dict[str, str | int]:
    start = start_of(os.getpid())
    facts: dict[str, str | int] = {
        "schema": 1,
        "name": agent.settings.name,
        "address": agent.address,
        "image_id": agent.image_id,
        "incarnation": agent.incarnation,
        "pid": os.getpid(),
    }
    if start is not None and start.isdecimal():
        facts["process_start"] = int(start)
    facts |= {
        "started_at": agent.started_at,
        "dialect": agent.dialect,
        "image_version": VERSION,
        "auth": "hmac-sha256" if agent.uses_keys else "none",
    }
    if agent.settings.key_file is not None:
        facts |= {"key_id": next(iter(agent.current_keys()), ""), "key_file": str(agent.settings.key_file)}
    return facts


def _toml(value: str | int) -> str:
    if isinstance(value, int):
        return str(value)
    text = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(f"\\u{ord(c):04x}" if c < " " or c == "\x7f" else c for c in text) + '"'
