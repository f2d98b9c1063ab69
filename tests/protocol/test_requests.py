"""The one table of requests: complete, with the names and fields of DESIGN section 4."""

from __future__ import annotations

import typing

import pytest

from stui_cli.annotations import fields_of, is_record
from stui_cli.protocol.evaluation import Interrupt, Output
from stui_cli.protocol.faults import ErrorCode
from stui_cli.protocol.fields import key_of, method_of
from stui_cli.protocol.requests import TABLE, Request

# From the table of DESIGN section 4, and the handshake above it.
DESIGN: dict[str, set[str]] = {
    "hello": {"protocol", "client", "client_id", "key_id", "nonce", "errors"},
    "authenticate": {"proof"},
    "ping": {"message"},
    "evaluate": {"session_id", "source", "time_limit_ms", "print_limit", "once", "batch", "stop_at_error"},
    "inspect": {"session_id", "expression", "ref", "binding", "depth", "start", "count", "print_limit"},
    "create_session": {"session_id", "name", "description"},
    "restore_session": {"session_id", "name", "description", "bindings", "replay"},
    "checkpoint_session": {"session_id"},
    "close_session": {"session_id", "checkpoint", "interrupt"},
    "list_image_sessions": {"image_id", "include_disconnected"},
    "get_image_session_stats": {"image_id"},
    "cleanup_image_sessions": {"image_id", "session_ids", "force", "preserve_active"},
    "switch_image_context": {"from_image_id", "to_image_id", "session_id", "preserve_context"},
    "get_image_connection_status": {"image_id"},
    "list_evaluations": set(),
    "stop_evaluation": {"evaluation_id"},
    "load_source": {"session_id", "text", "name", "format", "stop_at_error", "time_limit_ms"},
    "run_tests": {"patterns", "time_limit_ms", "test_limit_ms", "fail_fast"},
    "browse": {"what", "of", "pattern", "start", "count"},
}

ANSWERS: dict[str, set[str]] = {
    "hello": {
        *("protocol", "agent", "image_id", "incarnation", "image_name", "dialect", "image_version"),
        *("auth", "nonce", "proof", "abilities", "methods"),
    },
    "authenticate": {"role"},
    "ping": {
        *("message", "status", "uptime_ms", "clock_ms", "pid", "memory_used", "memory_limit", "session_count"),
        *("evaluating", "scheduled_ms", "unsaved_changes"),
    },
    "evaluate": {"outcome", "value", "error", "output", "elapsed_ms"},
    "get_image_session_stats": {
        *("image_id", "total", "active", "idle", "orphaned", "bindings", "memory_estimate", "last_activity"),
        "per_client",
    },
    "cleanup_image_sessions": {"cleaned", "kept"},
    "close_session": {"closed", "checkpoint", "busy"},
    "checkpoint_session": {"bindings"},
    "list_evaluations": {
        *("evaluation_id", "session_id", "client_id", "source", "started_at", "elapsed_ms", "connected"),
    },
    "stop_evaluation": {"stopped"},
    "load_source": {"kind", "name", "line", "outcome", "value", "error"},
    "run_tests": {"passed", "failed", "errors", "skipped", "elapsed_ms"},
    "browse": {"items"},
    "get_image_connection_status": {
        *("image_id", "address", "status", "last_seen", "connection_health", "session_count", "last_activity"),
    },
}


def keys(shape: type) -> set[str]:
    return {key_of(field.name) for field in fields_of(shape)}


def test_the_table_has_each_case_of_the_union_once() -> None:
    assert [row.request for row in TABLE] == list(typing.get_args(Request))


def test_the_methods_are_those_of_the_design() -> None:
    assert {method_of(row.request) for row in TABLE} == set(DESIGN)
    assert method_of(Interrupt) == "interrupt"
    assert method_of(Output) == "output"


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.request.__name__)
def test_params_and_answers_have_the_fields_of_the_design(row: typing.Any) -> None:
    method = method_of(row.request)
    assert keys(row.request) == DESIGN[method]
    if method in ANSWERS:
        assert keys(row.answer) >= ANSWERS[method]


def test_roles() -> None:
    """observer: ping, list, stats, status; developer: the rest; none before the handshake is done."""
    by_role: dict[str | None, set[str]] = {}
    for row in TABLE:
        by_role.setdefault(row.role, set()).add(method_of(row.request))
    assert by_role[None] == {"hello", "authenticate"}
    assert by_role["observer"] == {
        "ping",
        "list_image_sessions",
        "get_image_session_stats",
        "get_image_connection_status",
    }
    assert set(by_role) == {None, "observer", "developer"}


def test_what_answers_an_array() -> None:
    arrays = [method_of(row.request) for row in TABLE if row.many]
    assert arrays == ["list_image_sessions", "list_evaluations", "load_source"]


def test_what_an_agent_may_lack() -> None:
    later = {method_of(row.request) for row in TABLE if row.later}
    assert later == {"list_evaluations", "stop_evaluation", "load_source", "run_tests", "browse"}


def test_every_request_and_answer_is_a_message_and_every_row_is_explained() -> None:
    for row in TABLE:
        for shape in (row.request, row.answer):
            assert is_record(shape)
        assert row.summary


def test_the_error_codes() -> None:
    assert [code.value for code in ErrorCode] == [
        *("InvalidRequest", "UnsupportedMethod", "NotAuthenticated", "PermissionDenied", "SessionNotFound"),
        *("ObjectNotFound", "ImageMismatch", "Busy", "Timeout", "Interrupted", "LimitExceeded", "InternalError"),
    ]
