"""Where output goes and in what dress: decided once from the streams, the environment and the options."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, Final, TextIO

from stui_cli.model.colors import environments_color
from stui_cli.model.results import OutputMode
from stui_cli.model.times import now_ms
from stui_cli.output.selection import EVERYTHING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from stui_cli.output.looks import Tone
    from stui_cli.output.selection import Selection

# A terminal that does not tell its width, as POSIX's tput assumes.
_WIDTH: Final = 80


class Screen:
    """Two streams and how to write to them; make one with `open_screen`.

    `selection` is what the command line chooses of the items. `width` is the terminal's, in cells; None where lines may
    be of any length. `color_rows` says that plain rows have colours too, where the stream has them, and `many_colors`
    that there are 256 of them. `clock` gives ms since the epoch: ages count from it. `pager`,
    where there is one, shows texts that are longer than the terminal until it is left, and returns whether it could: it
    has asked for none of them if not. While it is `in_document`, a JSON document with items stands on stdout that is
    not ended: what fails then belongs into it.
    """

    def __init__(  # written out: a named tuple costs every start 0.2 ms
        self,
        mode: OutputMode,
        out: TextIO,
        err: TextIO,
        selection: Selection = EVERYTHING,
        headers: bool = True,
        quiet: bool = False,
        color_out: bool = False,
        color_err: bool = False,
        color_rows: bool = False,
        many_colors: bool = False,
        on_terminal: bool = False,
        width: int | None = None,
        clock: Callable[[], int] = now_ms,
        pager: Callable[[Iterable[str]], bool] | None = None,
        in_document: bool = False,
    ) -> None:
        self.mode = mode
        self.out = out
        self.err = err
        self.selection = selection
        self.headers = headers
        self.quiet = quiet
        self.color_out = color_out
        self.color_err = color_err
        self.color_rows = color_rows
        self.many_colors = many_colors
        self.on_terminal = on_terminal
        self.width = width
        self.clock = clock
        self.pager = pager
        self.in_document = in_document

    def but(self, **changes: Any) -> Screen:
        """The same screen with other values for what is named."""
        return Screen(**{**vars(self), **changes})

    @property
    def columns(self) -> tuple[str, ...] | None:
        """The keys asked for with `--columns`; None for a result's own."""
        return self.selection.columns

    @property
    def tabular(self) -> bool:
        """Whether people get a table rather than plain rows."""
        return self.mode is OutputMode.TABLE or (self.mode is OutputMode.AUTO and self.on_terminal)

    @property
    def unicode(self) -> bool:
        """Whether stdout can show more than ASCII letters: symbols and lines."""
        return (self.out.encoding or "utf-8").lower().startswith("utf")

    def paint(self, text: str, tone: Tone) -> str:
        """`text` in the colours that stdout has."""
        return self._painted(text, tone) if self.color_out else text

    def paint_talk(self, text: str, tone: Tone) -> str:
        """`text` in the colours that stderr has."""
        return self._painted(text, tone) if self.color_err else text

    def _painted(self, text: str, tone: Tone) -> str:
        from stui_cli.output.palette import painted

        return painted(text, tone, many=self.many_colors)

    def print(self, text: str) -> None:
        """Write data to stdout and flush, so that it comes before what stderr says of it.

        Raises OutputFailed where it cannot be written; a reader that is gone stays BrokenPipeError.
        """
        self.print_all((text,))

    def print_all(self, texts: Iterable[str]) -> None:
        """The same of texts that are made meanwhile: each is there at once."""
        rest = iter(texts)
        if self.pager is not None:
            from stui_cli.output.paging import until_longer_than_screen

            begun, is_longer = until_longer_than_screen(rest, self.out)
            rest = chain((begun,), rest)
            if is_longer and self.pager(rest):
                return
        for text in rest:
            self._print(text)

    def _print(self, text: str) -> None:
        try:
            _write(self.out, text)
            self.out.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            from stui_cli.output.streams import output_failed

            raise output_failed(error) from error

    def say(self, text: str) -> None:
        """Write one line of talk to stderr."""
        _write(self.err, f"{text}\n")


def open_screen(
    out: TextIO,
    err: TextIO,
    environ: Mapping[str, str],
    *,
    mode: OutputMode = OutputMode.AUTO,
    selection: Selection = EVERYTHING,
    headers: bool = True,
    quiet: bool = False,
    color: str = "auto",
    clock: Callable[[], int] = now_ms,
) -> Screen:
    """Decide how to write to `out` and `err`.

    COLUMNS overrules the terminal's width and is the only width that a pipe can have. `color` is always, never, or
    auto: then the environment decides, and then the terminal.
    """
    if color == "auto":
        color = environments_color(environ) or color

    def colored(stream: TextIO) -> bool:
        return color == "always" or (color == "auto" and stream.isatty())

    color_out, color_err = colored(out), colored(err)
    return Screen(
        mode=mode,
        out=out,
        err=err,
        selection=selection,
        headers=headers,
        quiet=quiet,
        color_out=color_out,
        color_err=color_err,
        # A terminal has tables for colour; rows have it only where it was asked for.
        color_rows=color == "always",
        many_colors=(color_out or color_err) and _has_many_colors(environ),
        on_terminal=out.isatty(),
        width=_width(out, environ.get("COLUMNS", "")),
        clock=clock,
    )


def _has_many_colors(environ: Mapping[str, str]) -> bool:
    from stui_cli.output.palette import has_many_colors

    return has_many_colors(environ)


def _width(out: TextIO, columns: str) -> int | None:
    if columns.isdecimal() and int(columns) > 0:
        return int(columns)
    if not out.isatty():
        return None
    import os  # not shutil.get_terminal_size: importing shutil brings every archive format along

    try:
        return os.get_terminal_size(out.fileno()).columns or _WIDTH
    except OSError:
        return _WIDTH


def _write(stream: TextIO, text: str) -> None:
    """Write what the stream's encoding cannot carry as escapes: a C locale is no reason to fail."""
    try:
        stream.write(text)
    except UnicodeEncodeError:
        stream.write(text.encode(stream.encoding, "backslashreplace").decode(stream.encoding))
