"""The seed's Session Creation Flow: request, image validation, creation in the image, storage, result."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from stui_cli.model.errors import Refused, StuiError
from stui_cli.model.ids import fresh_id
from stui_cli.model.names import checked_name, checked_text
from stui_cli.model.operations import Kind, SessionDetails, SessionKind
from stui_cli.model.sessions import Session
from stui_cli.model.state import image_of_id
from stui_cli.protocol.workspaces import Closed, CloseSession, CreateSession, LiveSession
from stui_cli.work.sessions.checkpoint import with_checkpoint
from stui_cli.work.talking.enter import take_name_over
from stui_cli.work.talking.evaluate import open_workplace
from stui_cli.work.talking.reach import reach
from stui_cli.work.workbench import Workbench, known_image

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from stui_cli.image.client import Client
    from stui_cli.model.images import Image
    from stui_cli.model.names import Target
    from stui_cli.model.sessions import Checkpoint
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
    # 1. User request: an image that is registered, and a name that is free in it.
    state = bench.store.read()
    image = known_image(state, image_name)
    existing = bench.store.sessions(state, image.image_id) if image.image_id else {}
    named = checked_name(name, "a session") if name else _fresh_name(existing)
    refuse_taken(existing, image, named)
    if description is not None:
        checked_text(description, f"the description of {image.name}/{named}")

    # 2. Image validation: it answers, proves its key, and is the pinned one.
    with reach(bench, state, image) as client:
        session = new_session(bench, client, named, description)
        # 3. Session creation, in the image.
        request = CreateSession(session.session_id, named, description)
        client.call(request, LiveSession, bench.deadline)

        # 4. Storage, with the identity of the image.
        recorded = record_session(bench, client, image, session, Kind.SESSION_CREATE, any_name=name is None)
        if recorded.name != named:
            take_name_over(bench, client, recorded)
    return recorded


def record_session(
    bench: Workbench,
    client: Client,
    image: Image,
    session: Session,
    kind: SessionKind,
    checkpoint: Checkpoint | None = None,
    *,
    any_name: bool = False,
) -> Session:
    """Record a session that was just made in its image; one that cannot be recorded is closed there again.

    With `any_name` it gets another one where its own was taken meanwhile. Return the record. Raises Refused for a
    name that is taken, and if the image is not registered any more.
    """
    made: list[Session] = []

    def change(draft: Draft) -> SessionDetails:
        here = image_of_id(draft.state, session.image_id)
        if here is None:
            raise Refused(
                f"another command removed {image.name} meanwhile; the session {session.name} was closed again",
                todo="see stui log",
                image=image.name,
            )
        sessions = draft.sessions(session.image_id)
        name = _fresh_name(sessions) if any_name and session.name in sessions else session.name
        refuse_taken(sessions, here, name)
        record = session._replace(name=name)
        sessions[name] = with_checkpoint(draft, record, checkpoint) if checkpoint else record
        made.append(sessions[name])
        return SessionDetails(kind, here.name, name)

    try:
        with bench.allowance.standing_still():
            bench.store.commit(change)
    except BaseException:
        # Why it could not be recorded is what has to be told; what stays in the image is found by the next cleanup.
        with suppress(StuiError):
            client.call(CloseSession(session.session_id), Closed, bench.deadline)
        raise
    return made[-1]


def attach_session(bench: Workbench, target: Target) -> Session:
    """Use a session that is there already. Raises what entering it raises: closed, or its image restarted."""
    workplace = open_workplace(bench, target)
    try:
        return workplace.enter()
    finally:
        workplace.close()


def create_or_attach(bench: Workbench, target: Target, description: str | None) -> tuple[Session, bool]:
    """Use the session of that name if it is there already, else make it; return it, and whether it was made."""
    from stui_cli.work.sessions.listing import list_sessions

    def is_there() -> bool:
        return any(found.session.name == target.session for found in list_sessions(bench, target.image))

    if not is_there():
        try:
            return create_session(bench, target.image, target.session, description), True
        except Refused:  # another command was quicker
            if not is_there():
                raise
    return attach_session(bench, target), False


def new_session(bench: Workbench, client: Client, name: str, description: str | None) -> Session:
    """The record of a session that is to be made in the image of this conversation."""
    now = bench.clock()
    return Session(
        session_id=fresh_id(),
        name=name,
        image_id=client.greeting.image_id,
        incarnation=client.greeting.incarnation,
        created_at=now,
        last_activity=now,
        description=description,
    )


def refuse_taken(sessions: Mapping[str, Session], image: Image, name: str) -> None:
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
