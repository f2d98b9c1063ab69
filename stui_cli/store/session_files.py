"""One session in one file, to be carried elsewhere: TOML or MessagePack, by the file's suffix.

It holds values, so it is made for its owner alone. TOML has no null: what is not known is left out.
"""

from __future__ import annotations

from typing import Any

from stui_cli.model.errors import StoreProblem, UsageProblem
from stui_cli.model.history import Entry
from stui_cli.model.sessions import Checkpoint, CheckpointBinding, SessionFile
from stui_cli.store.encoding import number, optional_number, optional_text, table, text

SCHEMA = 1
KIND = "session"

# Such a file has a checkpoint and a history of 1 MiB; one a hundred times as large is something else.
LARGEST = 256 * 1024 * 1024


def encoded(session: SessionFile, form: str) -> bytes:
    """The content of a file in `form`, toml or msgpack. Both are UTF-8, for any reader: what was no text (a source that
    was typed in another encoding) becomes a question mark."""
    fields = _without_null({"schema": SCHEMA, "kind": KIND, **session._asdict()})
    if form == "msgpack":
        import msgpack

        data: bytes = msgpack.packb(fields, unicode_errors="replace")
        return data
    import tomli_w

    return tomli_w.dumps(fields).encode("utf-8", "replace")


def decoded(data: bytes, form: str, named: str) -> SessionFile:
    """The session that `data` describes; `named` is what messages call it."""
    try:
        if len(data) > LARGEST:
            raise ValueError("it is too large")
        fields = table(_parsed(data, form))
        if fields.get("kind") != KIND:
            raise ValueError("it is no session")
        if fields.get("schema") != SCHEMA:
            raise StoreProblem(
                f"{named} was written by another version of stui (schema {fields.get('schema')!r})",
                todo="import it with that version, or a newer one",
            )
        return _session(fields)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise UsageProblem(
            f"{named} is no file of a session: {error}", todo="name a file of stui sessions export"
        ) from error


def _parsed(data: bytes, form: str) -> object:
    if form == "msgpack":
        import msgpack

        try:
            return msgpack.unpackb(data, unicode_errors="surrogatepass", strict_map_key=True)
        except msgpack.UnpackException as error:
            raise ValueError(str(error)) from error
    import tomllib

    return tomllib.loads(data.decode("utf-8", "surrogatepass"))


def _session(fields: dict[str, Any]) -> SessionFile:
    checkpoint = fields.get("checkpoint")
    return SessionFile(
        name=text(fields, "name"),
        description=optional_text(fields, "description"),
        session_id=text(fields, "session_id"),
        created_at=number(fields, "created_at"),
        exported_at=number(fields, "exported_at"),
        image_id=text(fields, "image_id"),
        image_name=optional_text(fields, "image_name"),
        dialect=optional_text(fields, "dialect"),
        image_version=optional_text(fields, "image_version"),
        checkpoint=None if checkpoint is None else _checkpoint(table(checkpoint)),
        history=tuple(_entry(table(entry)) for entry in fields.get("history", ())),
    )


def _checkpoint(fields: dict[str, Any]) -> Checkpoint:
    return Checkpoint(
        session_id=text(fields, "session_id"),
        image_id=text(fields, "image_id"),
        incarnation=text(fields, "incarnation"),
        taken_at=number(fields, "taken_at"),
        bindings=tuple(_binding(table(binding)) for binding in fields.get("bindings", ())),
    )


def _binding(fields: dict[str, Any]) -> CheckpointBinding:
    return CheckpointBinding(
        text(fields, "name"), text(fields, "class_name"), text(fields, "printed"), optional_text(fields, "store")
    )


def _entry(fields: dict[str, Any]) -> Entry:
    return Entry(
        time=number(fields, "time"),
        source=text(fields, "source"),
        outcome=text(fields, "outcome"),
        printed=optional_text(fields, "printed"),
        class_name=optional_text(fields, "class_name"),
        error=optional_text(fields, "error"),
        elapsed_ms=optional_number(fields, "elapsed_ms"),
        incarnation=text(fields, "incarnation"),
        bindings=optional_number(fields, "bindings"),
        kind=text(fields, "kind") if "kind" in fields else Entry._field_defaults["kind"],
    )


def _without_null(value: object) -> Any:
    match value:
        case Checkpoint() | CheckpointBinding() | Entry():
            return _without_null(value._asdict())
        case dict():
            return {key: _without_null(part) for key, part in value.items() if part is not None}
        case list() | tuple():
            return [_without_null(part) for part in value]
        case _:
            return value
