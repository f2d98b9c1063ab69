"""What is kept: whether it can be read, and every file of it that is damaged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.model.errors import StuiError
from stui_cli.store.damage import DamageKind
from stui_cli.store.envelope import SCHEMA
from stui_cli.store.problems import PartMissing
from stui_cli.work.checkup.observation import passed, problem, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stui_cli.model.store_facts import Facts
    from stui_cli.store.damage import Damage
    from stui_cli.work.checkup.around import Around
    from stui_cli.work.checkup.observation import Observation

_REPAIR = "stui doctor --repair"


def look_at_store(around: Around) -> Iterator[Observation]:
    """Whether the store can be read, and every file of it that is damaged, with what repair would do about it."""
    try:
        state = around.bench.store.read()
        damage = around.bench.store.damage()
        facts = around.bench.store.facts() if around.bench.store.home.team is not None else None
    except PartMissing as missing:
        yield problem("store", "readable", around.places.without_values(missing.what), missing.todo)
        return
    except StuiError as error:
        hide = around.places.without_values
        told, todo = hide(f"{error.what}: {error.todo}"), _REPAIR
        if around.bench.store.home.team is not None:  # nobody repairs a server from here
            told, todo = hide(error.what), hide(error.todo)
        yield problem("store", "readable", told, todo, "a store that can be read")
        return
    schema = f"schema {SCHEMA}, " if facts is None else ""
    told = f"{len(state.images)} images registered; {schema}operation {state.head}"
    yield passed("store", "readable", told)
    for found in damage:
        yield _damaged(around, found)
    if facts is not None:
        yield _server(facts)


def _server(facts: Facts) -> Observation:
    """Whether the database of a team takes changes, and its tables are those that this stui makes."""
    told = f"PostgreSQL {facts.server}, {facts.mode}; tables of version {facts.schema}; this user is {facts.role} there"
    if facts.mode != "read-write":
        return warning("store", "server", told, "stui store show", "a server that takes changes")
    if facts.is_older:
        return warning("store", "server", told, "stui store init", f"tables of version {facts.known}")
    return passed("store", "server", told)


def _damaged(around: Around, found: Damage) -> Observation:
    told = around.places.without_values(f"{found.where}: {found.reason}")
    remedy = found.remedy
    if found.session is not None and not around.names:
        remedy = remedy.replace(f" of {found.session} ", " of a session ")
    if around.bench.store.home.team is not None:  # what a database lost, stui does not make up
        return problem("store", str(found.kind), told, "stui store show", remedy)
    return problem("store", str(found.kind), told, _todo(found), f"{_REPAIR}: {remedy}")


def _todo(found: Damage) -> str:
    match found.kind:
        case DamageKind.EDITED:
            return "stui log"
        case DamageKind.NEWER:
            return "stui --version"
        case DamageKind.AUDIT if found.remedy.startswith("none"):
            return "stui audit --verify"
        case _:
            return _REPAIR
