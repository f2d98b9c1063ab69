"""The seed's Session Creation Flow: request, image validation, creation in the image, storage, result."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from stui_cli.flows.workbench import Workbench, known_image
from stui_cli.image.contact import contact
from stui_cli.model.deadlines import Deadline
from stui_cli.model.errors import NotFound, Refused, StuiError
from stui_cli.model.names import checked_name, nearest
from stui_cli.model.operations import Kind, SessionDetails
from stui_cli.model.sessions import Session
from stui_cli.protocol.workspaces import Closed, CloseSession, CreateSession, LiveSession

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from stui_cli.model.images import Image
    from stui_cli.model.state import State
    from stui_cli.store.transaction import Draft

# Two short words are easier to say and to type than a number, and collide seldom.
_QUALITIES = (
    "amber",
    "brisk",
    "calm",
    "clear",
    "dry",
    "early",
    "fair",
    "fresh",
    "keen",
    "late",
    "light",
    "mild",
    "quick",
    "quiet",
    "sharp",
    "still",
    "warm",
    "wide",
)
_THINGS = (
    "arch",
    "bench",
    "cove",
    "desk",
    "door",
    "field",
    "forge",
    "garden",
    "grove",
    "harbor",
    "lamp",
    "loft",
    "mill",
    "path",
    "pier",
    "porch",
    "ridge",
    "yard",
)


def create_session(bench: Workbench, image_name: str, name: str | None, description: str | None) -> Session:
    """Make a session in an image and record it.

    The image is asked first: a session that it refuses leaves no record. If the record cannot be stored, the live
    session is closed again. Raises Refused for a taken name, and the contact's failures.
    """
    state = bench.store.read()
    image = known_image(state, image_name)
    existing = bench.store.sessions(state, image.image_id) if image.image_id else {}
    name = checked_name(name, "a session") if name else _fresh_name(existing)
    _refuse_taken(existing, image, name)

    deadline = Deadline.after(bench.timeout)
    with contact(image, state.client_id, deadline) as client:
        now = bench.clock()
        session = Session(
            session_id=_fresh_id(),
            name=name,
            image_id=client.greeting.image_id,
            incarnation=client.greeting.incarnation,
            created_at=now,
            last_activity=now,
            description=description,
        )
        client.call(CreateSession(session.session_id, name, description), LiveSession, deadline)

        def change(draft: Draft) -> SessionDetails:
            sessions = draft.sessions(session.image_id)
            _refuse_taken(sessions, image, name)
            sessions[name] = session
            return SessionDetails(Kind.SESSION_CREATE, image.name, name)

        try:
            bench.store.commit(change)
        except StuiError:
            client.call(CloseSession(session.session_id), Closed, Deadline.after(bench.timeout))
            raise
    return session


def known_session(bench: Workbench, state: State, image: Image, name: str) -> Session:
    """The record of a session; raises NotFound with the nearest names of that image's sessions."""
    sessions = bench.store.sessions(state, image.image_id) if image.image_id else {}
    session = sessions.get(name)
    if session is None:
        hint = nearest(name, sessions) or f"stui sessions create -i {image.name} {name}"
        raise NotFound(f"{image.name} has no session {name!r}", todo=hint, image=image.name)
    return session


def _refuse_taken(sessions: Mapping[str, Session], image: Image, name: str) -> None:
    if name in sessions:
        raise Refused(
            f"{image.name}/{name} is there already",
            todo=f"use it: stui switch {image.name}/{name} (or create it with --or-attach)",
            image=image.name,
        )


def _fresh_name(taken: Iterable[str]) -> str:
    seen = set(taken)
    for _ in range(1000):
        one, two = os.urandom(2)
        name = f"{_QUALITIES[one % len(_QUALITIES)]}-{_THINGS[two % len(_THINGS)]}"
        if name not in seen:
            return name
    return f"session-{os.urandom(4).hex()}"


def _fresh_id() -> str:
    """A random UUID (RFC 9562, version 4), without the 2 ms that importing uuid costs."""
    raw = bytearray(os.urandom(16))
    raw[6] = raw[6] & 0x0F | 0x40
    raw[8] = raw[8] & 0x3F | 0x80
    text = raw.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
