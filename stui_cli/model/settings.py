"""The keys of config.toml: one row each, from which reading, checking, completion, `stui config` and the manual follow.

What decides a setting, the strongest first: the option on the command line, its environment variable, config.toml, the
default. A value is text while people write it, and checked before anything uses it: ms for a duration, bytes for a
size, words for a command.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, assert_never

from stui_cli.model.colors import environments_color
from stui_cli.model.errors import UsageProblem

if TYPE_CHECKING:
    from collections.abc import Mapping

# What a setting is once it is checked; None where it is not set.
SettingValue = int | str | tuple[str, ...]


# Plain classes: Python makes one in 0.02 ms and a named tuple in 0.35, and whoever has a config.toml pays for all five.
class DurationValue:
    """A duration such as 30s, in ms once it is checked; no less than `least`."""

    __slots__ = ("least",)
    __match_args__ = ("least",)

    def __init__(self, least: int = 0) -> None:
        self.least = least

    def __str__(self) -> str:
        return f"a duration, {self.least}ms or more" if self.least else "a duration"


class SizeValue:
    """A size such as 4M, in bytes once it is checked; no less than `least`."""

    __slots__ = ("least",)
    __match_args__ = ("least",)

    def __init__(self, least: int = 0) -> None:
        self.least = least

    def __str__(self) -> str:
        return f"a size, {self.least} bytes or more"


class ChoiceValue:
    """One of some words."""

    __slots__ = ("words",)
    __match_args__ = ("words",)

    def __init__(self, words: tuple[str, ...]) -> None:
        self.words = words

    def __str__(self) -> str:
        return f"one of {', '.join(self.words)}"


class CommandValue:
    """A command with its arguments: one text, split as a shell would but run without one, or a list of words."""

    def __str__(self) -> str:
        return "a command, as one text or as a list of words"


class PathValue:
    """A path, or the name of something that stui finds by it."""

    def __str__(self) -> str:
        return "a path or a name"


class TeamStoreValue:
    """The address of a team's store, without a password: what is in a file is shown, and copied about."""

    def __str__(self) -> str:
        return "an address such as postgresql://db.example/team, without a password"


Kind = DurationValue | SizeValue | ChoiceValue | CommandValue | PathValue | TeamStoreValue


class SettingSource(StrEnum):
    """What gave a setting its value."""

    OPTION = "option"
    ENVIRONMENT = "environment"
    FILE = "config"
    DEFAULT = "default"


class Setting(NamedTuple):
    """One key. `default` is as a person would write it, None where there is none. `about` says what it does, `example`
    is a value of it, `variable` the environment variable and `option` the option that are stronger; `since` the version
    that knew it first."""

    key: str
    kind: Kind
    default: str | None
    about: str
    example: str
    variable: str | None = None
    option: str | None = None
    since: str = "0.2.0"


# What splits words, or keeps them together, besides a blank.
_NEEDS_A_SHELLS_RULES = set("'\"\\\t\r\n")

# The tables below `dialects`: those whose images their users have. A test compares them with the table of dialects.
DIALECT_KEYS = ("pharo", "squeak", "cuis")

_OUTPUTS = ("auto", "table", "plain", "json", "jsonl", "tsv", "name")

_ROWS = (
    Setting(
        "timeout",
        DurationValue(least=1),
        "2s",
        "How long a command may talk to images, all in all; `stui cleanup` twice as long. What has a limit of its "
        "own, such as a launch or code that runs, keeps it.",
        "5s",
        variable="STUI_TIMEOUT",
        option="--timeout",
    ),
    Setting(
        "output",
        ChoiceValue(_OUTPUTS),
        "auto",
        "The form of what is printed. `auto` is a table on a terminal and plain rows elsewhere.",
        "plain",
        variable="STUI_OUTPUT",
        option="-o",
    ),
    Setting(
        "color",
        ChoiceValue(("auto", "always", "never")),
        "auto",
        "When to colour. `auto` is on a terminal only. `dumb` in `TERM` counts as `NO_COLOR` does, and `FORCE_COLOR` "
        "or `CLICOLOR_FORCE` as `always`.",
        "never",
        variable="NO_COLOR",
        option="--color",
    ),
    Setting(
        "pager",
        CommandValue(),
        None,
        "The pager for what is longer than the terminal, `cat` for none. `STUI_PAGER` is stronger; without both it is "
        "`PAGER`, else `less`.",
        "less -RS",
        option="--no-pager",
    ),
    Setting(
        "lock_timeout",
        DurationValue(),
        "10s",
        "How long a command waits for the store while another changes it. 0 tries once.",
        "30s",
        variable="STUI_LOCK_TIMEOUT",
        option="--lock-timeout",
    ),
    Setting(
        "grace",
        DurationValue(),
        "24h",
        "How long an image must be gone before `stui cleanup` removes its sessions.",
        "3d",
        option="--grace",
    ),
    Setting(
        "older_than",
        DurationValue(),
        None,
        "`stui cleanup` may remove closed sessions that were idle for longer, too; with `--force` live ones as well. "
        "Where it is not set they stay.",
        "30d",
        option="--older-than",
    ),
    Setting(
        "on_change",
        CommandValue(),
        None,
        "A command that is run when the status of an image changes, with the event as JSON on its input. It has five "
        "seconds, then it is killed with all that it started.",
        "notify-send stui",
        since="0.1.0",
    ),
    Setting(
        "audit_source",
        ChoiceValue(("text", "hash")),
        "text",
        "Whether the audit log holds the source of what was evaluated, or only its hash.",
        "hash",
        since="0.1.0",
    ),
    Setting(
        "history_limit",
        SizeValue(least=1),
        "1M",
        "How large the history of one session may grow.",
        "4M",
        since="0.1.0",
    ),
    Setting(
        "audit_limit",
        SizeValue(least=64 * 1024),
        None,
        "How large a file of the audit log may grow. Full ones stay, as audit.jsonl.1 and so on. Where it is not set "
        "there is one file.",
        "16M",
        since="0.1.0",
    ),
    Setting(
        "store",
        TeamStoreValue(),
        None,
        "The store of a team, in place of the one in this folder; see stui-teams(7). `--home` and `STUI_HOME` are "
        "stronger where they name such an address. Contexts, probes and keys stay in this folder.",
        "postgresql://db.example/team",
    ),
    *(
        Setting(f"dialects.{dialect}.{key}", PathValue(), None, about, example, option=option)
        for dialect in DIALECT_KEYS
        for key, about, example, option in (
            (
                "vm",
                "The virtual machine that a launch of this dialect starts where nothing else is named: a path, or the "
                "name of one of Pharo Launcher's.",
                "110-x64",
                "--vm",
            ),
            (
                "image",
                "The image file that a launch copies and starts where nothing else is named: a path, or the name of "
                "one of Pharo Launcher's.",
                "moose-10",
                "--image-file",
            ),
        )
    ),
)

SETTINGS = {row.key: row for row in _ROWS}


def setting_called(key: str) -> Setting:
    """The row of a key; older-than is older_than. Raises UsageProblem with the nearest keys."""
    row = SETTINGS.get(key.replace("-", "_"))
    if row is None:
        raise UsageProblem(f"no setting is called {key!r}", todo=nearest_key(key))
    return row


def nearest_key(key: str) -> str:
    """Which known keys one could have meant."""
    from stui_cli.model.names import nearest

    return nearest(key.replace("-", "_"), SETTINGS) or f"known are {', '.join(SETTINGS)}"


def checked(row: Setting, value: object) -> SettingValue:
    """The value of a setting as the rest of stui uses it, from what a file, a variable or a command line says. Raises
    UsageProblem saying what it should be."""
    match row.kind:
        case DurationValue(least):
            return _checked_duration(row, value, least)
        case SizeValue(least):
            return _checked_size(row, value, least)
        case ChoiceValue(words):
            if isinstance(value, str) and value in words:
                return value
            why = f"is {_shown(value)}, and not one of {', '.join(words)}"
            raise _wrong(row, why, _nearest_word(value, words))
        case CommandValue():
            return _checked_command(row, value)
        case PathValue():
            if isinstance(value, str) and value and "\0" not in value:
                return value
            raise _wrong(row, f"is {_shown(value)}, and no path")
        case TeamStoreValue():
            return _checked_team_store(row, value)
        case _:
            assert_never(row.kind)


def default_of(row: Setting) -> SettingValue | None:
    """What counts where nothing says otherwise."""
    return None if row.default is None else checked(row, row.default)


def offered_values(row: Setting) -> tuple[str, ...]:
    """What Tab offers for a value: the words that it may be, else the default and an example; of a path nothing."""
    if isinstance(row.kind, ChoiceValue):
        return row.kind.words
    if isinstance(row.kind, PathValue | TeamStoreValue):
        return ()
    return tuple(dict.fromkeys(text for text in (row.default, row.example) if text and " " not in text))


def is_unset(row: Setting, value: object) -> bool:
    """Whether a value in the file says that there is none: an empty command."""
    return isinstance(row.kind, CommandValue) and value in ("", [])


def from_environment(row: Setting, environ: Mapping[str, str]) -> SettingValue | None:
    """What the variable of a setting says; None where it is not set, or empty. Raises UsageProblem naming it."""
    if row.variable == "NO_COLOR":  # its value means nothing, and other variables have a say
        return environments_color(environ)
    if row.variable is None or not (text := environ.get(row.variable)):
        return None
    try:
        return checked(row, text)
    except UsageProblem as error:
        raise UsageProblem(f"{row.variable} cannot be used: {error.what}", todo=error.todo) from error


def _checked_duration(row: Setting, value: object, least: int) -> int:
    from stui_cli.model.durations import parse_duration

    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise _wrong(row, f"is {_shown(value)}, and no duration")
    try:
        found = parse_duration(str(value))
    except UsageProblem as error:
        raise UsageProblem(f"{row.key}: {error.what}", todo=error.todo) from error
    if found < least:
        raise _wrong(row, f"is {_shown(value)}, which is too short: at least {least}ms")
    return found


def _checked_size(row: Setting, value: object, least: int) -> int:
    from stui_cli.model.sizes import parse_size

    if isinstance(value, bool) or not isinstance(value, str | int):
        raise _wrong(row, f"is {_shown(value)}, and no size")
    try:
        found = parse_size(str(value))
    except UsageProblem as error:
        raise UsageProblem(f"{row.key}: {error.what}", todo=error.todo) from error
    if found < least:
        raise _wrong(row, f"is {_shown(value)}, and no size of {least} bytes or more")
    return found


def _checked_command(row: Setting, value: object) -> tuple[str, ...]:
    match value:
        case str() if not set(value) & _NEEDS_A_SHELLS_RULES:  # every start checks it, and shlex takes 1 ms
            words = [word for word in value.split(" ") if word]
        case str():
            import shlex

            try:
                words = shlex.split(value)
            except ValueError as error:
                raise _wrong(row, f"is {_shown(value)}: {error}") from error
        case list() if all(isinstance(word, str) for word in value):
            words = [str(word) for word in value]
        case _:
            raise _wrong(row, "is neither a text nor a list of texts")
    if not words or not words[0] or any("\0" in word for word in words):
        raise _wrong(row, f"is {_shown(value)}, and names no command")
    return tuple(words)


def _checked_team_store(row: Setting, value: object) -> str:
    if not isinstance(value, str) or not value.startswith(("postgresql://", "postgres://")) or "\0" in value:
        raise _wrong(row, "is no address of a team's store", "such as postgresql://db.example/team")
    # As TeamAddress has it: with one that it refuses no command could run, not even the one that takes it back.
    if re.search(r"\s|[?&]schema=(?![a-z_][a-z0-9_]{0,50}(?:&|$))", value):
        raise _wrong(row, "has a space in it, or a schema that is no plain word", "small letters, digits and _")
    before_host = value.partition("://")[2].partition("/")[0].rpartition("@")[0]
    if ":" in before_host or "password=" in value.lower():
        raise _wrong(row, "has a password in it", "keep it in ~/.pgpass, or in a service file: PGPASSFILE, PGSERVICE")
    return value


def _nearest_word(value: object, words: tuple[str, ...]) -> str:
    from stui_cli.model.names import nearest

    return nearest(str(value)[:100], words) or f"such as {words[-1]}"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:59]}…"


def _wrong(row: Setting, why: str, todo: str = "") -> UsageProblem:
    return UsageProblem(f"{row.key} {why}", todo=todo or f"it is {row.kind}")
