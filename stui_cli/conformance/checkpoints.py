"""checkpoint_session and restore_session: variables as text, and back again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.conformance.case import Needs, Subject
from stui_cli.conformance.shapes import fitting
from stui_cli.conformance.verdicts import Deviation, expect
from stui_cli.protocol.connection import Answered, Failed
from stui_cli.protocol.faults import ErrorCode
from stui_cli.protocol.workspaces import Bindings, BindingText, BusyWith, Restored

if TYPE_CHECKING:
    from stui_cli.conformance.bench import Bench
    from stui_cli.conformance.conversation import Conversation

SUBJECT = Subject()

# Literals of every kind that has to come back: what is assigned, and an expression that is true of it.
_LITERALS = (
    ("anInteger", "42", "anInteger = 42"),
    ("negative", "-7", "negative = -7"),
    ("large", "1234567890123456789", "large = 1234567890123456789"),
    ("text", "'it''s 100% größer'", "text = 'it''s 100% größer'"),
    ("empty", "''", "empty isEmpty"),
    ("lines", "'one\ntwo'", "lines = 'one\ntwo'"),
    ("symbol", "#foo", "symbol == #foo"),
    ("keyword", "#at:put:", "keyword == #at:put:"),
    ("character", "$a", "character = $a"),
    ("yes", "true", "yes == true"),
    ("nothing", "nil", "nothing isNil"),
    ("array", "#(1 2 #three 'four' $5 #(6 7))", "(array at: 3) == #three and: [((array at: 6) at: 2) = 7]"),
    ("none", "#()", "none isEmpty"),
)


def _checkpoint(talk: Conversation, session: str) -> dict[str, BindingText]:
    found = fitting(Bindings, talk.result("checkpoint_session", {"session_id": session}))
    return {binding.name: binding for binding in found.bindings}


def _restore(
    bench: Bench,
    talk: Conversation,
    bindings: list[dict[str, object]],
    replay: list[str],
    session: str | None = None,
) -> Restored:
    session_id = session or bench.new_session_id()
    params = {"session_id": session_id, "name": "restored", "description": None}
    raw = talk.result("restore_session", params | {"bindings": bindings, "replay": replay})
    restored = fitting(Restored, raw)
    expect(restored.session.session_id == session_id, session_id, restored.session.session_id)
    return restored


@SUBJECT.case("checkpoint_session", "bindings as text", "4 checkpoint_session: name, class, print, store text or nil",
              Needs.DEVELOPER)  # fmt: skip
def _as_text(bench: Bench) -> None:
    talk = bench.talk()
    session = bench.session(talk)
    expect(_checkpoint(talk, session) == {}, "no bindings in a fresh session", "some")
    bench.evaluate(talk, "x := 42. o := Object new. o", session)
    found = _checkpoint(talk, session)
    expect(set(found) == {"x", "o"}, "the bindings x and o", sorted(found))
    expect(found["x"].print == "42" and found["x"].class_name == "SmallInteger", "42 of SmallInteger", found["x"])
    expect(found["x"].store is not None, "source text that makes 42", "nil")
    expect(found["o"].class_name == "Object", "the class Object", found["o"].class_name)


@SUBJECT.case("restore_session", "literals come back", "4 restore_session: bindings to re-create", Needs.DEVELOPER)
def _literals(bench: Bench) -> None:
    talk = bench.talk()
    session = bench.session(talk)
    for name, source, _ in _LITERALS:
        bench.value(talk, f"{name} := {source}", session)
    kept = _checkpoint(talk, session)
    bindings: list[dict[str, object]] = []
    for name, source, _ in _LITERALS:
        binding = kept.get(name)
        if binding is None or binding.store is None:
            raise Deviation(f"store text for {name} := {source}", "none")
        bindings.append({"name": name, "store": binding.store})
    talk.result("close_session", {"session_id": session})
    restored = _restore(bench, talk, bindings, [])
    expect(set(restored.restored) == {name for name, _, _ in _LITERALS}, "all of them restored", restored.lost)
    expect(not restored.lost, "nothing lost", restored.lost)
    for _, _, test in _LITERALS:
        bench.prints(talk, test, "true", restored.session.session_id)


@SUBJECT.case("restore_session", "what cannot come back", "4 restore_session: what was not restored, and why",
              Needs.DEVELOPER)  # fmt: skip
def _lost(bench: Bench) -> None:
    talk = bench.talk()
    bindings: list[dict[str, object]] = [
        {"name": "good", "store": "3 + 4"},
        {"name": "broken", "store": "3 + "},
        {"name": "raises", "store": "1/0"},
        {"name": "last", "store": "8"},
    ]
    restored = _restore(bench, talk, bindings, [])
    expect(restored.restored == ("good", "last"), "good and last restored", restored.restored)
    expect({lost.name for lost in restored.lost} == {"broken", "raises"}, "broken and raises lost", restored.lost)
    expect(all(lost.reason for lost in restored.lost), "a reason for each", restored.lost)
    bench.prints(talk, "good + last", "15", restored.session.session_id)


@SUBJECT.case("restore_session", "a bad name", "4 restore_session: what was not restored, and why", Needs.DEVELOPER)
def _bad_names(bench: Bench) -> None:
    talk = bench.talk()
    names = ("", "two words", "3", "self", "a. b", "x := 3. y", "it's")
    bindings: list[dict[str, object]] = [{"name": name, "store": "3"} for name in names]
    restored = _restore(bench, talk, bindings, [])
    expect(not restored.restored, "none of them restored", restored.restored)
    bench.prints(talk, "3 + 4", "7", restored.session.session_id)


@SUBJECT.case("restore_session", "replay", "4 restore_session: replay sources, in order", Needs.DEVELOPER)
def _replay(bench: Bench) -> None:
    talk = bench.talk()
    restored = _restore(bench, talk, [{"name": "n", "store": "10"}], ["n := n + 1", "n := n * 2", "m := n"])
    expect(restored.replayed == 3, "3 replayed", restored.replayed)
    expect(restored.failed is None, "no failure", restored.failed)
    bench.prints(talk, "m", "22", restored.session.session_id)


@SUBJECT.case("restore_session", "replay that fails", "4: replay stops at the first that fails", Needs.DEVELOPER)
def _replay_fails(bench: Bench) -> None:
    talk = bench.talk()
    for bad in ("1/0", "3 + "):
        restored = _restore(bench, talk, [], ["n := 1", "n := n + 1", bad, "n := 100"])
        expect(restored.replayed == 2, "2 replayed", restored.replayed)
        if restored.failed is None:
            raise Deviation("a failure {index, error}", "nil")
        expect(restored.failed.position == 2, "the failure at index 2", restored.failed.position)
        expect(bool(restored.failed.error), "what went wrong", "empty text")
        bench.prints(talk, "n", "2", restored.session.session_id)


@SUBJECT.case("restore_session", "wrong bindings", "4: InvalidRequest; no session is made", Needs.DEVELOPER)
def _wrong(bench: Bench) -> None:
    talk = bench.talk()
    session_id = bench.new_session_id()
    params = {"session_id": session_id, "name": "restored", "description": None}
    wrong: tuple[tuple[object, object], ...] = (([7], []), ([{"name": 7, "store": "3"}], []), ([{"store": "3"}], []),
                                                ([], [7]))  # fmt: skip
    for bindings, replay in wrong:
        talk.refused(ErrorCode.INVALID_REQUEST, "restore_session", params | {"bindings": bindings, "replay": replay})
    talk.refused(ErrorCode.SESSION_NOT_FOUND, "checkpoint_session", {"session_id": session_id})


@SUBJECT.case("checkpoint_session", "while code runs in it", "4: told soon, as Busy or as it is", Needs.DEVELOPER)
def _while_busy(bench: Bench) -> None:
    talk, other = bench.talk(), bench.talk()
    session_id = bench.session(talk)
    number = talk.request("evaluate", bench.code("[true] whileTrue: []", session_id, time_limit_ms=20_000))
    bench.until_it_runs(other)
    match other.ask("checkpoint_session", {"session_id": session_id}):
        case Failed(_, error):
            expect(error.code == ErrorCode.BUSY, "Busy", error.code)
            fitting(BusyWith, error.details)
        case Answered(_, result):
            fitting(Bindings, result)
    expect(not talk.has_answered(number), "an answer while the code runs", "one after its end")
    talk.notify("interrupt", {"id": number})
    talk.refusal_of(number, ErrorCode.INTERRUPTED, ErrorCode.TIMEOUT)


@SUBJECT.case("checkpoint_session", "an unknown session", "4: SessionNotFound", Needs.DEVELOPER)
def _unknown(bench: Bench) -> None:
    talk = bench.talk()
    talk.refused(ErrorCode.SESSION_NOT_FOUND, "checkpoint_session", {"session_id": bench.new_session_id()})
    talk.lives()
