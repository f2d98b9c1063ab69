"""Changing config.toml, which is the user's own: comments and layout stay, and it is replaced in one step."""

from __future__ import annotations

import os
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from stui_cli.model.errors import Refused, UsageProblem
from stui_cli.store.files.disk import Disk
from stui_cli.store.files.problems import as_store_problems
from stui_cli.store.files.settings import config_bytes, parsed

if TYPE_CHECKING:
    from collections.abc import MutableMapping, Sequence

_BY_HAND = "change it by hand: stui config edit"


def with_key(text: str, path: Sequence[str], value: int | str | None, where: str) -> str:
    """`text` with the key `path` set to `value`, or without it where that is None; all else as it was.

    Raises UsageProblem for a text that is no TOML, and Refused where the key cannot be changed alone.
    """
    wanted: dict[str, Any] = deepcopy(dict(parsed(text, where)))
    _assign(wanted, path, value, dict)
    after = _edited(text, path, value, where)
    if not _says(after, wanted, path, value):  # the library that keeps the layout did something else besides
        raise Refused(f"{where}: {'.'.join(path)} cannot be changed alone as it stands there", todo=_BY_HAND)
    return after


def _says(text: str, wanted: dict[str, Any], path: Sequence[str], value: int | str | None) -> bool:
    try:
        found = dict(parsed(text, ""))
    except UsageProblem:
        return False
    if value is None:
        _assign(found, path, None, dict)  # a table with nothing but comments stayed
    return found == wanted


def _edited(text: str, path: Sequence[str], value: int | str | None, where: str) -> str:
    import tomlkit  # 120 ms, which only this pays
    from tomlkit.exceptions import TOMLKitError

    windows = "\r\n" in text and "\n" not in text.replace("\r\n", "")
    given = text.replace("\r\n", "\n") if windows else text
    if given and not given.endswith("\n") and value is not None:
        given += "\n"  # without it tomlkit puts the next key on the same line as `a."b c" = 1`
    try:
        document = tomlkit.parse(given)
        _assign(document, path, value, lambda: tomlkit.table())
        after = document.as_string()
    except (TOMLKitError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise Refused(f"{where}: {'.'.join(path)} cannot be changed: {error}", todo=_BY_HAND) from error
    return after.replace("\n", "\r\n") if windows else after


def _assign(table: Any, path: Sequence[str], value: int | str | None, new_table: Any) -> None:
    """Set the key, or take it away with the tables above it that are empty then."""
    name = _name_in(table, path[0])
    if len(path) > 1:
        if name not in table:
            if value is None:
                return
            table[name] = new_table()
        _assign(table[name], path[1:], value, new_table)
        if value is None and _is_bare(table[name]):
            del table[name]
    elif value is None:
        table.pop(name, None)
    else:
        table[name] = value


def _is_bare(table: Any) -> bool:
    """Whether nothing is left in a table, no comment either."""
    return not table and "#" not in (table.as_string() if hasattr(table, "as_string") else "")


def _name_in(table: MutableMapping[str, Any], key: str) -> str:
    """The key as it stands there: older-than is older_than."""
    return next((name for name in table if name.replace("-", "_") == key), key)


def write_config(path: str, before: bytes, after: bytes, disk: Disk | None = None) -> None:
    """Put `after` in the place of `before`. A link stays, and the file behind it keeps its mode.

    Raises Refused if the file says something else by now, StoreProblem if it cannot be written; it is as it was then.
    """
    disk = disk or Disk()
    with as_store_problems(path):
        disk.make_folder(os.path.dirname(path))
        if config_bytes(path) != before:
            raise Refused(f"{path} was changed meanwhile, by an editor or another command", todo="repeat the command")
        target = os.path.realpath(path)
        if not os.path.isdir(os.path.dirname(target)):
            raise Refused(
                f"{path} is a link to {target}, whose folder is not there", todo="make it, or remove the link"
            )
        if os.path.exists(target) and not os.access(target, os.W_OK):
            raise PermissionError(13, "this user may not write it", target)
        disk.rewrite(target, after)
