"""`stui images discover`: agents that run on this machine, found by their runtime files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stui_cli.invocation import Invocation, Purpose, command
from stui_cli.model.results import Column, Result

if TYPE_CHECKING:
    from stui_cli.manager import SessionManager

_COLUMNS = (
    Column("name", "AGENT"),
    Column("address", "ADDRESS"),
    Column("dialect", "DIALECT"),
    Column("registered", "REGISTERED AS"),
    Column("pid", "PID"),
)


def discover(manager: SessionManager, *, add: bool) -> Result:
    """Every running agent of this user; with `add` those that are not registered yet are."""
    from stui_cli.flows.discovery import found_agents, register_agent

    items, notes = [], []
    for agent, registered in found_agents(manager.bench):
        if registered is None and add:
            registered = register_agent(manager.bench, agent).name
            notes.append(f"added {registered}")
        items.append(
            {
                "name": agent.name,
                "address": agent.address,
                "image_id": agent.image_id,
                "incarnation": agent.incarnation,
                "dialect": agent.dialect,
                "pid": agent.pid,
                "registered": registered,
            }
        )
    if any(item["registered"] is None for item in items):
        notes.append("register the others with: stui images discover --add")
    empty = "no agent of yours runs on this machine: stui images launch NAME starts one"
    return Result("agent", items, _COLUMNS, notes=notes, empty=empty)


@command("agent", name="discover")
@click.option("--add", is_flag=True, help="Register what is found and not registered yet, by the agent's name.")
def cli(invocation: Invocation, add: bool) -> int:
    """Find the agents of this user that run on this machine. Runtime files of dead ones are removed."""
    if add:
        invocation.purpose = Purpose.ACT
    return invocation.show(discover(invocation.manager, add=add))
