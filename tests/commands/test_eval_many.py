"""`stui eval` in many images: folding, failing early or going on, exit codes, progress."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stui_cli.commands.evaluations import answered, folded
from stui_cli.model.names import Target
from stui_cli.model.operations import ImageDetails, Kind
from stui_cli.protocol.evaluation import Evaluation, Value
from stui_cli.work.talking.everywhere import Answer

if TYPE_CHECKING:
    from conftest import Stui

    from stui_cli.api import SessionManager
    from stui_cli.store.transaction import Draft

pytestmark = pytest.mark.usefixtures("two_images")


def test_equal_answers_are_folded(stui: Stui) -> None:
    said = stui("eval", "--all", "3 + 4")
    assert (said.code, said.out, said.err) == (0, "alpha, beta: 7\n", "")
    assert stui.ok("eval", "--all", "--no-fold", "3 + 4") == "alpha: 7\nbeta: 7\n"
    assert [i["image"] for i in stui.items("eval", "--all", "3 + 4")] == ["alpha", "beta"]


def test_folding_keeps_the_order_and_indents_many_lines() -> None:
    assert folded([("a", "1"), ("b", "2\n3"), ("c", "1")]) == ["a, c: 1", "b:\n  2\n  3"]


def test_one_value_in_the_words_of_two_dialects_is_one() -> None:
    """Two dialects print one array in different ways; only arrays are read, and only what is one of its class."""
    answers = [
        told("gst", "(1 #a 'b' ByteArray (2 ) )", "Array"),
        told("mine", "(1 2 )", "OrderedPair"),
        told("pharo", "#(1 #a 'b' #[2])", "Array"),
        told("squeak", "#(1 #a 'b' #[2])", "Array"),
        told("cuis", "#(1 2)", "Array"),
    ]
    people = answered(answers, "x", fold=True, for_people=True)
    assert people.text.splitlines() == [
        "gst, pharo, squeak: (1 #a 'b' ByteArray (2 ) )",
        "mine: (1 2 )",
        "cuis: #(1 2)",
    ]
    assert list(people.notes) == ["only the text differs: pharo, squeak printed #(1 #a 'b' #[2])"]
    apart = answered(answers, "x", fold=False, for_people=True)
    assert len(apart.text.splitlines()) == 5
    assert not apart.notes


def told(image: str, printed: str, class_name: str) -> Answer:
    value = Value(print=printed, class_name=class_name, truncated=False, ref=None)
    return Answer(Target(image), Evaluation("returned", value, None, "", 1), "i")


def test_a_pattern_and_labels_choose(stui: Stui) -> None:
    stui.ok("images", "set", "beta", "role=build", "tier=low")
    assert stui.ok("eval", "-i", "b*", "3") == "beta: 3\n"
    assert stui.ok("eval", "-l", "role=build", "-l", "tier=low", "3") == "beta: 3\n"
    assert stui("eval", "-l", "role=none", "3").code == 3
    assert stui("eval", "-i", "alpha", "--all", "3").code == 2
    assert stui("eval", "--all", "3", "4").code == 2
    stui.ok("images", "disconnect", "beta")
    assert stui.ok("eval", "--all", "3") == "alpha: 3\n"
    resting = stui("eval", "-i", "b*", "3")
    assert (resting.code, "stui images connect beta" in resting.err) == (3, True)


def test_exit_codes_of_many(stui: Stui) -> None:
    raised = stui("eval", "--all", "3 zork")
    assert (raised.code, raised.out) == (7, "")
    assert raised.err.startswith("stui: alpha, beta: ")
    stui.ok("images", "add", "gone", "tcp://127.0.0.1:1", "--offline")
    partly = stui("eval", "--all", "3")
    assert (partly.code, partly.out) == (8, "alpha, beta: 3\n")
    assert "gone" in partly.err
    document = stui("eval", "--all", "-o", "json", "3")
    assert [(i["image"], i["outcome"]) for i in document.items] == [
        ("alpha", "returned"),
        ("beta", "returned"),
        ("gone", "not_run"),
    ]
    assert [e["image"] for e in document.document["errors"]] == ["gone"]
    assert stui("eval", "-i", "g*", "3").code == 5


def test_fail_early_asks_one_by_one(stui: Stui) -> None:
    said = stui("eval", "--all", "--fail-early", "-o", "json", "3 zork")
    assert [i["outcome"] for i in said.items] == ["raised", "not_run"]
    assert said.code == 7
    told = stui("eval", "--all", "--fail-early", "3 zork")
    assert "not run after the failure: beta" in told.err


def test_the_same_session_in_each_image_with_history(stui: Stui) -> None:
    for image, value in (("alpha", 1), ("beta", 2)):
        stui.ok("sessions", "create", f"{image}/work")
        stui.ok("eval", "-i", f"{image}/work", f"x := {value}")
    assert stui.ok("eval", "--all", "-s", "work", "x") == "alpha/work: 1\nbeta/work: 2\n"
    for image in ("alpha", "beta"):
        assert [i["source"] for i in stui.items("sessions", "history", f"{image}/work")][-1] == "x"


def test_output_of_each_image_is_told_apart(stui: Stui) -> None:
    said = stui("eval", "--all", "Transcript showCr: 'hello'. 1")
    assert said.out == "alpha, beta: 1\n"
    assert sorted(said.err.splitlines()) == ["alpha: hello", "beta: hello"]


def test_an_image_that_is_another_one_takes_no_answer_along(stui: Stui, manager: SessionManager) -> None:
    def change(draft: Draft) -> ImageDetails:
        draft.images["beta"] = draft.images["beta"]._replace(image_id="another")
        return ImageDetails(Kind.IMAGE_CHANGE, "beta")

    manager.store.commit(change)
    for more in ((), ("--no-fold",)):
        said = stui("eval", "--all", "3 + 4", *more)
        assert (said.code, said.out) == (8, "alpha: 7\n")
        assert "is pinned to another" in said.err
        assert "stui images trust beta" in said.err
    document = stui("eval", "--all", "-o", "json", "3 + 4")
    assert [i["outcome"] for i in document.items] == ["returned", "not_run"]
    assert [e["code"] for e in document.document["errors"]] == ["other_image"]
