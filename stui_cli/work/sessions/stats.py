"""The sessions of images, counted: by each image itself where it answers, else from what is recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.image.fan_out import fan_out
from stui_cli.model.errors import StoreProblem, StuiError
from stui_cli.model.sessions import ImageSessionStats, SessionState
from stui_cli.protocol.workspaces import GetImageSessionStats, SessionStats
from stui_cli.work.sessions.listing import list_sessions
from stui_cli.work.talking.reach import make_ways, reach
from stui_cli.work.workbench import Workbench, known_image

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stui_cli.model.images import Image
    from stui_cli.model.state import State


def session_stats(bench: Workbench, names: Sequence[str]) -> list[ImageSessionStats]:
    """Count the sessions of images, asked all at once. One that cannot be asked is no failure: then `live` is false,
    and `reason` says why."""
    state = bench.store.read()
    images = [known_image(state, name) for name in names]
    make_ways(bench, names)
    # Each has a time of its own.
    counted = fan_out(images, lambda image: _asked(bench.allowing(), state, image))
    return [
        _recorded(bench, image, found) if isinstance(found, str) else _told(bench, state, image, *found)
        for image, found in zip(images, counted, strict=True)
    ]


def _asked(bench: Workbench, state: State, image: Image) -> tuple[str, SessionStats] | str:
    """The id of an image and its own count; or why there is none."""
    if image.parked:
        return "it is parked"
    try:
        with reach(bench, state, image) as client:
            image_id = client.greeting.image_id
            return image_id, client.call(GetImageSessionStats(image_id), SessionStats, bench.deadline)
    except StoreProblem:
        raise
    except StuiError as error:
        return error.reason


def _told(bench: Workbench, state: State, image: Image, image_id: str, counted: SessionStats) -> ImageSessionStats:
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
