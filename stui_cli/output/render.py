"""One renderer for every command: data on stdout, everything else on stderr (DESIGN section 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from stui_cli.model.results import OutputMode
from stui_cli.output.cleaning import clean, indented
from stui_cli.output.failure import complain, warn
from stui_cli.output.selection import chosen_columns, filled_in, name_of, narrowed, no_room_note, selected

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stui_cli.model.results import Item, Result
    from stui_cli.output.screen import Screen


def render(result: Result, screen: Screen) -> None:
    """Print `result` as the screen's mode wants it.

    Raises UsageProblem for a field that is chosen and that no item has, before anything is printed. BrokenPipeError is
    the caller's business.
    """
    result, left_out = selected(result, screen.selection)
    if left_out:
        result = result._replace(notes=[*result.notes, left_out])
    match screen.mode:
        case OutputMode.JSON:
            from stui_cli.output import structured

            document = structured.envelope(
                result.kind.name,
                _fields(result, screen),
                result.errors,
                result.warnings,
                now=screen.clock(),
                pretty=screen.on_terminal,
            )
            screen.print(document)
        case OutputMode.JSONL:
            from stui_cli.output import structured

            items = _fields(result, screen)
            screen.print(structured.lines(result.kind.name, items, result.errors, result.warnings, now=screen.clock()))
        case OutputMode.TSV:
            from stui_cli.output import tsv

            columns = chosen_columns(result, screen.columns)
            screen.print(tsv.listing(result.items, columns, headers=screen.headers))
            talk(result, screen)
        case OutputMode.NAME:
            names = (name_of(item, result.kind.name_key) for item in result.items)
            screen.print("".join(f"{clean(name)}\n" for name in names if name is not None))
            talk(result, screen)
        case OutputMode.PROMETHEUS:
            from stui_cli.output import prometheus

            screen.print(prometheus.exposition(result.items, screen.clock()))
            talk(result, screen)
        case OutputMode.AUTO | OutputMode.TABLE | OutputMode.PLAIN:
            _render_for_people(result, screen)
            talk(result, screen)
        case _:
            assert_never(screen.mode)
    if left_out and screen.mode in (OutputMode.JSON, OutputMode.JSONL) and not screen.quiet:
        screen.say(left_out)  # no other notes are for a program, but a part must not pass for the whole


def _fields(result: Result, screen: Screen) -> Sequence[Item]:
    """Whole items, as the contract has them, unless the user asked for some of their fields."""
    if screen.columns is None:
        return result.items
    return narrowed(result.items, chosen_columns(result, screen.columns))


def _render_for_people(result: Result, screen: Screen) -> None:
    if result.text is not None and not screen.selection.picks:
        text = clean(result.text, multiline=True)
        if text and result.is_source and screen.color_out:
            from stui_cli.output.syntax import coloured

            text = coloured(text, many=screen.many_colors)
        elif text and result.is_diff and screen.color_out:
            text = "\n".join(_diff_line(line, screen) for line in text.split("\n"))
        # What failed has no value, and what has no source no text: not even an empty line.
        if text or not (result.errors or result.is_source):
            screen.print(text if text.endswith("\n") else f"{text}\n")
    elif not result.items:
        if screen.on_terminal and result.empty and not result.errors and not screen.quiet:
            screen.say(clean(result.empty))
    elif (template := screen.selection.template) is not None:
        screen.print(filled_in(result, template))
    elif screen.tabular:
        from stui_cli.output import table

        left_out = table.print_table(result, chosen_columns(result, screen.columns), screen)
        if left_out and not screen.quiet:
            screen.say(no_room_note(left_out))
    else:
        from stui_cli.output import plain

        write = plain.description if result.vertical else plain.listing
        columns = chosen_columns(result, screen.columns)
        paint = screen.paint if screen.color_out and screen.color_rows else None
        screen.print(write(result.items, columns, headers=screen.headers, now=screen.clock(), paint=paint))


def _diff_line(line: str, screen: Screen) -> str:
    """A line of a unified diff as git shows it."""
    if line.startswith(("+++", "---", "@@")):
        return screen.paint(line, "strong")
    return screen.paint(line, "good" if line.startswith("+") else "bad" if line.startswith("-") else "")


def talk(result: Result, screen: Screen) -> None:
    """Say on stderr what people should know beside the data; the gravest is last, nearest to the prompt."""
    if result.notes or result.warnings:
        _tell(result, screen)
    for error in result.errors:
        complain(error, screen)


def _tell(result: Result, screen: Screen) -> None:
    from stui_cli.output.telling import told  # only where there is something to tell

    if not screen.quiet:
        for note in told(result.notes, screen.clock()):
            screen.say(indented(note))
    if not screen.quiet or result.exit_code:  # what it is that failed is told in any case
        for warning in told(result.warnings, screen.clock()):
            warn(warning, screen)
