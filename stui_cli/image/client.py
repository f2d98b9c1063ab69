"""A conversation with one image: greeting, then typed calls."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from stui_cli import __version__
from stui_cli.image.exchange import Exchange
from stui_cli.image.greetings import as_kept, flaw_in, role_as_kept
from stui_cli.image.link import open_link
from stui_cli.image.refusals import as_quoted, never_began
from stui_cli.image.transports.outcomes import mute
from stui_cli.model.addresses import TlsAddress
from stui_cli.model.errors import ConnectionLost, KeyNotTaken, NotPermitted, StuiError, TooLate, Unreachable
from stui_cli.model.images import NO_TLS_TERMS
from stui_cli.model.probe_outcome import ProbeOutcome
from stui_cli.named_tuples import NamedTuple
from stui_cli.protocol.connection import Failed
from stui_cli.protocol.greeting import Authenticate, Authenticated, Greeting, Hello
from stui_cli.protocol.handshake import NONCE_BYTES, client_proof, same_proof, server_proof
from stui_cli.protocol.limits import DEFAULT_LIMITS, PROTOCOL

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from types import TracebackType

    from stui_cli.image.exchange import Dialogue, Moment, News
    from stui_cli.image.keys import Key
    from stui_cli.model.addresses import Address
    from stui_cli.model.deadlines import Deadline
    from stui_cli.model.images import TlsTerms
    from stui_cli.protocol.requests import Request

T = TypeVar("T")


class Caller(NamedTuple):
    """Who calls: the id by which images tell our sessions from others', and the key to prove, if one is known."""

    client_id: str
    key: Key | None = None


class Client(Exchange):
    """An open, greeted conversation; a context manager. Made by `open_client`."""

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
        return self.shaped(shape, self._ask(request, deadline, on_output, moments, on_news))

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
            raise self.broken("an answer that is no array")
        return [self.shaped(shape, item) for item in raw]

    def send_ahead(self, requests: Sequence[Request], deadline: Deadline) -> list[int]:
        """Send all of them at once and wait for nothing: `collect` gets the answer of each by the number given here.
        Raises StuiError where one of them cannot be sent; none is then. A link that breaks is told by `collect`."""
        encoded = [self._request(request) for request in requests]
        self._asked = None
        self._ahead.update((number, []) for number, _ in encoded)
        try:
            self._link.send(b"".join(data for _, data in encoded), self._moved(deadline))
        except StuiError as error:
            self._torn = ConnectionLost(f"{error.what} while it was sent to: the outcome is unknown", todo=error.todo)
        return [number for number, _ in encoded]

    def collect(
        self,
        number: int,
        request: Request,
        shape: type[T],
        deadline: Deadline,
        on_output: Callable[[str], None] | None = None,
        moments: Sequence[Moment] = (),
    ) -> T:
        """The answer to what was sent ahead, as for `call`; the deadline is that of waiting for it now."""
        return self.shaped(shape, self._settled(number, b"", request, deadline, on_output, moments))

    def withdraw(self, numbers: Sequence[int], patience_s: float) -> None:
        """Stop what was sent ahead, and wait `patience_s` seconds at most until the image has said of each what came of
        it; see `is_answered`."""
        from stui_cli.model.deadlines import Deadline

        deadline = Deadline.after(patience_s)
        waited_for = [number for number in numbers if not self.is_answered(number)]
        with suppress(StuiError):
            self._interrupt(*reversed(waited_for))
            for number in waited_for:
                self._heard = 0
                self._await(number, deadline)

    def was_left_out(self, number: int) -> bool:
        """Whether the image has said that it never began."""
        answer = self._answers.get(number)
        return isinstance(answer, Failed) and never_began(answer.error.details)

    def is_answered(self, number: int) -> bool:
        """Whether the answer is there, and to be collected without waiting."""
        return number in self._answers

    def greet(self, caller: Caller, deadline: Deadline, on_identified: Callable[[str], None] | None = None) -> None:
        """Say hello, and prove the key both ways where the image asks for it: see `greeting_steps`."""
        steps = greeting_steps(self, caller, on_identified)
        try:
            request, shape = next(steps)
            while True:
                request, shape = steps.send(self.call(request, shape, deadline))
        except StopIteration:
            return


def greeting_steps(
    dialogue: Dialogue, caller: Caller, on_identified: Callable[[str], None] | None = None
) -> Generator[tuple[Request, type], Any, None]:
    """Hello, and the proof of the key both ways where the image asks for it, without I/O: yields each request with the
    shape of its answer, and is sent that answer. The dialogue has its greeting and its role then.

    `on_identified` gets the id of the image once that has proved the key, where there is one, and before anything
    else is sent: what it raises ends the conversation, and no proof of ours goes to an image that is not meant.
    """
    key = caller.key
    nonce = os.urandom(NONCE_BYTES) if key else None
    hello = Hello(PROTOCOL, f"stui {__version__}", caller.client_id, key.key_id if key else None, nonce)
    greeting: Greeting = yield hello, Greeting
    if greeting.protocol != PROTOCOL:
        raise dialogue.broken(f"protocol {greeting.protocol}, not {PROTOCOL}")
    if flaw := flaw_in(greeting):
        raise dialogue.broken(flaw)
    dialogue.greeting = as_kept(greeting)
    match greeting.auth:
        case "none":
            if key is not None:
                # Whoever took over the port of a dead image would say just this.
                raise NotPermitted(
                    f"{dialogue.where} asks for no key, but this image was added with one",
                    todo="if you restarted its agent without a key on purpose: stui images set NAME --no-key",
                )
            if on_identified is not None:
                on_identified(greeting.image_id)
            dialogue.role = "admin"
        case "hmac-sha256":
            if key is None or nonce is None:
                raise NotPermitted(
                    f"{dialogue.where} asks for a key and none is known for it",
                    todo="stui images set NAME --key-file FILE (its agent's runtime file names it)",
                )
            _check_proof(dialogue, key, nonce, greeting)
            if on_identified is not None:
                on_identified(greeting.image_id)
            proof = client_proof(key.secret, nonce, greeting.nonce or b"", greeting.image_id)
            authenticated: Authenticated = yield Authenticate(proof), Authenticated
            dialogue.role = role_as_kept(authenticated.role)
        case other:
            raise dialogue.broken(f"the unknown authentication {as_quoted(other)!r}")
    dialogue.allow(DEFAULT_LIMITS)


def _check_proof(dialogue: Dialogue, key: Key, nonce: bytes, greeting: Greeting) -> None:
    """Raises KeyNotTaken for an image that does not hold our key."""
    if greeting.nonce is None or greeting.proof is None:
        raise dialogue.broken("a greeting without nonce and proof")
    if len(greeting.nonce) != NONCE_BYTES:  # else bytes could be moved between the parts that a proof joins
        raise dialogue.broken(f"a nonce of {len(greeting.nonce)} bytes, not {NONCE_BYTES}")
    expected = server_proof(key.secret, nonce, greeting.nonce, greeting.image_id)
    if not same_proof(expected, greeting.proof):
        raise KeyNotTaken(
            f"{dialogue.where} does not hold the key {key.key_id!r}",
            todo="it may be another image, or its keys changed: compare its key file with yours",
        )


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
        raise not_greeted(link.where, address) from error
    except TooLate as error:
        link.close()
        if not link.is_open:
            raise _unsure(link.where, deadline) from None
        raise mute(link.where, deadline) from error
    except BaseException:
        link.close()
        raise
    return client


def not_greeted(where: str, address: Address) -> Unreachable:
    """The end of the stream where a greeting was owed."""
    what = f"{where} closed the connection instead of greeting"
    return Unreachable(what, todo=_who_hung_up(address), outcome=ProbeOutcome.BROKEN)


def _who_hung_up(address: Address) -> str:
    if isinstance(address, TlsAddress):
        return "TLS is spoken there: look whether a stui agent listens behind it, and at the log of what ends the TLS"
    return "check that a stui agent listens there, and its log"


def _unsure(where: str, deadline: Deadline) -> StuiError:
    return Unreachable(
        f"{where} did not answer within {deadline.seconds:g} s; whether anybody accepted the connection is not known",
        todo="the image may be busy or stopped, or its host silent: try a longer --timeout",
        outcome=ProbeOutcome.TIMED_OUT,
    )
