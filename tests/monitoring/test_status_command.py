"""`stui status`: which images, in which order, in which form, with which exit code."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from farm import Behaviour, Habit, refusing_address, with_control_characters

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Stui
    from farm import Farm

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


@pytest.fixture
def three(farm: Farm, stui: Stui) -> Stui:
    """prod-a (role=build), prod-b (role=web) and dev (without labels)."""
    stui.add(farm.add(Behaviour(name="prod-a", dialect="pharo", memory_used=300)), "", "-l", "role=build")
    stui.add(farm.add(Behaviour(name="prod-b", dialect="gst", memory_used=100)), "", "-l", "role=web")
    stui.add(farm.add(Behaviour(name="dev", dialect="gst", memory_used=200)))
    return stui


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ((), ["prod-a", "prod-b", "dev"]),
        (("dev", "prod-a", "dev"), ["dev", "prod-a"]),
        (("-i", "prod-*"), ["prod-a", "prod-b"]),
        (("prod-?",), ["prod-a", "prod-b"]),
        (("-l", "role=web"), ["prod-b"]),
        (("-l", "role=none"), []),
        (("--sort", "name"), ["dev", "prod-a", "prod-b"]),
        (("--sort", "-name"), ["prod-b", "prod-a", "dev"]),
        (("--sort", "memory"), ["prod-b", "dev", "prod-a"]),
        (("--group-by", "role"), ["prod-a", "prod-b", "dev"]),
        (("--group-by", "dialect", "--sort", "name"), ["dev", "prod-b", "prod-a"]),
    ],
)
def test_which_images_in_which_order(three: Stui, words: tuple[str, ...], names: list[str]) -> None:
    said = three("status", "-o", "name", *words)
    assert (said.code, said.lines) == (0, names)


@pytest.mark.parametrize(
    ("words", "code", "hint"),
    [
        (("-i", "zz*"), 3, "images list"),
        (("prodd-a",), 3, "prod-a"),
        (("--sort", "lattency"), 2, "latency"),
        (("--group-by", "rolle"), 2, "role"),
        (("--watch", "--cached"), 2, "--cached"),
        (("--textfile", "x", "-o", "json"), 2, "prometheus"),
        (("-l", "role"), 2, "KEY=VALUE"),
    ],
)
def test_what_cannot_be_meant(three: Stui, words: tuple[str, ...], code: int, hint: str) -> None:
    said = three("status", *words)
    assert said.code == code
    assert hint in said.out + said.err


@pytest.mark.usefixtures("_a_slow_machine_makes_no_image_slow")
def test_the_rows_and_the_summary(three: Stui) -> None:
    said = three("status", "--no-headers", "--columns", "name,status,health,dialect")
    assert said.lines == [
        "prod-a  connected  healthy  pharo",
        "prod-b  connected  healthy  gst",
        "dev     connected  healthy  gst",
    ]
    assert said.err == "3 images: 3 connected; 3 healthy\n"


def test_groups_stand_in_the_first_column(three: Stui) -> None:
    rows = [line.split()[:2] for line in three("status", "--group-by", "role").lines]
    assert rows == [["ROLE", "IMAGE"], ["build", "prod-a"], ["web", "prod-b"], ["-", "dev"]]
    assert [i["group"] for i in three("status", "--group-by", "role", "-o", "json").items] == ["build", "web", None]


def test_in_a_table_a_group_is_named_once(three: Stui) -> None:
    said = three("status", "--group-by", "dialect", "-o", "table", "--columns", "dialect,name,status")
    assert [line.split()[0] for line in said.lines[2:]] == ["gst", "dev", "pharo"]


@pytest.mark.usefixtures("_a_slow_machine_makes_no_image_slow")
def test_the_worst_first(farm: Farm, stui: Stui) -> None:
    well, blocked, gone = (farm.add(Behaviour(name=name)) for name in ("well", "blocked", "gone"))
    for image in (well, blocked, gone):
        stui.add(image)
    blocked.behaviour = replace(blocked.behaviour, scheduled_ms=5_000)
    gone.close()
    assert stui("status", "--sort", "health", "-o", "name").lines == ["gone", "blocked", "well"]
    said = stui("status", "--sort", "-health", "--exit-code", "--no-headers", "--columns", "name,health,reason")
    assert said.code == 8
    assert said.lines == [
        "well     healthy   -",
        "blocked  warning   blocked: its processes wait 5000 ms for their turn",
        "gone     critical  nobody listens there",
    ]
    items = {item["name"]: item for item in stui("status", "-o", "json").items}
    assert [items[name]["blocked"] for name in ("well", "blocked", "gone")] == [False, True, False]
    assert stui("status", "well", "--exit-code").code == 0


def test_a_dead_image_is_in_the_json_like_any_other(stui: Stui) -> None:
    with refusing_address() as address:
        stui("images", "add", "gone", address, "--offline")
        said = stui("status", "-o", "json")
    assert said.code == 0
    (item,) = said.items
    assert (item["status"], item["health"], item["reason"]) == ("disconnected", "critical", "nobody listens there")
    assert (item["latency_ms"], item["uptime_ms"], item["memory_used"], item["reached"]) == (None, None, None, None)


def test_cached_contacts_nobody_and_max_age_only_whom_it_must(farm: Farm, stui: Stui) -> None:
    image = farm.add(Behaviour(name="alpha"))
    stui.add(image)
    met = image.accepted
    assert stui.item("alpha", "--cached")["status"] == "unknown"
    assert image.accepted == met
    assert stui.item("alpha", "--cached", "--max-age", "1h")["status"] == "connected"
    assert stui.item("alpha", "--cached", "--max-age", "1h")["status"] == "connected"
    assert stui.item("alpha", "--cached")["status"] == "connected"
    assert image.accepted == met + 1
    assert stui.item("alpha", "--max-age", "0")["status"] == "connected"
    assert image.accepted == met + 2


def test_prometheus_and_its_file(three: Stui, tmp_path: Path) -> None:
    parser = pytest.importorskip("prometheus_client.parser", reason="needs the package prometheus-client")
    said = three("status", "-o", "prometheus")
    assert said.code == 0
    families = {family.name: family for family in parser.text_string_to_metric_families(said.out)}
    assert len(families["stui_image_up"].samples) == 3
    path = tmp_path / "stui.prom"
    path.write_text("old")
    assert three("status", "--textfile", str(path)).out == ""
    assert "stui_image_up" in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert list(tmp_path.glob("*")) == [path]
    missing = three("status", "--textfile", str(tmp_path / "no" / "stui.prom"))
    assert missing.code == 1
    assert "no/stui.prom cannot be written" in missing.err


def test_only_status_speaks_prometheus(three: Stui) -> None:
    said = three("images", "list", "-o", "prometheus")
    assert said.code == 2
    assert "stui status" in said.err


def test_tsv_and_json_lines(three: Stui) -> None:
    lines = three("status", "-o", "tsv", "--columns", "name,health").lines
    assert lines == ["name\thealth", "prod-a\thealthy", "prod-b\thealthy", "dev\thealthy"]
    assert [json.loads(line)["name"] for line in three("status", "-o", "jsonl").lines] == ["prod-a", "prod-b", "dev"]


def test_hostile_texts_reach_no_terminal(farm: Farm, stui: Stui) -> None:
    image = farm.add(Behaviour(name="alpha", texts=with_control_characters))
    stui.add(image)
    for form in ("table", "plain", "tsv", "name"):
        said = stui("status", "-o", form)
        assert "\x1b]" not in said.out
        assert "\x07" not in said.out


# --- watching ---------------------------------------------------------------------------------------------------


def test_watching_in_a_pipe_is_json_lines_until_interrupted(farm: Farm, stui: Stui) -> None:
    image = farm.add(Behaviour(name="alpha"))
    stui.add(image)
    watching = subprocess.Popen(
        [sys.executable, "-m", "stui_cli", "status", "--watch=0.05", "alpha"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": ROOT},
        start_new_session=True,
    )
    assert watching.stdout is not None
    first = json.loads(watching.stdout.readline())
    image.close()
    for line in watching.stdout:
        last = json.loads(line)
        if last["status"] != "connected":
            break
    watching.send_signal(signal.SIGINT)
    _, err = watching.communicate(timeout=40)
    assert (first["status"], last["status"], last["reason"]) == ("connected", "disconnected", "nobody listens there")
    assert (watching.returncode, err) == (0, "")


@pytest.mark.parametrize(
    ("words", "line", "once"),
    [
        (("--template", "{name} {status}"), "well connected\n", False),
        (("-o", "jsonl", "--columns", "IMAGE"), '{"name":"well"}\n', True),
    ],
)
def test_each_round_is_sorted_and_limited_and_that_is_said(
    farm: Farm, stui: Stui, words: tuple[str, ...], line: str, once: bool
) -> None:
    for name in ("able", "well"):
        stui.add(farm.add(Behaviour(name=name)))
    watching = subprocess.Popen(
        [sys.executable, "-m", "stui_cli", "status", "--watch=0.05", "--sort", "-name", "--limit", "1", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": ROOT},
        start_new_session=True,
    )
    assert watching.stdout is not None
    try:
        lines = [watching.stdout.readline() for _ in range(3)]
    finally:
        watching.send_signal(signal.SIGINT)
        _, err = watching.communicate(timeout=40)
    assert lines == [line] * 3
    told = err.splitlines().count("1 of 2 left out: --limit 1")
    assert told == 1 if once else told >= 2  # of the third round perhaps not yet


def test_watch_takes_its_value_after_an_equals_sign_only(stui: Stui) -> None:
    said = stui("status", "--watch", "nobody")
    assert said.code == 3
    assert "nobody" in said.err


# --- parked --------------------------------------------------------------------------------------


def test_disconnect_and_connect(farm: Farm, stui: Stui) -> None:
    image = farm.add(Behaviour(name="alpha"))
    stui.add(image)
    stui("status")
    met = image.accepted
    assert stui("images", "disconnect", "alpha").code == 0
    item = stui.item("alpha")
    assert (item["status"], item["health"], item["parked"]) == ("disconnected", "unknown", True)
    assert item["reason"] == "parked"
    assert "1 parked" not in stui("status", "--exit-code").err
    assert stui("status", "--exit-code").code == 0
    assert stui("ping", "alpha").code == 5
    assert stui("check").code == 0
    assert image.accepted == met
    assert "connected" in stui("images", "connect", "alpha").out
    assert image.accepted == met + 1
    assert stui.item("alpha")["parked"] is False


def test_connect_that_meets_nobody_fails_and_still_takes_up(farm: Farm, stui: Stui) -> None:
    image, other = farm.add(Behaviour(name="alpha")), farm.add(Behaviour(name="beta"))
    stui.add(image)
    stui.add(other)
    stui("images", "disconnect", "alpha", "beta")
    image.close()
    said = stui("images", "connect", "alpha", "beta")
    assert said.code == 8
    assert "nobody listens there" in said.err
    assert stui.item("alpha")["parked"] is False
    assert stui("images", "connect", "alpha").code == 5


def test_an_unknown_name_disconnects_none(farm: Farm, stui: Stui) -> None:
    stui.add(farm.add(Behaviour(name="alpha")))
    assert stui("images", "disconnect", "alpha", "bets").code == 3
    assert stui.item("alpha")["parked"] is False


# --- changes are told to a person, to nobody else ---------------------------------------------------------------


@pytest.mark.parametrize("words", [("status",), ("images", "list"), ("ping", "alpha")])
def test_a_script_hears_of_no_change(farm: Farm, stui: Stui, words: tuple[str, ...]) -> None:
    image = farm.add(Behaviour(name="alpha"))
    stui.add(image)
    stui("status")
    image.close()
    stui("status", "-q")
    assert "changed" not in stui(*words).err


def test_black_holes_are_told_from_the_dead(farm: Farm, stui: Stui) -> None:
    hole = farm.add(Behaviour(name="hole"))
    stui.add(hole)
    hole.behaviour = replace(hole.behaviour, habit=Habit.BLACK_HOLE)
    item = stui.item("hole", "--timeout", "0.2")
    assert (item["status"], item["blocked"], item["reached"]) == ("unknown", True, "tcp")
    assert "accepted the connection but did not answer" in item["reason"]
