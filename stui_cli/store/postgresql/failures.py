"""The one place where what PostgreSQL and libpq refuse becomes ours: what happened, and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.model.errors import StoreProblem, UsageProblem
from stui_cli.store.problems import Away, Forbidden, Obstructed, Overtaken

if TYPE_CHECKING:
    from stui_cli.store.postgresql.libpq import ServerError
    from stui_cli.store.team_address import TeamAddress

# SQLSTATE, see appendix A of PostgreSQL's manual.
_OVERTAKEN = frozenset({"40001", "40P01", "23505"})
_GONE = frozenset({"57P01", "57P02", "57P03", "57P05", "25P03"})
_LACKING = frozenset({"42P01", "3F000", "42703"})

# libpq passes no SQLSTATE of a refused connection, only words. Whose are not known here count as unreachable.
_NOT_LET_IN = (
    "authentication failed",
    "no password supplied",
    "no pg_hba.conf entry",
    "is not permitted to log in",
    "permission denied",
    "certificate",
)
_FULL = ("too many clients", "too many connections", "remaining connection slots")


def is_gone(error: ServerError) -> bool:
    """Whether an error means that the connection is lost, and not that a statement was refused."""
    return error.is_lost or (error.sqlstate is not None and (error.sqlstate in _GONE or error.sqlstate[:2] == "08"))


def is_lacking(error: ServerError) -> bool:
    """Whether an error means that a table, or a column of one, is not there."""
    return error.sqlstate in _LACKING


def not_connected(error: ServerError, address: TeamAddress) -> Obstructed:
    """Why there is no connection. libpq says it in words alone."""
    said = words_of(error)
    if any(words in said for words in _FULL):
        todo = "wait until others are done, or let the server have more: max_connections"
        return Away(f"{address.shown} takes no more connections: {said}", todo, address.shown, said)
    if "does not exist" in said:
        return Obstructed(f"{address.shown}: {said}", "check the address, or create it first", address.shown, said)
    if any(words in said for words in _NOT_LET_IN):
        todo = "check user and password (~/.pgpass, PGPASSFILE, PGSERVICE), and what the server's pg_hba.conf says"
        return Forbidden(f"{address.shown} does not let this user in: {said}", todo, address.shown, said)
    todo = "see whether the server runs and can be reached, then repeat the command"
    return Away(f"{address.shown} cannot be reached: {said}", todo, address.shown, said)


def lost(error: ServerError, address: TeamAddress) -> Away:
    """The connection went while it was used."""
    said = words_of(error)
    todo = "see whether the server runs, then repeat the command"
    return Away(f"the connection to {address.shown} was lost: {said}", todo, address.shown, said)


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
    if state == "25006":
        todo = "use the address of the server that takes changes: target_session_attrs=read-write finds it"
        return Obstructed(f"{where} is a replica that can only be read: {said}", todo, where, said)
    if state == "55P03":
        todo = "repeat the command when they are done"
        return Obstructed(f"others use the tables of {where} for too long: {said}", todo, where, said)
    if state in ("53100", "53200"):
        return Obstructed(f"{where} has no room left: {said}", "tell who looks after the server", where, said)
    return Obstructed(f"{where} refused: {said}", "see what the server's log says of it", where, said)


def words_of(error: ServerError) -> str:
    """The words of an error, without what libpq adds below them, and without a password that they repeat."""
    from stui_cli.store.team_address import without_password

    lines = [line.strip() for line in error.said.splitlines() if line.strip()]
    return without_password("; ".join(lines[:2])) or type(error).__name__
