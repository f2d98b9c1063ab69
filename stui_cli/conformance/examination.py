"""An image held against the cases: which of them, whom to speak with, and when it is no use to go on."""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING

from stui_cli.conformance.run import run_conformance
from stui_cli.image.contact import OtherImage
from stui_cli.model.errors import NotPermitted, StuiError, TooLate, UsageProblem

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stui_cli.conformance.case import Case
    from stui_cli.conformance.run import Outcome
    from stui_cli.model.images import Image
    from stui_cli.protocol.greeting import Greeting


def chosen(patterns: Sequence[str]) -> list[Case]:
    """The cases, those of known defects too, whose request, or request/case, matches one of `patterns`; all without
    patterns."""
    from stui_cli.conformance.defects import DEFECT_CASES
    from stui_cli.conformance.table import CASES

    found = [
        case
        for case in (*CASES, *DEFECT_CASES)
        if not patterns
        or any(fnmatch.fnmatchcase(name, p) for p in patterns for name in (case.request, f"{case.request}/{case.name}"))
    ]
    if not found:
        raise UsageProblem(
            f"no case matches {' or '.join(patterns)}", todo="see the names with: stui doctor IMAGE -o name -v"
        )
    return found


def examine(
    image: Image,
    client_id: str,
    cases: Sequence[Case],
    *,
    case_s: float,
    contact_s: float,
    on_outcome: Callable[[object], None],
    silences: list[StuiError],
) -> list[Outcome]:
    """Run the conformance cases against `image`; that it stopped to answer anybody is added to `silences`. Raises
    Unreachable if nobody listens there, NotPermitted and OtherImage where the rest of stui would not speak with who
    answers."""

    def fell_silent() -> None:
        silences.append(
            TooLate(
                f"{image.name} does not answer: the other cases are left out",
                todo="its process is stopped, or something in it never ends: look at it, or at its log",
                image=image.name,
            )
        )

    return run_conformance(
        image,
        client_id,
        cases,
        case_s=case_s,
        contact_s=contact_s,
        on_greeting=lambda greeting: _admit(image, greeting),
        on_outcome=on_outcome,
        on_silence=fell_silent,
    )


def _admit(image: Image, greeting: Greeting) -> None:
    """The checks of `image.contact`: code must not run in an image that is not the one meant."""
    if image.image_id is not None and greeting.image_id != image.image_id:
        raise OtherImage(image, greeting.image_id)
    if image.key_file is not None and greeting.auth == "none":
        raise NotPermitted(
            f"{image.address} asks for no key, and one was given for it",
            todo="leave out the key if that is right, or look which agent listens there",
        )
