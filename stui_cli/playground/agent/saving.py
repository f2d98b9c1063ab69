"""Saving the image with its sessions to a file, and going on with what was saved."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgpack

from stui_cli.local.runtime_files import private_file
from stui_cli.playground.agent.checkpoints import CheckpointHabits
from stui_cli.playground.agent.jobs import AgentSession
from stui_cli.playground.agent.kept import KeptValues
from stui_cli.playground.classes import Method
from stui_cli.playground.freezing import Freezer, frozen_classes, frozen_globals
from stui_cli.playground.objects import Text
from stui_cli.playground.thawing import Thawer
from stui_cli.playground.tree import new_class

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine

_SCHEMA = 1
_KIND = "stui playground"
# What `stui images save` asks for: it puts the file in its place when it is whole.
_PARTIAL = re.compile(r"saved\.[0-9a-f]{32}\.part\.playground\Z")
_TOLD = 10


class NotSaved(Exception):
    """The image could not be saved; the text says why."""


class UnusableImage(Exception):
    """A saved image cannot be used; the text says why."""


class SavingHabits(CheckpointHabits):
    """Writes the image, which is all that code in it can have written: StuiAgent saveImage: 'the file'."""

    def install(self) -> None:
        """Put the class StuiAgent into the image."""
        world = self.image
        own = new_class("StuiAgent", world.classes["Object"], None, world.classes["Metaclass"])
        own.comment = "The agent that serves this playground."
        own.cls.methods["saveImage:"] = Method("saveImage:", self._save_image, category="saving")
        world.classes["StuiAgent"] = world.globals["StuiAgent"] = own

    def _save_image(self, machine: Machine, receiver: Value, path: Value) -> Value:
        """The primitive. What is not kept is told on the Transcript."""
        del receiver
        if not isinstance(path, Text):
            return machine.raise_("Error", "the name of a file is a string")
        try:
            lines = self.save_to(path.chars).splitlines()
        except NotSaved as error:
            return machine.raise_("Error", str(error))
        machine.say("".join(f"{line}\n" for line in lines[1:]))
        return Text(lines[0])

    def save_to(self, path: str) -> str:
        """Write it to the file that stui asked for; return what is told of it. Raises NotSaved."""
        file_name = self._own_file(path)
        changes = self.image.changes
        data, lost = self._frozen()
        try:
            with private_file(file_name, "xb") as file:
                file.write(data)
        except OSError as error:
            file_name.unlink(missing_ok=True)
            raise NotSaved(f"the image could not be written: {error.strerror or error}") from error
        self.saved_changes = changes
        return f"saved {len(data)} bytes" + "".join(f"\nnot kept: {each}" for each in first_few(lost))

    def _own_file(self, path: str) -> Path:
        folder = self.settings.folder
        if folder is None or Path(path).parent != folder or not _PARTIAL.match(Path(path).name):
            raise NotSaved("a playground writes its own saved image alone: stui images save")
        return folder / Path(path).name

    def _frozen(self) -> tuple[bytes, list[str]]:
        freezer = Freezer(self.image)
        document = {
            "kind": _KIND,
            "schema": _SCHEMA,
            "image_id": self.image_id,
            "classes": frozen_classes(freezer),
            "globals": frozen_globals(freezer),
            "sessions": [_session(freezer, session) for session in list(self.sessions.values())],
        }
        document["objects"] = freezer.objects()
        data: bytes = msgpack.packb(document, unicode_errors="surrogatepass")
        return data, freezer.lost

    def resume(self, path: Path) -> list[str]:
        """Go on with what was saved; return what could not be made again. Raises UnusableImage."""
        document = _document(path)
        try:
            thawer = Thawer(self.image, document["objects"])
            thawer.make(document["classes"])
            self.image.globals.update((name, thawer.value(value)) for name, value in document["globals"])
            for told in document["sessions"]:
                session = self._resumed(thawer, told)
                self.sessions[session.client_id, session.session_id] = session
        except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
            raise UnusableImage(f"{path} is damaged: {type(error).__name__} {error}") from error
        self.saved_changes = self.image.changes
        return first_few(thawer.lost)

    def _resumed(self, thawer: Thawer, told: dict[str, Any]) -> AgentSession:
        kept = KeptValues(self.settings.results_per_session)
        kept.restore(
            {number: thawer.value(value) for number, value in told["kept"]},
            told["results"],
            told["glimpses"],
            told["next"],
        )
        return AgentSession(
            told["session_id"],
            told["client_id"],
            told["name"],
            told["description"],
            told["created_at"],
            told["last_activity"],
            {name: thawer.value(value) for name, value in told["variables"]},
            kept,
        )


def _session(freezer: Freezer, session: AgentSession) -> dict[str, object]:
    where = f"the session {session.name}"
    kept = session.kept
    return {
        "session_id": session.session_id,
        "client_id": session.client_id,
        "name": session.name,
        "description": session.description,
        "created_at": session.created_at,
        "last_activity": session.last_activity,
        "variables": [[name, freezer.value(v, f"{name} of {where}")] for name, v in list(session.variables.items())],
        "kept": [[number, freezer.value(v, f"@{number} of {where}")] for number, v in list(kept.values.items())],
        "results": kept.results,
        "glimpses": kept.glimpses,
        "next": kept.next,
    }


def saved_sessions(path: Path) -> set[tuple[str, str]]:
    """The client and session ids of those that are in a saved image; none where it is not there, or cannot be used."""
    try:
        return {(told["client_id"], told["session_id"]) for told in _document(path)["sessions"]}
    except (UnusableImage, KeyError, TypeError):
        return set()


def _document(path: Path) -> dict[str, Any]:
    try:
        data = path.read_bytes()
        found = msgpack.unpackb(data, unicode_errors="surrogatepass", strict_map_key=False)
    except OSError as error:
        raise UnusableImage(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, msgpack.UnpackException) as error:
        raise UnusableImage(f"{path} is no saved playground: {error}") from error
    if not isinstance(found, dict) or found.get("kind") != _KIND:
        raise UnusableImage(f"{path} is no saved playground")
    if found.get("schema") != _SCHEMA:
        raise UnusableImage(f"{path} was saved by a newer stui: use that one, or start without it: --fresh")
    return found


def first_few(lost: list[str]) -> list[str]:
    """The first few of many."""
    rest = len(lost) - _TOLD
    return lost if rest <= 0 else [*lost[:_TOLD], f"and {rest} more"]
