"""Which tests of an image did not pass when they ran last: each person's own, for `stui test --rerun-failed`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from stui_cli.store.files.disk import Disk
from stui_cli.store.files.problems import problem_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stui_cli.store.files.location import Home


def failed_before(home: Home, image_id: str) -> list[str]:
    """Their names, as Class>>selector; none where nothing is kept. Raises StoreProblem where it cannot be read."""
    try:
        with open(home.failed_tests(image_id), encoding="utf-8", errors="surrogateescape") as file:
            return [line for line in file.read().split("\n") if line]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise problem_of(error, home.folder) from error


def keep_failed(home: Home, image_id: str, names: Iterable[str]) -> None:
    """Keep these in place of what was kept. Raises StoreProblem where it cannot be written."""
    disk, path = Disk(), home.failed_tests(image_id)
    text = "".join(f"{name}\n" for name in names if "\n" not in name)
    try:
        disk.make_folder(os.path.dirname(path))
        disk.replace(path, text.encode("utf-8", "surrogateescape"), durable=False)
    except OSError as error:
        raise problem_of(error, home.folder) from error
