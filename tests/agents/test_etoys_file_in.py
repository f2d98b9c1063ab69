"""The adapter for Squeak in a real image of that family: Etoys 5.0, as Debian packs it.

It restricts the script that it is given: no sockets, so that no agent runs here, and files of one folder only, by their
bare names. What is left is that all files in, and those of the porter's cases that need no more than that.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import debian_etoys
import pytest

from stui_cli.local.dialects import VISITED, agent_files, portable_files, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

pytestmark = [pytest.mark.long, pytest.mark.timeout(400)]  # filing it all in takes half a minute on a quiet machine

PORTABLE = portable_files()
CASES = "".join(path.read_text("ascii") for path in PORTABLE)
LACKING = Path(__file__).with_name("etoys.st")
LACKING_OF_CUIS = Path(__file__).with_name("etoys_cuis.st")

# The only folder that a script may use, in the home folder; bare names mean files in it.
FOLDER = "My Squeak"

LEFT_OUT = {
    "files under /proc": ("pid", "processStart", "startOfProcess:", "memoryUsed"),
    "/dev/urandom": ("randomBytes:", "uuid"),
    "SUnit": ("testCaseClass", "test:of:"),
    "files in /tmp, with names made of /dev/urandom": (
        *("readFile:", "writeFile:text:", "deleteFile:", "isPrivateFile:", "makeFolder:"),
    ),
}

# Texts of definitions, and what loading each of them says: nothing is changed by one that does not compile.
REST = "instanceVariableNames: 'a' classVariableNames: '' poolDictionaries: '' category: 'x'!\n"
METHODS = "!StuiTried methodsFor: 'x'!\na\n\t^a! !\n!StuiTried class methodsFor: 'x'!\nb\n\t^'hey!!'! !\n"
TONEL = """"It's a comment"
Class {
\t#name : #StuiTonel,
\t#superclass : #Object,
\t#instVars : [ 'a' ],
\t#category : #'Stui-Tests'
}

{ #category : #x }
StuiTonel >> b [

\t^a + 1
]

{ #category : #x }
StuiTonel class >> a: x [
\t^self new instVarAt: 1 put: x; yourself
]
"""
LOADS = {
    METHODS: "StuiCompileFailure in line 2: there is no class StuiTried",
    "!Object methodsFor: 'x'!\nstuiOne\n\t^1!\nstuiTwo\n\t^2 +! !": ("StuiCompileFailure in line 5: Argument expected"),
    "(Object includesSelector: #stuiOne)!": "false",
    f"Object subclass: #StuiTried {REST}{METHODS}": "StuiTried class",
    "StuiTried b!": "'hey!'",
    f"Object subclass: #StuiLater {REST}!StuiLater methodsFor: 'x'!\nc\n\t^3 +! !": (
        "StuiCompileFailure in line 4: Argument expected"
    ),
    "(Smalltalk includesKey: #StuiLater)!": "false",
    "!StuiTried comment: 'x'!\n": "StuiTried",
    TONEL: "StuiTonel",
    "(StuiTonel a: 3) b -> StuiTonel comment asString!": "4->'It''s a comment'",
    TONEL.replace("^a + 1", "^a +"): "StuiCompileFailure in line 12: Argument expected",
    "(StuiTonel a: 3) b!": "4",
}

LOAD = """[[(StuiDialect current newLoader on: each format: (StuiReading formatOf: each)) loadAll printString]
on: StuiCompileFailure
do: [:failure | failure return:
'StuiCompileFailure in line ' , failure line printString , ': ' , failure messageText]]
on: Error
do: [:error | error return: 'Error: ' , error messageText]"""

# Of what Pharo has and Etoys not, what the adapter for Pharo inherits from.
KERNEL = "".join(
    f"Object subclass: #{name} instanceVariableNames: '' classVariableNames: '' poolDictionaries: '' category: 'x'!\n"
    for name in ("DynamicVariable", "NonInteractiveUIManager")
)


def names() -> list[str]:
    """Of the cases that run here, in their order."""
    left_out = {name for names in LEFT_OUT.values() for name in names}
    table = CASES[CASES.index("\nrows\n") : CASES.index("methodsFor: 'checking'")]
    return [name for name in re.findall(r"#\('([^']+)' #case\w+\)", table) if name not in left_out]


def loading(folder: Path, files: list[Path]) -> str:
    """Put the files where the script may read them, each under a name of its own. Answers a chunk that files them in,
    as a user would evaluate it, and writes which names nobody has declared then."""
    kept = [folder / f"{path.parent.name}-{path.name}" for path in files]
    for path, copy in zip(files, kept, strict=True):
        text = path.read_text("ascii").replace("\nStuiPortable run!\n", "\n")
        copy.write_text(text.replace("StuiDialect current: StuiPharoDialect new!", ""))
    load = VISITED["squeak"].load
    assert load is not None
    return f"""| before new file |
before := Undeclared keys.
{load([Path(copy.name) for copy in kept])}
new := Undeclared keys reject: [:each | before includes: each].
file := FileStream newFileNamed: 'undeclared-{files[-1].parent.name}'.
file nextPutAll: new asSortedCollection asArray printString; close!
"""


def telling(file: str, texts: Iterable[str], expression: str) -> str:
    """A chunk that writes a line for each text: what the expression makes of `each`."""
    words = " ".join(map(quoted, texts)).replace("!", "!!")
    return f"""| file |
file := FileStream newFileNamed: '{file}'.
#({words}) do: [:each | file nextPutAll: ({expression}); cr; flush].
file close!
"""


def script(folder: Path) -> str:
    return "".join(
        (
            "Utilities setAuthorInitials: 'stui'!\n",
            loading(folder, [*agent_files("squeak"), LACKING, *PORTABLE]),
            telling("cases", names(), "StuiPortable lineOf: each"),
            telling("loads", LOADS, LOAD),
            loading(folder, [*(path for path in agent_files("cuis") if path.parent.name == "cuis"), LACKING_OF_CUIS]),
            telling("cases-cuis", names(), "StuiPortable lineOf: each"),
            KERNEL,
            loading(folder, [path for path in agent_files("pharo") if path.parent.name == "pharo"]),
            "Smalltalk snapshot: false andQuit: true!\n",
        )
    )


@pytest.fixture(scope="module")
def machine() -> Path:
    """The suite of Debian that has it may vanish, so that it is none of the tools that .ci/run promises."""
    try:
        return debian_etoys.ensure()
    except debian_etoys.Unavailable as failure:
        pytest.skip(f"there is no Etoys: {failure}")


@pytest.fixture(scope="module")
def written(machine: Path) -> Iterator[Path]:
    """The folder with what the script has written."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        folder = home / FOLDER
        folder.mkdir()
        for part in ("etoys.image", "etoys.changes"):
            (home / part).write_bytes((machine / part).read_bytes())
        (home / "start.st").write_text(script(folder))
        running = subprocess.Popen(
            debian_etoys.command(machine, home / "etoys.image", str(home / "start.st")),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            cwd=home,
            env=debian_etoys.environment(machine, home),
            start_new_session=True,
        )
        try:
            assert running.wait(350) == 0
        finally:
            running.kill()
            running.wait()
        yield folder


def lines(path: Path) -> list[str]:
    return path.read_bytes().decode("latin-1").splitlines()


def test_it_files_in_without_an_undeclared_name(written: Path) -> None:
    assert lines(written / "undeclared-portable") == ["#()"]


def test_the_porters_cases_that_need_no_more_pass(written: Path) -> None:
    assert lines(written / "cases") == [f"ok {name}" for name in names()]


def test_so_they_do_with_the_adapter_for_cuis(written: Path) -> None:
    """What some version of Cuis lacks it asks for, and of all those this image has none."""
    assert lines(written / "undeclared-agents") == ["#()"]
    assert lines(written / "cases-cuis") == [f"ok {name}" for name in names()]


def test_definitions_are_loaded_whole_or_not_at_all(written: Path) -> None:
    """The image's own file-in would open a window where a method does not compile, and stand still."""
    assert lines(written / "loads") == [*LOADS.values()]


def test_the_adapter_for_pharo_compiles_here_but_for_what_pharo_has(written: Path) -> None:
    """Every method goes through a real compiler; what it names .ci/selector_table.py looks up in sources of Pharo.
    A class of ours that was forgotten would be among what is missing."""
    (told,) = lines(written / "undeclared-pharo")
    assert re.findall(r"#(\w+)", told) == [
        *("AdditionalBinding", "CompiledCode", "File", "MirrorPrimitives", "SessionManager", "Stdio"),
    ]
