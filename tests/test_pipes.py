"""stui among other programs, in real pipes of a real shell: what comes through, every exit code, and nothing said."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import uuid
from typing import TYPE_CHECKING, NamedTuple

import pytest
from farm import Behaviour, Farm
from needs import program

from stui_cli.api import open_manager
from stui_cli.model.images import Image
from stui_cli.model.operations import ImageDetails, Kind
from stui_cli.model.sessions import Session

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stui_cli.store.transaction import Draft

MANY = 2_000


class Piped(NamedTuple):
    """What came out of a pipe, and how each of its programs ended."""

    out: str
    err: str
    codes: tuple[int, ...]


class Pipes:
    """A bash in which `stui` is on the PATH."""

    def __init__(self, folder: Path) -> None:
        self._bash = program("bash")
        self._folder = folder
        script = folder / "bin" / "stui"
        script.parent.mkdir()
        script.write_text(f'#!/bin/sh\nexec {sys.executable} -m stui_cli "$@"\n')
        script.chmod(0o755)

    def __call__(self, line: str) -> Piped:
        root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        path = f"{self._folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            [self._bash, "-c", f"{line}; echo ${{PIPESTATUS[@]}} >codes"],
            env={**os.environ, "PATH": path, "PYTHONPATH": root}, cwd=self._folder, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=60, check=False, start_new_session=True,
        )  # fmt: skip
        codes = (self._folder / "codes").read_text()
        return Piped(done.stdout, done.stderr, tuple(map(int, codes.split())))


@pytest.fixture
def pipes(tmp_path: Path) -> Pipes:
    return Pipes(tmp_path)


def register(*images: Image, sessions: int = 1) -> None:
    """Images in the registry of this test; the first one has sessions that are recorded."""

    def change(draft: Draft) -> ImageDetails:
        draft.images.update({image.name: image for image in images})
        image_id = images[0].image_id or ""
        for n in range(sessions):
            session = Session(str(uuid.uuid4()), f"work-{n}", image_id, "incarnation", 7, 8)
            draft.sessions(image_id)[session.name] = session
        return ImageDetails(Kind.IMAGE_ADD, images[0].name)

    open_manager().store.commit(change)


@pytest.fixture
def two() -> Iterator[None]:
    """alpha and beta, which are up."""
    with Farm() as farm:
        made = [farm.add(Behaviour(name=name)) for name in ("alpha", "beta")]
        register(*(Image(each.name, each.address, 0, image_id=each.image_id) for each in made))
        yield


@pytest.mark.usefixtures("two")
def test_what_goes_into_other_programs(pipes: Pipes) -> None:
    program("jq")
    found = pipes("stui images -o json | jq -e -r '.items[].name'")
    assert found == Piped("alpha\nbeta\n", "", (0, 0))
    assert pipes("stui images -o json | jq -e '.items' >items").codes == (0, 0)
    shown = pipes("stui images -o name | xargs -n1 stui images show")
    assert [line.split()[1] for line in shown.out.splitlines() if line.startswith("name ")] == ["alpha", "beta"]
    assert (shown.err, shown.codes) == ("", (0, 0))
    probed = pipes("stui status -o tsv | cut -f1")  # beside the pipe a person is told the sum
    assert probed._replace(err="") == Piped("name\nalpha\nbeta\n", "", (0, 0))
    assert re.fullmatch(r"2 images: 2 connected; [12] [^\n]*\n", probed.err)  # healthy, on a machine that has time
    assert pipes("stui status -qo tsv | cut -f1") == probed._replace(err="")
    first = pipes("stui sessions | head -1")
    assert first.out.startswith("  IMAGE  SESSION")
    assert (first.err, first.codes) == ("", (0, 0))


def test_who_reads_one_line_of_many_gets_it_and_nothing_else_is_said(pipes: Pipes) -> None:
    """stui ends as SIGPIPE ends a program: there is more than a pipe holds, and nobody reads on."""
    images = (Image(f"image-{n:04}", "tcp://127.0.0.1:9", 0, image_id=str(uuid.uuid4())) for n in range(MANY))
    register(*images, sessions=MANY)
    for line in ("stui images", "stui sessions", "stui sessions -o jsonl"):
        first = pipes(f"{line} | head -1")
        assert len(first.out.splitlines()) == 1
        assert (first.err, first.codes) == ("", (141, 0)), line
