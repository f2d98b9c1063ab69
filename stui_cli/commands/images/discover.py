"""`stui images discover`: agents that run on this machine, found by their runtime files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.contract.agent import AGENT, LISTED
from stui_cli.invocation import Invocation, Purpose, command
from stui_cli.model.errors import StoreProblem, StuiError
from stui_cli.model.exits import Exit
from stui_cli.model.results import Result
from stui_cli.option_types import option

if TYPE_CHECKING:
    from stui_cli.local.runtime_files import RuntimeFile
    from stui_cli.work.workbench import Workbench


def discover(bench: Workbench, *, add: bool) -> Result:
    """Every running agent of this user; with `add` those that are not registered yet are. One that cannot be is told
    with its reason, and the others go on."""
    from stui_cli.work.images.discover import agent_items, found_agents, register_agent

    found: list[tuple[RuntimeFile, str | None]] = []
    notes: list[str] = []
    failures: list[StuiError] = []
    for agent, registered in found_agents(bench):
        if registered is None and add:
            try:
                registered = register_agent(bench.allowing(), agent)
                notes.append(f"added {registered}")
            except StoreProblem as error:
                if not notes:
                    raise
                failures.append(error)
                add = False  # it would be the same for the others
            except StuiError as error:
                error.image = error.image or agent.name
                failures.append(error)
        found.append((agent, registered))
    items = agent_items(bench, found)
    if not failures and any(item["registered"] is None for item in items):
        notes.append("register the others with: stui images discover --add")
    empty = "no agent of yours runs on this machine: stui images launch NAME starts one"
    code = Exit.PARTLY_DONE if failures else Exit.DONE
    return Result(AGENT, items, LISTED, notes=notes, errors=failures, exit_code=code, empty=empty)


@command("agent", name="discover", lists=True)
@option("--add", is_flag=True, help="Register what is found and not registered yet, by the agent's name.")
def cli(invocation: Invocation, add: bool) -> int:
    """Find the agents of this user that run on this machine. Exits with 8 if one could not be registered."""
    if add:
        invocation.purpose = Purpose.ACT
    return invocation.show(discover(invocation.bench, add=add))
