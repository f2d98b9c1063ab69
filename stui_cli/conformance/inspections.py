"""inspect: slots of an object, page by page and level by level."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.conformance.case import Needs, Subject
from stui_cli.conformance.shapes import fitting
from stui_cli.conformance.verdicts import Deviation, expect
from stui_cli.protocol.connection import Failed
from stui_cli.protocol.faults import ErrorCode
from stui_cli.protocol.inspection import Inspection, Slot

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stui_cli.conformance.bench import Bench
    from stui_cli.conformance.conversation import Conversation

SUBJECT = Subject()


def _asked(session: str | None, **more: object) -> dict[str, object]:
    """The params of an inspection; `more` names what to look at."""
    page: dict[str, object] = {"depth": 1, "start": 1, "count": 10, "print_limit": 100}
    what: dict[str, object] = {"expression": None, "ref": None, "binding": None}
    return {"session_id": session, **page, **what, **more}


def _inspect(talk: Conversation, session: str | None, **more: object) -> Inspection:
    return fitting(Inspection, talk.result("inspect", _asked(session, **more)))


def _shown(slots: Iterable[Slot]) -> list[tuple[str, str]]:
    return [(slot.name, slot.print) for slot in slots]


@SUBJECT.case(
    "inspect", "indexed slots", "4 inspect: class, print, hash, size, named and indexed slots", Needs.DEVELOPER
)
def _indexed(bench: Bench) -> None:
    talk = bench.talk()
    found = _inspect(talk, bench.session(talk), expression="Array with: 10 with: 20 with: 30")
    expect(found.class_name == "Array", "the class Array", found.class_name)
    expect("10 20 30" in found.print, "the elements in its print", found.print)
    expect(found.size == 3, "size 3", found.size)
    expect(not found.named, "no named slots", _shown(found.named))
    wanted = [("1", "10"), ("2", "20"), ("3", "30")]
    expect(_shown(found.indexed) == wanted, str(wanted), _shown(found.indexed))
    classes = {slot.class_name for slot in found.indexed}
    expect(classes == {"SmallInteger"}, "the class SmallInteger of each slot", classes)


@SUBJECT.case("inspect", "named slots", "4 inspect: named slots {name, class, print, ref}", Needs.DEVELOPER)
def _named(bench: Bench) -> None:
    talk = bench.talk()
    found = _inspect(talk, bench.session(talk), expression="3 -> 4")
    expect(found.class_name == "Association", "the class Association", found.class_name)
    shown = dict(_shown(found.named))
    expect(shown.get("key") == "3" and shown.get("value") == "4", "key 3 and value 4", shown)
    expect(found.size == 0 and not found.indexed, "no indexed slots", (found.size, _shown(found.indexed)))


@SUBJECT.case("inspect", "page by page", "4 inspect: start (from 1), count; size is of all", Needs.DEVELOPER)
def _pages(bench: Bench) -> None:
    talk = bench.talk()
    session = bench.session(talk)
    bench.evaluate(talk, "a := Array new: 25. 1 to: 25 do: [:i | a at: i put: i * 10]. a", session)
    for start, count, first, last in ((1, 10, 1, 10), (11, 10, 11, 20), (21, 10, 21, 25), (25, 1, 25, 25)):
        found = _inspect(talk, session, binding="a", start=start, count=count)
        wanted = [(str(i), str(i * 10)) for i in range(first, last + 1)]
        expect(_shown(found.indexed) == wanted, f"the slots {first} to {last}", _shown(found.indexed))
        expect(found.size == 25, "size 25 on every page", found.size)
    for start, count in ((26, 10), (1, 0), (1_000, 10)):
        found = _inspect(talk, session, binding="a", start=start, count=count)
        expect(not found.indexed, f"no slots from {start}, {count} at most", _shown(found.indexed))


@SUBJECT.case("inspect", "level by level", "4 inspect: depth", Needs.DEVELOPER)
def _levels(bench: Bench) -> None:
    talk = bench.talk()
    session = bench.session(talk)
    source = "Array with: (Array with: 1 with: (Array with: 2)) with: 3 -> 4"
    flat = _inspect(talk, session, expression=source)
    expect(all(not s.indexed and not s.named for s in flat.indexed), "one level at depth 1", "more")
    found = _inspect(talk, session, expression=source, depth=2)
    inner = found.indexed[0].indexed
    if inner is None:
        raise Deviation("the slots of the slots at depth 2", "none")
    expect([name for name, _ in _shown(inner)] == ["1", "2"], "two slots in the first slot", _shown(inner))
    expect(not inner[1].indexed, "two levels at depth 2", "three")
    below = dict(_shown(found.indexed[1].named or ()))
    expect(below.get("key") == "3", "key 3 in the second slot", below)


@SUBJECT.case("inspect", "an object that holds itself", "4 inspect: depth bounds it", Needs.DEVELOPER)
def _circle(bench: Bench) -> None:
    talk = bench.talk()
    session = bench.session(talk)
    source = "a := Array new: 1. a at: 1 put: a. 3"
    bench.prints(talk, source, "3", session)
    found = _inspect(talk, session, binding="a", depth=3)
    expect(found.class_name == "Array" and len(found.indexed) == 1, "an Array of one slot", found.class_name)
    bench.prints(talk, "a at: 1 put: nil. 3", "3", session)


@SUBJECT.case("inspect", "by reference", "4 inspect: ref; slots carry references of their own", Needs.DEVELOPER)
def _by_ref(bench: Bench) -> None:
    talk = bench.talk()
    session = bench.session(talk)
    value = bench.value(talk, "Array with: (Array with: 7 with: 8)", session)
    found = _inspect(talk, session, ref=value.ref)
    expect(found.class_name == "Array" and found.size == 1, "the Array that was kept", found.print)
    slot = found.indexed[0]
    inner = _inspect(talk, session, ref=slot.ref)
    expect(_shown(inner.indexed) == [("1", "7"), ("2", "8")], "the slots 7 and 8 of the slot", _shown(inner.indexed))
    bench.prints(talk, f"(@{slot.ref} at: 2) + 1", "9", session)


@SUBJECT.case("inspect", "by binding", "4 inspect: binding", Needs.DEVELOPER)
def _by_binding(bench: Bench) -> None:
    talk = bench.talk()
    session = bench.session(talk)
    bench.prints(talk, "answer := 42", "42", session)
    found = _inspect(talk, session, binding="answer")
    expect(found.print == "42", "42", found.print)


@SUBJECT.case("inspect", "the same object", "4 inspect: hash", Needs.DEVELOPER)
def _same(bench: Bench) -> None:
    talk = bench.talk()
    session = bench.session(talk)
    bench.evaluate(talk, "o := Object new. 3", session)
    one, other = (_inspect(talk, session, binding="o") for _ in range(2))
    expect(one.hash == other.hash, f"the hash {one.hash} again", other.hash)


@SUBJECT.case("inspect", "without a session", "4 inspect: session_id; an expression needs none", Needs.DEVELOPER)
def _without_session(bench: Bench) -> None:
    talk = bench.talk()
    found = _inspect(talk, None, expression="3 -> 4")
    expect(found.class_name == "Association", "the class Association", found.class_name)
    expect(found.ref is None, "no reference without a session to keep it in", found.ref)
    talk.refusal_of(talk.request("inspect", _asked(None, ref=1)), ErrorCode.OBJECT_NOT_FOUND, ErrorCode.INVALID_REQUEST)


@SUBJECT.case("inspect", "exactly one thing", "4 inspect: expression or ref or binding", Needs.DEVELOPER)
def _exactly_one(bench: Bench) -> None:
    talk = bench.talk()
    session = bench.session(talk)
    talk.refused(ErrorCode.INVALID_REQUEST, "inspect", _asked(session))
    talk.refused(ErrorCode.INVALID_REQUEST, "inspect", _asked(session, expression="3", binding="it"))
    talk.refused(ErrorCode.INVALID_REQUEST, "inspect", _asked(session, expression="3", ref=1))
    talk.lives()


@SUBJECT.case("inspect", "what is not there", "4: ObjectNotFound, SessionNotFound", Needs.DEVELOPER)
def _not_there(bench: Bench) -> None:
    talk = bench.talk()
    session = bench.session(talk)
    for ref in (987_654, 0, -1):
        talk.refused(ErrorCode.OBJECT_NOT_FOUND, "inspect", _asked(session, ref=ref))
    talk.refused(ErrorCode.OBJECT_NOT_FOUND, "inspect", _asked(session, binding="neverAssigned"))
    unknown = bench.new_session_id()
    talk.refused(ErrorCode.SESSION_NOT_FOUND, "inspect", _asked(unknown, expression="3"))
    talk.lives()


@SUBJECT.case("inspect", "an expression that fails", "4: an error that says so; the session goes on", Needs.DEVELOPER)
def _failing(bench: Bench) -> None:
    talk = bench.talk()
    session = bench.session(talk)
    for source in ("1/0", "3 + "):
        match talk.ask("inspect", _asked(session, expression=source)):
            case Failed(_, error):
                ours = error.code == ErrorCode.INTERNAL_ERROR
                expect(not ours, "an error of the request, not of the agent", error.code)
            case _:
                raise Deviation(f"an error for {source}", "an inspection")
    loop = _asked(session, expression="[true] whileTrue: []")
    number = talk.request("inspect", loop)
    talk.notify("interrupt", {"id": number})
    talk.refusal_of(number, ErrorCode.INTERRUPTED, ErrorCode.TIMEOUT)
    bench.prints(talk, "3 + 4", "7", session)


@SUBJECT.case("inspect", "long prints", "4 inspect: print_limit", Needs.DEVELOPER)
def _print_limit(bench: Bench) -> None:
    talk = bench.talk()
    session = bench.session(talk)
    bench.evaluate(talk, "t := 'abcdefghij'. 5 timesRepeat: [t := t , t]. u := Array with: t", session)
    found = _inspect(talk, session, binding="u", print_limit=50)
    prints = [found.print, *(slot.print for slot in found.indexed)]
    expect(max(map(len, prints)) <= 50, "50 characters of each value at most", max(map(len, prints)))
