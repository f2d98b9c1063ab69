"""The machine and the image of a launch: found, checked, and copied whole or not at all."""

from __future__ import annotations

import json
import os
import signal
import struct
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from stui_cli.local.dialects import VISITED
from stui_cli.local.given_images import (
    Recipe,
    bring,
    image_named,
    machine_by_itself,
    machine_named,
    recipe_in,
    which_image,
    write_recipe,
)
from stui_cli.model.errors import NotFound, Refused, StuiError
from stui_cli.store.files.disk import settle

if TYPE_CHECKING:
    from pathlib import Path

PHARO, SQUEAK = VISITED["pharo"], VISITED["squeak"]
SPUR_64 = struct.pack("<Q", 68021)


@pytest.fixture
def launcher(tmp_path: Path) -> dict[str, str]:
    """An environment whose home holds what Pharo Launcher keeps: two images, two machines."""
    for name, version in (("moose-10", "100"), ("work", "110")):
        folder = tmp_path / "Pharo" / "images" / name
        folder.mkdir(parents=True)
        (folder / f"{name}.image").write_bytes(SPUR_64)
        (folder / "pharo.version").write_text(f"{version[:2]}.{version[2:]}\n")
        program = tmp_path / "Pharo" / "vms" / f"{version}-x64" / "pharo"
        program.parent.mkdir(parents=True)
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
    return {"HOME": str(tmp_path), "PATH": ""}


def test_an_image_of_pharo_launcher_goes_by_its_name(launcher: dict[str, str], tmp_path: Path) -> None:
    image = image_named("moose-10", PHARO, launcher)
    assert image == tmp_path / "Pharo/images/moose-10/moose-10.image"
    assert machine_by_itself(PHARO, image, launcher) == tmp_path / "Pharo/vms/100-x64/pharo"
    assert machine_named("110-x64", PHARO, launcher) == tmp_path / "Pharo/vms/110-x64/pharo"
    assert image_named("~/Pharo/images/work/work.image", PHARO, launcher).stem == "work"


def test_a_name_that_there_is_not_is_told_with_the_nearest(launcher: dict[str, str]) -> None:
    with pytest.raises(NotFound, match="no image 'moose10'") as told:
        image_named("moose10", PHARO, launcher)
    assert told.value.todo == "did you mean moose-10?"
    with pytest.raises(NotFound, match="no machine for Pharo") as told:
        machine_named("90-x64", PHARO, launcher)
    assert told.value.todo == "did you mean 110-x64 or 100-x64?"
    assert which_image(PHARO, launcher).todo.startswith("--image-file FILE, or one of Pharo Launcher's: moose-10, work")


def test_an_image_whose_machine_is_not_there_is_told_with_its_version(launcher: dict[str, str], tmp_path: Path) -> None:
    image = tmp_path / "Pharo/images/work/work.image"
    (tmp_path / "Pharo/vms/110-x64/pharo").unlink()
    with pytest.raises(NotFound, match="no machine for Pharo 110 images") as told:
        machine_by_itself(PHARO, image, launcher)
    assert "--vm PATH, or [dialects.pharo] vm in config.toml" in (told.value.todo or "")


@pytest.mark.parametrize(("magic", "order"), [(6502, "<I"), (6504, ">I"), (6521, "<I"), (68021, "<Q"), (68533, ">Q")])
def test_images_of_every_kind_of_machine_are_known(magic: int, order: str, tmp_path: Path) -> None:
    (tmp_path / "my.image").write_bytes(struct.pack(order, magic) + bytes(8))
    assert image_named(str(tmp_path / "my.image"), SQUEAK, {}) == tmp_path / "my.image"


@pytest.mark.parametrize("content", [b"", b"GSTIm\0\0\0\0", b"\x7fELF\0\0\0\0"])
def test_what_is_no_image_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "my.image").write_bytes(content)
    with pytest.raises(Refused, match="no image of Squeak's kind"):
        image_named(str(tmp_path / "my.image"), SQUEAK, {})


def test_what_is_no_plain_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "my.image")
    with pytest.raises(Refused, match="no image file"):
        image_named(str(tmp_path / "my.image"), SQUEAK, {})
    with pytest.raises(Refused, match="no image file"):
        image_named(f"{tmp_path}/", SQUEAK, {})


def test_a_machine_that_is_missing_or_no_program_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no machine for Squeak images at"):
        machine_named(str(tmp_path / "squeak"), SQUEAK, {})
    (tmp_path / "squeak").write_text("")
    with pytest.raises(Refused, match="cannot be executed"):
        machine_named(str(tmp_path / "squeak"), SQUEAK, {})
    with pytest.raises(NotFound, match="squeak is not on the PATH"):
        machine_by_itself(SQUEAK, tmp_path / "my.image", {"PATH": str(tmp_path / "none")})


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """An image of the user's, with what lies beside it."""
    folder = tmp_path / "mine"
    folder.mkdir()
    for name, content in (
        ("my.image", SPUR_64 * 500_000),
        ("my.changes", b"changes"),
        ("Squeak6.sources", b"sources"),
        ("other.changes", b"not its own"),
    ):
        (folder / name).write_bytes(content)
        (folder / name).chmod(0o444)
    return folder / "my.image"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "launched").mkdir()
    return tmp_path / "launched"


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_copy_has_what_belongs_to_it_and_is_its_owners_alone(image: Path, folder: Path) -> None:
    bring(Recipe("vm", str(image)), folder, SQUEAK, settle)
    assert names_in(folder) == ["Squeak6.sources", "saved.changes", "saved.image"]
    assert (folder / "saved.image").read_bytes() == image.read_bytes()
    assert (folder / "saved.image").stat().st_mode & 0o777 == 0o600


def test_a_copy_that_was_worked_in_is_kept_when_another_takes_its_place(image: Path, folder: Path) -> None:
    bring(Recipe("vm", str(image)), folder, SQUEAK, settle)
    (folder / "saved.image").write_bytes(b"worked in")
    bring(Recipe("vm", str(image)), folder, SQUEAK, settle)
    assert (folder / "earlier.image").read_bytes() == b"worked in"
    assert (folder / "earlier.changes").read_bytes() == b"changes"
    assert (folder / "saved.image").read_bytes() == image.read_bytes()


COPYING = """
import resource, sys, time
from pathlib import Path
from stui_cli.local.dialects import VISITED
from stui_cli.local.given_images import Recipe, bring
from stui_cli.store.files.disk import settle
if sys.argv[3] == "full":
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
else:
    settle = lambda *names: (print("copied", flush=True), time.sleep(60))
bring(Recipe("vm", sys.argv[1]), Path(sys.argv[2]), VISITED["squeak"], settle)
"""


def test_without_room_nothing_of_the_copy_is_left(image: Path, folder: Path) -> None:
    """A limit on the size of files stands for the disk: the system refuses to write on."""
    (folder / "saved.image").write_bytes(b"worked in")
    words = [sys.executable, "-c", COPYING, str(image), str(folder), "full"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert f"StuiError: {image} could not be copied to {folder}: File too large" in done.stderr
    assert names_in(folder) == ["saved.image"]
    assert (folder / "saved.image").read_bytes() == b"worked in"


def test_where_the_copy_cannot_be_made_durable_the_one_before_stays(image: Path, folder: Path) -> None:
    bring(Recipe("vm", str(image)), folder, SQUEAK, settle)
    (folder / "saved.image").write_bytes(b"worked in")

    def settle_some(unfinished: str, path: str) -> None:
        if path.endswith(".image"):
            raise OSError(5, "Input/output error")
        settle(unfinished, path)

    with pytest.raises(StuiError, match="Input/output error"):
        bring(Recipe("vm", str(image)), folder, SQUEAK, settle_some)
    assert names_in(folder) == ["Squeak6.sources", "saved.changes", "saved.image"]
    assert (folder / "saved.image").read_bytes() == b"worked in"


def test_a_kill_while_copying_leaves_no_half_image(image: Path, folder: Path) -> None:
    words = [sys.executable, "-c", COPYING, str(image), str(folder), "killed"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, start_new_session=True) as copying:
        assert copying.stdout is not None
        assert copying.stdout.readline() == b"copied\n"
        os.killpg(copying.pid, signal.SIGKILL)
    assert all(name.endswith(".part") for name in names_in(folder))
    bring(Recipe("vm", str(image)), folder, SQUEAK, settle)
    assert names_in(folder) == ["Squeak6.sources", "saved.changes", "saved.image"]


def test_what_lies_beside_an_image_and_is_no_file_is_passed_over(image: Path, folder: Path) -> None:
    image.with_suffix(".changes").unlink()
    image.with_suffix(".changes").mkdir()
    (image.parent / "broken.sources").symlink_to("nowhere")
    bring(Recipe("vm", str(image)), folder, SQUEAK, settle)
    assert names_in(folder) == ["Squeak6.sources", "saved.image"]


def test_what_an_image_was_started_with_is_kept(folder: Path) -> None:
    assert recipe_in(folder) is None
    recipe = Recipe("/a/vm", "/an/x.image", in_place=True, window=True)
    write_recipe(folder, recipe)
    assert recipe_in(folder) == recipe
    (folder / "given.json").write_text(json.dumps({"machine": 3}))
    assert recipe_in(folder) is None
