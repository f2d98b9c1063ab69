#!/usr/bin/env python3
"""The parts of man/stui-protocol.7 that are made from the code: every request with its fields, and byte-exact examples.

python .ci/protocol_page.py           write them
python .ci/protocol_page.py --check   exit 1 if the page differs
"""

from __future__ import annotations

import argparse
import ast
import inspect
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # the checkout's own stui, installed or not

from stui_cli.annotations import MISSING, fields_of, is_optional, is_record, item_of, without_none
from stui_cli.protocol.code import Progressed, Tested
from stui_cli.protocol.codec import encode
from stui_cli.protocol.evaluation import Interrupt, Output, Queued
from stui_cli.protocol.fields import key_of, method_of
from stui_cli.protocol.handshake import client_proof, server_proof
from stui_cli.protocol.requests import TABLE, Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PAGE = ROOT / "man" / "stui-protocol.7"

_TYPES = {str: "text", int: "integer", bool: "boolean", bytes: "binary", float: "float", object: "any"}

# The values of the byte-exact examples.
KEY = bytes(range(32))
CLIENT_NONCE = bytes(range(0xA0, 0xB0))
SERVER_NONCE = bytes(range(0xC0, 0xD0))
IMAGE_ID = "6f1c2a3e-0d4b-4c5d-8e7f-102030405060"
CLIENT_ID = "laptop-7"


def request_section() -> str:
    """Every request of the protocol's table, with its params, its result, and the messages in them."""
    return "\n".join(line for row in TABLE for line in _request(row))


def notification_section() -> str:
    """The notifications."""
    told = (
        ("interrupt, to the agent", Interrupt, True),
        ("output, from the agent", Output, False),
        ("queued, from the agent", Queued, False),
        ("progress, from the agent", Progressed, False),
        ("test, from the agent", Tested, False),
    )
    lines = []
    for title, message, asked in told:
        lines += [f".Ss {title}", ".Bl -tag -width unsaved_changes -compact", *_fields(message, asked), ".El"]
    return "\n".join(lines)


def vector_section() -> str:
    """A handshake and a ping, byte for byte."""
    server = server_proof(KEY, CLIENT_NONCE, SERVER_NONCE, IMAGE_ID)
    client = client_proof(KEY, CLIENT_NONCE, SERVER_NONCE, IMAGE_ID)
    hello = {"protocol": 1, "client": "example 1", "client_id": CLIENT_ID, "key_id": "admin", "nonce": CLIENT_NONCE}
    greeting = {
        "protocol": 1, "agent": "example", "image_id": IMAGE_ID, "incarnation": "1", "image_name": "alpha",
        "dialect": "gst", "image_version": "3.2.5", "auth": "hmac-sha256", "nonce": SERVER_NONCE, "proof": server,
    }  # fmt: skip
    refused = {"code": "UnsupportedMethod", "message": "pong", "details": None, "stack": None}
    examples: list[tuple[str, bytes]] = [
        ("the key, of 32 bytes", KEY),
        ("the client's nonce", CLIENT_NONCE),
        ("the server's nonce", SERVER_NONCE),
        (f"the image id {IMAGE_ID}", IMAGE_ID.encode("ascii")),
        ("the server's proof", server),
        ("the client's proof", client),
        ("request 1, hello", encode([0, 1, "hello", [hello]])),
        ("its answer", encode([1, 1, None, greeting])),
        ("request 2, authenticate", encode([0, 2, "authenticate", [{"proof": client}]])),
        ("its answer", encode([1, 2, None, {"role": "admin"}])),
        ("request 3, ping with the message 7", encode([0, 3, "ping", [{"message": 7}]])),
        ("request 4, pong, which there is not", encode([0, 4, "pong", []])),
        ("its answer", encode([1, 4, refused, None])),
        ("a notification, interrupt of request 3", encode([2, "interrupt", [{"id": 3}]])),
    ]
    return "\n".join(line for name, data in examples for line in _vector(name, data))


def _vector(name: str, data: bytes) -> Iterator[str]:
    yield from (".Pp", f"{name[0].upper()}{name[1:]}:", ".Bd -literal -offset indent")
    yield from textwrap.wrap(data.hex(" "), 48)
    yield ".Ed"


def _request(row: Row) -> Iterator[str]:
    yield f".Ss {method_of(row.request)}"
    yield f"{row.summary[0].upper()}{row.summary[1:]}."
    yield "Before a role is given." if row.role is None else f"Role: {row.role}."
    if row.later:
        yield from ("Not every agent has it: one that does names it in", ".Va methods", "of its greeting.")
    params = [*_fields(row.request, True)]
    if params:
        yield from (".Pp", "Params:", ".Bl -tag -width unsaved_changes -compact -offset indent", *params, ".El")
    else:
        yield from (".Pp", "Params: none.")
    result = "an array of maps, each with" if row.many else "a map with"
    yield from (".Pp", f"Result: {result}", ".Bl -tag -width unsaved_changes -compact -offset indent")
    yield from (*_fields(row.answer, False), ".El")


def _fields(message: type, asked: bool) -> Iterator[str]:
    """The fields as items of a list; a message in them as a list of its own."""
    for field in fields_of(message):
        key, optional = key_of(field.name), is_optional(field.annotation)
        bare = without_none(field.annotation)
        item = item_of(bare)
        inner = item or bare
        nested = inner if is_record(inner) else None
        kind = ("maps" if item else "map") if nested else _TYPES[inner]
        told = f"array of {kind}" if item else kind
        if optional:
            told += " or nil"
        if field.default is not MISSING and not (asked and optional):
            told += ", may be left out"
        yield f".It Va {key}"
        yield from textwrap.wrap(f"({told}) {meaning_of(message, field.name)}", 78)
        if nested is not None and nested is not message:
            yield from (".Bl -tag -width unsaved_changes -compact", *_fields(nested, asked), ".El")


def meaning_of(message: type, name: str) -> str:
    """What a field means: the comment behind it, or just above it. A field without one is an error."""
    lines, start = inspect.getsourcelines(message)
    (body,) = ast.parse("".join(lines)).body
    assert isinstance(body, ast.ClassDef)
    at = next(f.lineno for f in body.body if isinstance(f, ast.AnnAssign) and ast.unparse(f.target) == name) - 1
    above = lines[at - 1].strip()
    said = lines[at].partition("#")[2].strip() or (above.removeprefix("#").strip() if above.startswith("#") else "")
    if not said:
        raise LookupError(f"{message.__module__}, line {start + at}: a comment has to say what {name} means")
    return said


PARTS: dict[str, Callable[[], str]] = {
    "requests": request_section,
    "notifications": notification_section,
    "vectors": vector_section,
}


def filled(page: str) -> str:
    """`page` with the parts between its marks made anew. Raises LookupError if a mark is missing."""
    for name, make in PARTS.items():
        start, end = f'.\\" {name}: made by .ci/protocol_page.py\n', f'.\\" end of {name}\n'
        before, found, rest = page.partition(start)
        _, closed, after = rest.partition(end)
        if not found or not closed:
            raise LookupError(f"{PAGE.name} lacks the marks of {name}")
        page = f"{before}{start}{make()}\n{end}{after}"
    return page


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare only; exit 1 if the page differs")
    there = PAGE.read_text(encoding="utf-8")
    made = filled(there)
    if parser.parse_args().check:
        if made != there:
            print("protocol_page: the page differs from the code: run `python .ci/protocol_page.py`", file=sys.stderr)
        return int(made != there)
    PAGE.write_text(made, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
