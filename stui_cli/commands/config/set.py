"""`stui config set`: change one key of config.toml, and nothing else in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stui_cli.contract.setting import LISTED, SETTING, setting_item
from stui_cli.global_options import complete_setting, complete_setting_value
from stui_cli.invocation import Invocation, Purpose, command
from stui_cli.model.errors import UsageProblem
from stui_cli.model.results import Result
from stui_cli.model.settings import SettingSource
from stui_cli.option_types import option

if TYPE_CHECKING:
    from stui_cli.work.configuration import Done


def _result(key: str, value: str | None, done: Done, path: str) -> Result:
    row = done.row
    now = f"{key} is {value}" if value is not None else f"{key} is not set"
    if value is None and row is not None and row.default is not None:
        now += f", and {row.default} by default"
    text = f"{now} {'now' if done.changed else 'already'}"
    if value is not None and done.line:
        text += f", by line {done.line} of {path}"
    source = None if value is None else SettingSource.FILE
    items = [] if row is None else [setting_item(row, value, source, source and "config.toml", path, done.line)]
    warnings = [done.problem] if done.problem else []
    return Result(SETTING, items, LISTED, text=text, warnings=warnings)


@command("setting", name="set", purpose=Purpose.ACT, heeds_settings=False)
@click.argument("key", metavar="KEY", shell_complete=complete_setting)
@click.argument("value", required=False, metavar="[VALUE]", shell_complete=complete_setting_value)
@option("--unset", is_flag=True, help="Take the key out of the file; an empty VALUE does so, too.")
def cli(invocation: Invocation, key: str, value: str | None, unset: bool) -> int:
    """Give a setting a value in config.toml, or take it away there.

    The value is checked first; one that cannot be meant so changes nothing. Comments and layout of the file stay, and a
    link stays one. A file that is damaged is told with the line, and is not touched.
    """
    from stui_cli.work.configuration import decided, set_key, unset_key

    if unset and value:
        raise UsageProblem("--unset takes no value", todo=f"stui config set {key} --unset")
    if value is None and not unset:
        raise UsageProblem(f"no value for {key}", todo=f"stui config set {key} VALUE, or --unset to take it away")
    store = invocation.open_store()
    done = unset_key(store, key) if not value else set_key(store, key, value)
    result = _result(done.row.key if done.row else key, value or None, done, store.home.config)
    if done.row is not None and done.problem is None:
        here = decided(done.row, invocation.given_options, invocation.environ, store.home.config, done.found)
        if here.source is SettingSource.ENVIRONMENT:
            result = result._replace(notes=[f"{here.where} is stronger: here it is {here.value}"])
    return invocation.show(result)
