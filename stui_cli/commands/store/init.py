"""`stui store init`: make the tables of a team's store, and tell who may do what with them."""

from __future__ import annotations

import click

from stui_cli.contract.store import STORE_SQL
from stui_cli.invocation import Invocation, Purpose, command
from stui_cli.model.results import Result


@command("store_sql", purpose=Purpose.ACT, name="init")
@click.option("--print", "only_print", is_flag=True, help="Print all of the SQL, and touch nothing.")
def cli(invocation: Invocation, only_print: bool) -> int:
    """Make the tables of a team's store, or bring older ones up to this stui, and print the SQL that lets readers,
    members and admins do what they may: whoever looks after the database runs it. Run again it changes nothing.

    A store in a folder needs none of it: its first change makes it.
    """
    store = invocation.open_store()
    tables, grants = store.set_up_sql()
    if only_print:
        sql, created, notes = tables + grants, False, []
    else:
        sql, created = grants, store.set_up()
        notes = [f"the tables are {'made' if created else 'there'}; who may use them is for the SQL on stdout"]
    if not tables:
        notes = [f"{store.where} is a folder: its first change makes it"]
    item = {"place": store.where, "created": created, "sql": sql}
    # No SQL is no line at all, as with a source that is not there.
    return invocation.show(Result(STORE_SQL, [item], text=sql.rstrip(), is_source=not sql, notes=notes))
