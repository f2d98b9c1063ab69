"""What a person sees: the list that renews itself, and the line about what changed since the last command."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from farm import Behaviour
from real_images import Gst
from screens import Tmux

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Stui
    from farm import Farm

IMAGE_ID = "11111111-0000-4000-8000-000000000001"


@pytest.fixture
def tmux() -> Iterator[Tmux]:
    with Tmux() as made:
        yield made


def row(screen: list[str], name: str) -> list[str]:
    """The words of an image's line."""
    found = [line.split() for line in screen if line.startswith(f"{name} ")]
    assert len(found) <= 1, screen
    return found[0] if found else []


def test_watch_before_and_after_a_kill(gst_path: str, tmp_path: Path, farm: Farm, stui: Stui, tmux: Tmux) -> None:
    with Gst(gst_path, tmp_path) as gst:
        gst.start(IMAGE_ID)
        stui("images", "add", "alpha", gst.address)
        stui.add(farm.add(Behaviour(name="beta")))
        tmux.type("stui status --watch=0.3")
        # Once this machine has time for them: an image that takes long to answer is not healthy.
        before = tmux.wait(lambda screen: screen[-1] == "2 images: 2 connected; 2 healthy", "both are well")
        assert before[0].startswith("stui status every 0.3 s, ")
        assert row(before, "alpha")[1:5] == ["●", "connected", "✓", "healthy"]
        gst.kill()
        told = "2 images: 1 disconnected, 1 connected; 1 critical, 1 healthy"
        after = tmux.wait(lambda screen: screen[-1] == told, "alpha is gone")
        assert row(after, "alpha")[1:5] == ["○", "disconnected", "✗", "critical"]
        assert row(after, "beta")[1:5] == ["●", "connected", "✓", "healthy"]
        assert "nobody listens" in "\n".join(after)
        gst.start(IMAGE_ID)
        tmux.wait(lambda screen: row(screen, "alpha")[2:3] == ["connected"], "alpha is back")
    tmux.press("C-c")
    ended = tmux.wait(lambda screen: screen[-1] == "$", "the shell is back")
    assert ended[-2:] == ["$ stui status --watch=0.3", "$"]  # the screen is as it was before
    tmux.type("echo ended with $?")
    tmux.wait(lambda screen: "ended with 0" in screen, "Ctrl-C is no failure")


def test_watch_follows_the_size_and_gives_the_terminal_back(farm: Farm, stui: Stui, tmux: Tmux) -> None:
    for image in farm.add_many(30, Behaviour(name="farmed")):
        stui.add(image)
    tmux.type("stui status --watch=30")
    full = tmux.wait(lambda screen: screen[-1].startswith("30 images: 30 connected"), "the list is there")
    assert len(full) == 16
    assert full[-2].startswith("... ")
    assert "more" in full[-2]
    tmux.resize(60, 40)
    larger = tmux.wait(lambda screen: screen[-1].startswith("30 images: ") and len(screen) > 30, "the larger one")
    assert row(larger, "farmed-29")
    assert all(len(line) <= 60 for line in larger)
    tmux.resize(110, 8)
    tmux.wait(
        lambda screen: (
            len(screen) == 8 and screen[0].startswith("stui status every") and screen[-1].startswith("30 images: ")
        ),
        "the smaller one",
    )
    tmux.press("C-z")
    tmux.wait(lambda screen: any("Stopped" in line for line in screen), "it is stopped")
    tmux.type("fg")
    tmux.wait(lambda screen: screen[0].startswith("stui status every"), "it is back")
    tmux.press("C-c")
    tmux.wait(lambda screen: screen[-1] == "$", "the shell is back")


def test_a_change_is_told_to_a_person_once_and_not_in_a_script(
    farm: Farm, stui: Stui, tmux: Tmux, tmp_path: Path
) -> None:
    image = farm.add(Behaviour(name="alpha"))
    stui.add(image)
    stui("status")
    image.close()
    stui("status")  # as cron does it: found, and told to nobody
    script = tmp_path / "script"
    script.write_text("stui status --cached >/dev/tty; stui images list\n")
    line = "changed: alpha connected -> disconnected (nobody listens there)"
    assert line not in tmux.run(f"(export -f stui; bash {script})")
    assert line not in tmux.run("stui images list -q")
    assert line not in tmux.run("stui images list -o json | head -1")
    assert line not in tmux.run("stui images list 2>/dev/null")
    assert line not in tmux.run("stui context")
    assert line in tmux.run("stui images list")
    assert line not in tmux.run("stui images list")
    assert line not in tmux.run("stui status")


@pytest.mark.long
def test_a_long_list_is_read_in_less(stui: Stui, tmux: Tmux) -> None:
    """Ctrl-C is the pager's own, Ctrl-Z stops both, and what is said of the list comes after it."""
    for number in range(20):
        assert stui("images", "add", f"image-{number:02}", f"tcp://127.0.0.1:{number + 1}", "--offline").code == 0
    tmux.resize(70, 12)
    tmux.type("unset LESS PAGER STUI_PAGER; clear; stui images; echo code $?")
    tmux.wait(lambda screen: screen[-1] == ":" and row(screen, "image-05") != [], "the first page")
    tmux.press("C-c")
    tmux.press("C-z")
    # A less that stops later than stui gives the terminal back after the shell took it, and erases the prompt.
    tmux.wait(lambda screen: "code 148" in screen, "both stopped")
    tmux.type("fg")
    tmux.press("Space")
    tmux.wait(lambda screen: row(screen, "image-15") != [], "the next page")
    tmux.press("q")
    ended = tmux.wait(lambda screen: screen[-1] == "$", "the prompt")
    assert ended[-2].startswith("no room for ")
