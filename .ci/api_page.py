"""The parts of man/stui-api.3 that are made from the code: methods, records with their fields, failures."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from typing import TYPE_CHECKING

from command_tree import ROOT

from stui_cli.api import SessionManager, open_manager
from stui_cli.contract.records import code, images, logs, sessions
from stui_cli.contract.records.record import Record, Records, json_key
from stui_cli.model import errors
from stui_cli.model.connections import ImageConnectionStatus
from stui_cli.model.sessions import ImageSessionStats, Session, SessionMetadata
from stui_cli.work.sessions.switch import ContextSwitch
from stui_cli.work.sweeping.survey import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

PAGE = "man/stui-api.3"

# The order of the page, by the file that a method stands in.
_PARTS = {
    "images": "Images",
    "connections": "How images stand",
    "sessions": "Sessions",
    "contexts": "Contexts",
    "code": "Code",
    "sweeping": "Cleaning up",
    "logs": "The logs and undo",
    "keys": "Keys",
}

# What only stui's own tests and tools need of a manager.
_INNER = {"bench", "store", "read", "probe", "target", "session", "metadata_of", "find_orphans"}

# What the methods with the names of the user's own design answer.
_OF_THE_DESIGN = (ImageConnectionStatus, ImageSessionStats, SessionMetadata, Session, ContextSwitch, Finding)


def api_page() -> str:
    """The page with its derived parts renewed."""
    text = (ROOT / PAGE).read_text(encoding="utf-8")
    for name, made in (("methods", _methods()), ("records", _records()), ("failures", _failures())):
        start, end = f'.\\" {name}\n', f'.\\" end of {name}\n'
        before, _, rest = text.partition(start)
        after = rest.partition(end)[2]
        text = before + start + "".join(line + "\n" for line in made) + end + after
    return text


def methods() -> dict[str, list[str]]:
    """The public names of the manager by the part of the page that they stand in."""
    found: dict[str, list[str]] = {part: [] for part in _PARTS}
    for kind in SessionManager.__mro__:
        part = kind.__module__.rpartition(".")[2]
        names = [name for name in vars(kind) if not name.startswith("_") and name not in _INNER]
        if part in found:
            found[part] += names
    return found


def record_classes() -> list[type[Record | Records]]:
    """Every record, in the order of their files."""
    return [
        each
        for module in (images, sessions, code, logs)
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, Record | Records) and each.__module__ == module.__name__
    ]


def _methods() -> Iterator[str]:
    yield from _item(open_manager.__name__, _signature(open_manager), inspect.getdoc(open_manager) or "")
    for part, names in methods().items():
        yield f".SS {_PARTS[part]}"
        for name in names:
            member = inspect.getattr_static(SessionManager, name)
            if isinstance(member, property):
                yield from _item(name, "", inspect.getdoc(member) or "")
            else:
                yield from _item(name, _signature(member), inspect.getdoc(member) or "")


def _item(name: str, signature: str, text: str) -> Iterator[str]:
    yield ".TP"
    yield f".B {_escaped(name + signature)}"
    yield from _paragraphs(text)


class _Annotation(str):
    """Told without the quotes of a text."""

    __slots__ = ()
    __repr__ = str.__str__


def _signature(function: Callable[..., object]) -> str:
    found = inspect.signature(function)
    words = [
        each.replace(annotation=_Annotation(each.annotation))
        for each in found.parameters.values()
        if each.name != "self"
    ]
    told = str(found.replace(parameters=words, return_annotation=_Annotation(found.return_annotation)))
    return re.sub(r"<function (\w+) at [^>]*>", r"\1", told)


def _records() -> Iterator[str]:
    for each in (*record_classes(), *_OF_THE_DESIGN):
        bases = [base.__name__ for base in each.__bases__ if base not in (Record, Records, object, tuple)]
        yield f".SS {each.__name__}"
        yield from _paragraphs(inspect.getdoc(each) or "")
        if bases:
            yield f"It has the fields of {bases[0]} and"
        for name, kind, comment in _fields(each):
            yield ".TP"
            yield f'.BR {name} " ({_escaped(kind)})"'
            key = json_key(name)
            told = [comment] if comment else []
            told += [f"key {key} in JSON"] if key != name else []
            yield _escaped("; ".join(told)) or r"\&"


def _fields(kind: type) -> Iterator[tuple[str, str, str]]:
    """Name, type and comment of each field that a class adds."""
    lines = textwrap.dedent(inspect.getsource(kind)).splitlines()
    body = ast.parse("\n".join(lines)).body[0]
    assert isinstance(body, ast.ClassDef)
    for node in body.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            before, _, comment = lines[(node.end_lineno or node.lineno) - 1].rpartition("  # ")
            yield node.target.id, ast.unparse(node.annotation).strip("'"), comment if before else ""


def _failures() -> Iterator[str]:
    kinds = [each for each in vars(errors).values() if _is_failure(each, errors)]
    for kind in kinds:
        yield ".TP"
        yield f'.BR {kind.__name__} " ({int(kind.exit_code)})"'
        yield _escaped((inspect.getdoc(kind) or "").partition("\n\n")[0].replace("\n", " "))


def _is_failure(each: object, module: ModuleType) -> bool:
    return isinstance(each, type) and issubclass(each, errors.StuiError) and each.__module__ == module.__name__


def _paragraphs(text: str) -> Iterator[str]:
    for number, paragraph in enumerate(text.split("\n\n")):
        if number:
            yield ".IP"
        for line in paragraph.splitlines():
            yield _escaped(line)


def _escaped(text: str) -> str:
    """As troff takes it; what stands in backticks is in italics."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    text = re.sub(r"`([^`]*)`", r"\\fI\1\\fP", text)
    return f"\\&{text}" if text.startswith((".", "'")) else text
