"""The two examples in the --help of each command, run as printed, each in a store made for it, on two playgrounds."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from typing import TYPE_CHECKING, NamedTuple

import pytest
from shell import Shell, own_environ
from team_server import Team

from stui_cli.api import open_manager
from stui_cli.command_table import COMMANDS
from stui_cli.model.operations import ImageDetails, Kind
from stui_cli.output.manual.examples import examples_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from shell import Ran

    from stui_cli.store.transaction import Draft

PATHS = [
    path
    for name, row in COMMANDS.items()
    for path in (f"stui {name}", *(f"stui {name} {below}" for below in row.subcommands))
]
LINES = list(dict.fromkeys(line for path in ("stui", *PATHS) for line, _ in examples_of(path)[:2]))
# Tested elsewhere: they serve until Ctrl-C, make a world of their own, or take their time.
APART = ("stui playground", "stui demo", "stui doctor alpha", "stui images logs alpha -n 20 -f")


class Case(NamedTuple):
    """What has to be done before, words by which the line is made fit for this world, and the exit code."""

    before: tuple[str, ...] = ()
    code: int = 0
    instead: tuple[str, str] = ("", "")


def _launched(*instead: str) -> Case:
    """On an image that the example may end."""
    return Case(("images launch mine --dialect playground",), instead=(instead or ("alpha", "mine")))


_EXPORTED = Case(("sessions export alpha/work -f work.toml --force",))
_WITH_BOB = ("keys new bob --role observer -i alpha --to bob.first",)
_TEAM = "ADDRESS-OF-A-TEAM"
_FOURTH = ("42", "4")  # an operation that is there

CASES = {
    "stui images launch alpha": Case(instead=("alpha", "mine --dialect playground")),
    "stui images launch --dialect gst --wait 1m alpha": Case(instead=("gst --wait 1m alpha", "playground mine")),
    "stui images add alpha tcp://127.0.0.1:9042": Case(instead=("alpha", "gamma"), code=5),  # nobody listens there
    "stui images remove alpha": Case(instead=("alpha", "alpha -y")),  # on a terminal it asks
    "stui images save alpha": _launched(),
    "stui images restart alpha": _launched(),
    "stui images restart alpha --wait 1m": _launched(),
    "stui images restart alpha -o json": _launched(),
    "stui images logs alpha": _launched(),
    "stui images save alpha -o json": _launched(),
    "stui images stop alpha beta": _launched("alpha beta", "mine"),
    "stui images stop alpha --no-preserve": _launched(),
    "stui sessions create -i alpha work": Case(instead=("work", "other")),
    "stui sessions create -i alpha work --switch": Case(instead=("work", "other")),
    "stui sessions remove alpha/work alpha/parser -y": Case(("sessions create alpha/parser",)),
    "stui sessions import -i beta work.toml --as theirs": _EXPORTED,
    "stui sessions import work.toml --as copy": _EXPORTED,
    "stui sessions history alpha/work 1": Case(("eval -i alpha -s work 3",)),
    "stui eval -i beta -s work --time-limit 2 'x printNl'": Case(("sessions create beta/work",)),
    "stui inspect @3 --start 21": Case(("eval '1' '2' '(1 to: 50) asArray'",)),
    "stui test 'Account*Test' BankTest 'MoneyTest>>testAdd'": Case(code=3),  # the image has no such tests
    "stui interrupt alpha 17": Case(code=3),  # nothing runs in it
    "stui interrupt alpha/work": Case(code=3),
    "stui keys list --file /srv/image/keys": Case(instead=("/srv/image/", "")),
    "stui keys show bob -i alpha": Case(_WITH_BOB),
    "stui keys show bob -i alpha -o json": Case(_WITH_BOB),
    "stui keys revoke bob -i alpha": Case(_WITH_BOB),
    "stui keys revoke carol --force": Case(_WITH_BOB, instead=("carol", "bob")),
    "stui keys rotate bob -i alpha --to bob.key": Case(_WITH_BOB),
    "stui check -l role=build": Case(("images set alpha role=build",)),
    "stui log show 42": Case(instead=_FOURTH),
    "stui log show 42 -o json": Case(instead=_FOURTH),
    "stui undo 42": Case(("images set alpha role=build",), instead=("42", "6")),
    "stui redo": Case(("images set alpha role=build", "undo")),
    "stui redo -o json": Case(("images set alpha role=build", "undo")),
    "stui rollback 42": Case(instead=("42", "4 -y")),  # on a terminal it asks
    "stui rollback 42 -y": Case(instead=_FOURTH),
    # Of a team: where its store is gets known when the test runs.
    "stui store show --home postgresql://db.example/team": Case(instead=("postgresql://db.example/team", _TEAM)),
    "stui store init --home postgresql:///team": Case(instead=("postgresql:///team", _TEAM)),
    "stui store copy ~/.local/state/stui postgresql:///team": Case(
        instead=("~/.local/state/stui postgresql:///team", f"stui {_TEAM}")
    ),
    "stui store copy postgresql:///team ~/team": Case(
        (f"store copy stui {_TEAM}",), instead=("postgresql:///team ~/team", f"{_TEAM} copied")
    ),
    "stui config get on_change": Case(("config set on_change true",)),
}


class World:
    """Two playgrounds that all examples share, and a store of its own for each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._number = 0
        self._team: Team | None = None
        self._origin = self._shell("origin")
        self._keys: dict[Path, bytes] = {}

    def begin(self) -> None:
        for name in ("alpha", "beta"):
            self._origin.ok("images", "launch", name, "--dialect", "playground")
        open_manager(self._origin.environ["STUI_HOME"]).store.commit(_forget_folders)
        self._keys = {path: path.read_bytes() for path in (self.folder / "origin").glob("stui/launched/*/keys")}
        assert len(self._keys) == 2

    def _shell(self, name: str) -> Shell:
        folder = self.folder / name
        folder.mkdir()
        return Shell(
            own_environ(self.folder, os.environ["PATH"]) | {"STUI_HOME": str(folder / "stui"), "EDITOR": "true"}, folder
        )

    def prepared(self, case: Case) -> Shell:
        self._number += 1
        self._team = None
        shell = self._shell(f"world-{self._number}")
        shutil.copytree(self._origin.environ["STUI_HOME"], shell.environ["STUI_HOME"])
        (shell.folder / "images.toml").write_text('[[images]]\nname = "read"\naddress = "tcp://127.0.0.1:9"\n')
        (shell.folder / "Account.st").write_text("Object subclass: #Account instanceVariableNames: '' package: 'Bank'")
        (shell.folder / "src" / "Bank").mkdir(parents=True)
        (shell.folder / "src" / "Bank" / "Account.st").write_text("3 + 4")
        for path, given in self._keys.items():  # as they were before somebody got one
            path.write_bytes(given)
        keys = shell.folder / "keys"
        keys.write_text(f"ada admin {'11' * 32}\n")
        keys.chmod(0o600)
        manager = open_manager(shell.environ["STUI_HOME"])
        manager.create_session_for_image("alpha", session_name="work")
        manager.switch_image_context("alpha/work", "default")
        for line in case.before:
            shell.ok(*self.words(line))
        return shell

    def words(self, line: str) -> list[str]:
        """The words of a line; the store of a team is one made for this example."""
        if _TEAM in line:
            self._team = self._team or Team(self.folder / f"team-{self._number}")
            line = line.replace(_TEAM, shlex.quote(self._team.url))
        return shlex.split(line)

    def run(self, line: str) -> Ran:
        """As a shell would run it, which keeps what a redirection names from the command."""
        case = CASES.get(line, Case())
        shell = self.prepared(case)
        line = re.sub(r" >.*", "", line.removeprefix('eval "$(').removesuffix(')"'))
        return shell.stui(*self.words(line.replace(*case.instead))[1:])

    def end(self) -> None:
        self._origin.end()


def _forget_folders(draft: Draft) -> ImageDetails:
    """As registered by their addresses, so that no example ends one that others still need."""
    draft.images.update({name: image._replace(launch_directory=None) for name, image in draft.images.items()})
    return ImageDetails(Kind.IMAGE_CHANGE, "alpha")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("examples"))
    try:
        made.begin()
        yield made
    finally:
        made.end()


def test_every_command_has_two_examples() -> None:
    assert [path for path in PATHS if len(examples_of(path)) < 2] == []


@pytest.mark.long
@pytest.mark.parametrize("line", [line for line in LINES if not line.startswith(APART)])
def test_an_example_works_as_printed(world: World, line: str) -> None:
    ran = world.run(line)
    assert "Traceback" not in ran.err
    assert ran.code == CASES.get(line, Case()).code, ran
