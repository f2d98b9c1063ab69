"""Who probes for all of a team."""

from typing import NamedTuple


class Lead(NamedTuple):
    """Who probes for all, by his own word. `place` tells his machine, as far as addresses of one machine mean the same
    there. `interval` is the time between two rounds, `timeout` what one probe may take, in ms. `told_at` is when he
    told this, in ms by his own clock."""

    user: str
    host: str
    place: str
    interval: int
    timeout: int
    told_at: int

    @property
    def shown(self) -> str:
        return f"{self.host}/{self.user}"
