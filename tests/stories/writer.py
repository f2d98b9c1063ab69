#!/usr/bin/env python3
"""One of many who change a store at once: runs stui commands in this process, and tells of each before and after.

`writer.py NAME COUNT SEED` makes COUNT changes of 15 kinds to what belongs to NAME alone: its labels of two shared
images, one image, one session in each shared image. A line `begin` says which thing is about to become what, `end CODE
TEXT` how that ended; what stands between may be killed.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from stui_cli.api import open_manager
from stui_cli.main import run
from stui_cli.model.operations import ImageDetails

SHARED = ("shared-a", "shared-b")


class Writer:
    """What belongs to one writer, as it was acknowledged last."""

    def __init__(self, name: str, seed: int) -> None:
        self.name = name
        self.dice = random.Random(seed)
        self.things: dict[str, object] = {}
        self.number = 0

    def say(self, *words: str) -> None:
        sys.__stdout__.write(json.dumps(words) + "\n")  # type: ignore[union-attr]
        sys.__stdout__.flush()  # type: ignore[union-attr]

    def step(self) -> None:
        """One change: tell it, try it, tell how it ended."""
        self.number += 1
        thing, value, words, stdin = self.dice.choice((self.label, self.image, self.session, self.other))()
        self.say("begin", thing, json.dumps(value), " ".join(words))
        out, err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), io.StringIO()
        sys.stdin = io.TextIOWrapper(io.BytesIO(stdin.encode()), encoding="utf-8")
        sys.argv = ["stui", *words]
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = run([*words, "--lock-timeout", "300s", "--timeout", "60s"])
        self.say("end", str(int(code)), err.getvalue())
        if code == 0:
            self.things[thing] = value

    def label(self) -> tuple[str, object, list[str], str]:
        image = self.dice.choice(SHARED)
        key = f"{self.name}.{self.dice.randrange(3)}"
        value = None if self.dice.random() < 0.3 else f"v{self.number}"
        return f"label {image} {key}", value, ["images", "set", image, f"{key}={value or ''}"], ""

    def image(self) -> tuple[str, object, list[str], str]:
        thing = f"image {self.name}"
        now = self.things.get(thing)
        if not isinstance(now, list):
            name, address = f"{self.name}-{self.number}", f"tcp://127.0.0.1:{self.dice.randrange(2, 1000)}"
            text = f'[[images]]\nname = "{name}"\naddress = "{address}"\n'
            imports = (["images", "import", "-"], text)
            words, stdin = self.dice.choice([(["images", "add", "--offline", name, address], ""), imports])
            return thing, [name, address, False], words, stdin
        name, address, parked = now
        new_name, new_address = f"{self.name}-{self.number}", f"tcp://127.0.0.1:{1000 + self.number}"
        ways: list[tuple[object, list[str]]] = [
            ([new_name, address, parked], ["images", "rename", name, new_name]),
            ([name, new_address, parked], ["images", "set", name, "--address", new_address]),
            ([name, address, True], ["images", "disconnect", name]),
            (None, ["images", "remove", "-y", name]),
        ]
        value, words = self.dice.choice(ways)
        return thing, value, words, ""

    def session(self) -> tuple[str, object, list[str], str]:
        image = self.dice.choice(SHARED)
        thing = f"session {image} {self.name}"
        now = self.things.get(thing)
        if not isinstance(now, list):
            name = f"{self.name}-{self.number}"
            return thing, [name, "active"], ["sessions", "create", f"{image}/{name}"], ""
        name, state = now
        new_name = f"{self.name}-{self.number}"
        value, words = self.dice.choice(
            [
                ([new_name, state], ["sessions", "rename", f"{image}/{name}", new_name]),
                ([name, "closed"], ["sessions", "close", f"{image}/{name}"]),
                (None, ["sessions", "remove", f"{image}/{name}"]),
            ]
        )
        return thing, value, list(words), ""

    def other(self) -> tuple[str, object, list[str], str]:
        image = self.dice.choice(SHARED)
        words = self.dice.choice(
            [
                ["switch", image],
                ["switch", "-"],
                ["eval", "-i", image, f"x{self.number}"],
                ["status", image],
                ["cleanup", "-y", image],
                self.undo(),
            ]
        )
        return ("nothing", None, words, "") if words[0] != "undo" else (words.pop(), None, words, "")

    def undo(self) -> list[str]:
        """Take the adding of the own image back, where nothing else was done to it since."""
        thing = f"image {self.name}"
        if isinstance(self.things.get(thing), list):
            for operation in open_manager().store.operations(200):
                details = operation.details
                if operation.actor.pid == os.getpid() and isinstance(details, ImageDetails):
                    if details.image in SHARED:
                        continue
                    return ["undo", str(operation.number), thing] if details.kind == "image.add" else ["images"]
        return ["images"]


if __name__ == "__main__":
    writer = Writer(sys.argv[1], int(sys.argv[3]))
    for _ in range(int(sys.argv[2])):
        writer.step()
    os._exit(0)
