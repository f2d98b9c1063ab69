"""Results of tests as JUnit XML, which CI servers read: one suite for each image and class."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from stui_cli.model.times import Moment
from stui_cli.model.visible import Escapes, escape

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LINES: Final = Escapes({ord(each): each for each in "\t\n\r"})

# XML 1.0 has no such characters, not even written as numbers.
_NO_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Suites(NamedTuple):
    """What ran in one image: its tests as items, when it began (ms since the epoch), and what went wrong outside of
    them, by name."""

    image: str
    began_at: int
    tests: Sequence[Mapping[str, object]]
    troubles: Mapping[str, str]


def junit_document(runs: Sequence[Suites]) -> bytes:
    """All of them as one document."""
    document = JUnitXml("stui test")
    for run in runs:
        by_class: dict[str, list[Mapping[str, object]]] = {}
        for test in run.tests:
            by_class.setdefault(str(test["class"]), []).append(test)
        for name, tests in by_class.items():
            _append(document, _suite(run, name, [_case(run.image, test) for test in tests]))
        if run.troubles:
            cases = [_trouble(run.image, name, text) for name, text in run.troubles.items()]
            _append(document, _suite(run, "stui test", cases))
    # Counted once, here: with each suite and case that is added it would be, all anew.
    document.update_statistics()  # type: ignore[no-untyped-call]
    # The library counts it here too; the schema that CI servers go by has it on a suite only, and refuses it here.
    document._elem.attrib.pop("skipped", None)
    text: bytes = document.tostring()  # type: ignore[no-untyped-call]
    return text


def _append(whole: JUnitXml | TestSuite, part: TestSuite | TestCase) -> None:
    """The library has types for what its users see, and none for this."""
    whole.append(part)  # type: ignore[no-untyped-call]


def _suite(run: Suites, name: str, cases: Sequence[TestCase]) -> TestSuite:
    suite = TestSuite(_legal(f"{run.image}: {name}"))
    suite.timestamp = str(Moment(run.began_at)).rstrip("Z")
    suite.add_property("image", _legal(run.image))
    for case in cases:
        _append(suite, case)
    return suite


def _case(image: str, test: Mapping[str, object]) -> TestCase:
    took = test["elapsed_ms"]
    case = TestCase(
        _legal(str(test["selector"])),
        # CI servers sort by what stands before the last dot.
        _legal(f"{image}.{test['class']}"),
        (took if isinstance(took, int) else 0) / 1000,
    )
    message, stack = _legal(str(test["message"] or "")), test["stack"]
    result = {"failed": Failure, "error": Error, "skipped": Skipped}.get(str(test["outcome"]))
    if result is not None:
        told = result(message, str(test["outcome"]))
        told.text = _legal("\n".join([message, *map(str, stack if isinstance(stack, list) else ())]))
        case.result = [told]
    if test["output"]:
        case.system_out = _legal(str(test["output"]))
    return case


def _trouble(image: str, name: str, text: str) -> TestCase:
    case = TestCase(_legal(name), _legal(image), 0.0)
    told = Error(_legal(text.partition("\n")[0]), "error")
    told.text = _legal(text)
    case.result = [told]
    return case


def _legal(text: str) -> str:
    r"""`text` with what XML cannot hold, or no eye would see, written as \xNN, \uNNNN or \UNNNNNNNN."""
    return _NO_XML.sub(lambda found: escape(ord(found[0])), text).translate(_LINES)
