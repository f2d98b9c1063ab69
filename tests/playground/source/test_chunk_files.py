"""Chunk files are cut as a file-in cuts them."""

from hypothesis import given
from hypothesis import strategies as st

from stui_cli.playground.source.chunks import read_chunks
from stui_cli.playground.source.parts import CommentText, MethodPart, Place, Statement

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
    definition, hello, made, other, sent = read_chunks(FILE)
    assert isinstance(definition, Statement)
    assert definition.text.startswith("Object subclass: #Foo\n")
    assert definition.text.endswith("package: 'Foo'")
    assert definition.place == Place(1)
    assert hello == MethodPart("Foo", False, "greeting", "hello", "hello\n\t^ 'oh!'", Place(7))
    assert made == MethodPart("Foo", True, "it's new", "made", "made\n\t^ self new", Place(12))
    assert other == MethodPart("Foo", True, "it's new", "other", "other ^ 3", Place(15))
    assert sent == Statement("Foo new hello", Place(16))


def test_a_comment_of_a_class() -> None:
    text = "!Foo commentStamp: 'xy 1/1/2020' prior: 0!\nI am Foo!! Really.!\n3 + 4!"
    assert read_chunks(text) == [CommentText("Foo", "I am Foo! Really.", Place(2)), Statement("3 + 4", Place(3))]


def test_a_file_with_carriage_returns_has_the_same_lines() -> None:
    for ends in ("\r", "\r\n"):
        assert [piece.place.line for piece in read_chunks(FILE.replace("\n", ends))] == [1, 7, 12, 15, 16]


def test_a_mark_in_a_string_a_comment_or_a_character_ends_nothing() -> None:
    text = "'a! b' size!\n\"oh! no\" $! asString!\n!Foo methodsFor: 'x'!\na ^ '!' \"!\"! !"
    one, two, method = read_chunks(text)
    assert isinstance(one, Statement)
    assert isinstance(two, Statement)
    assert isinstance(method, MethodPart)
    assert [one.text, two.text, method.text] == ["'a! b' size", "$! asString", "a ^ '!' \"!\""]


def test_a_comment_may_be_a_chunk_of_its_own_before_a_heading() -> None:
    for text in ("\"What it is\"!\n\n!Foo methodsFor: 'x'!\na ^1! !", "!\n\"c\"\n!Foo methodsFor: 'x'!\na ^1! !"):
        (method,) = read_chunks(text)
        assert isinstance(method, MethodPart)


def test_a_comment_alone_is_nothing() -> None:
    assert read_chunks('"only! a comment"!\n"another"') == []


def test_what_is_not_ended_counts_too() -> None:
    assert read_chunks("3 + 4") == [Statement("3 + 4", Place(1))]
    assert read_chunks("!Foo methodsFor: 'x'!\n\na ^ 1") == [MethodPart("Foo", False, "x", "a", "a ^ 1", Place(3))]


def test_nothing_is_nothing() -> None:
    assert [read_chunks(text) for text in ("", " \n", "!", "! !", "!\n!", "!Foo methodsFor: 'x'!")] == [[]] * 6


@given(st.text(alphabet="! \n\ra'", max_size=60))
def test_every_text_is_cut_and_no_piece_is_empty(text: str) -> None:
    found = read_chunks(text)
    assert all(piece.text.strip() for piece in found)
    assert [piece.place.line for piece in found] == sorted(piece.place.line for piece in found)


@given(st.lists(st.text(alphabet="ab! \n", min_size=1).filter(lambda t: t.strip() == t and t[0] != "!"), max_size=6))
def test_statements_that_are_written_come_back(statements: list[str]) -> None:
    text = "".join(each.replace("!", "!!") + "!\n" for each in statements)
    assert [piece.text for piece in read_chunks(text)] == statements
