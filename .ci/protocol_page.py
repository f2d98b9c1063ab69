#!/usr/bin/env python3
"""The parts of man/stui-protocol.7 that are made from the code: every request with its fields, and byte-exact examples.

python .ci/protocol_page.py           write them
python .ci/protocol_page.py --check   exit 1 if the page differs
"""

from __future__ import annotations

import argparse
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # the checkout's own stui, installed or not

from stui_cli.annotations import MISSING, fields_of, is_optional, is_record, item_of, without_none
from stui_cli.image.client import method_of
from stui_cli.protocol.codec import encode
from stui_cli.protocol.evaluation import Interrupt, Output, Queued
from stui_cli.protocol.fields import key_of
from stui_cli.protocol.handshake import client_proof, server_proof
from stui_cli.protocol.requests import TABLE, Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PAGE = ROOT / "man" / "stui-protocol.7"

# What each field means, by message and key. A field without an entry here is an error: the page would not say it.
MEANINGS = {
    "Hello.protocol": "1",
    "Hello.client": "the client's name and version, for logs",
    "Hello.client_id": "whose sessions are meant: the same text in every conversation of one client",
    "Hello.key_id": "which key will be proved; left out or nil without one",
    "Hello.nonce": "16 fresh random bytes; left out or nil without a key",
    "Hello.errors": "text for a client that shows an error only if it is one text; map, nil or left out otherwise",
    "Greeting.protocol": "1",
    "Greeting.agent": "the agent's name and version",
    "Greeting.image_id": "the image's own id, a UUID in ASCII that survives restarts and moves",
    "Greeting.incarnation": "a random id of this start of the image's process",
    "Greeting.image_name": "the name that the image was given",
    "Greeting.dialect": "gst, pharo, squeak, cuis or playground",
    "Greeting.image_version": "the Smalltalk's own name and version",
    "Greeting.auth": "none or hmac-sha256",
    "Greeting.nonce": "16 fresh random bytes; nil where auth is none",
    "Greeting.proof": "that the image holds the key; nil where hello named none",
    "Greeting.abilities": "names of what not every agent can; closing_checkpoint is close_session with a checkpoint",
    "Authenticate.proof": "the client's proof, 32 bytes",
    "Authenticated.role": "observer, developer or admin",
    "Ping.message": "any MessagePack value",
    "Pong.message": "the same value",
    "Pong.status": "ok, or what the image says of itself",
    "Pong.uptime_ms": "since this incarnation began",
    "Pong.clock_ms": "the image's clock",
    "Pong.pid": "the process id of the image",
    "Pong.memory_used": "in bytes",
    "Pong.memory_limit": "in bytes",
    "Pong.session_count": "sessions of all clients",
    "Pong.evaluating": "how many evaluations run now",
    "Pong.scheduled_ms": "how long a fresh process of user priority waited for its first turn",
    "Pong.unsaved_changes": "whether work would be lost if the image ended now",
    "Pong.last_activity": "when a session was used last, or the image started; an older agent leaves it out",
    "Evaluate.session_id": "the session whose variables are meant; nil for a scope that ends with the request",
    "Evaluate.source": "what a workspace takes: statements, with or without temporaries",
    "Evaluate.time_limit_ms": "when the code is stopped; the answer is then Timeout",
    "Evaluate.print_limit": "characters of the printed value at most",
    "Evaluate.once": "a key under which the code runs once",
    "Evaluation.outcome": "returned, raised or not_run (it did not compile)",
    "Evaluation.value": "what it returned",
    "Evaluation.error": "what it raised, or why it did not compile",
    "Evaluation.output": "its Transcript text, whole or up to the agent's limit",
    "Evaluation.elapsed_ms": "how long the code ran",
    "Evaluation.output_truncated": "true where the output was longer than that and lost its end",
    "Value.print": "its printString; of one whose printString raises or never ends, a safe description",
    "Value.class": "the name of its class",
    "Value.truncated": "whether print was cut at the limit",
    "Value.ref": "the number under which the session keeps it; nil without a session",
    "Value.float": "the exact value of a float",
    "Problem.class": "the class of the exception",
    "Problem.message": "its text",
    "Problem.line": "of the source, from 1",
    "Problem.column": "from 1",
    "Problem.stack": "the frames, innermost first",
    "Inspect.session_id": "where ref and binding are looked up and slots are kept; nil for an expression alone",
    "Inspect.depth": "levels of slots, from 1",
    "Inspect.start": "the first indexed slot wanted, from 1",
    "Inspect.count": "indexed slots at most",
    "Inspect.print_limit": "characters of each value at most",
    "Inspect.expression": "look into the value of this source",
    "Inspect.ref": "look into a kept result",
    "Inspect.binding": "look into a variable",
    "Inspection.class": "the name of its class",
    "Inspection.print": "as in evaluate",
    "Inspection.hash": "the same for the same object as long as it lives",
    "Inspection.size": "how many indexed slots there are in all",
    "Inspection.named": "its named slots, all of them",
    "Inspection.indexed": "the page of indexed slots that was asked for",
    "Inspection.ref": "the number under which the session keeps it",
    "Slot.name": "of an indexed slot its index",
    "Slot.class": "of the value",
    "Slot.print": "of the value",
    "Slot.ref": "the number under which the session keeps the value",
    "Slot.named": "the slots of the value, where depth asks for them",
    "Slot.indexed": "likewise",
    "CreateSession.session_id": "made by the client, a UUID",
    "CreateSession.name": "for people",
    "CreateSession.description": "for people",
    "LiveSession.session_id": "as given",
    "LiveSession.name": "as given last",
    "LiveSession.description": "as given last",
    "LiveSession.client_id": "told to its owner and to admins",
    "LiveSession.state": "active, or idle where the agent tells the two apart",
    "LiveSession.created_at": "when it was made",
    "LiveSession.last_activity": "when code ran in it last",
    "LiveSession.bindings": "how many variables it has",
    "LiveSession.image_id": "as in hello",
    "LiveSession.image_name": "as in hello",
    "LiveSession.image_version": "as in hello",
    "RestoreSession.session_id": "of the session to make again",
    "RestoreSession.name": "for people",
    "RestoreSession.description": "for people",
    "RestoreSession.bindings": "variables to make again",
    "RestoreSession.replay": "sources to run after that, in order, up to the first that fails",
    "StoredBinding.name": "of the variable",
    "StoredBinding.store": "an expression whose value it gets",
    "Restored.session": "as it is now",
    "Restored.restored": "the variables that have their values again",
    "Restored.lost": "those that have not, and why",
    "Restored.replayed": "how many sources ran",
    "Restored.failed": "the source that failed; those after it did not run",
    "LostBinding.name": "of the variable",
    "LostBinding.reason": "why it was not restored",
    "ReplayFailure.index": "of the source, from 0",
    "ReplayFailure.error": "what went wrong",
    "CheckpointSession.session_id": "the session meant",
    "Bindings.bindings": "all its variables",
    "BindingText.name": "of the variable",
    "BindingText.class": "of the value",
    "BindingText.print": "of the value",
    "BindingText.store": "an expression that makes the value again; nil if there is none",
    "CloseSession.session_id": "the session meant",
    "CloseSession.checkpoint": "whether its last checkpoint is taken in the same step",
    "CloseSession.interrupt": "whether what runs in it is interrupted, true if left out; else a busy session stays",
    "Closed.closed": "true; false if it stays",
    "Closed.checkpoint": "its last; nil if none was asked for or could be taken",
    "Closed.busy": "what was interrupted, or kept it open; nil if it was at rest",
    "BusyWith.busy_ms": "for how long it runs already",
    "BusyWith.source": "what runs, 200 characters at most",
    "ListImageSessions.image_id": "the image meant; nil for the one that is asked",
    "ListImageSessions.include_disconnected": "also those whose client is not connected",
    "GetImageSessionStats.image_id": "the image meant",
    "SessionStats.image_id": "the image meant",
    "SessionStats.total": "the sessions that the caller may see",
    "SessionStats.active": "used of late",
    "SessionStats.idle": "the others",
    "SessionStats.orphaned": "not used for long",
    "SessionStats.bindings": "variables in all of them",
    "SessionStats.memory_estimate": "in bytes",
    "SessionStats.last_activity": "the latest",
    "SessionStats.per_client": "the same by client",
    "ClientShare.client_id": "nil where it is not the caller's to know",
    "ClientShare.total": "sessions of this client",
    "CleanupImageSessions.image_id": "the image meant",
    "CleanupImageSessions.session_ids": "those to end; nil for all that the caller may end",
    "CleanupImageSessions.force": "also those in which code runs or that are active",
    "CleanupImageSessions.preserve_active": "keep active ones, unless forced",
    "Cleaned.cleaned": "the ids of those that were ended",
    "Cleaned.kept": "the others, and why",
    "KeptSession.session_id": "of a session that stays",
    "KeptSession.reason": "why: not_found, running or active",
    "SwitchImageContext.from_image_id": "the image that is left",
    "SwitchImageContext.to_image_id": "the image that is entered",
    "SwitchImageContext.session_id": "the session left or entered in the image that is asked",
    "SwitchImageContext.preserve_context": "whether a checkpoint of the session left is wanted",
    "Switched.checkpoint": "of the session left",
    "Switched.session": "the session entered",
    "GetImageConnectionStatus.image_id": "the image meant",
    "ReportedConnection.image_id": "the image meant",
    "ReportedConnection.address": "where it listens",
    "ReportedConnection.status": "connected",
    "ReportedConnection.last_seen": "now",
    "ReportedConnection.connection_health": "healthy, warning, critical or unknown",
    "ReportedConnection.session_count": "sessions of all clients",
    "ReportedConnection.last_activity": "the latest in any session",
    "Interrupt.id": "the id of a request of this very connection",
    "Output.id": "the id of the evaluation that said it",
    "Output.text": "what it said since the last such notification",
    "Queued.id": "the id of a request that waits behind another of its session",
    "Queued.busy_ms": "for how long that other runs already",
    "Queued.source": "what runs, 200 characters at most",
}

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
    lines = [
        ".Ss interrupt, to the agent",
        ".Bl -tag -width unsaved_changes -compact",
        *_fields(Interrupt, True),
        ".El",
    ]
    lines += [".Ss output, from the agent", ".Bl -tag -width unsaved_changes -compact", *_fields(Output, False), ".El"]
    lines += [".Ss queued, from the agent", ".Bl -tag -width unsaved_changes -compact", *_fields(Queued, False), ".El"]
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
    yield from (
        ".Pp",
        "Params:",
        ".Bl -tag -width unsaved_changes -compact -offset indent",
        *_fields(row.request, True),
        ".El",
    )
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
        yield from textwrap.wrap(f"({told}) {MEANINGS[f'{message.__name__}.{key}']}", 78)
        if nested is not None and nested is not message:
            yield from (".Bl -tag -width unsaved_changes -compact", *_fields(nested, asked), ".El")


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
