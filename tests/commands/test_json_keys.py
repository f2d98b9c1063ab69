"""The keys of `-o json`, command by command: each answers items of one kind, and every one of them has all keys of it.

One life of an image, a session and a store is led once, each command in it with `-o json`; then every document is held
against the contract.
"""

from __future__ import annotations

import importlib
import io
import json
import shlex
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from shell import Shell, own_environ

from stui_cli.command_table import COMMANDS
from stui_cli.contract.agent import AGENT, FILE
from stui_cli.contract.audit import ENTRY, VERDICT
from stui_cli.contract.check import CHECK
from stui_cli.contract.code import CODE
from stui_cli.contract.context import CONTEXT
from stui_cli.contract.evaluation import EVALUATION
from stui_cli.contract.export import EXPORT
from stui_cli.contract.finding import FINDING
from stui_cli.contract.history import HISTORY
from stui_cli.contract.image import IMAGE
from stui_cli.contract.inspection import INSPECTION
from stui_cli.contract.job import JOB
from stui_cli.contract.key import KEY
from stui_cli.contract.log_line import LOG_LINE
from stui_cli.contract.operation import OPERATION
from stui_cli.contract.orphan import ORPHAN
from stui_cli.contract.piece import PIECE
from stui_cli.contract.ping import PING
from stui_cli.contract.session import SESSION
from stui_cli.contract.setting import CONFIG_FILE, SETTING
from stui_cli.contract.stats import STATS
from stui_cli.contract.store import STORE, STORE_COPY, STORE_SQL
from stui_cli.contract.test_result import TEST
from stui_cli.contract.topic import TOPIC
from stui_cli.invocation import StuiCommand
from stui_cli.main import run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stui_cli.model.results import ItemKind

# What prints no items, a script of a shell and a story; and what goes on until it is interrupted.
NO_ITEMS = {"completion", "demo", "playground"}


@dataclass(frozen=True)
class Step:
    """A command line, the kind of its items, the keys that it adds to them, its exit code, and whether it may have
    nothing to list."""

    line: str
    kind: ItemKind
    more: str = ""
    code: int = 0
    may_be_empty: bool = False

    @property
    def keys(self) -> set[str]:
        return {*self.kind.keys, *self.more.split()}


DESCRIBED = "incarnation live variables checkpoint evaluations history"
RESTORED = "restored lost replayed"

LIFE = (
    Step("images launch alpha", IMAGE),
    Step("images add --offline beta tcp://127.0.0.1:9", IMAGE),
    Step("images import images.toml", IMAGE),
    Step("images list", IMAGE),
    Step("images set alpha role=build", IMAGE),
    Step(
        "images show alpha",
        IMAGE,
        "key_file log_file known_defects protected_by socket_owner ca_file fingerprint cert cert_key",
    ),
    Step("images export", IMAGE),
    Step("images trust alpha", IMAGE),
    Step("images discover", AGENT),
    Step("images agent gst", FILE),
    Step("images logs alpha", LOG_LINE, may_be_empty=True),
    Step("images restart alpha", IMAGE, "kept restored"),
    Step("images disconnect beta", IMAGE),
    Step("images connect beta", IMAGE, code=5),
    Step("images rename beta other", IMAGE),
    Step("status", IMAGE),
    Step("status --group-by role", IMAGE, "group"),
    Step("ping alpha", PING),
    Step("check alpha", CHECK),
    Step("sessions create alpha/work", SESSION),
    Step("switch", CONTEXT, "current status"),
    Step("switch alpha/work", CONTEXT, "previous effective"),
    Step("switch other", CONTEXT, "previous effective"),
    Step("switch --history", CONTEXT, "position"),
    Step("context", CONTEXT),
    Step("eval -i alpha -s work 'x := 3. 3 + 4'", EVALUATION),
    Step("eval -i alpha '1/0'", EVALUATION, code=7),
    Step("eval --all '3 + 4'", EVALUATION, code=8),
    Step("inspect -i alpha '#(1 2)'", INSPECTION),
    Step("load -i alpha source.st", PIECE),
    Step("test -i alpha NoSuchTest", TEST, code=3, may_be_empty=True),
    Step("browse classes -i alpha --pattern Object", CODE),
    Step("browse classes -i alpha --against alpha", CODE, "against difference only_in there", may_be_empty=True),
    Step("jobs alpha", JOB, may_be_empty=True),
    Step("interrupt alpha", JOB, may_be_empty=True),
    Step("keys list", KEY),
    Step("keys new bob --role developer -i alpha", KEY),
    Step("keys show bob -i alpha", KEY),
    Step("keys rotate bob -i alpha", KEY),
    Step("keys revoke bob -i alpha", KEY),
    Step("sessions list", SESSION),
    Step("sessions show alpha/work", SESSION, DESCRIBED),
    Step("sessions history alpha/work", HISTORY),
    Step("sessions stats alpha", STATS),
    Step("sessions set alpha/work --description tidy", SESSION),
    Step("sessions rename alpha/work task", SESSION),
    Step("sessions export alpha/task -f task.toml", EXPORT),
    Step("sessions import task.toml --as copy", SESSION, RESTORED),
    Step("sessions close alpha/task", SESSION),
    Step("sessions restore alpha/task", SESSION, RESTORED),
    Step("sessions remove alpha/copy", SESSION),
    Step("undo", OPERATION),
    Step("redo", OPERATION),
    Step("log list", OPERATION),
    Step("log show 1", OPERATION, "changes"),
    Step("doctor alpha --case 'hello/*'", FINDING),
    Step("doctor", FINDING),
    Step("doctor --repair", FINDING, may_be_empty=True),
    Step("help", TOPIC),
    Step("help cron", TOPIC),
    Step("store show", STORE),
    Step("store init", STORE_SQL),
    Step("store copy stui copy-of-it", STORE_COPY),
    Step("config list", SETTING),
    Step("config set timeout 3s", SETTING),
    Step("config get timeout", SETTING),
    Step("config path", CONFIG_FILE),
    Step("config edit", CONFIG_FILE),
    Step("images save alpha", IMAGE, "file bytes"),
    Step("images stop alpha", IMAGE, "stopped kept"),
    Step("images remove alpha", IMAGE),
    Step("cleanup -n", ORPHAN),
    Step("cleanup", ORPHAN),
    Step("rollback 1", OPERATION),
    Step("switch --unset", CONTEXT, "previous effective"),
    Step("audit", ENTRY),
    Step("audit --verify", VERDICT),
)


@pytest.fixture(scope="module")
def documents(gst_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[int, Any]]]:
    """The exit code and the document of each command of the life, by its line."""
    folder = tmp_path_factory.mktemp("life")
    (folder / "images.toml").write_text('[[images]]\nname = "gamma"\naddress = "tcp://127.0.0.1:10"\n')
    (folder / "source.st").write_text("3 + 4")
    shell = Shell(own_environ(folder, gst_path), folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("EDITOR", "true")
        for name, value in shell.environ.items():
            patch.setenv(name, value)
        try:
            yield {step.line: document(shell, step.line) for step in LIFE}
        finally:
            shell.stui("images", "stop", "alpha")


def document(shell: Shell, line: str) -> tuple[int, Any]:
    """Run one command, with every question answered by yes: in this process, but for one that leaves a child."""
    words = [*shlex.split(line), "-o", "json", "-y"]
    if words[1] == "launch":
        ran = shell.stui(*words)
        return ran.code, json.loads(ran.out)
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with pytest.MonkeyPatch.context() as streams:
        streams.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
        streams.setattr(sys, "stdout", out)
        streams.setattr(sys, "argv", ["stui", *words])
        code = run(words)
    out.seek(0)
    return code, json.loads(out.read() or "null")


@pytest.mark.parametrize("step", LIFE, ids=lambda step: step.line)
def test_every_item_has_the_keys_of_its_kind(documents: dict[str, tuple[int, Any]], step: Step) -> None:
    code, found = documents[step.line]
    assert (code, found["kind"]) == (step.code, step.kind.name), found
    assert found["items"] or step.may_be_empty, found
    fields = _command(step).fields()
    assert fields is not None
    for item in found["items"]:
        assert set(item) == step.keys
        assert set(item) <= set(fields.shows)  # of what --columns, --sort and --template know
        for key, parts in fields.parts.items():
            assert item[key] is None or set(item[key]) == set(parts)


@pytest.mark.parametrize("step", LIFE, ids=lambda step: step.line)
def test_a_failure_of_a_command_is_of_the_kind_of_its_items(step: Step) -> None:
    assert _command(step).kind == step.kind.name


def _command(step: Step) -> StuiCommand:
    first, second, *_ = [*step.line.split(), ""]
    row = COMMANDS[first].subcommands.get(second, COMMANDS[first])
    found = importlib.import_module(row.module).cli
    assert isinstance(found, StuiCommand)
    return found


def test_no_command_is_left_out() -> None:
    commands = {
        line
        for name, entry in COMMANDS.items()
        for line in ([f"{name} {verb}" for verb in entry.subcommands] or [name])
    }
    tried = {" ".join(step.line.split()[: 2 if COMMANDS[step.line.split()[0]].subcommands else 1]) for step in LIFE}
    assert commands - tried == NO_ITEMS
