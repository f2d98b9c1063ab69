"""`stui images logs`: what an image that was launched here has printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stui_cli.contract.log_line import LISTED, LOG_LINE, log_line_item
from stui_cli.global_options import complete_image
from stui_cli.invocation import Invocation, command, discard_output
from stui_cli.model.errors import UsageProblem
from stui_cli.model.exits import Exit
from stui_cli.model.results import OutputMode, Result
from stui_cli.option_types import Whole, option

if TYPE_CHECKING:
    from pathlib import Path

    from stui_cli.local.log_file import LogPart

_USUAL, _MOST = 100, 100_000


def lines_result(name: str, path: Path, part: LogPart) -> Result:
    """The lines as they are; foreign text, which is made visible where it is printed."""
    warnings = [f"the lines before these are left out: see {path}"] if part.cut else []
    items = [log_line_item(name, line) for line in part.lines]
    text = "\n".join(part.lines) + "\n" if part.lines else None
    return Result(LOG_LINE, items, LISTED, text=text, warnings=warnings, empty=f"{name} has printed nothing")


def _follow(invocation: Invocation, name: str, path: Path, count: int) -> int:
    """Go on until Ctrl-C, which is the way to end it and no failure."""
    from stui_cli.local.log_file import followed

    if invocation.mode is OutputMode.JSON:
        raise UsageProblem("a document has an end, and -f has none", todo="-o jsonl: a line for each")
    first = True
    try:
        for part in followed(path, count):
            result = lines_result(name, path, part)
            if part.lines or first:
                invocation.show(result if first else result._replace(empty=""), more=True, begun=not first)
            first = False
    except KeyboardInterrupt:
        discard_output()  # each part was flushed: what one cut off has left may stand there already
    return int(Exit.DONE)


@command("log_line", name="logs")
@click.argument("name", required=False, shell_complete=complete_image)
@option("-n", "--lines", "count", type=Whole(1, _MOST), metavar="N", default=_USUAL, show_default=True,
              help="The last so many lines.")  # fmt: skip
@option("-f", "--follow", is_flag=True, help="Go on with what is added, until Ctrl-C.")
def cli(invocation: Invocation, name: str | None, count: int, follow: bool) -> int:
    """Show what the image NAME, or the current one, has printed: of an image that `stui images launch` started.

    Of a long log the last MiB is read. With -f it goes on over a restart of the image. Codes that would steer a
    terminal are shown and not obeyed.
    """
    from stui_cli.local.log_file import last_lines
    from stui_cli.work.images.logs import log_of
    from stui_cli.work.meant.target import meant

    bench = invocation.bench
    name = name or meant(bench, invocation.asked).target.image
    path = log_of(bench, name)
    if follow:
        return _follow(invocation, name, path, count)
    return invocation.show(lines_result(name, path, last_lines(path, count)))
