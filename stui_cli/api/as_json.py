"""Whatever a method answers as JSON: the keys are those that `-o json` of the command prints."""

from __future__ import annotations

import json
from collections.abc import Mapping


def to_json(answer: object, *, indent: int | None = None) -> str:
    """What a method answered as JSON text."""
    return json.dumps(as_plain(answer), indent=indent)


def as_plain(answer: object) -> object:
    """The same as text, numbers, true, false, None, lists and maps."""
    from stui_cli.contract.connection import connection_item
    from stui_cli.contract.context import switched_item
    from stui_cli.contract.records.record import plain_value
    from stui_cli.contract.session import session_item
    from stui_cli.contract.stats import stats_item
    from stui_cli.model.connections import ImageConnectionStatus
    from stui_cli.model.names import Target
    from stui_cli.model.sessions import ImageSessionStats, SessionMetadata
    from stui_cli.work.sessions.switch import ContextSwitch
    from stui_cli.work.sweeping.look import judged_item
    from stui_cli.work.sweeping.survey import Finding

    match answer:
        case SessionMetadata():
            return plain_value(session_item(answer))
        case ImageSessionStats():
            return plain_value(stats_item(answer))
        case ImageConnectionStatus():
            return plain_value(connection_item(answer))
        case ContextSwitch(scope=scope, target=target, previous=previous, effective=effective):
            return plain_value(switched_item(target, scope, previous, effective.target if effective else None))
        case Finding():
            return plain_value(judged_item(answer))
        case Target():
            return str(answer)
        case Mapping():
            return {str(key): as_plain(value) for key, value in answer.items()}
        case list() | tuple():
            return [as_plain(each) for each in answer]
        case _:
            return plain_value(answer)
