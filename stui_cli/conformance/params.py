"""For every request of the table: params that fit, and each way in which they do not.

Made from the messages of the protocol, so that a new field is checked the day it is written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.annotations import Field, fields_of, without_none
from stui_cli.conformance.case import Needs, Subject
from stui_cli.conformance.verdicts import Deviation, expect
from stui_cli.protocol.connection import Answered, Failed
from stui_cli.protocol.faults import ErrorCode
from stui_cli.protocol.fields import key_of, method_of
from stui_cli.protocol.greeting import Authenticate, Hello
from stui_cli.protocol.requests import TABLE, Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stui_cli.conformance.bench import Bench
    from stui_cli.conformance.conversation import Conversation

SUBJECT = Subject()

# No image has this id: the agents make theirs at random.
OTHER_IMAGE = "00000000-0000-4000-8000-000000000000"

# Text where a number, a truth value or an array belongs, and a number where text or bytes belong.
_WRONG: dict[object, object] = {str: 7, bytes: 7, int: "seven", bool: "yes", float: "seven"}


def good(bench: Bench, request: type, session: str) -> dict[str, object]:
    """Params with which `request` must succeed, about a live `session` of the caller."""
    here = bench.greeting.image_id
    fresh = bench.new_session_id()
    match method_of(request):
        case "hello":
            return bench.hello()
        case "authenticate":
            return {"proof": bytes(32)}
        case "ping":
            return {"message": "a sign of life"}
        case "evaluate":
            return bench.code("3 + 4", session)
        case "inspect":
            page: dict[str, object] = {"depth": 1, "start": 1, "count": 10, "print_limit": 100}
            return page | {"session_id": session, "expression": "3 + 4", "ref": None, "binding": None}
        case "create_session":
            return {"session_id": fresh, "name": "doctor", "description": None}
        case "restore_session":
            empty: dict[str, object] = {"bindings": [], "replay": []}
            return empty | {"session_id": fresh, "name": "doctor", "description": None}
        case "stop_evaluation":
            return {"evaluation_id": "none of this name"}
        case "load_source":
            file: dict[str, object] = {"text": "3 + 4", "name": "doctor", "format": "statements"}
            return file | {"session_id": session, "stop_at_error": True, "time_limit_ms": 3_000}
        case "run_tests":
            return {"patterns": ["StuiDoctorHasNoSuchTest"], "time_limit_ms": 8_000, "test_limit_ms": 1_000}
        case "browse":
            return {"what": "classes", "of": None, "pattern": "Object", "start": 1, "count": 10}
        case "cleanup_image_sessions":
            return {"image_id": here, "session_ids": [session], "force": True, "preserve_active": False}
        case "switch_image_context":
            left: dict[str, object] = {"from_image_id": here, "to_image_id": OTHER_IMAGE}
            return left | {"session_id": session, "preserve_context": True}
        case _:
            return {key_of(f.name): _usual(f, here, session) for f in fields_of(request)}


def _usual(field: Field, image_id: str, session: str) -> object:
    """What a field means in most requests; one that means more has its request among the cases above."""
    match field.name:
        case "image_id":
            return image_id
        case "session_id":
            return session
        case name:
            if without_none(field.annotation) is bool:
                return True
            raise LookupError(f"no value for {name} of a request: add the request's params here")


def _entrance(bench: Bench, row: Row) -> tuple[Conversation, str]:
    """A conversation in which the row's request may be asked, and a session to ask about."""
    if row.role is None:
        return bench.connect(), ""
    talk = bench.talk()
    return talk, bench.session(talk) if row.role == "developer" else ""


def _taken(row: Row) -> Callable[[Bench], None]:
    """A case: good params with further keys are taken."""

    def steps(bench: Bench) -> None:
        talk, session = _entrance(bench, row)
        more = {"a_key_of_tomorrow": {"deep": [1, None]}, "": 0}
        talk.result(method_of(row.request), good(bench, row.request, session) | more)
        talk.lives()

    return steps


def _refused(
    row: Row, spoil: Callable[[Row, dict[str, object]], Iterator[tuple[str, dict[str, object]]]]
) -> Callable[[Bench], None]:
    """A case: every way of `spoil` is InvalidRequest, and the connection lives."""

    def steps(bench: Bench) -> None:
        talk, session = _entrance(bench, row)
        method = method_of(row.request)
        if row.request is Authenticate:
            talk.result("hello", bench.hello())
        for what, params in spoil(row, good(bench, row.request, session)):
            match talk.ask(method, params):
                case Failed(_, error):
                    got = f"{error.code}: {error.message}"
                    expect(error.code == ErrorCode.INVALID_REQUEST, f"InvalidRequest for {what}", got)
                case Answered():
                    raise Deviation(f"InvalidRequest for {what}", "a result")
        talk.lives()

    return steps


def _without_one(row: Row, params: dict[str, object]) -> Iterator[tuple[str, dict[str, object]]]:
    for field in fields_of(row.request):
        if field.needed:
            name = key_of(field.name)
            yield f"a missing {name}", {key: value for key, value in params.items() if key != name}
    if _needs_any(row):
        yield "no params at all", {}


def _with_a_wrong_one(row: Row, params: dict[str, object]) -> Iterator[tuple[str, dict[str, object]]]:
    for field in _typed_fields(row):
        name, wrong = key_of(field.name), _WRONG.get(without_none(field.annotation), 7)
        yield f"{name} = {wrong!r}", params | {name: wrong}


def _needs_any(row: Row) -> bool:
    return any(field.needed for field in fields_of(row.request))


def _typed_fields(row: Row) -> list[Field]:
    """The params that may not be anything."""
    return [field for field in fields_of(row.request) if field.annotation is not object]


for _row in TABLE:
    _method = method_of(_row.request)
    _needs = Needs.DEVELOPER if _row.role == "developer" else Needs.OBSERVER if _row.role else Needs.NOTHING
    _needs = Needs.KEY if _row.request is Authenticate else _needs
    if _row.request is not Authenticate:
        SUBJECT.add(_method, "further keys", "4: unknown map keys are ignored", _needs, _taken(_row))
    if _needs_any(_row):
        SUBJECT.add(
            _method,
            "missing params",
            "4: a missing param is InvalidRequest; the connection lives",
            _needs,
            _refused(_row, _without_one),
        )
    if _typed_fields(_row):
        SUBJECT.add(
            _method,
            "mistyped params",
            "4: a mistyped param is InvalidRequest; the connection lives",
            _needs,
            _refused(_row, _with_a_wrong_one),
        )


def role_of(method: str) -> str | None:
    """The weakest role that may ask `method`."""
    return next(row.role for row in TABLE if method_of(row.request) == method)


def requests_after_hello() -> Iterator[Row]:
    """Every request but those of the handshake."""
    return (row for row in TABLE if row.request not in (Hello, Authenticate))
