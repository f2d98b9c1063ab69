"""What a file makes of a GNU Smalltalk without an agent: its classes, its methods, and what it prints."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

SOURCES = Path(__file__).with_name("sources")

FILES = sorted(path for path in SOURCES.glob("*/*.st"))

# Keeps what is there, so that AFTER can tell what has come.
BEFORE = """\
| all |
all := LookupTable new.
Object allSubclasses do: [:each | (each isKindOf: Class) ifTrue:
    [all at: each put: each selectors copy -> each class selectors copy]].
Smalltalk at: #StuiProbe put: all.
'kept'
"""

# Answers a line for each class that is new, or has new methods, and for each such method.
AFTER = """\
| out all known tell names |
out := WriteStream on: String new.
all := (Object allSubclasses select: [:each | each isKindOf: Class])
    asSortedCollection: [:a :b | a printString <= b printString].
tell := [:behavior :old | (behavior selectors asSortedCollection: [:a :b | a <= b]) do: [:each | | method |
    (old includes: each) ifFalse:
        [method := behavior >> each.
        out nextPutAll: behavior printString , '>>' , each , ' (' , method methodCategory printString , ') ';
            nextPutAll: method numArgs printString , ' ' , method numTemps printString;
            nextPutAll: (method literals collect: [:x |
                (x isKindOf: LookupKey) ifTrue: [x key] ifFalse: [x]]) printString;
            nextPut: Character nl]]].
all do: [:each |
    known := (Smalltalk at: #StuiProbe) at: each ifAbsent: [nil].
    known isNil ifTrue:
        [names := each classVarNames asSortedCollection: [:a :b | a <= b].
        out nextPutAll: each printString , ' < ' , each superclass printString , ' ';
            nextPutAll: each allInstVarNames printString , ' ' , names printString , ' ';
            nextPutAll: (each class allInstVarNames copyFrom: Object class allInstVarNames size + 1) printString , ' ';
            nextPutAll: each category printString , ' ' , each comment printString , ' ' , each shape printString , ' ';
            nextPutAll: each sharedPools printString , ' ';
            nextPutAll: (names collect: [:name | | value |
                value := each classPool at: name.
                (value isKindOf: HashedCollection) ifTrue: [value size] ifFalse: [value]]) asArray printString;
            nextPut: Character nl].
    tell value: each value: (known isNil ifTrue: [#()] ifFalse: [known key]).
    tell value: each class value: (known isNil ifTrue: [#()] ifFalse: [known value])].
out contents
"""

_MARK = "---- what it made ----"


def plain(gst: Path, folder: Path, *sources: bytes) -> tuple[list[str], list[str]]:
    """The lines that files print, and those of AFTER, of `gst FILE...` in a process of its own."""
    before, after = folder / "before.st", folder / "after.st"
    before.write_text(BEFORE)
    *statements, last = AFTER.rstrip().rpartition("\n")
    after.write_text(f"Transcript flush.\n'{_MARK}' displayNl.\n{''.join(statements)}{last} displayNl.\n")
    files = [folder / f"file{number}.st" for number in range(len(sources))]
    for file, source in zip(files, sources, strict=True):
        file.write_bytes(source)
    arguments = [gst, "-q", before, *files, after]
    done = subprocess.run(arguments, capture_output=True, stdin=subprocess.DEVNULL, timeout=60)
    printed, _, made = done.stdout.decode().partition(f"{_MARK}\n")
    return printed.splitlines(), made.removesuffix("\n").splitlines()


def bracketed(tonel: str) -> str:
    """A Tonel file in the syntax that gst reads, by regular expressions that fit the files that stand here."""
    comment, tonel = re.fullmatch(r'(?:"((?:[^"]|"")*)"\n)?(.*)', tonel, re.DOTALL).groups()  # type: ignore[union-attr]
    head, *methods = re.split(r"\n(?=\{ #category)", tonel)
    extension = re.search(r"^Extension \{ #name : #(\w+)", head, re.MULTILINE)
    if extension:
        name = extension[1]
        return "\n".join(
            f"{name}{' class' if meta else ''} extend [\n{method}\n]"
            for meta, method in (_method(each) for each in methods)
        )
    name, superclass = (re.search(rf"#{key} : ['#](\w+)", head)[1] for key in ("name", "superclass"))  # type: ignore[index]
    return "\n".join(
        [f"{superclass} subclass: {name} [", *_parts(name, head, comment), *_bodies(name, methods), "]", ""]
    )


def _parts(name: str, head: str, comment: str | None) -> list[str]:
    shape = re.search(r"#type : #(\w+)", head)
    category = re.search(r"#category : #?'?([\w-]+)", head)
    parts = [
        f"| {' '.join(_list('instVars', head))} |",
        f"{name} class [ | {' '.join(_list('classInstVars', head))} | ]",
    ]
    parts += [f"{each} := nil." for each in _list("classVars", head)]
    parts += [f"<import: {each}>" for each in _list("pools", head)]
    if category:
        parts.append(f"<category: '{category[1]}'>")
    if comment:
        parts.append("<comment: '{}'>".format(comment.replace('""', '"').replace("'", "''")))
    if shape:
        parts.append("<shape: #{}>".format({"bytes": "byte", "variable": "pointer"}[shape[1]]))
    return parts


def _list(key: str, head: str) -> list[str]:
    found = re.search(rf"#{key} : \[(.*?)\]", head, re.DOTALL)
    return re.findall(r"'(\w+)'", found[1]) if found else []


def _bodies(name: str, methods: list[str]) -> list[str]:
    return [f"{name} class >> {body}" if meta else body for meta, body in map(_method, methods)]


def _method(text: str) -> tuple[bool, str]:
    """Whether it is of the class side, and its text with its category."""
    found = re.fullmatch(r"\{ #category : #?'?([^'}]+?)'? \}\n\w+( class)? >> ([^\[]*)\[(.*)\]\s*", text, re.DOTALL)
    assert found, text
    return bool(found[2]), f"{found[3]} [ <category: '{found[1]}'> {found[4]} ]"
