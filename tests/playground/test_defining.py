"""Classes defined, changed and removed by code, and what becomes of their methods and instances."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stui_cli.playground.image import Raised

if TYPE_CHECKING:
    from conftest import Bench


def define(bench: Bench, name: str, variables: str, superclass: str = "Object", shared: str = "") -> None:
    bench.value(
        f"{superclass} subclass: #{name} instanceVariableNames: '{variables}'"
        f" classVariableNames: '{shared}' package: 'P'"
    )


def compiled(bench: Bench, name: str, *sources: str) -> None:
    for source in sources:
        quoted = source.replace("'", "''")
        bench.value(f"{name} compile: '{quoted}'")


def refused(bench: Bench, source: str) -> str:
    with pytest.raises(Raised) as caught:
        bench.value(source)
    return f"{caught.value.kind}: {caught.value.message}"


def test_variables_that_are_added_moved_and_taken_away(bench: Bench) -> None:
    define(bench, "PgA", "a b")
    define(bench, "PgB", "c", superclass="PgA")
    compiled(bench, "PgA", "a: x a := x", "b: x b := x", "a ^ a", "b ^ b")
    compiled(bench, "PgB", "c: x c := x", "c ^ c")
    bench.value("one := PgA new. one a: 1; b: 2. two := PgB new. two a: 1; b: 2; c: 3. kept := PgA")
    define(bench, "PgA", "b new a")
    assert bench.value("{one a. one b. two a. two b. two c} = #(1 2 1 2 3)") is True
    assert bench.value("kept == PgA and: [one class == PgA]") is True
    define(bench, "PgA", "b")
    assert bench.value("one b + two b + two c") == 7
    assert refused(bench, "one a") == "Error: #a does not compile any more: a is not declared"
    assert refused(bench, "PgA subclass: #PgB instanceVariableNames: 'b' classVariableNames: '' package: 'P'") == (
        "Error: b is there already, here or in a superclass"
    )


def test_a_class_goes_below_another(bench: Bench) -> None:
    define(bench, "PgA", "a")
    define(bench, "PgB", "b")
    compiled(bench, "PgA", "whoAmI ^ 'A'")
    compiled(bench, "PgB", "b: x b := x", "b ^ b")
    bench.value("one := PgB new. one b: 7. 1")
    define(bench, "PgB", "b", superclass="PgA")
    assert bench.value("one whoAmI = 'A' and: [one b = 7]") is True
    assert bench.value("PgB superclass == PgA and: [PgB class superclass == PgA class]") is True
    assert refused(bench, "PgB subclass: #PgA instanceVariableNames: '' classVariableNames: '' package: 'P'") == (
        "Error: PgA cannot be below itself"
    )


def test_variables_of_the_class_side(bench: Bench) -> None:
    define(bench, "PgA", "", shared="Total")
    define(bench, "PgB", "", superclass="PgA")
    bench.value("PgA class instanceVariableNames: 'count'. 1")
    bench.value(
        "PgA class compile: 'more count := (count ifNil: [0]) + 1. Total := (Total ifNil: [0]) + 1. ^ count'. 1"
    )
    assert bench.value("PgA more. PgA more. PgB more. {PgA more. PgB more} = #(3 2)") is True
    bench.value("PgA class compile: 'total ^ Total'. PgA compile: 'total ^ Total'. 1")
    assert bench.value("{PgA total. PgB total. PgB new total} = #(5 5 5)") is True
    bench.value("PgA class instanceVariableNames: 'other count'. 1")
    assert bench.value("PgA more") == 4


def test_super_and_self(bench: Bench) -> None:
    define(bench, "PgA", "")
    define(bench, "PgB", "", superclass="PgA")
    define(bench, "PgC", "", superclass="PgB")
    compiled(bench, "PgA", "name ^ 'A', self tail", "tail ^ '.'")
    compiled(bench, "PgB", "name ^ 'B', super name")
    compiled(bench, "PgC", "tail ^ '!'")
    assert bench.value("PgC new name = 'BA!'") is True


def test_a_method_that_does_not_compile_changes_nothing(bench: Bench) -> None:
    define(bench, "PgA", "a")
    compiled(bench, "PgA", "a ^ 1")
    assert refused(bench, "PgA compile: 'a ^ ('").startswith("SyntaxErrorNotification: ")
    assert refused(bench, "PgA compile: 'a ^ zork'") == (
        "SyntaxErrorNotification: zork is not declared (line 1, column 5)"
    )
    assert bench.value("PgA new a") == 1


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("Object subclass: #OrderedCollection", "Error: OrderedCollection is a class of the playground itself"),
        ("Object subclass: #lower", "Error: lower is no name of a class"),
        ("Object subclass: 3", "Error: this is no name of a class"),
        ("Object subclass: #PgA instanceVariableNames: 'x x' category: ''", "Error: x is there"),
        ("Object subclass: #PgA instanceVariableNames: 'self' category: ''", "Error: self cannot"),
        ("Object subclass: #PgA instanceVariableNames: 7 category: ''", "Error: variables are told"),
        ("SmallInteger subclass: #PgA", "Error: SmallInteger can have no subclasses here"),
        ("Object removeSelector: #printOn:", "Error: #printOn: is a part of the playground itself"),
        ("Object removeSelector: #zork", "KeyNotFound: key #zork not found in MethodDictionary"),
        ("Object removeFromSystem", "Error: Object is a class of the playground itself"),
        ("Smalltalk at: #Object put: 3", "Error: Object is a part of the playground itself"),
        ("Smalltalk removeKey: #Transcript", "Error: Transcript is a part of the playground itself"),
        ("Boolean new", "Error: "),
        ("SmallInteger new", "Error: numbers are made by literals"),
        ("3 class basicNew", "Error: "),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told(bench: Bench, source: str, told: str) -> None:
    assert refused(bench, source).startswith(told)
    assert bench.value("3 + 4") == 7


def test_a_class_that_is_removed_is_gone_and_its_instances_go_on(bench: Bench) -> None:
    define(bench, "PgA", "")
    define(bench, "PgB", "", superclass="PgA")
    compiled(bench, "PgB", "b ^ 5")
    bench.value("one := PgB new. 1")
    assert refused(bench, "PgA removeFromSystem") == "Error: PgA has subclasses: remove PgB first"
    bench.value("PgB removeFromSystem. PgA removeFromSystem. 1")
    assert (
        bench.value("{Smalltalk includesKey: #PgA. Object subclasses includes: PgA. one b} = #(false false 5)") is True
    )


def test_methods_of_the_kernel_may_be_added_to(bench: Bench) -> None:
    bench.value("Integer compile: 'double ^ self * 2' classified: 'arithmetic'. 1")
    assert bench.value("{21 double. (10 raisedTo: 30) double = (2 * (10 raisedTo: 30))} = #(42 true)") is True
    assert bench.value("(Integer >> #double) category = #arithmetic") is True
    bench.value("Collection compile: 'second2 ^ self asArray at: 2'. 1")
    assert bench.value("#(1 2 3) second2 + (OrderedCollection with: 1 with: 5) second2") == 7
    bench.value("Integer removeSelector: #double. 1")
    assert refused(bench, "3 double") == "MessageNotUnderstood: Message not understood: SmallInteger >> #double"


def test_an_instance_of_a_collection_below_has_variables_of_its_own(bench: Bench) -> None:
    define(bench, "PgStack", "limit", superclass="OrderedCollection")
    compiled(bench, "PgStack", "limit: x limit := x", "limit ^ limit", "push: x limit := limit - 1. ^ self addLast: x")
    assert bench.value("s := PgStack new. s limit: 3. s push: 1; push: 2. s size * 10 + s limit") == 21
    assert bench.value("(s collect: [:e | e]) class == PgStack and: [s copy limit = 1]") is True
    define(bench, "PgStack", "other limit", superclass="OrderedCollection")
    assert bench.value("s limit * 10 + s size") == 12


def test_a_class_that_names_no_package_is_not_of_the_kernel(bench: Bench) -> None:
    assert bench.value("(Object subclass: #Homeless) category asString").chars == "Unpackaged"


RING = """Object variableSubclass: #PgRing instanceVariableNames: 'first' classVariableNames: '' package: 'P'. PgRing"""


def test_a_class_may_have_indexed_variables_besides_the_named_ones(bench: Bench) -> None:
    bench.value(RING)
    compiled(
        bench, "PgRing", "initialize first := 0", "at: i ^ (super at: i) -> first", "a ^ (self basicAt: 1) + first"
    )
    bench.value("r := PgRing new: 3. r at: 1 put: 5; at: 3 put: 7")
    assert bench.value("{r size. (r at: 1) printString. r basicAt: 2. r a} = {3. '5->0'. nil. 5}") is True
    assert bench.value("PgRing new size") == 0
    assert bench.value("{r copy = r. r copy at: 1 put: 9; basicAt: 1. r basicAt: 1} = {false. 9. 5}") is True
    assert refused(bench, "r at: 4").startswith("SubscriptOutOfBounds: ")
    assert refused(bench, "r at: 0 put: 1").startswith("SubscriptOutOfBounds: ")
    assert refused(bench, "PgRing new: -1").startswith("Error: ")
    bench.value("PgRing subclass: #PgDouble instanceVariableNames: 'second' classVariableNames: '' package: 'P'. 1")
    assert bench.value("(PgDouble new: 2) basicSize") == 2
    bench.value("PgRing addInstVarNamed: 'last'. 1")
    assert bench.value("{r basicAt: 1. r instVarNamed: 'last'} = {5. nil}") is True
    assert bench.value("{PgRing isVariable. Object isVariable} = {true. false}") is True


def test_where_indexed_variables_cannot_be_is_told(bench: Bench) -> None:
    bench.value(RING)
    assert "cannot have variable sized instances" in refused(bench, "Object new: 3")
    assert refused(bench, "Object new at: 1") == "Error: Instances of Object are not indexable"
    told = refused(bench, RING.replace("variableSubclass:", "subclass:"))
    assert told == "Error: the instances of PgRing would get, or lose, indexed variables: remove it first"
    assert "no indexed variables" in refused(bench, RING.replace("Object", "Error").replace("PgRing", "PgOther"))
