"""What the agent knows, for all its parts."""

from __future__ import annotations

import itertools
import threading
import time
import uuid
from typing import TYPE_CHECKING

from stui_cli.model.times import now_ms
from stui_cli.playground.agent.receipts import Receipts
from stui_cli.playground.agent.settings import AgentSettings
from stui_cli.playground.image import Playground
from stui_cli.protocol.fields import to_map

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from stui_cli.playground.agent.jobs import AgentJob, AgentSession
    from stui_cli.playground.agent.peers import Peer

_PARTINGS = 100
# Bytes of address space of a thread's stack; what is not used of it takes no memory.
_STACK, _SMALL_STACK = 16 * 1024 * 1024, 512 * 1024


class AgentState:
    """The sessions, jobs, receipts and connections of one agent.

    `keys` maps ids to role and secret; without them the key file of the settings counts, and without either no key is
    asked for. `lock` guards all of it; nothing that runs user code or waits is done under it.
    """

    dialect = "playground"

    def __init__(
        self, keys: Mapping[str, tuple[str, bytes]] | None = None, settings: AgentSettings | None = None
    ) -> None:
        self.keys = keys or {}
        self.settings = settings or AgentSettings()
        self.image = Playground()
        self.saved_changes = 0
        self.image_id = self.settings.image_id or str(uuid.uuid4())
        self.incarnation = uuid.uuid4().hex
        self.address = ""
        self.sessions: dict[tuple[str, str], AgentSession] = {}
        self.receipts = Receipts(self.settings.receipts)
        self.partings = Receipts(_PARTINGS)
        self.jobs: set[AgentJob] = set()
        self.peers: set[Peer] = set()
        self.threads: set[threading.Thread] = set()
        self.lock = threading.RLock()
        self._stacks = threading.Lock()
        self.numbers = itertools.count(1)
        self.started = time.monotonic()
        self.started_at = now_ms()

    def on_the_wire(self, result: object) -> object:
        """A result as a map, or as an array of maps."""
        if isinstance(result, list):
            return [to_map(item) for item in result]
        return to_map(result)

    def start(self, work: Callable[..., object], *arguments: object, small: bool = False) -> threading.Thread:
        """Do it in a thread of its own, which ends with the agent; `small` if it runs no code of a user."""

        def run() -> None:
            try:
                work(*arguments)
            finally:
                self.threads.discard(threading.current_thread())

        return self.begin_thread(threading.Thread(target=run, daemon=True), small=small)

    def begin_thread(self, thread: threading.Thread, *, small: bool = False) -> threading.Thread:
        """Start it, with a stack that suits what it does: under a memory limit each counts."""
        with self._stacks:
            self.threads.add(thread)
            threading.stack_size(_SMALL_STACK if small else _STACK)
            try:
                thread.start()
            except RuntimeError:  # the system gives no more
                self.threads.discard(thread)
                raise
        return thread

    def started_threads(self) -> list[threading.Thread]:
        """Those that have not ended. None of them is only about to start: it could not be waited for."""
        with self._stacks:
            return list(self.threads)
