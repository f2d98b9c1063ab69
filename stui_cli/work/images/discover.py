"""Agents that run on this machine: found by their runtime files, registered by name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from stui_cli.contract.agent import agent_item
from stui_cli.image.contact import OtherImage
from stui_cli.local.runtime_files import running_agents, runtime_directory
from stui_cli.model.addresses import format_address, parse_address
from stui_cli.model.errors import Refused
from stui_cli.model.images import Image
from stui_cli.model.names import checked_name
from stui_cli.model.operations import ImageDetails, Kind
from stui_cli.model.state import image_of_id
from stui_cli.work.images.register import identified

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from stui_cli.local.runtime_files import RuntimeFile
    from stui_cli.store.transaction import Draft
    from stui_cli.work.workbench import Workbench


def found_agents(bench: Workbench) -> list[tuple[RuntimeFile, str | None]]:
    """Each running agent with the name its image is registered by. Nothing is changed."""
    state = bench.store.read()
    found = []
    for agent in running_agents(runtime_directory(bench.environ)):
        image = image_of_id(state, agent.image_id)
        found.append((agent, image.name if image else None))
    return found


def register_agent(bench: Workbench, agent: RuntimeFile) -> str:
    """Register a found agent under its own name, or name-2, name-3 where that is taken when it comes into the registry;
    answers the name, also if another command was quicker. Raises the contact's failures."""
    image = Image(
        checked_name(agent.name, "an image"),
        format_address(parse_address(agent.address)),
        bench.clock(),
        image_id=agent.image_id,
        key_file=agent.key_file,
        key_id=agent.key_id,
        launch_directory=_launched_in(bench, agent),
    )
    try:
        image = identified(bench, image)
    except OtherImage as error:
        from shlex import quote

        raise Refused(
            f"at {agent.address} answers another image than {agent.path} tells of",
            todo=f"look which is right, then: stui images add NAME {quote(agent.address)}",
        ).about(agent.name) from error
    name = image.name

    def change(draft: Draft) -> ImageDetails:
        nonlocal name
        if (other := image_of_id(draft.state, agent.image_id)) is not None:
            name = other.name  # nothing is changed then, so there is no operation
        else:
            name = _free_name(agent.name, draft.images)
            draft.images[name] = image._replace(name=name)
        return ImageDetails(Kind.IMAGE_ADD, name, {"address": image.address})

    bench.store.commit(change)
    return name


def agent_items(bench: Workbench, found: Sequence[tuple[RuntimeFile, str | None]]) -> list[dict[str, object]]:
    """Each agent as the image that it is, as far as that is registered."""
    state, now = bench.store.read(), bench.clock()
    records = bench.store.probes(state)
    items: list[dict[str, object]] = []
    for agent, registered in found:
        known = state.images.get(registered or "", Image("", "", now, image_id=agent.image_id))
        image = known._replace(name=agent.name, address=agent.address, dialect=agent.dialect)
        items.append(
            agent_item(
                image,
                records.get(registered or ""),
                now,
                incarnation=agent.incarnation,
                pid=agent.pid,
                registered=registered,
            )
        )
    return items


def _launched_in(bench: Workbench, agent: RuntimeFile) -> str | None:
    """The folder in which this stui launched the agent's image, if it did: then it can stop it, too."""
    key_file = Path(agent.key_file or "")
    ours = key_file.is_absolute() and key_file.parent.parent == Path(bench.store.home.launched("-")).parent
    return str(key_file.parent) if ours and key_file.parent.is_dir() else None


def _free_name(wanted: str, taken: Container[str]) -> str:
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}-{number}"
    return name
