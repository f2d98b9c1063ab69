"""Being told that others changed the store, by a connection of its own: the one for questions must not wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.store.postgresql.connection import Server
from stui_cli.store.postgresql.failures import lost
from stui_cli.store.postgresql.libpq import ServerError

if TYPE_CHECKING:
    from stui_cli.store.team_address import TeamAddress


class Listener:
    """Listens on the channel of a store from the first question on, and again after the connection was lost."""

    def __init__(self, address: TeamAddress) -> None:
        self._server = Server(address)
        self._listens = False

    def heard(self, seconds: float) -> bool:
        """Wait for a notice, `seconds` at most; return whether there was one. Raises Away: what was told meanwhile is
        lost then, as it is before the first question."""
        try:
            connection = self._server.connection()
            if not self._listens:
                connection.execute(f"listen {self._server.address.channel}")
                self._listens = True
            return connection.heard(seconds)
        except ServerError as error:
            self._listens = False
            self._server.close()
            raise lost(error, self._server.address) from error
