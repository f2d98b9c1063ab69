import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stui_cli.output.cleaning import clean, escaped_field

# hypothesis leaves lone surrogates out unless asked.
ANY_TEXT = st.text(st.characters(exclude_categories=()))
DANGEROUS = {"Cc", "Cf", "Cs", "Zl", "Zp"}


@pytest.mark.parametrize(
    ("foreign", "shown"),
    [
        ("", ""),
        ("3 + 4", "3 + 4"),
        ("\x1b[2J\x07", r"\x1b[2J\x07"),
        ("\x7f", r"\x7f"),
        ("\x9b31m", r"\x9b31m"),
        ("a\rb\nc\td", r"a\x0db\x0ac\x09d"),
        ("\u202etxt.exe", r"\u202etxt.exe"),
        ("\u2066\u2069", r"\u2066\u2069"),
        ("a\u200bb\ufeff\u00ad", r"a\u200bb\ufeff\xad"),
        ("\U000e0041", r"\U000e0041"),
        ("\U000e0100", r"\U000e0100"),
        ("\u3164", r"\u3164"),
        ("\u2028\u2029", r"\u2028\u2029"),
        ("\ud800", r"\ud800"),
        ("été 日本語 👍️\u00a0\u3000", "été 日本語 👍️\u00a0\u3000"),
        ("back\\slash", "back\\slash"),
    ],
)
def test_one_line(foreign: str, shown: str) -> None:
    assert clean(foreign) == shown


@pytest.mark.parametrize(
    ("foreign", "shown"),
    [
        ("foo\r\tbar\r\nbaz\n", "foo\n\tbar\nbaz\n"),
        ("a\x0b\x0c\x85b", r"a\x0b\x0c\x85b"),
        ("\x1b]0;title\x07\n", "\\x1b]0;title\\x07\n"),
    ],
)
def test_many_lines_keep_line_ends_and_tabs(foreign: str, shown: str) -> None:
    assert clean(foreign, multiline=True) == shown


@given(ANY_TEXT)
def test_nothing_dangerous_is_left(foreign: str) -> None:
    assert not any(unicodedata.category(letter) in DANGEROUS for letter in clean(foreign))
    assert not any(
        unicodedata.category(letter) in DANGEROUS and letter not in "\n\t" for letter in clean(foreign, multiline=True)
    )
    assert not any(unicodedata.category(letter) in DANGEROUS for letter in escaped_field(foreign))


@given(ANY_TEXT)
def test_cleaning_twice_changes_nothing(foreign: str) -> None:
    assert clean(clean(foreign)) == clean(foreign)


def test_every_control_and_override_is_escaped() -> None:
    for point in (*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)):
        assert clean(chr(point)).startswith("\\"), hex(point)
