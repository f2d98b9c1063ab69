"""`stui doctor`: what it prints, its exit codes, and whom it does not speak with."""

from __future__ import annotations

import json
import os
import socket
import time
from typing import TYPE_CHECKING

import pytest
from breakages import TrueIsOne
from farm import refusing_address

from stui_cli.api import open_manager
from stui_cli.main import run
from stui_cli.model.images import Image
from stui_cli.model.operations import ImageDetails, Kind
from stui_cli.playground.agent.server import Agent

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stui_cli.store.transaction import Draft

Keys = dict[str, tuple[str, bytes]]


def doctor(*words: str) -> int:
    return run(["doctor", *words])


@pytest.fixture
def with_key(key_file: Path) -> list[str]:
    return ["--key-file", str(key_file)]


def test_all_passed(keys: Keys, with_key: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with Agent(keys) as agent:
        code = doctor("--address", agent.address, *with_key, "--case", "hello/an*", "--case", "ping/the vitals")
    out, err = capsys.readouterr()
    assert (code, out) == (0, "")
    assert "4 checks in" in err
    assert ": 4 passed" in err


def test_a_failure_is_shown_and_what_passed_is_not(
    keys: Keys, with_key: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with TrueIsOne(keys) as agent:
        code = doctor("--address", agent.address, *with_key, "--case", "ping", "-o", "tsv", "--no-headers")
    out, err = capsys.readouterr()
    assert code == 8
    assert out.splitlines() == ["ping\techoes nil and booleans\tfailed\tFalse (sent as c2) unchanged\t0"]
    assert "1 failed" in err


def test_verbose_shows_all(keys: Keys, with_key: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with Agent(keys) as agent:
        code = doctor("--address", agent.address, *with_key, "--case", "ping/echoes*", "-v", "-o", "name")
    out = capsys.readouterr().out
    assert code == 0
    assert "ping/echoes float64" in out.splitlines()


def test_a_table_has_what_was_found_before_what_should_be(
    keys: Keys, with_key: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    with TrueIsOne(keys) as agent:
        assert doctor("--address", agent.address, *with_key, "--case", "ping", "-o", "table") == 8
    heading = capsys.readouterr().out.splitlines()[0]
    assert heading.split()[-2:] == ["GOT", "EXPECTED"]  # what gives way stands on the right


def test_json_has_every_case(keys: Keys, with_key: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with TrueIsOne(keys) as agent:
        code = doctor("--address", agent.address, *with_key, "--case", "ping/echoes*", "-o", "json")
    document = json.loads(capsys.readouterr().out)
    assert code == 8
    assert document["kind"] == "finding"
    assert {"request", "case", "verdict", "expected", "got"} <= set(document["items"][0])
    verdicts = [item["verdict"] for item in document["items"]]
    assert verdicts.count("failed") == 1
    assert verdicts.count("passed") == len(verdicts) - 1


def test_a_registered_image_is_checked_with_its_own_key(
    keys: Keys, with_key: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with Agent(keys) as agent:
        assert run(["images", "add", "alpha", agent.address, *with_key]) == 0
        assert doctor("alpha", "--case", "authenticate/the right proof") == 0
        assert doctor("-i", "alpha", "--case", "authenticate/the right proof") == 0
        capsys.readouterr()
        agent.image_id = "another"
        assert doctor("alpha", "--case", "hello") == 9
    assert "another" in capsys.readouterr().err


def test_an_agent_that_asks_for_no_key_although_there_is_one_is_not_spoken_with(
    with_key: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with Agent() as agent:
        assert doctor("--address", agent.address, *with_key) == 4
    assert "asks for no key" in capsys.readouterr().err


def test_nobody_listens(capsys: pytest.CaptureFixture[str]) -> None:
    with refusing_address() as address:
        assert doctor("--address", address.removeprefix("tcp://")) == 5
    assert "nobody listens" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ["alpha", "--address", "127.0.0.1:1"],
        ["alpha", "--key-file", "keys"],
        ["--address", "127.0.0.1:1", "--case", "no such case"],
        ["--address", "nonsense"],
    ],
    ids=["both", "key without address", "no case", "no address"],
)
def test_what_cannot_be_meant(words: list[str]) -> None:
    assert doctor(*words) == 2


def test_an_unknown_image() -> None:
    assert doctor("nobody") == 3


def test_this_machine(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], home: Path) -> None:
    monkeypatch.setenv("PATH", "")
    assert doctor("-o", "json") == 0
    items = {item["case"]: item for item in json.loads(capsys.readouterr().out)["items"]}
    assert items["python"]["verdict"] == "passed"
    assert items["gst"]["verdict"] == "skipped"
    assert "gnu-smalltalk" in items["gst"]["got"]
    assert items["readable"]["verdict"] == "passed"
    (home / "run" / "stui").mkdir(mode=0o777)
    (home / "run" / "stui").chmod(0o777)
    assert doctor("-o", "json") == 8
    items = {item["case"]: item for item in json.loads(capsys.readouterr().out)["items"]}
    assert items["runtime folder"]["verdict"] == "failed"


def test_a_store_that_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("STUI_HOME", str(tmp_path / "file"))
    assert doctor("-o", "json") == 8
    items = {item["case"]: item for item in json.loads(capsys.readouterr().out)["items"]}
    assert items["readable"]["verdict"] == "failed"


def test_an_image_that_answers_nobody_is_told_so_soon(capsys: pytest.CaptureFixture[str]) -> None:
    """Not one time-out for each of a hundred and more cases, in silence."""
    with socket.create_server(("127.0.0.1", 0)) as frozen:
        address = f"tcp://127.0.0.1:{frozen.getsockname()[1]}"
        begun = time.monotonic()
        code = doctor("--address", address, "--case-timeout", "200ms", "--timeout", "200ms", "-o", "json")
        took = time.monotonic() - begun
    document = json.loads(capsys.readouterr().out)
    assert code == 8
    assert took < 10  # each case alone would be more
    assert "does not answer" in document["errors"][0]["message"]
    assert [item["verdict"] for item in document["items"]].count("failed") == 2
    assert len(document["items"]) > 100


@pytest.fixture
def machine(capsys: pytest.CaptureFixture[str]) -> Callable[[], dict[tuple[str, str], dict[str, str]]]:
    """What `doctor` finds on this machine, by what it looked at."""

    def look() -> dict[tuple[str, str], dict[str, str]]:
        doctor("-o", "json", "-v")
        items = json.loads(capsys.readouterr().out)["items"]
        return {(item["request"], item["case"]): item for item in items}

    return look


def test_settings_keys_addresses_and_the_disk_are_looked_at(
    machine: Callable[[], dict[tuple[str, str], dict[str, str]]],
    key_file: Path,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def change(draft: Draft) -> ImageDetails:
        draft.images["well"] = Image("well", "tcp://127.0.0.1:1", 0, key_file=str(key_file))
        draft.images["open"] = Image("open", "tcp://192.0.2.1:1", 0, key_file=str(home / "open"))
        draft.images["gone"] = Image("gone", "nonsense", 0, key_file=str(home / "gone"))
        return ImageDetails(Kind.IMAGE_ADD, "well")

    open_manager().store.commit(change)
    (home / "open").write_bytes(key_file.read_bytes())
    (home / "open").chmod(0o644)
    found = machine()
    for of in ("keys", "addresses"):
        assert [found[of, name]["verdict"] for name in ("well", "open", "gone")] == ["passed", "failed", "failed"]
    assert "mode 0644" in found["keys", "open"]["got"]
    assert "plain text" in found["addresses", "open"]["got"]
    looked = (("store", "readable"), ("disk", "writable"), ("disk", "room"), ("config", "readable"))
    assert {found[of]["verdict"] for of in looked} == {"passed"}
    config = home / "stui" / "config.toml"
    config.write_text("on_chnage = 'x'\n")
    assert "did you mean on_change" in machine()["config", "keys"]["got"]
    config.write_text("on_change =\n")
    assert machine()["config", "readable"]["verdict"] == "failed"
    monkeypatch.setenv("STUI_TIMEOUT", "soon")
    told = machine()["config", "STUI_TIMEOUT"]
    assert told["got"] == "STUI_TIMEOUT cannot be used: timeout: 'soon' is not a duration"


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="folders of this system have no owner that could be another")
@pytest.mark.parametrize("below", ["another's", "plain file"])
def test_a_runtime_folder_that_cannot_be_made_is_told(
    below: str,
    machine: Callable[[], dict[tuple[str, str], dict[str, str]]],
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The folder of XDG_RUNTIME_DIR where it is this user's, else a private one in the temporary folder."""
    (home / "plain file").write_text("")
    another = home / "another's"
    another.mkdir(mode=0o500)
    if os.getuid() == 0:
        os.chown(another, 12345, -1)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(home / below))
    monkeypatch.setenv("TMPDIR", str(home))
    there = home / f"stui-{os.getuid()}"
    told = f"~/{there.name}"
    found = machine()["machine", "runtime folder"]
    assert (found["verdict"], told in found["got"]) == ("passed", True)
    (home / below).rename(there)
    found = machine()["machine", "runtime folder"]
    if below == "plain file" or os.getuid() == 0:
        assert (found["verdict"], told in found["got"]) == ("failed", True)
