"""The seed's ImageConnectionStatus: how an image stands, for the Python API."""

from typing import NamedTuple

from stui_cli.model.status import ConnectionHealth, ConnectionStatus


class ImageConnectionStatus(NamedTuple):
    """The seed's type: how an image stands, as last seen. Times in ms since the epoch, None for never."""

    image_id: str | None
    address: str
    status: ConnectionStatus
    last_seen: int | None
    connection_health: ConnectionHealth
    session_count: int | None
    last_activity: int | None
