"""`stui config path`: where the settings are."""

from __future__ import annotations

from pathlib import Path

from stui_cli.contract.setting import CONFIG_FILE
from stui_cli.invocation import Invocation, command
from stui_cli.model.results import Result


@command("config_file", name="path", heeds_settings=False)
def cli(invocation: Invocation) -> int:
    """Print the path of config.toml, whether it is there or not."""
    path = invocation.open_store().home.config
    item = {"path": path, "exists": Path(path).exists()}
    return invocation.show(Result(CONFIG_FILE, [item], text=path))
