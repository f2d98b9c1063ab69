"""What is recorded of images and sessions, put together as the seed's types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.model.connections import ImageConnectionStatus
from stui_cli.model.errors import StuiError
from stui_cli.model.sessions import Session, SessionMetadata, SessionState
from stui_cli.model.state import image_of_id
from stui_cli.model.status import ConnectionHealth, ConnectionStatus
from stui_cli.work.meant.target import Asked, resolve
from stui_cli.work.workbench import Workbench, known_image

if TYPE_CHECKING:
    from stui_cli.model.history import Entry
    from stui_cli.model.images import Image
    from stui_cli.model.names import Target
    from stui_cli.model.probes import Probe, ProbeRecord
    from stui_cli.model.state import State


def list_sessions(bench: Workbench, image_name: str | None) -> list[SessionMetadata]:
    """The recorded sessions of one image or of all, images in the order of the registry, strangers last. An image that
    is not registered any more is named by its id."""
    state = bench.store.read()
    records = bench.store.probes(state)
    here = _here(state, bench)
    wanted: list[Image] = []
    strangers: list[str] = []
    if image_name is not None and image_name in state.shards and image_of_id(state, image_name) is None:
        strangers = [image_name]
    elif image_name is not None:
        wanted = [image_of_id(state, image_name) or known_image(state, image_name)]
    else:
        wanted = list(state.images.values())
        registered = {image.image_id for image in wanted}
        strangers = [image_id for image_id in state.shards if image_id not in registered]
    found: list[SessionMetadata] = []
    for image in wanted:
        if image.image_id is not None and image.image_id in state.shards:
            record = records.get(image.name)
            found.extend(_metadata(s, image, record, here) for s in sessions_of(bench, state, image.image_id))
    for image_id in strangers:
        found.extend(_metadata(session, None, None, here) for session in sessions_of(bench, state, image_id))
    return found


def sessions_of(bench: Workbench, state: State, image_id: str) -> list[Session]:
    """The records of an image's sessions with what evaluations said since: when, and how many variables there are.

    An evaluation makes no operation, so it does not touch the record; it leaves a line in the session's history,
    which is read here, where people look. One with --no-history leaves none: that is what was asked for.
    """
    sessions = list(bench.store.sessions(state, image_id).values())
    latest = bench.store.last_evaluations(image_id, {s.session_id: s.last_activity for s in sessions})
    return [_freshened(session, latest[session.session_id]) if session.session_id in latest else session
            for session in sessions]  # fmt: skip


def session_metadata(bench: Workbench, image: Image | None, session: Session) -> SessionMetadata:
    """One session with its image, as a listing shows it."""
    state = bench.store.read()
    record = bench.store.probes(state).get(image.name) if image else None
    latest = bench.store.last_evaluations(session.image_id, {session.session_id: session.last_activity})
    if session.session_id in latest:
        session = _freshened(session, latest[session.session_id])
    return _metadata(session, image, record, _here(state, bench))


def metadata_of(bench: Workbench, session: Session) -> SessionMetadata:
    """A session's record with its image, whatever both are called by now."""
    return session_metadata(bench, image_of_id(bench.store.read(), session.image_id), session)


def metadata_called(bench: Workbench, target: Target) -> SessionMetadata:
    """The recorded session that `target` names, with its image. Raises NotFound."""
    from stui_cli.work.meant.session import recorded_session

    found = recorded_session(bench, bench.store.read(), target)
    return session_metadata(bench, found.image, found.session)


def _freshened(session: Session, last: Entry) -> Session:
    """The record after its last evaluation; one of another incarnation counted variables that are gone."""
    at = last.time + (last.elapsed_ms or 0)
    if at < session.last_activity:
        return session
    counted = last.bindings if last.incarnation == session.incarnation else None
    kept = session.bindings if counted is None or (session.checkpoint_at or 0) > at else counted
    return session._replace(last_activity=at, bindings=kept)


def connection_status(image: Image, record: ProbeRecord | None) -> ImageConnectionStatus:
    """The seed's ImageConnectionStatus from an image's record."""
    answer = record.last_answer if record else None
    status = _status(image, record)
    vitals = answer.vitals if answer else None
    return ImageConnectionStatus(
        image_id=image.image_id,
        address=image.address,
        status=status,
        last_seen=record.last_seen if record else None,
        connection_health=record.health if record and not image.parked else ConnectionHealth.UNKNOWN,
        session_count=vitals.session_count if vitals and status is ConnectionStatus.CONNECTED else None,
        last_activity=vitals.last_activity if vitals else None,
    )


def _metadata(
    session: Session, image: Image | None, record: ProbeRecord | None, here: Target | None
) -> SessionMetadata:
    return SessionMetadata(
        session=session._replace(state=_state(session, image, record)),
        image=image.name if image else None,
        image_id=session.image_id,
        image_address=image.address if image else None,
        image_name=image.image_name if image else None,
        image_version=image.image_version if image else None,
        image_metadata=image.metadata if image else {},
        connection_status=_status(image, record),
        current=here is not None and image is not None and (here.image, here.session) == (image.name, session.name),
    )


def _state(session: Session, image: Image | None, record: ProbeRecord | None) -> SessionState:
    """A recorded session's state in the light of what its image said last."""
    if session.state is not SessionState.ACTIVE:
        return session.state
    if image is not None and image.parked:
        return SessionState.PARKED
    if record is not None and record.stopped and record.since >= session.last_activity:
        return SessionState.LOST  # stui itself ended the process that it lived in
    answer = record.last_answer if record else None
    if image is None or (answer is not None and answer.incarnation != session.incarnation and _newer(answer, session)):
        return SessionState.LOST
    return SessionState.ACTIVE


def _newer(answer: Probe, session: Session) -> bool:
    """A session made after the last probe may live in an incarnation that no probe has met yet."""
    return answer.checked_at >= session.last_activity


def _status(image: Image | None, record: ProbeRecord | None) -> ConnectionStatus:
    if image is not None and image.parked:
        return ConnectionStatus.DISCONNECTED
    return record.status if record else ConnectionStatus.UNKNOWN


def _here(state: State, bench: Workbench) -> Target | None:
    try:
        return resolve(state, Asked(), bench).target
    except StuiError:
        return None
