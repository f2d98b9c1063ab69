"""What else gathers: operations, objects and histories past their retention, runtime files of dead agents, old crash
logs, and the folders of launched images that nothing knows any more."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stui_cli.local.dialects import has_saved_image
from stui_cli.local.launching import may_run_in, name_at_launch, only_one_start
from stui_cli.local.runtime_files import runtime_directory, sweep_stale
from stui_cli.model.errors import Refused, StoreProblem, StuiError
from stui_cli.work.images.launched import launched_folders

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stui_cli.model.state import State
    from stui_cli.work.workbench import Workbench

# How long the report of a bug of ours is kept.
CRASH_LOG_KEPT_MS = 30 * 24 * 3_600_000


@dataclass(frozen=True)
class SweptFiles:
    """How many files of each sort went; `folders` are the names of the launched images whose folders went, `left`
    tells which stay and why."""

    operations: int = 0
    objects: int = 0
    histories: int = 0
    runtime_files: int = 0
    crash_logs: int = 0
    folders: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    failures: tuple[StuiError, ...] = ()

    def __str__(self) -> str:
        """One line; empty if nothing went."""
        counts = {
            "operation": self.operations,
            "unreferenced object": self.objects,
            "history": self.histories,
            "stale runtime file": self.runtime_files,
            "old crash log": self.crash_logs,
        }
        told = [f"{count} {_plural(noun, count)}" for noun, count in counts.items() if count]
        if self.folders:
            told.append(f"the folder{'s' * (len(self.folders) > 1)} of {', '.join(self.folders)}")
        return f"swept {', '.join(told)}" if told else ""


def sweep_files(bench: Workbench) -> SweptFiles:
    """Remove what no undo within the window needs, and what belongs to processes and images that are gone. What
    cannot be removed is a failure in the answer, and the rest goes on."""
    failures: list[StuiError] = []
    runtime = sweep_stale(runtime_directory(bench.environ))
    if not bench.store.home.exists():
        return SweptFiles(runtime_files=len(runtime))
    crash_logs = _sweep_crash_logs(bench, failures)
    folders, left = _sweep_folders(bench, failures)
    swept = SweptFiles(runtime_files=len(runtime), crash_logs=crash_logs, folders=tuple(folders), left=tuple(left))
    try:
        pruned = bench.store.prune()
    except StoreProblem as error:
        return _with(swept, failures=(*failures, error))
    return _with(
        swept,
        operations=pruned.operations,
        objects=pruned.objects,
        histories=pruned.histories,
        failures=tuple(failures),
    )


def _with(swept: SweptFiles, **changes: object) -> SweptFiles:
    return SweptFiles(**{**vars(swept), **changes})


def _sweep_crash_logs(bench: Workbench, failures: list[StuiError]) -> int:
    oldest = bench.clock() - CRASH_LOG_KEPT_MS
    count = 0
    for path in _entries(Path(bench.store.home.crashes)):
        try:
            if path.suffix == ".log" and path.lstat().st_mtime_ns // 1_000_000 < oldest:
                path.unlink(missing_ok=True)
                count += 1
        except FileNotFoundError:
            continue  # another sweep was quicker
        except OSError as error:
            failures.append(_failure(path, error))
    return count


def _sweep_folders(bench: Workbench, failures: list[StuiError]) -> tuple[list[str], list[str]]:
    """Remove the folders of launched images, with their keys, that no registered image uses and no process runs in.

    A folder that holds a saved image is the user's work: it stays for as long as the operation log can bring its
    image back.
    """
    home = bench.store.home
    swept: list[str] = []
    left: list[str] = []
    state = bench.store.read(strict=True)
    for folder in _entries(Path(home.launched("-")).parent):
        if folder.name in launched_folders(state) or folder.is_symlink() or not folder.is_dir():
            continue
        try:
            with only_one_start(folder, folder.name):
                # Read again: a launch that ended just now registered its image under this very lock.
                if folder.name in launched_folders(bench.store.read(strict=True)):
                    continue
                name = name_at_launch(folder) or folder.name
                if may_run_in(folder, bench.environ):
                    left.append(f"{folder} stays: its image ({name}) runs, or may run, though it is not registered")
                elif has_saved_image(folder) and _may_return(bench, folder):
                    left.append(f"{folder} stays: it holds a saved image, and stui undo can bring its entry back")
                else:
                    shutil.rmtree(folder)
                    swept.append(name)
        except Refused:
            continue  # it is being started
        except FileNotFoundError:
            continue  # another sweep was quicker
        except OSError as error:
            failures.append(_failure(folder, error))
    return swept, left


def _may_return(bench: Workbench, folder: Path) -> bool:
    """Whether an operation that is kept knows the image of this folder."""
    return any(folder.name in launched_folders(state) for state in _kept_states(bench))


def _kept_states(bench: Workbench) -> Iterator[State]:
    for operation in bench.store.operations():
        yield bench.store.operation_state(operation.number)


def _entries(folder: Path) -> Iterable[Path]:
    try:
        return sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return ()


def _failure(path: Path, error: OSError) -> StuiError:
    return StoreProblem(f"{path} could not be swept: {error.strerror or error}", todo="check its owner and mode")


def _plural(noun: str, count: int) -> str:
    if count == 1:
        return noun
    return f"{noun.removesuffix('y')}ies" if noun.endswith("y") else f"{noun}s"
