"""`stui images agent`: where the agent of a dialect is, and how an image of yours loads it."""

from __future__ import annotations

import click

from stui_cli.invocation import Invocation, command
from stui_cli.model.results import Result


@command("agent", name="agent")
@click.argument("dialect", default="gst")
def cli(invocation: Invocation, dialect: str) -> int:
    """Print the files that make an image of DIALECT answer stui, in the order in which it loads them."""
    from stui_cli.local.dialects import agent_files

    core, adapter = agent_files(dialect)
    items = [{"name": str(core), "part": "core"}, {"name": str(adapter), "part": "adapter"}]
    notes = [
        "load both, then evaluate: StuiAgent startWith: #(#name 'mine' #auth 'hmac-sha256' #keyFile '/path/to/keys')",
        "then register it: stui images discover --add",
    ]
    return invocation.show(Result("agent", items, text=f"{core}\n{adapter}", notes=notes))
