"""The codecs of the store: what is written is what is read, and what does not fit is told by the name of its field."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_tools import ACTOR
from strategies import contexts, details, ids, images, numbers, scalars, sessions, states, texts

from stui_cli.model.history import Entry
from stui_cli.model.operations import CleanupDetails, Kind, Operation, Removal, ReversalDetails
from stui_cli.model.probe_outcome import ProbeOutcome
from stui_cli.model.probes import Probe, ProbeRecord, Vitals
from stui_cli.model.sessions import Checkpoint
from stui_cli.model.state import State
from stui_cli.model.status import ConnectionHealth, ConnectionStatus, ProbeLevel
from stui_cli.store.chunks import pack_state
from stui_cli.store.encoding import PROBES, STATES
from stui_cli.store.envelope import seal, unseal
from stui_cli.store.objects import CHECKPOINTS, SESSIONS
from stui_cli.store.operations import OPERATIONS, decode_operation, encode_operation
from stui_cli.store.problems import Damaged
from stui_cli.store.session_files import decoded, encoded

maybe_number = st.none() | numbers
garbage = st.none() | scalars | st.lists(scalars, max_size=2) | st.dictionaries(texts, scalars, max_size=2)
vitals = st.builds(Vitals, *[numbers] * 8, unsaved_changes=st.none() | st.booleans())
probes = st.builds(
    Probe, texts, numbers, st.sampled_from(ProbeOutcome), latency_ms=st.none() | st.floats(allow_nan=False),
    vitals=st.none() | vitals, reached=st.none() | st.sampled_from(ProbeLevel),
)  # fmt: skip
standings = st.builds(
    ProbeRecord, st.sampled_from(ConnectionStatus), st.sampled_from(ConnectionHealth), numbers, texts, numbers, numbers,
    maybe_number, st.none() | st.floats(allow_nan=False), st.none(), maybe_number, probes, st.none() | probes,
    told_status=st.none() | st.sampled_from(ConnectionStatus),
)  # fmt: skip
operations = st.builds(Operation, numbers, maybe_number, numbers, st.just(ACTOR), details)
RECORDS: dict[str, Any] = {
    "image": (STATES, images, ("name",)),
    "context": (STATES, contexts, ()),
    "state": (STATES, states, ("head",)),
    "session": (SESSIONS, sessions, ("name", "image_id")),
    "checkpoint": (CHECKPOINTS, st.builds(Checkpoint, ids, ids, texts, numbers, st.just(())), ()),
    "operation": (OPERATIONS, operations, ()),
    "standing": (PROBES, standings, ()),
}


@pytest.mark.parametrize("kind", RECORDS)
def test_what_does_not_fit_in_a_record_is_told_by_its_field(kind: str) -> None:
    codec, records, given_names = RECORDS[kind]

    @settings(max_examples=30)
    @given(records, garbage, st.data())
    def is_told(record: Any, rubbish: object, data: st.DataObject) -> None:
        raw, keys = codec.encode(record), [getattr(record, name) for name in given_names]
        assert codec.decode(type(record), raw, *keys) == record
        key = data.draw(st.sampled_from(sorted(raw)))
        try:
            found = codec.decode(type(record), raw | {key: rubbish}, *keys)
        except ValueError as error:
            said = str(error)
        else:
            said = key
            assert codec.decode(type(record), codec.encode(found), *keys) == found
        assert key in said

    is_told()


@settings(max_examples=30)
@given(st.lists(st.builds(Removal, texts, texts, texts), min_size=1, max_size=3).map(tuple))
def test_what_a_sweep_removed_is_kept_as_values(removed: tuple[Removal, ...]) -> None:
    raw = OPERATIONS.encode(Operation(7, 6, 1, ACTOR, CleanupDetails(Kind.CLEANUP, removed)))
    assert raw["details"] == {"kind": "cleanup", "sessions": [list(each) for each in removed]}


def test_stui_0_1_0_reads_in_a_sweep_what_was_removed() -> None:
    """It knows the texts alone, and takes an operation without them for a damaged one."""
    swept = Operation(7, 6, 1, ACTOR, CleanupDetails(Kind.CLEANUP, (Removal("alpha", "work", "ImageGone"),)))
    content = encode_operation(swept, pack_state(State(7, "me")))
    assert unseal("it", content)["details"]["removed"] == ["alpha/work (ImageGone)"]
    assert decode_operation("it", content, 7).operation == swept


def test_a_state_that_cannot_be_decompressed_is_damage() -> None:
    content = encode_operation(
        Operation(7, 6, 1, ACTOR, ReversalDetails(Kind.UNDO, (6,), 5)), pack_state(State(7, "me"))
    )
    logged = decode_operation("it", seal(unseal("it", content) | {"compressed": True}), 7)
    with pytest.raises(Damaged, match="cannot be decompressed"):
        logged.state()


@pytest.mark.parametrize(
    ("raw", "told"),
    [(None, "it is missing"), ([], "it is no table"), ({3: {}}, "[3] is not a text"), ({"a": 3}, "a: a table is")],
)
def test_a_map_of_records_that_is_none_is_told(raw: object, told: str) -> None:
    with pytest.raises(ValueError, match=re.escape(told)):
        PROBES.decode_map(ProbeRecord, raw)


def test_a_file_of_a_session_without_what_is_newer() -> None:
    """Files of an earlier stui say nothing of an evaluation's kind."""
    text = (
        'schema = 1\nkind = "session"\nname = "work"\nsession_id = "s"\ncreated_at = 1\nexported_at = 2\n'
        'image_id = "i"\n[[history]]\ntime = 3\nsource = "3 + 4"\noutcome = "returned"\nincarnation = "x"\n'
    )
    file = decoded(text.encode(), "toml", "it")
    assert file.history == (Entry(3, "3 + 4", "returned", None, None, None, None, "x"),)
    assert (file.checkpoint, file.description) == (None, None)
    again = encoded(file, "toml")
    assert decoded(again, "toml", "it") == file
    assert b'kind = "evaluate"' in again
