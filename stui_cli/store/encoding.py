"""Images, contexts and whole states <-> plain maps, as state.toml, the cache and the operations hold them.

A field at its default is left out. What this stui does not know is kept in `extra` and written back. The
functions that read raise ValueError naming the field; the caller knows the file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stui_cli.model.contexts import Context
from stui_cli.model.images import Image
from stui_cli.model.names import Target
from stui_cli.model.state import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Fields = dict[str, Any]

# What is nested deeper than this was written to do harm: neither a comparison nor MessagePack gets to its bottom.
DEEPEST = 64
TOO_DEEP = f"it is nested deeper than {DEEPEST} levels"

_TEXTS = ("image_id", "dialect", "image_name", "image_version", "key_file", "key_id", "launch_directory")
_FLAGS = ("allow_plaintext", "parked")


def image_fields(image: Image) -> Fields:
    """An image without its name, which is its key."""
    fields: Fields = {"address": image.address, "added_at": image.added_at}
    for name in _TEXTS:
        if (value := getattr(image, name)) is not None:
            fields[name] = value
    for name in _FLAGS:
        if getattr(image, name):
            fields[name] = True
    fields.update(image.extra)
    if image.metadata:
        fields["metadata"] = dict(image.metadata)
    return fields


def image_of(name: str, raw: object) -> Image:
    fields = table(raw)
    return Image(
        name,
        text(fields, "address"),
        number(fields, "added_at"),
        optional_text(fields, "image_id"),
        optional_text(fields, "dialect"),
        optional_text(fields, "image_name"),
        optional_text(fields, "image_version"),
        _labels(fields.pop("metadata", {})),
        optional_text(fields, "key_file"),
        optional_text(fields, "key_id"),
        _flag(fields, "allow_plaintext"),
        _flag(fields, "parked"),
        optional_text(fields, "launch_directory"),
        fields,
    )


def context_fields(context: Context) -> Fields:
    fields: Fields = {"image": context.target.image}
    if context.target.session is not None:
        fields["session"] = context.target.session
    fields["switched_at"] = context.switched_at
    if context.trail:
        fields["trail"] = [str(target) for target in context.trail]
    fields.update(context.extra)
    return fields


def context_of(raw: object) -> Context:
    fields = table(raw)
    target = Target(text(fields, "image"), optional_text(fields, "session"))
    trail = fields.pop("trail", [])
    if not isinstance(trail, list) or not all(isinstance(step, str) for step in trail):
        raise ValueError("trail is no list of texts")
    return Context(target, number(fields, "switched_at"), tuple(map(_target_of, trail)), fields)


def state_fields(state: State) -> Fields:
    """A whole state but for its head, which is the number of the operation that carries it."""
    return {
        "client_id": state.client_id,
        "images": {name: image_fields(image) for name, image in state.images.items()},
        "contexts": {scope: context_fields(context) for scope, context in state.contexts.items()},
        "shards": dict(state.shards),
        "extra": dict(state.extra),
    }


def state_of(head: int, raw: object) -> State:
    fields = table(raw)
    images = {name: _within(f"images.{name}", image_of, name, each) for name, each in table_of(fields, "images")}
    contexts = {scope: _within(f"contexts.{scope}", context_of, each) for scope, each in table_of(fields, "contexts")}
    shards = {image_id: text({image_id: sha}, image_id) for image_id, sha in table_of(fields, "shards")}
    return State(head, text(fields, "client_id"), images, contexts, shards, table(fields.pop("extra", {})))


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


def table(raw: object) -> Fields:
    """A copy of the map `raw`, to take fields from."""
    if not isinstance(raw, dict):
        raise ValueError("a table is missing")
    return dict(raw)


def table_of(fields: Fields, name: str) -> list[tuple[str, Any]]:
    """Take the items of the table `name`; none if it is missing."""
    value = fields.pop(name, {})
    if not isinstance(value, dict):
        raise ValueError(f"{name} is no table")
    return list(value.items())


def text(fields: Fields, name: str) -> str:
    """Take the text `name`."""
    value = fields.pop(name, None)
    if not isinstance(value, str):
        raise ValueError(f"{name} is no text" if value is not None else f"{name} is missing")
    return value


def optional_text(fields: Fields, name: str) -> str | None:
    """Take the text `name`, None if it is missing."""
    value = fields.pop(name, None)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{name} is no text")
    return value


def number(fields: Fields, name: str) -> int:
    """Take the integer `name`."""
    value = fields.pop(name, None)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"{name} is no integer" if value is not None else f"{name} is missing")
    return value


def optional_number(fields: Fields, name: str) -> int | None:
    """Take the integer `name`, None if it is missing."""
    return None if fields.get(name) is None else number(fields, name)


def _flag(fields: Fields, name: str) -> bool:
    value = fields.pop(name, False)
    if not isinstance(value, bool):
        raise ValueError(f"{name} is neither true nor false")
    return value


def _labels(raw: object) -> Mapping[str, str]:
    if not isinstance(raw, dict) or not all(isinstance(v, str) for v in raw.values()):
        raise ValueError("metadata is no table of texts")
    return raw


def _target_of(text: str) -> Target:
    image, _, session = text.partition("/")
    return Target(image, session or None)


def _within(where: str, decode: Any, *arguments: object) -> Any:
    """What `decode` makes, or a ValueError that says where it failed."""
    try:
        return decode(*arguments)
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from error
