"""`stui help`: the manual as text, in a pager on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stui_cli.contract.topic import TOPIC, topic_item
from stui_cli.global_options import complete_help
from stui_cli.invocation import Invocation, command
from stui_cli.model.errors import StuiError, UsageProblem
from stui_cli.model.results import OutputMode, Result
from stui_cli.model.topics import TOPICS, Topic
from stui_cli.option_types import option

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stui_cli.output.manual.blocks import Block
    from stui_cli.output.screen import Screen

_WIDTH = 80
_WIDEST = 100  # longer lines are hard to read


def found(words: Sequence[str]) -> list[Topic]:
    """What the words mean: a command, a topic, or both, which is shown in this order; or a page by its own name.

    Raises UsageProblem with the nearest ones for anything else.
    """
    name = " ".join(words)
    pages = {topic.page: Topic(topic.about, topic.page) for topic in TOPICS.values()}
    page = "-".join(words) if words[0].startswith("stui") else "-".join(("stui", *words))
    commands = dict(_pages_of_commands())
    meant = [
        each
        for each in (commands.get(f"{page}.1"), TOPICS.get(name), pages.get(name) or pages.get(f"{name}.7"))
        if each is not None
    ]
    if not meant:
        from stui_cli.model.names import nearest

        known = dict.fromkeys((*TOPICS, *map(_name_of, commands)))
        raise UsageProblem(
            f"there is no help on {name!r}",
            todo=" ".join(filter(None, (nearest(name, known), "stui help lists the commands and topics"))),
        )
    return list(dict.fromkeys(meant))


def _pages_of_commands() -> Iterator[tuple[str, Topic]]:
    from stui_cli.command_table import COMMANDS

    yield "stui.1", Topic("All commands and what holds for each.", "stui.1")
    for name, row in COMMANDS.items():
        yield f"stui-{name}.1", Topic(row.summary, f"stui-{name}.1")
        for below, entry in row.subcommands.items():
            yield f"stui-{name}-{below}.1", Topic(entry.summary, f"stui-{name}-{below}.1")


def _name_of(page: str) -> str:
    """`images add`, of stui-images-add.1."""
    return page.removesuffix(".1").removeprefix("stui-").replace("-", " ")


def blocks_of(topic: Topic) -> list[Block]:
    """What the page, or its section, consists of."""
    from stui_cli.output.manual.blocks import section
    from stui_cli.output.manual.pages import page_source
    from stui_cli.output.manual.reading import read_page

    blocks = read_page(page_source(topic.page))
    return section(blocks, topic.section) if topic.section else blocks


def overview() -> str:
    """The commands and the topics, one a line."""
    from stui_cli.command_table import COMMANDS

    commands = {name: row.summary for name, row in COMMANDS.items()}
    topics = {name: topic.about for name, topic in TOPICS.items()}
    widest = max(map(len, (*commands, *topics)))
    parts = (
        "\n".join((f"{title}:", *(f"  {name:{widest}}  {about}" for name, about in rows.items())))
        for title, rows in (("Commands", commands), ("Topics", topics))
    )
    end = "stui help COMMAND, stui help COMMAND SUBCOMMAND and stui help TOPIC show one whole; stui -h the options."
    return "\n\n".join((*parts, end))


def _text(meant: Sequence[Topic], screen: Screen, *, styled: bool) -> str:
    from stui_cli.output.manual.layout import laid_out

    width = min(screen.width or _WIDTH, _WIDEST)
    parts = (laid_out(blocks_of(topic), width, styled=styled, unicode=screen.unicode) for topic in meant)
    return "\n".join(parts)


def _man_path() -> str:
    """The folder for MANPATH. Raises StuiError where no pages were installed for man."""
    from stui_cli.local.manual_pages import man_folder

    if (folder := man_folder()) is None:
        raise StuiError("no manual pages were installed for man", todo="stui help shows them all the same")
    return str(folder)


@command("topic", name="help", heeds_settings=False)
@click.argument("words", nargs=-1, metavar="[COMMAND | TOPIC]...", shell_complete=complete_help)
@option("--man-path", is_flag=True, help="Print the folder in which man finds these pages.")
def cli(invocation: Invocation, words: tuple[str, ...], man_path: bool) -> int:
    """Show the manual of a command or on a topic, or list the commands and topics.

    A terminal shows it in the pager, as any long text; a pipe gets plain text. It needs no man. A word that is
    both, such as config, shows the command and then the topic. `stui help -o name` lists the topics.
    """
    screen = invocation.screen
    if man_path:
        screen.print(f"{_man_path()}\n")
        return 0
    if not words:
        items = [topic_item(name, topic, None) for name, topic in TOPICS.items()]
        return invocation.show(Result(TOPIC, items, text=overview()))
    meant = found(words)
    if screen.mode in (OutputMode.AUTO, OutputMode.TABLE, OutputMode.PLAIN) and not screen.selection.picks:
        invocation.paged_screen.print(_text(meant, screen, styled=screen.color_out))
        return 0
    name = " ".join(words)
    items = [topic_item(name, topic, _text([topic], screen, styled=False)) for topic in meant]
    return invocation.show(Result(TOPIC, items))
