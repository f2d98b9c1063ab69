"""Lines of key files: what is changed is one key, and every other byte stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stui_cli.image.key_lines import keys_of, line_of, with_key, with_secret, without_key
from stui_cli.image.keys import Key
from stui_cli.model.errors import NotPermitted

ONE, TWO, NEW = b"\x11" * 32, b"\xab" * 32, b"\x5c" * 32
ADA, BOB = Key("ada", "admin", ONE), Key("bob", "observer", TWO)
FILE = (
    b"# who may come in\r\n\n  ada\tadmin "
    + ONE.hex().encode()
    + b" # since May\nbob observer "
    + TWO.hex().upper().encode()
)


def test_the_keys_of_a_file() -> None:
    assert keys_of(FILE, "k") == [ADA, BOB]
    assert keys_of(b"", "k") == []


def test_a_key_comes_last_and_on_a_line_of_its_own() -> None:
    carol = Key("carol", "developer", NEW)
    assert with_key(FILE, carol) == FILE + b"\n" + line_of(carol)
    assert with_key(FILE + b"\r\n", carol) == FILE + b"\r\n" + line_of(carol)


def test_no_line_of_a_key_that_is_taken_back_stays() -> None:
    """An agent takes the first line of an id: a second one would be the key then."""
    twice = FILE + b"\nada developer " + NEW.hex().encode() + b"\n"
    left = without_key(twice, "ada")
    assert left == b"# who may come in\r\n\nbob observer " + TWO.hex().upper().encode() + b"\n"
    assert keys_of(twice, "k") == [ADA, BOB]


def test_fresh_bytes_leave_the_rest_of_the_line() -> None:
    assert with_secret(FILE, "ada", NEW) == FILE.replace(ONE.hex().encode(), NEW.hex().encode())
    named = f"{ONE.hex()} admin {ONE.hex()}\n".encode()
    assert with_secret(named, ONE.hex(), NEW) == f"{ONE.hex()} admin {NEW.hex()}\n".encode()


@pytest.mark.parametrize(
    "line", ["ada admin", "ada king " + "11" * 32, "ada admin " + "1" * 63, "\xe9 admin " + "11" * 32]
)
def test_a_line_that_an_agent_does_not_take(line: str) -> None:
    """Then it takes none of the file: what is added to it would let nobody in."""
    with pytest.raises(NotPermitted, match="line 2 of the key file k is no key") as caught:
        keys_of(line_of(BOB) + line.encode(), "k")
    assert "1111" not in str(caught.value) + caught.value.todo


_WORDS = st.sampled_from(["#", "ada", "bob", " ", "\t", "\n", "\r\n", "admin", ONE.hex(), TWO.hex(), "\xe9"])


@given(st.lists(_WORDS).map("".join))
def test_what_is_no_line_of_that_key_stays_byte_by_byte(text: str) -> None:
    data = text.encode()
    carol = Key("carol", "developer", NEW)
    added = with_key(data, carol)
    assert added.startswith(data)
    assert without_key(added, "carol") in (data, data + b"\n")
    assert with_secret(with_secret(added, "carol", TWO), "carol", NEW) == added
