"""Requests and their answers, one at a time: `Dialogue` without I/O, bytes in and out; `Exchange` over one link, each
request under one deadline.

What comes meanwhile that is no answer goes to who listens for it: output, news, and what the request waits behind. How
a request can end:

    it is answered                  the result, or the image's refusal
    time is over                    TooLate; but what is queued is taken back first, and is Busy if it never began
    we are ended (Ctrl-C, TERM)     the image is asked to stop it, then we go
    the link breaks                 ConnectionLost: the outcome is unknown
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from stui_cli.image.refusals import Queue, agent_too_old, busy_failure, never_began, refusal_as_failure
from stui_cli.model.errors import ConnectionLost, ProtocolBroken, Refused, StuiError, TooLate, Unreachable
from stui_cli.protocol.connection import Answered, ClientConnection, Dismissed, Failed, Notified
from stui_cli.protocol.faults import ErrorCode, LocalProtocolError, Mistyped, RemoteProtocolError, WireError
from stui_cli.protocol.fields import method_of, parse, to_map
from stui_cli.protocol.foreign import integer_in
from stui_cli.protocol.greeting import Greeting
from stui_cli.protocol.limits import GREETING_LIMITS, PROTOCOL

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from stui_cli.image.link import Link
    from stui_cli.model.deadlines import Deadline
    from stui_cli.protocol.code import Progressed, Tested
    from stui_cli.protocol.limits import WireLimits
    from stui_cli.protocol.requests import Request

    # What a load or a run of tests tells while it runs.
    News = Progressed | Tested

T = TypeVar("T")

# Something to do while an answer is waited for: how many seconds after the request left, and what.
Moment = tuple[float, "Callable[[], None]"]

# A request that waited in vain is taken back; the image is given this long to say that it never began.
_TAKING_BACK_S = 1.0

# So many bytes are heard of an image until the answer to one request is there: an answer has 16 MiB at most, the output
# of one evaluation 1 MiB where nobody set another limit, the tests of a large image some 20 MiB.
_MOST_HEARD = 256 * 1024 * 1024


_NOT_GREETED = Greeting(PROTOCOL, "", "", "", "", "", "", "none", None, None)


class Dialogue:
    """What is asked of one image and what came back, without I/O. `where` is its address, for messages; `greeting` and
    `role` are as the image gave them, nothing before it is greeted; `known_as` is what advice calls the image."""

    def __init__(self, where: str) -> None:
        self.where = where
        self._connection = ClientConnection(GREETING_LIMITS)
        self._answers: dict[int, Answered | Failed] = {}
        self._listeners: dict[int, Callable[[str], None]] = {}
        self._readers: dict[int, Callable[[News], None]] = {}
        self._asked: int | None = None
        self._heard = 0  # bytes since the last request
        self._queued: dict[int, Queue] = {}
        self._torn: ConnectionLost | None = None  # since a part of what was sent may be out, nothing can follow it
        self._ahead: dict[int, list[str]] = {}  # what was sent ahead, and the output that came of it before its turn
        self.greeting = _NOT_GREETED
        self.role = ""
        self.known_as = "NAME"  # what advice calls the image

    @property
    def queued(self) -> Queue | None:
        """What the request that is out waits behind, None if it runs, or if the image does not say."""
        return self._queued.get(self._asked) if self._asked is not None else None

    def allow(self, limits: WireLimits) -> None:
        """From now on other limits hold: an image that has shown who it is may send more."""
        self._connection.allow(limits)

    def _request(self, request: Request) -> tuple[int, bytes]:
        """The number of a new request and its bytes. Raises StuiError where the image cannot take it."""
        self._check_alive()
        if self._torn is not None:
            raise self._torn
        method = method_of(type(request))
        if self.greeting.methods is not None and method not in self.greeting.methods:
            raise agent_too_old(self.where, method, self.greeting.dialect)
        try:
            number, data = self._encoded(method, request)
        except LocalProtocolError as error:
            raise Refused(f"{self.where}: not sent: {error}", todo="send less at once") from error
        self._asked, self._heard = number, 0
        return number, data

    def _encoded(self, method: str, request: Request) -> tuple[int, bytes]:
        return self._connection.request(method, to_map(request))

    def _result_of(
        self, number: int, request: Request, *, taken_back: bool = False, queued: Queue | None = None
    ) -> object:
        """What came of a request that was answered. Raises the failure that the image says it is."""
        match self._answers.pop(number):
            case Answered(_, result):
                return result
            case Failed(_, refusal):
                if never_began(refusal.details) and (taken_back or refusal.code == ErrorCode.TIMEOUT):
                    raise busy_failure(refusal, self.where, queued)
                if taken_back and refusal.code == ErrorCode.INTERRUPTED:  # it had begun, and we stopped it
                    refusal = refusal._replace(code=ErrorCode.TIMEOUT)
                if refusal.code == ErrorCode.UNSUPPORTED_METHOD:
                    raise agent_too_old(self.where, method_of(type(request)), self.greeting.dialect)
                raise self._refused(refusal)

    def _take(self, data: bytes) -> None:
        self._heard += len(data)
        if self._heard > _MOST_HEARD:
            raise self.broken(f"more than {_MOST_HEARD >> 20} MiB for one request")
        try:
            events = self._connection.receive(data)
        except RemoteProtocolError as error:
            raise self._unreadable(error) from error
        for event in events:
            match event:
                case Answered(number, _) | Failed(number, _):
                    self._answers[number] = event
                case Notified(method, params):
                    self._hear(method, params)
                case Dismissed(refusal):
                    known = self.role and refusal.code == ErrorCode.NOT_AUTHENTICATED
                    raise self._sent_away(refusal) if known else self._refused(refusal)

    def _hear(self, method: str, params: Mapping[str, object]) -> None:
        """Take a notification. It is foreign: one that is not known, or does not fit, is passed over."""
        from stui_cli.protocol.evaluation import Output, Queued

        with suppress(Mistyped):
            match method:
                case "output":
                    number, text = parse(Output, params)
                    self._queued.pop(number, None)  # who says something has begun
                    if listener := self._listeners.get(number):
                        listener(text)
                    elif number in self._ahead:
                        self._ahead[number].append(text)
                case "queued":
                    number, busy_ms, source = parse(Queued, params)
                    if number == self._asked:
                        self._queued[number] = Queue(busy_ms, source)
                case "progress" | "test":
                    self._tell_news(method, params)
                case "started":
                    self._queued.pop(integer_in(params.get("id")) or 0, None)
                case _:
                    pass

    def _tell_news(self, method: str, params: Mapping[str, object]) -> None:
        from stui_cli.protocol.code import Progressed, Tested

        news: News = parse(Progressed, params) if method == "progress" else parse(Tested, params)
        self._queued.pop(news.id, None)
        if reader := self._readers.get(news.id):
            reader(news)

    def _check_alive(self) -> None:
        if (error := self._connection.broken) is not None:
            raise self._unreadable(error) from error

    def _unreadable(self, error: RemoteProtocolError) -> StuiError:
        return self.broken(str(error))

    def shaped(self, shape: type[T], raw: object) -> T:
        """An answer as a `shape`. Raises ProtocolBroken."""
        try:
            return parse(shape, raw)
        except Mistyped as error:
            raise self.broken(f"an answer that does not fit: {error}") from error

    def broken(self, what: str) -> ProtocolBroken:
        """The failure of an image that sent `what`, which no agent sends."""
        return ProtocolBroken(
            f"{self.where} does not speak stui protocol {PROTOCOL}: it sent {what}",
            todo=f"check that a stui agent listens at this address: stui doctor {self.known_as}",
        )

    def _sent_away(self, error: WireError) -> StuiError:
        """Our key was withdrawn while the image worked for us: that is stopped, which is not to say that nothing of it
        ran."""
        refused = self._refused(error)
        lost = ConnectionLost(f"{refused.what}: it ended the connection, and the outcome is unknown", todo=refused.todo)
        lost.answer, lost.details = refused.answer, refused.details
        return lost

    def _refused(self, error: WireError) -> StuiError:
        failure = refusal_as_failure(error, self.where)
        failure.todo = failure.todo.replace("NAME", self.known_as)
        return failure


def lost(error: Unreachable) -> ConnectionLost:
    """A link that broke while an answer was owed."""
    return ConnectionLost(f"{error.what} before it answered: the outcome is unknown", todo=error.todo)


class Exchange(Dialogue):
    """A dialogue over a link that waits. What was sent ahead is answered meanwhile, and heard of in its turn."""

    def __init__(self, link: Link) -> None:
        super().__init__(link.where)
        self._link = link
        self._opened_at = time.monotonic()

    def interrupt(self) -> None:
        """Ask the image to stop what it does for us now, and all that was sent ahead: the last first, so that none
        begins meanwhile. May be called from another thread than the one that waits: only that one gets the answer."""
        numbers = list(self._ahead)
        if self._asked is not None and self._asked not in self._ahead:
            numbers.insert(0, self._asked)
        self._interrupt(*reversed(numbers))

    def _ask(
        self,
        request: Request,
        deadline: Deadline,
        on_output: Callable[[str], None] | None = None,
        moments: Sequence[Moment] = (),
        on_news: Callable[[News], None] | None = None,
    ) -> object:
        number, data = self._request(request)
        if on_news is not None:
            self._readers[number] = on_news
        return self._settled(number, data, request, self._moved(deadline), on_output, moments)

    def _settled(
        self,
        number: int,
        data: bytes,
        request: Request,
        deadline: Deadline,
        on_output: Callable[[str], None] | None,
        moments: Sequence[Moment],
    ) -> object:
        """The result of the request, which is sent as `data` now, or was sent ahead where that is empty."""
        self._asked, self._heard = number, 0
        try:
            if on_output is not None:
                self._listeners[number] = on_output
                for text in self._ahead.get(number, ()):
                    on_output(text)
            # Inside, since a signal may come as soon as the request is out. One that comes while only half of it is
            # out makes it unreadable, which stops it as well.
            if data:
                self._link.send(data, deadline)
            taken_back = self._await_or_take_back(number, deadline, moments)
        except StuiError:
            raise
        except BaseException:  # Ctrl-C, what the TERM signal becomes, and output that nobody takes
            self.interrupt()
            raise
        finally:
            self._asked = None
            self._ahead.pop(number, None)
            self._listeners.pop(number, None)
            self._readers.pop(number, None)
            queued = self._queued.pop(number, None)
        return self._result_of(number, request, taken_back=taken_back, queued=queued)

    def _moved(self, deadline: Deadline) -> Deadline:
        """A deadline from before a person was asked for a password, say, without the time that this took."""
        if not self._link.asked_s or deadline.at - deadline.seconds >= self._opened_at:
            return deadline
        return deadline._replace(at=deadline.at + self._link.asked_s)

    def _await_or_take_back(self, number: int, deadline: Deadline, moments: Sequence[Moment]) -> bool:
        """Wait for the answer. A request that is known to wait behind other work when the time is over is taken back,
        since nobody would hear what comes of it; answers whether it was."""
        try:
            self._await(number, deadline, moments)
        except ConnectionLost:
            raise
        except TooLate:
            if number not in self._queued:
                raise
            from stui_cli.model.deadlines import Deadline

            self._interrupt(number)
            with suppress(StuiError):
                self._await(number, Deadline.after(_TAKING_BACK_S))
            if number not in self._answers:
                raise
            return True
        return False

    def _await(self, number: int, deadline: Deadline, moments: Sequence[Moment] = ()) -> None:
        began = deadline.at - deadline.seconds
        pending = sorted((m for m in moments if m[0] < deadline.seconds), key=lambda m: m[0])
        try:
            while number not in self._answers:
                self._check_alive()
                if self._torn is not None:
                    raise self._torn
                if pending:
                    self._take(self._received_before(began + pending[0][0], pending))
                else:
                    self._take(self._link.receive(deadline))
        except Unreachable as error:
            raise lost(error) from error

    def _received_before(self, at: float, pending: list[Moment]) -> bytes:
        """What comes before the first of the `pending` moments; nothing, and the moment is done, if it comes first."""
        from stui_cli.model.deadlines import Deadline

        try:
            return self._link.receive(Deadline(at, 0.0))
        except TooLate:
            pending.pop(0)[1]()
            return b""

    def _interrupt(self, *numbers: int) -> None:
        from stui_cli.model.deadlines import Deadline  # only after Ctrl-C

        try:
            told = [self._connection.notify("interrupt", {"id": number}) for number in numbers]
            if told:
                self._link.send(b"".join(told), Deadline.after(0.5))
        except (StuiError, LocalProtocolError):
            return  # the user wants out; that the image is gone as well changes nothing
