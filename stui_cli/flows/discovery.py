"""Agents that run on this machine: found by their runtime files, registered by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.flows.registration import add_image
from stui_cli.image.runtime_files import running_agents, runtime_directory, sweep_stale
from stui_cli.model.images import Image
from stui_cli.model.state import image_of_id

if TYPE_CHECKING:
    from stui_cli.flows.workbench import Workbench
    from stui_cli.image.runtime_files import RuntimeFile


def found_agents(bench: Workbench) -> list[tuple[RuntimeFile, str | None]]:
    """Each running agent with the name its image is registered by. Stale runtime files are swept on the way."""
    directory = runtime_directory(bench.environ)
    sweep_stale(directory)
    state = bench.store.read()
    found = []
    for agent in running_agents(directory):
        image = image_of_id(state, agent.image_id)
        found.append((agent, image.name if image else None))
    return found


def register_agent(bench: Workbench, agent: RuntimeFile) -> Image:
    """Register a found agent under its own name, or name-2, name-3 where that is taken."""
    taken = bench.store.read().images
    name, number = agent.name, 1
    while name in taken:
        number += 1
        name = f"{agent.name}-{number}"
    image = Image(name, agent.address, bench.clock(), key_file=agent.key_file, key_id=agent.key_id)
    return add_image(bench, image, offline=False)
