import json
from io import StringIO

import pytest

from stui_cli.contract.image import IMAGE
from stui_cli.model.errors import NotFound, UsageProblem
from stui_cli.model.results import ItemKind, OutputMode, Result, Show
from stui_cli.output.render import render
from stui_cli.output.screen import Screen

PEOPLE = (OutputMode.AUTO, OutputMode.TABLE, OutputMode.PLAIN)
EVALUATION = ItemKind("evaluation", {"elapsed_ms": Show.MILLISECONDS}, name_key="image")
VALUE = Result(EVALUATION, [{"image": "alpha", "elapsed_ms": 1.5}], text="a Set\r\t\x1b[31m(1 2)")


@pytest.mark.parametrize("mode", OutputMode)
def test_every_mode(recorded, images, matches_snapshot, mode) -> None:
    printed = recorded(mode)
    render(images, printed.screen)
    matches_snapshot(f"{mode}-pipe", printed)


@pytest.mark.parametrize("mode", OutputMode)
def test_every_mode_on_a_terminal(recorded, images, matches_snapshot, mode) -> None:
    printed = recorded(mode, on_terminal=True, color_out=True, color_err=True, width=100)
    render(images, printed.screen)
    matches_snapshot(f"{mode}-terminal", printed)


@pytest.mark.parametrize("mode", OutputMode)
def test_every_mode_with_chosen_columns_and_no_headings(recorded, images, matches_snapshot, mode) -> None:
    printed = recorded(mode, columns=("pid", "name"), headers=False, quiet=True)
    render(images, printed.screen)
    matches_snapshot(f"{mode}-columns", printed)


@pytest.mark.parametrize("mode", [OutputMode.TABLE, OutputMode.PLAIN])
@pytest.mark.parametrize("headers", [True, False])
def test_vertical(recorded, images, matches_snapshot, mode, headers) -> None:
    printed = recorded(mode, width=50, headers=headers)
    render(Result(IMAGE, images.items[1:3], images.columns, vertical=True), printed.screen)
    matches_snapshot(f"{mode}-vertical{'' if headers else '-bare'}", printed)


@pytest.mark.parametrize("mode", OutputMode)
@pytest.mark.parametrize("on_terminal", [True, False])
def test_an_empty_list(recorded, images, mode, on_terminal) -> None:
    printed = recorded(mode, on_terminal=on_terminal)
    render(images._replace(items=(), errors=(), warnings=(), notes=()), printed.screen)
    if mode in PEOPLE:
        assert printed.out.getvalue() == ""
        assert printed.err.getvalue() == (f"{images.empty}\n" if on_terminal else "")
    else:
        assert printed.err.getvalue() == ""
        match mode:
            case OutputMode.JSON:
                assert json.loads(printed.out.getvalue())["items"] == []
            case OutputMode.TSV:
                assert printed.out.getvalue().startswith("current\tname\tstatus\t")
            case OutputMode.PROMETHEUS:
                assert "\nstui_images 0\n" in printed.out.getvalue()
            case _:
                assert printed.out.getvalue() == ""


def test_an_empty_list_says_nothing_beside_an_error_or_in_quiet_mode(recorded) -> None:
    printed = recorded(on_terminal=True)
    render(Result(IMAGE, (), errors=[NotFound("no image is named beta")], empty="none"), printed.screen)
    assert printed.err.getvalue() == "stui: no image is named beta\n"
    printed = recorded(on_terminal=True, quiet=True)
    render(Result(IMAGE, (), empty="none"), printed.screen)
    assert str(printed) == "--- stdout\n--- stderr\n"


@pytest.mark.parametrize("mode", PEOPLE)
def test_text_replaces_the_rows(recorded, mode) -> None:
    printed = recorded(mode)
    render(VALUE, printed.screen)
    assert printed.out.getvalue() == "a Set\n\t\\x1b[31m(1 2)\n"


@pytest.mark.parametrize(("text", "printed_text"), [("", "\n"), ("a\n", "a\n"), ("a\r", "a\n")])
def test_text_ends_in_one_newline(recorded, text, printed_text) -> None:
    printed = recorded()
    render(VALUE._replace(text=text), printed.screen)
    assert printed.out.getvalue() == printed_text


def test_text_gives_way_to_fields_asked_for(recorded) -> None:
    printed = recorded(columns=("elapsed_ms",))
    render(VALUE, printed.screen)
    assert printed.out.getvalue() == "Elapsed\n 1.5 ms\n"


@pytest.mark.parametrize("mode", [OutputMode.JSON, OutputMode.JSONL, OutputMode.TSV, OutputMode.NAME])
def test_text_is_for_people(recorded, mode) -> None:
    printed = recorded(mode)
    render(VALUE, printed.screen)
    assert "Set" not in printed.out.getvalue()
    assert "alpha" in printed.out.getvalue()


@pytest.mark.parametrize("mode", sorted(set(OutputMode) - {OutputMode.NAME, OutputMode.PROMETHEUS}))
def test_an_unknown_column_is_told_before_anything_is_printed(recorded, images, mode) -> None:
    printed = recorded(mode, columns=("name", "sttus"))
    with pytest.raises(UsageProblem, match="'sttus'"):
        render(images, printed.screen)
    assert str(printed) == "--- stdout\n--- stderr\n"


def test_a_broken_pipe_is_the_callers_business() -> None:
    class Broken(StringIO):
        def flush(self) -> None:
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        render(VALUE, Screen(OutputMode.PLAIN, Broken(), StringIO()))
