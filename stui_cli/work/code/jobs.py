"""What runs in images, as they tell it, and stopping it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stui_cli.contract.job import job_item
from stui_cli.image.fan_out import fan_out
from stui_cli.model.errors import NotFound, StoreProblem, StuiError
from stui_cli.named_tuples import NamedTuple
from stui_cli.protocol.code import ListEvaluations, RunningEvaluation, StopEvaluation, StoppedEvaluation
from stui_cli.work.talking.reach import make_ways, reach
from stui_cli.work.workbench import Workbench, known_image

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stui_cli.image.client import Client
    from stui_cli.model.images import Image


class Job(NamedTuple):
    """Something that runs in `image`, or waits to. `session` is its name here, None without one and for one of another
    client; `ours`: this user's own stui asked for it."""

    image: str
    id: str
    session: str | None
    session_id: str | None
    client_id: str | None
    ours: bool
    source: str
    method: str
    started_at: int | None
    elapsed_ms: int
    connected: bool


class Seen(NamedTuple):
    """What runs in the images that answered, and why the others did not."""

    jobs: list[Job]
    failures: list[StuiError]


class Interruption(NamedTuple):
    """What was told to end, and what had ended by itself before."""

    stopped: list[Job]
    over: list[Job]


def jobs_in(bench: Workbench, images: Sequence[Image]) -> Seen:
    """What runs in each of `images`, asked at once: of an admin's key all, else what this client asked for."""
    bench.store.settings()

    def ask(image: Image) -> list[Job] | StuiError:
        try:
            return _jobs_of(bench.allowing(), image)
        except StoreProblem:
            raise
        except StuiError as error:
            return error.about(image.name)

    make_ways(bench, [image.name for image in images])
    found = fan_out(images, ask)
    return Seen(
        [job for each in found if not isinstance(each, StuiError) for job in each],
        [each for each in found if isinstance(each, StuiError)],
    )


def interrupt(
    bench: Workbench, name: str, chosen: Sequence[str], may_stop: Callable[[Sequence[Job]], bool]
) -> Interruption:
    """Stop what `chosen` names in the image: ids, or sessions, which mean all that runs in them. Without any it is all
    that this client asked for there, if `may_stop` agrees.

    Raises NotFound for what is neither, StuiError where the image cannot be asked.
    """
    image = known_image(bench.store.read(), name)
    with reach(bench, bench.store.read(), image) as client:
        running = _told(bench, image, client)
        wanted = _meant(image, running, chosen) if chosen else [job for job in running if job.ours]
        if not chosen and not may_stop(wanted):
            return Interruption([], [])
        made = Interruption([], [])
        for job in wanted:
            answer = client.call(StopEvaluation(job.id), StoppedEvaluation, bench.deadline)
            (made.stopped if answer.stopped else made.over).append(job)
        _record(bench, made.stopped, client.role)
    return made


def job_item_of(job: Job) -> dict[str, object]:
    """A job for programs."""
    return job_item(
        job.image,
        job.id,
        session=job.session,
        session_id=job.session_id,
        client_id=job.client_id,
        ours=job.ours,
        method=job.method,
        source=job.source,
        started_at=job.started_at,
        elapsed_ms=job.elapsed_ms,
        connected=job.connected,
    )


def _meant(image: Image, running: Sequence[Job], chosen: Sequence[str]) -> list[Job]:
    meant: list[Job] = []
    for word in chosen:
        found = [job for job in running if job.id == word] or [job for job in running if job.session == word]
        if not found:
            raise NotFound(
                f"nothing that is called {word!r} runs in {image.name}",
                todo=f"see `stui jobs {image.name}`",
                image=image.name,
            )
        meant += [job for job in found if job not in meant]
    return meant


def _jobs_of(bench: Workbench, image: Image) -> list[Job]:
    with reach(bench, bench.store.read(), image) as client:
        return _told(bench, image, client)


def _told(bench: Workbench, image: Image, client: Client) -> list[Job]:
    state = bench.store.read()
    running = client.call_list(ListEvaluations(), RunningEvaluation, bench.deadline)
    kept = bench.store.sessions(state, client.greeting.image_id)
    names = {session.session_id: session.name for session in kept.values()}
    return [
        Job(
            image.name,
            each.evaluation_id,
            names.get(each.session_id) if each.session_id is not None else None,
            each.session_id,
            each.client_id,
            each.client_id in (None, state.client_id),
            each.source,
            each.method or "evaluate",
            each.started_at,
            each.elapsed_ms,
            each.connected,
        )
        for each in running
    ]


def _record(bench: Workbench, stopped: Sequence[Job], role: str) -> None:
    """A line of the audit log for each; where it cannot be written a warning says so."""
    from stui_cli.model.names import Target
    from stui_cli.work.talking.record import audit_line
    from stui_cli.work.talking.side_records import PATIENCE_S, side_record

    if not stopped:
        return
    at = bench.clock()
    with side_record(bench, "what was interrupted"):
        lines = [
            audit_line(bench, Target(job.image, job.session), at, "interrupt", "stopped", job.source, role)
            for job in stopped
        ]
        bench.store.record((), lines, patience=PATIENCE_S)
