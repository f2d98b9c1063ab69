"""`stui doctor`: what an image's agent lacks of stui protocol 1; without an image, what this machine lacks."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

import click

from stui_cli.commands.tls_options import terms_of, tls_options
from stui_cli.contract.finding import FINDING, LISTED, LOOKED_AT, finding_item
from stui_cli.global_options import complete_image
from stui_cli.invocation import Invocation, Purpose, command
from stui_cli.model.errors import StuiError, UsageProblem
from stui_cli.model.exits import Exit
from stui_cli.model.images import Image
from stui_cli.model.results import OutputMode, Result
from stui_cli.option_types import Duration, option
from stui_cli.work.workbench import known_image

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stui_cli.conformance.run import Outcome
    from stui_cli.conformance.verdicts import Verdict
    from stui_cli.model.results import Item
    from stui_cli.work.workbench import Workbench


def repair(bench: Workbench) -> Result:
    """Mend the store from its operation log, as an operation; what is damaged is set aside, never deleted."""
    repaired = bench.store.repair()
    items = [finding_item("store", str(found.kind), "repaired", found.remedy, found.where) for found in repaired.damage]
    lines = list(repaired.done) or ["nothing is damaged"]
    notes = [f"recorded as operation {repaired.operation.number}: stui log"] if repaired.operation else []
    return Result(FINDING, items, LISTED, text="\n".join(lines), notes=notes)


def this_machine(invocation: Invocation) -> list[Item]:
    """What stui needs of this machine, and what it can use. Without -v it may be shown to strangers."""
    from stui_cli.work.checkup.around import Terminal
    from stui_cli.work.checkup.looking import look_around
    from stui_cli.work.checkup.places import Places

    screen = invocation.screen
    terminal = Terminal(screen.on_terminal, screen.width, screen.out.encoding or "utf-8", screen.color_out)
    with invocation.holding_announcements() as held:
        bench = invocation.bench_for(read_only=True)
        seen = look_around(bench, terminal, names=invocation.verbose)
        held[:] = map(Places(invocation.environ, bench.store.home.team).without_values, held)
    return [finding_item(each.of, each.what, each.verdict, each.wanted, each.found, todo=each.todo) for each in seen]


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
    """The verdicts as a result; only what did not pass unless `whole`. What to do next is told below the table, where a
    command stands whole in its line."""
    words = ("passed", "failed", "skipped", "warning")
    counts = {word: sum(item["verdict"] == word for item in items) for word in words}
    told = ", ".join(f"{count} {word}" for word, count in counts.items() if count or word == "passed")
    told += "s" if counts["warning"] > 1 else ""
    amiss = [item for item in items if item["verdict"] in ("failed", "warning") and item["todo"]]
    return Result(
        FINDING,
        [item for item in items if whole or item["verdict"] != "passed"],
        LISTED,
        notes=[
            *(f"{item['request']}/{item['case']}: {item['todo']}" for item in amiss),
            f"{len(items)} checks in {seconds:.1f} s: {told}",
        ],
        exit_code=Exit.PARTLY_DONE if counts["failed"] else Exit.DONE,
    )


def the_agent(invocation: Invocation, target: Image, patterns: Sequence[str], case_timeout: int) -> Result:
    """The cases that match `patterns`, each run against the agent of `target` for `case_timeout` ms at most."""
    from stui_cli.conformance.examination import chosen, examine

    started = time.monotonic()
    cases = chosen(patterns)
    silences: list[StuiError] = []
    with invocation.progress("cases tried", len(cases)) as progress:
        outcomes = examine(
            target,
            invocation.bench.store.read().client_id,
            cases,
            case_s=case_timeout / 1000,
            contact_s=invocation.bench.timeout,
            on_outcome=lambda _: progress.step(),
            silences=silences,
        )
    whole = invocation.verbose or invocation.mode in (OutputMode.JSON, OutputMode.JSONL)
    items = [_outcome_item(each) for each in outcomes]
    return report(items, whole=whole, seconds=time.monotonic() - started)._replace(errors=silences)


def agent_at(address: str, key_file: Path | None, key_id: str | None, tls: Mapping[str, str | None]) -> Image:
    """Who is registered nowhere, as an image to be spoken with. Raises UsageProblem for what cannot be meant."""
    from stui_cli.model.addresses import format_address, parse_address
    from stui_cli.work.images.tls import sound_terms

    wanted = format_address(parse_address(address))
    keys = str(key_file.absolute()) if key_file else None
    return sound_terms(Image(wanted, wanted, 0, key_file=keys, key_id=key_id, **terms_of(tls)._asdict()))


@command("finding", name="doctor", heeds_settings=False)
@click.argument("name", metavar="[IMAGE]", required=False, shell_complete=complete_image)
@option("--address", metavar="ADDRESS", help="Check the agent at ADDRESS, registered or not.")
@option("--key-file", type=click.Path(path_type=Path), help="With --address: the file with its keys.")
@option("--key-id", help="With --key-file: which key of it (the first).")
@tls_options
@option("--case", "patterns", multiple=True, metavar="GLOB", help="Only these: REQUEST or REQUEST/CASE.")
@option("--repair", "mend", is_flag=True, help="Mend the store: restore its newest sound state.")
@option("--case-timeout", type=Duration(least=1), default="10s", show_default=True, help="How long one case may take.")
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
    agent can mend it.

    Of this machine are looked at: the store, every file of which is read and held against the others, settings, disk,
    keys and addresses of the images, launched images that do not run, Python, Smalltalks, ssh, TLS, completion, manual
    and terminal. Nothing is changed and nobody beyond this machine is asked. What is amiss is told with a command that
    mends it; a warning fails nothing, with a failure it exits with 8. The report may be pasted: it names neither you
    nor this machine, its images nor where they are; -v names images and their files, to mend them.

    --repair sets aside what is damaged in the store, and restores the newest sound state from the operation log, as an
    operation.
    """
    name = name or invocation.asked.image
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
    if address:
        target = agent_at(address, key_file, key_id, tls)
    elif name:
        target = known_image(invocation.bench.store.read(), name)
    elif patterns:
        raise UsageProblem("--case chooses among the cases of an image", todo=f"stui doctor IMAGE --case {patterns[0]}")
    else:
        started = time.monotonic()
        items = this_machine(invocation)
        return invocation.show(_in_order(invocation, report(items, whole=True, seconds=time.monotonic() - started)))
    return invocation.show(_in_order(invocation, the_agent(invocation, target, patterns, case_timeout)))


def _in_order(invocation: Invocation, result: Result) -> Result:
    """With what was found before what should be, in a table that may have no room for both."""
    return result._replace(columns=LOOKED_AT) if invocation.screen.tabular else result
