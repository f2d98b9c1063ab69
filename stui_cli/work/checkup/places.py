"""Paths and foreign words for a report that strangers read: neither who works here nor on which machine.

A path is told from what its user knows it by: `~/x`, `$XDG_RUNTIME_DIR/x`. Such a path may be pasted into a shell of
the same user. In others, and in what was not written here, the names of user and machine become `…`.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from stui_cli.model.errors import StuiError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_HIDDEN = "…"

# By which a path is told where it is not below HOME.
_VARIABLES = (
    "STUI_HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "ZDOTDIR",
    "VIRTUAL_ENV", "TMPDIR",
)  # fmt: skip

# A word so short may stand anywhere by chance: it is hidden only where it is the whole of something.
_SHORT = 3

# What repr makes of a text, whole or cut short.
_QUOTED = re.compile(r"""'(?:[^'\\]|\\.)*?(?:'|…|$)|"(?:[^"\\]|\\.)*?(?:"|…|$)""")

# The address of a team's store, and where its server was found: whatever is no loopback.
_TEAM = re.compile(r"(postgres(?:ql)?://)[^\s,;'\"]+")
_ELSEWHERE = re.compile(
    r"(?<![\w.])(?!127\.)(?:\d{1,3}\.){3}\d{1,3}(?![\w.])|(?<=\()[0-9a-f]*:[0-9a-f]*:[0-9a-f:.]+(?=\))"
)


class Places:
    """How paths are told, to who runs stui with `environ`, and with the store of a team at `team`."""

    def __init__(self, environ: Mapping[str, str], team: str | None = None) -> None:
        home = environ.get("HOME") or environ.get("USERPROFILE") or ""
        named = [(home, "~"), *((environ.get(name) or "", f"${name}") for name in _VARIABLES)]
        named += [(_home_of_account(), "~")] if not home else []
        self._prefixes = list(_usable(named))
        self._team = _folder_of(team)
        self._secrets = sorted(
            {word for word in (*_users(environ), *_machines(), *_parts_of(team)) if word}, key=len, reverse=True
        )

    def shown(self, path: str | os.PathLike[str]) -> str:
        """A path for people."""
        start, rest = self._split(os.fspath(path))
        if start:
            return f"{start}/{self._without_team(rest)}" if rest else start
        return "/".join(map(self._part, rest.split("/")))

    def quoted(self, path: str | os.PathLike[str]) -> str:
        """A path as a word of a shell's command."""
        from shlex import quote

        start, rest = self._split(os.fspath(path))
        if not start:
            return quote(self.shown(path))
        word = start if start == "~" else f'"{start}"'
        return f"{word}/{quote(self._without_team(rest))}" if rest else word

    def told(self, text: str) -> str:
        """A text of somebody else's, with paths as above."""
        text = _ELSEWHERE.sub(_HIDDEN, _TEAM.sub(rf"\1{_HIDDEN}", text))
        for path, start in self._prefixes:
            text = re.sub(rf"{re.escape(path)}(?![\w.-])", lambda _, start=start: start, text)  # type: ignore[misc]
        text = self._without_team(text)
        for word in self._secrets:
            text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", _HIDDEN, text)
        return text

    def without_values(self, text: str) -> str:
        """The same, without what stands in quotes: values of settings, keys, names."""
        return self.told(_QUOTED.sub(f"'{_HIDDEN}'", text))

    def _split(self, path: str) -> tuple[str, str]:
        """What the path begins with, and the rest; nothing and the whole where that is no place of the user's."""
        for prefix, start in self._prefixes:
            if path == prefix or path.startswith(f"{prefix}/"):
                return start, path[len(prefix) + 1 :]
        return "", path

    def _without_team(self, text: str) -> str:
        """`text` without the folder of what its user keeps beside the team's store: it is called by its address."""
        return text.replace(self._team, _HIDDEN) if self._team else text

    def _part(self, part: str) -> str:
        hidden = any(word == part if len(word) < _SHORT else word in part for word in self._secrets)
        return _HIDDEN if hidden else part


def _usable(named: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Those that are folders' paths, each also as the system resolves it; `~` comes first: everybody knows it."""
    for path, start in named:
        plain = path.rstrip("/")
        if plain.startswith("/"):
            yield plain, start
            if (resolved := os.path.realpath(plain)) != plain:
                yield resolved, start


def _users(environ: Mapping[str, str]) -> Iterator[str]:
    yield from (environ.get(name, "") for name in ("USER", "LOGNAME", "USERNAME", "SUDO_USER"))
    if (account := _account()) is not None:
        yield account[0]


def _parts_of(team: str | None) -> Iterator[str]:
    """User, host and database of a team's store."""
    if team is not None:
        from urllib.parse import urlsplit

        try:
            found = urlsplit(team)
            yield from (found.username or "", found.hostname or "", found.path.strip("/"))
        except ValueError:  # libpq takes several hosts, which are no URL's
            return


def _folder_of(team: str | None) -> str:
    if team is None:
        return ""
    from stui_cli.store.team_address import TeamAddress

    try:
        return TeamAddress(team).folder
    except StuiError:  # an address that is none has no folder
        return ""


def _machines() -> Iterator[str]:
    if hasattr(os, "uname"):
        name = os.uname().nodename
        yield from (name, name.partition(".")[0])


def _home_of_account() -> str:
    account = _account()
    return "" if account is None else account[1]


def _account() -> tuple[str, str] | None:
    try:
        import pwd

        found = pwd.getpwuid(os.getuid())
    except (ImportError, KeyError):
        return None
    return found.pw_name, found.pw_dir
