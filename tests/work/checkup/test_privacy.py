"""The report of the doctor may be pasted where strangers read it: whatever is planted must not come out."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

import pytest
import tomli_w

from stui_cli.api import open_manager
from stui_cli.model.images import Image
from stui_cli.model.operations import Kind, SessionDetails
from stui_cli.model.sessions import Checkpoint, Session
from stui_cli.work.checkup.places import Places

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Doctor, Registered

    from stui_cli.model.operations import Details
    from stui_cli.store.transaction import Draft

# What is planted has this in it, wherever that stands. The names of images have another word: -v tells them.
SECRET, NAME = "hushhush", "aliquid"
KEY = "5e" * 32
IMAGE_ID = "00000000-0000-4000-8000-000000000001"


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, register: Registered) -> Path:
    """A home where everything that the doctor looks at is amiss, and bears a secret."""
    home = tmp_path / f"home of {SECRET}"
    (home / "run").mkdir(parents=True, mode=0o700)
    for variable, value in {
        "HOME": str(home),
        "USER": f"{SECRET}user",
        "LOGNAME": f"{SECRET}user",
        "STUI_HOME": str(home / "stui"),
        "XDG_RUNTIME_DIR": str(home / "run"),
        "XDG_CONFIG_HOME": str(tmp_path / f"{SECRET}user"),  # not below HOME, and named after the user
        "SHELL": "/bin/fish",
        "PAGER": str(home / SECRET / "pager"),
        "STUI_TIMEOUT": str(home),
        "STUI_SSH": str(home / "ssh"),
    }.items():
        monkeypatch.setenv(variable, value)
    (home / "ssh").write_text(f"#!/bin/sh\necho {SECRET} >&2\n")
    (home / "ssh").chmod(0o755)
    script = tmp_path / f"{SECRET}user" / "fish" / "completions" / "stui.fish"
    script.parent.mkdir(parents=True)
    script.write_text(f"# {SECRET}\n")
    for number, (mode, text) in enumerate(((0o600, f"{SECRET} admin {KEY}"), (0o644, f"a admin {KEY}"), (0o600, "x"))):
        (home / f"key {number}").write_text(f"{text}\n")
        (home / f"key {number}").chmod(mode)
    keys = {number: str(home / f"key {number}") for number in range(4)}
    labels = {"metadata": {f"{SECRET}label": SECRET}, "image_name": SECRET}
    host = f"{SECRET}.example"
    register(
        Image(f"{NAME}-0", f"tcp://{host}:1", 0, image_id=IMAGE_ID, key_file=keys[0], key_id=SECRET, **labels),
        Image(f"{NAME}-1", f"ssh://{SECRET}@{host}/127.0.0.1:1", 0, key_file=keys[1]),
        Image(f"{NAME}-2", f"tls://{host}:1", 0, key_file=keys[2], ca_file=str(home / f"{SECRET}.pem")),
        Image(f"{NAME}-3", f"unix://{home}/socket", 0, key_file=keys[3]),
        Image(f"{NAME}-4", f"{SECRET}:not an address", 0, key_file=keys[0], key_id=f"another {SECRET}"),
        Image(f"{NAME}-5", "tcp://127.0.0.1:1", 0, launch_directory=str(home / SECRET)),
    )
    damaged(home / "stui")
    told = {"schema": 1, "name": NAME, "address": f"tcp://{host}:1", "image_id": "i", "incarnation": SECRET}
    (home / "run" / "stui").mkdir(mode=0o700)
    path = home / "run" / "stui" / f"{SECRET}-1.toml"
    path.write_text(tomli_w.dumps(told | {"pid": 2**22 + 1, "dialect": SECRET, "key_file": keys[0]}))
    return home


def damaged(store: Path) -> None:
    """A session without its checkpoint, a file that is no file, an open mode, a damaged settings file."""

    def create(draft: Draft) -> Details:
        kept = draft.put(Checkpoint("id-1", IMAGE_ID, "incarnation", 9, ()))
        session = Session(
            "id-1", f"{SECRET}-session", IMAGE_ID, "i", 7, 8, checkpoint=kept, checkpoint_at=9, bindings=1
        )
        draft.sessions(IMAGE_ID)[session.name] = session
        return SessionDetails(Kind.SESSION_CREATE, f"{NAME}-0", session.name)

    open_manager().store.commit(create)
    for path in (store / "objects").iterdir():
        path.write_bytes(b"no object\n")
    (store / "probes.msgpack").write_bytes(SECRET.encode())
    (store / "state.toml").chmod(0o644)
    (store / "config.toml").write_text(f'on_change = "\'{store}"\n')


FORMS = ("table", "plain", "json", "jsonl", "tsv", "name")


def test_nothing_private_is_told(planted: Path, doctor: Doctor) -> None:
    for form in FORMS:
        doctor.run("-o", form)
        assert doctor.code == 8
        assert_silent(doctor.said, NAME)


def test_with_v_images_are_named_and_nothing_else(planted: Path, doctor: Doctor) -> None:
    found = doctor.items("-v")
    assert {f"keys/{NAME}-{number}" for number in range(5)} <= set(found)
    doctor.run("-v", "-o", "plain", "--columns", "request,case,verdict,expected,got,todo")
    for planned in (f"{SECRET}.pem", f"{SECRET}-1.toml"):  # below ~, and named to be mended
        doctor.said = doctor.said.replace(planned, "")
    assert NAME in doctor.said
    assert_silent(doctor.said)


def test_nor_by_what_the_lock_is_signed_with(planted: Path, doctor: Doctor) -> None:
    with (planted / "stui" / "lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write(f"{os.getpid()} stui eval -i {NAME} '{SECRET}'\n")
        lock.flush()
        verdict, told = doctor("disk/lock")
    assert (verdict, told) == ("warning", f"process {os.getpid()} holds it: stui eval")
    assert_silent(doctor.said, NAME)


def test_nor_of_a_store_that_is_damaged(planted: Path, doctor: Doctor) -> None:
    (planted / "stui" / "state.toml").write_bytes(f"schema = 1\n[{SECRET}\n".encode())
    (planted / "stui" / "cache.msgpack").unlink()
    found = doctor.items()
    assert found["store/state"]["got"].startswith("~/stui/state.toml: ")
    assert "going on with the state of operation 2" in doctor.said  # a warning of the document
    assert_silent(doctor.said, NAME)


def test_nor_of_a_config_toml_that_reads_well(planted: Path, doctor: Doctor) -> None:
    config = planted / "stui" / "config.toml"
    config.write_text(f"on_change = '{SECRET}'\ntimeuot = '{SECRET}'\n[dialects.pharo]\nimage = '{planted}'\n")
    verdict, told = doctor("config/keys")
    assert (verdict, "'timeuot' means nothing to stui; did you mean timeout" in told) == ("failed", True)
    assert_silent(doctor.said, NAME)
    config.write_text(f"timeout = '{planted}'\n")
    assert doctor("config/readable")[0] == "failed"
    assert_silent(doctor.said, NAME)


def assert_silent(said: str, *others: str) -> None:
    for word in (SECRET, KEY, *others):
        assert word not in said, [line for line in said.splitlines() if word in line]
    machine = os.uname().nodename
    assert len(machine) < 4 or machine not in said


def test_nor_of_a_team(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("psycopg", reason="needs the package psycopg")
    monkeypatch.setenv(
        "STUI_HOME", f"postgresql://{SECRET}u:{SECRET}p@127.0.0.1:1/{SECRET}db?schema=s&options={SECRET}"
    )
    for words in ((), ("-v",), ("-o", "json")):
        doctor.run(*words)
        assert doctor.code == 8
        assert "postgresql://" in doctor.said
        assert_silent(doctor.said)
    told = doctor.items()["store/readable"]
    assert told["todo"] == "see whether the server runs and can be reached, then repeat the command"
    assert "repeat the command" not in told["got"], "once is enough"


def test_how_paths_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    places = Places({"HOME": "/srv/people/ada", "USER": "ada", "XDG_RUNTIME_DIR": "/run/user/7"})
    assert places.shown("/srv/people/ada") == "~"
    assert places.shown("/srv/people/ada/a b") == "~/a b"
    assert places.quoted("/srv/people/ada/a b") == "~/'a b'"
    assert places.quoted("/run/user/7/x") == '"$XDG_RUNTIME_DIR"/x'
    assert places.shown("/srv/people/adam/x") == "/srv/people/…/x"
    assert places.shown("/usr/bin/ssh") == "/usr/bin/ssh"
    assert places.told("/srv/people/ada/x: by ada, not Canada") == "~/x: by …, not Canada"
    assert places.told('at "db" (192.0.2.7), (2001:db8::1) or 127.0.0.1') == 'at "db" (…), (…) or 127.0.0.1'
    assert places.without_values('at "ada", port 1: "no"') == "at '…', port 1: '…'"
    assert places.told("postgresql://a:b@c/d?x cannot") == "postgresql://… cannot"
    assert places.without_values("on_change is \"it's\", and 'no…") == "on_change is '…', and '…'"
