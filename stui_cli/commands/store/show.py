"""`stui store show`: which store this is, and how it is."""

from __future__ import annotations

from stui_cli.contract.store import STORE, store_item
from stui_cli.invocation import Invocation, command
from stui_cli.model.results import Result


@command("store", name="show")
def cli(invocation: Invocation) -> int:
    """Tell which store this is: a folder or a team's database, how large it is, how quick its server answers, and what
    you may do there. See stui-teams(7).
    """
    store = invocation.open_store()
    facts = store.facts()
    older = f"its tables are of version {facts.schema}; stui store init brings them up to {facts.known}"
    item, notes = store_item(facts, store.home.folder), [older] if facts.is_older else []
    return invocation.show(Result(STORE, [item], vertical=True, notes=notes))
