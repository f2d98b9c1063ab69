"""An image that restarted elsewhere on this machine is found by itself, and only on proof."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest
import tomli_w
from farm import Behaviour, Farm

from stui_cli.api import open_manager
from stui_cli.local import runtime_files
from stui_cli.model.images import Image
from stui_cli.model.operations import ImageDetails, Kind
from stui_cli.model.status import ConnectionStatus
from stui_cli.work.meant.entry import change_image

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from farm import FarmImage
    from shell import Shell

    from stui_cli.api import SessionManager
    from stui_cli.store.transaction import Draft


@pytest.fixture
def farm() -> Iterator[Farm]:
    with Farm() as made:
        yield made


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "runtime-of-the-farm" / "stui"
    folder.mkdir(mode=0o700, parents=True)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder.parent))
    return folder


def tell(runtime: Path, farmed: FarmImage, number: int = 1, **changes: object) -> Path:
    """Write the runtime file of a farmed image, which lives in this very process."""
    told = {
        "schema": 1,
        "name": "alpha",
        "address": farmed.address,
        "image_id": farmed.image_id,
        "incarnation": farmed.incarnation,
        "pid": os.getpid(),
        "dialect": "playground",
    } | changes
    path = runtime / f"alpha-{number}.toml"
    path.write_text(tomli_w.dumps(told))
    path.chmod(0o600)
    return path


def register(manager: SessionManager, *images: Image) -> None:
    def change(draft: Draft) -> ImageDetails:
        draft.images.update({image.name: image for image in images})
        return ImageDetails(Kind.IMAGE_ADD, images[0].name)

    manager.store.commit(change)


def gone_at(farm: Farm) -> str:
    """An address where nobody listens any more."""
    once = farm.add()
    once.close()
    return once.address


def alpha(farm: Farm, **more: object) -> tuple[SessionManager, FarmImage]:
    """A living image, and its record from before it restarted on another port."""
    farmed = farm.add(Behaviour(name="alpha", **more))  # type: ignore[arg-type]
    manager = open_manager()
    register(manager, Image("alpha", gone_at(farm), 0, image_id=farmed.image_id))
    return manager, farmed


def status(manager: SessionManager) -> ConnectionStatus:
    return manager.probe(list(manager.read().images.values()))["alpha"].status


def key_file(folder: Path, secret: str) -> str:
    path = folder / "keys"
    path.write_text(f"k admin {secret * 64}\n")
    path.chmod(0o600)
    return str(path)


def test_a_launched_image_that_came_back_on_another_port_is_where_it_was_for_every_command(shell: Shell) -> None:
    shell.launch("alpha", "--supervise")
    shell.ok("sessions", "create", "-i", "alpha", "work")
    shell.ok("eval", "-i", "alpha", "-s", "work", "x := 42")
    before = shell.ok("images", "show", "alpha", "-o", "json").json["items"][0]
    shell.stui("images", "set", "alpha", "--address", "tcp://127.0.0.1:1")
    ran = shell.ok("eval", "-i", "alpha", "-s", "work", "x")
    assert ran.out == "42\n"
    told = f"alpha listens at {before['address']} now; it was registered at tcp://127.0.0.1:1"
    assert ran.err.count(told) == 1
    assert shell.ok("eval", "-i", "alpha", "3 + 4").err == ""
    assert shell.ok("images", "show", "alpha", "-o", "json").json["items"][0]["address"] == before["address"]
    assert "address" in shell.ok("log", "-n", "1", "-o", "json").out
    for command in (("status", "alpha"), ("ping", "alpha"), ("sessions", "restore", "alpha/work"), ("cleanup", "-n")):
        shell.stui("images", "set", "alpha", "--address", "tcp://127.0.0.1:1")
        ran = shell.stui(*command)
        assert ran.code == 0, ran
        assert ran.err.count(told) == 1, ran
    shell.ok("images", "stop", "alpha")


def python(*words: str) -> subprocess.CompletedProcess[str]:
    """Run Python on this test's store. The `shell` of other tests would end what runtime files name: this process."""
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run([sys.executable, *words], env=environ, capture_output=True, text=True, check=False)


def test_status_shows_at_once_where_it_is(farm: Farm, runtime: Path) -> None:
    _, farmed = alpha(farm)
    tell(runtime, farmed)
    done = python("-m", "stui_cli", "status", "-o", "json")
    (item,) = json.loads(done.stdout)["items"]
    assert (item["status"], item["address"]) == ("connected", farmed.address)


def test_what_is_to_be_met_in_tls_is_not_met_in_plain_text_instead(farm: Farm, runtime: Path) -> None:
    farmed = farm.add(Behaviour(name="alpha"))
    manager = open_manager()
    secure = gone_at(farm).replace("tcp://", "tls://")
    register(manager, Image("alpha", secure, 0, image_id=farmed.image_id))
    tell(runtime, farmed)
    assert status(manager) is ConnectionStatus.DISCONNECTED
    assert manager.read().images["alpha"].address == secure


def test_undo_passes_over_what_nobody_did(farm: Farm, runtime: Path) -> None:
    manager, farmed = alpha(farm)
    change_image(manager.bench, "alpha", lambda image: image._replace(metadata={"room": "1"}))
    tell(runtime, farmed)
    assert status(manager) is ConnectionStatus.CONNECTED
    manager.store.undo()
    image = manager.read().images["alpha"]
    assert (image.address, dict(image.metadata)) == (farmed.address, {})


def test_a_key_that_is_refused_where_the_image_is_registered_stays_as_it_was_set(
    farm: Farm, runtime: Path, tmp_path: Path
) -> None:
    manager, farmed = alpha(farm, keys={"k": ("admin", bytes.fromhex("ab" * 32))})
    wrong = tmp_path / "wrong"
    wrong.write_text(f"k admin {'cd' * 32}\n")
    wrong.chmod(0o600)
    (tmp_path / "keys").write_text(f"k admin {'ab' * 32}\n")
    (tmp_path / "keys").chmod(0o600)
    tell(runtime, farmed, key_file=str(tmp_path / "keys"), key_id="k")
    change_image(manager.bench, "alpha", lambda image: image._replace(address=farmed.address, key_file=str(wrong)))
    assert status(manager) is ConnectionStatus.FAILED
    assert manager.read().images["alpha"].key_file == str(wrong)


def test_it_is_recorded_once_and_another_image_at_the_old_port_is_none(farm: Farm, runtime: Path) -> None:
    manager, farmed = alpha(farm)
    other = farm.add(Behaviour(name="other"))
    change_image(manager.bench, "alpha", lambda image: image._replace(address=other.address))
    tell(runtime, farmed)
    assert status(manager) is ConnectionStatus.CONNECTED
    image, head = manager.read().images["alpha"], manager.read().head
    assert (image.address, image.image_id) == (farmed.address, farmed.image_id)
    assert status(manager) is ConnectionStatus.CONNECTED
    assert manager.read().head == head


def test_a_fresh_key_is_found_with_it_and_has_to_be_proven(farm: Farm, runtime: Path, tmp_path: Path) -> None:
    """An agent that was started by hand makes a key of its own at each start."""
    manager, farmed = alpha(farm, keys={"k": ("admin", bytes.fromhex("ab" * 32))})
    change_image(manager.bench, "alpha", lambda image: image._replace(key_file=str(tmp_path / "gone"), key_id="k"))
    tell(runtime, farmed, key_file=key_file(tmp_path, "c"), key_id="k")
    assert status(manager) is not ConnectionStatus.CONNECTED
    tell(runtime, farmed, key_file=str(tmp_path / "keys"), key_id="k")
    (tmp_path / "keys").write_text(f"k admin {'ab' * 32}\n")
    manager = open_manager()
    assert status(manager) is ConnectionStatus.CONNECTED
    assert manager.read().images["alpha"].key_file == str(tmp_path / "keys")


def test_a_process_that_is_not_seen_is_believed_if_its_address_proves_it(farm: Farm, runtime: Path) -> None:
    """It may live in another pid namespace."""
    manager, farmed = alpha(farm)
    tell(runtime, farmed, pid=2**30)
    assert status(manager) is ConnectionStatus.CONNECTED
    assert manager.read().images["alpha"].address == farmed.address


@pytest.mark.parametrize("changes", [{"address": "tcp://192.0.2.1:7"}, {"address": "nonsense"}])
def test_what_is_not_of_this_machine_is_not_believed(farm: Farm, runtime: Path, changes: dict[str, object]) -> None:
    manager, farmed = alpha(farm)
    tell(runtime, farmed, **changes)
    assert status(manager) is ConnectionStatus.DISCONNECTED
    assert not farmed.accepted


def test_of_two_that_say_they_are_it_neither_is_believed(farm: Farm, runtime: Path) -> None:
    manager, farmed = alpha(farm)
    twin = farm.add(Behaviour(name="twin", image_id=farmed.image_id))
    tell(runtime, farmed)
    tell(runtime, twin, 2)
    assert status(manager) is ConnectionStatus.DISCONNECTED


def test_another_image_at_the_new_address_is_not_met_and_the_registered_one_is_told(farm: Farm, runtime: Path) -> None:
    manager, farmed = alpha(farm)
    tell(runtime, farm.add(), image_id=farmed.image_id)
    record = manager.probe(list(manager.read().images.values()))["alpha"]
    assert record.status is ConnectionStatus.DISCONNECTED
    assert record.reason == "nobody listens there"


def test_an_image_that_was_never_pinned_or_is_elsewhere_is_not_looked_for(farm: Farm, runtime: Path) -> None:
    manager, farmed = alpha(farm)
    tell(runtime, farmed)
    change_image(manager.bench, "alpha", lambda image: image._replace(image_id=None))
    assert status(manager) is ConnectionStatus.DISCONNECTED
    change_image(
        manager.bench, "alpha", lambda image: image._replace(image_id=farmed.image_id, address="ssh://host/127.0.0.1:7")
    )
    assert status(manager) is not ConnectionStatus.CONNECTED


def test_what_somebody_set_meanwhile_stands(farm: Farm, runtime: Path) -> None:
    manager, farmed = alpha(farm)
    tell(runtime, farmed)
    image = manager.read().images["alpha"]
    other = farm.add(Behaviour(name="other"))
    change_image(manager.bench, "alpha", lambda image: image._replace(address=other.address, image_id=other.image_id))
    manager.probe([image])
    assert manager.read().images["alpha"].address == other.address


def test_a_store_that_cannot_be_written_does_not_keep_anybody_from_it(farm: Farm, runtime: Path) -> None:
    manager, farmed = alpha(farm)
    tell(runtime, farmed)
    before = manager.read().head
    done = python(
        "-c",
        textwrap.dedent("""
            from stui_cli.main import run
            from stui_cli.model.errors import StoreProblem
            from stui_cli.store.store import Store
            def full(*_):
                raise StoreProblem("no space left")
            Store.commit = full
            raise SystemExit(run(["ping", "alpha"]))
        """),
    )
    assert done.returncode == 0, done
    assert f"alpha listens at {farmed.address} now" in done.stderr
    assert manager.read().head == before


def test_a_thousand_dead_images_read_the_runtime_folder_once(
    farm: Farm, runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager, farmed = alpha(farm)
    tell(runtime, farmed)
    dead = gone_at(farm)
    register(manager, *(Image(f"dead-{i}", dead, 0, image_id=f"id-{i}") for i in range(1000)))
    looks = []
    read = runtime_files.running_agents
    monkeypatch.setattr(runtime_files, "running_agents", lambda folder: looks.append(folder) or read(folder))
    records = manager.probe(list(manager.read().images.values()))
    assert records["alpha"].status is ConnectionStatus.CONNECTED
    assert 1 <= len(looks) <= 3  # once, and again for a machine so slow that the first look is old
