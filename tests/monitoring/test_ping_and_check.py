"""`stui ping` and `stui check`: what they print, and the exit codes that scripts and Nagios go by."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from farm import Behaviour, Habit, refusing_address

from stui_cli import __version__

if TYPE_CHECKING:
    from conftest import Stui
    from farm import Farm


def test_one_ping(farm: Farm, stui: Stui) -> None:
    image = farm.add(Behaviour(name="alpha"))
    stui.add(image)
    said = stui("ping", "alpha")
    assert said.code == 0
    assert re.fullmatch(rf"alpha {image.address}: answered in \d+\.\d ms\n", said.out)


def test_statistics_of_several(farm: Farm, stui: Stui) -> None:
    image = farm.add(Behaviour(name="alpha"))
    stui.add(image)
    met = image.accepted
    said = stui("ping", "alpha", "-c", "3", "--interval", "0")
    assert image.accepted == met + 3
    assert said.code == 0
    assert len(said.lines) == 4
    found = re.fullmatch(
        r"alpha: 3 sent, 3 answered, 0 % lost; min/avg/max/stddev ([\d.]+)/([\d.]+)/([\d.]+)/([\d.]+) ms",
        said.lines[-1],
    )
    assert found
    least, middle, most, _ = map(float, found.groups())
    assert least <= middle <= most
    (item,) = stui("ping", "alpha", "-c", "2", "--interval", "0", "-o", "json").items
    assert (item["sent"], item["received"], item["level"]) == (2, 2, "image")
    assert item["min_ms"] <= item["avg_ms"] <= item["max_ms"]


def test_the_exit_codes(farm: Farm, stui: Stui) -> None:
    stui.add(farm.add(Behaviour(name="alpha")))
    gone = farm.add(Behaviour(name="beta"))
    stui.add(gone)
    gone.close()
    assert stui("ping", "alpha").code == 0
    said = stui("ping", "alpha", "beta")
    assert said.code == 8
    assert "beta" in said.err
    assert "nobody listens there" in said.err
    assert stui("ping", "beta", "-c", "2", "--interval", "0").code == 5
    assert stui("ping", "gamma").code == 3


@pytest.mark.parametrize(
    ("behaviour", "codes"),
    [
        (Behaviour(), (0, 0, 0)),
        (Behaviour(scheduled_ms=5_000), (0, 0, 8)),
        (Behaviour(habit=Habit.HELLO_ONLY), (0, 0, 5)),
        (Behaviour(habit=Habit.BLACK_HOLE), (0, 5, 5)),
        (Behaviour(habit=Habit.DEAF), (5, 5, 5)),
    ],
    ids=["well", "blocked", "greets", "accepts", "deaf"],
)
def test_levels_tell_how_far_one_gets(farm: Farm, stui: Stui, behaviour: Behaviour, codes: tuple[int, ...]) -> None:
    image = farm.add(replace(behaviour, name="alpha"))
    stui("images", "add", "alpha", image.address, "--offline")
    limits = ["0.4" if code == 5 else "10" for code in codes]  # who is meant to be silent is not waited for
    levels = zip(("tcp", "rpc", "image"), limits, strict=True)
    found = [stui("ping", "alpha", "--timeout", limit, "--level", level).code for level, limit in levels]
    assert tuple(found) == codes


def test_a_socket_that_accepts_is_no_evidence(farm: Farm, stui: Stui) -> None:
    """Only a probe of the image itself changes what is recorded."""
    image = farm.add(Behaviour(name="alpha"))
    stui.add(image)
    stui("ping", "alpha", "--level", "tcp")
    stui("ping", "alpha", "--level", "rpc")
    assert stui.item("alpha", "--cached")["status"] == "unknown"
    stui("ping", "alpha")
    assert stui.item("alpha", "--cached")["status"] == "connected"


# --- check ------------------------------------------------------------------------------------------------------


def test_all_is_well(farm: Farm, stui: Stui) -> None:
    stui.add(farm.add(Behaviour(name="alpha")))
    said = stui("check", "-w", "30s", "-c", "40s")
    assert said.code == 0
    assert re.fullmatch(r"STUI OK - 1 of 1 images are well \| 'alpha'=[\d.]+ms;30000;40000;0 'ok'=1;;;0;1\n", said.out)
    assert said.err == ""
    said = stui("check", "-w", "~:30", "-c", "@40:1m", "-t", "5")
    assert (said.code, "ms;~:30000;@40000:60000;0 " in said.out) == (0, True)
    said = stui("check", "-c", "30:")
    assert (said.code, said.out.startswith("STUI CRITICAL - 1 of 1 images: alpha ")) == (2, True)
    assert " ms, critical below 30000 ms | " in said.out


def test_its_time_is_bounded_in_seconds(farm: Farm, stui: Stui) -> None:
    image = farm.add(Behaviour(name="alpha", habit=Habit.BLACK_HOLE))
    stui("images", "add", "alpha", image.address, "--offline")
    begun = time.monotonic()
    said = stui("check", "-t", "0.2")
    assert (said.code, "within 0.2 s" in said.out) == (2, True)
    assert time.monotonic() - begun < 10


def test_it_says_its_version_and_its_options(stui: Stui) -> None:
    said = stui("check", "-V")
    assert (said.code, said.out) == (0, f"stui {__version__}\n")
    said = stui("check", "--help")
    assert (said.code, said.out.startswith("Usage: stui check ")) == (0, True)


def test_one_line_whatever_is_wrong(farm: Farm, stui: Stui) -> None:
    alpha, beta = farm.add(Behaviour(name="alpha")), farm.add(Behaviour(name="beta"))
    stui.add(alpha)
    stui.add(beta)
    stui("status")
    beta.behaviour = replace(beta.behaviour, habit=Habit.BLACK_HOLE)
    said = stui("check", "--timeout", "1")
    assert said.code == 2
    assert said.out.startswith("STUI CRITICAL - 1 of 2 images: beta reconnecting: accepted the connection")
    assert "'beta'=U;;;0" in said.out
    assert said.out.count("\n") == 1
    alpha.behaviour = replace(alpha.behaviour, scheduled_ms=9_000)
    assert stui("check", "alpha").code == 1
    assert stui("check", "alpha", "-c", "0").code == 2
    assert stui("check", "-l", "role=build").code == 3


@pytest.mark.parametrize("words", ["--bogus", "nobody", "-w soon", "-l x", "-i z*", "-t 0", "-w 2 -c 1", "-w @:"])
def test_a_wrong_call_is_unknown_and_says_so_in_its_line(stui: Stui, words: str) -> None:
    """2 would be CRITICAL: somebody would be woken for a misspelt option."""
    said = stui("check", *words.split())
    assert said.code == 3
    assert said.out.startswith("STUI UNKNOWN - ")
    assert said.out.count("\n") == 1
    assert said.err == ""


def test_thresholds_that_were_mixed_up_are_told(stui: Stui) -> None:
    said = stui("check", "-w", "10", "-c", "5")
    assert said.out == (
        "STUI UNKNOWN - -w 10000 ms is beyond -c 5000 ms: whatever is a warning is critical already "
        "(let -w begin before -c, as in -w 1 -c 2)\n"
    )


@pytest.mark.parametrize("before", [("--bogus",), ("-i", ""), ("-o", "xml"), ("--timeout", "soon")])
def test_a_wrong_option_before_its_name_is_unknown_too(stui: Stui, before: tuple[str, ...]) -> None:
    said = stui(*before, "check")
    assert (said.code, said.out.startswith("STUI UNKNOWN - "), said.err) == (3, True, "")


def test_a_check_of_nothing_is_unknown(stui: Stui) -> None:
    assert stui("check").code == 3


def test_a_refused_address_is_critical(stui: Stui) -> None:
    with refusing_address() as address:
        stui("images", "add", "gone", address, "--offline")
        said = stui("check")
    assert said.code == 2
    assert "gone disconnected: nobody listens there" in said.out
    assert stui("check", "-o", "json").items[0]["check"] == "critical"
