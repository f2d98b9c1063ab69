"""config.toml: the user's own settings, read and checked (DESIGN section 7). Their keys stand in model/settings.py."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from stui_cli.model.errors import UsageProblem
from stui_cli.store.files.configured import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stui_cli.model.settings import SettingValue
    from stui_cli.store.files.location import Home

# Nobody writes so many settings: what is longer is another file that came under this name.
LARGEST = 256 * 1024

# So many keys that mean nothing are told one by one; the rest is counted.
MOST_TOLD = 5

# So often a text is read to find the line of a key: in a long file with many lines like it, it is told without.
_MOST_READINGS = 50


def read_settings(home: Home) -> Settings:
    """The settings of this user, all unset where there is no file. Raises UsageProblem for what cannot be used."""
    text = read_config(home.config)
    return Settings() if not text else settings_in(text, home.config)


def with_team(home: Home) -> Home:
    """This home, with the store of a team that its config.toml names where nothing else does. Raises UsageProblem."""
    if home.team is None and os.path.lexists(home.config):
        named = read_settings(home).values.get("store")
        if isinstance(named, str):
            from stui_cli.store.files.location import Home

            return Home(home.folder, home.config_folder, home.config, named)
    return home


def settings_in(text: str, where: str) -> Settings:
    """The settings that a text holds; `where` is its file, for messages. Raises UsageProblem if it cannot be used."""
    from stui_cli.model.settings import SETTINGS, checked, is_unset

    known, unknown = _sorted_out(parsed(text, where), where)
    values: dict[str, SettingValue] = {}
    for key, value in known.items():
        if not is_unset(SETTINGS[key], value):
            try:
                values[key] = checked(SETTINGS[key], value)
            except UsageProblem as error:
                raise _wrong(where, _placed(error.what, text, key), f"{error.todo}; {_mend(key)}") from error
    return Settings(values, known, tuple(_warnings(unknown, text, where)), text)


def parsed(text: str, where: str) -> Mapping[str, object]:
    """What a text says as TOML. Raises UsageProblem with line and column for one that is damaged."""
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _damaged(where, _place_in_words(str(error), text)) from error
    except (ValueError, RecursionError) as error:  # ValueError: a number of 5,000 digits
        why = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise _damaged(where, why) from error


def read_config(path: str) -> str:
    """The text of a settings file, empty where there is none. Raises UsageProblem as `config_bytes`, and with line and
    column for what is no UTF-8."""
    data = config_bytes(path)
    return text_of(data, path)


def config_bytes(path: str) -> bytes:
    """What a settings file holds, nothing where there is none. Raises UsageProblem for one that cannot be read, or that
    somebody else could have written: it names commands that are run."""
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            looked = os.fstat(file.fileno())
            if not stat.S_ISREG(looked.st_mode):
                raise _unreadable(path, "it is no plain file")
            data = file.read(LARGEST + 1)
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error)) from error
    if (why := _not_ours(looked)) is not None:
        import shlex

        raise _wrong(path, why[0], why[1].format(shlex.quote(path)))
    if len(data) > LARGEST:
        raise _unreadable(path, f"it is longer than {LARGEST // 1024} KiB")
    return data


def text_of(data: bytes, where: str) -> str:
    """The text of a settings file. Raises UsageProblem with line and column for what is no UTF-8."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
        raise _damaged(where, f"line {line}, column {column}: byte {data[error.start]:#04x} is no UTF-8") from error


def line_of(text: str, path: list[str]) -> int | None:
    """The line, from 1, on which the key `path` is given its value; None where that cannot be told. A line is the one
    if the text before it lacks the key, and the text that ends with its statement has it."""
    lines = text.splitlines(keepends=True)
    readings = 0
    for number, line in enumerate(lines):
        if path[-1] not in line.replace("-", "_") or _said("".join(lines[:number]), path) is not False:
            continue
        for end in range(number + 1, len(lines) + 1):
            readings += 1
            said = _said("".join(lines[:end]), path)
            if said:
                return number + 1
            if said is False or readings > _MOST_READINGS:
                break
        if readings > _MOST_READINGS:
            break
    return None


def line_of_key(found: Settings, key: str) -> int | None:
    """The line of the file where a key stands, from 1."""
    return line_of(found.text, key.split("."))


def _said(text: str, path: list[str]) -> bool | None:
    """Whether a text gives the key `path` a value; None where it is no TOML, as in the middle of a value."""
    import tomllib

    try:
        found: object = tomllib.loads(text)
    except (ValueError, RecursionError):
        return None
    for word in path:
        inner = {key.replace("-", "_"): value for key, value in found.items()} if isinstance(found, dict) else {}
        if word not in inner:
            return False
        found = inner[word]
    return True


def _sorted_out(raw: Mapping[str, object], where: str) -> tuple[dict[str, object], list[str]]:
    """The keys that mean something, each with its value, and those that mean nothing. Raises UsageProblem for what is
    given twice, and for what should be a table."""
    from stui_cli.model.settings import SETTINGS

    known: dict[str, object] = {}
    unknown: list[str] = []
    for name, value in raw.items():
        key = name.replace("-", "_")
        if key == "dialects":
            for below, inner in _flat(value, where):
                if below in SETTINGS:
                    known[below] = inner
                else:
                    unknown.append(below)
        elif key in known:
            raise _wrong(where, f"{key} stands there twice, once as {name}", _mend(key))
        elif key in SETTINGS:
            known[key] = value
        else:
            unknown.append(name)
    return known, unknown


def _flat(tables: object, where: str) -> Iterator[tuple[str, object]]:
    """Each key below `dialects`; a table that no dialect has is one."""
    from stui_cli.model.settings import DIALECT_KEYS

    if not isinstance(tables, dict):
        raise _wrong(where, "dialects holds tables, such as [dialects.pharo]", "see man stui-config")
    for name, table in tables.items():
        if not isinstance(table, dict):
            raise _wrong(where, f"dialects.{name} is no table: write [dialects.{name}]", "see man stui-config")
        if name not in DIALECT_KEYS:
            yield f"dialects.{name}", table
        else:
            yield from ((f"dialects.{name}.{key}", value) for key, value in table.items())


def _warnings(unknown: list[str], text: str, where: str) -> Iterator[str]:
    yield from (_warning(key, text, where) for key in unknown[:MOST_TOLD])
    if len(unknown) > MOST_TOLD:
        yield f"{where}: {len(unknown) - MOST_TOLD} more keys mean nothing to stui"


def _warning(key: str, text: str, where: str) -> str:
    line = line_of(text, key.replace("-", "_").split("."))
    return f"{where}{f', line {line}' if line else ''}: {key!r} means nothing to stui; {_nearest(key)}"


def _nearest(key: str) -> str:
    """Which key was meant: of those that stand at the same place, by their last word."""
    from stui_cli.model.names import nearest
    from stui_cli.model.settings import SETTINGS

    above, _, last = key.rpartition(".")
    depth = len(above) + 1 if above else 0
    beside = {row[depth:].partition(".")[0] for row in SETTINGS if row.startswith(f"{above}." if above else "")}
    return nearest(last.replace("-", "_"), sorted(beside)) or f"known are {', '.join(sorted(beside))}"


def _placed(what: str, text: str, key: str) -> str:
    line = line_of(text, key.split("."))
    return f"line {line}: {what}" if line else what


def _place_in_words(what: str, text: str) -> str:
    """The message of tomllib with its place in front: it ends with `(at line 3, column 5)`, or at the end."""
    words, _, place = what.rpartition(" (at ")
    place = place.rstrip(")")
    if place.startswith("line "):
        return f"{place}: {words}"
    lines = text.split("\n")
    return f"line {len(lines)}, column {len(lines[-1]) + 1}, where the file ends: {words or what}"


def _not_ours(looked: os.stat_result) -> tuple[str, str] | None:
    """Why a file may be somebody else's word, and what to do; None if it is this user's or the system's."""
    if not hasattr(os, "getuid"):
        return None
    if looked.st_uid not in (0, os.getuid()):
        return f"it belongs to user {looked.st_uid}, who could have commands run", "put a copy of your own there"
    if looked.st_mode & stat.S_IWOTH:
        return "everybody may write it, and so have commands run", "chmod o-w {}"
    return None


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))  # a FIFO would wait for its writer


def _mend(key: str) -> str:
    return f"mend it: stui config set {key} VALUE, or --unset"


def _wrong(where: str, why: str, todo: str) -> UsageProblem:
    return UsageProblem(f"{where} cannot be used: {why}", todo=todo)


def _damaged(where: str, why: str) -> UsageProblem:
    return _wrong(where, why, "mend it: stui config edit")


def _unreadable(where: str, why: str) -> UsageProblem:
    return _wrong(where, why, "put a plain file there that this user may read, or none")
