"""Saving an image that was launched here, with its agent and sessions."""

from __future__ import annotations

import stat
import uuid
from typing import TYPE_CHECKING

from stui_cli.local.dialects import dialect_of
from stui_cli.local.given_images import PARTIAL, recipe_in
from stui_cli.local.starting import LOG_FILE
from stui_cli.model.errors import StuiError
from stui_cli.model.names import Target
from stui_cli.store.files.disk import settle
from stui_cli.work.images.launched import dialect_meant, launched_image, state_file
from stui_cli.work.talking.evaluate import Limits, open_workplace

if TYPE_CHECKING:
    from pathlib import Path

    from stui_cli.work.workbench import Workbench


def save_image(bench: Workbench, name: str, seconds: float) -> tuple[Path, list[str]]:
    """Save a launched image with its agent and sessions, where the next launch finds it; answers the file, and what a
    playground tells of that could not be kept.

    The image goes on. A save that fails leaves the one before as it was; of several at once the last counts.
    """
    image, folder = launched_image(bench, name)
    saved = state_file(dialect_meant(bench, name), folder, recipe_in(folder))
    partial = saved.with_name(f"{saved.stem}.{uuid.uuid4().hex}{PARTIAL}{saved.suffix}")
    source = f"StuiAgent saveImage: '{str(partial).replace(chr(39), chr(39) * 2)}'"
    try:
        with open_workplace(bench, Target(image.name)) as workplace:
            evaluation = workplace.evaluate(source, Limits(seconds, 1_000))
        if evaluation.outcome != "returned" or not partial.exists():
            problem = evaluation.error
            raise StuiError(
                f"{name} could not be saved: {problem.message if problem else 'it wrote no file'}",
                todo=f"look into {folder / LOG_FILE}",
                image=name,
            )
        mode = stat.S_IMODE(saved.stat().st_mode) if saved.exists() else 0o600
        settle(str(partial), str(saved))  # it holds the keys, and the image wrote it by its own umask
        if saved.parent != folder:
            saved.chmod(mode)  # the user's own file
        told = evaluation.output.splitlines() if dialect_of(dialect_meant(bench, name)).embedded else []
        return saved, told
    except OSError as error:
        raise StuiError(f"{name} could not be saved: {error}", image=name) from error
    finally:
        partial.unlink(missing_ok=True)
        # The image that goes on adds to the file of changes that lies beside the saved one: it is that one's, too.
        partial.with_suffix(".changes").unlink(missing_ok=True)
