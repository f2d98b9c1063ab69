"""A virtual machine of a dialect that nobody has: the agent in Python, started as stui starts one.

    python virtual_machine.py START_FILE [SAVED_IMAGE]

In the environment INVENTED_DIALECT is what it claims to be instead.

The start file is the one that stui writes for any dialect. Saved images hold no more than a word.
"""

from __future__ import annotations

import os
import re
import signal
import sys
from pathlib import Path
from typing import Any

from whole_agent import Agent, Refusal

from stui_cli.local.proc import start_of
from stui_cli.protocol.evaluation import Evaluate, Evaluation, Value
from stui_cli.protocol.faults import ErrorCode

DIALECT = os.environ.get("INVENTED_DIALECT", "invented")


class Saving(Agent):
    """One that also saves its image."""

    def hello(self, peer: Any, hello: Any) -> Any:
        return super().hello(peer, hello)._replace(dialect=DIALECT)

    def evaluated(self, job: Any, session: Any, asked: Evaluate) -> Evaluation:
        saving = re.fullmatch(r"StuiAgent saveImage: '(.*)'", asked.source)
        if saving is None:
            return super().evaluated(job, session, asked)
        try:
            Path(saving[1]).write_text("an image")
        except OSError as error:
            raise Refusal(ErrorCode.INTERNAL_ERROR, str(error)) from error
        return Evaluation("returned", Value("an image", "Image", False, None), None, "", 0)


def settings_in(start: str) -> dict[str, str]:
    """The pairs of the array in a start file, all as text."""
    return {name: text or number for name, text, number in re.findall(r"#(\w+) (?:'([^']*)'|(\d+))", start)}


def keys_in(path: Path) -> dict[str, tuple[str, bytes]]:
    lines = [line.split() for line in path.read_text().splitlines() if not line.startswith("#")]
    return {key_id: (role, bytes.fromhex(secret)) for key_id, role, secret in lines}


def main(start: Path) -> None:
    told = settings_in(start.read_text())
    keys = keys_in(Path(told["keyFile"]))
    with Saving(keys) as agent:
        agent.image_id = told["imageId"]
        found = Path(told["runtimeDirectory"]) / f"{told['name']}-{os.getpid()}.toml"
        facts = {
            "name": told["name"],
            "address": agent.address,
            "image_id": agent.image_id,
            "incarnation": agent.incarnation,
            "dialect": DIALECT,
            "key_file": told["keyFile"],
            "key_id": next(iter(keys)),
        }
        lines = ["schema = 1", f"pid = {os.getpid()}", f"process_start = {start_of(os.getpid()) or 0}"]
        partial = found.with_suffix(".new")
        partial.write_text("\n".join([*lines, *(f'{name} = "{value}"' for name, value in facts.items())]) + "\n")
        partial.replace(found)
        signal.pause()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
