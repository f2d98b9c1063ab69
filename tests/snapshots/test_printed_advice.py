"""What a failure advises is run as it was printed: no command of it is unknown, and what it names is there."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import click
import pytest
from snapshot_cases import CASES
from snapshot_world import Said, Way, World

from stui_cli.command_table import COMMANDS
from stui_cli.main import root

if TYPE_CHECKING:
    from collections.abc import Iterator

# Most go wrong, in the ways in which people go wrong; after the others it is told what comes next.
_LINES = """
nosuch · exec 3 · ls · imagse · images alpha · sessions alpha/work · log 1 · sessions delete alpha/work · statu
images show nosuch · images show alpah · images show · images set alpha · images set ghost --key-file nosuch
images add alpha tcp://127.0.0.1:9 · images add new nonsense · images add new tcp://127.0.0.1:9 · images add new 9
images add new tcp://example.org:9 --offline · images add a/b tcp://127.0.0.1:9 · images rename alpha ghost
images launch alpha · images launch new --dialect nosuch · images save ghost · images stop ghost
images restart ghost · images logs ghost · images logs alpha · images remove alpha · images connect ghost
images trust ghost · images import nosuch.toml · images agent nosuch · images agent playground
images --columns nosuch · images --sort nosuch · images -o nosuch · images --template {nosuch} · images list nosuch
sessions show alpha/nosuch · sessions show · sessions create alpha/work · sessions create ghost/work
sessions create alpha/fresh · sessions restore alpha/nosuch · sessions close alpha/nosuch · sessions close
sessions remove alpha/work
sessions rename alpha/work work · sessions history alpha/nosuch · sessions history alpha/work 99
sessions export alpha/nosuch · sessions import nosuch.toml · sessions import code.st · sessions stats ghost
switch nosuch · switch alpha/nosuch · switch ghost/work · switch - · switch -i alpha · context -i nosuch
status nosuch · status --group-by nosuch · status -l nosuch · cleanup nosuch · cleanup --grace soon · cleanup
eval · eval -i ghost 3 · eval 1/0 · eval 3 + 4 · eval -i alpha/nosuch 3 · eval --all 3 · eval -f nosuch.st · eval (
eval nosuch · eval --time-limit 0 3 · inspect nosuch · inspect @99 · inspect x --start 99 · test NoSuchTest
test --rerun-failed · load nosuch.st · load images.toml · browse source NoSuch · browse methods NoSuch · browse nosuch
browse classes --against nosuch · jobs ghost · jobs nosuch · interrupt ghost · interrupt alpha --id 9
keys list · keys list -i ghost · keys new ada --role admin --file agent.keys · keys new bob --file agent.keys
keys show nosuch --file agent.keys · keys revoke ada --file agent.keys · keys rotate nosuch --file agent.keys
keys show ada --file code.st · keys new bob --role nosuch --file agent.keys · keys list --file nosuch
ping ghost · ping nosuch · check nosuch · check -w x · log show 99 · log show x · undo 99 · redo · rollback 99
rollback 1 · audit --since soon · config set nosuch 1 · config set timeout x · config get nosuch · config edit x
store show x · store init postgres://nobody@127.0.0.1:9/none · doctor nosuch · doctor ghost · doctor --case nosuch
help nosuch · help images nosuch · completion nosuch · demo nosuch · playground --name alpha/beta
-i nosuch eval 3 · -s nosuch eval 3 · --home /dev/null images · --timeout 0 status · --timeout x status · eval -o tsv
"""
LINES = [line for row in _LINES.strip().splitlines() for line in row.split(" \N{MIDDLE DOT} ")]

_COMMAND = re.compile(r"(?<![\w./-])stui (?P<words>[a-z-](?:'[^']*'|[^`,;()\n'])*)")
# A word that is a name, a number or a path, and not the rest of the sentence.
_NAME = re.compile(r"alpha|ghost|nosuch|new|work|ada|bob|eve|.*[\d/@.=*].*")
_PLACEHOLDER = re.compile(r"[A-Z]{2}|\.\.\.")
# They go on until they are ended, or make a home of their own; the stories run them.
_SERVING = {"playground", "demo"}


def advised(text: str) -> Iterator[tuple[str, ...]]:
    """The command lines that a text names, as far as they can be run as they stand."""
    for match in _COMMAND.finditer(text):
        words = shlex.split(match["words"].rstrip(". "))
        before = text[: match.start()]
        if before.endswith("no such command: "):
            continue
        if _PLACEHOLDER.search(match["words"]) or words[0] in _SERVING or words[0].startswith("-"):
            continue  # test_followed_advice fills in what stands for a name
        line = tuple(_line(words))
        assert line or words[0] not in COMMANDS, text
        if line:  # a word of another tool is told the name of a command, which may need more
            yield (*line, "--help") if before.endswith("that is: ") else line


def _line(words: list[str]) -> Iterator[str]:
    """The command, its options and arguments; where a sentence goes on, its words are left out."""
    command: click.Command = root
    rest = iter(words)
    for word in rest:
        found = command.get_command(click.Context(command), word) if isinstance(command, click.Group) else None
        if found is not None:
            command = found
            yield word
            continue
        options = {o: p for p in command.params if isinstance(p, click.Option) for o in (*p.opts, *p.secondary_opts)}
        choices = {c for p in command.params if isinstance(p.type, click.Choice) for c in p.type.choices}
        if command is root or not (word.startswith("-") or word in choices or _NAME.fullmatch(word)):
            return
        yield word
        option = options.get(word)
        if option is not None and not option.is_flag:
            yield next(rest)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    made = World()
    yield made
    made.end()


def test_what_a_command_advises_can_be_run_as_printed(world: World) -> None:
    """Where it was advised: after the command that said so."""
    followed: dict[tuple[str, ...], str] = {}
    for line in (*LINES, *(case.line for case in CASES.values() if not case.live)):
        said = world.stui(line, Way())
        assert "bug of stui" not in said.err, (line, said)
        for words in advised(said.err):
            followed.setdefault(words, line)
    assert len(followed) > 30, followed
    wrong = []
    for words, line in followed.items():
        ran = world.stui(shlex.join(words), Way(more="-y"), before=[line])
        wrong += [(line, words, ran)] if is_wrong(ran) else []
    assert wrong == []


def is_wrong(said: Said) -> bool:
    """Whether there is no such command, option or argument, or nothing of that name."""
    return said.code in (2, 3) or "bug of stui" in said.err


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("see `stui status`", [("status",)]),
        ("see: stui images show alpha", [("images", "show", "alpha")]),
        ("stui undo brings the records back", [("undo",)]),
        ("stui keys revoke ada --force, or leave it", [("keys", "revoke", "ada", "--force")]),
        ("stui doctor IMAGE -o name", []),
        ("stui cannot tell", []),
        ("that is: stui eval", [("eval", "--help")]),
    ],
)
def test_what_is_a_command_line(text: str, lines: list[tuple[str, ...]]) -> None:
    assert list(advised(text)) == lines
