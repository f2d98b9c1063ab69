"""Why there is no connection to the database of a team. libpq passes words alone: its own are English, those of the
server in whatever language it is set up to speak, but with an SQLSTATE, as in

    connection to server at "db.example", port 5432 failed: FATAL:  53300: sorry, too many clients already

The first row whose words are in what was said, or whose state is the server's, is the reason.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from stui_cli.model.errors import UsageProblem
from stui_cli.store.problems import Away, Forbidden, Obstructed

if TYPE_CHECKING:
    from stui_cli.model.errors import StuiError
    from stui_cli.store.team_address import TeamAddress


class _Reason(NamedTuple):
    words: tuple[str, ...]
    problem: type[Obstructed]
    what: str
    todo: str
    state: str = "-"  # or how it begins


_PG_HBA = "let pg_hba.conf of the server have a line for this user, database and host"

_REASONS = (
    _Reason(
        ("too many clients", "too many connections", "remaining connection slots"),
        Away,
        "takes no more connections",
        "wait until others are done, or let the server (max_connections), the role or the database have more",
        "53300",
    ),
    _Reason(
        ("FATAL:  the database system is ",),
        Away,
        "takes no connections now",
        "it may just be starting: wait a moment, then repeat the command",
        "57P03",
    ),
    _Reason(
        ("session is read-only", "is in hot standby mode", "not in hot standby mode", "session is not read-only"),
        Away,
        "has no server of the kind that target_session_attrs asks for",
        "after a failover promote one; or let the address name the host that takes changes, too",
    ),
    _Reason(
        ("translate host name", "resolve host", "Name or service not known"),
        Away,
        "cannot be reached",
        "check the host in the address, and how this machine finds names",
    ),
    _Reason(
        ("certificate verify failed", "does not match host name", "root certificate", "self-signed certificate"),
        Forbidden,
        "is not trusted",
        "name the certificate of who signed the server's: sslrootcert=FILE, and the host as the certificate has it",
    ),
    _Reason(
        ("private key file", "certificate file", "client certificate"),
        Forbidden,
        "does not let this user in",
        "name your certificate and its key, which nobody else may read: sslcert=FILE, sslkey=FILE",
    ),
    _Reason(
        ("does not support SSL",),
        Away,
        "has no TLS, which the address asks for",
        "let the server have it (ssl = on); where the network is to be trusted sslmode=prefer does without",
    ),
    _Reason(
        ("no encryption",),
        Forbidden,
        "does not let this user in without TLS",
        f"add sslmode=verify-full (or require) to the address; or {_PG_HBA}",
    ),
    _Reason(
        ("no pg_hba.conf entry", "pg_hba.conf rejects"),
        Forbidden,
        "does not let this user in",
        _PG_HBA,
    ),
    _Reason(
        ("FATAL:  role ",),
        Forbidden,
        "does not let this user in",
        "check the user in the address (PGUSER, PGSERVICE), or let the database know it: create role ... login",
    ),
    _Reason(
        ("authentication failed", "no password supplied", "fe_sendauth"),
        Forbidden,
        "does not let this user in",
        "check user and password (~/.pgpass, PGPASSFILE, PGSERVICE), and what the server's pg_hba.conf says",
        "28P01",
    ),
    _Reason(
        ("permission denied for database",),
        Forbidden,
        "does not let this user in",
        "ask who looks after the database: grant connect on database ... to ...",
        "42501",
    ),
    _Reason(
        ("FATAL:  database ",),
        Obstructed,
        "is not a database that takes connections",
        "check the address, or create it first: createdb NAME",
        "3D000",
    ),
    _Reason(
        (),
        Obstructed,
        "is not a database that takes connections",
        "check the address, or create it first: createdb NAME",
        "55000",
    ),
    _Reason(
        (),
        Forbidden,
        "does not let this user in",
        f"check the user in the address (PGUSER, PGSERVICE), whom the database must know; or {_PG_HBA}",
        "28000",
    ),
    _Reason(
        ("timeout expired", "connection timeout"),
        Away,
        "does not answer",
        "see whether the server runs and no firewall is between; connect_timeout=SECONDS in the address waits longer",
    ),
    _Reason(
        ("FATAL: ",),
        Away,
        "does not take the connection",
        "see what the server's log says of it",
        "",
    ),
    _Reason(
        ("",),
        Away,
        "cannot be reached",
        "see whether the server runs and can be reached, then repeat the command",
    ),
)

# What stands before the words of the server, see pqBuildErrorMessage3 of libpq.
_STATE = re.compile(r"(?<=:  )([0-9A-Z]{5}): ")

# One attempt as libpq tells it; a name has several addresses, and an address several hosts.
_ATTEMPT = re.compile(r"connection to server (?:at|on socket) .*? failed: (?:.*?)(?=\n|$)")


def refusal(error: Exception, address: TeamAddress) -> StuiError:
    """Why no connection was made."""
    from stui_cli.store.team_address import without_password

    text, states = _STATE.sub("", str(error)), _STATE.findall(str(error))
    said = without_password(_said(text))
    if "definition of service" in text or "service file" in text:
        return UsageProblem(
            f"{address.shown} names a service that libpq does not know: {said}",
            todo="see ~/.pg_service.conf, or the file that PGSERVICEFILE names",
        )
    reason = next(each for each in _REASONS if _is_it(each, text, states))
    return reason.problem(f"{address.shown} {reason.what}: {said}", reason.todo, address.shown, said)


def _is_it(reason: _Reason, text: str, states: list[str]) -> bool:
    return any(words in text for words in reason.words) or any(each.startswith(reason.state) for each in states)


def _said(text: str) -> str:
    """Every attempt once, without what libpq asks back; where there is none the first line."""
    attempts = dict.fromkeys(" ".join(each.split()) for each in _ATTEMPT.findall(text))
    if attempts:
        return "; ".join(attempts)
    first = text.strip().partition("\n")[0]
    return first.removeprefix("connection failed: ").removeprefix("connection is bad: ")
