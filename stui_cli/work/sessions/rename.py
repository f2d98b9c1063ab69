"""Another name for the same session: its record, the contexts that mean it, and what its image calls it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.model.errors import Refused, StoreProblem, StuiError
from stui_cli.model.names import Target, checked_name
from stui_cli.model.operations import Kind, SessionDetails
from stui_cli.model.sessions import Session, SessionState
from stui_cli.work.meant.session import image_name_now, recorded_session, same_record
from stui_cli.work.sessions.checkpoint import checked_incarnation
from stui_cli.work.talking.enter import live_session, take_name_over
from stui_cli.work.talking.reach import reach

if TYPE_CHECKING:
    from stui_cli.model.images import Image
    from stui_cli.model.state import State
    from stui_cli.store.transaction import Draft
    from stui_cli.work.workbench import Workbench


def rename_session(bench: Workbench, target: Target, new_name: str) -> tuple[Session, list[str]]:
    """Give a session another name; contexts that mean it follow. Answers the record, and what has to be said.

    Raises Refused for a taken name, and if another command renamed it meanwhile. The image is told if it can be; it
    learns of it at the next restore otherwise.
    """
    checked_name(new_name, "a session")
    state = bench.store.read()
    image, session = recorded_session(bench, state, target)
    owner = image.name if image is not None else session.image_id
    made: list[Session] = []

    def change(draft: Draft) -> SessionDetails:
        record = same_record(draft, session)
        name, image_name = record.name, image_name_now(draft, record, owner)
        if name not in (session.name, new_name):
            raise Refused(
                f"{target} was renamed meanwhile, to {name}",
                todo=f"if it is to be called {new_name}: stui sessions rename {image_name}/{name} {new_name}",
                image=image_name,
            )
        sessions = draft.sessions(record.image_id)
        if name != new_name and new_name in sessions:
            raise Refused(f"{image_name}/{new_name} is there already", todo="choose another name", image=image_name)
        made.append(record._replace(name=new_name))
        # In its place, so that listings keep their order.
        moved = {(new_name if each == name else each): s for each, s in sessions.items()} | {new_name: made[-1]}
        sessions.clear()
        sessions.update(moved)
        here = Target(image_name, name)
        for scope, context in draft.contexts.items():
            draft.contexts[scope] = context._replace(
                target=_followed(context.target, here, new_name),
                trail=tuple(_followed(each, here, new_name) for each in context.trail),
            )
        return SessionDetails(Kind.SESSION_RENAME, image_name, name, {"name": new_name})

    bench.store.commit(change)
    return made[-1], [] if image is None else tell_image(bench, state, image, made[-1])


def tell_image(bench: Workbench, state: State, image: Image, session: Session) -> list[str]:
    """Let the image know a live session as its record now says. Return what has to be said where that cannot be."""
    if session.state is SessionState.CLOSED:
        return []
    try:
        with reach(bench, state, image) as client:
            checked_incarnation(client, image, session)
            live_session(bench, client, session)  # to create what is not there would make an empty one
            take_name_over(bench, client, session)
    except StoreProblem:
        raise
    except StuiError as error:
        return [f"the image could not be told ({error.what}); it learns of it at the next stui sessions restore"]
    return []


def _followed(each: Target, target: Target, new_name: str) -> Target:
    return each._replace(session=new_name) if each == target else each
