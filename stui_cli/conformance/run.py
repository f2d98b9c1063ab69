"""Running the cases against one image."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from stui_cli.conformance.bench import UNTOLD_ROLE, Bench, Surroundings
from stui_cli.conformance.case import Case, Needs
from stui_cli.conformance.defects import concerns
from stui_cli.conformance.shapes import fitting
from stui_cli.conformance.verdicts import (
    Deviated,
    Deviation,
    KnownDefect,
    NotHere,
    Passed,
    Skipped,
    Verdict,
    Warned,
)
from stui_cli.image.keys import read_key
from stui_cli.image.link import link_to
from stui_cli.model.deadlines import Deadline
from stui_cli.protocol.fields import method_of
from stui_cli.protocol.greeting import Greeting
from stui_cli.protocol.requests import TABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stui_cli.image.keys import Key
    from stui_cli.model.images import Image

CASE_S = 10.0
WHOLE_S = 300.0

# An image that lets so many cases in a row run out of time, and is then not heard when it is greeted, answers nobody:
# to try the rest would take minutes and show no more.
_SILENT_CASES = 2

# The requests that an agent may lack, if it says so.
_LATER = frozenset(method_of(row.request) for row in TABLE if row.later)

NOT_NAMED = "the agent does not name this request among its methods: it is older than this stui"


@dataclass(frozen=True)
class Outcome:
    """One case's verdict, and how long it took."""

    case: Case
    verdict: Verdict
    elapsed_ms: int


def run_conformance(
    image: Image,
    client_id: str,
    cases: Sequence[Case],
    *,
    case_s: float = CASE_S,
    whole_s: float = WHOLE_S,
    contact_s: float | None = None,
    on_greeting: Callable[[Greeting], None] | None = None,
    on_outcome: Callable[[Outcome], None] | None = None,
    on_silence: Callable[[], None] | None = None,
) -> list[Outcome]:
    """Run `cases` one after the other; each may take `case_s` seconds, all together `whole_s`.

    The first contact may take `contact_s`, by default as long as a case. An agent that hangs in some cases costs one
    deadline for each; when the whole is over, or when the image answers nobody any more, the rest is skipped; of the
    latter `on_silence` hears. `on_greeting` may refuse an image by raising before anything is asked of it. Raises
    Unreachable if nobody listens, NotPermitted for a key file that cannot be used.
    """
    key, keys = _keys(image)
    deadline = Deadline.after(contact_s or case_s)
    link_to(image, deadline).close()
    run_id = f"{client_id}-doctor-{uuid.uuid4().hex[:8]}"
    surroundings = _met(Surroundings(image, run_id, key, keys), deadline, on_greeting)
    over = Deadline.after(whole_s)
    outcomes = []
    unheard = 0
    for case in cases:
        if not concerns(case, surroundings.greeting):
            continue
        started = time.perf_counter()
        if over.passed:
            verdict: Verdict = Skipped(f"the time of the whole, {whole_s:g} s, was over")
        elif unheard == _SILENT_CASES:
            verdict = Skipped("the image does not answer any more")
        else:
            allowed = Deadline.after(min(case_s, over.remaining()))
            verdict = _verdict(case, surroundings, allowed)
            unheard = unheard + 1 if allowed.passed else 0
            if unheard == _SILENT_CASES:
                if _greets(surroundings, Deadline.after(contact_s or case_s)):
                    unheard = 0
                elif on_silence is not None:
                    on_silence()
        outcome = Outcome(case, verdict, round((time.perf_counter() - started) * 1000))
        outcomes.append(outcome)
        if on_outcome is not None:
            on_outcome(outcome)
    return outcomes


def _verdict(case: Case, surroundings: Surroundings, deadline: Deadline) -> Verdict:
    why = _missing(case.needs, surroundings) or _unnamed(case, surroundings.greeting)
    if why:
        return Skipped(why)
    bench = Bench(surroundings, deadline)
    try:
        case.steps(bench)
    except Deviation as deviation:
        return Deviated(deviation.expected, deviation.got)
    except KnownDefect as defect:
        return Warned(defect.expected, defect.got)
    except NotHere as reason:
        return Skipped(str(reason))
    finally:
        bench.close()
    return Passed()


def _missing(needs: Needs, surroundings: Surroundings) -> str:
    """Why a case of these needs cannot be tried; empty if it can."""
    greeting, role = surroundings.greeting, surroundings.role
    match needs:
        case Needs.NOTHING:
            return ""
        case Needs.OBSERVER:
            return "" if role else "needs a conversation that is let in, and none was: see hello and authenticate"
        case Needs.DEVELOPER:
            if role in ("developer", "admin", UNTOLD_ROLE):
                return ""
            return "needs the developer role" if role else "needs a conversation that is let in, and none was"
        case Needs.KEY:
            if greeting is not None and greeting.auth == "none":
                return "is about keys, and this agent asks for none"
            return "" if surroundings.key else "needs the image's key"
        case _:
            assert_never(needs)


def _unnamed(case: Case, greeting: Greeting | None) -> str:
    """Why a case of a request that not every agent has cannot be tried; empty if it can."""
    lacks = greeting is not None and case.request in _LATER and case.request not in (greeting.methods or ())
    return NOT_NAMED if lacks else ""


def _met(
    surroundings: Surroundings, deadline: Deadline, on_greeting: Callable[[Greeting], None] | None
) -> Surroundings:
    """The surroundings with what a first conversation shows. What goes wrong in it is left to the cases."""
    bench = Bench(surroundings, deadline)
    try:
        greeting = fitting(Greeting, bench.connect().result("hello", bench.hello()))
        surroundings = replace(surroundings, greeting=greeting)
        if on_greeting is not None:
            on_greeting(greeting)
        return replace(surroundings, role=bench.let_in(0, surroundings.key)[1])
    except (Deviation, NotHere):
        return surroundings
    finally:
        bench.close()


def _greets(surroundings: Surroundings, deadline: Deadline) -> bool:
    """Whether the image answers a greeting at all."""
    bench = Bench(surroundings, deadline)
    try:
        bench.connect().result("hello", bench.hello())
    except (Deviation, NotHere):
        return not deadline.passed
    finally:
        bench.close()
    return True


def _keys(image: Image) -> tuple[Key | None, dict[str, Key]]:
    """The key that the image means, and one per role of those in the same file."""
    if image.key_file is None:
        return None, {}
    key = read_key(image.key_file, image.key_id)
    text = Path(image.key_file).read_text(encoding="ascii")
    lines = [line.split() for line in text.splitlines() if not line.startswith("#")]
    known = [read_key(image.key_file, words[0]) for words in lines if len(words) == 3]
    return key, {found.role: found for found in reversed(known)}
