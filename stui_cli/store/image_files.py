"""A list of images in one TOML file, to be carried to another machine: an array `[[images]]` (DESIGN section 10).

No key is in it, only where its file is. What a user writes by hand is read like what we wrote; unknown fields of an
image are kept. Fields of an entry that hold for one store alone do not travel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stui_cli.model.addresses import parse_address
from stui_cli.model.errors import StoreProblem, UsageProblem
from stui_cli.model.images import Image, TlsTerms
from stui_cli.model.names import checked_name
from stui_cli.store.encoding import TOO_DEEP, checked_depth
from stui_cli.store.envelope import pack

if TYPE_CHECKING:
    from collections.abc import Iterable

SCHEMA = 1

_TEXTS = ("image_id", "dialect", "key_file", "key_id", "socket_owner", *TlsTerms._fields)
# Known to us, so that they are no unknown fields: when and how it came into that store, and what is learned by contact.
_AT_HOME = ("added_at", "parked", "launch_directory", "image_name", "image_version")
_EXAMPLE = 'it holds [[images]] tables, each with name = "NAME" and address = "tcp://HOST:PORT"'


def encoded_images(images: Iterable[Image]) -> str:
    """The images as TOML, without what is not known. What was no text, in a label of an old store, becomes a question
    mark."""
    from stui_cli.store.toml_text import toml_text

    text = toml_text({"schema": SCHEMA, "images": [_fields(image) for image in images]})
    return text.encode("utf-8", "replace").decode("utf-8")


def decoded_images(data: bytes, called: str, now: int) -> list[Image]:
    """The images in a file called `called`. Raises UsageProblem naming the first thing that does not fit."""
    import tomllib

    try:
        raw = tomllib.loads(data.decode("utf-8"))
        checked_depth(raw)
    except RecursionError as error:
        raise UsageProblem(f"{called} cannot be read: {TOO_DEEP}", todo=_EXAMPLE) from error
    except ValueError as error:  # no UTF-8, no TOML, a number of 5,000 digits, or nested too deep
        raise UsageProblem(f"{called} cannot be read: {error}", todo=_EXAMPLE) from error
    if raw.get("schema", SCHEMA) != SCHEMA:
        raise UsageProblem(f"{called} has schema {raw['schema']}, which this stui does not know", todo="update stui")
    listed = raw.get("images")
    if not isinstance(listed, list) or not listed:
        raise UsageProblem(f"{called} lists no images", todo=_EXAMPLE)
    return [_image(each, number, called, now) for number, each in enumerate(listed, 1)]


def _fields(image: Image) -> dict[str, Any]:
    fields: dict[str, Any] = {"name": image.name, "address": image.address}
    fields |= {name: value for name in _TEXTS if (value := getattr(image, name)) is not None}
    if image.allow_plaintext:
        fields["allow_plaintext"] = True
    fields |= image.extra
    if image.metadata:
        fields["metadata"] = dict(image.metadata)
    return fields


def _image(raw: object, number: int, called: str, now: int) -> Image:
    match raw:
        case {"name": str(name), "address": str(address), **rest}:
            # All of a file is checked before any of it is registered.
            checked_name(name, "an image")
            parse_address(address)
            more = {str(key): value for key, value in rest.items()}
            texts = {key: _typed(more.pop(key, None), str, f"{called}: {name}: {key}") for key in _TEXTS}
            plaintext = _typed(more.pop("allow_plaintext", None), bool, f"{called}: {name}: allow_plaintext")
            labels = _typed(more.pop("metadata", None), dict, f"{called}: {name}: metadata") or {}
            if not all(isinstance(value, str) for value in labels.values()):
                raise UsageProblem(f"{called}: {name}: metadata holds a value that is no text", todo=_EXAMPLE)
            more = {key: value for key, value in more.items() if key not in _AT_HOME}
            try:
                pack(more)
            except StoreProblem as error:  # an integer of more than 64 bits
                raise UsageProblem(f"{called}: {name}: {error.what}", todo="leave that field out") from error
            return Image(name, address, now, metadata=labels, allow_plaintext=bool(plaintext), extra=more, **texts)
        case _:
            raise UsageProblem(f"{called}: image {number} has no name or no address", todo=_EXAMPLE)


def _typed(value: object, wanted: type, where: str) -> Any:
    if value is None or (isinstance(value, wanted) and not (wanted is not bool and isinstance(value, bool))):
        return value
    raise UsageProblem(f"{where} is not {wanted.__name__}", todo=_EXAMPLE)
