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

    files = agent_files(dialect)
    items = [{"name": str(path), "part": "core" if path.parent.name == "core" else "adapter"} for path in files]
    notes = [
        "load all, then evaluate: StuiAgent startWith: #(#name 'mine' #auth 'hmac-sha256' #keyFile '/path/to/keys')",
        "then register it: stui images discover --add",
    ]
    return invocation.show(Result("agent", items, text="\n".join(map(str, files)), notes=notes))
