"""Files that another program wrote into the store's folders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.store.files.disk import Disk

if TYPE_CHECKING:
    from pathlib import Path


def test_what_another_program_wrote_is_durable_before_it_has_its_name(tmp_path: Path) -> None:
    unfinished, path = tmp_path / "saved.im.part", tmp_path / "saved.im"
    path.write_bytes(b"the one before")
    unfinished.write_bytes(b"image")
    unfinished.chmod(0o666)
    steps: list[str] = []

    def watch(step: str, where: str) -> None:
        steps.append(step)
        assert (where, path.read_bytes() == b"image") in {
            (str(unfinished), False), (str(path), False), (str(tmp_path), True)
        }  # fmt: skip

    Disk(watch).settle(str(unfinished), str(path))
    assert steps == ["chmod", "sync", "rename", "sync_folder"]
    assert (path.stat().st_mode & 0o777, unfinished.exists()) == (0o600, False)
