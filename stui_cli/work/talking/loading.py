"""A file of source in one image: sent whole, taken apart there, and recorded like an evaluation."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from stui_cli.protocol.code import LoadSource, Piece, Progressed
from stui_cli.protocol.evaluation import Evaluation
from stui_cli.protocol.faults import Mistyped
from stui_cli.protocol.fields import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stui_cli.image.client import Client
    from stui_cli.image.exchange import Moment, News
    from stui_cli.model.deadlines import Deadline
    from stui_cli.model.errors import StuiError
    from stui_cli.work.talking.evaluate import Workplace

LOAD = "load"


class LoadWish(NamedTuple):
    """How a file is loaded: `form` is chunks, brackets, tonel, statements or auto; `time_s` for all of it; `stops` at
    the first piece that fails."""

    form: str
    time_s: float
    stops: bool


def load_source(
    workplace: Workplace,
    text: str,
    name: str | None,
    wish: LoadWish,
    on_output: Callable[[str], None] | None = None,
    on_progress: Callable[[Progressed], None] | None = None,
) -> list[Piece]:
    """Load `text`, which is called `name`; what came of each piece. Failures as for `Workplace.evaluate`: of one that
    was stopped at its limit `pieces_of` tells what was done by then."""
    request = LoadSource(workplace.session_id, text, name, wish.form, wish.stops, round(wish.time_s * 1000))

    def on_news(news: News) -> None:
        if isinstance(news, Progressed) and on_progress is not None:
            on_progress(news)

    def send(
        client: Client, deadline: Deadline, moments: Sequence[Moment], listener: Callable[[str], None]
    ) -> list[Piece]:
        return client.call_list(request, Piece, deadline, listener, moments, on_news)

    return workplace.perform(LOAD, text, wish.time_s, send, summed_up, on_output)


def summed_up(pieces: Sequence[Piece]) -> Evaluation:
    """All the pieces as one evaluation, which is how a history keeps them: the first that failed decides."""
    output = "".join(piece.output or "" for piece in pieces)
    failed = next((piece for piece in pieces if piece.outcome != "returned"), None)
    if failed is None:
        return Evaluation("returned", None, None, output, 0)
    began = len(pieces) > 1 or failed.outcome == "raised"
    return Evaluation("raised" if began else "not_run", None, failed.error, output, 0)


def pieces_of(error: StuiError) -> list[Piece]:
    """What an image tells of a load that was stopped: the pieces that were done. None where it tells nothing."""
    told = error.details.get("pieces") if isinstance(error.details, dict) else None
    pieces: list[Piece] = []
    with suppress(Mistyped):
        for each in told if isinstance(told, list) else ():
            pieces.append(parse(Piece, each))
    return pieces
