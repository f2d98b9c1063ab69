"""One session in one file, to be carried elsewhere: TOML or MessagePack, by the file's suffix.

It holds values, so it is made for its owner alone. TOML has no null: what is not known is left out.
"""

from __future__ import annotations

from stui_cli.annotations import Form
from stui_cli.model.errors import StoreProblem, UsageProblem
from stui_cli.model.history import Entry
from stui_cli.model.sessions import SessionFile
from stui_cli.records import Codec
from stui_cli.store.encoding import misfit_in_words

SCHEMA = 1
KIND = "session"

_FILES = Codec({SessionFile: Form(always=("history",)), Entry: Form(always=("kind",))}, error=misfit_in_words)

# Such a file has a checkpoint and a history of 1 MiB; one a hundred times as large is something else.
LARGEST = 256 * 1024 * 1024


def encoded(session: SessionFile, form: str) -> bytes:
    """The content of a file in `form`, toml or msgpack. Both are UTF-8, for any reader: what was no text (a source that
    was typed in another encoding) becomes a question mark."""
    fields = {"schema": SCHEMA, "kind": KIND, **_FILES.encode(session)}
    if form == "msgpack":
        import msgpack

        data: bytes = msgpack.packb(fields, unicode_errors="replace")
        return data
    from stui_cli.store.toml_text import toml_text

    return toml_text(fields).encode("utf-8", "replace")


def decoded(data: bytes, form: str, named: str) -> SessionFile:
    """The session that `data` describes; `named` is what messages call it."""
    try:
        if len(data) > LARGEST:
            raise ValueError("it is too large")
        fields = _parsed(data, form)
        if not isinstance(fields, dict):
            raise ValueError("a table is missing")
        if fields.get("kind") != KIND:
            raise ValueError("it is no session")
        if fields.get("schema") != SCHEMA:
            raise StoreProblem(
                f"{named} was written by another version of stui (schema {fields.get('schema')!r})",
                todo="import it with that version, or a newer one",
            )
        return _FILES.decode(SessionFile, fields)
    except (ValueError, TypeError, RecursionError) as error:
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
