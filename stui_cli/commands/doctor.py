"""`stui doctor`: what an image's agent lacks of stui protocol 1; without an image, what this machine lacks."""

from __future__ import annotations

import fnmatch
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

import click

from stui_cli.commands.tls_options import terms_of, tls_options
from stui_cli.contract.finding import FINDING, LISTED, finding_item
from stui_cli.global_options import complete_image
from stui_cli.invocation import Invocation, Purpose, command
from stui_cli.model.errors import NotPermitted, StuiError, TooLate, UsageProblem
from stui_cli.model.exits import Exit
from stui_cli.model.images import Image
from stui_cli.model.results import OutputMode, Result
from stui_cli.option_types import Duration
from stui_cli.work.workbench import known_image

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from stui_cli.conformance.case import Case
    from stui_cli.conformance.run import Outcome
    from stui_cli.conformance.verdicts import Verdict
    from stui_cli.model.results import Item
    from stui_cli.protocol.vitals import Greeting
    from stui_cli.work.workbench import Workbench


def examine(
    bench: Workbench,
    image: Image,
    cases: Sequence[Case],
    case_s: float,
    on_outcome: Callable[[object], None],
    silences: list[StuiError],
) -> list[Item]:
    """Run the conformance cases against `image`; that it stopped to answer anybody is added to `silences`. Raises
    Unreachable if nobody listens there, NotPermitted and OtherImage where the rest of stui would not speak with who
    answers."""
    from stui_cli.conformance.run import run_conformance

    def admit(greeting: Greeting) -> None:
        _admit(image, greeting)

    def fell_silent() -> None:
        silences.append(
            TooLate(
                f"{image.name} does not answer: the other cases are left out",
                todo="its process is stopped, or something in it never ends: look at it, or at its log",
                image=image.name,
            )
        )

    outcomes = run_conformance(
        image,
        bench.store.read().client_id,
        cases,
        case_s=case_s,
        contact_s=bench.timeout,
        on_greeting=admit,
        on_outcome=on_outcome,
        on_silence=fell_silent,
    )
    return [_outcome_item(outcome) for outcome in outcomes]


def _admit(image: Image, greeting: Greeting) -> None:
    """The checks of `image.contact`: code must not run in an image that is not the one meant."""
    from stui_cli.image.contact import OtherImage

    if image.image_id is not None and greeting.image_id != image.image_id:
        raise OtherImage(image, greeting.image_id)
    if image.key_file is not None and greeting.auth == "none":
        raise NotPermitted(
            f"{image.address} asks for no key, and one was given for it",
            todo="leave out the key if that is right, or look which agent listens there",
        )


def this_machine(bench: Workbench, environ: Mapping[str, str]) -> list[Item]:
    """What stui needs of this machine, and what it can use."""
    from stui_cli.work.surroundings import looks

    seen = [finding_item(look.of, look.what, look.verdict, look.wanted, look.found) for look in looks(bench)]
    return [*_store(bench), *seen, *_programs(environ), *_places(environ)]


def _store(bench: Workbench) -> Iterator[Item]:
    """Whether the store can be read, and every file of it that is damaged, with what repair would do about it."""
    try:
        state = bench.store.read()
        damage = bench.store.damage()
    except StuiError as error:
        yield finding_item("store", "readable", "failed", "a store that can be read", f"{error.what}: {error.todo}")
        return
    yield finding_item("store", "readable", "passed", None, f"{len(state.images)} images registered")
    for found in damage:
        told = f"{found.where}: {found.reason}"
        yield finding_item("store", str(found.kind), "failed", f"stui doctor --repair: {found.remedy}", told)


def repair(bench: Workbench) -> Result:
    """Mend the store from its operation log, as an operation; what is damaged is set aside, never deleted."""
    repaired = bench.store.repair()
    items = [finding_item("store", str(found.kind), "repaired", found.remedy, found.where) for found in repaired.damage]
    lines = list(repaired.done) or ["nothing is damaged"]
    notes = [f"recorded as operation {repaired.operation.number}: stui log"] if repaired.operation else []
    return Result(FINDING, items, LISTED, text="\n".join(lines), notes=notes)


def _programs(environ: Mapping[str, str]) -> Iterator[Item]:
    import shutil

    from stui_cli.local.dialects import DIALECTS

    version = ".".join(map(str, sys.version_info[:3]))
    yield finding_item(
        "machine", "python", "passed" if sys.version_info >= (3, 11) else "failed", "3.11 or newer", version
    )
    for row in (row for row in DIALECTS.values() if row.embedded):
        yield finding_item(
            "machine", row.name, "passed", None, f"{row.packages}: stui images launch --dialect {row.name} NAME"
        )
    others = [row for row in DIALECTS.values() if not row.embedded]
    uses = {row.program: f"to launch {row.title} images ({row.packages})" for row in others} | {
        "ssh": "to reach images at ssh:// addresses (openssh-client)",
        "fzf": "to pick images and sessions from a list",
    }
    for program, use in uses.items():
        found = shutil.which(program, path=environ.get("PATH"))
        yield finding_item(
            "machine", program, "passed" if found else "skipped", None, found or f"not on the PATH; {use}"
        )


def _places(environ: Mapping[str, str]) -> Iterator[Item]:
    """The folder of the runtime files; it is looked at, not made."""
    import os
    import stat

    from stui_cli.local.runtime_files import runtime_directory

    folder = runtime_directory(environ)
    wanted = "a folder of this user that nobody else can enter"
    try:
        found = folder.lstat()
    except FileNotFoundError:
        yield finding_item("machine", "runtime folder", *_of_missing(folder))
        return
    except OSError as error:
        yield finding_item("machine", "runtime folder", "failed", wanted, f"{folder}: {error.strerror}")
        return
    private = os.name != "posix" or not stat.S_IMODE(found.st_mode) & 0o077
    owned = not hasattr(os, "getuid") or found.st_uid == os.getuid()
    good = stat.S_ISDIR(found.st_mode) and owned and private
    told = f"{folder}, mode {stat.S_IMODE(found.st_mode):04o}"
    yield finding_item("machine", "runtime folder", "passed" if good else "failed", wanted, told)


def _of_missing(folder: Path) -> tuple[str, str, str]:
    """Whether a folder that is not there can be made, as it is by the first launch: not in one that is somebody else's
    (XDG_RUNTIME_DIR after su), or of nobody."""
    import os

    above = next(parent for parent in folder.parents if parent.exists())
    if above.is_dir() and os.access(above, os.W_OK | os.X_OK) and _is_ours_or_shared(above):
        return "passed", "a folder that can be made", f"{folder} is made at the first launch"
    wanted = "a folder of this user: set XDG_RUNTIME_DIR to one, or unset it"
    return "failed", wanted, f"{folder} cannot be made: {above} is not this user's to write to"


def _is_ours_or_shared(folder: Path) -> bool:
    import os
    import stat

    found = folder.stat()
    return not hasattr(os, "getuid") or found.st_uid == os.getuid() or bool(found.st_mode & stat.S_ISVTX)


def _outcome_item(outcome: Outcome) -> Item:
    verdict, expected, got = _words(outcome.verdict)
    case = outcome.case
    return finding_item(case.request, case.name, verdict, expected, got, rule=case.shows, elapsed_ms=outcome.elapsed_ms)


def _words(verdict: Verdict) -> tuple[str, str | None, str | None]:
    """The verdict, what was expected, and what was got."""
    from stui_cli.conformance.verdicts import Deviated, Passed, Skipped, Warned

    match verdict:
        case Passed():
            return "passed", None, None
        case Deviated(expected, got):
            return "failed", expected, got
        case Skipped(why):
            return "skipped", None, why
        case Warned(expected, got):
            return "warning", expected, got
        case _:
            assert_never(verdict)


def report(items: Sequence[Item], *, whole: bool, seconds: float) -> Result:
    """The verdicts as a result; only what did not pass unless `whole`."""
    words = ("passed", "failed", "skipped", "warning")
    counts = {word: sum(item["verdict"] == word for item in items) for word in words}
    told = ", ".join(f"{count} {word}" for word, count in counts.items() if count or word == "passed")
    told += "s" if counts["warning"] > 1 else ""
    return Result(
        FINDING,
        [item for item in items if whole or item["verdict"] != "passed"],
        LISTED,
        notes=[f"{len(items)} checks in {seconds:.1f} s: {told}"],
        exit_code=Exit.PARTLY_DONE if counts["failed"] else Exit.DONE,
    )


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


@command("finding", name="doctor", heeds_settings=False)
@click.argument("name", metavar="[IMAGE]", required=False, shell_complete=complete_image)
@click.option("--address", metavar="ADDRESS", help="Check the agent at ADDRESS, registered or not.")
@click.option("--key-file", type=click.Path(path_type=Path), help="With --address: the file with its keys.")
@click.option("--key-id", help="With --key-file: which key of it (the first).")
@tls_options
@click.option("--case", "patterns", multiple=True, metavar="GLOB", help="Only these: REQUEST or REQUEST/CASE.")
@click.option("--repair", "mend", is_flag=True, help="Mend the store: restore its newest sound state.")
@click.option(
    "--case-timeout", type=Duration(least=1), default="10s", show_default=True, help="How long one case may take."
)
def cli(
    invocation: Invocation,
    name: str | None,
    address: str | None,
    key_file: Path | None,
    key_id: str | None,
    patterns: tuple[str, ...],
    mend: bool,
    case_timeout: int,
    **tls: str | None,
) -> int:
    """Check the agent of IMAGE against stui protocol 1, case by case; without IMAGE, check this machine.

    The cases work in sessions of their own, which they remove. Shown is what did not pass; -v shows all. Exits with
    8 if a case failed, 5 if nobody listens. A warning is a defect that this version of the Smalltalk is known for: no
    agent can mend it. Every file of the store is read and held against the others; --repair sets aside what is damaged
    and restores the newest sound state from the operation log, as an operation.
    """
    if mend:
        if address or name or patterns:
            raise UsageProblem("--repair is about the store", todo="stui doctor --repair")
        invocation.purpose = Purpose.ACT
        return invocation.show(repair(invocation.bench))
    if address and name:
        raise UsageProblem("both an image and --address are given", todo="name one of them")
    if (key_file or key_id) and not address:
        raise UsageProblem("--key-file and --key-id belong to --address", todo="a registered image has its own key")
    if any(tls.values()) and not address:
        raise UsageProblem("options of tls:// belong to --address", todo="a registered image has its own terms")
    bench = invocation.bench
    whole = bool(invocation._options.get("verbose")) or invocation.mode in (OutputMode.JSON, OutputMode.JSONL)
    started = time.monotonic()
    name = name or invocation.asked.image
    if address:
        from stui_cli.model.addresses import format_address, parse_address
        from stui_cli.work.images.tls import sound_terms

        wanted = format_address(parse_address(address))
        keys = str(key_file.absolute()) if key_file else None
        target = sound_terms(Image(wanted, wanted, 0, key_file=keys, key_id=key_id, **terms_of(tls)._asdict()))
    elif name:
        target = known_image(bench.store.read(), name)
    elif patterns:
        raise UsageProblem("--case chooses among the cases of an image", todo=f"stui doctor IMAGE --case {patterns[0]}")
    else:
        items = this_machine(bench, invocation.environ)
        return invocation.show(report(items, whole=True, seconds=time.monotonic() - started))
    from stui_cli.output.progress import Progress

    cases = chosen(patterns)
    silences: list[StuiError] = []
    with Progress(invocation.screen, len(cases), "cases tried") as progress:
        items = examine(bench, target, cases, case_timeout / 1000, lambda _: progress.step(), silences)
    result = report(items, whole=whole, seconds=time.monotonic() - started)
    return invocation.show(result._replace(errors=silences))
