"""What no tool looks at: that no modules import each other in a circle, whether at once, late, or for types only; and
that one module alone changes the files of a store."""

from __future__ import annotations

import ast
import re
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "stui_cli"


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def nodes_of(text: str) -> list[ast.AST]:
    """Every node of a module, the module itself first. Several tests look at all of them."""
    return list(ast.walk(ast.parse(text)))


def modules_of(package: Path) -> dict[str, Path]:
    """The files of `package` by the name of their module."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports_of(path: Path, known: dict[str, Path]) -> set[str]:
    """Which of the modules `known` the file at `path` imports anywhere: at its head, in a function, for types only."""
    found = set()
    for node in nodes_of(read(path)):
        match node:
            case ast.Import(names=names):
                found |= {alias.name for alias in names}
            case ast.ImportFrom(module=str(module), names=names, level=0):
                inner = {f"{module}.{alias.name}" for alias in names}
                found |= inner & known.keys() or {module}
            case ast.ImportFrom():
                raise AssertionError(f"{path}:{node.lineno}: a relative import; write the whole name")
    return found & known.keys()


def circle_among(modules: dict[str, Path]) -> list[str]:
    """The modules of one circle, each imported by the one before it; none where there is no circle."""
    graph = {name: imports_of(path, modules) for name, path in modules.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(reversed(error.args[1]))
    return []


def test_no_modules_import_each_other_in_a_circle() -> None:
    circle = circle_among(modules_of(PACKAGE))
    assert not circle, f"these modules import each other: {' -> '.join(circle)}; move what both need into a third one"


def test_one_file_reads_proc() -> None:
    readers = [path.name for path in PACKAGE.rglob("*.py") if re.search(r"[\"']/proc\b", read(path))]
    assert readers == ["proc.py"]


@pytest.mark.parametrize(
    "line",
    [
        "import house.b",
        "from house.b import name",
        "from house import b",
        "def late():\n    from house.b import name",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from house.b import name",
    ],
)
def test_a_circle_is_found_however_it_is_imported(line: str, tmp_path: Path) -> None:
    house = tmp_path / "house"
    house.mkdir()
    for name, text in {"__init__": "", "a": line, "b": "import house.c", "c": "from house.a import name"}.items():
        (house / f"{name}.py").write_text(f"{text}\n")
    circle = circle_among(modules_of(house))
    assert circle[0] == circle[-1]
    assert set(circle) == {"house.a", "house.b", "house.c"}
    (house / "c.py").write_text("")
    assert circle_among(modules_of(house)) == []


# What changes a folder. In the store each goes through Disk, whose steps the tests interrupt one by one.
CHANGES_FILES = {
    *("chmod", "ftruncate", "link", "makedirs", "mkdir", "pwrite", "remove", "removedirs", "rename", "renames"),
    *("replace", "rmdir", "symlink", "truncate", "unlink", "utime", "write"),
}
SYNCS = {"fsync", "fdatasync", "sync"}


def called_of_os(path: Path) -> set[str]:
    """The functions of os that the file at `path` names."""
    found = set()
    for node in nodes_of(read(path)):
        match node:
            case ast.Attribute(value=ast.Name(id="os"), attr=name):
                found.add(name)
            case ast.ImportFrom(module="os", names=names):
                found |= {alias.name for alias in names}
    return found


def test_only_the_stores_disk_changes_its_files() -> None:
    disk = PACKAGE / "store" / "files" / "disk.py"
    assert {"fsync", "replace", "rename", "unlink"} <= called_of_os(disk)
    for path in PACKAGE.rglob("*.py"):
        unwanted = CHANGES_FILES | SYNCS if PACKAGE / "store" in path.parents else SYNCS
        if path != disk:
            assert called_of_os(path) & unwanted == set(), f"{path} changes files behind the disk's back"


# Who may say how long something takes. What talks to an image for a command asks the command's own deadline instead.
WHO_SETS_DEADLINES = {
    "conformance/bench.py": "the end of a case",
    "conformance/conversation.py": "the end of a case",
    "conformance/run.py": "each case, and the whole run",
    "image/client.py": "what was sent ahead and is withdrawn",
    "image/exchange.py": "taking back what is out, and interrupting it",
    "image/loop.py": "each of many conversations",
    "image/openssh/sharing.py": "the start of a host's connection before any image's clock runs, and a greeting",
    "image/probing.py": "each probe",
    "local/launching.py": "asking a process of this machine whether it is the image",
    "local/runtime_files.py": "asking a process of this machine whether it is the image",
    "local/supervision.py": "each start and each ping of a supervised image",
    "work/code/browse.py": "a look at code, by --time-limit",
    "work/images/launch_plan.py": "a start, by --wait",
    "work/talking/ahead.py": "sending code, by --time-limit",
    "work/talking/evaluate.py": "code, by --time-limit",
    "work/workbench.py": "all that a command says to images, by --timeout",
}


def test_one_deadline_of_a_command_bounds_all_its_requests() -> None:
    found = {path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py") if "Deadline.after(" in read(path)}
    assert found == set(WHO_SETS_DEADLINES), "use bench.deadline; or say here what has a bound of its own"


# Public names that stand in two files on purpose. The store's own functions are named within one room of it.
TWICE = {
    "connect": "one for each transport",
    "connecting": "the same in steps",
    "main": "one for each program",
    "listing": "one for each format",
    "listing_read": "one for each format",
}


def public_names(path: Path, *, functions: bool) -> set[str]:
    """The classes that the file at `path` defines at its head, and with `functions` these too."""
    wanted = (ast.ClassDef, ast.FunctionDef) if functions else ast.ClassDef
    (module, *_) = nodes_of(read(path))
    assert isinstance(module, ast.Module)
    return {node.name for node in module.body if isinstance(node, wanted) and not node.name.startswith("_")}


def test_no_name_has_two_meanings() -> None:
    """The playground has names of its own: those of Smalltalk. Functions of its kernel are named by selector."""
    places: dict[tuple[bool, str], list[str]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        inside = path.relative_to(PACKAGE)
        functions = inside.parts[0] not in ("commands", "store") and "kernel" not in inside.parts
        for name in public_names(path, functions=functions):
            places.setdefault((is_of_smalltalk(inside), name), []).append(inside.as_posix())
    assert {name: files for (_, name), files in places.items() if len(files) > 1 and name not in TWICE} == {}


def is_of_smalltalk(inside: Path) -> bool:
    return inside.parts[0] == "playground" and inside.parts[1] != "agent"


# So many lines that stand in two commands are one thing written twice.
SAME_LINES = 6


def runs_of(path: Path) -> set[tuple[str, ...]]:
    """Every run of SAME_LINES lines in a file, without imports, blank lines and indentation."""
    lines = [line.strip() for line in read(path).splitlines()]
    told = [line for line in lines if line and not line.startswith(("import ", "from ", "#"))]
    return {tuple(told[start : start + SAME_LINES]) for start in range(len(told) - SAME_LINES + 1)}


def test_no_six_lines_stand_in_two_commands() -> None:
    seen: dict[tuple[str, ...], Path] = {}
    for path in sorted((PACKAGE / "commands").rglob("*.py")):
        for run in runs_of(path):
            assert run not in seen, f"{path} and {seen[run]} have the same lines: {run[0]} ..."
            seen[run] = path


def test_no_two_test_files_have_one_name() -> None:
    """pytest could not collect them together."""
    names = [path.name for path in Path(__file__).parent.rglob("test_*.py")]
    assert sorted(name for name in set(names) if names.count(name) > 1) == []
