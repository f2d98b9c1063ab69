"""The sessions of one image, counted: by the image itself where it answers, else from what is recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.model.errors import StoreProblem, StuiError
from stui_cli.model.sessions import ImageSessionStats, SessionState
from stui_cli.protocol.workspaces import GetImageSessionStats, SessionStats
from stui_cli.work.sessions.listing import list_sessions
from stui_cli.work.talking.reach import reach
from stui_cli.work.workbench import Workbench, known_image

if TYPE_CHECKING:
    from stui_cli.model.images import Image


def session_stats(bench: Workbench, image_name: str) -> ImageSessionStats:
    """Count the sessions of an image. One that cannot be asked is no failure: then `live` is false, and `reason`
    says why."""
    state = bench.store.read()
    image = known_image(state, image_name)
    if image.parked:
        return _recorded(bench, image, "disconnected on purpose")
    try:
        with reach(bench, state, image) as client:
            image_id = client.greeting.image_id
            counted = client.call(GetImageSessionStats(image_id), SessionStats, bench.deadline)
    except StoreProblem:
        raise
    except StuiError as error:
        return _recorded(bench, image, error.reason)
    return ImageSessionStats(
        image=image.name,
        image_id=image_id,
        live=True,
        recorded=len(bench.store.sessions(state, image_id)),
        total=counted.total,
        active=counted.active,
        idle=counted.idle,
        orphaned=counted.orphaned,
        bindings=counted.bindings,
        memory_estimate=counted.memory_estimate,
        last_activity=counted.last_activity,
        per_client=tuple((share.client_id, share.total) for share in counted.per_client),
    )


def _recorded(bench: Workbench, image: Image, reason: str) -> ImageSessionStats:
    sessions = [metadata.session for metadata in list_sessions(bench, image.name)]
    return ImageSessionStats(
        image=image.name,
        image_id=image.image_id,
        live=False,
        recorded=len(sessions),
        total=len(sessions),
        active=sum(session.state is SessionState.ACTIVE for session in sessions),
        idle=None,
        orphaned=sum(session.state is SessionState.LOST for session in sessions),
        bindings=sum(session.bindings for session in sessions),
        memory_estimate=None,
        last_activity=max((session.last_activity for session in sessions), default=None),
        reason=reason,
    )
