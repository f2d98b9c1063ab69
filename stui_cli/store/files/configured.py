"""What config.toml says, once it is read (settings.py): every evaluation asks for it, also where no such file is."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from stui_cli.named_tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stui_cli.model.settings import SettingValue

_NONE: Mapping[str, Any] = MappingProxyType({})


class GivenDefaults(NamedTuple):
    """What a launch of a dialect starts where the command line names nothing: a machine, and an image file."""

    vm: str | None = None
    image: str | None = None


class Settings(NamedTuple):
    """What config.toml says, checked. `Store.settings` reads it once for each command.

    `values` are by key, as `dialects.pharo.vm`, those that are set alone; `given` is the same as it is written there.
    `warnings` name keys that mean nothing. `text` is the file.
    """

    values: Mapping[str, SettingValue] = _NONE
    given: Mapping[str, object] = _NONE
    warnings: tuple[str, ...] = ()
    text: str = ""

    @property
    def on_change(self) -> tuple[str, ...]:
        """The words of the command to run when an image's status changes, none if it is not set."""
        words = self.values.get("on_change", ())
        assert isinstance(words, tuple)
        return words

    @property
    def keeps_sources(self) -> bool:
        """Whether the audit log holds the source of each evaluation, else only its hash."""
        return self.values.get("audit_source") != "hash"

    @property
    def history_limit(self) -> int | None:
        """How large the history of one session may grow, in bytes."""
        return self.number("history_limit")

    @property
    def audit_limit(self) -> int | None:
        """How large one file of the audit log may grow, in bytes."""
        return self.number("audit_limit")

    @property
    def dialects(self) -> Mapping[str, GivenDefaults]:
        """The defaults of the dialects whose images their users have."""
        found: dict[str, GivenDefaults] = {}
        for key, value in self.values.items():
            if key.startswith("dialects."):
                _, dialect, field = key.split(".")
                found[dialect] = found.get(dialect, GivenDefaults())._replace(**{field: str(value)})
        return found

    def number(self, key: str) -> int | None:
        """A duration in ms, or a size in bytes."""
        value = self.values.get(key)
        assert value is None or isinstance(value, int)
        return value
