"""Sessions: made, listed, counted, entered and left, swept up, and kept from other clients."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.conformance.case import Needs, Subject
from stui_cli.conformance.params import OTHER_IMAGE
from stui_cli.conformance.shapes import fitting, fitting_all
from stui_cli.conformance.verdicts import Deviation, NotHere, expect
from stui_cli.protocol.connection import Answered, Failed
from stui_cli.protocol.faults import ErrorCode
from stui_cli.protocol.greeting import CLOSING_CHECKPOINT
from stui_cli.protocol.vitals import ReportedConnection
from stui_cli.protocol.workspaces import Cleaned, Closed, LiveSession, SessionStats, Switched

if TYPE_CHECKING:
    from stui_cli.conformance.bench import Bench
    from stui_cli.conformance.conversation import Conversation

SUBJECT = Subject()


def _listed(bench: Bench, talk: Conversation) -> dict[str, LiveSession]:
    raw = talk.result("list_image_sessions", {"image_id": bench.image_id, "include_disconnected": True})
    return {session.session_id: session for session in fitting_all(LiveSession, raw)}


def _swept(bench: Bench, ids: list[str] | None, *, force: bool, preserve: bool) -> dict[str, object]:
    return {"image_id": bench.image_id, "session_ids": ids, "force": force, "preserve_active": preserve}


@SUBJECT.case("create_session", "answers with its metadata", "4 create_session -> SessionMetadata", Needs.DEVELOPER)
def _created(bench: Bench) -> None:
    talk = bench.talk()
    session_id = bench.new_session_id()
    params = {"session_id": session_id, "name": "first name", "description": "why: größer"}
    made = fitting(LiveSession, talk.result("create_session", params))
    expect(made.session_id == session_id, f"the session id {session_id}", made.session_id)
    expect(made.name == "first name", "the name given", made.name)
    expect(made.description == "why: größer", "the description given", made.description)
    expect(made.client_id == bench.client_id(), "our client id, told to its owner", made.client_id)
    expect(made.image_id == bench.image_id, f"image id {bench.image_id}", made.image_id)
    expect(made.bindings == 0, "no bindings yet", made.bindings)
    expect(bool(made.state), "a state", "empty text")
    clock = bench.pong(talk).clock_ms
    for name, moment in (("created_at", made.created_at), ("last_activity", made.last_activity)):
        expect(abs(clock - moment) < 60_000, f"{name} in ms since 1970, as the image's clock has it", moment)


@SUBJECT.case("create_session", "a known id", "4: a known id of the same client gets the new name and description",
              Needs.DEVELOPER)  # fmt: skip
def _renamed(bench: Bench) -> None:
    talk = bench.talk()
    session_id = bench.session(talk)
    bench.prints(talk, "kept := 5", "5", session_id)
    params = {"session_id": session_id, "name": "second", "description": "newer"}
    again = fitting(LiveSession, talk.result("create_session", params))
    expect((again.name, again.description) == ("second", "newer"), "the new name and description", again.name)
    bench.prints(talk, "kept", "5", session_id)
    expect(list(_listed(bench, bench.talk())).count(session_id) == 1, "one session of that id", "more or none")


@SUBJECT.case("create_session", "another client's id", "5: the sessions of different clients are kept apart", Needs.KEY)
def _taken_id(bench: Bench) -> None:
    talk, other = bench.talk_as("developer"), bench.talk_as("developer", 1)
    session_id = bench.session(talk)
    bench.prints(talk, "kept := 5", "5", session_id)
    match other.ask("create_session", {"session_id": session_id, "name": "theirs", "description": None}):
        case Answered():
            value = bench.evaluate(other, "kept", session_id).value
            expect(value is None or value.print == "nil", "a session of its own, or a refusal", "the other's variables")
            other.result("close_session", {"session_id": session_id})
        case Failed():
            pass
    bench.prints(talk, "kept", "5", session_id)
    expect(_listed(bench, talk)[session_id].name == "doctor", "the owner's name for it", "another")


@SUBJECT.case("list_image_sessions", "one's own", "4 list_image_sessions -> [SessionMetadata]", Needs.DEVELOPER)
def _own(bench: Bench) -> None:
    talk = bench.talk()
    one, two = bench.session(talk), bench.session(talk)
    bench.prints(talk, "x := 1. y := 2", "2", one)
    listed = _listed(bench, bench.talk())
    expect({one, two} <= set(listed), "both sessions just made", f"{len(listed)} sessions without them")
    expect(listed[one].bindings == 2, "2 bindings", listed[one].bindings)
    expect(listed[one].last_activity >= listed[one].created_at, "an activity after its creation", listed[one])
    without = fitting_all(LiveSession, talk.result("list_image_sessions"))
    expect({one, two} <= {s.session_id for s in without}, "the same without params", f"{len(without)} sessions")


@SUBJECT.case("list_image_sessions", "not others'", "4: one client never sees another's, unless admin", Needs.KEY)
def _not_others(bench: Bench) -> None:
    talk, other = bench.talk_as("developer"), bench.talk_as("developer", 1)
    session_id = bench.session(talk)
    seen = _listed(bench, other)
    expect(session_id not in seen, "not the other client's session", "it")
    strangers = [s.session_id for s in seen.values() if s.client_id not in (None, bench.client_id(1))]
    expect(not strangers, "no session of anybody else", strangers)


@SUBJECT.case("close_session", "not others'", "4: one client never closes another's, unless admin", Needs.KEY)
def _close_others(bench: Bench) -> None:
    talk, other = bench.talk_as("developer"), bench.talk_as("developer", 1)
    session_id = bench.session(talk)
    bench.prints(talk, "kept := 5", "5", session_id)
    asked: list[tuple[str, dict[str, object]]] = [
        ("close_session", {"session_id": session_id}),
        ("checkpoint_session", {"session_id": session_id}),
        ("evaluate", bench.code("kept := 6", session_id)),
        ("switch_image_context", {"from_image_id": OTHER_IMAGE, "to_image_id": bench.image_id, "session_id": session_id,
                                  "preserve_context": True}),
    ]  # fmt: skip
    for method, params in asked:
        number = other.request(method, params)
        other.refusal_of(number, ErrorCode.SESSION_NOT_FOUND, ErrorCode.PERMISSION_DENIED)
    match other.ask("cleanup_image_sessions", _swept(bench, [session_id], force=True, preserve=False)):
        case Answered(_, result):
            cleaned = fitting(Cleaned, result).cleaned
            expect(session_id not in cleaned, "another client's session kept", "cleaned")
        case Failed():
            pass
    other.result("cleanup_image_sessions", _swept(bench, None, force=True, preserve=False))
    bench.prints(talk, "kept", "5", session_id)


@SUBJECT.case("close_session", "ends it", "4 close_session -> closed", Needs.DEVELOPER)
def _closed(bench: Bench) -> None:
    talk = bench.talk()
    session_id = bench.session(talk)
    closed = fitting(Closed, talk.result("close_session", {"session_id": session_id})).closed
    expect(closed, "closed: true", closed)
    talk.refused(ErrorCode.SESSION_NOT_FOUND, "evaluate", bench.code("3 + 4", session_id))
    expect(session_id not in _listed(bench, talk), "no such session in the list", "it")
    match talk.ask("close_session", {"session_id": session_id}):
        case Failed(_, error):
            expect(error.code == ErrorCode.SESSION_NOT_FOUND, "SessionNotFound", error.code)
        case Answered(_, result):
            expect(not fitting(Closed, result).closed, "SessionNotFound, or closed: false", "closed: true")


@SUBJECT.case("close_session", "while code runs in it", "5: it ends what runs there", Needs.DEVELOPER)
def _closed_running(bench: Bench) -> None:
    talk = bench.talk()
    session_id = bench.session(talk)
    number = talk.request("evaluate", bench.code("[true] whileTrue: []", session_id, time_limit_ms=2_000))
    bench.until_it_runs(talk)
    talk.result("close_session", {"session_id": session_id})
    talk.refusal_of(number, ErrorCode.INTERRUPTED, ErrorCode.TIMEOUT, ErrorCode.SESSION_NOT_FOUND)
    expect(session_id not in _listed(bench, talk), "no such session in the list", "it")


def _closing(bench: Bench, session_id: str, **params: object) -> dict[str, object]:
    """The params of a closing with a checkpoint."""
    if CLOSING_CHECKPOINT not in (bench.greeting.abilities or ()):
        raise NotHere(f"needs the ability {CLOSING_CHECKPOINT}, which the greeting does not name")
    return {"session_id": session_id, "checkpoint": True, **params}


@SUBJECT.case("close_session", "with a checkpoint", "4: its end and its checkpoint are one step", Needs.DEVELOPER)
def _closed_with_checkpoint(bench: Bench) -> None:
    talk = bench.talk()
    session_id = bench.session(talk)
    count = 20
    asked = [("evaluate", bench.code(f"x := {i}", session_id)) for i in range(count)]
    *numbers, last = talk.requests([*asked, ("close_session", _closing(bench, session_id))])
    acknowledged = [i for i, number in enumerate(numbers) if isinstance(talk.answer(number), Answered)]
    closed = fitting(Closed, talk.result_of(last))
    expect(closed.closed, "closed: true", closed.closed)
    expect(closed.busy is None, "a session at rest", closed.busy)
    texts = {b.name: b.print for b in closed.checkpoint.bindings} if closed.checkpoint else {}
    expect(not acknowledged or texts.get("x") == str(acknowledged[-1]), f"x is {acknowledged[-1:]}, as answered", texts)
    talk.refused(ErrorCode.SESSION_NOT_FOUND, "evaluate", bench.code("3 + 4", session_id))


@SUBJECT.case("close_session", "with a checkpoint, while code runs in it",
              "5: what runs is interrupted, and no checkpoint claimed", Needs.DEVELOPER)  # fmt: skip
def _closed_with_checkpoint_running(bench: Bench) -> None:
    talk, other = bench.talk(), bench.talk()
    session_id = bench.session(talk)
    loop = "[true] whileTrue: []"
    stays = _closing(bench, session_id, interrupt=False)
    number = talk.request("evaluate", bench.code(loop, session_id, time_limit_ms=20_000))
    bench.until_it_runs(other)
    kept = fitting(Closed, other.result("close_session", stays))
    expect((kept.closed, kept.checkpoint) == (False, None), "closed: false without interrupt", kept.closed)
    closed = fitting(Closed, other.result("close_session", _closing(bench, session_id)))
    expect((closed.closed, closed.checkpoint) == (True, None), "closed: true, without a checkpoint", closed)
    if closed.busy is None:
        raise Deviation("busy: what ran, and since when", "nil")
    expect(closed.busy.source == loop, loop, closed.busy.source)
    talk.refusal_of(number, ErrorCode.INTERRUPTED)
    talk.refused(ErrorCode.SESSION_NOT_FOUND, "evaluate", bench.code("3 + 4", session_id))


@SUBJECT.case("close_session", "its name is free again", "2: a session's live state ends with it", Needs.DEVELOPER)
def _made_again(bench: Bench) -> None:
    talk = bench.talk()
    session_id = bench.session(talk)
    bench.prints(talk, "x := 5", "5", session_id)
    talk.result("close_session", {"session_id": session_id})
    again = {"session_id": session_id, "name": "again", "description": None}
    made = fitting(LiveSession, talk.result("create_session", again))
    expect(made.bindings == 0, "a fresh session", f"{made.bindings} bindings of the old one")


@SUBJECT.case("get_image_session_stats", "counts", "4 get_image_session_stats: total, active, idle, orphaned, ...",
              Needs.DEVELOPER)  # fmt: skip
def _stats(bench: Bench) -> None:
    talk = bench.talk()
    session_id = bench.session(talk)
    bench.prints(talk, "x := 1", "1", session_id)
    bench.session(talk)
    stats = fitting(SessionStats, talk.result("get_image_session_stats", {"image_id": bench.image_id}))
    expect(stats.image_id == bench.image_id, f"image id {bench.image_id}", stats.image_id)
    expect(stats.total >= 2, "2 sessions or more", stats.total)
    counts = (stats.active, stats.idle, stats.orphaned)
    expect(min(counts) >= 0 and max(counts) <= stats.total, "parts of the total", counts)
    expect(stats.bindings >= 1, "1 binding or more", stats.bindings)
    expect(stats.last_activity is not None, "a last activity", "nil")
    mine = [share.total for share in stats.per_client if share.client_id == bench.client_id()]
    expect(mine == [2], "2 sessions of this client", mine)
    expect(sum(share.total for share in stats.per_client) <= stats.total, "shares of the total", stats.per_client)


@SUBJECT.case("cleanup_image_sessions", "those named", "4 cleanup_image_sessions: cleaned, kept with reason",
              Needs.DEVELOPER)  # fmt: skip
def _cleaned(bench: Bench) -> None:
    talk = bench.talk()
    one, two, three = (bench.session(talk) for _ in range(3))
    unknown = bench.new_session_id()
    params = _swept(bench, [one, two, unknown], force=True, preserve=False)
    found = fitting(Cleaned, talk.result("cleanup_image_sessions", params))
    expect(set(found.cleaned) == {one, two}, "exactly the two that were named and known", found.cleaned)
    expect(all(kept.reason for kept in found.kept), "a reason for each one kept", found.kept)
    reasons = {kept.session_id: kept.reason for kept in found.kept}
    expect(reasons.get(unknown, "not_found") == "not_found", "not_found for the unknown one", reasons.get(unknown))
    left = _listed(bench, talk)
    expect(three in left and one not in left and two not in left, "the third left alone", "another")
    none = fitting(Cleaned, talk.result("cleanup_image_sessions", _swept(bench, [], force=True, preserve=False)))
    expect(not none.cleaned, "nothing for an empty array", none.cleaned)
    expect(three in _listed(bench, talk), "the third left alone by an empty array", "gone")


@SUBJECT.case("cleanup_image_sessions", "not what runs", "9: active sessions are kept unless force", Needs.DEVELOPER)
def _kept_running(bench: Bench) -> None:
    talk = bench.talk()
    session_id = bench.session(talk)
    number = talk.request("evaluate", bench.code("(Delay forSeconds: 600) wait", session_id, time_limit_ms=3_000))
    bench.until_it_runs(talk)
    polite = _swept(bench, [session_id], force=False, preserve=True)
    found = fitting(Cleaned, talk.result("cleanup_image_sessions", polite))
    expect(found.cleaned == (), "nothing cleaned", found.cleaned)
    kept = [(kept.session_id, kept.reason) for kept in found.kept]
    expect(kept in ([(session_id, "running")], [(session_id, "active")]), "it is kept: running", kept)
    forced = _swept(bench, [session_id], force=True, preserve=True)
    found = fitting(Cleaned, talk.result("cleanup_image_sessions", forced))
    expect(found.cleaned == (session_id,), "cleaned by force", found.cleaned)
    talk.refusal_of(number, ErrorCode.INTERRUPTED, ErrorCode.SESSION_NOT_FOUND)


@SUBJECT.case("cleanup_image_sessions", "all that may go", "4: session_ids nil: the caller's own, unless admin",
              Needs.KEY)  # fmt: skip
def _all(bench: Bench) -> None:
    talk, other = bench.talk_as("developer"), bench.talk_as("developer", 1)
    mine, theirs = bench.session(talk), bench.session(other, 1)
    params = _swept(bench, None, force=True, preserve=False)
    found = fitting(Cleaned, talk.result("cleanup_image_sessions", params))
    expect(mine in found.cleaned, "one's own session cleaned", found.cleaned)
    expect(theirs not in found.cleaned, "another's left alone", found.cleaned)
    expect(theirs in _listed(bench, other), "another's still there", "gone")


@SUBJECT.case("switch_image_context", "leaving", "4 switch_image_context: checkpoint of the session left",
              Needs.DEVELOPER)  # fmt: skip
def _leaving(bench: Bench) -> None:
    talk = bench.talk()
    session_id = bench.session(talk)
    bench.prints(talk, "x := 42", "42", session_id)
    params = {"from_image_id": bench.image_id, "to_image_id": OTHER_IMAGE, "session_id": session_id}
    left = fitting(Switched, talk.result("switch_image_context", params | {"preserve_context": True}))
    if left.checkpoint is None:
        raise Deviation("a checkpoint of the session left", "nil")
    found = [(binding.name, binding.print) for binding in left.checkpoint.bindings]
    expect(found == [("x", "42")], "the binding x = 42", found)
    gone = fitting(Switched, talk.result("switch_image_context", params | {"preserve_context": False}))
    expect(gone.checkpoint is None, "no checkpoint without preserve_context", "one")


@SUBJECT.case(
    "switch_image_context", "entering", "4 switch_image_context: metadata of the one entered", Needs.DEVELOPER
)
def _entering(bench: Bench) -> None:
    talk = bench.talk()
    session_id = bench.session(talk)
    params = {"from_image_id": OTHER_IMAGE, "to_image_id": bench.image_id, "session_id": session_id}
    entered = fitting(Switched, talk.result("switch_image_context", params | {"preserve_context": True}))
    if entered.session is None:
        raise Deviation("the metadata of the session entered", "nil")
    expect(entered.session.session_id == session_id, session_id, entered.session.session_id)


@SUBJECT.case(
    "switch_image_context", "from or to no image", "4 switch_image_context: an image id or nil", Needs.DEVELOPER
)
def _no_image(bench: Bench) -> None:
    talk = bench.talk()
    session_id = bench.session(talk)
    for origin, goal in ((None, bench.image_id), (bench.image_id, None)):
        params = {"from_image_id": origin, "to_image_id": goal, "session_id": session_id, "preserve_context": True}
        switched = fitting(Switched, talk.result("switch_image_context", params))
        expect((switched.session is None) == (goal is None), "metadata of the session entered only", switched.session)


@SUBJECT.case("switch_image_context", "neither", "4: ImageMismatch, SessionNotFound", Needs.DEVELOPER)
def _neither(bench: Bench) -> None:
    talk = bench.talk()
    session_id = bench.session(talk)
    elsewhere = {"from_image_id": OTHER_IMAGE, "to_image_id": OTHER_IMAGE, "session_id": session_id}
    talk.refused(ErrorCode.IMAGE_MISMATCH, "switch_image_context", elsewhere | {"preserve_context": True})
    unknown = {"from_image_id": OTHER_IMAGE, "to_image_id": bench.image_id, "session_id": bench.new_session_id()}
    talk.refused(ErrorCode.SESSION_NOT_FOUND, "switch_image_context", unknown | {"preserve_context": True})
    talk.lives()


@SUBJECT.case("get_image_connection_status", "as the image sees it", "4 -> ImageConnectionStatus")
def _status(bench: Bench) -> None:
    talk = bench.talk()
    raw = talk.result("get_image_connection_status", {"image_id": bench.image_id})
    found = fitting(ReportedConnection, raw)
    expect(found.image_id == bench.image_id, f"image id {bench.image_id}", found.image_id)
    expect(bool(found.address), "the address it listens at", "empty text")
    expect(found.status.lower() == "connected", "connected", found.status)
    healths = ("healthy", "warning", "critical", "unknown")
    expect(found.connection_health.lower() in healths, " or ".join(healths), found.connection_health)
    clock = bench.pong(talk).clock_ms
    expect(abs(clock - found.last_seen) < 60_000, "last seen now, in ms since 1970", found.last_seen)
    expect(found.session_count >= 0, "a number of sessions", found.session_count)


def _other_image(method: str, needs: Needs, more: dict[str, object]) -> None:
    def steps(bench: Bench) -> None:
        talk = bench.talk()
        talk.refused(ErrorCode.IMAGE_MISMATCH, method, {"image_id": OTHER_IMAGE} | more)
        talk.refused(ErrorCode.IMAGE_MISMATCH, method, {"image_id": ""} | more)
        talk.lives()

    SUBJECT.add(method, "for another image", "4: ImageMismatch; the connection lives", needs, steps)


_other_image("list_image_sessions", Needs.OBSERVER, {"include_disconnected": True})
_other_image("get_image_session_stats", Needs.OBSERVER, {})
_other_image("get_image_connection_status", Needs.OBSERVER, {})
_other_image("cleanup_image_sessions", Needs.DEVELOPER, {"session_ids": [], "force": False, "preserve_active": True})
