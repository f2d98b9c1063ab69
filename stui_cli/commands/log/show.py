"""`stui log show`: what one operation changed, record by record."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stui_cli.contract.operation import OPERATION, changed_item, operation_item
from stui_cli.invocation import Invocation, command
from stui_cli.model.results import Result
from stui_cli.model.state import image_of_id
from stui_cli.model.visible import visible

if TYPE_CHECKING:
    from stui_cli.model.state import State
    from stui_cli.store.differences import Difference
    from stui_cli.store.store import Store


def show(store: Store, number: int) -> Result:
    """One operation with each record that it changed: `+` came, `-` went, `~` was changed."""
    operation = store.operation(number)
    state = store.operation_state(number)
    differences = store.difference(number)
    item = operation_item(operation, store.undone().get(number))
    item["changes"] = [changed_item(_label(difference, state), difference.fields) for difference in differences]
    head = f"operation {number}, {item['time']}, {item['user']}@{item['host']} (pid {item['pid']})"
    lines = [head, f"  {item['command']}", f"  {item['summary']}"]
    for difference in differences:
        lines.append(f"{_sign(difference)} {_label(difference, state)}")
        lines += [f"    {name}: {_value_words(a)} -> {_value_words(b)}" for name, (a, b) in difference.fields.items()]
    return Result(OPERATION, [item], text="\n".join(map(visible, lines)))  # no value can make a line of its own


def _sign(difference: Difference) -> str:
    if difference.before is None:
        return "+"
    return "-" if difference.after is None else "~"


def _label(difference: Difference, state: State) -> str:
    if difference.image_id is None:
        return f"{difference.section} {difference.name}"
    image = image_of_id(state, difference.image_id)
    return f"session {image.name if image else difference.image_id}/{difference.name}"


def _value_words(value: object) -> str:
    return "nothing" if value is None or value == () or value == {} else str(value)


@command("operation", name="show")
@click.argument("number", type=click.IntRange(1))
def cli(invocation: Invocation, number: int) -> int:
    """Show what operation NUMBER changed."""
    return invocation.show(show(invocation.open_store(), number))
