"""Collections that are changed while they are walked, hold themselves, are very large, or of a user's class."""

from __future__ import annotations

import time
from random import Random
from typing import TYPE_CHECKING

import pytest

from stui_cli.playground.image import Raised, Stopped
from stui_cli.playground.kernel.printing import print_string

if TYPE_CHECKING:
    from conftest import Bench

MANY = "1000000000"


def prints(bench: Bench, source: str) -> str:
    return str(bench.machine().within(print_string, bench.value(source)))


def refused(bench: Bench, source: str) -> str:
    with pytest.raises(Raised) as caught:
        bench.value(source)
    return f"{caught.value.kind}: {caught.value.message}"


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        # What is added behind the place is met; sets and dictionaries are walked as they were.
        ("| c | c := #(1 2) asOrderedCollection. c do: [:e | c size < 5 ifTrue: [c add: e]]. c size", "5"),
        ("| c | c := #(1 2 3 4) asOrderedCollection. c do: [:e | c removeFirst]. c", "an OrderedCollection(3 4)"),
        ("| c | c := #(1 2) asSet. c do: [:e | c add: e + 10]. c size", "4"),
        ("| c | c := #(1 2 3) asSet. c do: [:e | c remove: e]. c", "a Set()"),
        ("| d | d := Dictionary newFrom: {1->2. 3->4}. d keysDo: [:k | d removeKey: k]. d", "a Dictionary()"),
        ("| d | d := Dictionary newFrom: {1->2}. d keysAndValuesDo: [:k :v | d at: k + v put: 0]. d size", "2"),
        ("| a | a := Array with: 3 with: 1. (a collect: [:e | a at: 1 put: 9. e]) -> a", "#(3 1)->#(9 1)"),
        (
            "| c | c := #(3 1 2) asOrderedCollection. c sort: [:a :b | c removeAll. a < b]. c",
            "an OrderedCollection(1 2 3)",
        ),
    ],
)
def test_changed_while_walked(bench: Bench, source: str, printed: str) -> None:
    assert prints(bench, source) == printed


def test_what_is_removed_in_front_of_a_long_collection_is_removed_as_fast_as_behind(bench: Bench) -> None:
    def seconds(selector: str) -> float:
        machine, items = bench.machine(), bench.value("(1 to: 300000) asOrderedCollection")
        began = time.process_time()
        for _ in range(300_000):
            machine.send(items, selector)
        return time.process_time() - began

    assert seconds("removeFirst") < 6 * seconds("removeLast")


@pytest.mark.parametrize("seed", range(6))
def test_a_long_collection_has_what_a_list_has_whatever_is_done_to_it(bench: Bench, seed: int) -> None:
    chance, machine = Random(seed), bench.machine()
    made, model = bench.value("(1 to: 1500) asOrderedCollection"), list(range(1, 1501))
    for step in range(2000):
        place = chance.randrange(len(model))
        match chance.randrange(12):
            case 0:
                machine.send(made, "add:", step)
                model.append(step)
            case 1:
                machine.send(made, "at:put:", place + 1, step)
                model[place] = step
            case 2:
                assert machine.send(made, "removeLast") == model.pop()
            case 3:
                assert machine.send(made, "removeAt:", place + 1) == model.pop(place)
            case 4:
                made = machine.send(made, "copy")
            case 5:
                assert machine.send(made, "last") == model[-1]
            case _:
                assert machine.send(made, "removeFirst") == model.pop(0)
        assert machine.send(made, "size") == len(model)
        place = chance.randrange(len(model))
        assert machine.send(made, "at:", place + 1) == model[place]
        if step % 50 == 0:
            assert machine.send(made, "asArray").items == model
        if len(model) < 700:
            machine.send(made, "addAll:", bench.value("1 to: 1500"))
            model.extend(range(1, 1501))
    assert machine.send(made, "asArray").items == model


def test_what_holds_itself_prints_bounded(bench: Bench) -> None:
    assert prints(bench, "| c | c := OrderedCollection new. c add: 1; add: c. c") == "an OrderedCollection(1 ...)"
    assert prints(bench, "| a | a := Array new: 1. a at: 1 put: a. a") == "an Array(...)"
    assert prints(bench, "| d | d := Dictionary new. d at: 1 put: d. d") == "a Dictionary(1->... )"
    assert prints(bench, "| c | c := OrderedCollection new. c add: c. c hash = c hash") == "true"
    assert refused(bench, "| a | a := Array new: 1. a at: 1 put: a. a flattened").startswith("RecursionTooDeep: ")


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        (f"(1 to: {MANY}) size", MANY),
        (f"(1 to: {MANY}) detect: [:e | e > 3]", "4"),
        (f"(1 to: {MANY}) includes: 77", "true"),
        (f"(1 to: {MANY}) sum", "500000000500000000"),
        (f"(1 to: {MANY}) copyFrom: 5 to: 7", "(5 to: 7)"),
        (f"(1 to: {MANY}) reverseDo: [:e | ^ e]", MANY),
        (f"(Bag new add: 1 withOccurrences: {MANY}; yourself) size", MANY),
        (f"(Bag new add: 1 withOccurrences: {MANY}; yourself) do: [:e | ^ e]", "1"),
        (f"(Bag new add: 7 withOccurrences: {MANY}; yourself) printString size", "50000"),
    ],
)
def test_what_is_only_counted_costs_nothing(bench: Bench, source: str, printed: str) -> None:
    assert prints(bench, source) == printed


@pytest.mark.parametrize(
    "source",
    [
        f"Array new: {MANY}",
        f"String new: {MANY}",
        f"(1 to: {MANY}) asArray",
        f"(1 to: {MANY}) asSet",
        f"(1 to: {MANY}) readStream",
        f"(Bag new add: 1 withOccurrences: {MANY}; yourself) asOrderedCollection",
        f"String streamContents: [:s | s tab: {MANY}]",
        f"(WriteStream on: Array new) next: {MANY} put: 3",
        "| s | s := 'ab'. 40 timesRepeat: [s := s , s]",
        "| s | s := #(1 2). 40 timesRepeat: [s := s , s]",
    ],
)
def test_what_has_no_room_is_told(bench: Bench, source: str) -> None:
    assert refused(bench, source).startswith("OutOfMemory: ")


@pytest.mark.parametrize(
    "source",
    [
        f"(1 to: {MANY}) do: [:e | e]",
        f"(1 to: {MANY}) allSatisfy: #isInteger",
        "#(1 2 3) asOrderedCollection do: [:e | [true] whileTrue]",
        "(1 to: 15) asArray permutationsDo: [:e | e]",
        "(1 to: 40) asArray combinations: 20 atATimeDo: #size",
        "#(2 1) sort: [:a :b | [] repeat]",
        "| b | b := [true]. b whileTrue",
        "Semaphore new wait",
        "(Delay forSeconds: 1000) wait",
        "[[true] whileTrue] fork. Processor yield",
    ],
)
def test_what_does_not_end_is_stopped(bench: Bench, source: str) -> None:
    bench.limit_s = 0.1
    with pytest.raises(Stopped):
        bench.value(source)


def test_equality_and_hash_of_a_user_count(bench: Bench) -> None:
    bench.value(
        "Object subclass: #PgKey instanceVariableNames: 'n' classVariableNames: '' package: 'P'."
        "PgKey compile: 'n: x n := x'. PgKey compile: 'n ^ n'. PgKey compile: 'hash ^ n \\\\ 3'."
        "PgKey compile: '= other ^ (other isKindOf: PgKey) and: [n = other n]'."
        "PgKey class compile: 'n: x ^ self new n: x; yourself'. 1"
    )
    assert prints(bench, "((1 to: 20) collect: [:i | PgKey n: i \\\\ 5]) asSet size") == "5"
    assert prints(bench, "(Array with: (PgKey n: 1)) = (Array with: (PgKey n: 1))") == "true"
    assert prints(bench, "(OrderedCollection with: (PgKey n: 1)) remove: (PgKey n: 1); size") == "0"
    assert prints(bench, "((PgKey n: 1) -> 2) = ((PgKey n: 1) -> 2)") == "true"
    assert (
        prints(bench, "| d | d := Dictionary new. d at: (PgKey n: 4) put: 1. d at: (PgKey n: 4) put: 2. d size") == "1"
    )
    bench.value("PgKey compile: 'hash ^ self zork'")
    assert refused(bench, "Set new add: (PgKey n: 1)").startswith("MessageNotUnderstood: ")
    assert prints(bench, "[Set new add: (PgKey n: 1)] on: Error do: [:e | e return: 'told']") == "'told'"


def test_a_set_is_looked_up_and_not_searched(bench: Bench) -> None:
    """Ten thousand elements, each looked up by a `=` that counts."""
    bench.value(
        "Smalltalk at: #PgCompared put: 0."
        "Object subclass: #PgCounted instanceVariableNames: 'n' classVariableNames: '' package: 'P'."
        "PgCounted compile: 'n: x n := x'. PgCounted compile: 'n ^ n'. PgCounted compile: 'hash ^ n'."
        "PgCounted compile: '= other Smalltalk at: #PgCompared put: PgCompared + 1. ^ n = other n'. 1"
    )
    bench.value("s := ((1 to: 10000) collect: [:i | PgCounted new n: i; yourself]) asSet. 1")
    assert (
        prints(bench, "1 to: 10000 do: [:i | s includes: (PgCounted new n: i; yourself)]. PgCompared < 20000") == "true"
    )


def test_a_string_of_a_million_characters_has_a_size_at_once(bench: Bench) -> None:
    bench.limit_s = 2
    assert (
        prints(bench, "| s | s := String new: 1000000. 20000 timesRepeat: [s size. s isEmpty. s at: 7]. s size")
        == "1000000"
    )
