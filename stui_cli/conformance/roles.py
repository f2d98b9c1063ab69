"""What each role may ask: one case per request, from the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.conformance.case import Needs, Subject
from stui_cli.conformance.params import good, requests_after_hello
from stui_cli.conformance.verdicts import expect
from stui_cli.protocol.faults import ErrorCode
from stui_cli.protocol.fields import method_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from stui_cli.conformance.bench import Bench
    from stui_cli.protocol.requests import Row

SUBJECT = Subject()


def _by_an_observer(row: Row) -> Callable[[Bench], None]:
    """A case: an observer's request succeeds or is refused, by the table."""

    def steps(bench: Bench) -> None:
        talk = bench.talk_as("observer")
        params = good(bench, row.request, "")
        if row.role == "observer":
            talk.result(method_of(row.request), params)
        else:
            talk.refused(ErrorCode.PERMISSION_DENIED, method_of(row.request), params)
        talk.lives()

    return steps


for _row in requests_after_hello():
    SUBJECT.add(
        method_of(_row.request),
        "by an observer",
        f"4: needs the role {_row.role}",
        Needs.KEY,
        _by_an_observer(_row),
    )


@SUBJECT.case("evaluate", "by a developer", "4: developer: also evaluate, inspect and its own sessions", Needs.KEY)
def _by_a_developer(bench: Bench) -> None:
    talk = bench.talk_as("developer")
    session = bench.session(talk)
    bench.prints(talk, "3 + 4", "7", session)


@SUBJECT.case("list_image_sessions", "by an admin", "4: admin: also others' sessions", Needs.KEY)
def _by_an_admin(bench: Bench) -> None:
    admin = bench.talk_as("admin", 1)
    session = bench.session(bench.talk())
    listed = admin.result("list_image_sessions", {"image_id": bench.image_id, "include_disconnected": True})
    ids = [item.get("session_id") for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []
    expect(session in ids, "another client's session in the list", f"{len(ids)} sessions without it")
