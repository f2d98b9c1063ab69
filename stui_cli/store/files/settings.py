"""config.toml: the user's own settings, which stui reads and never writes (DESIGN section 7)."""

from __future__ import annotations

import os
import stat
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from stui_cli.model.errors import UsageProblem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stui_cli.store.files.location import Home


class GivenDefaults(NamedTuple):
    """What a launch of a dialect starts where the command line names nothing: a machine, and an image file."""

    vm: str | None = None
    image: str | None = None


class Settings(NamedTuple):
    """What config.toml says, checked. `Store.settings` reads it once for each command.

    `on_change` holds the words of the command to run when an image's status changes, none if it is not set. With
    `keeps_sources` the audit log holds the source of each evaluation, else only its hash. `history_limit` is how
    large the history of one session may grow, and `audit_limit` one file of the audit log, in bytes. `dialects` has the
    defaults of those whose images their users have. `warnings` name keys that mean nothing.
    """

    on_change: tuple[str, ...] = ()
    keeps_sources: bool = True
    history_limit: int | None = None
    audit_limit: int | None = None
    warnings: tuple[str, ...] = ()
    dialects: Mapping[str, GivenDefaults] = MappingProxyType({})


# Each key as a user writes it.
KEYS = ("audit_limit", "audit_source", "dialects", "history_limit", "on_change")
# The tables below `dialects`: those whose images their users have. A test compares them with the table of dialects.
DIALECT_KEYS = ("pharo", "squeak", "cuis")


def read_settings(home: Home) -> Settings:
    """The settings of this user, all unset where there is no file. Raises UsageProblem for what cannot be used."""
    given = _given(home)
    if not given:
        return Settings()
    return Settings(
        on_change=_on_change(home, given),
        keeps_sources=_keeps_sources(home, given),
        history_limit=_size(home, given, "history_limit", least=1),
        audit_limit=_size(home, given, "audit_limit", least=64 * 1024),
        warnings=(*(_unknown(home, key, KEYS) for key in given if key not in KEYS), *_unknown_below(home, given)),
        dialects=_dialects(home, given),
    )


def _on_change(home: Home, given: Mapping[str, object]) -> tuple[str, ...]:
    """It is given as one text, split as a shell would but run without one, or as a list of words."""
    match value := given.get("on_change"):
        case None | "" | []:
            return ()
        case str():
            import shlex

            try:
                return tuple(shlex.split(value))
            except ValueError as error:
                raise _wrong(home, f"on_change: {error}") from error
        case list() if all(isinstance(word, str) for word in value) and value[0]:
            return tuple(map(str, value))
        case _:
            raise _wrong(home, "on_change is neither a text nor a list of texts")


def _keeps_sources(home: Home, given: Mapping[str, object]) -> bool:
    match value := given.get("audit_source", "text"):
        case "text":
            return True
        case "hash":
            return False
        case _:
            raise _wrong(home, f"audit_source is {value!r}, neither text nor hash")


def _size(home: Home, given: Mapping[str, object], key: str, *, least: int) -> int | None:
    """A size, as a number of bytes or a text such as 4M; None where it is not set."""
    match value := given.get(key):
        case None:
            return None
        case int() if not isinstance(value, bool):
            size = value
        case str():
            from stui_cli.model.sizes import parse_size

            try:
                size = parse_size(value)
            except UsageProblem as error:
                raise _wrong(home, f"{key}: {error.what}") from error
        case _:
            raise _wrong(home, f"{key} is no size")
    if size < least:
        raise _wrong(home, f"{key} is no size of {least} bytes or more" if least > 1 else f"{key} is no size")
    return size


def _dialects(home: Home, given: Mapping[str, object]) -> Mapping[str, GivenDefaults]:
    """One table for each dialect, as in `[dialects.pharo]`; each value in it is a path or a name."""
    tables = _tables(home, given)
    for name, table in tables.items():
        for key in GivenDefaults._fields:
            if key in table and not (isinstance(value := table[key], str) and value):
                raise _wrong(home, f"dialects.{name}.{key} is no path")
    return {
        name: GivenDefaults(*(str(table[key]) if key in table else None for key in GivenDefaults._fields))
        for name, table in tables.items()
    }


def _tables(home: Home, given: Mapping[str, object]) -> Mapping[str, Mapping[str, object]]:
    tables = given.get("dialects", {})
    if not isinstance(tables, dict):
        raise _wrong(home, "dialects holds tables, such as [dialects.pharo]")
    for name, table in tables.items():
        if not isinstance(table, dict):
            raise _wrong(home, f"dialects.{name} is no table: write [dialects.{name}]")
    return tables


def _unknown_below(home: Home, given: Mapping[str, object]) -> Iterator[str]:
    for name, table in _tables(home, given).items():
        if name not in DIALECT_KEYS:
            yield _unknown(home, name, DIALECT_KEYS, "dialects.")
        else:
            fields = GivenDefaults._fields
            yield from (_unknown(home, key, fields, f"dialects.{name}.") for key in table if key not in fields)


def _unknown(home: Home, key: str, keys: tuple[str, ...], above: str = "") -> str:
    from stui_cli.model.names import nearest

    hint = nearest(key, keys) or f"known are {', '.join(keys)}"
    return f"{home.config}: {above + key!r} means nothing to stui; {hint}"


def _given(home: Home) -> Mapping[str, object]:
    try:
        if not stat.S_ISREG(os.stat(home.config).st_mode):  # a FIFO would keep us waiting
            raise _wrong(home, "it is no plain file")
        with open(home.config, "rb") as file:
            text = file.read()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise _wrong(home, error.strerror or str(error)) from error
    import tomllib

    try:
        return tomllib.loads(text.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _wrong(home, str(error)) from error
    except RecursionError as error:
        raise _wrong(home, "it is nested too deeply") from error


def _wrong(home: Home, why: str) -> UsageProblem:
    return UsageProblem(f"{home.config} cannot be used: {why}", todo='it holds lines such as: on_change = "notify-me"')
