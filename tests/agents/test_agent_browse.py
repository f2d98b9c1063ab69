"""Browsing: packages, classes, methods and their text, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from wire import RemoteError

if TYPE_CHECKING:
    from wire import Wire

DEFINE = """Object subclass: #ZorkRoot instanceVariableNames: 'a b' classVariableNames: 'C' poolDictionaries: ''
 category: 'Zork-Kernel'!
ZorkRoot subclass: #ZorkLeaf instanceVariableNames: '' classVariableNames: '' poolDictionaries: ''
 category: 'Zork-Tools'!
ZorkRoot comment: 'A root, with its leaf.'!
!ZorkRoot methodsFor: 'asking'!
zork: x
	^self zorkTwice: x + 1!
zorkTwice: x
	^x * 2! !
!ZorkRoot class methodsFor: 'making'!
zorkNew
	^self new! !
"""


@pytest.fixture(scope="module", autouse=True)
def defined(agent: Any) -> None:
    from running import Clients

    clients = Clients(agent)
    source = (
        f"(ReadStream on: '{DEFINE.replace(chr(39), chr(39) * 2)}') fileIn. ZorkRoot class instanceVariableNames: 'k'"
    )
    assert clients().evaluate(source)["outcome"] == "returned"
    clients.close()


def browse(
    wire: Wire, what: str, of: str | None = None, pattern: str | None = None, **page: int
) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = whole(wire, what, of, pattern, **page)["items"]
    return found


def whole(wire: Wire, what: str, of: str | None = None, pattern: str | None = None, **page: int) -> dict[str, Any]:
    found: dict[str, Any] = wire.call(
        "browse", what=what, of=of, pattern=pattern, start=page.get("start", 1), count=page.get("count", 1000)
    )
    return found


def test_packages_and_their_classes(wire: Wire) -> None:
    assert [item["package"] for item in browse(wire, "packages", None, "Zork*")] == ["Zork-Kernel", "Zork-Tools"]
    (item,) = browse(wire, "classes", "Zork-Tools")
    assert (item["class"], item["superclass"], item["selector"]) == ("ZorkLeaf", "ZorkRoot", None)
    assert [item["class"] for item in browse(wire, "classes", None, "Z?rk*")] == ["ZorkLeaf", "ZorkRoot"]
    assert "SystemExceptions.NotYetImplemented" in [item["class"] for item in browse(wire, "classes")]


def test_methods_of_both_sides(wire: Wire) -> None:
    found = [(item["side"], item["selector"], item["category"]) for item in browse(wire, "methods", "ZorkRoot")]
    assert found == [
        ("class", "zorkNew", "making"),
        ("instance", "zork:", "asking"),
        ("instance", "zorkTwice:", "asking"),
    ]
    assert [item["selector"] for item in browse(wire, "methods", "ZorkRoot class")] == ["zorkNew"]
    assert [item["selector"] for item in browse(wire, "methods", "ZorkRoot", "*Twice:")] == ["zorkTwice:"]


def test_text(wire: Wire) -> None:
    (item,) = browse(wire, "source", "ZorkRoot>>zork:")
    assert item["source"].strip() == "zork: x\n\t^self zorkTwice: x + 1"
    (item,) = browse(wire, "source", "ZorkRoot class>>zorkNew")
    assert item["source"].startswith("zorkNew")
    whole_class = browse(wire, "source", "ZorkRoot")
    assert [item["selector"] for item in whole_class] == [None, "zorkNew", "zork:", "zorkTwice:"]
    assert whole_class[0]["source"] == (
        "Object subclass: #ZorkRoot\n\tinstanceVariableNames: 'a b'\n\tclassVariableNames: 'C'\n"
        "\tpoolDictionaries: ''\n\tcategory: 'Zork-Kernel'.\n\nZorkRoot class\n\tinstanceVariableNames: 'k'\n"
    )
    (item,) = browse(wire, "comment", "ZorkRoot")
    assert item["source"] == "A root, with its leaf."
    (item,) = browse(wire, "source", "OrderedCollection>>addFirst:")  # from a class body in brackets
    assert item["source"].splitlines()[0] == "addFirst: newObject"
    assert item["source"].splitlines()[-1].strip() == "^self basicAt: firstIndex put: newObject"


def test_a_method_of_tonel_keeps_its_indentation(wire: Wire) -> None:
    """It stands at the margin there, and a method of a class body does not."""
    text = "Class { #name : #ZorkTonel, #superclass : #Object }\n\n{ #category : #x }\nZorkTonel >> one [\n\t^ 1\n]\n"
    assert wire.call("load_source", text=text)[0]["outcome"] == "returned"
    (item,) = browse(wire, "source", "ZorkTonel>>one")
    assert item["source"] == "one\n\t^ 1"
    text = "Object subclass: ZorkBody [\n    one [\n\t^1\n    ]\n    two [\n        ^2\n    ]\n]\n"
    assert wire.call("load_source", text=text)[0]["outcome"] == "returned"
    assert [item["source"] for item in browse(wire, "source", "ZorkBody")[1:]] == ["one\n^1", "two\n    ^2"]


def test_hierarchy_implementors_and_senders(wire: Wire) -> None:
    assert [item["class"] for item in browse(wire, "hierarchy", "ZorkRoot")] == ["Object", "ZorkRoot", "ZorkLeaf"]
    assert [(item["class"], item["side"]) for item in browse(wire, "implementors", "zorkNew")] == [
        ("ZorkRoot", "class")
    ]
    (item,) = browse(wire, "senders", "zorkTwice:")
    assert (item["class"], item["selector"]) == ("ZorkRoot", "zork:")
    assert browse(wire, "senders", "zorkNobodySendsThis") == []
    found = {(item["class"], item["selector"]) for item in browse(wire, "senders", "*", "Zork*")}
    assert found == {("ZorkRoot", "zorkTwice:")}


def test_senders_of_what_has_a_byte_code_of_its_own(wire: Wire) -> None:
    for selector, body in {
        "zorkInBlock": "^[:x | x printOn: nil]",
        "zorkCascade": "^nil printString; printOn: nil",
        "zorkSuper": "^super printOn: nil",
        "zorkNot": "^#(1) printString",
    }.items():
        assert wire.evaluate(f"ZorkLeaf compile: '{selector} [ {body} ]'")["outcome"] == "returned"
    found = [item["selector"] for item in browse(wire, "senders", "printOn:", "ZorkLeaf")]
    assert found == ["zorkCascade", "zorkInBlock", "zorkSuper"]
    assert ("Object", "printString") in {(i["class"], i["selector"]) for i in browse(wire, "senders", "printOn:")}


def test_a_class_that_lost_its_name_is_gone(wire: Wire) -> None:
    define = (
        "Object subclass: #ZorkGone instanceVariableNames: '' classVariableNames: '' poolDictionaries: '' category: 'Z'"
    )
    assert wire.evaluate(define)["outcome"] == "returned"
    assert [item["class"] for item in browse(wire, "classes", None, "ZorkGone")] == ["ZorkGone"]
    wire.evaluate("Smalltalk removeKey: #ZorkGone")
    assert browse(wire, "classes", None, "ZorkGone") == []


def test_pages(wire: Wire) -> None:
    first = whole(wire, "classes", count=2)
    second = whole(wire, "classes", start=3, count=1)
    assert first["total"] == second["total"] > 200
    names = [item["class"] for item in browse(wire, "classes", count=3)]
    assert names == [item["class"] for item in first["items"] + second["items"]]
    assert whole(wire, "classes", start=1_000_000)["items"] == []
    assert whole(wire, "classes", count=0)["items"] == []


@pytest.mark.parametrize(
    ("what", "of", "code"),
    [
        ("methods", "NoSuchClass", "ObjectNotFound"),
        ("source", "Object>>noSuchMethod", "ObjectNotFound"),
        ("classes", "No such package", "ObjectNotFound"),
        ("methods", None, "InvalidRequest"),
        ("weather", "Object", "InvalidRequest"),
    ],
)
def test_what_is_not_there(wire: Wire, what: str, of: str | None, code: str) -> None:
    with pytest.raises(RemoteError) as caught:
        browse(wire, what, of)
    assert caught.value.code == code
