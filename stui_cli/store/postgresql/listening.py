"""Being told that others changed the store, by a connection of its own: the one for questions must not wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.store.postgresql.connection import Server
from stui_cli.store.postgresql.failures import lost
from stui_cli.store.postgresql.libpq import ServerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from stui_cli.store.team_address import TeamAddress


class Listener:
    """Listens on the channel of a store from the first question on, and again after the connection was lost."""

    def __init__(self, address: TeamAddress) -> None:
        self._server = Server(address)
        self._channels = {address.channel: _nobody}
        self._listens_on: set[str] = set()

    def also(self, channel: str, own_backend: Callable[[], int | None]) -> None:
        """Listen on another channel, too, but not to what the session `own_backend` tells there."""
        self._channels[channel] = own_backend

    def heard(self, seconds: float) -> bool:
        """Wait for a notice, `seconds` at most; return whether there was one. Raises Away: what was told meanwhile is
        lost then, as it is before the first question."""
        try:
            connection = self._server.connection()
            for channel in self._channels.keys() - self._listens_on:
                connection.execute(f"listen {channel}")
                self._listens_on.add(channel)
            return any(pid != self._channels.get(channel, _nobody)() for channel, pid in connection.heard(seconds))
        except ServerError as error:
            self._listens_on.clear()
            self._server.close()
            raise lost(error, self._server.address) from error


def _nobody() -> int | None:
    return None
