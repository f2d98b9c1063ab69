"""Run every command of the snapshots in this very terminal, one after the other: python commands_in_terminal.py FILE

Before each its line is printed, after it its exit code. FILE gets a line for each world: its port and its folder, which
stand in what was printed.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from snapshot_cases import CASES, Case
from snapshot_world import World


def show(world: World, case: Case) -> None:
    print(f"$ stui {case.line}", flush=True)
    code = world.in_this_terminal(case.line, case.before)
    sys.stdout.flush()
    print(f"exit {code}", flush=True)


def main(told: Path) -> None:
    worlds = [shared := World()]
    for case in CASES.values():
        if case.live:
            worlds.append(World())
        show(worlds[-1] if case.live else shared, case)
    for world in worlds:
        world.end()
    lines = [f"{world.agent.address} {world.folder}\n" for world in worlds]
    unfinished = told.with_suffix(".new")
    unfinished.write_text("".join(lines))
    unfinished.rename(told)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
