"""Receipts: what was answered under a key, so that who lost a connection can ask again and nothing runs twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.playground.agent.jobs import AgentJob

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

# Characters of all prints and outputs in them.
_MOST = 64 * 1024 * 1024


class Receipts:
    """The last ones, bounded in number and in size. A job stands for what is not settled: that stays.

    Not safe by itself: whoever uses it holds the agent's lock.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._found: dict[Hashable, object] = {}
        self._sizes: dict[Hashable, int] = {}

    def get(self, key: Hashable) -> object:
        """The job or the result under a key; None for a key that is new."""
        return self._found.get(key)

    def open(self, key: Hashable, job: AgentJob) -> None:
        """From now on `job` is what the key means."""
        self.drop(key)
        self._found[key] = job

    def settle(self, key: Hashable, result: object, size: int) -> None:
        """Keep what the job was answered; the oldest go where there are too many."""
        if key not in self._found:
            return
        self._found[key] = result
        self._sizes[key] = size
        for old in self._superfluous():
            self.drop(old)

    def drop(self, key: Hashable) -> None:
        """What is asked under this key from now on is new."""
        self._found.pop(key, None)
        self._sizes.pop(key, None)

    def _superfluous(self) -> list[Hashable]:
        too_many, too_much = len(self._found) - self._limit, sum(self._sizes.values()) - _MOST
        gone: list[Hashable] = []
        for key in self._settled():
            if too_many <= 0 and too_much <= 0:
                break
            gone.append(key)
            too_many, too_much = too_many - 1, too_much - self._sizes[key]
        return gone

    def _settled(self) -> Iterator[Hashable]:
        return (key for key, found in self._found.items() if not isinstance(found, AgentJob))
