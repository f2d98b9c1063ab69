"""Another name for the same session: its record, the contexts that mean it, and what its image calls it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.flows.entering import live_session, take_name_over
from stui_cli.flows.preservation import checked_incarnation
from stui_cli.flows.reaching import reach
from stui_cli.flows.session_records import recorded_session, same_record
from stui_cli.model.errors import Refused, StoreProblem, StuiError
from stui_cli.model.names import Target, checked_name
from stui_cli.model.operations import Kind, SessionDetails
from stui_cli.model.sessions import Session, SessionState

if TYPE_CHECKING:
    from stui_cli.flows.workbench import Workbench
    from stui_cli.model.images import Image
    from stui_cli.model.state import State
    from stui_cli.store.transaction import Draft


def rename_session(bench: Workbench, target: Target, new_name: str) -> tuple[Session, list[str]]:
    """Give a session another name; contexts that mean it follow. Answers the record, and what has to be said.

    Raises Refused for a taken name. The image is told if it can be; it learns of it at the next restore otherwise.
    """
    checked_name(new_name, "a session")
    state = bench.store.read()
    image, session = recorded_session(bench, state, target)
    owner = image.name if image is not None else session.image_id
    renamed = session._replace(name=new_name)

    def change(draft: Draft) -> SessionDetails:
        record = same_record(draft, session)
        sessions = draft.sessions(record.image_id)
        if new_name in sessions:
            raise Refused(f"{owner}/{new_name} is there already", todo="choose another name", image=owner)
        # In its place, so that listings keep their order.
        moved = {(new_name if name == record.name else name): each for name, each in sessions.items()}
        moved[new_name] = record._replace(name=new_name)
        sessions.clear()
        sessions.update(moved)
        for scope, context in draft.contexts.items():
            draft.contexts[scope] = context._replace(
                target=_followed(context.target, target, new_name),
                trail=tuple(_followed(each, target, new_name) for each in context.trail),
            )
        return SessionDetails(Kind.SESSION_RENAME, owner, record.name, {"name": new_name})

    bench.store.commit(change)
    return renamed, [] if image is None else _tell_image(bench, state, image, renamed)


def _tell_image(bench: Workbench, state: State, image: Image, session: Session) -> list[str]:
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
