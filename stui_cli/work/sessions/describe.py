"""What a session is for, in other words: its record, and what its image keeps of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.model.names import Target, checked_text
from stui_cli.model.operations import Kind, SessionDetails
from stui_cli.work.meant.session import image_name_now, recorded_session, same_record
from stui_cli.work.sessions.rename import tell_image

if TYPE_CHECKING:
    from stui_cli.model.sessions import Session
    from stui_cli.store.transaction import Draft
    from stui_cli.work.workbench import Workbench


def describe_session(bench: Workbench, target: Target, description: str) -> tuple[Session, list[str]]:
    """Give a session another description, none if it is empty. Return the record, and what has to be said.

    The image is told if it can be; it learns of it at the next restore otherwise.
    """
    checked_text(description, f"the description of {target}")
    state = bench.store.read()
    image, session = recorded_session(bench, state, target)
    made: list[Session] = []

    def change(draft: Draft) -> SessionDetails:
        record = same_record(draft, session)
        made.append(record._replace(description=description or None))
        draft.sessions(record.image_id)[record.name] = made[-1]
        owner = image_name_now(draft, record, target.image)
        return SessionDetails(Kind.SESSION_CHANGE, owner, record.name, {"description": description})

    bench.store.commit(change)
    return made[-1], [] if image is None else tell_image(bench, state, image, made[-1])
