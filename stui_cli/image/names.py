"""The hosts by name of the images of a round, asked for beside a loop that must not wait.

The system's resolver keeps its own time and nobody can interrupt it. So each host is asked for in a thread, and once,
however many images it has:

    asked for    its images wait, each within its own time; others do not
    answered     they go on, in turn
    given up     the time of one was over: all are told so, and nobody asks for that host before the thread is back
"""

from __future__ import annotations

import _socket as socket  # as in transports/tcp.py
from contextlib import suppress
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from stui_cli.image.fan_out import Fan
from stui_cli.image.given_up import GivenUp
from stui_cli.image.routes import route_among, route_to
from stui_cli.image.transports import tcp
from stui_cli.image.transports.waits import Pause, Turn
from stui_cli.model.addresses import TcpAddress, parse_address
from stui_cli.model.errors import Unreachable, UsageProblem
from stui_cli.model.probe_outcome import ProbeOutcome

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

    from stui_cli.image.aside import Aside
    from stui_cli.image.routes import Route
    from stui_cli.image.transports.tcp import Found
    from stui_cli.image.transports.waits import Steps
    from stui_cli.model.addresses import Address

    # What is known of a host: its addresses, or why there are none; None where nobody answered in time.
    Answer = Found | Exception | None

HUNG = "no answer in time, not even to the question for its address"

# So many threads begin, and so many are there at most: more come while hardly any answer does.
_FIRST_BATCH, _MOST = 8, 256

# How soon it is looked whether the answer is there, and then less and less often, for a thousand may wait for one.
_FIRST_LOOK_S, _LAST_LOOK_S = 0.001, 0.05

# What waits for a resolver waits in this process, whichever round asked.
_given_up = GivenUp()


class Names:
    """A context manager around a round of images with these addresses. `aside` asks for what is met on the way. `in`
    tells whether an address has a host that is to be waited for; the length is how many are asked for at once."""

    def __init__(self, addresses: Iterable[str], aside: Aside) -> None:
        self._hosts = {address: host for address in addresses if (host := _host_by_name(address)) is not None}
        hosts = dict.fromkeys(self._hosts.values())
        asked = [host for host in hosts if not _given_up.waited_for(host)]
        self._fan: Fan[str, Answer] = Fan(asked, _answer)
        self._places = {host: place for place, host in enumerate(asked)}
        self._answers: dict[str, Answer] = dict.fromkeys(hosts.keys() - self._places.keys())
        self._aside = aside

    def __contains__(self, address: str) -> bool:
        return address in self._hosts

    def __len__(self) -> int:
        return min(len(self._fan), _MOST)

    def __enter__(self) -> Names:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._fan.abandon()

    def begin(self, at_once: int) -> None:
        """Ask, in so many threads at most."""
        self._fan.begin(at_once, _FIRST_BATCH)

    @property
    def are_known(self) -> bool:
        """Whether all hosts have been answered for."""
        return self._fan.finished.is_set()

    def tend(self, allowed: float) -> None:
        """What is to be done now and then meanwhile; a question may take `allowed` seconds."""
        self._fan.tend(allowed, _give_up)

    def come(self, address: str) -> Steps[None]:
        """Wait until it is known what can be known of the host in `address`, which is `in` this."""
        host = self._hosts[address]
        if host not in self._answers:
            yield from self._arrival(host, self._places[host])

    def meet(self, address: str) -> Steps[None]:
        """The same of any address, at which an image said that it is."""
        if address in self:
            yield from self.come(address)
        elif (host := _host_by_name(address)) is not None and host not in self._answers:
            waits = _given_up.waited_for(host)
            self._answers[host] = None if waits else (yield from self._aside.asked(partial(_answer, host)))
            if self._answers[host] is None:
                _give_up(host)

    def resolved(self, host: str, port: int, where: str) -> Found:
        """As `tcp.resolved`, of a host that has come."""
        if host not in self._answers:
            return tcp.resolved(host, port, where)
        answer = self._answers[host]
        if answer is None:
            raise Unreachable(f"{where}: {HUNG}", todo="check the network", outcome=ProbeOutcome.NO_ROUTE)
        if isinstance(answer, Exception):
            raise tcp.not_resolved(host, where, answer)
        return [(*kind, (address[0], port, *address[2:])) for *kind, address in answer]

    def route_to(self, address: Address) -> Route | None:
        """As `routes.route_to`, of a host that has come."""
        if not isinstance(address, TcpAddress) or address.host not in self._answers:
            return route_to(address)
        answer = self._answers[address.host]
        return None if not answer or isinstance(answer, Exception) else route_among(answer)

    def _arrival(self, host: str, place: int) -> Steps[None]:
        look_s = _FIRST_LOOK_S
        try:
            while place not in self._fan.found and place not in self._fan.bugs:
                yield Pause(look_s)
                look_s = min(2 * look_s, _LAST_LOOK_S)
        except TimeoutError:
            _give_up(host)
            self._answers.setdefault(host, None)
            return
        if (bug := self._fan.bugs.get(place)) is not None:
            raise bug
        self._answers.setdefault(host, self._fan.found[place])
        with suppress(TimeoutError):  # which is told where it is met again
            yield Turn()


def _host_by_name(address: str) -> str | None:
    """The host of a tcp address, if only a resolver knows it."""
    scheme, separator, rest = address.partition("://")
    if separator and scheme != "tcp":
        return None
    if _is_number((rest if separator else scheme).rpartition(":")[0]):
        return None
    try:
        parsed = parse_address(address)
    except UsageProblem:
        return None
    return parsed.host if isinstance(parsed, TcpAddress) and ":" not in parsed.host else None


@lru_cache(maxsize=64)
def _is_number(host: str) -> bool:
    """Whether it is an IPv4 address; 300.1.1.1 is a name."""
    try:
        socket.inet_aton(host)
    except OSError:
        return False
    return not host.strip("0123456789.")


def _answer(host: str) -> Answer:
    with _given_up.asking(host):
        try:
            return tcp.asked(host, 0)
        except (OSError, UnicodeError) as error:
            return error


def _give_up(host: str) -> None:
    """Nobody waits for the answer any more."""
    _given_up.add(host)
