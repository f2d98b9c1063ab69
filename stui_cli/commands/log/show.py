"""`stui log show`: what one operation changed, record by record."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stui_cli.contract.operation import MORE_IN_FULL, OPERATION
from stui_cli.global_options import complete_operation
from stui_cli.invocation import Invocation, command
from stui_cli.model.results import Result
from stui_cli.model.times import Moment, moment
from stui_cli.model.visible import visible
from stui_cli.option_types import Whole
from stui_cli.output.cleaning import first_line
from stui_cli.output.units import age

if TYPE_CHECKING:
    from stui_cli.store.differences import Difference
    from stui_cli.store.store import Store

_NOTHING = "nothing"


def show(store: Store, number: int, now: int) -> Result:
    """One operation with each record that it changed: `+` came, `-` went, `~` was changed."""
    from stui_cli.work.log import in_full, record_label

    item = in_full(store, number)
    state = store.operation_state(number)
    differences = store.difference(number)
    at = item["time"]
    when = f"{age(now - at.ms)} ({at})" if isinstance(at, Moment) else "at no time that can be told"
    head = f"operation {number}, {when}, {item['user']}@{item['host']} (pid {item['pid']})"
    lines = [head, f"  {first_line(str(item['command']))}", f"  {first_line(str(item['summary']))}"]
    for difference in differences:
        lines.append(f"{_sign(difference)} {record_label(difference, state)}")
        for name, values in difference.fields.items():
            before, after = (_value_words(name, value) for value in values)
            if (before, after) != (_NOTHING, _NOTHING):
                lines.append(f"    {name}: {before} -> {after}")
    return Result(OPERATION, [item], text="\n".join(map(visible, lines)))  # no value can make a line of its own


def _sign(difference: Difference) -> str:
    if difference.before is None:
        return "+"
    return "-" if difference.after is None else "~"


def _value_words(name: str, value: object) -> str:
    if isinstance(value, int) and (name.endswith("_at") or name == "last_activity"):
        return str(moment(value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _NOTHING if value is None or value == () or value == {} else first_line(str(value))


@command("operation", name="show", adds=MORE_IN_FULL)
@click.argument("number", type=Whole(1), shell_complete=complete_operation)
def cli(invocation: Invocation, number: int) -> int:
    """Show what operation NUMBER changed."""
    return invocation.show(show(invocation.open_store(), number, invocation.screen.clock()))
