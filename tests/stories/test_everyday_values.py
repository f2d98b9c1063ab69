"""A workspace of everyday values is closed and restored, in an image and, out of a file, in one of another dialect."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from shell import Shell

VALUES = {
    "list": "(OrderedCollection with: 3 with: 'text' with: #(1 $a nil))",
    "map": "(Dictionary new at: #a put: (Set with: 'x'); at: #b put: (1 to: 5); yourself)",
    "bag": "(Bag new add: 3; add: 3; yourself)",
    "corner": "(3 @ 4)",
    "pair": "(#left -> 0.1)",
    "day": "(Date newDay: 28 month: #nov year: 2026)",
    "noon": "(Time fromSeconds: 43200)",
    "kind": "OrderedCollection",
}
SAME = " and: [".join(f"{name} = {source}" for name, source in VALUES.items()) + "]" * (len(VALUES) - 1)


@pytest.mark.long
def test_everyday_values_survive_close_restore_and_a_file(shell: Shell, tmp_path: Path) -> None:
    shell.launch("alpha")
    shell.launch("small", "--dialect", "playground")
    shell.ok("sessions", "create", "alpha/work")
    shell.ok("switch", "alpha/work")
    shell.ok("eval", ". ".join(f"{name} := {source}" for name, source in VALUES.items()))
    shell.ok("sessions", "close", "alpha/work", "-y")
    told = shell.ok("sessions", "restore", "alpha/work", "--strict", "-o", "json").json
    assert told["items"][0]["lost"] == []
    shell.ok("switch", "alpha/work")
    assert shell.ok("eval", SAME).out == "true\n"
    file = str(tmp_path / "work.toml")
    shell.ok("sessions", "export", "alpha/work", "-f", file)
    shell.ok("sessions", "import", file, "-i", "small")
    shell.ok("switch", "small/work")
    assert shell.ok("eval", SAME).out == "true\n"
    # And back again into the first, as another session.
    file = str(tmp_path / "back.toml")
    shell.ok("sessions", "export", "small/work", "-f", file)
    shell.ok("sessions", "remove", "alpha/work", "-y")
    shell.ok("sessions", "import", file, "-i", "alpha")
    shell.ok("switch", "alpha/work")
    assert shell.ok("eval", SAME).out == "true\n"
