"""`stui doctor` about the store: damage is named with its remedy, and `--repair` mends it as an operation."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from stui_cli.main import run
from stui_cli.model.exits import Exit


@pytest.fixture
def store(home: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A store with two images and a context."""
    for name in ("alpha", "beta"):
        assert run(["images", "add", name, "tcp://127.0.0.1:1", "--offline"]) == 0
    assert run(["switch", "alpha"]) == 0
    capsys.readouterr()
    return Path(os.environ["STUI_HOME"])


def findings(capsys: pytest.CaptureFixture[str], code: int) -> dict[str, dict[str, str]]:
    assert run(["doctor", "-o", "json"]) == code
    items = json.loads(capsys.readouterr().out)["items"]
    return {item["case"]: item for item in items if item["request"] == "store"}


def test_a_sound_store(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert list(findings(capsys, 0)) == ["readable"]
    assert run(["doctor", "--repair"]) == 0
    assert capsys.readouterr().out == "nothing is damaged\n"


@pytest.mark.parametrize("content", [b"", b"\x00\xff", b"schema = 1\nhead = "], ids=["emptied", "garbage", "truncated"])
def test_a_damaged_state_is_named_and_mended(store: Path, content: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    (store / "state.toml").write_bytes(content)
    found = findings(capsys, 8)["state"]
    assert "state.toml" in found["got"]
    assert "--repair" in found["expected"]
    # Nothing is overwritten before the user says so, and the rest goes on working.
    assert run(["images", "remove", "beta", "-y"]) == 10
    assert (store / "state.toml").read_bytes() == content
    capsys.readouterr()
    assert run(["images", "-o", "name"]) == 0
    assert capsys.readouterr().out == "alpha\nbeta\n"
    assert run(["doctor", "--repair"]) == 0
    assert "state.toml" in capsys.readouterr().out
    assert list(findings(capsys, 0)) == ["readable"]
    assert run(["context", "-o", "name"]) == 0
    assert capsys.readouterr().out.endswith("alpha\n")
    assert run(["log", "-n", "1", "-o", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["items"][0]["kind"] == "repair"


def test_a_newer_store_is_refused_untouched(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = store / "state.toml"
    newer = path.read_text().replace("schema = 1", "schema = 2")
    path.write_text(newer)
    (store / "cache.msgpack").unlink()
    assert run(["images", "add", "gamma", "tcp://127.0.0.1:1", "--offline"]) == 10
    assert run(["doctor", "--repair"]) == 10
    assert path.read_text() == newer


def test_cases_of_no_image_are_refused_and_not_left_out(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor", "--case", "ping"]) == 2
    assert "stui doctor IMAGE --case ping" in capsys.readouterr().err


def test_without_the_library_of_teams_the_other_checks_are_made(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "stui_cli.store.postgresql.backend", None)  # what imports it, imports the library
    assert run(["--home", "postgresql://ada@db.example/team", "doctor", "-o", "json"]) == Exit.PARTLY_DONE
    items = json.loads(capsys.readouterr().out)["items"]
    failed = [item for item in items if item["verdict"] == "failed"]
    assert [(item["request"], item["case"]) for item in failed] == [("store", "readable")]
    assert "a part of stui is missing" in failed[0]["got"]
    assert failed[0]["todo"].endswith("pip install 'psycopg[binary]'")
    assert "db.example" not in json.dumps(items)
    assert {"config", "disk", "machine", "shell", "terminal"} <= {item["request"] for item in items}
    assert run(["--home", "postgresql://ada@db.example/team", "images"]) == Exit.STORE
    assert "pip install 'psycopg[binary]'" in capsys.readouterr().err
