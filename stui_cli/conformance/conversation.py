"""A conversation laid bare: requests and answers as they are on the wire, and any other bytes as well.

Unlike `image.client` it keeps what breaks the rules, so that a case can say what came. Every step that the
agent does not follow raises Deviation.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stui_cli.conformance.verdicts import Deviation, expect, shortened
from stui_cli.model.deadlines import Deadline
from stui_cli.model.errors import NotPermitted, StuiError, TooLate, Unreachable
from stui_cli.protocol.codec import Decoder, encode
from stui_cli.protocol.connection import Answered, Failed
from stui_cli.protocol.faults import ErrorCode, RemoteProtocolError, WireError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stui_cli.image.link import Link

# Of an answer that cannot be given to a request: its message could not be read as far as the id.
NO_ID = -1

# Bytes sent in one go while a message over the limit goes out: between two, the agent may already have refused it.
_PIECE = 4 * 1024 * 1024


@dataclass(frozen=True)
class Said:
    """Transcript text that arrived for the request `id` at `at`, by the monotonic clock."""

    id: int
    text: str
    at: float


class Conversation:
    """An open link under the deadline of one case."""

    def __init__(self, link: Link, deadline: Deadline) -> None:
        self._link = link
        self._deadline = deadline
        self._decoder = Decoder()
        self._last_id = 0
        self._methods: dict[int, str] = {}
        self._answered: set[int] = set()
        self.answers: dict[int, Answered | Failed] = {}
        self.order: list[int] = []
        self.output: list[Said] = []

    def close(self) -> None:
        self._link.close()

    def send_raw(self, data: bytes) -> None:
        """Send any bytes. An agent that has ended the connection already is not noticed before the next read."""
        try:
            self._link.send(data, self._deadline)
        except TooLate as error:
            raise Deviation("an agent that reads", f"{len(data):,} bytes could not be sent in time") from error
        except Unreachable:
            return

    def request(self, method: str, params: Mapping[str, object] | None = None) -> int:
        """Send a request and go on; return its id."""
        number = self.next_id(method)
        self.send_raw(request_bytes(number, method, params))
        return number

    def requests(self, asked: list[tuple[str, Mapping[str, object]]]) -> list[int]:
        """Send several requests in one go: one write, one round trip."""
        numbers = [self.next_id(method) for method, _ in asked]
        self.send_raw(b"".join(request_bytes(n, m, p) for n, (m, p) in zip(numbers, asked, strict=True)))
        return numbers

    def next_id(self, method: str) -> int:
        """The id for a request whose bytes the case makes itself."""
        self._last_id += 1
        return self.expects(self._last_id, method)

    def expects(self, number: int, method: str) -> int:
        """Say that `number` will be asked, so that its answer is no surprise."""
        self._methods[number] = method
        return number

    def notify(self, method: str, params: Mapping[str, object]) -> None:
        self.send_raw(encode([2, method, [params]]))

    def answer(self, number: int) -> Answered | Failed:
        """Wait for the answer to `number`."""
        while number not in self.answers:
            if not self._read():
                raise Deviation(f"an answer to {self._methods.get(number, number)}", "the end of the connection")
        return self.answers.pop(number)

    def ask(self, method: str, params: Mapping[str, object] | None = None) -> Answered | Failed:
        """One request and its answer, whichever it is."""
        return self.answer(self.request(method, params))

    def result(self, method: str, params: Mapping[str, object] | None = None) -> object:
        """The result of a request that must succeed."""
        return self.result_of(self.request(method, params))

    def result_of(self, number: int) -> object:
        """The result of a request sent before, which must succeed."""
        match self.answer(number):
            case Answered(_, result):
                return result
            case Failed(_, error):
                raise Deviation(f"{self._methods[number]} succeeds", _quoted(error))

    def refused(self, code: ErrorCode, method: str, params: Mapping[str, object] | None = None) -> WireError:
        """The error of a request that must be refused with `code`."""
        return self.refusal_of(self.request(method, params), code)

    def refusal_of(self, number: int, *codes: ErrorCode) -> WireError:
        """The same for a request sent before; any of `codes` will do."""
        wanted = " or ".join(codes)
        match self.answer(number):
            case Failed(_, error):
                expect(error.code in codes, wanted, _quoted(error))
                return error
            case Answered(_, result):
                raise Deviation(f"{self._methods[number]} is refused with {wanted}", f"the result {shortened(result)}")

    def text_of_refusal(self, method: str) -> str:
        """The error of a request that must be refused, for which hello has asked as one text."""
        number = self.request(method)
        match self.answer(number):
            case Failed(_, WireError(code="", message=told)):
                return told
            case Failed(_, error):
                raise Deviation("an error that is one text", f"a map with the code {shortened(error.code)}")
            case Answered(_, result):
                raise Deviation(f"{method} is refused", f"the result {shortened(result)}")

    def lives(self) -> None:
        """Check that the connection still answers, by a request that any state of it allows."""
        try:
            self.answer(self.request("ping", {"message": "still there?"}))
        except Deviation as error:
            raise Deviation("the connection lives on", error.got) from error

    def ends(self) -> None:
        """Wait for the agent to end the connection; what it still sends before is kept."""
        while True:
            try:
                if not self._read():
                    return
            except Deviation as error:
                raise Deviation("the agent ends the connection", error.got) from error

    def flood(self, head: bytes, total: int) -> None:
        """Send `head` and zeros up to `total` bytes, until the agent refuses or ends it."""
        self.send_raw(head)
        left = total - len(head)
        while left > 0 and not self._pending():
            self.send_raw(bytes(min(left, _PIECE)))
            left -= _PIECE

    def said(self, number: int) -> str:
        """The Transcript text that arrived so far for a request."""
        return "".join(piece.text for piece in self.output if piece.id == number)

    def hears(self, number: int, text: str) -> float:
        """Wait until `text` came as output of a request; return when it came."""
        while text not in self.said(number):
            expect(number not in self.answers, f"the output {text!r} before the answer", "the answer first")
            if not self._read():
                raise Deviation(f"the output {text!r}", "the end of the connection")
        return next(piece.at for piece in reversed(self.output) if piece.id == number)

    def has_answered(self, number: int) -> bool:
        """Whether the answer to a request is there by now; hardly waits."""
        return number in self.answers or (self._pending() and number in self.answers)

    def _pending(self) -> bool:
        """Whether the agent has answered anything or ended the connection; hardly waits."""
        try:
            self._take(self._link.receive(Deadline.after(0.05)))
        except TooLate:
            return False
        except StuiError:
            return True
        return bool(self.answers)

    def _read(self) -> bool:
        """Take what comes next; False at the end of the connection."""
        try:
            data = self._link.receive(self._deadline)
        except TooLate as error:
            waiting = ", ".join(dict.fromkeys(m for n, m in self._methods.items() if n not in self._answered))
            asked = f" to {waiting}" if waiting else ""
            raise Deviation(f"an answer{asked}", f"silence for {self._deadline.seconds:g} s") from error
        except Unreachable:
            return False
        except NotPermitted as error:  # TLS 1.3 tells only now that a certificate of ours is wanted
            raise Deviation("a conversation", error.what) from error
        self._take(data)
        return True

    def _take(self, data: bytes) -> None:
        try:
            for message in self._decoder.feed(data):
                expect(not message.flaw, "what stui protocol 1 uses of MessagePack", message.flaw)
                self._keep(message.value)
        except RemoteProtocolError as error:
            raise Deviation("messages of MessagePack-RPC within the limits", str(error)) from error

    def _keep(self, message: object) -> None:
        match message:
            case [1, int(number), None, result] if not isinstance(number, bool):
                self._file(number, Answered(number, result))
            case [1, int(number), error, None] if not isinstance(number, bool):
                self._file(number, Failed(number, _wire_error(error)))
            case [1, None, error, None]:
                self.answers[NO_ID] = Failed(NO_ID, _wire_error(error))
            case [2, "output", [{"id": int(number), "text": str(text)}]]:
                self.output.append(Said(number, text, time.monotonic()))
            case [2, "output", *_]:
                raise Deviation("an output notification {id, text}", shortened(message))
            case [2, str(), list()]:
                return  # an agent of tomorrow may send more
            case _:
                raise Deviation("an answer [1, id, error, result] or a notification", shortened(message))

    def _file(self, number: int, answer: Answered | Failed) -> None:
        expect(number in self._methods, "answers to requests only", f"an answer to {number}, which nobody asked")
        expect(number not in self._answered, "one answer to each request", f"a second answer to {number}")
        self._answered.add(number)
        self.order.append(number)
        self.answers[number] = answer


def request_bytes(number: int, method: str, params: Mapping[str, object] | None = None) -> bytes:
    """A request as MessagePack-RPC has it."""
    return encode([0, number, method, [params] if params else []])


def _wire_error(raw: object) -> WireError:
    """An error as the design has it, or Deviation."""
    match raw:
        case {"code": str(code), "message": str(message), **more}:
            expect(code in set(ErrorCode), "one of the error codes of protocol 1", code)
            return WireError(code, message, more.get("details"), more.get("stack"))
        case str(told):  # as a hello may ask for it; a case that has not sees that the code is empty
            return WireError("", told)
        case _:
            raise Deviation("an error {code, message, details, stack}", shortened(raw))


def _quoted(error: WireError) -> str:
    return shortened(f"{error.code}: {error.message}")
