"""man/stui-source.7: what source may be: expressions, the last results, and the forms of files.

tests/test_source_page.py evaluates and loads what stands here as an example, as it stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import command_tree  # noqa: F401  puts the checkout on sys.path
from manual import _HEADER, _escaped, _prose, _protected, _terms, _text

from stui_cli import __version__
from stui_cli.playground.source.formats import FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterator

# One after the other in one session: what is given, and what is printed.
EXPRESSIONS = {
    "x := 6 * 7. y := x + 1": "43",
    "y - x": "1",
    "| t | t := x. t + t": "84",
    "^x": "42",
    '"nothing but a comment"': "nil",
}

# The same, in a session where nothing was evaluated before.
RESULTS = {
    "40 + 2": "42",
    "it + 1": "43",
    "@1 + it": "85",
    "(3@4) x": "3",
}


class Form(NamedTuple):
    """A form of source: what it is, a file of it, and the pieces of that: their kind, name and line."""

    about: str
    file: str
    text: str
    pieces: tuple[tuple[str, str | None, int], ...]


FORMS = {
    "chunks": Form(
        "What a file-out writes. A `!` ends a piece. `!NAME methodsFor: 'category'!` begins the methods of a class, "
        "each ended by a `!`, the last one by two with a blank between. A `!` within a piece is doubled.",
        "Account.st",
        """\
Object subclass: #Account
    instanceVariableNames: 'balance'
    classVariableNames: ''
    poolDictionaries: ''
    category: 'Bank'!

!Account methodsFor: 'money'!
balance
    ^balance ifNil: [0]!
deposit: amount
    balance := self balance + amount! !

Smalltalk at: #Opened put: (Account new deposit: 3)!
""",
        (
            ("class", "Account", 1),
            ("method", "Account>>balance", 8),
            ("method", "Account>>deposit:", 10),
            ("statements", None, 13),
        ),
    ),
    "brackets": Form(
        "The syntax of GNU Smalltalk, in every dialect. A class is one piece, with its methods; so is what `extend` "
        "adds to one that is there. `Eval [ ... ]` is a piece of statements.",
        "account.st",
        """\
Object subclass: Account [
    | balance |
    <category: 'Bank'>
    balance [ ^balance ifNil: [0] ]
    deposit: amount [ <category: 'money'> balance := self balance + amount ]
]

Integer extend [ euros [ ^self ] ]

Eval [ Smalltalk at: #Opened put: (Account new deposit: 3 euros) ]
""",
        (("class", "Account", 1), ("extension", "Integer", 8), ("statements", None, 10)),
    ),
    "tonel": Form(
        "What the tools of Pharo write, a file for each class and one for each class that is extended. Such a file is "
        "one piece.",
        "Account.class.st",
        """\
\"
I keep a balance.
\"
Class {
    #name : #Account,
    #superclass : #Object,
    #instVars : [
        'balance'
    ],
    #category : #Bank
}

{ #category : #money }
Account >> balance [
    ^balance ifNil: [0]
]

{ #category : #money }
Account >> deposit: amount [
    balance := self balance + amount
]
""",
        (("class", "Account", 4),),
    ),
    "statements": Form(
        "Statements, as in a workspace. Each is a piece; a full stop ends it.",
        "rates.st",
        """\
rate := 5.
rate * 2.
""",
        (("statements", None, 1), ("statements", None, 2)),
    ),
}
assert list(FORMS) == list(FORMATS)


def source_page(date: str) -> str:
    """The whole page; `date` is that of the release."""
    parts = (_head(date), _expressions(), _results(), _lines(), _forms(), _end())
    return "\n".join(line for part in parts for line in part) + "\n"


def _head(date: str) -> Iterator[str]:
    yield _HEADER
    yield f'.TH STUI\\-SOURCE 7 {date} "stui {__version__}" "Miscellaneous Information Manual"'
    yield from (".SH NAME", "stui\\-source \\- expressions, the last results, and the forms of files of source")
    yield ".SH DESCRIPTION"
    yield _text(
        "`stui eval` and `stui inspect` take expressions, `stui load` takes files of definitions. Source is text in "
        "UTF-8. What it means is the affair of the image; what is told here holds in every dialect."
    )


def _expressions() -> Iterator[str]:
    yield ".SH EXPRESSIONS"
    yield _text(
        "An expression is what a workspace takes: statements, with temporaries before them or not. Its value is that "
        "of the last statement, or of the one after `^`, which ends it. One after the other in one session:"
    )
    yield from _example(EXPRESSIONS)
    yield from _prose(
        "A name that is assigned and is neither a temporary nor a global becomes a variable of the session: it is "
        "there in the next command, and no other session sees it. `stui sessions show` lists them. Where no session is "
        "meant, a variable lasts for that one piece of source.",
        "Each piece of source is compiled whole before anything of it runs. What does not compile did not run: nothing "
        "has changed. What raises ends there: what it did before stays done. Both exit with 7.",
    )


def _results() -> Iterator[str]:
    yield ".SH THE LAST RESULTS"
    yield _text("A session keeps its last 100 results. In its source:")
    yield from _terms(
        {
            "it": "is the value of the last evaluation that returned one. What raised, or did not compile, leaves it "
            "as it was; so does `stui load`. It is no variable of the session: a checkpoint does not keep it.",
            "@REF": "is the result of that number, as in `@12 size`. `-o json` has it as `ref` of the value, "
            "`stui inspect` prints it, for each slot as well. `stui inspect @REF` looks into it. Behind a number, a "
            "name or a parenthesis `@` is the message that makes a point, with a blank or without.",
        }
    )
    yield from _prose("In a new session:")
    yield from _example(RESULTS)
    yield from _prose(
        "Slots that were looked at are kept apart, the last 1000 of them: looking around drives out no result. A "
        "number that is not kept any more is an error (3). The results end with the session, and with its image's "
        "process unless that was saved."
    )


def _lines() -> Iterator[str]:
    yield ".SH LINES AND FILES"
    yield _text(
        "`stui eval -` takes an expression a line. One in which a bracket, a parenthesis, a brace, a string or a "
        "comment is open goes on with the next line; blank lines are passed over. `stui eval -f FILE` takes the whole "
        "file as one piece, as does `stui eval < FILE`."
    )


def _forms() -> Iterator[str]:
    yield ".SH FORMS OF FILES"
    yield _text(
        "`stui load` reads four forms, in every dialect, and tells by a file's content which it is; `--format` says so "
        "instead. A definition such as `Class { ... }` at its beginning makes it Tonel; a bracket behind a name, which "
        "opens the body of a class or a method, makes it brackets; a `!` at the end of a line makes it chunks; all "
        "else is statements."
    )
    for name, form in FORMS.items():
        yield from (f".SS {name}", _text(form.about), *_literal(form.text))
    yield ".SS what holds for each"
    yield _text(
        "The pieces are loaded in their order, and counted as they are told: a class, an extension, a method, or "
        "statements. Each is compiled whole before anything of it is installed: what did not compile has changed "
        "nothing. A variable that statements assign is one of the session."
    )
    yield from _prose(
        "A folder is loaded with all `.st` files in and below it, a superclass before what inherits from it, "
        "extensions last.",
    )


def _end() -> Iterator[str]:
    yield ".SH SEE ALSO"
    yield from (".BR stui (1),", ".BR stui\\-eval (1),", ".BR stui\\-inspect (1),", ".BR stui\\-load (1),")
    yield ".BR stui\\-agent (7)"


def _example(rows: dict[str, str]) -> Iterator[str]:
    width = max(map(len, rows))
    yield from _literal("".join(f"{code:<{width}}  prints {value}\n" for code, value in rows.items()))


def _literal(lines: str) -> Iterator[str]:
    yield from (".PP", ".in +4n", ".EX", *(_protected(_escaped(line)) for line in lines.splitlines()), ".EE", ".in")
