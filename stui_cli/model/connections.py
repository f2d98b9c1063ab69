"""The seed's ImageConnectionStatus: how an image stands, for the Python API."""

from stui_cli.model.status import ConnectionHealth, ConnectionStatus
from stui_cli.named_tuples import NamedTuple


class ImageConnectionStatus(NamedTuple):
    """The seed's type: how an image stands, as last seen. Times in ms since the epoch, None for never."""

    image_id: str | None  # None until the first contact
    address: str  # where it listens
    status: ConnectionStatus  # as last seen
    last_seen: int | None  # when it answered last
    connection_health: ConnectionHealth  # as last seen
    session_count: int | None  # how many sessions it has; None while it is not connected
    last_activity: int | None  # when one of them was used last, by the image's clock
