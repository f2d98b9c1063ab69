"""All that is known of one image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.contract.image import image_in_full
from stui_cli.work.sessions.listing import list_sessions
from stui_cli.work.workbench import known_image

if TYPE_CHECKING:
    from stui_cli.work.workbench import Workbench


def described(bench: Workbench, name: str) -> dict[str, object]:
    """The item of a registered image in full. Contacts nobody; raises NotFound."""
    state = bench.store.read()
    image = known_image(state, name)
    used = [metadata.session.last_activity for metadata in list_sessions(bench, name)]
    record = bench.store.probes(state).get(name)
    return image_in_full(image, record, bench.clock(), session_used_at=max(used, default=None))
