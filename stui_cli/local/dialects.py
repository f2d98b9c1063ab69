"""The dialects that there are: one row each. Launching, saving, the agent's files, the doctor, the demo and the
completions read these tables and nothing else; a further dialect is one more row and its files in agents/.

DIALECTS are those that make an image of their own for whoever launches one; the images of those in VISITED are their
users' own. The playground comes with stui, so that there always is one: it is meant where no other is installed.
"""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stui_cli.model.errors import NotFound, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True)
class Dialect:
    """One row: what the files of the adapter are, which program runs it and how, and the advice without it.

    A dialect with `load` has images that are somebody's own: one is started from a file that its user names, or the
    agent is loaded into it by hand. `load` returns the Smalltalk, for a workspace or playground too, that files in
    what it is given, in this order. All others make an image of their own when they are launched; `load_chunk` is what
    does the same at the head of a start file that is run by hand.

    `command` returns the arguments after the program. It is given the agent's files, the start file, and the image that
    is started: None where a fresh one is made. Where no window is wanted those of `headless` stand before them, else
    those of `window` behind. `least_memory` is the least address space (bytes) with which the image and the agent come
    up, 0 where that is the image's own affair. The start file is read in chunks, unless it is evaluated as it stands.
    One that is `embedded` is part of stui, and no agent is loaded into it.
    """

    name: str
    title: str
    adapter: tuple[str, ...]
    program: str
    command: Callable[[list[Path], Path, Path | None], list[str]]
    saved_image: str
    packages: str
    least_memory: int = 0
    headless: tuple[str, ...] = ()
    window: tuple[str, ...] = ()
    load: Callable[[list[Path]], str] | None = None
    load_chunk: Callable[[list[Path]], str] | None = None
    start_in_chunks: bool = True
    embedded: bool = False

    @property
    def files(self) -> list[Path]:
        """The portable core, then the adapter, in the order in which an image loads them; none of an embedded one."""
        return [] if self.embedded else _paths(*CORE, *self.adapter)

    @property
    def install(self) -> str:
        """The advice where its program is missing."""
        return f"install {self.title} ({self.packages})"


# The portable core as it is loaded: all classes before the first method.
CORE = (
    "core/classes",
    "core/faults",
    "core/dialect",
    "core/messagepack",
    "core/keys",
    "core/settings",
    "core/source",
    "core/tokens",
    "core/pieces",
    "core/reading",
    "core/bodies",
    "core/tonel",
    "core/loader",
    "core/sessions",
    "core/jobs",
    "core/batches",
    "core/evaluation",
    "core/loading",
    "core/inspecting",
    "core/browsing",
    "core/testing",
    "core/checkpoints",
    "core/storing",
    "core/watching",
    "core/connection",
    "core/dispatch",
    "core/agent",
    "core/reset",
)

# The porter's cases, after the core and an adapter: portable.st of the design, cut by subject.
PORTABLE = ("portable/cases", "portable/hooks", "portable/idioms")


def _paths(*names: str) -> list[Path]:
    folder = Path(__file__).resolve().parent.parent / "agents"
    return [folder / f"{name}.st" for name in names]


def portable_files() -> list[Path]:
    """The porter's cases, in the order in which an image loads them after the agent's files."""
    return _paths(*PORTABLE)


def _gst_command(files: list[Path], start: Path, saved: Path | None) -> list[str]:
    # -q -g: no banner, no garbage collector messages.
    return ["-q", "-g", *(map(str, files) if saved is None else ("-I", str(saved))), str(start)]


def _pharo_command(files: list[Path], start: Path, image: Path | None) -> list[str]:
    del files  # the start file loads them
    return [str(image), "st", str(start)]


def _squeak_command(files: list[Path], start: Path, image: Path | None) -> list[str]:
    del files  # it reads one document, which loads them
    return [str(image), str(start)]


def _playground_command(files: list[Path], start: Path, saved: Path | None) -> list[str]:
    del files  # it has its agent in it
    program = Path(__file__).resolve().parent.parent / "playground" / "__main__.py"
    return [str(program), str(start), *([] if saved is None else [str(saved)])]


def _cuis_command(files: list[Path], start: Path, image: Path | None) -> list[str]:
    """-s evaluates a file in every version since 4.2. An error in it would pass in silence but for -e, which older
    versions take for an option with an argument: the second of the two is that, and in newer ones says it again."""
    del files  # the start file loads them
    return [str(image), "-e", "-e", "-s", str(start)]


def quoted(text: object) -> str:
    """As a string in Smalltalk source."""
    return "'" + str(text).replace("'", "''") + "'"


_CUIS_LOAD = """(Smalltalk includesKey: #Socket)
    ifFalse: [[(Smalltalk at: #Feature) require: 'Network-Kernel']
        on: Error, UnhandledError do: [:e | e return: nil]]."""

# The second way is that of 4.1.
_CUIS_EACH = """(each respondsTo: #asFileEntry)
    ifTrue: [each asFileEntry readStreamDo: [:stream | stream fileIn]]
    ifFalse: [((Smalltalk at: #FileStream) readOnlyFileNamed: each) fileIn]"""


def _loading(each: str, before: str = "") -> Callable[[list[Path]], str]:
    """A loop over the files, with the expression that files in one of them, and what comes first."""

    def load(files: list[Path]) -> str:
        return "\n".join([*filter(None, [before]), "#(", *map(quoted, files), f") do: [:each | {each}]."])

    return load


def _gst_load(files: list[Path]) -> str:
    return _loading("FileStream fileIn: each")(files) + "!\n"


# In the order of preference where no dialect is named.
DIALECTS = {
    row.name: row
    for row in (
        Dialect(
            name="gst",
            title="GNU Smalltalk",
            adapter=(
                "gst/classes",
                "gst/evaluation",
                "gst/machine",
                "gst/floats",
                "gst/definitions",
                "gst/browsing",
                "gst/processes",
                "gst/running",
                "gst/values",
                "gst/dialect",
            ),
            program="gst",
            command=_gst_command,
            saved_image="saved.im",
            packages="gnu-smalltalk and gnu-smalltalk-common, in Debian up to 11 and Ubuntu up to 22.04",
            load_chunk=_gst_load,
            least_memory=768 * 1024 * 1024,  # 3.2.5 reserves its heap at once: 640 MiB are too few, 700 enough
        ),
        Dialect(
            name="playground",
            title="playground",
            adapter=(),
            program=sys.executable,
            command=_playground_command,
            saved_image="saved.playground",
            packages="it comes with stui",
            least_memory=384 * 1024 * 1024,  # address space: its libraries and the stacks of its threads
            embedded=True,
        ),
    )
}

_FAMILY = (
    "squeakfamily/classes",
    "squeakfamily/machine",
    "squeakfamily/processes",
    "squeakfamily/running",
    "squeakfamily/browsing",
    "squeakfamily/loading",
)

# What Squeak and Cuis share and Pharo has otherwise.
_CLASSIC = ("squeakfamily/compiling", "squeakfamily/image")

_SAVED = "saved.image"

VISITED = {
    row.name: row
    for row in (
        Dialect(
            name="pharo",
            title="Pharo",
            adapter=(*_FAMILY, "pharo/classes", "pharo/compiling", "pharo/dialect"),
            program="pharo",
            command=_pharo_command,
            headless=("--headless",),
            window=("--interactive",),  # newer machines, as their sources of 2024 have it, show none without
            saved_image=_SAVED,
            packages="Pharo Launcher, from pharo.org/download, which keeps its machines in ~/Pharo/vms",
            load=_loading("CodeImporter evaluateFileNamed: each"),
        ),
        Dialect(
            name="squeak",
            title="Squeak",
            adapter=(*_FAMILY, *_CLASSIC, "squeak/dialect"),
            program="squeak",
            command=_squeak_command,
            headless=("-vm-display-null", "-vm-sound-null") if sys.platform == "linux" else ("-headless",),
            saved_image=_SAVED,
            packages="the all-in-one package of squeak.org/downloads has machine and image",
            load=_loading("(FileStream readOnlyFileNamed: each) fileIn"),
        ),
        Dialect(
            name="cuis",
            title="Cuis",
            adapter=(*_FAMILY, *_CLASSIC, "cuis/classes", "cuis/dialect", "cuis/life"),
            program="squeak",  # what Cuis itself calls its machine
            command=_cuis_command,
            # By the first of these the image itself knows that nobody sees it.
            headless=("-vm-display-null", "-vm-sound-null") if sys.platform == "linux" else ("-headless",),
            saved_image=_SAVED,
            packages="the repository Cuis-Smalltalk-Dev at github.com/Cuis-Smalltalk has machine and image",
            load=_loading(_CUIS_EACH, _CUIS_LOAD),
            start_in_chunks=False,
        ),
    )
}


def dialect_of(name: str) -> Dialect:
    """The row of a dialect; raises NotFound naming those that there are."""
    row = DIALECTS.get(name) or VISITED.get(name)
    if row is None:
        raise NotFound(f"no agent for the dialect {name!r} yet", todo=f"available: {', '.join((*DIALECTS, *VISITED))}")
    return row


def preferred_dialect(environ: Mapping[str, str]) -> str:
    """The dialect of an image that is launched where nobody names one: the first whose program is installed, and the
    embedded one where none is."""
    return _first_installed(environ) or next(name for name, row in DIALECTS.items() if row.embedded)


def preferred_agent(environ: Mapping[str, str]) -> str:
    """The dialect of the agent's files where nobody names one: the first whose program is installed, else the first."""
    return _first_installed(environ) or next(iter(DIALECTS))


def _first_installed(environ: Mapping[str, str]) -> str | None:
    rows = (row for row in DIALECTS.values() if not row.embedded)
    return next((row.name for row in rows if shutil.which(row.program, path=environ.get("PATH"))), None)


def how_to_get_a_real_one() -> str:
    """What to do for an image of a dialect that people work with."""
    row = next(iter(DIALECTS.values()))
    return (
        f"for a real one {row.install}, then: stui images launch --dialect {row.name} NAME; "
        f"or start an image that you have: --dialect {'|'.join(VISITED)} --image-file FILE"
    )


def with_agent_files() -> list[str]:
    """The dialects into whose images an agent is loaded."""
    return [name for name, row in (DIALECTS | VISITED).items() if not row.embedded]


def agent_files(dialect: str) -> list[Path]:
    """The agent's files of a dialect, in the order in which an image loads them. Raises Refused for an embedded one."""
    row = dialect_of(dialect)
    if row.embedded:
        raise Refused(
            f"a {row.title} has its agent in it: there is nothing to load",
            todo=f"start one: stui images launch --dialect {row.name} NAME, or stui {row.name}",
        )
    return row.files


def program_of(dialect: str, environ: Mapping[str, str]) -> str:
    """The path of the dialect's virtual machine; raises NotFound saying what to install."""
    row = dialect_of(dialect)
    program = shutil.which(row.program, path=environ.get("PATH"))
    if program is None:
        raise NotFound(f"{row.program} is not on the PATH", todo=row.install)
    return program


def has_saved_image(folder: Path) -> bool:
    """Whether an image of some dialect was saved there."""
    return any((folder / row.saved_image).exists() for row in (*DIALECTS.values(), *VISITED.values()))
