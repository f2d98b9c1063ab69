"""What stui-source(7) says of source is so: its examples are evaluated and loaded as they stand, in two dialects."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from shell import Shell, own_environ

from stui_cli.commands.load import FORMATS
from stui_cli.playground.agent.jobs import AgentSession

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module that writes the page."""
    monkeypatch.syspath_prepend(str(Path(__file__).resolve().parents[1] / ".ci"))
    return importlib.import_module("source_page")


@pytest.fixture(scope="module", params=["playground", pytest.param("gst", marks=pytest.mark.long)])
def shell(request: pytest.FixtureRequest, gst_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """An image alpha, where nobody went to a session."""
    folder = tmp_path_factory.mktemp(request.param)
    made = Shell(own_environ(folder, gst_path), folder)
    made.ok("images", "launch", "alpha", "--dialect", request.param, "--wait", "20s")
    yield made
    made.end()


def new_session(shell: Shell, name: str) -> str:
    shell.ok("sessions", "create", f"alpha/{name}")
    return f"alpha/{name}"


def answers(shell: Shell, session: str, examples: Mapping[str, str]) -> dict[str, str]:
    return dict(zip(examples, shell.ok("eval", "-i", session, *examples).out.splitlines(), strict=True))


def test_expressions(shell: Shell, page: Any) -> None:
    work = new_session(shell, "expressions")
    assert answers(shell, work, page.EXPRESSIONS) == page.EXPRESSIONS
    variables = shell.ok("sessions", "show", work, "-o", "json").json["items"][0]["variables"]
    assert {each["name"] for each in variables} == {"x", "y"}
    assert shell.stui("eval", "-i", new_session(shell, "another"), "x + 1").code == 7
    assert shell.stui("eval", "brief := 3. brief", "brief + 1").out == "3\n"
    assert shell.stui("eval", "-i", work, "x := 1. x foo. x := 2").code == 7
    assert shell.ok("eval", "-i", work, "x").out == "1\n"
    assert shell.stui("eval", "-i", work, "x := 3. x :=").code == 7
    assert shell.ok("eval", "-i", work, "x").out == "1\n"


def test_the_last_results(shell: Shell, page: Any) -> None:
    work = new_session(shell, "results")
    assert answers(shell, work, page.RESULTS) == page.RESULTS
    ran = shell.stui("eval", "-i", work, "--keep-going", "#(7 8)", "1/0", "x :=", "it")
    assert ran.out == shell.ok("eval", "-i", work, "#(7 8)", "it").out
    (item,) = shell.ok("eval", "-i", work, "#(5 6)", "-o", "json").json["items"]
    ref = f"@{item['value']['ref']}"
    looked = shell.ok("inspect", "-i", work, ref, "-o", "json").json["items"][0]
    assert [slot["print"] for slot in looked["indexed"]] == ["5", "6"]
    assert shell.ok("eval", "-i", work, f"@{looked['indexed'][1]['ref']} + 1", f"{ref} size").out == "7\n2\n"
    shell.ok("eval", "-i", work, "-", stdin="\n".join(map(str, range(99))))
    gone = shell.stui("eval", "-i", work, ref)
    assert (gone.code, "stui help source" in gone.err) == (3, True)
    shell.ok("sessions", "close", work)
    shell.ok("sessions", "restore", work)
    assert shell.stui("eval", "-i", work, "@1").code == 3
    assert shell.ok("eval", "-i", work, "(3@4) y", '{3 "a" @4} size', "(3 abs @ 4) x").out == "4\n1\n3\n"


def test_lines_and_files(shell: Shell) -> None:
    assert shell.ok("eval", "-", stdin="(3 +\n4)\n\n'a\nb' size\n").out == "7\n3\n"
    (shell.folder / "whole.st").write_text("| a |\na := 4.\na + 1\n")
    assert shell.ok("eval", "-f", "whole.st").out == "5\n"
    assert shell.ok("eval", stdin="| a |\na := 4.\na + 1\n").out == "5\n"


@pytest.mark.parametrize("name", ["chunks", "brackets", "tonel", "statements"])
def test_forms_of_files(shell: Shell, page: Any, name: str) -> None:
    form = page.FORMS[name]
    work = new_session(shell, name)
    (shell.folder / form.file).write_text(form.text)
    for more in ((), ("--format", name)):
        items = shell.ok("load", "-i", work, form.file, *more, "-o", "json").json["items"]
        assert tuple((each["kind"], each["name"], each["line"]) for each in items) == form.pieces
    if name == "statements":
        assert shell.ok("eval", "-i", work, "rate", "it").out == "5\n5\n"
    else:
        assert shell.ok("eval", "-i", work, "(Account new deposit: 3) balance").out == "3\n"


def test_its_lists_and_numbers_are_those_of_the_source(page: Any) -> None:
    assert ["auto", *page.FORMS] == list(FORMATS)
    kept = AgentSession("", "", "", "").kept
    for number in range(1_101):
        kept.keep(number)
        kept.glimpse(number)
    assert (len(kept.results), len(kept.glimpses)) == (100, 1_000)
