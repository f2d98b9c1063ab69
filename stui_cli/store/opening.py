"""Which place keeps the store of a home: the one module that knows all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.store.problems import PartMissing

if TYPE_CHECKING:
    from collections.abc import Callable

    from stui_cli.model.operations import Actor
    from stui_cli.model.store_facts import Copied
    from stui_cli.store.backend import Backend
    from stui_cli.store.files.disk import Disk
    from stui_cli.store.files.location import Home


def backend_of(home: Home, announce: Callable[[str], None], disk: Disk | None = None) -> Backend:
    """What keeps the store of `home`; `disk` writes files. Nothing is touched yet, nor connected to. Raises
    UsageProblem, StoreProblem."""
    if home.team is None:
        from stui_cli.store.files.backend import FileBackend

        return FileBackend(home, announce, disk)
    from stui_cli.store.files.disk import Disk
    from stui_cli.store.files.team_files import TeamFiles
    from stui_cli.store.team_address import TeamAddress

    address = TeamAddress(home.team)
    personal = TeamFiles(home, announce, disk or Disk(), address.mark, address.shown)
    try:
        from stui_cli.store.postgresql.backend import PostgresBackend
    except ImportError as error:
        raise PartMissing(
            f"{address.shown} is a store of a team, for which a part of stui is missing: {error}",
            todo="install it beside stui, with the pip of the same Python: pip install 'psycopg[binary]'",
        ) from error
    return PostgresBackend(address, personal, announce)


def copy_store(home: Home, to: Home, actor: Actor, announce: Callable[[str], None]) -> Copied:
    """Copy the store of one home to another, where none may be yet. Raises Refused, StoreProblem."""
    from stui_cli.store.files.problems import as_store_problems

    with as_store_problems(home.folder):
        return _copied(home, to, actor, announce)


def _copied(home: Home, to: Home, actor: Actor, announce: Callable[[str], None]) -> Copied:
    from stui_cli.store.copying import copy
    from stui_cli.store.files.disk import Disk

    if to.team is None:
        from stui_cli.store.files.receiving import FileReceiver

        return copy(backend_of(home, announce), FileReceiver(to, actor, announce, Disk()))
    target = backend_of(to, announce)
    from stui_cli.store.postgresql.backend import PostgresBackend
    from stui_cli.store.postgresql.receiving import PostgresReceiver

    assert isinstance(target, PostgresBackend)
    return copy(backend_of(home, announce), PostgresReceiver(target, actor, announce))
