"""`stui config`: every setting, what it is here, and what says so."""

from __future__ import annotations

from stui_cli.commands.config.settings import items_of
from stui_cli.contract.setting import LISTED, SETTING
from stui_cli.invocation import Invocation, command
from stui_cli.model.results import Result


@command("setting", name="list", lists=True)
def cli(invocation: Invocation) -> int:
    """List every setting: what it is here, what says so, and its default.

    The strongest first, a setting is what an option says, its environment variable, config.toml, the default. Nothing
    beside `-` is set. `man stui-config` tells what each does.
    """
    return invocation.show(Result(SETTING, items_of(invocation), LISTED))
