"""`stui images launch` of an image that its user has, with a machine that is a script: what it is started with, what is
copied, and what is said where something is missing. A real image of Squeak's kind is launched in tests/agents."""

from __future__ import annotations

import json
import os
import signal
import struct
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.shell_completion import ShellComplete
from shell import wait_until

import stui_cli
from stui_cli.main import root

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Stui

AGENT = Path(__file__).parents[1] / "conformance" / "virtual_machine.py"
CONTENT = struct.pack("<Q", 68021) + b"as it was"


class Machine:
    """A program that notes its arguments in a file, and is the agent of the start file that comes last."""

    def __init__(self, folder: Path) -> None:
        self.program, self._noted = folder / "machine", folder / "arguments"
        self.program.write_text(
            f'#!/bin/sh\nprintf "%s\\n" "$@" >"{self._noted}"\n'
            "for each; do case $each in *.st) last=$each ;; esac; done\n"
            'case "$*" in *" st "*) INVENTED_DIALECT=pharo ;; *" -s "*) INVENTED_DIALECT=cuis ;;\n'
            "*) INVENTED_DIALECT=squeak ;; esac\n"
            "export INVENTED_DIALECT\n"
            f'exec "{sys.executable}" "{AGENT}" "$last"\n'
        )
        self.program.chmod(0o755)

    @property
    def arguments(self) -> list[str]:
        """Those of the last start, each file by its folder and name alone."""
        words = self._noted.read_text().splitlines()
        return [Path(word).name if "/" in word else word for word in words]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    monkeypatch.setenv("PYTHONPATH", str(Path(stui_cli.__file__).parents[1]))
    return Machine(tmp_path)


@pytest.fixture
def image(tmp_path: Path) -> Path:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "my.image").write_bytes(CONTENT)
    (folder / "my.changes").write_bytes(b"changes")
    return folder / "my.image"


def by_itself(*words: str) -> subprocess.CompletedProcess[str]:
    """A launch in a process of its own: an image that this very process starts would have to be reaped."""
    command = [sys.executable, "-m", "stui_cli", "images", "launch", "--wait", "20s", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def folder_of(stui: Stui) -> Path:
    """Where the only image there is was launched."""
    (item,) = stui.items("images")
    return Path(os.environ["STUI_HOME"]) / "launched" / str(item["image_id"])


@pytest.fixture
def launched(stui: Stui, machine: Machine, image: Path) -> Iterator[Path]:
    """The folder of a Pharo that was launched as `one`."""
    done = by_itself("one", "--dialect", "pharo", "--vm", str(machine.program), "--image-file", str(image))
    assert done.returncode == 0, done
    yield folder_of(stui)
    stui.ok("images", "stop", "one", "--no-preserve")


def test_a_copy_is_started_saved_and_goes_on(stui: Stui, machine: Machine, image: Path, launched: Path) -> None:
    assert machine.arguments == ["--headless", "saved.image", "st", "start.st"]
    assert stui.ok("eval", "-i", "one", "3 + 4") == "7\n"
    assert stui.ok("images", "save", "one").split()[-1] == str(launched / "saved.image")
    stui.ok("images", "stop", "one", "--no-preserve")
    image.unlink()  # what goes on is the copy
    assert by_itself("one", "--window").returncode == 0
    assert machine.arguments == ["saved.image", "st", "start.st", "--interactive"]
    assert (launched / "saved.image").read_text() == "an image"
    stui.ok("images", "stop", "one", "--no-preserve")
    image.write_bytes(CONTENT)
    assert by_itself("one", "--fresh", "--headless").returncode == 0
    assert machine.arguments[0] == "--headless"
    assert (launched / "saved.image").read_bytes() == CONTENT
    assert (launched / "earlier.image").read_text() == "an image"
    assert list(launched.glob("*.part*")) == []


def test_the_users_own_image_is_not_touched(stui: Stui, image: Path, launched: Path) -> None:
    stui.ok("images", "save", "one")
    assert sorted(path.name for path in image.parent.iterdir()) == ["my.changes", "my.image"]
    assert image.read_bytes() == CONTENT


def test_in_place_the_file_itself_is_started_and_saved(stui: Stui, machine: Machine, image: Path) -> None:
    image.chmod(0o644)
    words = ("two", "--dialect", "squeak", "--vm", str(machine.program), "--image-file", str(image), "--in-place")
    assert by_itself(*words).returncode == 0
    assert machine.arguments[-2:] == ["my.image", "start.st"]
    folder = folder_of(stui)
    assert not list(folder.glob("*.image"))
    assert stui.ok("images", "save", "two").split()[-1] == str(image)
    image.write_bytes(CONTENT)  # the machine that stands in saves no more than a word
    again = stui("images", "launch", "other", *words[1:])
    assert (again.code, again.err.splitlines()[0]) == (9, f"stui: {image} itself is being run as two")
    stui.ok("images", "stop", "two", "--no-preserve")
    for name in (f"my.{'0f' * 16}.part.image", f"my.{'0f' * 16}.part.changes"):  # a save that was cut off
        image.with_name(name).touch()
    assert by_itself("two").returncode == 0
    stui.ok("images", "stop", "two", "--no-preserve")
    assert image.stat().st_mode & 0o777 == 0o644
    assert sorted(path.name for path in image.parent.iterdir()) == ["my.changes", "my.image"]


def test_of_several_launches_of_one_file_in_place_one_starts(stui: Stui, machine: Machine, image: Path) -> None:
    """All at once, under names of their own: none of them is registered when the others look."""
    gate = image.with_name("gate")
    machine.program.write_text(f"#!/bin/sh\nwhile [ ! -e {gate} ]; do sleep 0.02; done\n{machine.program.read_text()}")
    words = ("--dialect", "squeak", "--vm", str(machine.program), "--image-file", str(image), "--in-place")
    command = [sys.executable, "-m", "stui_cli", "images", "launch", "--wait", "20s"]
    launching = [
        subprocess.Popen([*command, f"at-{n}", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for n in range(3)
    ]
    wait_until(lambda: sum(each.poll() is not None for each in launching) == 2, "two are refused")
    gate.touch()
    told = [each.communicate(timeout=30)[1] for each in launching]
    assert sorted(each.returncode for each in launching) == [0, 9, 9], told
    assert sum(f"{image} itself is being started as at-" in text for text in told) == 2
    (item,) = stui.items("images")
    stui.ok("images", "stop", str(item["name"]), "--no-preserve")


def test_a_file_that_a_killed_launch_left_running_in_place_is_not_started_twice(
    stui: Stui, machine: Machine, image: Path
) -> None:
    words = ("--dialect", "squeak", "--vm", str(machine.program), "--image-file", str(image), "--in-place")
    machine.program.write_text("#!/bin/sh\nexec sleep 60\n")
    command = [sys.executable, "-m", "stui_cli", "images", "launch", "killed", *words]
    launching = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    home = Path(os.environ["STUI_HOME"])
    wait_until(lambda: bool(list(home.glob("launched/*/process"))), "it starts")
    launching.kill()
    launching.wait()
    (mark,) = home.glob("launched/*/process")
    try:
        said = stui("images", "launch", "other", *words)
        assert (said.code, said.err.splitlines()[0]) == (9, f"stui: {image} itself is being run as killed")
        assert "repeat that, which takes it up: stui images launch killed ..." in said.err
    finally:
        os.kill(json.loads(mark.read_text())["pid"], signal.SIGKILL)


def test_cuis_evaluates_its_start_file_as_it_stands(stui: Stui, machine: Machine, image: Path) -> None:
    """It is no chunk: a mark at its end would not compile, and nobody would be told."""
    named = ("--dialect", "cuis", "--vm", str(machine.program), "--image-file", str(image))
    assert by_itself("hey", *named).returncode == 0
    quiet = ["-vm-display-null", "-vm-sound-null"] if sys.platform == "linux" else ["-headless"]
    assert machine.arguments == [*quiet, "saved.image", "-e", "-e", "-s", "start.st"]
    assert stui.ok("eval", "-i", "hey", "3 + 4") == "7\n"
    text = (folder_of(stui) / "start.st").read_text()
    assert "#name 'hey' " in text
    assert "require: 'Network-Kernel'" in text
    assert text.rstrip().endswith(")")
    stui.ok("images", "stop", "hey", "--no-preserve")


def test_a_supervisor_starts_it_again_with_what_it_was_launched_with(stui: Stui, machine: Machine, image: Path) -> None:
    words = ("three", "--dialect", "pharo", "--vm", str(machine.program), "--image-file", str(image), "--supervise")
    assert by_itself(*words).returncode == 0
    assert machine.arguments == ["--headless", "saved.image", "st", "start.st"]
    assert stui.ok("eval", "-i", "three", "3 + 4") == "7\n"
    stui.ok("images", "stop", "three", "--no-preserve")


def test_another_image_under_the_same_name_is_refused(stui: Stui, image: Path, launched: Path) -> None:
    stui.ok("images", "stop", "one", "--no-preserve")
    other = image.with_name("other.image")
    other.write_bytes(CONTENT)
    said = stui("images", "launch", "one", "--image-file", str(other))
    assert (said.code, said.err) == (
        9,
        f"stui: one goes on with its own copy of {image}\n"
        "  begin it anew: stui images launch one --fresh; or launch another name\n",
    )
    assert stui("images", "launch", "one", "--in-place").code == 9


def test_a_machine_that_ends_leaves_no_copy(stui: Stui, machine: Machine, image: Path) -> None:
    machine.program.write_text("#!/bin/sh\necho 'this interpreter cannot read version 68021' >&2\nexit 1\n")
    said = stui(
        "images", "launch", "a", "--dialect", "squeak", "--vm", str(machine.program), "--image-file", str(image)
    )
    assert said.code == 1
    assert "a ended while starting (exit 1): this interpreter cannot read version 68021" in said.err
    assert not list(Path(os.environ["STUI_HOME"]).rglob("saved.*"))
    assert stui.items("images") == []


def test_one_that_does_not_come_up_is_ended_and_told_what_may_be(stui: Stui, machine: Machine, image: Path) -> None:
    machine.program.write_text("#!/bin/sh\nexec sleep 60\n")
    named = ("--dialect", "squeak", "--vm", str(machine.program), "--image-file", str(image))
    said = stui("images", "launch", "a", *named, "--wait", "300ms")
    assert said.code == 6
    assert "or it shows an error, or asks something, in a window that nobody sees (--window)" in said.err
    assert not list(Path(os.environ["STUI_HOME"]).rglob("saved.*"))


def test_what_is_missing_is_told_before_anything_is_made(stui: Stui, tmp_path: Path, image: Path) -> None:
    for words, code, told in (
        (("--image-file", str(image)), 3, "no machine for Squeak images was found: squeak is not on the PATH"),
        (("--vm", "/nowhere/squeak", "--image-file", str(image)), 3, "no machine for Squeak images at /nowhere/squeak"),
        (("--vm", str(image), "--image-file", str(image)), 9, "cannot be executed"),
        (("--image-file", str(tmp_path / "no.image")), 3, f"there is no image {tmp_path}/no.image"),
        (("--image-file", __file__), 9, "is no image of Squeak's kind"),
        ((), 2, "which Squeak image is to be started?"),
    ):
        said = stui("images", "launch", "a", "--dialect", "squeak", *words)
        assert (said.code, told in said.err) == (code, True), said.err
    assert not (Path(os.environ["STUI_HOME"]) / "launched").exists()
    said = stui("images", "launch", "a", "--dialect", "gst", "--image-file", str(image))
    assert (said.code, said.err.splitlines()[0]) == (
        2,
        "stui: GNU Smalltalk makes an image of its own: none is named, nor a machine or a window",
    )


def test_what_is_not_named_stands_in_the_settings(
    stui: Stui, machine: Machine, image: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("STUI_HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir(mode=0o700)
    (tmp_path / "home" / "config.toml").write_text(f'[dialects.pharo]\nvm = "{machine.program}"\nimage = "{image}"\n')
    done = by_itself("four", "--dialect", "pharo")
    assert done.returncode == 0, done
    stui.ok("images", "stop", "four", "--no-preserve")


def test_images_and_machines_of_pharo_launcher_go_by_their_names(
    stui: Stui, machine: Machine, image: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    images, vm = tmp_path / "Pharo" / "images", tmp_path / "Pharo" / "vms" / "100-x64"
    for name in ("moose-10", "work"):
        (images / name).mkdir(parents=True)
        image.with_name(f"{name}.image").write_bytes(CONTENT)
        image.with_name(f"{name}.image").rename(images / name / f"{name}.image")
    (images / "moose-10" / "pharo.version").write_text("100")
    vm.mkdir(parents=True)
    (vm / "pharo").symlink_to(machine.program)
    done = by_itself("five", "--dialect", "pharo", "--image-file", "moose-10")
    assert done.returncode == 0, done
    stui.ok("images", "stop", "five", "--no-preserve")
    said = stui("images", "launch", "six", "--dialect", "pharo", "--image-file", "mose")
    assert (said.code, "did you mean moose-10?" in said.err) == (3, True)
    complete = ShellComplete(root, {}, "stui", "_STUI_COMPLETE")
    offered = complete.get_completions(["images", "launch", "six", "--image-file"], "mo")
    assert [(item.value, item.type) for item in offered] == [("moose-10", "plain"), ("mo", "file")]
