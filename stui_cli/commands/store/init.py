"""`stui store init`: make the tables of a team's store, and tell who may do what with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.contract.store import STORE_SQL, sql_item
from stui_cli.invocation import Invocation, Purpose, command
from stui_cli.model.results import Result
from stui_cli.option_types import option

if TYPE_CHECKING:
    from stui_cli.model.store_facts import SetUp


@command("store_sql", purpose=Purpose.ACT, name="init")
@option("--print", "only_print", is_flag=True, help="Print the SQL that is still needed, and touch nothing.")
def cli(invocation: Invocation, only_print: bool) -> int:
    """Make the tables of a team's store, or bring older ones up to this stui, and print the SQL that lets readers,
    members and admins do what they may: whoever looks after the database runs it. Run again it changes nothing.

    Older tables are changed in one transaction: all of it or nothing. From then on an older stui is refused there. A
    store in a folder needs none of it: its first change makes it.
    """
    store = invocation.open_store()
    done = None if only_print else store.set_up()
    tables, grants = store.set_up_sql()
    sql = tables + grants
    notes = [_told(done, tables)] if sql else [f"{store.where} is a folder: its first change makes it"]
    # No SQL is no line at all, as with a source that is not there.
    item = sql_item(store.where, done, sql)
    return invocation.show(Result(STORE_SQL, [item], text=sql.rstrip(), is_source=not sql, notes=notes))


def _told(done: SetUp | None, tables: str) -> str:
    grants = "who may use them is for the SQL on stdout"
    if done is None:
        return "nothing was touched" if tables else f"the tables are the newest that are known; {grants}"
    if done.before is None:
        return f"the tables are made; {grants}"
    if done.before != done.after:
        return f"the tables are brought up from version {done.before} to {done.after}; {grants}"
    return f"the tables are there; {grants}"
