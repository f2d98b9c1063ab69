"""Long lists: the same text as of a result that is there, in time, and true whatever happens while they are read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from stui_cli.contract.image import IMAGE
from stui_cli.model.blocks import ENOUGH, Listing, block_of
from stui_cli.model.errors import Unreachable, UsageProblem
from stui_cli.model.results import Column, ItemKind, OutputMode, Result, Show
from stui_cli.output.failure import render_failure
from stui_cli.output.ordering import SortKey
from stui_cli.output.render import render
from stui_cli.output.selection import Selection
from stui_cli.output.streaming import stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from conftest import Recorded

    from stui_cli.model.blocks import Block
    from stui_cli.model.results import Item

THING = ItemKind("thing", {"name": Show.TEXT, "size": Show.NUMBER, "at": Show.AGE})
COLUMNS = (Column("name", "NAME"), Column("size", "SIZE", Show.NUMBER))
GONE = Unreachable("the database is gone", todo="try again")
STREAMED = (OutputMode.TSV, OutputMode.JSON, OutputMode.JSONL, OutputMode.NAME, OutputMode.PLAIN, OutputMode.AUTO)


def things(first: int, count: int) -> list[Item]:
    return [{"name": f"thing-{number:05}", "size": number % 7, "at": None} for number in range(first, first + count)]


def listing_of(blocks: Iterable[Block], notes: Sequence[str] = ()) -> Listing:
    return Listing(THING, blocks, COLUMNS, lambda: notes, "nothing is there")


def streamed(listing: Listing, printed: Recorded) -> int:
    return stream(listing, printed.screen, list)


@pytest.mark.parametrize("mode", [mode for mode in OutputMode if mode is not OutputMode.PROMETHEUS])
@pytest.mark.parametrize("count", [0, 1, ENOUGH + 3])
@pytest.mark.parametrize("on_terminal", [True, False])
@pytest.mark.parametrize(
    "selection",
    [
        Selection(),
        Selection(("at", "size")),
        Selection(sort=(SortKey("size", descending=True), SortKey("name"))),
        Selection(("name",), (SortKey("size"),), limit=7),
    ],
)
def test_it_prints_what_a_result_does(
    recorded: type[Recorded], mode: OutputMode, count: int, selection: Selection, *, on_terminal: bool
) -> None:
    items = [{"name": "日本", "size": 1000, "at": None}, *things(0, count)][:count]
    whole, parts = (recorded(mode, selection=selection, on_terminal=on_terminal) for _ in range(2))
    render(Result(THING, items, COLUMNS, notes=["beside it"], empty="nothing is there"), whole.screen)
    blocks = (block_of(items[place : place + 100]) for place in range(0, count, 100))
    assert streamed(listing_of(blocks, ["beside it"]), parts) == 0
    assert str(parts) == str(whole)


@pytest.mark.parametrize("mode", STREAMED)
def test_what_was_read_is_out_before_more_is_read(recorded: type[Recorded], mode: OutputMode) -> None:
    printed = recorded(mode)
    seen = []

    def blocks() -> Iterator[Block]:
        for number in range(3):
            seen.append("thing-00000" in printed.out.getvalue())
            yield block_of(things(number * ENOUGH, ENOUGH))

    streamed(listing_of(blocks()), printed)
    assert seen == [False, True, True]


@pytest.mark.parametrize("mode", [OutputMode.TSV, OutputMode.JSON, OutputMode.JSONL, OutputMode.NAME])
def test_what_is_not_aligned_waits_for_nothing(recorded: type[Recorded], mode: OutputMode) -> None:
    """A store on another machine may take long for each image."""
    printed = recorded(mode)
    seen = []

    def blocks() -> Iterator[Block]:
        for number in range(3):
            seen.append("thing-00000" in printed.out.getvalue())
            yield block_of(things(number, 1))

    streamed(listing_of(blocks()), printed)
    assert seen == [False, True, True]


def failing(read: int) -> Iterator[Block]:
    yield from (block_of(things(number, ENOUGH)) for number in range(read))
    raise GONE


@pytest.mark.parametrize("mode", STREAMED)
def test_a_failure_half_way_is_told_behind_what_was_read(recorded: type[Recorded], mode: OutputMode) -> None:
    printed = recorded(mode)
    assert streamed(listing_of(failing(2)), printed) == GONE.exit_code
    out = printed.out.getvalue()
    match mode:
        case OutputMode.JSON:
            document = json.loads(out)
            assert (document["schema"], len(document["items"])) == ("stui/v1", 2 * ENOUGH)
            assert [error["message"] for error in document["errors"]] == [GONE.what]
        case OutputMode.JSONL:
            *items, last = map(json.loads, out.splitlines())
            assert (len(items), last["errors"][0]["message"]) == (2 * ENOUGH, GONE.what)
        case _:
            assert out.count("thing-") == 2 * ENOUGH
            assert printed.err.getvalue() == "stui: the database is gone\n  try again\n"


@pytest.mark.parametrize("mode", STREAMED)
def test_little_that_was_read_before_a_failure_is_told_too(recorded: type[Recorded], mode: OutputMode) -> None:
    printed = recorded(mode)

    def blocks() -> Iterator[Block]:
        yield from (block_of(things(number, 1)) for number in range(3))
        raise GONE

    assert streamed(listing_of(blocks()), printed) == GONE.exit_code
    assert printed.out.getvalue().count("thing-") == 3


@pytest.mark.parametrize("mode", STREAMED)
def test_a_failure_before_the_first_item_prints_nothing(recorded: type[Recorded], mode: OutputMode) -> None:
    printed = recorded(mode)
    with pytest.raises(Unreachable):
        streamed(listing_of(failing(0)), printed)
    assert str(printed) == str(recorded(mode))


def test_what_is_sorted_is_not_printed_in_part(recorded: type[Recorded]) -> None:
    printed = recorded(OutputMode.TSV, selection=Selection(sort=(SortKey("size"),), limit=3))
    with pytest.raises(Unreachable):
        streamed(listing_of(failing(2)), printed)
    assert printed.out.getvalue() == ""


@pytest.mark.parametrize(
    ("limit", "told"),
    [
        (3, "the rest left out: --limit 3\n"),
        (ENOUGH, f"{5} of {ENOUGH + 5} left out: --limit {ENOUGH}\n"),
        (ENOUGH + 5, ""),
        (ENOUGH + 6, ""),
    ],
)
def test_nothing_is_read_beyond_a_limit(recorded: type[Recorded], limit: int, told: str) -> None:
    read: list[int] = []

    def blocks() -> Iterator[Block]:
        for count in (ENOUGH, 5):
            read.append(count)
            yield block_of(things(0, count))

    printed = recorded(OutputMode.NAME, selection=Selection(limit=limit))
    streamed(listing_of(blocks()), printed)
    assert printed.out.getvalue().count("\n") == min(limit, ENOUGH + 5)
    assert printed.err.getvalue() == told
    assert read == ([ENOUGH] if limit < ENOUGH else [ENOUGH, 5])


@pytest.mark.parametrize("mode", [mode for mode in OutputMode if mode is not OutputMode.PROMETHEUS])
@pytest.mark.parametrize("limit", [0, 1, 5, ENOUGH + 5, 2 * ENOUGH + 5, 2 * ENOUGH + 6])
@pytest.mark.parametrize("on_terminal", [True, False])
def test_a_few_of_what_comes_in_the_order_of_time_are_the_newest(
    recorded: type[Recorded], mode: OutputMode, limit: int, *, on_terminal: bool
) -> None:
    items, count = things(0, 2 * ENOUGH + 5), 2 * ENOUGH + 5
    notes = [f"{count - limit} of {count} left out: --limit {limit}"] if limit < count else []
    newest, whole, parts = (
        recorded(mode, selection=selection, on_terminal=on_terminal, width=40)
        for selection in (Selection(), Selection(limit=limit), Selection(limit=limit))
    )
    chosen = items[count - limit :] if limit < count else items
    render(Result(THING, chosen, COLUMNS, notes=notes, empty="nothing is there"), newest.screen)
    render(Result(THING, items, COLUMNS, newest_last=True, empty="nothing is there"), whole.screen)
    blocks = (block_of(items[place : place + ENOUGH]) for place in range(0, count, ENOUGH))
    streamed(listing_of(blocks)._replace(newest_last=True), parts)
    assert str(parts) == str(whole)
    assert parts.out.getvalue() == newest.out.getvalue()
    assert parts.err.getvalue().endswith("".join(f"{note}\n" for note in notes))


def test_a_few_of_the_newest_are_not_printed_where_the_newest_cannot_be_read(recorded: type[Recorded]) -> None:
    printed = recorded(OutputMode.TSV, selection=Selection(limit=3))
    with pytest.raises(Unreachable):
        streamed(listing_of(failing(2))._replace(newest_last=True), printed)
    assert printed.out.getvalue() == ""


@pytest.mark.parametrize("mode", STREAMED)
def test_a_fault_of_our_own_half_way_leaves_what_was_read_and_ends_the_document(
    recorded: type[Recorded], mode: OutputMode
) -> None:
    """The boundary of a command makes a report of it, and tells it where the list ended."""
    printed = recorded(mode)

    def blocks() -> Iterator[Block]:
        yield from (block_of(things(number, ENOUGH)) for number in range(2))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        streamed(listing_of(blocks()), printed)
    assert printed.out.getvalue().count("thing-") == 2 * ENOUGH
    render_failure(GONE, "thing", printed.screen, ["be careful"])
    if mode is OutputMode.JSON:
        document = json.loads(printed.out.getvalue())
        assert [len(document["items"]), document["errors"][0]["message"]] == [2 * ENOUGH, GONE.what]
        assert document["warnings"] == ["be careful"]
    elif mode is OutputMode.JSONL:
        *items, last = map(json.loads, printed.out.getvalue().splitlines())
        assert (len(items), last["errors"][0]["message"]) == (2 * ENOUGH, GONE.what)


def test_a_fault_before_the_first_item_has_a_document_of_its_own(recorded: type[Recorded]) -> None:
    printed = recorded(OutputMode.JSON)

    def blocks() -> Iterator[Block]:
        raise ZeroDivisionError
        yield  # so that it is raised by who reads

    with pytest.raises(ZeroDivisionError):
        streamed(listing_of(blocks()), printed)
    render_failure(GONE, "thing", printed.screen)
    assert json.loads(printed.out.getvalue())["items"] == []


def test_a_document_that_was_ended_is_not_ended_twice(recorded: type[Recorded]) -> None:
    printed = recorded(OutputMode.JSON)
    streamed(listing_of([block_of(things(0, 1))]), printed)
    assert not printed.screen.in_document


def test_a_column_of_plain_rows_gets_wider_but_never_narrower(recorded: type[Recorded]) -> None:
    printed = recorded(OutputMode.PLAIN, headers=False)
    sizes = (1, 1_000_000, 1)
    blocks = (block_of([{"name": "a", "size": size, "at": None}] * ENOUGH) for size in sizes)
    streamed(listing_of(blocks), printed)
    assert printed.out.getvalue().splitlines()[::ENOUGH] == ["a  1", "a  1000000", "a        1"]


def test_a_table_keeps_its_columns_and_cuts_no_name(recorded: type[Recorded]) -> None:
    printed = recorded(OutputMode.TABLE, width=12)
    names = ("a", "a-long-name", "a", "a-name-of-20-letters")
    blocks = (block_of([{"name": name, "size": 1, "at": None}] * ENOUGH) for name in names)
    streamed(listing_of(blocks), printed)
    heading, rule, *rows = printed.out.getvalue().splitlines()
    assert (heading, rule) == ("NAME  SIZE", "──────────")
    assert [row.split() for row in rows] == [[name, "1"] for name in names for _ in range(ENOUGH)]
    assert [row.index("1") for row in rows[::ENOUGH]] == [9, 16, 11, 25]


def test_columns_without_room_are_told_once(recorded: type[Recorded]) -> None:
    printed = recorded(OutputMode.TABLE, width=20)
    blocks = (block_of(things(number, ENOUGH)) for number in (0, ENOUGH))
    streamed(listing_of(blocks)._replace(columns=(*COLUMNS, Column("at", "SEEN", Show.AGE))), printed)
    assert printed.err.getvalue() == "no room for SEEN; -o plain shows all\n"


def test_a_field_that_is_none_is_told_before_anything_is_read(recorded: type[Recorded]) -> None:
    for chosen in (Selection(("nmae",)), Selection(sort=(SortKey("nmae"),))):
        with pytest.raises(UsageProblem, match="there is no column 'nmae'"):
            streamed(listing_of(failing(0)), recorded(OutputMode.TSV, selection=chosen))
    assert "nmae" not in IMAGE.keys
