"""Attempts to reach Python, files, processes or the network from an expression: each has an answer of Smalltalk."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING

import pytest

from stui_cli.playground.image import NotCompiled, Raised

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Bench

OF_PYTHON = re.compile(
    r"Traceback|object at 0x|NoneType|builtin|stui_cli|[Pp]ython|__\w|\w+Error\(|TypeError|AttributeError|ValueError|"
    r"IndexError|<class|<function|<module|lambda|NotImplemented|coroutine|frame object"
)
# The first ones name Python's own things; what they understand of it is a name that nobody declared: nil.
ATTEMPTS = [
    "__import__",
    "__builtins__",
    "__import__ value: 'os'",
    "(__builtins__ at: 'eval') value: '1'",
    "import os",
    "os system: 'touch HERE'",
    "exec: 'open(1)'",
    "eval value: '1+1'",
    "open value: 'HERE' value: 'w'",
    "nil __class__",
    "3 __class__",
    "'abc' __class__ __mro__",
    "nil perform: #'__class__'",
    "3 perform: #'__add__:' with: 4",
    "'abc' perform: #'__len__'",
    "3 perform: #real",
    "'abc' perform: #encode",
    "[:x | x] __globals__",
    "[:x | x] perform: #'function.__globals__'",
    "[:x | x] instVarNamed: 'function'",
    "Object instVarNamed: 'payload'",
    "Object instVarNamed: 'methods'",
    "(Object new) instVarNamed: '__class__'",
    "(Object new) instVarAt: 1",
    "(Error new) instVarNamed: 'context'",
    "thisContext",
    "thisContext sender",
    "m",
    "m image",
    "r",
    "T",
    "t1. w1. k1. h. v. q",
    "Smalltalk at: #T",
    "Smalltalk at: #'__builtins__'",
    "Smalltalk system: 'touch HERE'",
    "Smalltalk evaluate: '__import__'",
    "(FileStream fileNamed: 'HERE') nextPutAll: 'x'; close",
    "'HERE' asFileReference writeStream nextPutAll: 'x'; close",
    "(File name: 'HERE') touch",
    "OSProcess command: 'touch HERE'",
    "Socket newTCP",
    "TCP.Socket remote: '127.0.0.1' port: 22",
    "PackageLoader fileInPackage: 'Sockets'",
    "FileDescriptor open: '/etc/passwd'",
    "Object compile: 'hack <primitive: 1> ^1'",
    "Object compile: 'hack <cCall: ''system'' returning: #int args: #(#string)>'. nil hack",
    "Object compile: 'hack ^__import__'",
    "Object compile: 'hack\n    import os\n    os.system(1)'",
    "Object compile: 'x\\u0028): pass'",
    "Object subclass: #'A(object): pass' instanceVariableNames: '' classVariableNames: '' package: 'x'",
    "Object subclass: #A1 instanceVariableNames: 'a;import(os)' classVariableNames: '' package: 'x'",
    "#'__init__' value: Object",
    "(1 to: 3) collect: #'__repr__'",
    "#(1 2 3) sort: #'__lt__:'",
    "(Message new) instVarNamed: 'selector' put: '__class__'",
    "(Message selector: #'__class__' arguments: #()) sendTo: 3",
    "'{0.__class__}' format: #(1)",
    "'%s' % #(1)",
    "'f''{x}''' asSymbol value: 3",
    "'\\x41' printString",
    "3 instVarAt: 1 put: nil",
    "nil class class class class class name",
    "(Object >> #printString) function",
    "(Object >> #printString) sourceCode",
    "Object methodDict",
    "3 become: 4",
    "Object superclass: Integer",
    "Symbol new",
    "(Set new) instVarNamed: 'entries'",
    "Processor activeProcess instVarNamed: 'machine'",
    "[1/0] on: ZeroDivide do: [:e | e context]",
    "[1/0] on: ZeroDivide do: [:e | e signalerContext]",
    "[nil foo] on: Error do: [:e | e message instVarNamed: 'function']",
    "[(Array new: 3) at: 9] on: Error do: [:e | e messageText]",
]


def told(bench: Bench, source: str) -> str:
    """All that is told of it: the value's text, or the error with its stack."""
    try:
        value = bench.value(f"({source}) printString") if "." not in source else bench.value(source)
    except Raised as raised:
        return "\n".join([raised.kind, raised.message, *raised.stack])
    except NotCompiled as refused:
        return refused.message
    return str(getattr(value, "chars", ""))


@pytest.mark.parametrize("source", ATTEMPTS)
def test_no_attempt_reaches_python(bench: Bench, source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    threads, modules = len(sys._current_frames()), set(sys.modules)
    text = told(bench, source)
    for word in re.findall(r"[\w.(){};:]+", source):  # what the attempt says itself may be told again
        text = text.replace(word, "")
    assert not OF_PYTHON.search(text), text
    assert os.listdir(tmp_path) == []
    assert not {name for name in set(sys.modules) - modules if name in ("os", "subprocess", "socket", "ctypes")}
    assert len(sys._current_frames()) <= threads + 1  # the clock, if this test was the first
    assert bench.value("3 + 4") == 7


def test_there_are_forty_attempts() -> None:
    assert len(ATTEMPTS) >= 40


def test_compiled_code_has_no_names_but_those_of_the_runtime(bench: Bench) -> None:
    """What the namespace of a method holds, and which names its code uses, at any depth."""
    from stui_cli.playground.compiling import compile_method

    source = """evil: __builtins__ with: exec | m r T os |
        os := [:type | [:x | type value: x]].
        m := Import.
        ^#(__class__ 'import os') , {m. r. T. exec. '__globals__'. 1.5. $a. #foo:bar:}"""
    method = compile_method(source, bench.image.classes["Object"], bench.image, "x")
    function = method.function
    assert function.__globals__["__builtins__"] == {}
    allowed = set(function.__globals__)
    waiting = [function.__code__]
    while waiting:
        code = waiting.pop()
        used = {*code.co_names, *code.co_varnames, *code.co_freevars, *code.co_cellvars}
        attributes = {
            "attention",
            "poll",
            "get",
            "cls",
            "table",
            "function",
            "arity",
            "home",
            "value",
            "alive",
            "slots",
        }
        assert {name for name in used if not re.fullmatch(r"[a-z]\d*|block", name)} <= allowed | attributes
        waiting += [each for each in code.co_consts if hasattr(each, "co_code")]
        assert all(type(each) in (int, str, float, bool, type(None), tuple, type(code)) for each in code.co_consts)
