"""Farmed images that keep sessions as the agent does, by the clock of a test."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from farm import Behaviour, Farm, FarmImage

from stui_cli.model.actors import Actor
from stui_cli.model.images import Image
from stui_cli.model.operations import ImageDetails, Kind, SessionDetails
from stui_cli.model.sessions import Session
from stui_cli.protocol.fields import to_map
from stui_cli.protocol.workspaces import Bindings, BindingText, BusyWith, Cleaned, Closed, KeptSession, LiveSession
from stui_cli.store.encoding import STATES
from stui_cli.store.envelope import pack
from stui_cli.store.files.disk import Disk
from stui_cli.store.files.location import Home
from stui_cli.store.store import Store
from stui_cli.work.workbench import Allowance, Workbench

if TYPE_CHECKING:
    from collections.abc import Callable

    from stui_cli.model.state import State
    from stui_cli.store.transaction import Draft

MINUTE, HOUR, DAY = 60_000, 3_600_000, 24 * 3_600_000
ACTIVE_FOR = 15 * MINUTE


@dataclass
class World:
    """A store, a clock that stands still until it is moved, and farmed images."""

    farm: Farm
    folder: Path
    timeout: float = 10
    now: int = 1_760_000_000_000
    said: list[str] = field(default_factory=list)
    kept_live: dict[str, str] = field(default_factory=dict)
    made_meanwhile: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        actor = Actor("me", "here", 1, "stui test")
        home = Home(str(self.folder), str(self.folder), "test")
        (self.folder.parent / "run").mkdir(mode=0o700, exist_ok=True)  # else that of whoever runs the tests is meant
        self.store = Store(home, actor, self.clock, announce=self.said.append, disk=QuickDisk())

    @property
    def bench(self) -> Workbench:
        """The bench of one command."""
        environ = {"XDG_RUNTIME_DIR": str(self.folder.parent / "run")}
        folder = str(self.folder.parent)
        return Workbench(self.store, self.clock, Allowance(self.timeout), environ, folder, None, self.said.append)

    def clock(self) -> int:
        return self.now

    @property
    def state(self) -> State:
        return self.store.read()

    def image(self, name: str, *, registered: bool = True, **behaviour: Any) -> FarmImage:
        """A farmed image that keeps sessions; with `registered` in the store, pinned."""
        farmed: list[FarmImage] = []
        answers = {
            "ping": lambda params: self._pong(farmed[0], params),
            "list_image_sessions": lambda params: [to_map(self._listed(live)) for _, live in self._sessions(farmed[0])],
            "checkpoint_session": lambda params: to_map(self._bindings(params["session_id"])),
            "close_session": lambda params: self._close(farmed[0], params),
            "cleanup_image_sessions": lambda params: self._cleanup(farmed[0], params),
        }
        farmed.append(self.farm.add(Behaviour(name=name, answers=answers, **behaviour)))
        if registered:
            self.register(farmed[0])
        return farmed[0]

    def register(self, farmed: FarmImage, **fields: Any) -> Image:
        image = Image(farmed.name, farmed.address, self.now, farmed.image_id)._replace(**fields)

        def change(draft: Draft) -> ImageDetails:
            draft.images[image.name] = image
            return ImageDetails(Kind.IMAGE_ADD, image.name)

        self.store.commit(change)
        return image

    def live(self, farmed: FarmImage, name: str, *, owner: str | None = None, idle: int = HOUR) -> LiveSession:
        """A session inside an image, ours unless it is somebody else's."""
        made = LiveSession(
            f"{farmed.name}-{name}", name, None, owner or self.client_id, "idle", self.now - DAY, self.now - idle, 1,
            farmed.image_id, None, None,
        )  # fmt: skip
        farmed.sessions[made.session_id] = (made.client_id or "", made)
        return made

    def record(self, farmed: FarmImage, name: str, **fields: Any) -> Session:
        """The store's record of a session."""
        made = Session(
            f"{farmed.name}-{name}", name, farmed.image_id, farmed.incarnation, self.now - DAY, self.now - HOUR
        )
        session = made._replace(**fields)

        def change(draft: Draft) -> SessionDetails:
            draft.sessions(session.image_id)[session.name] = session
            return SessionDetails(Kind.SESSION_CREATE, farmed.name, session.name)

        self.store.commit(change)
        return session

    def session(self, farmed: FarmImage, name: str, *, idle: int = HOUR, **fields: Any) -> Session:
        """A session on both sides."""
        self.live(farmed, name, idle=idle)
        return self.record(farmed, name, last_activity=self.now - idle, **fields)

    def change_image(self, name: str, **fields: Any) -> None:
        def change(draft: Draft) -> ImageDetails:
            draft.images[name] = draft.images[name]._replace(**fields)
            return ImageDetails(Kind.IMAGE_CHANGE, name)

        self.store.commit(change)

    def labels(self) -> set[str]:
        """All records, as `image id/name`."""
        state = self.state
        return {f"{image_id}/{name}" for image_id in state.shards for name in self.store.sessions(state, image_id)}

    @property
    def client_id(self) -> str:
        return self.state.client_id

    @staticmethod
    def _sessions(farmed: FarmImage) -> list[tuple[str, LiveSession]]:
        return list(farmed.sessions.values())

    def _listed(self, live: LiveSession) -> LiveSession:
        return live._replace(state="active" if self.now - live.last_activity < ACTIVE_FOR else "idle")

    def _pong(self, farmed: FarmImage, params: dict[str, Any]) -> dict[str, Any]:
        return {
            "message": params.get("message"),
            "status": "running",
            "uptime_ms": 5_000,
            "clock_ms": self.now,
            "pid": 1,
            "memory_used": None,
            "memory_limit": None,
            "session_count": len(farmed.sessions),
            "evaluating": 0,
            "scheduled_ms": 0,
            "unsaved_changes": None,
        }

    def _bindings(self, session_id: str) -> Bindings:
        texts = {"x": f"'{session_id}'"} | self.made_meanwhile
        return Bindings(tuple(BindingText(name, "Integer", "42", text) for name, text in texts.items()))

    def _close(self, farmed: FarmImage, params: dict[str, Any]) -> object:
        """As an agent that is able to: the end and the last checkpoint in one step."""
        session_id = params["session_id"]
        if not params.get("checkpoint"):
            return to_map(Closed(farmed.sessions.pop(session_id, None) is not None))
        if session_id in self.kept_live and params.get("interrupt") is False:
            return to_map(Closed(False, None, BusyWith(3_000, "[true] whileTrue: []")))
        del farmed.sessions[session_id]
        self.made_meanwhile["y"] = "7"  # an evaluation that was answered since the sweep asked for a checkpoint
        return to_map(Closed(True, self._bindings(session_id)))

    def _cleanup(self, farmed: FarmImage, params: dict[str, Any]) -> object:
        cleaned, kept = [], []
        for session_id in params["session_ids"]:
            held = farmed.sessions.get(session_id)
            if held is None:
                kept.append(KeptSession(session_id, "not_found"))
            elif session_id in self.kept_live and not params["force"]:
                kept.append(KeptSession(session_id, self.kept_live[session_id]))
            elif params["preserve_active"] and not params["force"] and self._listed(held[1]).state == "active":
                kept.append(KeptSession(session_id, "active"))
            else:
                del farmed.sessions[session_id]
                cleaned.append(session_id)
        return to_map(Cleaned(tuple(cleaned), tuple(kept)))


class QuickDisk(Disk):
    """Does not wait for the medium: a random world commits ten times."""

    def _flush(self, handle: int, path: str) -> None:
        pass


def state_bytes(world: World) -> bytes:
    """The whole state, sessions included, without the number of the operation that made it."""
    state = world.state
    shards = [Path(world.store.home.object(sha256)).read_bytes() for sha256 in state.shards.values()]
    return pack([STATES.encode(state), shards])


def taken(action: Callable[[], object]) -> float:
    """How many seconds `action` takes."""
    begun = time.monotonic()
    action()
    return time.monotonic() - begun
