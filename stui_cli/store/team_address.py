"""The address of a team's store: postgresql://[user@]host[:port]/database?schema=stui, and whatever else libpq knows.

All but `schema` is libpq's own: service files, .pgpass, certificates, sockets. A password in it is used, and never
shown.
"""

from __future__ import annotations

import re

from stui_cli.model.errors import UsageProblem

_SCHEMES = ("postgresql://", "postgres://")
DEFAULT_SCHEMA = "stui"
_EXAMPLE = "such as postgresql://db.example/team?schema=stui"

# Written into SQL as it is, so it is a plain word.
_PLAIN = re.compile(r"[a-z_][a-z0-9_]{0,50}")

# A password is what stands between the user and the last @: one that is not percent-encoded may hold whatever else has
# a meaning there. Rather too much is left out than a part of it shown.
_BEFORE_HOST = re.compile(r"(postgres(?:ql)?://[^:@/?\s]*):\S*@", re.IGNORECASE)
# A parameter may have a percent-encoded name.
_PARAMETER = re.compile(r"((?:\b(?:ssl)?password)|[?&][^&=\s]*%[^&=\s]*)=[^&\s]*", re.IGNORECASE)


def is_team(text: str) -> bool:
    """Whether a text names a team's store, and no folder."""
    return text.startswith(_SCHEMES)


def without_password(text: str) -> str:
    """`text` with every password of an address in it left out, for whatever a person or a log gets to see."""
    return _PARAMETER.sub(r"\1=***", _BEFORE_HOST.sub(r"\1:***@", text))


def has_password(text: str) -> bool:
    return without_password(text) != text


class TeamAddress:
    """A team's store: `conninfo` is for libpq, `schema` where its tables are, `shown` what people may see. Raises
    UsageProblem."""

    __slots__ = ("conninfo", "schema", "shown")

    def __init__(self, text: str) -> None:
        if re.search(r"\s", text):  # some libpq take it, and in a log it parts a password in two
            raise UsageProblem(
                "the address of a team's store has a space in it", todo=f"write it as %20, and a tab as %09; {_EXAMPLE}"
            )
        base, mark, query = text.partition("?")
        parameters = [part for part in query.split("&") if part]
        schemas = [part.removeprefix("schema=") for part in parameters if part.startswith("schema=")]
        self.shown = without_password(text)
        self.schema = schemas[-1] if schemas else DEFAULT_SCHEMA
        if not _PLAIN.fullmatch(self.schema):
            raise UsageProblem(
                f"{self.shown}: a schema is called by small letters, digits and _, and not {self.schema!r}",
                todo=_EXAMPLE,
            )
        others = "&".join(part for part in parameters if not part.startswith("schema="))
        self.conninfo = base + (mark + others if others else "")

    @property
    def mark(self) -> str:
        """Tells this store from others. It is the same for every user and password there."""
        from stui_cli.model.digest import sha256_hex

        place = _place(without_password(self.conninfo))
        return sha256_hex(f"{place} {self.schema}".encode("utf-8", "surrogatepass"))[:16]

    @property
    def channel(self) -> str:
        """Where everybody is told of changes, by NOTIFY."""
        return f"stui_{self.schema}"

    @property
    def folder(self) -> str:
        """A name for the folder of what a person keeps beside this store. The shells make it of the address, too, and
        so it tells not quite all stores apart: what lies there has the mark of its own."""
        return re.sub(r"[^A-Za-z0-9]", "_", _place(self.shown))[:100]


def _place(shown: str) -> str:
    """An address without its scheme and user."""
    return shown.partition("://")[2].rpartition("@")[2]
