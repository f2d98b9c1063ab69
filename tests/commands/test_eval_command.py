"""`stui eval` and `stui inspect` in one image: what is printed where, and how it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Stui

pytestmark = pytest.mark.usefixtures("two_images")


@pytest.fixture
def at_work(stui: Stui) -> None:
    stui.ok("sessions", "create", "alpha/work")
    stui.ok("switch", "alpha/work")


def test_the_value_and_nothing_else(stui: Stui, at_work: None) -> None:
    said = stui("eval", "3+4")
    assert (said.code, said.out, said.err) == (0, "7\n", "")


def test_transcript_text_goes_to_the_other_stream(stui: Stui, at_work: None) -> None:
    said = stui("eval", "Transcript showCr: 1 printString. 2")
    assert (said.code, said.out, said.err) == (0, "2\n", "1\n")


@pytest.mark.parametrize(("source", "value"), [("0.1", "0.1"), ("3.14", "3.14"), ("1/3", "1/3"), ("1.0e15", "1e15")])
def test_floats_that_the_image_cannot_print_are_printed(stui: Stui, at_work: None, source: str, value: str) -> None:
    assert float(stui.ok("eval", source).replace("1/3", "0")) == float(value.replace("1/3", "0"))


def test_a_failure_has_its_own_code_and_leaves_stdout_empty(stui: Stui, at_work: None) -> None:
    raised = stui("eval", "1/0")
    assert (raised.code, raised.out) == (7, "")
    assert raised.err.startswith("stui: alpha/work: raised: ZeroDivide")
    broken = stui("eval", "3 + ")
    assert (broken.code, broken.out) == (7, "")
    assert "did not run" in broken.err


def test_several_pieces_in_order_stop_at_the_first_failure(stui: Stui, at_work: None) -> None:
    said = stui("eval", "x := 1", "x / 0", "x := 2")
    assert (said.code, said.out) == (7, "1\n")
    assert stui.ok("eval", "x") == "1\n"
    on = stui("eval", "--keep-going", "x", "x / 0", "x := 3")
    assert (on.code, on.out) == (8, "1\n3\n")
    assert "1 of 3 expressions failed" in on.err
    assert stui("eval", "--keep-going", "1/0", "2/0").code == 7


def test_lines_of_standard_input(stui: Stui, at_work: None) -> None:
    said = stui("eval", "-", stdin=b"3+4\r\n\n5+6\n'\xe9'\nx := 7")
    assert (said.code, said.out.splitlines()[:2], said.out.splitlines()[-1]) == (0, ["7", "11"], "7")
    assert [i["source"] for i in stui.items("sessions", "history", "-n", "4")][:2] == ["3+4", "5+6"]
    assert stui("eval", "-", stdin=b"3\n1/0\n4\n").out == "3\n"


def test_names_are_of_the_places_where_it_was_to_run(stui: Stui, at_work: None) -> None:
    said = stui("eval", "-o", "name", "--keep-going", "1", "1/0")
    assert (said.code, said.out) == (8, "alpha/work\nalpha/work\n")
    assert stui.ok("eval", "-o", "name", "--all", "3 + 4") == "alpha\nbeta\n"


def test_json_is_one_document_and_json_lines_a_line_each(stui: Stui, at_work: None) -> None:
    said = stui("eval", "-o", "json", "--keep-going", "1", "2/0")
    assert said.code == 8
    assert [(i["outcome"], (i["value"] or {}).get("print")) for i in said.items] == [
        ("returned", "1"),
        ("raised", None),
    ]
    assert said.document["errors"][0]["exit_code"] == 7
    assert {"image", "session", "outcome", "value", "error", "output", "elapsed_ms", "incarnation"} <= said.items[
        0
    ].keys()
    assert said.err == ""
    lines = stui("eval", "-o", "jsonl", "1", "2").out.splitlines()
    assert len(lines) == 2
    assert len(stui("eval", "-o", "jsonl", "1", "2/0").out.splitlines()) == 3


@pytest.mark.parametrize("output", [["-o", "tsv"], ["-o", "plain"], []])
def test_the_rows_of_several_pieces_are_one_list(stui: Stui, at_work: None, output: list[str]) -> None:
    said = stui("eval", "--keep-going", *output, "--columns", "outcome,session", "1", "2/0", "3")
    assert [line.split()[0].lower() for line in said.out.splitlines()] == ["outcome", "returned", "raised", "returned"]


def test_a_file_is_one_piece(stui: Stui, at_work: None, tmp_path: Path) -> None:
    source = tmp_path / "sum.st"
    source.write_text("| a |\na := 3.\na + 4\n")
    assert stui.ok("eval", "-f", str(source)) == "7\n"
    assert stui("eval", "-f", str(tmp_path / "none.st")).code == 2
    assert stui("eval", "-f", str(source), "-").code == 2
    assert stui("eval").code == 2


def test_the_last_value_and_kept_results(stui: Stui, at_work: None) -> None:
    stui.ok("eval", "6 * 7")
    assert stui.ok("eval", "it + 1") == "43\n"
    kept = stui.items("eval", "Array with: 3 with: 4")[0]["value"]["ref"]
    assert stui.ok("eval", f"@{kept} size") == "2\n"
    for said in (stui("eval", "@999 size"), stui("inspect", "@999")):
        assert said.code == 3
        assert "only the last results of a session are kept: see `stui help source`" in said.err
    assert "alpha/work keeps no result of that number" in stui("eval", "@999 size").err


def test_of_several_pieces_each_runs_once(stui: Stui, at_work: None) -> None:
    stui.ok("eval", "n := 0")
    for _ in range(2):
        assert stui.ok("eval", "--once", "k", "n := n + 1", "n := n + 1") == "1\n2\n"
        assert stui.ok("eval", "--once", "l" * 200, "-", stdin=b"n := n + 1\nn := n + 1\n") == "3\n4\n"
    assert stui.ok("eval", "n") == "4\n"


def test_a_time_limit_is_told_and_ends_with_six(stui: Stui, at_work: None) -> None:
    said = stui("eval", "--time-limit", "200ms", "[true] whileTrue")
    assert (said.code, said.out) == (6, "")
    assert "stopped after 0.2 s" in said.err
    assert stui.ok("eval", "3") == "3\n"
    assert [i["outcome"] for i in stui.items("sessions", "history")] == ["unknown", "returned"]


def test_once_runs_once(stui: Stui, at_work: None) -> None:
    stui.ok("eval", "n := 0")
    for _ in range(2):
        assert stui.ok("eval", "--once", "key", "n := n + 1") == "1\n"
    assert stui.ok("eval", "n") == "1\n"


def test_a_session_that_its_image_lost_is_refused(stui: Stui, at_work: None, two_images: object) -> None:
    from stui_cli.api import open_manager
    from stui_cli.model.deadlines import Deadline
    from stui_cli.protocol.workspaces import Closed, CloseSession
    from stui_cli.work.talking.reach import reach

    manager = open_manager()
    state = manager.read()
    session = manager.session("alpha", "work").session
    with reach(manager.bench, state, state.images["alpha"]) as client:
        client.call(CloseSession(session.session_id), Closed, Deadline.after(5))
    said = stui("eval", "3")
    assert (said.code, said.out) == (9, "")
    assert "stui sessions restore alpha/work" in said.err
    assert stui("switch", "alpha/work").code == 9
    assert stui.items("sessions", "history")[-1]["outcome"] == "not_run"


def test_evaluations_are_audited_also_without_history(stui: Stui, at_work: None) -> None:
    stui.ok("eval", "--no-history", "3 + 4")
    assert stui.items("sessions", "history") == []
    assert "3 + 4" in stui.ok("audit", "-o", "json")


def test_inspect_in_a_session_keeps_the_slots(stui: Stui, at_work: None) -> None:
    item = stui.items("inspect", "Array with: 3 with: 4")[0]
    assert (item["class"], item["size"]) == ("Array", 2)
    assert [slot["print"] for slot in item["indexed"]] == ["3", "4"]
    assert stui.items("inspect", f"@{item['indexed'][1]['ref']}")[0]["print"] == "4"


def test_inspect_without_a_session_leaves_none_behind(stui: Stui) -> None:
    before = stui.items("sessions", "stats", "alpha")[0]["total"]
    item = stui.items("inspect", "-i", "alpha", "Array with: 3 with: 4")[0]
    assert (item["ref"], item["indexed"][0]["ref"], item["indexed"][0]["print"]) == (None, None, "3")
    assert stui("inspect", "-i", "alpha", "1/0").code == 7
    assert stui("inspect", "-i", "alpha", "@3").code == 2
    assert stui.items("sessions", "stats", "alpha")[0]["total"] == before


def test_what_its_image_found_too_much_beforehand_did_not_run(stui: Stui, tmp_path: Path) -> None:
    """The bound is the agent's own setting, so it alone can refuse; then nothing ran, and that is recorded."""
    (tmp_path / "large.st").write_text(f'"{"x" * 1_100_000}" 3')
    said = stui("eval", "-i", "alpha", "-f", str(tmp_path / "large.st"), "-o", "json")
    assert (said.code, said.items[0]["outcome"]) == (9, "not_run")
    assert "alpha ran nothing of it" in said.document["errors"][0]["message"]
    assert [line["outcome"] for line in stui.items("audit")][-1] == "not_run"
