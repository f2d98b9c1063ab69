"""Chunk files are cut as a file-in cuts them."""

from hypothesis import given
from hypothesis import strategies as st

from stui_cli.playground.chunks import CommentText, MethodSource, Statement, pieces

FILE = """Object subclass: #Foo
\tinstanceVariableNames: 'a'
\tclassVariableNames: ''
\tpackage: 'Foo'!

!Foo methodsFor: 'greeting' stamp: 'xy 1/1/2020'!
hello
\t^ 'oh!!'
! !

!Foo class methodsFor: 'it''s new'!
made
\t^ self new
!
other ^ 3 ! !
Foo new hello!
"""


def test_a_whole_file() -> None:
    definition, hello, made, other, sent = pieces(FILE)
    assert isinstance(definition, Statement)
    assert definition.text.startswith("Object subclass: #Foo\n")
    assert definition.text.endswith("package: 'Foo'")
    assert definition.line == 1
    assert hello == MethodSource("Foo", False, "greeting", "hello\n\t^ 'oh!'", 7)
    assert made == MethodSource("Foo", True, "it's new", "made\n\t^ self new", 12)
    assert other == MethodSource("Foo", True, "it's new", "other ^ 3", 15)
    assert sent == Statement("Foo new hello", 16)


def test_a_comment_of_a_class() -> None:
    text = "!Foo commentStamp: 'xy 1/1/2020' prior: 0!\nI am Foo!! Really.!\n3 + 4!"
    assert pieces(text) == [CommentText("Foo", "I am Foo! Really.", 2), Statement("3 + 4", 3)]


def test_a_file_with_carriage_returns_has_the_same_lines() -> None:
    for ends in ("\r", "\r\n"):
        assert [piece.line for piece in pieces(FILE.replace("\n", ends))] == [1, 7, 12, 15, 16]


def test_what_is_not_ended_counts_too() -> None:
    assert pieces("3 + 4") == [Statement("3 + 4", 1)]
    assert pieces("!Foo methodsFor: 'x'!\n\na ^ 1") == [MethodSource("Foo", False, "x", "a ^ 1", 3)]


def test_nothing_is_nothing() -> None:
    assert [pieces(text) for text in ("", " \n", "!", "! !", "!\n!", "!Foo methodsFor: 'x'!")] == [[]] * 6


@given(st.text(alphabet="! \n\ra'", max_size=60))
def test_every_text_is_cut_and_no_piece_is_empty(text: str) -> None:
    found = pieces(text)
    assert all(piece.text.strip() for piece in found)
    assert [piece.line for piece in found] == sorted(piece.line for piece in found)


@given(st.lists(st.text(alphabet="ab!' \n", min_size=1).filter(lambda t: t.strip() == t and t[0] != "!"), max_size=6))
def test_statements_that_are_written_come_back(statements: list[str]) -> None:
    text = "".join(each.replace("!", "!!") + "!\n" for each in statements)
    assert [piece.text for piece in pieces(text)] == statements
