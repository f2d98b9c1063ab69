"""The porter's cases, in GNU Smalltalk; and that each of them can fail."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest
from chunk_reader import Reading, read
from running import AGENT

from stui_cli.local.dialects import portable_files

if TYPE_CHECKING:
    from pathlib import Path

PORTABLE = portable_files()
SOURCE = "".join(path.read_text(encoding="ascii") for path in PORTABLE)

# Left to `stui doctor`, which has sockets, and to saving and ending an image.
ELSEWHERE = {
    *(
        "listenOn:port:",
        "listenAt:",
        "portOf:",
        "isListening:",
        "accept:",
        "read:into:from:to:",
        "write:from:",
        "close:",
    ),
    *("onResume:", "onQuit:", "snapshotTo:", "keepAlive", "quit:"),
}

# For each case a method of the dialect, in its own words, that is wrong.
BROKEN = {
    "name": "name [ ^'another' ]",
    "version": "version [ ^nil ]",
    "imageName": "imageName [ ^'' ]",
    "pid": "pid [ ^'1' ]",
    "processStart": "processStart [ ^'long ago' ]",
    "startOfProcess:": "startOfProcess: pidText [ ^5 ]",
    "memoryUsed": "memoryUsed [ ^7 ]",
    "unsavedChanges": "unsavedChanges [ ^'perhaps' ]",
    "milliseconds": "milliseconds [ ^5 ]",
    "epochMilliseconds": "epochMilliseconds [ ^Time millisecondClock ]",
    "randomBytes:": "randomBytes: count [ ^ByteArray new: count ]",
    "readFile:": "readFile: path [ ^'' ]",
    "writeFile:text:": (
        "writeFile: path text: text [ | file | file := FileStream open: path mode: FileStream append. "
        "file nextPutAll: text; close ]"
    ),
    "deleteFile:": "deleteFile: path [ (File name: path) remove ]",
    "isPrivateFile:": "isPrivateFile: path [ ^nil ]",
    "makeFolder:": "makeFolder: path [ path = '/tmp' ifTrue: [self error: 'it is there already'] ]",
    "log:": "log: text [ self error: 'no log' ]",
    "logError:in:": "logError: exception in: text [ ^exception stuiNoSuchMessage ]",
    "sleep:": "sleep: milliseconds [ ^self ]",
    "spawn:at:named:": "spawn: aBlock at: role named: text [ ^super spawn: aBlock at: role named: text ]",
    "current": "current [ ^Semaphore new ]",
    "becomeRole:": "becomeRole: role [ ^self ]",
    "restoreUserPriority:": "restoreUserPriority: process [ ^self ]",
    "yield": "yield [ ^self ]",
    "atomically:": "atomically: aBlock [ ^aBlock value ]",
    "at:put:in:": "at: key put: value in: dictionary [ dictionary at: key put: key ]",
    "at:in:": "at: key in: dictionary [ ^0 ]",
    "removeKey:in:": "removeKey: key in: dictionary [ ]",
    "isFinished:": "isFinished: process [ ^true ]",
    "terminate:": "terminate: process [ process primTerminate ]",
    "kill:": "kill: process [ ^false ]",
    "isBusy": "isBusy [ ^false ]",
    "rotate": "rotate [ ^self error: 'no turns' ]",
    "strayProcesses": "strayProcesses [ ^Array new ]",
    "scopeOf:": "scopeOf: process [ ^nil ]",
    "stackDepthOf:limit:": "stackDepthOf: process limit: limit [ ^limit ]",
    "newScope": "newScope [ ^Smalltalk at: #OneScope put: (Smalltalk at: #OneScope ifAbsent: [StuiGstScope new]) ]",
    "namesIn:": "namesIn: scope [ ^scope pool keys ]",
    "valueOf:in:": "valueOf: name in: scope [ ^nil ]",
    "bind:to:in:": "bind: value to: name in: scope [ ^scope pool at: name asSymbol put: nil ]",
    "unbind:in:": "unbind: name in: scope [ ^self ]",
    "compile:in:": "compile: text in: scope [ ^[nil] ]",
    "run:in:": "run: code in: scope [ ^nil ]",
    "newLoader": "newLoader [ ^StuiLoader new ]",
    "isChunkWhole": "isChunkWhole [ ^nil ]",
    "isGlobal:": "isGlobal: name [ ^true ]",
    "globalNamed:": "globalNamed: name [ ^nil ]",
    "refusalOf:": "refusalOf: selector [ ^'no' ]",
    "refusalOfSource:": "refusalOfSource: scanned [ ^'no' ]",
    "value:onError:": "value: aBlock onError: handler [ ^aBlock on: ZeroDivide do: [:e | e return: 4] ]",
    "classOf:": "classOf: exception [ ^exception class ]",
    "messageOf:": "messageOf: exception [ ^nil ]",
    "lineOf:in:": "lineOf: exception in: scope [ ^1 ]",
    "stackOf:limit:": "stackOf: exception limit: limit [ ^Array new: 1000 withAll: 'a frame' ]",
    "textFromUtf8:": "textFromUtf8: bytes [ ^bytes ]",
    "utf8FromText:": "utf8FromText: text [ ^text asByteArray ]",
    "stringsHoldUtf8": "stringsHoldUtf8 [ ^false ]",
    "isWholeText:": "isWholeText: text [ ^true ]",
    "plainUtf8FromText:": "plainUtf8FromText: text [ ^text asByteArray ]",
    "isText:": "isText: object [ ^object isString ]",
    "isSymbol:": "isSymbol: object [ ^true ]",
    "isCharacter:": "isCharacter: object [ ^true ]",
    "codeOf:": "codeOf: character [ ^nil ]",
    "characterOf:": "characterOf: code [ ^$a ]",
    "storeCharacter:": "storeCharacter: character [ ^'$a' ]",
    "isNameDot": "isNameDot [ ^nil ]",
    "isFloat:": "isFloat: object [ ^object isNumber ]",
    "wordsOf:": "wordsOf: float [ ^StuiFloatWords high: 0 low: 0 ]",
    "storeFloat:": "storeFloat: float [ ^'1.0' ]",
    "classNameOf:": "classNameOf: object [ ^'Object' ]",
    "printOf:limit:": "printOf: object limit: limit [ ^Array with: object printString with: false ]",
    "hashOf:": "hashOf: object [ ^-1 ]",
    "slotNamesOf:": "slotNamesOf: object [ ^Array new ]",
    "slot:of:": "slot: index of: object [ ^object ]",
    "elementCountOf:": "elementCountOf: object [ ^object basicSize ]",
    "elementsOf:from:count:": "elementsOf: object from: start count: count [ ^Array with: 1 -> 2 ]",
    "allClasses": "allClasses [ ^Object withAllSubclasses ]",
    "packageOf:": "packageOf: class [ ^'all' ]",
    "protocolOf:in:": "protocolOf: selector in: class [ ^'all' ]",
    "sourceOf:in:": "sourceOf: selector in: class [ ^'another' ]",
    "sendersOf:in:": "sendersOf: selector in: class [ ^class selectors ]",
    "definitionOf:": "definitionOf: class [ ^class printString ]",
    "testCaseClass": "testCaseClass [ ^Object ]",
    "test:of:": "test: selector of: class [ ^class ]",
    "installWith:": "installWith: settings [ ^self error: 'no' ]",
    "capture:during:": "capture: output during: aBlock [ ^aBlock value ]",
    "uninstall": "uninstall [ ^self ]",
}

# Answers what each case says while its hook is broken, and while nothing counts as right.
DRIVER = """
Object subclass: #Breaker instanceVariableNames: '' classVariableNames: '' poolDictionaries: '' category: 'Test'!
!Breaker class methodsFor: 'breaking'!
line: name with: source
	| class selector old line |
	class := StuiGstDialect.
	selector := name asSymbol.
	old := class methodDictionary at: selector ifAbsent: [nil].
	class compile: source ifError: [:f :l :m | ^'this does not compile: ', m].
	line := StuiPortable lineOf: name.
	old isNil ifTrue: [class removeSelector: selector] ifFalse: [class methodDictionary at: selector put: old].
	^line!
say: line
	stdout nextPutAll: line; nl; flush! !
"""


def gst_run(gst: Path, folder: Path, text: str) -> list[str]:
    """What the program says on its standard output after the agent and the cases were filed in."""
    program = folder / "program.st"
    program.write_text(DRIVER + text)
    arguments = [str(gst), "-q", "-g", *map(str, AGENT), str(folder / "cases.st"), str(program)]
    (folder / "cases.st").write_text(SOURCE.replace("\nStuiPortable run!\n", "\n"))
    done = subprocess.run(arguments, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=50, check=True)
    return [line for line in done.stdout.splitlines() if line.startswith(("ok ", "FAILED ", "this "))]


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def names() -> list[str]:
    table = SOURCE[SOURCE.index("\nrows\n") : SOURCE.index("methodsFor: 'checking'")]
    return re.findall(r"#\('([^']+)' #case\w+\)", table)


def test_every_case_passes_in_gnu_smalltalk(gst: Path) -> None:
    done = subprocess.run(
        [str(gst), "-q", "-g", *map(str, [*AGENT, *PORTABLE])],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=50,
        check=True,
    )
    told = [line.removeprefix("stui-agent: ") for line in done.stderr.splitlines()]
    assert [line for line in told if line.startswith("FAILED")] == []
    assert [line.removeprefix("ok ") for line in told if line.startswith("ok ")] == names()
    assert told[-1] == f"{len(names())} ok, 0 FAILED"


def test_each_hook_that_is_broken_fails_its_case(gst: Path, tmp_path: Path) -> None:
    text = "".join(
        f"Breaker say: (Breaker line: {quoted(name)} with: {quoted(code)})!\n" for name, code in BROKEN.items()
    )
    said = gst_run(gst, tmp_path, text)
    passed = [line for line in said if not line.startswith("FAILED ")]
    assert passed == []
    assert [name for name, line in zip(BROKEN, said, strict=True) if not line.startswith(f"FAILED {name}: ")] == []


def test_each_case_checks_something(gst: Path, tmp_path: Path) -> None:
    """With a check that is never content no case passes."""
    text = (
        "StuiPortable compile: 'check: aBoolean because: text [ StuiPortableFailure new signal: ''never content'' ]'!\n"
        + "".join(f"Breaker say: (StuiPortable lineOf: {quoted(name)})!\n" for name in names())
    )
    said = gst_run(gst, tmp_path, text)
    assert said == [f"FAILED {name}: never content" for name in names()]


def test_each_hook_has_a_case() -> None:
    hooks = Reading()
    source = next(path for path in AGENT if path.name == "dialect.st" and path.parent.name == "core").read_text()
    read(source[source.index("!StuiDialect methodsFor: 'identity'!") :], hooks)
    assert set(names()) & hooks.defined == hooks.defined - ELSEWHERE
    assert set(BROKEN) == hooks.defined - ELSEWHERE


def test_the_cases_keep_to_what_every_dialect_has() -> None:
    reading = Reading()
    for path in AGENT:
        if path.parent.name == "core":
            read(path.read_text(), reading)
    sent_by_the_core = set(reading.sent)
    read(SOURCE, reading)
    assert set(reading.sent) - sent_by_the_core - reading.defined == {
        *("stuiNoSuchMessage", "/", "show:", "perform:", "perform:with:with:"),  # the first on purpose
        *("to:by:", "@", "add:withOccurrences:"),  # what the texts of values send
    }


@pytest.mark.parametrize("name", ["nowhere", "StuiPortable"])
def test_a_case_of_another_name_is_told(gst: Path, tmp_path: Path, name: str) -> None:
    assert gst_run(gst, tmp_path, f"Breaker say: (StuiPortable lineOf: '{name}')!\n") == [
        f"FAILED {name}: there is no such case"
    ]
