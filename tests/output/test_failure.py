import json

import pytest

from stui_cli.model.errors import Refused, StuiError
from stui_cli.model.results import OutputMode
from stui_cli.output.failure import render_failure

ERROR = Refused(
    "alpha restarted\x1b[2J\r\nstui: never mind\n",
    todo="stui sessions restore work\nor give up",
    image="alpha",
)
PEOPLE = (OutputMode.AUTO, OutputMode.TABLE, OutputMode.PLAIN, OutputMode.TSV, OutputMode.NAME)


@pytest.mark.parametrize("mode", PEOPLE)
def test_for_people(recorded, mode) -> None:
    printed = recorded(mode, quiet=True)
    render_failure(ERROR, "session", printed.screen)
    assert str(printed) == (
        "--- stdout\n"
        "--- stderr\n"
        "stui: alpha restarted\\x1b[2J\n"
        "  stui: never mind\n"
        "  stui sessions restore work\n"
        "  or give up\n"
    )


def test_color(recorded) -> None:
    printed = recorded(color_err=True)
    render_failure(StuiError("odd"), "session", printed.screen)
    assert printed.err.getvalue() == "\x1b[1;31mstui:\x1b[0m odd\n"


@pytest.mark.parametrize("mode", [OutputMode.JSON, OutputMode.JSONL])
@pytest.mark.parametrize("on_terminal", [True, False])
def test_for_programs(recorded, mode, on_terminal) -> None:
    printed = recorded(mode, on_terminal=on_terminal)
    render_failure(ERROR, "session", printed.screen)
    document = json.loads(printed.out.getvalue())
    assert printed.err.getvalue() == ""
    assert document.pop("items", []) == []
    assert document == {
        "schema": "stui/v1",
        "kind": "session",
        "generated_at": "2025-10-09T08:53:20.000Z",
        "errors": [
            {
                "code": "refused",
                "message": ERROR.what,
                "hint": ERROR.todo,
                "image": "alpha",
                "exit_code": 9,
            }
        ],
        "warnings": [],
    }


def test_warnings_stand_in_the_document_of_a_failure(recorded) -> None:
    printed = recorded(OutputMode.JSON)
    render_failure(ERROR, "session", printed.screen, ["the probes could not be recorded"])
    assert json.loads(printed.out.getvalue())["warnings"] == ["the probes could not be recorded"]
