"""Files of source into one image or many: one after the other over one connection, in all images at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stui_cli.contract.evaluation import error_item, value_item
from stui_cli.contract.piece import piece_item
from stui_cli.image.fan_out import Fan
from stui_cli.model.errors import StuiError
from stui_cli.work.code.talking import Talking
from stui_cli.work.talking.evaluate import open_workplace, printed
from stui_cli.work.talking.loading import LOAD, LoadWish, load_source, pieces_of
from stui_cli.work.talking.reach import make_ways

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from stui_cli.model.names import Target
    from stui_cli.protocol.code import Piece, Progressed
    from stui_cli.work.code.files import SourceFile
    from stui_cli.work.talking.evaluate import Workplace
    from stui_cli.work.workbench import Workbench


@dataclass(frozen=True)
class FileLoad:
    """What came of one file in one image: its pieces, and the failure that ended it, if it was not one of a piece. One
    that was not `sent`, since another had failed before, has neither."""

    target: Target
    file: SourceFile
    pieces: Sequence[Piece] = ()
    failure: StuiError | None = None
    sent: bool = True

    @property
    def failed(self) -> list[Piece]:
        """The pieces that did not do their work."""
        return [piece for piece in self.pieces if piece.outcome != "returned"]

    @property
    def is_done(self) -> bool:
        return self.sent and self.failure is None and not self.failed


@dataclass
class Loads:
    """What came of all files in one image; `failure` where there was no conversation at all."""

    target: Target
    files: list[FileLoad] = field(default_factory=list)
    failure: StuiError | None = None


def load_files(
    bench: Workbench,
    target: Target,
    files: Sequence[SourceFile],
    wish: LoadWish,
    on_output: Callable[[str], None] | None = None,
    on_progress: Callable[[SourceFile, Progressed | None], None] | None = None,
    on_open: Callable[[Workplace], None] | None = None,
) -> Loads:
    """Load the files in order. Raises StuiError where the image cannot be talked with; what goes wrong from then on is
    part of what came of it."""
    loads = Loads(target)
    with open_workplace(bench, target) as workplace:
        if on_open is not None:
            on_open(workplace)
        loads.files += _loaded(workplace, files, wish, on_output, on_progress)
    return loads


def load_everywhere(
    bench: Workbench,
    targets: Sequence[Target],
    files: Sequence[SourceFile],
    wish: LoadWish,
    on_done: Callable[[Loads], None],
) -> list[Loads]:
    """The same in many images at once, each for itself; in the order of `targets`. An interrupt is passed on to all."""
    bench.store.settings()
    talking = Talking(bench, targets, LOAD, "\n".join(file.name for file in files))

    def load(target: Target) -> Loads:
        try:
            return load_files(bench.allowing(), target, files, wish, on_open=talking.add)
        except StuiError as error:
            return Loads(target, failure=error.about(target.image, str(target)))

    fan = Fan(targets, load)
    with talking:
        make_ways(bench, [target.image for target in targets])
        fan.start()
        for _, loads in fan.arrivals():
            on_done(loads)
    return [fan.found[index] for index in range(len(targets))]


def piece_items(load: FileLoad) -> Iterator[dict[str, object]]:
    """The items of the pieces of a file."""
    for piece in load.pieces:
        value, error = piece.value, piece.error
        yield piece_item(
            load.target,
            load.file.name,
            piece.kind,
            piece.name,
            piece.line,
            piece.outcome,
            value=value and value_item(printed(value), value.class_name, None, truncated=value.truncated),
            error=error and error_item(error.class_name, error.message, error.line, error.column, error.stack),
            output=piece.output or "",
        )


def _loaded(
    workplace: Workplace,
    files: Sequence[SourceFile],
    wish: LoadWish,
    on_output: Callable[[str], None] | None,
    on_progress: Callable[[SourceFile, Progressed | None], None] | None,
) -> Iterator[FileLoad]:
    over = False
    for file in files:
        if over:
            yield FileLoad(workplace.target, file, sent=False)
            continue
        if on_progress is not None:
            on_progress(file, None)
        made = _one(workplace, file, wish, on_output, on_progress)
        over = made.failure is not None or (wish.stops and not made.is_done)
        yield made


def _one(
    workplace: Workplace,
    file: SourceFile,
    wish: LoadWish,
    on_output: Callable[[str], None] | None,
    on_progress: Callable[[SourceFile, Progressed | None], None] | None,
) -> FileLoad:
    def progress(news: Progressed) -> None:
        if on_progress is not None:
            on_progress(file, news)

    try:
        pieces = load_source(workplace, file.text, file.name, wish, on_output, progress)
    except StuiError as error:
        return FileLoad(workplace.target, file, pieces_of(error), error)
    return FileLoad(workplace.target, file, pieces)
