"""Finding the record of a session: by its image's name, or by the id of an image that is no longer registered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.model.errors import NotFound, Refused, UsageProblem
from stui_cli.model.names import Target, can_name, nearest
from stui_cli.model.state import image_of_id
from stui_cli.named_tuples import NamedTuple
from stui_cli.work.workbench import Workbench, known_image

if TYPE_CHECKING:
    from stui_cli.model.images import Image
    from stui_cli.model.sessions import Session
    from stui_cli.model.state import State
    from stui_cli.store.transaction import Draft


class Recorded(NamedTuple):
    """A session's record with its image; `image` is None where none of that id is registered."""

    image: Image | None
    session: Session

    @property
    def target(self) -> Target:
        """How the session is named on a command line."""
        return Target(self.image.name if self.image else self.session.image_id, self.session.name)


def recorded_session(bench: Workbench, state: State, target: Target) -> Recorded:
    """The record that `target` names. Raises NotFound with the nearest names, UsageProblem without a session.

    In place of a name stands the image id for sessions whose image is not registered, as listings show them.
    """
    if target.session is None:
        raise UsageProblem(f"{target} is an image; no session is named", todo="name one: IMAGE/SESSION")
    if target.image not in state.images and target.image in state.shards:
        image = image_of_id(state, target.image)
        sessions = bench.store.sessions(state, target.image)
        if (session := sessions.get(target.session)) is not None:
            return Recorded(image, session)
    image = known_image(state, target.image)
    return Recorded(image, known_session(bench, state, image, target.session))


def known_session(bench: Workbench, state: State, image: Image, name: str) -> Session:
    """The record of a session of a registered image. Raises NotFound with the nearest names of its sessions."""
    sessions = bench.store.sessions(state, image.image_id) if image.image_id else {}
    session = sessions.get(name)
    if session is None:
        make = f"make it: stui sessions create -i {image.name} {name}"
        hint = nearest(name, sessions) or (make if can_name(name) else f"see them: stui sessions -i {image.name}")
        raise NotFound(f"{image.name} has no session {name!r}", todo=hint, image=image.name)
    return session


def session_of_another_image(bench: Workbench, state: State, image: Image, name: str) -> Session | None:
    """A session called `name` of an image that is not registered any more, if `image` has none of that name.

    After `images trust` another image answers to the old name, and what people call alpha/work is such a session.
    """
    if image.image_id is not None and name in bench.store.sessions(state, image.image_id):
        return None
    registered = {other.image_id for other in state.images.values()}
    for image_id in state.shards:
        if image_id not in registered and (session := bench.store.sessions(state, image_id).get(name)):
            return session
    return None


def record_now(draft: Draft, session: Session) -> Session | None:
    """The record of `session` as it is under the lock, whatever it is called by now; None if it went."""
    records = draft.sessions(session.image_id).values()
    return next((record for record in records if record.session_id == session.session_id), None)


def same_record(draft: Draft, session: Session) -> Session:
    """The same; raises Refused if it went."""
    record = record_now(draft, session)
    if record is None:
        raise Refused(
            f"the session {session.name!r} was removed meanwhile, by another command",
            todo="see `stui sessions list` and `stui log`",
        )
    return record


def image_name_now(draft: Draft, session: Session, known_as: str) -> str:
    """What the image of `session` is called under the lock; `known_as` where it is not registered any more."""
    image = image_of_id(draft.state, session.image_id)
    return known_as if image is None else image.name
