"""Which tests failed last: kept for each image, whatever it calls itself, and never half written."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest

from stui_cli.model.errors import StoreProblem
from stui_cli.store.files.failed_tests import failed_before, keep_failed
from stui_cli.store.files.location import Home

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(str(tmp_path / "store"), str(tmp_path / "store"), "--home")


def test_what_is_kept_is_told_until_something_else_is(home: Home) -> None:
    assert failed_before(home, "image") == []
    keep_failed(home, "image", ["ATest>>testB", "ATest>>testÄ", "line\nbreak"])
    assert failed_before(home, "image") == ["ATest>>testB", "ATest>>testÄ"]
    assert failed_before(home, "another") == []
    keep_failed(home, "image", [])
    assert failed_before(home, "image") == []


@pytest.mark.parametrize("image_id", ["../../escape", "a/b", "", ".", "x" * 400])
def test_no_id_leaves_the_folder(home: Home, image_id: str) -> None:
    keep_failed(home, image_id, ["T>>t"])
    assert failed_before(home, image_id) == ["T>>t"]
    (kept,) = os.listdir(os.path.join(home.folder, "failed_tests"))
    assert os.path.isfile(os.path.join(home.folder, "failed_tests", kept))


def test_a_full_disk_leaves_what_was_there(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_failed(home, "image", ["T>>t"])

    def full(*arguments: object, **more: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(StoreProblem):
        keep_failed(home, "image", ["T>>other"])
    monkeypatch.undo()
    assert failed_before(home, "image") == ["T>>t"]
    assert len(os.listdir(os.path.join(home.folder, "failed_tests"))) == 1
