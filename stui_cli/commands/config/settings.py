"""What the commands of `stui config` share: each setting with what gave it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.contract.setting import setting_item
from stui_cli.model.settings import SETTINGS
from stui_cli.work.configuration import decided

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stui_cli.invocation import Invocation
    from stui_cli.model.settings import Setting


def items_of(invocation: Invocation, rows: Iterable[Setting] = SETTINGS.values()) -> list[dict[str, object]]:
    """The settings as items. Raises UsageProblem for a config.toml or a variable that cannot be used."""
    store = invocation.open_store()
    found = store.settings()
    path = store.home.config
    return [setting_item(*decided(row, invocation.given_options, invocation.environ, path, found)) for row in rows]
