"""ping: the vitals, and any MessagePack value echoed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from stui_cli.image.conformance.case import Needs, Subject
from stui_cli.image.conformance.framing import ping_bytes
from stui_cli.image.conformance.verdicts import Deviation, expect, told
from stui_cli.protocol.codec import Decoder

if TYPE_CHECKING:
    from stui_cli.image.conformance.bench import Bench

SUBJECT = Subject()

# 2020 and 2100 in ms since the epoch: enough to tell milliseconds from seconds and from another epoch.
_EARLIEST, _LATEST = 1_577_836_800_000, 4_102_444_800_000


def _texts(prefixes: tuple[bytes, ...], sizes: tuple[int, ...], fill: bytes) -> tuple[bytes, ...]:
    return tuple(prefix + fill * size for prefix, size in zip(prefixes, sizes, strict=True))


# What is sent, byte for byte: each width of each type, at its ends.
ECHOED: dict[str, tuple[bytes, ...]] = {
    "nil and booleans": (b"\xc0", b"\xc2", b"\xc3"),
    "small integers": (b"\x00", b"\x7f", b"\xff", b"\xe0"),
    "unsigned integers": (
        b"\xcc\x00", b"\xcc\xff", b"\xcd\x00\x00", b"\xcd\xff\xff", b"\xce\x00\x00\x00\x00", b"\xce\x3f\xff\xff\xff",
        b"\xce\x40\x00\x00\x00", b"\xce\x7f\xff\xff\xff", b"\xce\x80\x00\x00\x00", b"\xce\xff\xff\xff\xff",
        b"\xcf" + bytes(8), b"\xcf\x00\x00\x00\x01" + bytes(4), b"\xcf\x3f" + b"\xff" * 7, b"\xcf\x40" + bytes(7),
        b"\xcf\x7f" + b"\xff" * 7, b"\xcf\x80" + bytes(7), b"\xcf" + b"\xff" * 8,
    ),
    "signed integers": (
        b"\xd0\x00", b"\xd0\x7f", b"\xd0\x80", b"\xd1\x7f\xff", b"\xd1\x80\x00", b"\xd2\x7f\xff\xff\xff",
        b"\xd2\x80\x00\x00\x00", b"\xd2\xc0\x00\x00\x00", b"\xd2\xbf\xff\xff\xff", b"\xd3\xff\xff\xff\xff\x7f\xff\xff\xff",
        b"\xd3\x7f" + b"\xff" * 7, b"\xd3\x80" + bytes(7), b"\xd3\xc0" + bytes(7), b"\xd3" + b"\xff" * 8,
    ),
    "float32": (
        b"\xca\x00\x00\x00\x00", b"\xca\x3f\xc0\x00\x00", b"\xca\xbf\x80\x00\x00", b"\xca\x7f\x7f\xff\xff",
        b"\xca\x00\x80\x00\x00", b"\xca\x3d\xcc\xcc\xcd", b"\xca\x80\x00\x00\x00",
    ),
    "float64": (
        b"\xcb" + bytes(8), b"\xcb\x3f\xf8" + bytes(6), b"\xcb\x40\x09\x21\xfb\x54\x44\x2d\x18",
        b"\xcb\x3f\xb9\x99\x99\x99\x99\x99\x9a", b"\xcb\x7f\xef" + b"\xff" * 6, b"\xcb\x00\x10" + bytes(6),
        b"\xcb\xc0\x09\x21\xfb\x54\x44\x2d\x18", b"\xcb\x80" + bytes(7), b"\xcb\x43\x40" + bytes(6),
    ),
    "float64 that are no numbers": (
        b"\xcb\x7f\xf0" + bytes(6), b"\xcb\xff\xf0" + bytes(6), b"\xcb\x7f\xf8" + bytes(6), b"\xcb" + bytes(7) + b"\x01",
    ),
    "text": _texts(
        (b"\xa0", b"\xa1", b"\xbf", b"\xd9\x00", b"\xd9\xff", b"\xda\x01\x00", b"\xda\xff\xff", b"\xdb\x00\x01\x00\x00"),
        (0, 1, 31, 0, 255, 256, 65_535, 65_536), b"x",
    ) + (
        b"\xd9\x20" + "größer: 日本, \U0001f40b ∀".encode().ljust(32, b"."), b"\xa3\x00\n\x1b",
    ),
    "bytes": _texts(
        (b"\xc4\x00", b"\xc4\xff", b"\xc5\x01\x00", b"\xc5\xff\xff", b"\xc6\x00\x01\x00\x00"),
        (0, 255, 256, 65_535, 65_536), b"\xfe",
    ) + (b"\xc5\x01\x00" + bytes(range(256)),),
    "arrays": _texts(
        (b"\x90", b"\x9f", b"\xdc\x00\x00", b"\xdc\x00\x10", b"\xdc\xff\xff", b"\xdd\x00\x00\x00\x02", b"\xdd\x00\x01\x00\x00"),
        (0, 15, 0, 16, 65_535, 2, 65_536), b"\x07",
    ) + (b"\x93\xc0\x91\x90\x81\xa1k\x92\x01\xa1v",),
    "maps": (
        b"\x80", b"\x81\xa1k\xa1v", b"\xde\x00\x00", b"\xde\x00\x01\xa1k\x01", b"\xdf\x00\x00\x00\x01\xa1k\xc0",
        b"\x8f" + b"".join(b"\xa1" + bytes([97 + i]) + bytes([i]) for i in range(15)),
        b"\xde\x01\x00" + b"".join(b"\xcc" + bytes([i]) + b"\xc3" for i in range(256)),
        b"\x85\x07\xa3int\xc0\xa3nil\xc3\xa4true\xc4\x01x\xa3bin\xcb\x3f\xf8" + bytes(6) + b"\xa5float",
    ),
}  # fmt: skip


def _decoded(data: bytes) -> object:
    (message,) = Decoder().feed(data)
    return message.value


def alike(one: object, other: object) -> bool:
    """Whether two decoded values are the same MessagePack value: true is not 1, text is not bytes, 1 is not 1.0,
    and neither zero is the other."""
    if type(one) is not type(other):
        return False
    if isinstance(one, float) and isinstance(other, float):
        same = one == other and math.copysign(1, one) == math.copysign(1, other)
        return same or (math.isnan(one) and math.isnan(other))
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        pairs = zip(one.items(), other.items(), strict=False)
        # In the order sent: a map whose order is not kept is the same map, but of these every agent can keep it.
        return len(one) == len(other) and (
            all(alike(a, c) and alike(b, d) for (a, b), (c, d) in pairs) or _alike_unordered(one, other)
        )
    return one == other


def _alike_unordered(one: dict[object, object], other: dict[object, object]) -> bool:
    left = list(other.items())
    for key, value in one.items():
        found = next((pair for pair in left if alike(pair[0], key) and alike(pair[1], value)), None)
        if found is None:
            return False
        left.remove(found)
    return True


def _echo(values: tuple[bytes, ...], bench: Bench) -> None:
    talk = bench.talk()
    for sent in values:
        number = talk.next_id("ping")
        talk.send_raw(ping_bytes(number, sent))
        match talk.result_of(number):
            case {"message": message}:
                wanted = _decoded(sent)
                expect(alike(message, wanted), f"{told(wanted)} (sent as {told(sent[:12].hex())}) unchanged", message)
            case other:
                raise Deviation("a result with the message", told(other))


for _name, _values in ECHOED.items():

    def _steps(bench: Bench, values: tuple[bytes, ...] = _values) -> None:
        _echo(values, bench)

    SUBJECT.add("ping", f"echoes {_name}", "4 ping: any msgpack value, echoed unchanged", Needs.OBSERVER, _steps)


@SUBJECT.case("ping", "the vitals", "4 ping: message, status, uptime_ms, clock_ms, pid, ...")
def _vitals(bench: Bench) -> None:
    talk = bench.talk()
    first, second = bench.pong(talk), bench.pong(talk)
    expect(first.message is None, "nil for a message that was left out", first.message)
    expect(bool(first.status), "a status", "empty text")
    expect(second.uptime_ms >= first.uptime_ms >= 0, "an uptime that grows", (first.uptime_ms, second.uptime_ms))
    expect(_EARLIEST < first.clock_ms < _LATEST, "a clock in ms since 1970 UTC", first.clock_ms)
    expect(second.clock_ms >= first.clock_ms, "a clock that goes on", (first.clock_ms, second.clock_ms))
    expect(0 <= first.scheduled_ms < 60_000, "how long a fresh process waited, in ms", first.scheduled_ms)
    expect(first.pid is None or first.pid > 0, "a process id or nil", first.pid)
    used, limit = first.memory_used, first.memory_limit
    expect(used is None or used > 0, "memory in bytes, or nil", used)
    expect(used is None or limit is None or limit >= used, "a limit above what is used, or nil", (used, limit))


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
    number = talk.request("evaluate", bench.code("(Delay forMilliseconds: 600) wait. 7"))
    evaluating = 0
    while evaluating == 0:
        expect(number not in talk.answers, "evaluating above 0 while code runs", "0 all the while")
        evaluating = bench.pong(talk).evaluating
    talk.result_of(number)
