"""Every change is a function of what it finds under the lock: another command between the look and the lock is heard.

`beside` runs another command at the worst moment: when the one under test has read, asked the image, heard its yes,
and is about to take the lock.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from farm import Behaviour, Farm

from stui_cli.api import open_manager
from stui_cli.invocation import Invocation
from stui_cli.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Stui

    from stui_cli.api import SessionManager
    from stui_cli.model.images import Image
    from stui_cli.store.transaction import Change, Committed


@pytest.fixture
def beside(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Lets `other` happen just before the next commit takes the lock."""

    def arrange(other: Callable[[], object]) -> None:
        waiting = [other]

        def commit(self: Store, change: Change) -> Committed | None:
            if waiting:
                waiting.pop()()
            return original(self, change)

        monkeypatch.setattr(Store, "commit", commit)

    original = Store.commit
    return arrange


def other(*words: str) -> Callable[[], object]:
    """Another command, in a process of its own."""

    def run() -> None:
        done = subprocess.run([sys.executable, "-m", "stui_cli", *words], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done

    return run


@pytest.fixture
def answering(stui: Stui, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """A person who is asked, and says yes after `meanwhile`."""
    del stui

    def arrange(meanwhile: Callable[[], object]) -> None:
        def confirm(self: Invocation, question: str) -> bool:
            del self, question
            meanwhile()
            return True

        monkeypatch.setattr(Invocation, "confirm", confirm)

    return arrange


def offline(stui: Stui, *names: str) -> None:
    for number, name in enumerate(names):
        stui.ok("images", "add", "--offline", name, f"tcp://127.0.0.1:{9 + number}")


def labels(manager: SessionManager, name: str) -> dict[str, str]:
    return dict(manager.read().images[name].metadata)


def test_labels_are_changed_key_by_key(stui: Stui, manager: SessionManager, beside: Callable[..., None]) -> None:
    offline(stui, "alpha")
    stui.ok("images", "set", "alpha", "role=build", "os=linux")
    beside(other("images", "set", "alpha", "owner=ada", "os="))
    stui.ok("images", "set", "alpha", "role=test")
    assert labels(manager, "alpha") == {"role": "test", "owner": "ada"}
    beside(other("images", "set", "alpha", "place=attic"))
    stui.ok("images", "set", "alpha", "role=")
    assert labels(manager, "alpha") == {"owner": "ada", "place": "attic"}
    assert next(manager.store.operations()).details.changed == {"metadata": "role="}  # type: ignore[union-attr]


def test_other_fields_stay_as_they_are_found(stui: Stui, manager: SessionManager, beside: Callable[..., None]) -> None:
    offline(stui, "alpha")
    beside(other("images", "set", "alpha", "role=build", "--address", "tcp://127.0.0.1:99", "--key-id", "k"))
    stui.ok("images", "disconnect", "alpha")
    image = manager.read().images["alpha"]
    assert (image.parked, image.address, image.key_id) == (True, "tcp://127.0.0.1:99", "k")
    assert image.metadata == {"role": "build"}


def test_many_processes_lose_no_label(stui: Stui, manager: SessionManager) -> None:
    offline(stui, "alpha")

    def worker(number: int) -> subprocess.Popen[str]:
        program = (
            "import sys; from stui_cli.main import run\n"
            f"for key in range(6): assert run(['images', 'set', 'alpha', f'w{number}.{{key}}=x', '-q']) == 0\n"
        )
        return subprocess.Popen(
            [sys.executable, "-c", program], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
        )

    workers = [worker(number) for number in range(8)]
    told = [each.communicate(timeout=60)[1] for each in workers]
    assert [each.returncode for each in workers] == [0] * 8, told
    assert sorted(labels(manager, "alpha")) == sorted(f"w{number}.{key}" for number in range(8) for key in range(6))


def test_what_is_removed_is_what_was_shown(stui: Stui, manager: SessionManager, answering: Callable[..., None]) -> None:
    offline(stui, "alpha", "beta")
    answering(other("images", "set", "alpha", "--address", "tcp://127.0.0.1:99"))
    said = stui("images", "remove", "alpha")
    assert said.code == 9
    assert "its address was tcp://127.0.0.1:9 and is tcp://127.0.0.1:99 now" in said.err
    assert set(manager.read().images) == {"alpha", "beta"}
    answering(other("images", "rename", "alpha", "gamma"))
    said = stui("images", "remove", "alpha", "beta")
    assert (said.code, said.out) == (8, "removed beta\n")
    assert set(manager.read().images) == {"gamma"}


def test_what_is_trusted_is_what_was_shown(stui: Stui, manager: SessionManager, answering: Callable[..., None]) -> None:
    with Farm() as farm:
        first, second = farm.add(Behaviour(name="first")), farm.add(Behaviour(name="second"))
        stui.ok("images", "add", "alpha", first.address)
        stui.ok("images", "set", "alpha", "--address", second.address)
        answering(other("images", "set", "alpha", "--address", "tcp://127.0.0.1:9"))
        said = stui("images", "trust", "alpha")
        assert (said.code, "its address was" in said.err) == (9, True), said
        assert manager.read().images["alpha"].image_id == first.image_id
        answering(lambda: None)
        stui.ok("images", "set", "alpha", "--address", second.address)
        stui.ok("images", "trust", "alpha")
        assert manager.read().images["alpha"].image_id == second.image_id


def test_two_names_never_mean_one_image(stui: Stui, manager: SessionManager, answering: Callable[..., None]) -> None:
    with Farm() as farm:
        first, second = farm.add(Behaviour(name="first")), farm.add(Behaviour(name="second"))
        stui.ok("images", "add", "alpha", first.address)
        stui.ok("images", "add", "beta", second.address)
        stui.ok("images", "set", "beta", "--address", first.address)
        said = stui("images", "trust", "-y", "beta")
        assert said.code == 9
        assert "registered as alpha" in said.err
        # The same while the question stands.
        stui.ok("images", "remove", "-y", "alpha")
        answering(other("images", "add", "gamma", first.address))
        said = stui("images", "trust", "beta")
        assert (said.code, "registered as gamma" in said.err) == (9, True), said
        assert manager.read().images["beta"].image_id == second.image_id
        # An entry without an id gets none that is taken, at its first contact.
        stui.ok("images", "add", "--offline", "delta", first.address)
        said = stui("sessions", "create", "delta/work")
        assert (said.code, "registered as gamma" in said.err) == (9, True), said
        assert manager.read().images["delta"].image_id is None


def test_no_other_way_gives_an_image_a_second_name(stui: Stui, manager: SessionManager, tmp_path: Path) -> None:
    with Farm() as farm:
        image = farm.add(Behaviour(name="first"))
        stui.ok("images", "add", "alpha", image.address)
        listed = tmp_path / "images.toml"
        entry = '[[images]]\nname = "{}"\naddress = "tcp://127.0.0.1:9"\nimage_id = "{}"\n'
        listed.write_text(entry.format("beta", image.image_id) + entry.format("one", "x") + entry.format("two", "x"))
        said = stui("images", "import", str(listed))
        assert (said.code, "registered already, as alpha" in said.err) == (8, True), said
        assert set(manager.read().images) == {"alpha", "one"}
        # Contacted without being asked to do anything, an entry without an id stays one.
        stui.ok("images", "add", "--offline", "gamma", image.address)
        stui.ok("images", "disconnect", "gamma")
        stui("images", "connect", "gamma")
        assert manager.read().images["gamma"].image_id is None
        removal = manager.store.read().head
        stui.ok("images", "remove", "-y", "alpha", "gamma")
        stui.ok("images", "add", "delta", image.address)
        undone = stui("rollback", "-y", str(removal))
        named = [name for name, each in manager.read().images.items() if each.image_id == image.image_id]
        assert len(named) == 1, (undone, named)


def test_the_first_contact_pins_what_it_met(stui: Stui, manager: SessionManager, beside: Callable[..., None]) -> None:
    with Farm() as farm:
        image = farm.add(Behaviour(name="alpha"))
        stui.ok("images", "add", "--offline", "alpha", image.address)
        beside(other("images", "set", "alpha", "--address", "tcp://127.0.0.1:9"))
        said = stui("sessions", "create", "alpha/work")
        assert (said.code, "its address was" in said.err) == (9, True), said
        assert manager.read().images["alpha"].image_id is None


def test_a_name_that_is_its_own_is_no_conflict(stui: Stui, manager: SessionManager, two_images: object) -> None:
    offline(stui, "gamma")
    head = manager.read().head
    assert stui.ok("images", "rename", "gamma", "gamma") == "gamma is called gamma already\n"
    assert manager.read().head == head
    assert stui("images", "rename", "delta", "delta").code == 3
    stui.ok("sessions", "create", "alpha/work")
    stui.ok("sessions", "rename", "alpha/work", "work")
    stui.ok("sessions", "remove", "alpha/work")
    assert stui("images", "rename", "gamma", "alpha").code == 9


def test_a_switch_follows_the_session(
    stui: Stui, manager: SessionManager, two_images: tuple[Image, Image], beside: Callable[..., None]
) -> None:
    stui.ok("sessions", "create", "alpha/work")
    beside(other("sessions", "rename", "alpha/work", "play"))
    assert stui.items("switch", "alpha/work")[0]["name"] == "alpha/play"
    beside(other("images", "rename", "alpha", "omega"))
    stui.ok("switch", "beta")
    assert stui.items("switch", "omega/play")[0]["name"] == "omega/play"
    stui.ok("switch", "beta")
    before = manager.read().contexts
    beside(other("sessions", "remove", "omega/play"))
    said = stui("switch", "omega/play")
    assert (said.code, "removed meanwhile" in said.err) == (9, True), said
    assert manager.read().contexts == before
    stui.ok("sessions", "create", "omega/more")
    beside(other("sessions", "close", "omega/more"))
    said = stui("switch", "omega/more")
    assert (said.code, "closed omega/more meanwhile" in said.err) == (9, True), said


def test_the_way_back_is_that_under_the_lock(stui: Stui, manager: SessionManager, beside: Callable[..., None]) -> None:
    offline(stui, "alpha", "beta", "gamma")
    for name in ("alpha", "beta"):
        stui.ok("switch", name)
    beside(other("switch", "gamma"))
    assert stui.items("switch", "-")[0]["name"] == "beta"
    context = manager.read().contexts["default"]
    assert [str(target) for target in context.trail] == ["gamma", "beta", "alpha"]
    # A name given meanwhile to where it leads is no way into nowhere.
    beside(other("images", "rename", "gamma", "omega"))
    assert stui.items("switch", "-")[0]["name"] == "omega"


@pytest.mark.parametrize("meanwhile", [("rename", "alpha/work", "play"), ("remove", "alpha/work")])
def test_a_close_never_loses_its_checkpoint(
    stui: Stui,
    manager: SessionManager,
    two_images: tuple[Image, Image],
    beside: Callable[..., None],
    meanwhile: tuple[str, ...],
) -> None:
    stui.ok("sessions", "create", "alpha/work")
    stui.ok("eval", "-i", "alpha", "-s", "work", "kept := 6 * 7")
    beside(other("sessions", *meanwhile))
    said = stui("sessions", "close", "alpha/work")
    assert said.code == 0, said
    (name,) = manager.store.sessions(manager.read(), str(two_images[0].image_id))
    assert name == ("play" if meanwhile[0] == "rename" else "work")
    assert ("is kept as closed" in said.err) == (meanwhile[0] == "remove")
    stui.ok("sessions", "restore", f"alpha/{name}")
    assert stui.ok("eval", "-i", "alpha", "-s", name, "kept") == "42\n"
    stui.ok("sessions", "remove", f"alpha/{name}")


def test_a_removal_beside_another_keeps_its_checkpoint_for_undo(
    stui: Stui, manager: SessionManager, two_images: tuple[Image, Image], beside: Callable[..., None]
) -> None:
    stui.ok("sessions", "create", "alpha/work")
    stui.ok("eval", "-i", "alpha", "-s", "work", "kept := 6 * 7")
    beside(other("sessions", "remove", "alpha/work"))
    said = stui("sessions", "remove", "alpha/work")
    assert (said.code, "another command removed alpha/work meanwhile" in said.err) == (0, True), said
    assert manager.list_image_sessions("alpha") == []
    stui.ok("undo")
    stui.ok("sessions", "restore", "alpha/work")
    assert stui.ok("eval", "-i", "alpha", "-s", "work", "kept") == "42\n"
    stui.ok("sessions", "remove", "alpha/work")


def test_a_checkpoint_on_leaving_finds_its_session(
    stui: Stui, manager: SessionManager, two_images: tuple[Image, Image], beside: Callable[..., None]
) -> None:
    stui.ok("sessions", "create", "alpha/work", "--switch")
    stui.ok("eval", "kept := 6 * 7")
    beside(other("sessions", "rename", "alpha/work", "play"))
    stui.ok("switch", "beta")
    record = manager.session("alpha", "play").session
    assert record.checkpoint is not None
    stui.ok("sessions", "remove", "alpha/play")


def test_a_session_is_made_in_an_image_that_is_registered(
    stui: Stui, manager: SessionManager, two_images: tuple[Image, Image], beside: Callable[..., None]
) -> None:
    beside(other("images", "rename", "alpha", "omega"))
    assert stui.items("sessions", "create", "alpha/work")[0]["image"] == "omega"
    stui.ok("sessions", "remove", "omega/work")
    beside(other("images", "remove", "-y", "omega"))
    said = stui("sessions", "create", "omega/work")
    assert (said.code, "removed omega meanwhile" in said.err) == (9, True), said
    assert manager.list_image_sessions() == []


def test_a_name_that_nobody_chose_is_chosen_again(
    stui: Stui, two_images: tuple[Image, Image], beside: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    real, dice = os.urandom, iter(b"\x00\x00\x01\x01")
    monkeypatch.setattr(os, "urandom", lambda n: real(n) if n != 2 else bytes((next(dice), next(dice))))
    beside(other("sessions", "create", "alpha/amber-arch"))
    assert stui.items("sessions", "create", "-i", "alpha")[0]["name"] == "brisk-bench"
    stui.ok("sessions", "remove", "alpha/amber-arch", "alpha/brisk-bench")


def test_create_or_attach_attaches_to_what_came_meanwhile(
    stui: Stui, two_images: tuple[Image, Image], beside: Callable[..., None]
) -> None:
    beside(other("sessions", "create", "alpha/work"))
    assert "attached to alpha/work" in stui.ok("sessions", "create", "--or-attach", "alpha/work")
    assert [each["reason"] for each in stui.items("cleanup", "-n", "alpha") if each["reason"]] == []
    stui.ok("sessions", "remove", "alpha/work")


def test_a_rename_says_that_it_was_renamed(
    stui: Stui, two_images: tuple[Image, Image], beside: Callable[..., None]
) -> None:
    stui.ok("sessions", "create", "alpha/work", "--switch")
    beside(other("sessions", "rename", "alpha/work", "theirs"))
    said = stui("sessions", "rename", "alpha/work", "mine")
    assert (said.code, "renamed meanwhile, to theirs" in said.err) == (9, True), said
    beside(other("images", "rename", "alpha", "omega"))
    stui.ok("sessions", "rename", "alpha/theirs", "mine")
    assert stui.items("context")[0]["session"] == "mine"
    stui.ok("sessions", "remove", "omega/mine")


def test_a_restore_without_a_record_leaves_nothing_alive(
    stui: Stui, two_images: tuple[Image, Image], beside: Callable[..., None]
) -> None:
    stui.ok("sessions", "create", "alpha/work")
    stui.ok("sessions", "close", "alpha/work")
    beside(other("sessions", "remove", "alpha/work"))
    said = stui("sessions", "restore", "alpha/work")
    assert (said.code, "removed meanwhile" in said.err) == (9, True), said
    assert [each for each in stui.items("cleanup", "-n", "alpha") if each["reason"] is not None] == []


def test_a_rollback_takes_back_what_was_shown(
    stui: Stui, manager: SessionManager, answering: Callable[..., None]
) -> None:
    offline(stui, "alpha", "beta")
    answering(other("images", "set", "beta", "role=build"))
    said = stui("rollback", "1")
    assert (said.code, "the last operation was 2 and is 3 now" in said.err) == (9, True), said
    assert set(manager.read().images) == {"alpha", "beta"}
    answering(lambda: None)
    stui.ok("rollback", "1")
    assert set(manager.read().images) == {"alpha"}


def test_an_import_is_told_name_by_name(stui: Stui, manager: SessionManager, beside: Callable[..., None]) -> None:
    offline(stui, "alpha", "beta")
    exported = stui.ok("images", "export").encode()
    stui.ok("images", "remove", "-y", "alpha", "beta")
    beside(other("images", "add", "--offline", "alpha", "tcp://127.0.0.1:77"))
    said = stui("images", "import", "-", stdin=exported)
    assert (said.code, said.out) == (8, "beta: tcp://127.0.0.1:10\n")
    assert "the name 'alpha' is taken by tcp://127.0.0.1:77" in said.err
    assert manager.read().images["alpha"].address == "tcp://127.0.0.1:77"


def test_one_failure_takes_no_other_along(stui: Stui, manager: SessionManager, beside: Callable[..., None]) -> None:
    offline(stui, "alpha", "beta", "gamma")
    beside(other("images", "remove", "-y", "alpha"))
    said = stui("images", "disconnect", "alpha", "beta")
    assert (said.code, "no image is called 'alpha'" in said.err) == (8, True), said
    assert manager.read().images["beta"].parked
    assert open_manager().read().images["gamma"].parked is False
