"""Advice for an image that has yet to be added: there is nothing yet to set or to examine."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from stui_cli.model.images import TlsTerms

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stui_cli.model.images import Image

# A command goes on to the end of its clause; what is quoted is one word.
_OPTIONS = r"(?P<options>(?: (?:'[^']*'|[^\s;,()`'])+)*)"

# Of these each takes the place of the other.
_TRUST = {"--fingerprint", "--ca-file"}


def before_it_is_registered(todo: str, image: Image) -> str:
    """Advice for a registered image, for one that could not be added: what is to be set is to be added with, and
    whatever else it was to be added with stays."""
    name = re.escape(image.name)
    todo = todo.replace(f"stui images set {image.name} --no-key", "add it without --key-file")
    todo = todo.replace(f"stui doctor {image.name}", f"stui doctor --address {shlex.quote(image.address)}")
    return re.sub(rf"stui images set {name}{_OPTIONS}", lambda said: _added_with(image, said["options"]), todo)


def _added_with(image: Image, options: str) -> str:
    words = shlex.split(options)
    if "--address" in words:
        place = words.index("--address")
        image = image._replace(address=words[place + 1])
        del words[place : place + 2]
    named = {word for word in words if word.startswith("--")}
    named |= _TRUST if named & _TRUST else set()
    rest = "".join(f" {shlex.quote(word)}" for word in (*_given(image, named), *words))
    return f"stui images add {image.name} {shlex.quote(image.address)}{rest}"


def _given(image: Image, without: set[str]) -> Iterator[str]:
    """The options that it was to be added with."""
    for field in ("key_file", "key_id", "socket_owner", *TlsTerms._fields):
        option, value = f"--{field.replace('_', '-')}", getattr(image, field)
        if value is not None and option not in without:
            yield from (option, value)
    if image.allow_plaintext and "--allow-plaintext" not in without:
        yield "--allow-plaintext"
    for key, label in image.metadata.items():
        yield from ("-l", f"{key}={label}")
