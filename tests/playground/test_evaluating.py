"""Source text to values: sends, variables, blocks, control structures, and what is told of errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stui_cli.playground.image import NotCompiled, Raised

if TYPE_CHECKING:
    from conftest import Bench

VALUES = [
    ("3 + 4 * 2", 14),
    ("| a b | a := 3. b := 4. a * b", 12),
    ("^ 5. 6", 5),
    ("", None),
    ("[:x | x * 2] value: 21", 42),
    ("[:v | ^v] value: 9. 10", 9),
    ("3 > 4 ifTrue: [1] ifFalse: [2]", 2),
    ("3 > 4 ifTrue: [1]", None),
    ("3 > 2 or: [1/0]", True),
    ("nil ifNil: [4]", 4),
    ("5 ifNotNil: [:v | v + 1]", 6),
    ("| s | s := 0. 1 to: 10 do: [:i | s := s + i]. s", 55),
    ("| s | s := 0. 10 to: 1 by: -3 do: [:i | s := s * 10 + i]. s", 10741),
    ("| s i | s := 0. i := 0. [i < 10] whileTrue: [i := i + 1. s := s + i]. s", 55),
    ("| s | s := 0. 10 timesRepeat: [s := s + 2]. s", 20),
    ("3-4", -1),
    ("3--4", 7),
    ("16r1F + 2r101 + 1e3", 1036),
    ("| x | x := 1. x + (x := 5)", 6),
    ("| x b | x := 1. b := [x := 7]. x + b value + x", 15),
    ("| a b | a := b := 3. a + b", 6),
    ("| x | x := 1. x + 0; + (x := 5); + 10", 11),
    (
        "| c | c := OrderedCollection new. 1 to: 3 do: [:i | c add: [i]]. c inject: 0 into: [:s :b | s * 10 + b value]",
        123,
    ),
    (
        "| c i | c := OrderedCollection new. i := 0. [i < 3] whileTrue: [| n | n := i. c add: [n]. i := i + 1]. "
        "c inject: 0 into: [:s :b | s * 10 + b value]",
        12,
    ),
    ("| x | x := nil. x ifNil: [x := 4]. x", 4),
    ("| x | x := 5. x ifNil: [0] ifNotNil: [:y | x := 7. y]", 5),
    ("[1/0] on: ZeroDivide do: [:e | e return: 5]", 5),
    ("[(Warning signal: 'x') + 1] on: Warning do: [:e | e resume: 5]", 6),
    ("[[1/0] on: ZeroDivide do: [:e | e pass]] on: Error do: [:e | 77]", 77),
    ("| n | n := 0. [n := n + 1. n < 3 ifTrue: [1/0]. n] on: ZeroDivide do: [:e | e retry]", 3),
    ("| a | a := 0. [a := 1] ensure: [a := a + 10]. a", 11),
]
REFUSED = [
    ("3 + ", "expression expected", 1, 5),
    ("(3 + 4", "missing )", 1, 7),
    ("1 + 1.\n2 + 2.\n3 + ) + 4.\n5", "expression expected", 3, 5),
    ("[:x | x", "missing ]", 1, 8),
    ("[3)", "missing ]", 1, 3),
    ("{1. 2", "missing }", 1, 6),
    ("#(1 (2)", "missing )", 1, 8),
    ("(1. 2)", "missing )", 1, 3),
    ("3)", ") closes nothing", 1, 2),
    ("| a b", "missing | after the temporaries", 1, 6),
    ("[:x y | x]", "| or ] expected after the arguments of the block", 1, 5),
    ("3 4", "full stop or message expected before 4", 1, 3),
    ("3; foo", "a message expected before ;", 1, 2),
    ("3 foo; ", "a message expected after ;", 1, 8),
    ("3 := 4", "only a variable can be assigned to", 1, 3),
    ("foo: 3", "expression expected before a keyword", 1, 4),
    ("#[1 300]", "a byte is between 0 and 255", 1, 5),
    ("2r3", "a digit of radix 2 expected", 1, 1),
    ("1e99999999", "the number is too large", 1, 1),
    ("[:x :x | x]", "x is declared twice", 1, 6),
    ("[:x | x := 3]", "x is an argument: it cannot be assigned to", 1, 7),
    ("3 ! 4", "! ends a piece of a file; it means nothing here", 1, 3),
    ("'abc", "the string has no end: ' expected", 1, 1),
    ("thisContext", "thisContext is not available in the playground", 1, 1),
    ("self := 3", "self cannot be assigned to", 1, 1),
    ("1. @7", "@7 is no kept result of this session", 1, 4),
]


@pytest.mark.parametrize(("source", "value"), VALUES)
def test_value(bench: Bench, source: str, value: object) -> None:
    found = bench.value(source)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(("source", "message", "line", "column"), REFUSED)
def test_what_does_not_compile_is_told_with_its_place(
    bench: Bench, source: str, message: str, line: int, column: int
) -> None:
    with pytest.raises(NotCompiled) as caught:
        bench.value(source)
    assert (caught.value.message, caught.value.line, caught.value.column) == (message, line, column)
    text, caret = (caught.value.excerpt or "").split("\n")
    assert text == source.split("\n")[line - 1]
    assert caret == " " * (column - 1) + "^"


def test_an_error_that_nobody_handles_has_a_stack(bench: Bench) -> None:
    with pytest.raises(Raised) as caught:
        bench.value("3 + 4.\n[1/0] value")
    assert (caught.value.kind, caught.value.message) == ("ZeroDivide", "division by zero")
    assert caught.value.stack == [
        "SmallInteger(Number)>>/",
        "[] in UndefinedObject>>DoIt line 2",
        "UndefinedObject>>DoIt line 2",
    ]


def test_a_session_keeps_its_variables(bench: Bench) -> None:
    bench.value("x := 42")
    assert bench.value("x + 1") == 43
    assert bench.value("[:z | x := z] value: 7. x") == 7
    assert bench.value("unheardOf") is None
    assert bench.workspace.variables == {"x": 7}


def test_a_block_whose_method_returned_cannot_return(bench: Bench) -> None:
    bench.value("b := [:v | ^v]. 1")
    with pytest.raises(Raised) as caught:
        bench.value("b value: 3")
    assert caught.value.kind == "BlockCannotReturn"
