"""All subjects, each looked at for a bounded time: a disk that hangs, or a program, does not hold up the others."""

from __future__ import annotations

import re
import threading
import time
from typing import TYPE_CHECKING, NamedTuple

from stui_cli.model.errors import StuiError
from stui_cli.work.checkup.around import Around, Terminal
from stui_cli.work.checkup.completion import look_at_completion
from stui_cli.work.checkup.config import look_at_settings
from stui_cli.work.checkup.disk import look_at_disk
from stui_cli.work.checkup.images import look_at_addresses, look_at_keys
from stui_cli.work.checkup.launched import look_at_launched
from stui_cli.work.checkup.manual import look_at_manual
from stui_cli.work.checkup.observation import Observation, warning
from stui_cli.work.checkup.places import Places
from stui_cli.work.checkup.programs import look_at_tls, look_for_pickers, look_for_smalltalks, look_for_ssh
from stui_cli.work.checkup.python import look_at_python
from stui_cli.work.checkup.runtime_folder import look_at_runtime_folder
from stui_cli.work.checkup.store import look_at_store
from stui_cli.work.checkup.terminal import look_at_terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from stui_cli.work.workbench import Workbench

_MEANS_A_STORE = re.compile("stui (?!help|completion|--version)")


class Check(NamedTuple):
    """One row: what is looked at, by what, and how long that may take, in seconds."""

    of: str
    what: str
    look: Callable[[Around], Iterator[Observation]]
    seconds: float = 5.0


# In the order in which they are told: what keeps stui from working comes first.
CHECKS = (
    Check("store", "files", look_at_store, 60.0),  # it reads each
    Check("config", "settings", look_at_settings),
    Check("disk", "place", look_at_disk, 15.0),
    Check("keys", "files", look_at_keys),
    Check("addresses", "all", look_at_addresses, 10.0),
    Check("launched", "images", look_at_launched),
    Check("machine", "python", look_at_python),
    Check("machine", "smalltalks", look_for_smalltalks),
    Check("machine", "ssh", look_for_ssh),
    Check("machine", "tls", look_at_tls),
    Check("machine", "pickers", look_for_pickers),
    Check("machine", "runtime folder", look_at_runtime_folder, 10.0),
    Check("shell", "completion", look_at_completion),
    Check("shell", "manual", look_at_manual),
    Check("terminal", "streams", look_at_terminal),
)


def look_around(
    bench: Workbench, terminal: Terminal, *, names: bool = False, checks: Sequence[Check] = CHECKS
) -> list[Observation]:
    """What was found on this machine. Nothing is changed; with `names` images are named, and what is theirs."""
    try:
        state = bench.store.read()
    except StuiError:
        state = None  # told by who looks at the store's files
    around = Around(bench, state, Places(bench.environ, bench.store.home.team), terminal, names)
    looks = [_Look(check, around) for check in checks]
    begun = time.monotonic()
    for look in looks:
        look.start()
    return [_of_this_store(around, seen) for look in looks for seen in look.seen(begun)]


def _of_this_store(around: Around, seen: Observation) -> Observation:
    """The same with a next step that means the store that was looked at, if `--home` named it."""
    home = around.bench.store.home
    if seen.todo is None or home.chosen_by != "--home" or not _MEANS_A_STORE.match(seen.todo):
        return seen
    named = around.places.quoted(home.folder) if home.team is None else "ADDRESS"
    return seen._replace(todo=f"stui --home {named} {seen.todo.removeprefix('stui ')}")


class _Look(threading.Thread):
    """One check, in a thread of its own: what hangs is left behind, and ends with the process."""

    def __init__(self, check: Check, around: Around) -> None:
        super().__init__(name=f"stui doctor: {check.of} {check.what}", daemon=True)
        self._check = check
        self._around = around
        self._seen: list[Observation] = []
        self._failure: Exception | None = None

    def run(self) -> None:
        try:
            for observation in self._check.look(self._around):
                self._seen.append(observation)
        except Exception as failure:  # noqa: BLE001  told, or raised, by who waits for it
            self._failure = failure

    def seen(self, begun: float) -> list[Observation]:
        """What it has seen, waiting as long as it may take from `begun` on. Raises what is a bug of ours."""
        of, what, _, seconds = self._check
        self.join(max(begun + seconds - time.monotonic(), 0))
        found = list(self._seen)
        if self.is_alive():
            told = f"this took longer than {seconds:g} s: the rest of it was not looked at"
            return [*found, warning(of, what, told, "stui doctor")]
        match self._failure:
            case None:
                return found
            case StuiError() | OSError():
                told = f"this could not be looked at ({type(self._failure).__name__})"
                return [*found, warning(of, what, told, "stui doctor -v")]
            case failure:
                raise failure
