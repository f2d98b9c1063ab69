"""What is recorded of images and sessions, put together as the seed's types."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from stui_cli.flows.targeting import Asked, resolve
from stui_cli.flows.workbench import Workbench, known_image
from stui_cli.model.connections import ImageConnectionStatus
from stui_cli.model.errors import StuiError
from stui_cli.model.images import Image
from stui_cli.model.sessions import Session, SessionMetadata, SessionState
from stui_cli.model.state import image_of_id
from stui_cli.model.status import ConnectionHealth, ConnectionStatus

if TYPE_CHECKING:
    from stui_cli.model.names import Target
    from stui_cli.model.probes import Probe, ProbeRecord
    from stui_cli.model.state import State


def list_sessions(bench: Workbench, image_name: str | None) -> list[SessionMetadata]:
    """The recorded sessions of one image or of all, images in the order of the registry, strangers last."""
    state = bench.store.read()
    records = bench.store.probes()
    here = _here(state, bench)
    if image_name is not None:
        wanted = [known_image(state, image_name)]
        strangers: list[str] = []
    else:
        wanted = list(state.images.values())
        strangers = [image_id for image_id in state.shards if image_of_id(state, image_id) is None]
    found: list[SessionMetadata] = []
    for image in wanted:
        if image.image_id is not None and image.image_id in state.shards:
            sessions = bench.store.sessions(state, image.image_id).values()
            found.extend(_metadata(session, image, records.get(image.name), here) for session in sessions)
    for image_id in strangers:
        found.extend(_metadata(session, None, None, here) for session in bench.store.sessions(state, image_id).values())
    return found


def session_metadata(bench: Workbench, image: Image, session: Session) -> SessionMetadata:
    """One session with its image, as a listing shows it."""
    state = bench.store.read()
    return _metadata(session, image, bench.store.probes().get(image.name), _here(state, bench))


def connection_status(image: Image, record: ProbeRecord | None) -> ImageConnectionStatus:
    """The seed's ImageConnectionStatus from an image's record."""
    answer = record.last_answer if record else None
    return ImageConnectionStatus(
        image_id=image.image_id,
        address=image.address,
        status=ConnectionStatus.DISCONNECTED if image.parked else _status(record),
        last_seen=record.last_seen if record else None,
        connection_health=record.health if record else ConnectionHealth.UNKNOWN,
        session_count=answer.vitals.session_count if answer and answer.vitals else None,
        last_activity=record.last_seen if record else None,
    )


def _metadata(
    session: Session, image: Image | None, record: ProbeRecord | None, here: Target | None
) -> SessionMetadata:
    return SessionMetadata(
        session=replace(session, state=_state(session, image, record)),
        image=image.name if image else None,
        image_id=session.image_id,
        image_address=image.address if image else None,
        image_name=image.image_name if image else None,
        image_version=image.image_version if image else None,
        image_metadata=image.metadata if image else {},
        connection_status=_status(record),
        current=here is not None and image is not None and (here.image, here.session) == (image.name, session.name),
    )


def _state(session: Session, image: Image | None, record: ProbeRecord | None) -> SessionState:
    """A recorded session's state in the light of what its image said last."""
    if session.state is not SessionState.ACTIVE:
        return session.state
    if image is not None and image.parked:
        return SessionState.PARKED
    answer = record.last_answer if record else None
    if image is None or (answer is not None and answer.incarnation != session.incarnation and _newer(answer, session)):
        return SessionState.LOST
    return SessionState.ACTIVE


def _newer(answer: Probe, session: Session) -> bool:
    """A session made after the last probe may live in an incarnation that no probe has met yet."""
    return answer.checked_at >= session.last_activity


def _status(record: ProbeRecord | None) -> ConnectionStatus:
    return record.status if record else ConnectionStatus.UNKNOWN


def _here(state: State, bench: Workbench) -> Target | None:
    try:
        return resolve(state, Asked(), bench).target
    except StuiError:
        return None
