"""`stui config get`: what one setting is here."""

from __future__ import annotations

import click

from stui_cli.commands.config.settings import items_of
from stui_cli.contract.setting import LISTED, SETTING
from stui_cli.global_options import complete_setting
from stui_cli.invocation import Invocation, command
from stui_cli.model.errors import NotFound
from stui_cli.model.results import Result
from stui_cli.model.settings import setting_called


@command("setting", name="get")
@click.argument("key", metavar="KEY", shell_complete=complete_setting)
def cli(invocation: Invocation, key: str) -> int:
    """Print what a setting is here, and nothing else. Exits with 3 if it is not set and has no default."""
    row = setting_called(key)
    [item] = items_of(invocation, [row])
    if item["value"] is None:
        raise NotFound(f"{row.key} is not set", todo=f"set it: stui config set {row.key} '{row.example}'")
    return invocation.show(Result(SETTING, [item], LISTED, text=str(item["value"])))
