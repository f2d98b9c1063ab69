"""Records: each has the keys of its kind of item, and makes of an item the same map again."""

from __future__ import annotations

import json
from dataclasses import fields
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, get_args, get_type_hints

import pytest

from stui_cli import contract
from stui_cli.contract.agent import AGENT
from stui_cli.contract.audit import ENTRY, VERDICT
from stui_cli.contract.code import CODE
from stui_cli.contract.context import CONTEXT
from stui_cli.contract.evaluation import EVALUATION, error_item, evaluation_item, value_item
from stui_cli.contract.export import EXPORT
from stui_cli.contract.history import HISTORY
from stui_cli.contract.image import IMAGE
from stui_cli.contract.inspection import INSPECTION, inspection_item, slot_item
from stui_cli.contract.job import JOB
from stui_cli.contract.key import KEY
from stui_cli.contract.log_line import LOG_LINE
from stui_cli.contract.operation import OPERATION
from stui_cli.contract.orphan import ORPHAN
from stui_cli.contract.piece import PIECE
from stui_cli.contract.ping import PING
from stui_cli.contract.records import code, images, logs, sessions
from stui_cli.contract.records.record import json_key, plain_value
from stui_cli.contract.session import SESSION
from stui_cli.contract.stats import STATS
from stui_cli.contract.test_result import TEST
from stui_cli.model.names import Target
from stui_cli.model.results import Column, Show
from stui_cli.model.status import ConnectionStatus
from stui_cli.model.times import Moment
from stui_cli.output.cells import is_right_aligned

if TYPE_CHECKING:
    from stui_cli.contract.records.record import Record
    from stui_cli.model.results import ItemKind

KINDS: dict[type[Record], ItemKind] = {
    images.ImageRecord: IMAGE,
    images.PingRecord: PING,
    images.AgentRecord: AGENT,
    images.KeyRecord: KEY,
    images.LogLine: LOG_LINE,
    sessions.SessionRecord: SESSION,
    sessions.HistoryRecord: HISTORY,
    sessions.ExportedSession: EXPORT,
    sessions.StatsRecord: STATS,
    sessions.ContextRecord: CONTEXT,
    sessions.OrphanRecord: ORPHAN,
    code.EvaluationRecord: EVALUATION,
    code.InspectionRecord: INSPECTION,
    code.PieceRecord: PIECE,
    code.TestedRecord: TEST,
    code.CodeRecord: CODE,
    code.JobRecord: JOB,
    logs.OperationRecord: OPERATION,
    logs.AuditRecord: ENTRY,
    logs.AuditCheck: VERDICT,
}


@pytest.mark.parametrize("record", KINDS)
def test_a_record_has_the_keys_of_its_kind(record: type[Record]) -> None:
    keys = {json_key(each.name) for each in fields(record) if not each.metadata.get("aside")}
    assert keys == set(KINDS[record].keys)


@pytest.mark.parametrize("record", KINDS)
def test_numbers_are_set_right(record: type[Record]) -> None:
    """In every column of numbers the last digits stand below each other, but for those told in words, as 2 h 5 min."""
    hints = get_type_hints(record)
    numbers = [each.name for each in fields(record) if {int, float} & {hints[each.name], *get_args(hints[each.name])}]
    shows = {name: KINDS[record].keys[json_key(name)] for name in numbers}
    assert [name for name, show in shows.items() if not is_right_aligned(show) and show is not Show.DURATION] == []


def test_columns_of_numbers_are_so_in_every_listing() -> None:
    modules = [import_module(f"stui_cli.contract.{each.name}") for each in iter_modules(contract.__path__)]
    tuples = [value for module in modules for value in vars(module).values() if isinstance(value, tuple)]
    columns = [column for listed in tuples for column in listed if isinstance(column, Column)]
    numbers = {key for kind in KINDS.values() for key, show in kind.keys.items() if is_right_aligned(show)}
    wrong = {
        c.key for c in columns if c.key in numbers and not is_right_aligned(c.show) and c.show is not Show.DURATION
    }
    assert len(columns) > 100
    assert wrong == {"ref", "line"}  # of a slot it is a word, @3; of a log it is the text


def test_an_evaluation_goes_into_a_record_and_comes_out_as_it_was() -> None:
    item = evaluation_item(
        Target("alpha", "work"),
        "raised",
        value=value_item("7", "SmallInteger", 3, truncated=False),
        error=error_item("ZeroDivide", "by zero", 1, None, ["a", "b"]),
        output="",
        output_truncated=False,
        elapsed_ms=4,
        incarnation="1",
    )
    made = code.EvaluationRecord.of(item, warnings=("mind this",))
    assert (made.value and made.value.class_name, made.error and made.error.stack) == ("SmallInteger", ("a", "b"))
    assert (made.as_dict(), made.warnings) == (item, ("mind this",))
    assert made == code.EvaluationRecord.of(item)
    assert json.loads(json.dumps(made.as_dict())) == item


def test_slots_carry_their_own_slots_only_where_these_were_asked_for() -> None:
    inner = slot_item("1", "Object", "an Object", None, None, None)
    outer = slot_item("first", "Array", "#(1)", 4, [], [inner])
    item = inspection_item("Array", "#(1)", 3, hash_=1, size=1, named=[outer], indexed=[inner])
    made = code.InspectionRecord.of(item)
    assert made.named[0].indexed is not None
    assert made.named[0].indexed[0].print == "an Object"
    assert made.as_dict() == item


def test_what_json_has_no_word_for_is_written_as_commands_write_it() -> None:
    assert plain_value({"at": Moment(0), "is": ConnectionStatus.FAILED, "of": (1.5, float("nan"), None, True)}) == {
        "at": "1970-01-01T00:00:00.000Z",
        "is": "failed",
        "of": [1.5, None, None, True],
    }
    with pytest.raises(TypeError, match="object"):
        plain_value(object())
