"""What is recorded of images and sessions, put together as the seed's types."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from stui_cli.model.connections import ImageConnectionStatus
from stui_cli.model.errors import NotFound, StuiError
from stui_cli.model.names import Target
from stui_cli.model.sessions import SessionMetadata, SessionsOfImage, SessionState
from stui_cli.model.state import image_of_id
from stui_cli.model.status import ConnectionHealth, ConnectionStatus
from stui_cli.named_tuples import NamedTuple
from stui_cli.work.meant.images import is_pattern, names_fitting
from stui_cli.work.meant.target import Asked, resolve, target_of
from stui_cli.work.workbench import Workbench, known_image

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from stui_cli.model.history import Entry
    from stui_cli.model.images import Image
    from stui_cli.model.probes import Probe, ProbeRecord
    from stui_cli.model.sessions import Session
    from stui_cli.model.state import State


class SessionWish(NamedTuple):
    """Which sessions a listing is asked for. `words` are images and sessions in them (IMAGE/SESSION), `session` is a
    name in whatever image, each perhaps a pattern; `states` are those that count, all of them without any."""

    words: Sequence[str] = ()
    session: str | None = None
    states: Collection[SessionState] = ()


def list_sessions(bench: Workbench, image_name: str | None) -> list[SessionMetadata]:
    """The recorded sessions of one image or of all, images in the order of the registry, strangers last. An image that
    is not registered any more is named by its id."""
    lister = _Lister(bench)
    found = lister.of_all() if image_name is None else lister.of_image(image_name)
    return [each for sessions in found for each in sessions.each()]


def wished_sessions(bench: Workbench, wish: SessionWish) -> Iterator[SessionsOfImage]:
    """The recorded sessions that are wished for, each once, read image by image while they are asked for. Raises
    NotFound for an image or a session that is none, and for a pattern that fits none, before the first of them; that no
    session is in a state is no mistake."""
    lister = _Lister(bench)
    if not wish.words:
        found = lister.of_all()
    elif len(wish.words) == 1:
        found = lister.of_word(wish.words[0])
    else:
        found = _each_once([lister.of_word(word) for word in wish.words])
    if wish.session is not None:
        found = _called(found, wish.session, wish.session)
    return _in_states(found, wish.states) if wish.states else found


def _each_once(parts: Sequence[Iterable[SessionsOfImage]]) -> Iterator[SessionsOfImage]:
    """What several words name; a later one may name nothing, so all are read before the first is shown."""
    seen: set[str] = set()
    for found in [found for part in parts for found in part]:
        new = [session for session in found.sessions if session.session_id not in seen]
        seen.update(session.session_id for session in new)
        yield found._replace(sessions=new)


def _called(found: Iterable[SessionsOfImage], name: str, told: str) -> Iterator[SessionsOfImage]:
    fits = names_fitting(name)
    fitting = False
    for each in found:
        chosen = [session for session in each.sessions if fits(session.name)]
        if chosen:
            fitting = True
            yield each._replace(sessions=chosen)
    if not fitting:
        raise NotFound(f"no session fits {told!r}", todo="see `stui sessions list`")


def _in_states(found: Iterable[SessionsOfImage], states: Collection[SessionState]) -> Iterator[SessionsOfImage]:
    for each in found:
        yield each._replace(sessions=[session for session in each.sessions if session.state in states])


class _Lister:
    """The store as it is now, from which sessions are put together with their images. What it returns is read when it
    is asked for; that there is such an image is known before."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self._state = bench.store.read()
        self._records = bench.store.probes(self._state)
        self._here = _here(self._state, bench)
        registered = {image.image_id for image in self._state.images.values()}
        self._strangers = [image_id for image_id in self._state.shards if image_id not in registered]

    def of_all(self) -> Iterator[SessionsOfImage]:
        return chain(map(self._of_registered, self._state.images.values()), map(self._of_stranger, self._strangers))

    def of_image(self, name: str) -> Iterator[SessionsOfImage]:
        if name in self._strangers:
            return map(self._of_stranger, (name,))
        return map(self._of_registered, (image_of_id(self._state, name) or known_image(self._state, name),))

    def of_word(self, word: str) -> Iterator[SessionsOfImage]:
        """Those of `IMAGE` or `IMAGE/SESSION`, each perhaps a pattern."""
        image, session = target_of(word)
        if session is not None and not is_pattern(word):
            return iter([SessionsOfImage.of_one(metadata_called(self._bench, Target(image, session)))])
        if not is_pattern(image):
            found = self.of_image(image)
        else:
            fits = names_fitting(image)
            names = [name for name in (*self._state.images, *self._strangers) if fits(name)]
            if not names:
                raise NotFound(f"no image's name fits {image!r}", todo="see `stui images list`")
            found = chain.from_iterable(map(self.of_image, names))
        return found if session is None else _called(found, session, word)

    def _of_registered(self, image: Image) -> SessionsOfImage:
        image_id = image.image_id or ""  # pinned at the first contact: before it there is no session
        sessions = sessions_of(self._bench, self._state, image_id) if image_id in self._state.shards else []
        return _together(sessions, image, image_id, self._records.get(image.name), self._here)

    def _of_stranger(self, image_id: str) -> SessionsOfImage:
        return _together(sessions_of(self._bench, self._state, image_id), None, image_id, None, self._here)


def sessions_of(bench: Workbench, state: State, image_id: str) -> list[Session]:
    """The records of an image's sessions with what evaluations said since: when, and how many variables there are.

    An evaluation makes no operation, so it does not touch the record; it leaves a line in the session's history,
    which is read here, where people look. One with --no-history leaves none: that is what was asked for.
    """
    sessions = list(bench.store.sessions(state, image_id).values())
    latest = bench.store.last_evaluations(image_id, {s.session_id: s.last_activity for s in sessions})
    if not latest:
        return sessions
    return [_freshened(session, latest[session.session_id]) if session.session_id in latest else session
            for session in sessions]  # fmt: skip


def session_metadata(bench: Workbench, image: Image | None, session: Session) -> SessionMetadata:
    """One session with its image, as a listing shows it."""
    state = bench.store.read()
    record = bench.store.probes(state).get(image.name) if image else None
    latest = bench.store.last_evaluations(session.image_id, {session.session_id: session.last_activity})
    if session.session_id in latest:
        session = _freshened(session, latest[session.session_id])
    (metadata,) = _together([session], image, session.image_id, record, _here(state, bench)).each()
    return metadata


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
    status = status_now(image, record)
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


def _together(
    sessions: Sequence[Session], image: Image | None, image_id: str, record: ProbeRecord | None, here: Target | None
) -> SessionsOfImage:
    # Where nothing is known of an image, and it is not parked, all of them are as they were recorded.
    unjudged = image is not None and not image.parked and record is None
    return SessionsOfImage(
        sessions=sessions if unjudged else [_judged(session, image, record) for session in sessions],
        image=image.name if image else None,
        image_id=image_id,
        image_address=image.address if image else None,
        image_name=image.image_name if image else None,
        image_version=image.image_version if image else None,
        image_metadata=image.metadata if image else {},
        connection_status=status_now(image, record),
        here=here.session if here is not None and image is not None and here.image == image.name else None,
    )


def _judged(session: Session, image: Image | None, record: ProbeRecord | None) -> Session:
    state = state_now(session, image, record)
    return session if state is session.state else session._replace(state=state)


def state_now(session: Session, image: Image | None, record: ProbeRecord | None) -> SessionState:
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


def status_now(image: Image | None, record: ProbeRecord | None) -> ConnectionStatus:
    """How an image stands, as it was probed last."""
    if image is not None and image.parked:
        return ConnectionStatus.DISCONNECTED
    return record.status if record else ConnectionStatus.UNKNOWN


def _here(state: State, bench: Workbench) -> Target | None:
    try:
        return resolve(state, Asked(), bench).target
    except StuiError:
        return None
