"""A conversation with one image: handshake, then calls, each under one deadline."""

from __future__ import annotations

import os
import re
import time
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from stui_cli import __version__
from stui_cli.image.greetings import as_kept, flaw_in, role_as_kept, word_for_advice
from stui_cli.image.link import Link, open_link
from stui_cli.image.transports.outcomes import mute
from stui_cli.model.addresses import TlsAddress
from stui_cli.model.errors import (
    Busy,
    ConnectionLost,
    ImageRefused,
    KeyNotTaken,
    NotFound,
    NotPermitted,
    ProtocolBroken,
    Refused,
    StuiError,
    TooLate,
    Unreachable,
)
from stui_cli.model.images import NO_TLS_TERMS
from stui_cli.model.status import ProbeOutcome
from stui_cli.protocol.connection import Answered, ClientConnection, Dismissed, Failed, Notified
from stui_cli.protocol.faults import ErrorCode, LocalProtocolError, Mistyped, RemoteProtocolError, WireError
from stui_cli.protocol.fields import parse, to_map
from stui_cli.protocol.foreign import integer_in
from stui_cli.protocol.handshake import NONCE_BYTES, client_proof, same_proof, server_proof
from stui_cli.protocol.limits import DEFAULT_LIMITS, GREETING_LIMITS, PROTOCOL
from stui_cli.protocol.vitals import Authenticate, Authenticated, Greeting, Hello

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType

    from stui_cli.image.keys import Key
    from stui_cli.model.addresses import Address
    from stui_cli.model.deadlines import Deadline
    from stui_cli.model.images import TlsTerms
    from stui_cli.protocol.code import Progressed, Tested
    from stui_cli.protocol.requests import Request

    # What a load or a run of tests tells while it runs.
    News = Progressed | Tested

T = TypeVar("T")

# Something to do while an answer is waited for: how many seconds after the request left, and what.
Moment = tuple[float, "Callable[[], None]"]

# A request that waited in vain is taken back; the image is given this long to say that it never began.
_TAKING_BACK_S = 1.0

# Of what an image says in an error, so much comes into our message; 16 MiB of it would help nobody.
_LONGEST_QUOTE = 1_000

# And so many bytes are heard of it until the answer to one request is there: an answer has 16 MiB at most, the output
# of one evaluation 1 MiB where nobody set another limit, the tests of a large image some 20 MiB.
_MOST_HEARD = 256 * 1024 * 1024


class Caller(NamedTuple):
    """Who calls: the id by which images tell our sessions from others', and the key to prove, if one is known."""

    client_id: str
    key: Key | None = None


class Queue(NamedTuple):
    """What a request of ours waits behind: for how long that was running then (ms), and how its source begins."""

    busy_ms: int
    source: str


class Client:
    """An open, greeted conversation; a context manager. Made by `open_client`."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._connection = ClientConnection(GREETING_LIMITS)
        self._answers: dict[int, Answered | Failed] = {}
        self._listeners: dict[int, Callable[[str], None]] = {}
        self._readers: dict[int, Callable[[News], None]] = {}
        self._asked: int | None = None
        self._heard = 0  # bytes since the last request
        self._queued: dict[int, Queue] = {}
        self.greeting = Greeting(PROTOCOL, "", "", "", "", "", "", "none", None, None)
        self.role = ""
        self._opened_at = time.monotonic()
        self.known_as = "NAME"  # what advice calls the image

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._link.close()

    def source_address(self) -> str | None:
        """The local address of this conversation, by which a change of network is noticed."""
        return self._link.source_address()

    def call(
        self,
        request: Request,
        shape: type[T],
        deadline: Deadline,
        on_output: Callable[[str], None] | None = None,
        moments: Sequence[Moment] = (),
        on_news: Callable[[News], None] | None = None,
    ) -> T:
        """Send `request` and wait for its answer as a `shape`.

        `on_output` gets Transcript text as it appears, `on_news` how far a load or a run of tests is. `moments` are
        done while the answer is still out. An interrupt of ours (Ctrl-C), and whatever else ends this call from within,
        is passed on to the image before it leaves here. Raises StuiError; Busy where the image says that the request
        never began.
        """
        return self._shaped(shape, self._ask(request, deadline, on_output, moments, on_news))

    @property
    def queued(self) -> Queue | None:
        """What the request that is out waits behind, None if it runs, or if the image does not say."""
        return self._queued.get(self._asked) if self._asked is not None else None

    def call_list(
        self,
        request: Request,
        shape: type[T],
        deadline: Deadline,
        on_output: Callable[[str], None] | None = None,
        moments: Sequence[Moment] = (),
        on_news: Callable[[News], None] | None = None,
    ) -> list[T]:
        """The same for a request that answers an array."""
        raw = self._ask(request, deadline, on_output, moments, on_news)
        if not isinstance(raw, list):
            raise self._broken("an answer that is no array")
        return [self._shaped(shape, item) for item in raw]

    def interrupt(self) -> None:
        """Ask the image to stop what it does for us now. May be called from another thread than the one that waits:
        only that one gets the answer."""
        if (number := self._asked) is not None:
            self._interrupt(number)

    def greet(self, caller: Caller, deadline: Deadline, on_identified: Callable[[str], None] | None = None) -> None:
        """Say hello, and prove the key both ways where the image asks for it.

        `on_identified` gets the id of the image once that has proved the key, where there is one, and before anything
        else is sent: what it raises ends the conversation, and no proof of ours goes to an image that is not meant.
        """
        nonce = os.urandom(NONCE_BYTES) if caller.key else None
        key_id = caller.key.key_id if caller.key else None
        hello = Hello(PROTOCOL, f"stui {__version__}", caller.client_id, key_id, nonce)
        greeting = self.call(hello, Greeting, deadline)
        if greeting.protocol != PROTOCOL:
            raise self._broken(f"protocol {greeting.protocol}, not {PROTOCOL}")
        if flaw := flaw_in(greeting):
            raise self._broken(flaw)
        self.greeting = as_kept(greeting)
        key = caller.key
        match greeting.auth:
            case "none":
                if key is not None:
                    # Whoever took over the port of a dead image would say just this.
                    raise NotPermitted(
                        f"{self._link.where} asks for no key, but this image was added with one",
                        todo="if you restarted its agent without a key on purpose: stui images set NAME --no-key",
                    )
                if on_identified is not None:
                    on_identified(greeting.image_id)
                self.role = "admin"
            case "hmac-sha256":
                if key is None or nonce is None:
                    raise NotPermitted(
                        f"{self._link.where} asks for a key and none is known for it",
                        todo="stui images set NAME --key-file FILE (its agent's runtime file names it)",
                    )
                self._check_proof(key, nonce, greeting)
                if on_identified is not None:
                    on_identified(greeting.image_id)
                self.role = role_as_kept(self._prove(key, nonce, greeting, deadline))
            case other:
                raise self._broken(f"the unknown authentication {_quoted(other)!r}")
        self._connection.allow(DEFAULT_LIMITS)

    def _check_proof(self, key: Key, nonce: bytes, greeting: Greeting) -> None:
        """Raises KeyNotTaken for an image that does not hold our key."""
        if greeting.nonce is None or greeting.proof is None:
            raise self._broken("a greeting without nonce and proof")
        if len(greeting.nonce) != NONCE_BYTES:  # else bytes could be moved between the parts that a proof joins
            raise self._broken(f"a nonce of {len(greeting.nonce)} bytes, not {NONCE_BYTES}")
        expected = server_proof(key.secret, nonce, greeting.nonce, greeting.image_id)
        if not same_proof(expected, greeting.proof):
            raise KeyNotTaken(
                f"{self._link.where} does not hold the key {key.key_id!r}",
                todo="it may be another image, or its keys changed: compare its key file with yours",
            )

    def _prove(self, key: Key, nonce: bytes, greeting: Greeting, deadline: Deadline) -> str:
        proof = client_proof(key.secret, nonce, greeting.nonce or b"", greeting.image_id)
        return self.call(Authenticate(proof), Authenticated, deadline).role

    def _ask(
        self,
        request: Request,
        deadline: Deadline,
        on_output: Callable[[str], None] | None = None,
        moments: Sequence[Moment] = (),
        on_news: Callable[[News], None] | None = None,
    ) -> object:
        self._check_alive()
        deadline = self._moved(deadline)
        method = method_of(type(request))
        if self.greeting.methods is not None and method not in self.greeting.methods:
            raise _too_old(self._link.where, method, self.greeting.dialect)
        try:
            number, data = self._connection.request(method, to_map(request))
        except LocalProtocolError as error:
            raise Refused(f"{self._link.where}: not sent: {error}", todo="send less at once") from error
        if on_output is not None:
            self._listeners[number] = on_output
        if on_news is not None:
            self._readers[number] = on_news
        self._asked, self._heard = number, 0
        try:
            # Inside, since a signal may come as soon as the request is out. One that comes while only half of it is
            # out makes it unreadable, which stops it as well.
            self._link.send(data, deadline)
            taken_back = self._await_or_take_back(number, deadline, moments)
        except StuiError:
            raise
        except BaseException:  # Ctrl-C, what the TERM signal becomes, and output that nobody takes
            self._interrupt(number)
            raise
        finally:
            self._asked = None
            self._listeners.pop(number, None)
            self._readers.pop(number, None)
            queued = self._queued.pop(number, None)
        match self._answers.pop(number):
            case Answered(_, result):
                return result
            case Failed(_, refusal):
                if never_began(refusal.details) and (taken_back or refusal.code == ErrorCode.TIMEOUT):
                    raise _busy(refusal, self._link.where, queued)
                if taken_back and refusal.code == ErrorCode.INTERRUPTED:  # it had begun, and we stopped it
                    refusal = refusal._replace(code=ErrorCode.TIMEOUT)
                if refusal.code == ErrorCode.UNSUPPORTED_METHOD:
                    raise _too_old(self._link.where, method, self.greeting.dialect)
                raise self._refused(refusal)

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
                if pending:
                    self._take(self._received_before(began + pending[0][0], pending))
                else:
                    self._take(self._link.receive(deadline))
        except Unreachable as error:
            raise ConnectionLost(
                f"{error.what} before it answered: the outcome is unknown",
                todo=error.todo,
            ) from error

    def _received_before(self, at: float, pending: list[Moment]) -> bytes:
        """What comes before the first of the `pending` moments; nothing, and the moment is done, if it comes first."""
        from stui_cli.model.deadlines import Deadline

        try:
            return self._link.receive(Deadline(at, 0.0))
        except TooLate:
            pending.pop(0)[1]()
            return b""

    def _take(self, data: bytes) -> None:
        self._heard += len(data)
        if self._heard > _MOST_HEARD:
            raise self._broken(f"more than {_MOST_HEARD >> 20} MiB for one request")
        try:
            events = self._connection.receive(data)
        except RemoteProtocolError as error:
            raise self._broken(str(error)) from error
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
            raise self._broken(str(error)) from error

    def _interrupt(self, number: int) -> None:
        from stui_cli.model.deadlines import Deadline  # only after Ctrl-C

        try:
            self._link.send(self._connection.notify("interrupt", {"id": number}), Deadline.after(0.5))
        except (StuiError, LocalProtocolError):
            return  # the user wants out; that the image is gone as well changes nothing

    def _shaped(self, shape: type[T], raw: object) -> T:
        try:
            return parse(shape, raw)
        except Mistyped as error:
            raise self._broken(f"an answer that does not fit: {error}") from error

    def _broken(self, what: str) -> ProtocolBroken:
        return ProtocolBroken(
            f"{self._link.where} does not speak stui protocol {PROTOCOL}: it sent {what}",
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
        failure = _failure(error, self._link.where)
        failure.todo = failure.todo.replace("NAME", self.known_as)
        return failure


def open_client(
    address: Address,
    caller: Caller,
    deadline: Deadline,
    *,
    allow_plaintext: bool = False,
    tls: TlsTerms = NO_TLS_TERMS,
    socket_owner: str | None = None,
    on_identified: Callable[[str], None] | None = None,
) -> Client:
    """Connect and greet; `on_identified` as for `Client.greet`. Raises StuiError; no connection is left open then. A
    greeting that comes too late is Unreachable, since nothing ran."""
    link = open_link(address, deadline, allow_plaintext=allow_plaintext, tls=tls, socket_owner=socket_owner)
    client = Client(link)
    try:
        client.greet(caller, deadline, on_identified)
    except (ConnectionLost, Unreachable) as error:  # while it was waited for, or already while we sent
        why = link.why_unheard()
        link.close()
        if why is not None:
            raise why from None  # it never came as far as to the image
        raise Unreachable(
            f"{link.where} closed the connection instead of greeting",
            todo=_who_hung_up(address),
            outcome=ProbeOutcome.BROKEN,
        ) from error
    except TooLate as error:
        link.close()
        if not link.is_open:
            raise _unsure(link.where, deadline) from None
        raise mute(link.where, deadline) from error
    except BaseException:
        link.close()
        raise
    return client


def _who_hung_up(address: Address) -> str:
    if isinstance(address, TlsAddress):
        return "TLS is spoken there: look whether a stui agent listens behind it, and at the log of what ends the TLS"
    return "check that a stui agent listens there, and its log"


def method_of(request: type) -> str:
    """The wire's name of a request: its class name in snake case."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", request.__name__).lower()


def _unsure(where: str, deadline: Deadline) -> StuiError:
    return Unreachable(
        f"{where} did not answer within {deadline.seconds:g} s; whether anybody accepted the connection is not known",
        todo="the image may be busy or stopped, or its host silent: try a longer --timeout",
        outcome=ProbeOutcome.TIMED_OUT,
    )


def never_began(details: object) -> bool:
    """Whether an error answer's details say that nothing of the request ran."""
    match details:
        case {"started": False}:
            return True
        case _:
            return False


def _busy(error: WireError, where: str, queued: Queue | None) -> Busy:
    """The answer to a request that waited behind other work until its time was over, or until we took it back."""
    details = error.details if isinstance(error.details, dict) else {}
    busy_ms, source = details.get("busy_ms"), details.get("source")
    busy = Busy(
        f"{where} had other work until the time was over; nothing of this ran",
        todo="wait for it, or allow more with --time-limit",
        busy_ms=busy_ms if isinstance(busy_ms, int) else queued and queued.busy_ms,
        source=source if isinstance(source, str) else queued and queued.source,
    )
    busy.answer, busy.details = error.code, error.details
    return busy


def _too_old(where: str, method: str, dialect: str) -> StuiError:
    """The agent does not know this request, whether it says so beforehand or is asked."""
    failure = ImageRefused(
        f"{where}: its agent is too old for this, it does not know {method}",
        todo=f"file in the agent again: `stui images agent {word_for_advice(dialect)}` names its files; "
        "or launch the image anew",
    )
    failure.answer = ErrorCode.UNSUPPORTED_METHOD
    return failure


def _failure(error: WireError, where: str) -> StuiError:
    """The image's error answer as a failure with an exit code. Codes of tomorrow are plain refusals."""
    failure: StuiError
    what = f"{where} answered {_quoted(error.code)}: {_quoted(error.message)}"
    match error.code:
        case ErrorCode.NOT_AUTHENTICATED:
            failure = KeyNotTaken(what, todo="check the key: stui images show NAME")
        case ErrorCode.PERMISSION_DENIED:
            failure = NotPermitted(what, todo="ask for a key with a stronger role (observer, developer, admin)")
        case ErrorCode.SESSION_NOT_FOUND:
            failure = NotFound(what, todo="see `stui sessions list`")
        case ErrorCode.OBJECT_NOT_FOUND:
            failure = NotFound(what, todo="only the last results of a session are kept: see `stui help source`")
        case ErrorCode.IMAGE_MISMATCH:
            failure = Refused(what, todo="see `stui images show NAME`")
        case ErrorCode.TIMEOUT:
            failure = TooLate(what, todo="allow more with --time-limit")
        case _:
            failure = ImageRefused(what)
    failure.answer = error.code
    failure.details = error.details
    return failure


def _quoted(text: str) -> str:
    return text if len(text) <= _LONGEST_QUOTE else text[:_LONGEST_QUOTE] + "..."
