"""The results that a session keeps."""

from __future__ import annotations

from collections import deque
from typing import Any

from stui_cli.playground.agent.refusals import Refusal
from stui_cli.protocol.faults import ErrorCode


class KeptValues:
    """Values under numbers. What was evaluated and what an inspector merely looked at are counted together and
    forgotten apart, so that looking around drives out no result."""

    def __init__(self, limit: int) -> None:
        self.values: dict[int, Any] = {}
        self.next = 1
        self._limit = limit
        self._results: deque[int] = deque()
        self._glimpses: deque[int] = deque()

    def keep(self, value: Any) -> int:
        """The number of a result."""
        return self._put(value, self._results, self._limit)

    def glimpse(self, value: Any) -> int:
        """The number of a value that was looked at."""
        return self._put(value, self._glimpses, self._limit * 10)

    def at(self, number: int) -> Any:
        """The value of a number. Raises Refusal."""
        if number in self.values:
            return self.values[number]
        if 0 < number < self.next:
            raise Refusal(ErrorCode.OBJECT_NOT_FOUND, f"result @{number} is no longer kept; the last {self._limit} are")
        raise Refusal(ErrorCode.OBJECT_NOT_FOUND, f"there is no result @{number}")

    @property
    def results(self) -> list[int]:
        """The numbers of the results, the oldest first."""
        return list(self._results)

    @property
    def glimpses(self) -> list[int]:
        """The numbers of what was only looked at, the oldest first."""
        return list(self._glimpses)

    def restore(self, values: dict[int, Any], results: list[int], glimpses: list[int], following: int) -> None:
        """As it was when it was saved."""
        self.values.update(values)
        self._results.extend(results)
        self._glimpses.extend(glimpses)
        self.next = following

    def _put(self, value: Any, numbers: deque[int], most: int) -> int:
        number, self.next = self.next, self.next + 1
        self.values[number] = value
        numbers.append(number)
        if len(numbers) > most:
            del self.values[numbers.popleft()]
        return number
