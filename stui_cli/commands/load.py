"""`stui load`: files of source into an image, or into many."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stui_cli.commands.loads import loaded
from stui_cli.commands.many_images import many_targets
from stui_cli.global_options import complete_label
from stui_cli.invocation import Invocation, Purpose, command
from stui_cli.model.errors import UsageProblem
from stui_cli.model.exits import Exit
from stui_cli.option_types import FileName, TimeLimit, option
from stui_cli.work.meant.target import meant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stui_cli.model.names import Target
    from stui_cli.protocol.code import Progressed
    from stui_cli.work.code.files import SourceFile
    from stui_cli.work.code.load import Loads
    from stui_cli.work.talking.loading import LoadWish

FORMATS = ("auto", "chunks", "brackets", "tonel", "statements")
STANDARD_INPUT = "-"


def in_one_image(invocation: Invocation, files: Sequence[SourceFile], wish: LoadWish) -> list[Loads]:
    """Load into the image and session meant; a terminal sees how far it is, and what the code prints."""
    from stui_cli.model.results import OutputMode
    from stui_cli.output.transcript import live_output
    from stui_cli.work.code.load import load_files

    target = meant(invocation.bench, invocation.asked).target
    show = None if invocation.mode in (OutputMode.JSON, OutputMode.JSONL) else live_output(invocation.screen)
    at = -1
    try:
        with invocation.progress("loading", len(files)) as progress:

            def on_output(text: str) -> None:
                progress.make_room(text)
                if show is not None:
                    show(text)

            def on_progress(file: SourceFile, news: Progressed | None) -> None:
                nonlocal at
                at = files.index(file)
                of = f", piece {news.done} of {news.total} {news.doing or ''}" if news is not None else ""
                progress.tell(f"{file.name} ({len(file.text):,} characters){of}", at)

            return [load_files(invocation.bench, target, files, wish, on_output, on_progress)]
    except KeyboardInterrupt as interrupt:
        if at < 0:
            raise
        invocation.tell_interrupt(f" {interrupted_at([file.name for file in files], at)}")
        raise click.exceptions.Exit(Exit.INTERRUPTED) from interrupt


def interrupted_at(names: Sequence[str], at: int) -> str:
    """Which file an interrupt came in, and what is with those before and after it. How many pieces of it ran the image
    tells now and then, and not up to the last."""
    before, after = ", ".join(names[:at]), ", ".join(names[at + 1 :])
    told = [f"in {names[at]}", before and f"before it: {before}", after and f"not begun: {after}"]
    return "; ".join(filter(None, told))


def in_many_images(
    invocation: Invocation, targets: Sequence[Target], files: Sequence[SourceFile], wish: LoadWish
) -> list[Loads]:
    """Load into all of them at once."""
    from stui_cli.work.code.load import load_everywhere

    with invocation.progress("loaded into images", len(targets)) as progress:
        return load_everywhere(invocation.bench, targets, files, wish, lambda _: progress.step())


@command("piece", name="load", purpose=Purpose.ACT)
@click.argument("names", nargs=-1, metavar="FILE... | -", type=FileName())
@option("--all", "everywhere", is_flag=True, help="Into every image at once.")
@option("-l", "--label", "labels", multiple=True, metavar="KEY=VALUE", shell_complete=complete_label,
              help="Into every image with this label. May be repeated: all of them must fit.")  # fmt: skip
@option("--keep-going", is_flag=True, help="Go on after a piece or a file that fails; then it exits with 8.")
@option("--format", "form", type=click.Choice(FORMATS), default="auto", show_default=True,
              help="What the files are written in; auto looks at each.")  # fmt: skip
@option("--time-limit", type=TimeLimit(), default="5m", show_default=True, metavar="DURATION",
              help="Stop the load of a file after this time; it exits with 6.")  # fmt: skip
def cli(
    invocation: Invocation,
    names: tuple[str, ...],
    everywhere: bool,
    labels: tuple[str, ...],
    keep_going: bool,
    form: str,
    time_limit: int,
) -> int:
    """Load FILEs of source, or folders of them, into the current image and session, or into those that -i and -s name.

    Chunks (file-outs), the brackets of GNU Smalltalk, Tonel and statements are told apart by their content. The files
    of a folder are loaded in the order that they need: a superclass before what inherits from it, extensions last.

    Each piece is compiled whole before anything of it is installed: what did not compile has changed nothing. A piece
    that fails is told with file, line and column. Exits with 7 if one failed, 6 if a time limit was reached.
    """
    from stui_cli.standard_input import standard_input
    from stui_cli.work.code.files import source_files
    from stui_cli.work.talking.loading import LoadWish

    if not names:
        raise UsageProblem("no file is named", todo="stui load FILE..., or - for standard input")
    targets = many_targets(invocation, labels, everywhere=everywhere)
    files = source_files(names, standard_input() if STANDARD_INPUT in names else b"")
    if not files:
        raise UsageProblem(f"there are no files of source in {', '.join(names)}", todo="their names end with .st")
    wish = LoadWish(form, time_limit / 1000, not keep_going)
    loads = (
        in_one_image(invocation, files, wish) if targets is None else in_many_images(invocation, targets, files, wish)
    )
    return invocation.show(loaded(loads, stops=wish.stops))
