"""The user's settings: what counts here and why, and changing config.toml."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from stui_cli.model.colors import deciding_variable
from stui_cli.model.errors import Refused, StuiError, UsageProblem
from stui_cli.model.settings import (
    SETTINGS,
    ChoiceValue,
    CommandValue,
    DurationValue,
    PathValue,
    Setting,
    SettingSource,
    SizeValue,
    TeamStoreValue,
    checked,
    from_environment,
    nearest_key,
    setting_called,
)
from stui_cli.store.files.config_file import with_key, write_config
from stui_cli.store.files.configured import Settings
from stui_cli.store.files.settings import config_bytes, line_of_key, parsed, read_config, settings_in, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stui_cli.store.store import Store


class Decided(NamedTuple):
    """What a setting is here: `value` as a person would write it, None where it is not set, and what gave it: its
    `source`, and by name `where`. `path` and `line` are those of config.toml."""

    row: Setting
    value: str | None
    source: SettingSource | None
    where: str | None
    path: str | None = None
    line: int | None = None


class Done(NamedTuple):
    """What became of a key, None for one that means nothing: `line` is where it stands now, and `found` are the
    settings of the file as it is now. `problem` is what else is wrong in it."""

    row: Setting | None
    changed: bool
    line: int | None
    found: Settings = Settings()
    problem: str | None = None


def decided(
    row: Setting, options: Mapping[str, object], environ: Mapping[str, str], path: str, found: Settings
) -> Decided:
    """What counts: an option, else a variable, else config.toml, else the default. Raises UsageProblem for a variable
    that cannot be used."""
    if (given := options.get(row.key)) is not None:
        return Decided(row, _as_written(row, given), SettingSource.OPTION, row.option)
    if (said := from_environment(row, environ)) is not None:
        deciding = deciding_variable(environ) if row.variable == "NO_COLOR" else None
        where = deciding[0] if deciding else row.variable
        return Decided(row, _as_written(row, said), SettingSource.ENVIRONMENT, where)
    if row.key in found.values:
        line = line_of_key(found, row.key)
        where = f"{Path(path).name}{f':{line}' if line else ''}"
        return Decided(row, _text(found.given[row.key]), SettingSource.FILE, where, path, line)
    if row.default is not None:
        return Decided(row, row.default, SettingSource.DEFAULT, "default")
    return Decided(row, None, None, None)


def set_key(store: Store, key: str, text: str) -> Done:
    """Give a key a value in config.toml. Raises UsageProblem for an unknown key, a value that it cannot have, and a
    file that is damaged; nothing is written then."""
    row = setting_called(key)
    value = _typed(row, text)
    checked(row, value)
    return _change(store, row, row.key.split("."), value)


def unset_key(store: Store, key: str) -> Done:
    """Take a key out of config.toml; one that means nothing too, where it stands there. Raises as `set_key`."""
    row = SETTINGS.get(key.replace("-", "_"))
    path = (row.key if row else key).split(".")
    if row is None and not _stands_there(store, path):
        raise UsageProblem(f"no setting is called {key!r}", todo=nearest_key(key))
    return _change(store, row, path, None)


def current_bytes(store: Store) -> bytes:
    """What config.toml holds, sound or damaged; nothing where there is none. Raises UsageProblem if it is
    unreadable."""
    return config_bytes(store.home.config)


def edited(store: Store, before: bytes, after: bytes) -> None:
    """Put what was edited, and checked, in the place of `before`. Raises Refused if the file changed meanwhile."""
    with store.held():
        write_config(store.home.config, before, after)


def checked_draft(data: bytes, path: str) -> Settings:
    """The settings of what is to be the file `path`. Raises UsageProblem for what cannot be used."""
    return settings_in(text_of(data, path), path)


def template() -> str:
    """What is offered to be edited where there is no config.toml yet: every key, as a comment."""
    parts = ["# Settings of stui: man stui-config tells of each. Take the # away from those that you want."]
    for row in SETTINGS.values():
        if "." not in row.key:
            parts.append(f"# {row.key} = {_quoted(row, row.example)}")
    tables = dict.fromkeys(key.rpartition(".")[0] for key in SETTINGS if "." in key)
    for table in tables:
        rows = [row for row in SETTINGS.values() if row.key.startswith(f"{table}.")]
        parts.append(f"\n# [{table}]")
        parts += [f"# {row.key.rpartition('.')[2]} = {_quoted(row, row.example)}" for row in rows]
    return "\n".join(parts) + "\n"


def _change(store: Store, row: Setting | None, path: list[str], value: int | str | None) -> Done:
    config = store.home.config
    with store.held():
        before = read_config(config)
        after = with_key(before, path, value, config)
        if row is None and after == before:
            raise Refused(
                f"{config}: {'.'.join(path)} cannot be taken away", todo="change it by hand: stui config edit"
            )
        if after != before:
            write_config(config, before.encode(), after.encode())
    try:
        found = settings_in(after, config)
    except StuiError as error:
        return Done(row, after != before, None, problem=error.what)
    return Done(row, after != before, line_of_key(found, row.key) if row else None, found)


def _stands_there(store: Store, path: list[str]) -> bool:
    found: object = parsed(read_config(store.home.config), store.home.config)
    for word in path:
        if not isinstance(found, dict) or word not in found:
            return False
        found = found[word]
    return True


def _typed(row: Setting, text: str) -> int | str:
    """A number where a number is meant, so that it stands in the file as people write it there."""
    return (
        int(text) if isinstance(row.kind, DurationValue | SizeValue) and text.isdecimal() and len(text) < 16 else text
    )


def _quoted(row: Setting, text: str) -> str:
    value = _typed(row, text)
    return str(value) if isinstance(value, int) else f'"{value}"'


def _as_written(row: Setting, value: object) -> str:
    """A checked value of an option or a variable as text."""
    match row.kind:
        case DurationValue():
            from stui_cli.model.durations import duration_text

            assert isinstance(value, int)
            return duration_text(value)
        case SizeValue() | ChoiceValue() | CommandValue() | PathValue() | TeamStoreValue():
            return _text(value)


def _text(value: object) -> str:
    """A value of the file as it may be given to `stui config set`."""
    if isinstance(value, list | tuple):
        import shlex

        return shlex.join(map(str, value))
    return str(value)
