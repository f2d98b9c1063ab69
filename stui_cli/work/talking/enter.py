"""Entering a session: its image says that it knows it, and what it calls it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.model.errors import ProtocolBroken

if TYPE_CHECKING:
    from stui_cli.image.client import Client
    from stui_cli.model.sessions import Session
    from stui_cli.protocol.workspaces import LiveSession
    from stui_cli.work.workbench import Workbench


def live_session(bench: Workbench, client: Client, session: Session) -> LiveSession:
    """The session as its image knows it, entered. Raises NotFound if the image does not know it."""
    from stui_cli.protocol.workspaces import Switched, SwitchImageContext  # most evaluations come without it

    request = SwitchImageContext("", client.greeting.image_id, session.session_id, False)
    answer = client.call(request, Switched, bench.deadline).session
    if answer is None:
        raise ProtocolBroken(
            f"the image let the session {session.name!r} be entered, and said nothing of it",
            todo="check its agent: stui doctor IMAGE",
        )
    return answer


def take_name_over(bench: Workbench, client: Client, session: Session) -> None:
    """Let the image call a session that it knows by the record's name: to create a known id renames it."""
    from stui_cli.protocol.workspaces import CreateSession, LiveSession

    request = CreateSession(session.session_id, session.name, session.description)
    client.call(request, LiveSession, bench.deadline)
