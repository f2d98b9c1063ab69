"""`stui images list`: all of them, by name, by pattern and by label."""

from __future__ import annotations

import json

import pytest

from stui_cli.main import run


@pytest.fixture(autouse=True)
def three(capsys: pytest.CaptureFixture[str]) -> None:
    for number, name in enumerate(("build-1", "build-2", "desk"), 1):
        assert run(["images", "add", name, f"tcp://127.0.0.1:{number}", "--offline"]) == 0
    assert run(["images", "set", "build-2", "os=linux", "role=ci"]) == 0
    assert run(["images", "set", "desk", "os=linux"]) == 0
    capsys.readouterr()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ([], ["build-1", "build-2", "desk"]),
        (["list", "desk", "build-1"], ["desk", "build-1"]),
        (["list", "build-*"], ["build-1", "build-2"]),
        (["-i", "b*"], ["build-1", "build-2"]),
        (["-l", "os=linux"], ["build-2", "desk"]),
        (["-l", "os=linux", "-l", "role=ci"], ["build-2"]),
        (["list", "build-*", "-l", "os=linux"], ["build-2"]),
        (["-l", "os=plan9"], []),
    ],
)
def test_what_is_listed(words: list[str], found: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["images", *words, "-o", "name"]) == 0
    assert capsys.readouterr().out.splitlines() == found


@pytest.mark.parametrize(
    ("words", "code"),
    [(["list", "dsk"], 3), (["list", "x*"], 3), (["-l", "os"], 2), (["-l", "os!=linux"], 2), (["-l", "os==linux"], 2)],
)
def test_what_cannot_be_meant(words: list[str], code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["images", *words]) == code
    assert capsys.readouterr().out == ""


def test_what_is_removed_is_told_in_rows_by_name_and_in_json_by_all_that_was_known(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["images", "remove", "build-2", "-y", "-o", "tsv"]) == 0
    assert capsys.readouterr().out == "name\nbuild-2\n"
    assert run(["images", "remove", "desk", "-y", "-o", "json", "--columns", "name,metadata,status"]) == 0
    (item,) = json.loads(capsys.readouterr().out)["items"]
    assert item == {"name": "desk", "metadata": {"os": "linux"}, "status": "unknown"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["role="], "label role removed"),
        (["role=desk"], "label role is desk"),
        (["role=ci"], "label role is ci already"),
        (["nosuch="], "label nosuch was not set"),
        (["os=", "role=a b", "--key-id", "k"], "key_id set; label os removed; label role is a b"),
        (["note=a\nb\x1b[31m"], r"label note is a\x0ab\x1b[31m"),
    ],
)
def test_set_tells_each_label_by_its_name(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["images", "set", "build-2", *words]) == 0
    assert capsys.readouterr().out == f"build-2: {said}\n"
