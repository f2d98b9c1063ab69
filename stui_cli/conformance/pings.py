"""ping: the vitals, and any MessagePack value echoed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.conformance.case import Needs, Subject
from stui_cli.conformance.framing import ping_bytes
from stui_cli.conformance.shapes import fitting
from stui_cli.conformance.values import ECHOED, alike
from stui_cli.conformance.verdicts import Deviation, expect, shortened
from stui_cli.protocol.codec import Decoder
from stui_cli.protocol.vitals import Pong

if TYPE_CHECKING:
    from stui_cli.conformance.bench import Bench

SUBJECT = Subject()

# 2020 and 2100 in ms since the epoch: enough to distinguish milliseconds from seconds and from another epoch.
_EARLIEST, _LATEST = 1_577_836_800_000, 4_102_444_800_000


def _decoded(data: bytes) -> object:
    (message,) = Decoder().feed(data)
    return message.value


def _echo(values: tuple[bytes, ...], bench: Bench) -> None:
    talk = bench.talk()
    for sent in values:
        number = talk.next_id("ping")
        talk.send_raw(ping_bytes(number, sent))
        match talk.result_of(number):
            case {"message": message}:
                wanted = _decoded(sent)
                expect(
                    alike(message, wanted),
                    f"{shortened(wanted)} (sent as {sent[:12].hex()}) unchanged",
                    message,
                )
            case other:
                raise Deviation("a result with the message", shortened(other))


for _name, _values in ECHOED.items():

    def _steps(bench: Bench, values: tuple[bytes, ...] = _values) -> None:
        _echo(values, bench)

    SUBJECT.add("ping", f"echoes {_name}", "4 ping: any msgpack value, echoed unchanged", Needs.OBSERVER, _steps)


@SUBJECT.case("ping", "the vitals", "4 ping: message, status, uptime_ms, clock_ms, pid, ...")
def _vitals(bench: Bench) -> None:
    talk = bench.talk()
    first, second = bench.pong(talk), bench.pong(talk)
    expect(first.message is None, "nil for the message nil", first.message)
    expect(bool(first.status), "a status", "empty text")
    expect(second.uptime_ms >= first.uptime_ms >= 0, "an uptime that grows", (first.uptime_ms, second.uptime_ms))
    expect(_EARLIEST < first.clock_ms < _LATEST, "a clock in ms since 1970 UTC", first.clock_ms)
    expect(second.clock_ms >= first.clock_ms, "a clock that goes on", (first.clock_ms, second.clock_ms))
    expect(0 <= first.scheduled_ms < 60_000, "how long a fresh process waited, in ms", first.scheduled_ms)
    expect(first.pid is None or first.pid > 0, "a process id or nil", first.pid)
    used, limit = first.memory_used, first.memory_limit
    expect(used is None or used > 0, "memory in bytes, or nil", used)
    expect(used is None or limit is None or limit >= used, "a limit above what is used, or nil", (used, limit))


@SUBJECT.case("ping", "without a message", "4 ping: message may be left out; params may be an empty array")
def _without_message(bench: Bench) -> None:
    pong = fitting(Pong, bench.talk().result("ping"))
    expect(pong.message is None, "nil for a message that was left out", pong.message)


@SUBJECT.case("ping", "counts sessions", "4 ping: session_count", Needs.DEVELOPER)
def _counts_sessions(bench: Bench) -> None:
    talk = bench.talk()
    before = bench.pong(talk).session_count
    bench.session(talk)
    # Others may come and go meanwhile: one more is what a quiet image shows, and none is never right.
    expect(bench.pong(talk).session_count > 0, "at least the session just made", f"0 ({before} before)")


@SUBJECT.case("ping", "counts evaluations", "4 ping: evaluating", Needs.DEVELOPER)
def _counts_evaluations(bench: Bench) -> None:
    talk = bench.talk()
    number = talk.request("evaluate", bench.code("(Delay forMilliseconds: 400) wait. 7"))
    evaluating = 0
    while evaluating == 0:
        expect(number not in talk.answers, "evaluating above 0 while code runs", "0 all the while")
        evaluating = bench.pong(talk).evaluating
    talk.result_of(number)
