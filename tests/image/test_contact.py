"""From a registered image to an open client: whose name the failure bears, and who is let in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from farm import Behaviour, Habit

from stui_cli.image.contact import OtherImage, contact
from stui_cli.model.deadlines import Deadline
from stui_cli.model.errors import NotPermitted, StuiError, Unreachable, UsageProblem
from stui_cli.model.exits import Exit
from stui_cli.model.images import Image

if TYPE_CHECKING:
    from pathlib import Path

    from farm import Farm


def test_the_pinned_image(farm: Farm) -> None:
    farmed = farm.add()
    with contact(Image("alpha", farmed.address, 0, image_id=farmed.image_id), "c", Deadline.after(5)) as client:
        assert client.greeting.image_id == farmed.image_id


def test_another_image_is_refused_with_both_ids_and_left(farm: Farm) -> None:
    farmed = farm.add(Behaviour(image_id="found"))
    with pytest.raises(OtherImage) as caught:
        contact(Image("alpha", farmed.address, 0, image_id="pinned"), "c", Deadline.after(5))
    error = caught.value
    assert error.exit_code == Exit.REFUSED
    assert error.found == "found"
    assert "found" in error.what
    assert "pinned" in error.what
    assert "stui images trust alpha" in error.todo
    assert error.image == "alpha"


def test_no_proof_goes_to_another_image_though_it_holds_the_key(farm: Farm, tmp_path: Path) -> None:
    secret = b"k" * 32
    farmed = farm.add(Behaviour(image_id="found", keys={"one": ("admin", secret)}))
    poser = farm.add(Behaviour(image_id="found", keys={"one": ("admin", bytes(32))}))
    path = tmp_path / "keys"
    path.write_text(f"one admin {secret.hex()}\n")
    path.chmod(0o600)
    image = Image("alpha", farmed.address, 0, image_id="pinned", key_file=str(path))
    with pytest.raises(OtherImage):
        contact(image, "c", Deadline.after(5))
    # Who cannot prove the key is no other image, whatever it says: sessions would count as gone with the one of before.
    with pytest.raises(NotPermitted, match="does not hold the key"):
        contact(image._replace(address=poser.address), "c", Deadline.after(5))
    assert farmed.methods() == poser.methods() == ["hello"]


@pytest.mark.parametrize(
    ("changes", "failure"),
    [
        ({"address": "nonsense"}, UsageProblem),
        ({"address": "tcp://192.0.2.1:7001"}, NotPermitted),
        ({"address": "unix:///nowhere/at/all"}, Unreachable),
        ({"key_file": "/nowhere"}, NotPermitted),
    ],
)
def test_each_failure_bears_the_name(changes: dict[str, str], failure: type[StuiError]) -> None:
    image = Image("alpha", **({"address": "tcp://127.0.0.1:1"} | changes), added_at=0)  # type: ignore[arg-type]
    with pytest.raises(failure) as caught:
        contact(image, "c", Deadline.after(10))
    assert caught.value.image == "alpha"
    assert caught.value.what.startswith("alpha: ")


def test_no_key_is_read_for_an_image_without_one(farm: Farm, monkeypatch: pytest.MonkeyPatch) -> None:
    import stui_cli.image.keys as keys

    monkeypatch.delattr(keys, "read_key")
    with contact(Image("alpha", farm.add().address, 0), "c", Deadline.after(5)):
        pass


def test_a_key_of_the_file_is_named(farm: Farm, tmp_path: Path) -> None:
    secret = b"k" * 32
    farmed = farm.add(Behaviour(keys={"two": ("observer", secret)}))
    path = tmp_path / "keys"
    path.write_text(f"one admin {'00' * 32}\ntwo observer {secret.hex()}\n")
    path.chmod(0o600)
    image = Image("alpha", farmed.address, 0, key_file=str(path), key_id="two")
    with contact(image, "c", Deadline.after(5)) as client:
        assert client.role == "observer"


def test_a_failed_greeting_bears_the_name_once(farm: Farm) -> None:
    farmed = farm.add(Behaviour(habit=Habit.GARBAGE))
    with pytest.raises(StuiError) as caught:
        contact(Image("alpha", farmed.address, 0), "c", Deadline.after(5))
    assert caught.value.what.count("alpha: ") == 1


def test_advice_names_the_image(farm: Farm) -> None:
    farmed = farm.add(Behaviour(keys={"k": ("admin", b"s" * 32)}))
    with pytest.raises(NotPermitted) as caught:
        contact(Image("alpha", farmed.address, 0), "c", Deadline.after(5))
    assert "stui images set alpha --key-file FILE" in caught.value.todo
