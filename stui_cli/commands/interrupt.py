"""`stui interrupt`: stop what runs in an image."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stui_cli.commands.one_by_one import one_by_one
from stui_cli.contract.job import JOB
from stui_cli.global_options import complete_target
from stui_cli.invocation import Invocation, Purpose, command
from stui_cli.model.errors import UsageProblem
from stui_cli.model.results import Result
from stui_cli.model.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from stui_cli.work.code.jobs import Job


def by_image(words: Iterable[str]) -> dict[str, list[str]]:
    """What is to be stopped in each image. IMAGE/ID stands for itself; a word after an image that is no other one's is
    an id there, or a session."""
    found: dict[str, list[str]] = {}
    last: str | None = None
    for word in words:
        image, slash, id_ = word.partition("/")
        if slash:
            found.setdefault(image, []).append(id_)
        elif last is None:
            found.setdefault(last := word, [])
        else:
            found[last].append(word)
    return found


@command("job", name="interrupt", purpose=Purpose.ACT)
@click.argument("words", nargs=-1, metavar="[IMAGE [ID]... | IMAGE/ID...]", shell_complete=complete_target)
def cli(invocation: Invocation, words: tuple[str, ...]) -> int:
    """Stop what runs in IMAGE: the evaluations of these ids (`stui jobs` lists them), or what runs in the sessions
    named. Without any it is all that this stui asked for there, after a question if that is several.

    Whoever waits for the answer is told that it was interrupted. What it did until then stays done.
    """
    from stui_cli.work.code.jobs import interrupt, job_item_of

    asked = invocation.asked
    if not words and asked.image:
        words = (f"{asked.image}/{asked.session}" if asked.session else asked.image,)
    if not words:
        raise UsageProblem("no image is named", todo="stui interrupt IMAGE [ID]; `stui jobs` lists what runs")

    def may_stop(jobs: Sequence[Job]) -> bool:
        return len(jobs) < 2 or invocation.confirm(f"{len(jobs)} run in {jobs[0].image}; stop them all?")

    bench = invocation.bench
    several = one_by_one(
        by_image(words).items(), lambda pair: (pair[0], interrupt(bench.allowing(), pair[0], pair[1], may_stop))
    )
    stopped = [job for _, made in several.done for job in made.stopped]
    lines = [f"interrupted {job.image}/{visible(job.id)}: {' '.join(job.source.split())}" for job in stopped]
    lines += [f"{job.image}/{visible(job.id)} had ended already" for _, made in several.done for job in made.over]
    lines += [f"nothing of yours was stopped in {image}" for image, made in several.done if not any(made)]
    return invocation.show(
        Result(
            JOB,
            [job_item_of(job) for job in stopped],
            text="\n".join(lines),
            errors=several.failures,
            exit_code=several.exit_code,
        )
    )
