"""`--template`: what it fills in, what it refuses, and that nothing of Python is ever reached by it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stui_cli.contract.fields import fields_of_kind
from stui_cli.model.errors import UsageProblem
from stui_cli.model.fields import Fields
from stui_cli.model.results import Show
from stui_cli.model.status import ConnectionStatus
from stui_cli.model.times import Moment
from stui_cli.model.visible import is_hidden
from stui_cli.output.template import read_template

if TYPE_CHECKING:
    from collections.abc import Mapping

KEYS = ("name", "pid", "latency_ms", "metadata", "parked", "status", "checked_at", "stack", "value", "nothing")
FIELDS = Fields(
    dict.fromkeys(KEYS, Show.TEXT) | {"status": Show.STATUS, "checked_at": Show.AGE},
    [("IMAGE", "name"), ("Labels", "metadata")],
    {"value": ("print", "class")},
)
ITEM = {
    "name": "alpha",
    "pid": 4711,
    "latency_ms": 0.4149,
    "metadata": {"team": "core", "a b": "c"},
    "parked": False,
    "status": ConnectionStatus.CONNECTED,
    "checked_at": Moment(1_760_000_000_000),
    "stack": ["Foo>>bar", "Foo>>baz"],
    "value": {"print": "3\n4", "class": "Text"},
    "nothing": None,
}


def line(text: str, item: Mapping[str, object] = ITEM) -> str:
    return read_template(text, FIELDS).lines([item])


@pytest.mark.parametrize(
    ("template", "printed"),
    [
        ("{name} {status}", "alpha connected"),
        (r"{name}\t{pid}\n{name}", "alpha\t4711\nalpha"),
        (r"a\\n{name}\q", r"a\nalpha\q"),
        ("{{{name}}}", "{alpha}"),
        ("{IMAGE} {latency:.1f} {Labels[team]}", "alpha 0.4 core"),
        ("[{latency_ms:>6.1f}]", "[   0.4]"),
        ("[{name:>7}][{name:<7}][{name:*^7}][{name:.2}]", "[  alpha][alpha  ][*alpha*][al]"),
        ("{pid:08d} {pid:x} {pid:,} {pid:>6s}", "00004711 1267 4,711   4711"),
        ("{value[print]}|{value[class]}", r"3\n4|Text"),
        ("{stack[0]} {stack[9]}{stack[x]}{stack[-1]}", "Foo>>bar "),
        ("{name[0]}{metadata[a b]}{metadata[none]}", "ac"),
        ("{parked} {parked:>6} {parked:d}", "false  false 0"),
        ("{checked_at:.10}", "2025-10-09"),
        ("{metadata} {stack}", '{"team":"core","a b":"c"} ["Foo>>bar","Foo>>baz"]'),
        ("[{nothing}][{nothing:>4.1f}][{nothing:05d}][{nothing:=4}][{nothing[x][1]}]", "[][    ][     ][    ][]"),
        ("plain", "plain"),
    ],
)
def test_what_it_fills_in(template: str, printed: str) -> None:
    assert line(template) == f"{printed}\n"


def test_a_line_end_of_its_own_is_enough() -> None:
    assert line(r"{name}\n") == "alpha\n"


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ("{nmae}", "there is no field 'nmae'"),
        ("{}", "there is no field ''"),
        ("{0}", "there is no field '0'"),
        ("{value[prnt]}", r"there is no field 'value\[prnt\]'"),
        ("{name.__class__}", "is no field of a template"),
        ("{name.__class__.__mro__[1]}", "is no field of a template"),
        ("{value[print].upper}", "is no field of a template"),
        ("{value[]}", "is no field of a template"),
        ("{name!r}", "no conversions: !r"),
        ("{name", "cannot be read"),
        ("}", "cannot be read"),
        ("{pid:c}", "none that can be used"),
        ("{name:>{pid}}", "none that can be used"),
        ("{name:99999}", "none that can be used"),
        ("{name:nonsense}", "none that can be used"),
        ("{status:d}", "none that can be used"),
        ("{checked_at:%Y}", "none that can be used"),
        ("{name:d}", "does not fit {name}, which is alpha"),
        ("{pid:.2d}", "does not fit"),
    ],
)
def test_what_it_refuses(template: str, told: str) -> None:
    with pytest.raises(UsageProblem, match=told):
        line(template)


def test_the_nearest_field_is_named_with_all_of_them() -> None:
    with pytest.raises(UsageProblem) as caught:
        line("{laetncy}")
    assert caught.value.todo == f"did you mean latency_ms?\nfields: {', '.join(KEYS)}"
    with pytest.raises(UsageProblem) as caught:
        read_template("{value[prnt]}", fields_of_kind("evaluation") or FIELDS)
    assert "did you mean value[print]" in str(caught.value.todo)


def test_what_comes_from_an_image_is_cleaned_and_its_width_counts_as_it_is_seen() -> None:
    hostile = {**ITEM, "name": "a\x1b[2J\r\t\u202e", "metadata": {"k": "\x9b"}, "stack": ["\x07"], "pid": 27}
    assert line("{name}|{metadata[k]}|{metadata}|{stack}|{stack[0]:>6}", hostile) == (
        r'a\x1b[2J\r\t\u202e|\x9b|{"k":"\u009b"}|["\u0007"]|  \x07' + "\n"
    )


PIECES = st.lists(
    st.one_of(
        st.text(max_size=6),
        st.sampled_from(
            ["{", "}", "[", "]", ":", "!", ".", "__class__", "__init__", "__globals__", "print", "0", "-1"]
        ),
        st.sampled_from([f"{{{key}" for key in KEYS]),
        st.sampled_from([">9", "05.1f", "=+8", "z", "#x", "n", "%", "_b", "s}", "e}", "d}", "\\n", "\\"]),
    ),
    max_size=8,
).map("".join)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**64),
        st.floats(),
        st.text(),
        st.integers(0, 10**13).map(Moment),
    ),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@given(template=PIECES, values=st.lists(VALUES, min_size=len(KEYS), max_size=len(KEYS)))
def test_whatever_is_written_it_is_filled_in_or_refused(template: str, values: list[object]) -> None:
    item = dict(zip(KEYS, values, strict=True))
    try:
        printed = line(template, item)
    except UsageProblem:
        return
    assert printed.endswith("\n")
    assert "object at 0x" not in printed
    assert "<class" not in printed


@given(name=st.text(), spec=st.sampled_from(["", ":>9", ":.3", ":^5s"]))
def test_nothing_hidden_gets_through(name: str, spec: str) -> None:
    printed = line(f"{{name{spec}}}", {**ITEM, "name": name})
    assert not any(is_hidden(ord(letter)) for letter in printed.removesuffix("\n"))
    assert printed.count("\n") == 1
