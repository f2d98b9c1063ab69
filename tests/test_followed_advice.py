"""Advice that is followed works: each command that a text of stui names is run, as printed, with the names filled in.

Every text of the package is looked through, wherever it stands. The store in which the commands run has what the texts
speak of: images that are up, one that is down, sessions, an operation to undo, files. No command may say that it is no
command (2), or that what it names is not there (3).
"""

from __future__ import annotations

import ast
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import click
import pytest
from shell import Shell, own_environ
from test_advice import FILLED, PACKAGE, each_text, parsed

from stui_cli.command_table import COMMANDS
from stui_cli.main import root, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# From `stui` to the end of the clause; what is in quotation marks is one word.
_COMMAND = re.compile(r"""(?<![\w./-])stui (?P<words>[a-z](?:'[^']*'|"[^"]*"|://|:(?=\S)|[^`,;:()\n'"])*)""")
_PLACEHOLDER = re.compile(rf".*:PORT\b.*|[A-Z][A-Z_|/]+(\[/[A-Z]+\])?|.*{FILLED}.*")
# Sentences about a command, where its name is a subject or a title.
_PROSE = {"playground", "test"}
# They go on until they are ended: stories/test_agent_by_hand.py and stories/test_first_line.py run them.
_SERVING = {"playground", "demo"}


class Line(NamedTuple):
    """A command line that a text names, and where."""

    words: tuple[str, ...]
    where: str


@cache
def _lines() -> list[Line]:
    """Each command line once, with its names filled in."""
    filled: dict[tuple[str, ...], Line] = {}
    for line in _as_written():
        words = _filled(line)
        filled.setdefault(words, Line(words, line.where))
    return list(filled.values())


def _as_written() -> Iterator[Line]:
    seen = set()
    for where, text in each_text():
        if where.startswith("help"):
            continue  # help names other commands, it does not advise to run them here and now
        for match in _COMMAND.finditer(text):
            words = _words(match["words"])
            if words and words not in seen:
                seen.add(words)
                yield Line(words, where)


def _words(text: str) -> tuple[str, ...]:
    """The words of the command that stands at the beginning of `text`; empty if it is prose."""
    given = shlex.split(text.rstrip(". "))
    command, path = _command(given)
    if command is None or (path[0] in _PROSE and given[1:] and given[1].isalpha()) or path[0] in _SERVING:
        return ()
    words = (*path, *_as_far_as_the_command_goes(command, given[len(path) :]))
    # Named without what it needs, it is a title: `name a file of stui sessions export`.
    needs = any(isinstance(p, click.Argument) and p.required for p in command.params) and "--help" not in words
    return () if needs and len(words) == len(path) else words


def _command(words: list[str]) -> tuple[click.Command | None, list[str]]:
    command: click.Command = root
    path: list[str] = []
    while isinstance(command, click.Group) and len(path) < len(words):
        found = command.get_command(click.Context(command), words[len(path)])
        if found is None:
            break
        command, path = found, [*path, words[len(path)]]
    if not path or path[0] not in COMMANDS:
        return None, []
    return command, path


def _as_far_as_the_command_goes(command: click.Command, words: list[str]) -> Iterator[str]:
    """The options and arguments; a word that is neither begins the rest of the sentence."""
    options = {name: p for p in command.params if isinstance(p, click.Option) for name in (*p.opts, *p.secondary_opts)}
    choices = {c for p in command.params if isinstance(p.type, click.Choice) for c in p.type.choices}
    for word in (rest := iter(words)):
        option = options.get(word)
        if option is not None:
            yield word
            if not option.is_flag:
                yield next(rest, "VALUE")
        elif word.startswith(("-", "[")) or word in choices or _PLACEHOLDER.fullmatch(word) or " " in word:
            yield word
        else:
            return


# What is filled in for a word that is known when the text is made: the arguments of a command in their order, and the
# values of options. All that is not named here is the image `alpha`.
ARGUMENTS = {
    "browse": ["methods", "Object"],
    "completion": ["bash"],
    "config set": ["timeout", "5s"],
    "help": ["images", "launch"],
    "images add": ["new", "DELTA"],
    "images agent": ["gst"],
    "images launch": ["down"],
    "images remove": ["ghost"],
    "images rename": ["ghost", "new"],
    "images stop": ["spare"],
    "keys new": ["another"],
    "keys revoke": ["leaving"],
    "keys rotate": ["colleague"],
    "keys show": ["colleague"],
    "load": ["code.st"],
    "rollback": ["1"],
    "sessions close": ["alpha/ending"],
    "sessions create": ["new"],
    "sessions export": ["alpha/work"],
    "sessions history": ["alpha/work"],
    "sessions import": ["exported.toml"],
    "sessions remove": ["alpha/removed"],
    "sessions rename": ["alpha/renamed", "new"],
    "sessions restore": ["alpha/closed"],
    "switch": ["alpha/work"],
}
OPTIONS = {
    "--address": "DELTA",
    "--case": "list_image_sessions",
    "--dialect": "playground",
    "--fingerprint": ":".join(["2A"] * 32),
    "--pattern": "*Object*",
    "--role": "observer",
    "--plan": "plan.json",
    "--socket-owner": "root",
    "--start": "new",
    "-f": "made.toml",
}
TLS = {"--ca-file", "--cert", "--cert-key", "--fingerprint"}  # what only the entry of a tls:// address has
FILES = {"keys": f"admin admin {'2a' * 32}\n", "code.st": "3 + 4\n"}
# Of these more is known only when they are made.
LINES = {
    "browse methods \N{BLACK SMALL SQUARE}": "browse methods Object",
    " ".join(["images add", *"\N{BLACK SMALL SQUARE}" * 3]): "images add new DELTA --key-file keys",
    "images set NAME \N{BLACK SMALL SQUARE} FILE": "images set secure --cert-key code.st",
    "images set \N{BLACK SMALL SQUARE}\N{BLACK SMALL SQUARE}": "images set alpha --key-file keys",
    "keys revoke \N{BLACK SMALL SQUARE} --force": "keys revoke forced --force",
    "switch /\N{BLACK SMALL SQUARE}": "switch /work",
}
# Each case of the doctor takes its time, and all of them are run elsewhere.
_ONE_CASE = ["--case", "list_image_sessions"]


class World:
    """Three playgrounds: `alpha` is up, with sessions, `down` was stopped, `spare` is up and may be ended. Where the
    fourth, delta, listens is known, and it is not registered. Each line has a copy of the store."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.shell = Shell(own_environ(folder, os.environ["PATH"]), folder)
        for name in ("alpha", "down", "spare", "delta"):
            self.shell.ok("images", "launch", name, "--dialect", "playground")
        self.delta = self.shell.ok("images", "show", "delta", "-o", "json").json["items"][0]["address"]
        for line in (
            "images stop down",
            "images remove delta -y --keep-running",
            "images add ghost tcp://127.0.0.1:9 --offline",
            "images add local unix:///none --offline",
            "images add secure tls://127.0.0.1:9 --offline --ca-file keys --cert keys --cert-key keys",
            "sessions create alpha/work",
            "eval -i alpha -s work x:=3",
            *(f"sessions create alpha/{name}" for name in ("closed", "ending", "removed", "renamed")),
            "sessions close alpha/closed -y",
            "switch alpha/work --default",
            *(f"keys new {name} --role developer" for name in ("colleague", "leaving", "forced")),
            "images set ghost a=b",
            "images set ghost c=d",
            "undo",
        ):
            self.shell.ok(*line.split())
        self.shell.ok("sessions", "export", "alpha/work", "-f", "exported.toml")
        for name, text in FILES.items():
            (folder / name).write_text(text)
            (folder / name).chmod(0o600)

    def end(self) -> None:
        self.shell.stui("images", "stop", "alpha", "spare")
        self.shell.end()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("advice"))
    yield made
    made.end()


def _filled(line: Line) -> tuple[str, ...]:
    """The line as it stands where its names are known. A question is answered as its reader would."""
    command, path = _command(list(line.words))
    assert command is not None
    if (special := LINES.get(" ".join(line.words))) is not None:
        words = special.split()
    else:
        words = [*path, *_values(command, " ".join(path), line.words[len(path) :])]
    if path == ["doctor"] and set(words) - {"doctor", "-v"} and "--case" not in words and "--repair" not in words:
        words += _ONE_CASE
    return (*words, "-y")


def _values(command: click.Command, path: str, words: tuple[str, ...]) -> Iterator[str]:
    with_value = {o for p in command.params if isinstance(p, click.Option) and not p.is_flag for o in p.opts}
    one = "secure" if TLS & {*words} else "local" if "--socket-owner" in words else "alpha"
    arguments = iter(ARGUMENTS.get(path, [one]))
    option = ""
    for word in words:
        if option:
            yield _value_of(option, word)
            option = ""
        elif word.startswith("["):
            continue  # it may be left out
        elif word.startswith("-"):
            option = word if word in with_value else ""
            yield word
        elif _PLACEHOLDER.fullmatch(word):
            yield next(arguments)
        else:
            next(arguments, None)
            yield word


def _value_of(option: str, word: str) -> str:
    if not _PLACEHOLDER.fullmatch(word):
        return word
    return OPTIONS.get(option, "alpha" if word != "FILE" else "keys" if option == "--key-file" else "code.st")


# What follows where stui is no command line, and is spoken of.
_SPOKEN_OF = {
    *("again", "agent", "and", "as", "asks", "can", "cannot", "does", "exited", "did", "failed", "have", "hides"),
    *("in", "is", "knows", "makes", "monitoring", "on", "over", "protocol", "shows", "text", "to", "was", "which"),
    *("writes", "wrote", "yet"),
}
# Commands that are filled in whole, and where they are run.
_FILLED_IN = {
    "commands/demo.py": "stories/test_first_line.py",
    "crash.py": "test_crash.py",
    "global_options.py": "the version",
    "image/client.py": "the version, to the image",
    "local/dialects.py": "a playground, in stories/test_playground.py",
    "playground/kernel/globals.py": "the version of a playground",
    "synonyms.py": "test_synonyms.py",
    "work/checkup/disk.py": "another's command that runs",
}
# Named in a list of commands, and run elsewhere in this file.
_TITLES = {"stui help", "stui log"}
# Where options stand before any command.
_BY_OPTIONS = {
    "stui -h": ["-h"],
    "stui --help": ["--help"],
    "stui --version": ["--version"],
    f"stui --home {FILLED}": ["--home", "HERE", "store", "show"],
}


def _beside_commands() -> Iterator[tuple[str, str]]:
    """Every place in a text where stui stands, and no command that is run below."""
    for where, text in each_text():
        if where.startswith("help"):
            continue
        followed = {match.start() for match in _COMMAND.finditer(text) if _words(match["words"])}
        for match in re.finditer(rf"(?<![\w./@-])stui (?P<word>[\w{FILLED}-]+)(?: {FILLED})?", text):
            if match.start() not in followed:
                yield where.partition(":")[0], match[0]


def test_no_command_in_a_text_is_overlooked() -> None:
    """What begins like a command line is run below, or stands in one of the tables above."""
    overlooked = []
    for module, told in _beside_commands():
        word = told.split()[1]
        known = told in _BY_OPTIONS or word in _SPOKEN_OF or (word[0] == FILLED and module in _FILLED_IN)
        if not known and word not in _SERVING and told not in _TITLES:
            overlooked.append(f"{module}: {told}")
    assert overlooked == []


@pytest.mark.parametrize("words", _BY_OPTIONS.values(), ids=" ".join)
def test_what_is_advised_by_options_can_be_run(words: list[str], tmp_path: Path) -> None:
    assert run([str(tmp_path) if word == "HERE" else word for word in words]) == 0


@pytest.mark.parametrize("name", [name for name in COMMANDS if name not in _SERVING])
def test_what_texts_advise_of_a_command_can_be_run(
    name: str, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    failed = []
    for number, line in enumerate(line for line in _lines() if line.words[0] == name):
        words = [world.delta if word == "DELTA" else word for word in line.words]
        folder = tmp_path / str(number)
        shutil.copytree(world.shell.environ["STUI_HOME"], folder / "stui")
        for file in (*FILES, "exported.toml"):
            shutil.copy(world.folder / file, folder)
        environ = {**world.shell.environ, "STUI_HOME": str(folder / "stui")}
        if "launch" in words:  # what starts a process has one of its own
            ran = Shell(environ, folder).stui(*words)
            code, err = ran.code, ran.err
        else:
            with monkeypatch.context() as patch:
                for variable, value in environ.items():
                    patch.setenv(variable, value)
                patch.chdir(folder)
                patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
                patch.setattr(sys, "argv", ["stui", *words])
                code = run(words)
            err = capfd.readouterr().err
        if "bug of stui" in err or code in (1, 2, 3, 10):
            failed.append((line.where, words, code, err))
    assert failed == []


# Programs that advice names beside stui itself.
_PROGRAM = re.compile(r"(?:^|[`:;,] ?)(chmod|rm|ls|mkdir|mv|stui) [^`:;]*$")
_MAY_HAVE_BLANKS = re.compile(r"^(?!.*port=).*(path|folder|file|address|log\b|place)")


def _unquoted() -> Iterator[str]:
    """Values in commands of texts that may have blanks or quotation marks in them, and are filled in as they are."""
    for module in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(parsed(module)):
            if not isinstance(node, ast.JoinedStr):
                continue
            before = ""
            for part in node.values:
                if isinstance(part, ast.Constant):
                    before += str(part.value)
                    continue
                assert isinstance(part, ast.FormattedValue)
                expression = ast.unparse(part.value)
                if _PROGRAM.search(before) and _MAY_HAVE_BLANKS.search(expression) and "quote" not in expression:
                    yield f"{module.relative_to(PACKAGE)}:{node.lineno}: {before}{{{expression}}}"
                before += FILLED


def test_a_path_in_a_command_is_quoted() -> None:
    assert list(_unquoted()) == []


_OTHERS = re.compile(rf"(?:^|: |; |then )(?P<line>(?:chmod|ls|mkdir|rm) [^:;,()\n]*{FILLED})")


def _lines_of_other_programs() -> dict[str, str]:
    return {match["line"]: where for where, text in each_text() for match in _OTHERS.finditer(text)}


def test_what_texts_advise_to_run_beside_stui_can_be_run(tmp_path: Path) -> None:
    lines = _lines_of_other_programs()
    assert {line.split()[0] for line in lines} == {"chmod", "ls", "mkdir", "rm"}
    for number, line in enumerate(lines):
        there = tmp_path / f"a file; it's odd {number}"
        if not line.startswith("mkdir"):
            there.touch()
        whole = line.replace(FILLED, shlex.quote(str(there)))
        done = subprocess.run(["/bin/sh", "-c", whole], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), (line, lines[line])
