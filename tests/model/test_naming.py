"""Names that may be given, pairs that are typed, and the hint for one that was misspelt."""

from __future__ import annotations

import pytest

from stui_cli.model.errors import UsageProblem
from stui_cli.model.names import LONGEST_NAME, Target, checked_name, nearest


@pytest.mark.parametrize(
    "name", ["a", "7", "alpha", "pharo-12", "a.b", "a_b", "a+b", "ada@box", "日本語", "Ångström", "x" * LONGEST_NAME]
)
def test_good(name: str) -> None:
    assert checked_name(name, "an image") == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "-",
        "-i",
        ".hidden",
        "_a",
        "+a",
        "@a",
        "a/b",
        "/",
        "a b",
        "a\n",
        "a\t",
        "a\0",
        "\x1b[31m",
        "a\u202eb",
        "a*",
        "a?",
        "a$b",
        "a:b",
        "a,b",
        "a;b",
        "a'b",
        "a\\b",
        "a#b",
        "a~b",
        "a%b",
        "a=b",
        "x" * (LONGEST_NAME + 1),
    ],
    ids=repr,
)
def test_bad(name: str) -> None:
    with pytest.raises(UsageProblem, match="cannot name a session"):
        checked_name(name, "a session")


def test_targets_as_text() -> None:
    assert str(Target("alpha")) == "alpha"
    assert str(Target("alpha", "work")) == "alpha/work"


def test_the_nearest_names() -> None:
    assert nearest("alpa", ["alpha", "beta", "gamma"]) == "did you mean alpha?"
    assert "alpha1" in nearest("alpha", ["alpha1", "alpha2", "zzz"])
    assert nearest("qqq", ["alpha", "beta"]) == ""
    assert nearest("x", []) == ""
    assert [nearest("beta", ["set"]), nearest("foo", ["color"]), nearest("nine", ["one", "five"])] == ["", "", ""]
    assert nearest("lst", ["list", "set", "stop"]) == "did you mean list or set?"
