"""`stui sessions list` over many images, which is read while it is shown: what it does not show it does not read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stui_cli.model.images import Image
from stui_cli.model.operations import ImageDetails, Kind
from stui_cli.model.sessions import Session, SessionState
from stui_cli.store.store import Store

if TYPE_CHECKING:
    from conftest import Stui

    from stui_cli.api import SessionManager
    from stui_cli.model.state import State
    from stui_cli.store.transaction import Draft

IMAGES, EACH = 24, 100  # two blocks of a thousand, and a part of one


@pytest.fixture
def many(manager: SessionManager) -> SessionManager:
    """Images with many sessions, of which each tenth is closed; the last image is not registered any more."""

    def change(draft: Draft) -> ImageDetails:
        for n in range(IMAGES):
            image_id = f"id-{n:02}"
            if n < IMAGES - 1:
                draft.images[f"image-{n:02}"] = Image(f"image-{n:02}", f"tcp://127.0.0.1:{n + 1}", 7, image_id=image_id)
            for number in range(EACH):
                state = SessionState.CLOSED if number % 10 == 0 else SessionState.ACTIVE
                name = f"work-{number:02}"
                made = Session(f"{image_id}-{number}", name, image_id, "first", 7, n * 1000 + number, state)
                draft.sessions(image_id)[name] = made
        return ImageDetails(Kind.IMAGE_ADD, "all")

    manager.store.commit(change)
    return manager


def damage(manager: SessionManager, image: int) -> str:
    """Make the sessions of an image unreadable; return the file that holds them."""
    path = Path(manager.store.home.object(manager.store.read().shards[f"id-{image:02}"]))
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    return str(path)


def names(first: int, count: int = 1) -> list[str]:
    return [f"image-{n:02}/work-{number:02}" for n in range(first, first + count) for number in range(EACH)]


@pytest.mark.usefixtures("many")
def test_the_order_is_that_of_the_registry_and_strangers_are_last(stui: Stui) -> None:
    said = stui("sessions", "list", "-o", "name")
    assert said.out.split() == [*names(0, IMAGES - 1), *(f"id-23/work-{number:02}" for number in range(EACH))]
    assert (said.code, said.err) == (
        0, "no image with id id-23 is registered: its sessions are named id-23/NAME\n",
    )  # fmt: skip


@pytest.mark.usefixtures("many")
def test_what_is_asked_for_in_words_and_by_state(stui: Stui) -> None:
    assert len(stui.items("sessions", "list", "--state", "closed")) == IMAGES * EACH // 10
    assert stui.ok("sessions", "list", "-s", "work-0[01]", "image-2?", "-o", "name").split() == [
        f"image-{n}/work-{number}" for n in (20, 21, 22) for number in ("00", "01")
    ]
    twice = stui.ok("sessions", "list", "image-0[12]", "image-02", "image-02/work-07", "id-23/work-07", "-o", "name")
    assert twice.split() == [*names(1, 2), "id-23/work-07"]


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("form", ["tsv", "json", "jsonl", "name", "plain"])
@pytest.mark.parametrize(
    "words", [("-s", "wrok*"), ("image-01", "image-02/wrok*"), ("image-01", "image-99"), ("image-01", "image-02/wrok")]
)
def test_what_is_not_there_is_told_and_nothing_is_listed(stui: Stui, form: str, words: tuple[str, ...]) -> None:
    said = stui("sessions", "list", *words, "-o", form)
    assert said.code == 3
    if form.startswith("json"):
        assert not json.loads(said.out).get("items")
        assert json.loads(said.out)["errors"][0]["code"] == "not_found"
    else:
        assert said.out == ""


def test_a_damaged_shard_in_the_middle_is_told_and_the_rest_is_listed(many: SessionManager, stui: Stui) -> None:
    path = damage(many, 12)
    for form in ("tsv", "name", "plain"):
        said = stui("sessions", "list", "-o", form)
        assert said.code == 0
        assert said.out.count("work-") == (IMAGES - 1) * EACH
        assert said.err.startswith(f"stui: warning: {path} is damaged: ")
        assert "it is left out" in said.err
    document = stui("sessions", "list", "-o", "json").document
    assert len(document["items"]) == (IMAGES - 1) * EACH
    assert [path in warning and "it is left out" in warning for warning in document["warnings"]] == [True]
    *items, last = map(json.loads, stui("sessions", "list", "-o", "jsonl").out.splitlines())
    assert (len(items), last["warnings"]) == ((IMAGES - 1) * EACH, document["warnings"])


@pytest.mark.usefixtures("many")
def test_a_fault_of_our_own_in_the_middle_ends_the_document_and_decides_the_exit_code(
    stui: Stui, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = Store.sessions

    def faulty(store: Store, state: State, image_id: str) -> object:
        if image_id == "id-15":
            raise ZeroDivisionError("a bug")
        return sessions(store, state, image_id)

    monkeypatch.setattr(Store, "sessions", faulty)
    for form in ("json", "jsonl", "tsv"):
        said = stui("sessions", "list", "-o", form)
        assert (said.code, said.out.count("work-")) == (1, 15 * EACH)
        if form == "tsv":
            told = said.err
        elif form == "json":
            told = said.document["errors"][0]["message"] + said.document["errors"][0]["hint"]
        else:
            (error,) = json.loads(said.out.splitlines()[-1])["errors"]
            told = error["message"] + error["hint"]
        assert "an unexpected failure: ZeroDivisionError: a bug" in told
        assert "ZeroDivisionError: a bug" in Path(told.split()[-1]).read_text()


def test_a_limit_ends_the_reading(many: SessionManager, stui: Stui) -> None:
    damage(many, 20)
    for form in ("tsv", "name", "plain", "json"):
        said = stui("sessions", "list", "--limit", "3", "-o", form)
        assert (said.code, said.err) == (0, "the rest left out: --limit 3\n")
        assert said.out.count("work-") == 3
    told = stui("sessions", "list", "image-01", "--limit", "3", "-o", "name")
    assert (told.out.split(), told.err) == (names(1)[:3], "97 of 100 left out: --limit 3\n")


@pytest.mark.usefixtures("many")
def test_the_latest_of_all(stui: Stui) -> None:
    said = stui("sessions", "list", "--sort", "-last_activity", "--limit", "2", "-o", "name")
    assert said.out.split() == ["id-23/work-99", "id-23/work-98"]
    assert f"{IMAGES * EACH - 2} of {IMAGES * EACH} left out: --limit 2\n" in said.err
    none = stui("sessions", "list", "--sort", "-last_activity", "--limit", "0", "-o", "name")
    assert (none.code, none.out) == (0, "")
    assert f"{IMAGES * EACH} of {IMAGES * EACH} left out: --limit 0\n" in none.err
