"""A setting as an item: a key of config.toml, what it is here, and what says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stui_cli.model.results import Column, ItemKind, Show

if TYPE_CHECKING:
    from stui_cli.model.settings import Setting, SettingSource

SETTING: Final = ItemKind(
    "setting",
    {
        "key": Show.TEXT,
        "value": Show.TEXT,
        "source": Show.TEXT,
        "where": Show.TEXT,
        "path": Show.TEXT,
        "line": Show.NUMBER,
        "default": Show.TEXT,
        "about": Show.TEXT,
    },
    name_key="key",
)

# Where the settings are, and whether there is a file.
CONFIG_FILE: Final = ItemKind("config_file", {"path": Show.TEXT, "exists": Show.TEXT}, name_key="path")

LISTED: Final = (
    Column("key", "KEY"),
    Column("value", "VALUE"),
    Column("where", "FROM"),
    Column("default", "DEFAULT"),
)


def setting_item(
    row: Setting, value: str | None, source: SettingSource | None, where: str | None, path: str | None, line: int | None
) -> dict[str, object]:
    """One setting. `value` is as a person would write it. `where` names what gave it for people: an option, a variable,
    the file with its line; `path` is the file."""
    return {
        "key": row.key,
        "value": value,
        "source": source,
        "where": where,
        "path": path,
        "line": line,
        "default": row.default,
        "about": row.about.replace("`", ""),
    }
