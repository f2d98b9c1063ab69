"""What PostgreSQL refuses becomes ours here: what happened, and what to do next. Why there is no connection at all is
told by refusals.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.model.errors import StoreProblem, UsageProblem
from stui_cli.store.postgresql.libpq import Silent
from stui_cli.store.problems import Away, Forbidden, Obstructed, Overtaken

if TYPE_CHECKING:
    from stui_cli.model.errors import StuiError
    from stui_cli.store.postgresql.libpq import ServerError
    from stui_cli.store.team_address import TeamAddress

# SQLSTATE, see appendix A of PostgreSQL's manual.
_OVERTAKEN = frozenset({"40001", "40P01", "23505"})
_GONE = frozenset({"57P01", "57P02", "57P03", "57P05", "25P03", "25P04"})
_READ_ONLY = frozenset({"25006", "0A000"})  # a replica has no serializable transactions at all
_LACKING = frozenset({"42P01", "3F000", "42703"})


def is_gone(error: ServerError) -> bool:
    """Whether an error means that the connection is lost, and not that a statement was refused."""
    return error.is_lost or (error.sqlstate is not None and (error.sqlstate in _GONE or error.sqlstate[:2] == "08"))


def is_read_only(error: ServerError) -> bool:
    """Whether an error may mean that the server takes no change of anybody, or none of this user."""
    return error.sqlstate in _READ_ONLY


def is_lacking(error: ServerError) -> bool:
    """Whether an error means that a table, or a column of one, is not there."""
    return error.sqlstate in _LACKING


def lost(error: ServerError, address: TeamAddress, since: StuiError | None = None) -> Away:
    """The connection went while it was used; `since` is why it could not be made again, where that was tried."""
    said, then, todo = words_of(error), "", "see whether the server runs, then repeat the command"
    if isinstance(error, Silent):
        todo = "see whether the server hangs, or who keeps its tables locked: pg_stat_activity"
    if since is not None:
        then = f"; it could not be made again: {since.said if isinstance(since, Obstructed) else since.what}"
        todo = since.todo
    return Away(f"the connection to {address.shown} was lost: {said}{then}", todo, address.shown, said)


def unreadable(address: TeamAddress, error: ServerError | None) -> UsageProblem:
    """An address that libpq cannot read; its words are left out where they may hold a part of a password."""
    said = "" if error is None else f": {words_of(error)}"
    return UsageProblem(
        f"{address.shown} is no address of a database{said}",
        todo="such as postgresql://db.example/team; what has / ? @ or : in it is percent-encoded, and a password is "
        "better kept in ~/.pgpass",
    )


def too_old(version: int, address: TeamAddress) -> StoreProblem:
    """A server that does not know what is asked of it; `version` is as libpq counts."""
    return StoreProblem(
        f"{address.shown} is a PostgreSQL {version // 10_000}, which is too old for the store of a team",
        todo="use one of version 13 or newer",
    )


def problem_of(error: ServerError, address: TeamAddress) -> StoreProblem:
    """A statement that was refused, as something a user can act on."""
    state, said, where = error.sqlstate or "", words_of(error), address.shown
    if state in _OVERTAKEN:
        return Overtaken(f"others changed {where} meanwhile: {said}", todo="repeat the command")
    if state == "42501":
        todo = "ask who looks after the database for the role that may: reader, member or admin"
        return Forbidden(f"{where} does not permit this to you: {said}", todo, where, said)
    if state in ("XX001", "XX002"):
        from stui_cli.store.postgresql.reasons import damaged

        return damaged(where, said)
    if state == "57014":
        todo = "repeat the command; where it comes again let the server give it longer: statement_timeout"
        return Obstructed(f"{where} gave it up, and nothing was changed: {said}", todo, where, said)
    if state == "55P03":
        todo = "repeat the command when they are done"
        return Obstructed(f"others use the tables of {where} for too long: {said}", todo, where, said)
    if state in ("42601", "42939"):  # only a word of SQL, or a name like pg_x, can make our statements so
        return Obstructed(f"{where} refused: {said}", "take another name for the schema of the store", where, said)
    if state in ("53100", "53200"):
        todo = "tell who looks after the server; when there is room repeat the command"
        return Obstructed(f"{where} has no room left, and nothing was changed: {said}", todo, where, said)
    return Obstructed(f"{where} refused: {said}", "see what the server's log says of it", where, said)


def words_of(error: ServerError) -> str:
    """The words of an error, without what libpq adds below them, and without a password that they repeat."""
    from stui_cli.store.team_address import without_password

    lines = [line.strip() for line in error.said.splitlines() if line.strip()]
    return without_password("; ".join(lines[:2])) or type(error).__name__
