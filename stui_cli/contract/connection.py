"""How an image stands, in the user's own words for it: the seed's ImageConnectionStatus. No command prints one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.model.times import moment

if TYPE_CHECKING:
    from stui_cli.model.connections import ImageConnectionStatus


def connection_item(connection: ImageConnectionStatus) -> dict[str, object]:
    """One image's standing."""
    return {
        "image_id": connection.image_id,
        "address": connection.address,
        "status": connection.status,
        "last_seen": moment(connection.last_seen),
        "connection_health": connection.connection_health,
        "session_count": connection.session_count,
        "last_activity": moment(connection.last_activity),
    }
