"""Images, contexts and whole states as maps, in state.toml, in its cache and in the operations; and probes.

What is read and does not fit raises ValueError, which names the field; the caller knows the file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stui_cli.annotations import MISSING, Form
from stui_cli.model.contexts import Context
from stui_cli.model.images import Image
from stui_cli.model.names import Target
from stui_cli.model.state import State
from stui_cli.records import Codec, Misfit, dotted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stui_cli.annotations import Read, Write

Fields = dict[str, Any]

# What is nested deeper than this was written to do harm: neither a comparison nor MessagePack gets to its bottom.
DEEPEST = 64
TOO_DEEP = f"it is nested deeper than {DEEPEST} levels"

_WORDS = {
    "str": "is no text",
    "int": "is no integer",
    "float": "is no number",
    "bool": "is neither true nor false",
    "bytes": "is no binary data",
    "a table": "is no table",
    "an array": "is no list",
}


def misfit_in_words(misfit: Misfit, shape: type) -> ValueError:
    """What does not fit in a file of the store, as its reader is told: `images.alpha: address is no text`."""
    del shape
    path, expected = misfit.path, misfit.expected
    if expected == "a map":
        return ValueError(f"{dotted(path)}: a table is missing".removeprefix(": "))
    last = max((place for place, step in enumerate(path) if isinstance(step, str)), default=0)
    within, field = dotted(path[:last]), dotted(path[last:]) or "it"
    missing = misfit.got is None or misfit.got is MISSING
    words = "is missing" if missing else _WORDS.get(expected, f"is not {expected}")
    return ValueError(f"{within}: {field} {words}".removeprefix(": "))


def _target_of(raw: object) -> Target:
    if not isinstance(raw, str):
        raise Misfit("str", raw)
    image, _, session = raw.partition("/")
    return Target(image, session or None)


_FORMS = {
    Image: Form(given=("name",), extra="extra"),
    Context: Form(inlined=("target",), extra="extra"),
}
# The steps of a trail are texts, as people type them.
_LEAVES: dict[type, tuple[Read, Write]] = {Target: (_target_of, str)}

# A state as an operation and the cache carry it; its head is the number of that operation.
STATES = Codec(
    {**_FORMS, State: Form(given=("head",), needed=("client_id",), always=("client_id",))},
    _LEAVES,
    error=misfit_in_words,
)

# state.toml as a whole: what else stands in it, a newer stui wrote.
STATE_FILE = Codec({**_FORMS, State: Form(needed=("head", "client_id"), extra="extra")}, _LEAVES, error=misfit_in_words)


# Evaluations of a session.
HISTORY = Codec(whole=True)

# What the last contacts with an image were. All fields are written, since an earlier stui asks for them.
PROBES = Codec(whole=True, error=misfit_in_words)


def checked_depth(raw: object) -> None:
    """Raises ValueError for tables and lists nested too deep, however that was written: a dotted key of TOML makes
    any depth without the parser's own limit."""
    level = [raw]
    for _ in range(DEEPEST):
        level = [part for each in level if isinstance(each, dict | list) for part in _parts(each)]
        if not level:
            return
    raise ValueError(TOO_DEEP)


def _parts(value: dict[Any, Any] | list[Any]) -> Iterable[object]:
    return value.values() if isinstance(value, dict) else value
