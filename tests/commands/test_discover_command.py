"""`stui images discover`: what runs on this machine, and what of it comes into the registry."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import pytest
import tomli_w
from farm import Behaviour, Farm

from stui_cli.api import open_manager
from stui_cli.work.images.discover import found_agents, register_agent

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Stui
    from farm import FarmImage


@pytest.fixture
def farm() -> Iterator[Farm]:
    with Farm() as made:
        yield made


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where agents of this test write their runtime files."""
    folder = tmp_path / "run" / "stui"
    folder.mkdir(mode=0o700, parents=True)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder.parent))
    return folder


def tell(runtime: Path, farmed: FarmImage, **changes: object) -> Path:
    """Write the runtime file of a farmed image, which lives in this very process."""
    told = {
        "schema": 1,
        "name": farmed.name,
        "address": farmed.address,
        "image_id": farmed.image_id,
        "incarnation": farmed.incarnation,
        "pid": os.getpid(),
        "dialect": "playground",
    } | changes
    path = runtime / f"{farmed.image_id}.toml"
    path.write_text(tomli_w.dumps(told))
    path.chmod(0o600)
    return path


def test_one_agent_that_cannot_be_registered_does_not_take_the_others_along(
    stui: Stui, farm: Farm, runtime: Path
) -> None:
    dead, first, last = (farm.add(Behaviour(name=name, image_id=f"{name}-id")) for name in ("b-dead", "a", "c"))
    misnamed, taken = farm.add(Behaviour(name="no name", image_id="bb")), farm.add(Behaviour(image_id="bbb"))
    for farmed in (dead, first, last, misnamed):
        tell(runtime, farmed)
    tell(runtime, taken, image_id="bbb-of-an-earlier-process", name="taken")
    dead.close()
    said = stui("images", "discover", "--add", "-o", "json")
    assert said.code == 8
    assert {item["name"]: item["registered"] for item in said.items} == {
        "a": "a", "b-dead": None, "c": "c", "no name": None, "taken": None,
    }  # fmt: skip
    told = {error["image"]: error["message"] for error in said.document["errors"]}
    assert set(told) == {"b-dead", "no name", "taken"}
    assert "nobody listens there" in told["b-dead"]
    assert "cannot name an image" in told["no name"]
    assert "answers another image" in told["taken"]
    assert stui.ok("images", "list", "-o", "name").split() == ["a", "c"]
    said = stui("images", "discover", "--add")
    assert said.code == 8
    assert "nobody listens there" in said.err


def test_an_agent_that_listens_everywhere_is_registered_where_its_own_machine_finds_it(
    stui: Stui, farm: Farm, runtime: Path
) -> None:
    farmed = farm.add(Behaviour(name="alpha"))
    tell(runtime, farmed, address=farmed.address.replace("127.0.0.1", "0.0.0.0"))
    stui.ok("images", "discover", "--add")
    assert stui.items("images", "list")[0]["address"] == farmed.address
    stui.ok("ping", "alpha")


def test_agents_of_one_name_that_are_registered_at_once_get_a_name_each(farm: Farm, runtime: Path) -> None:
    """The free name is chosen where it is taken: under the lock."""
    for number in range(4):
        tell(runtime, farm.add(Behaviour(name="same", image_id=f"id-{number}")))
    names: list[str] = []
    agents = [agent for agent, _ in found_agents(open_manager().bench)]
    threads = [
        threading.Thread(target=lambda a=agent: names.append(register_agent(open_manager().bench, a)))  # type: ignore[misc]
        for agent in (*agents, *agents)  # and each by two commands
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(names) == sorted(["same", "same-2", "same-3", "same-4"] * 2)
    assert {image.image_id for image in open_manager().read().images.values()} == {f"id-{n}" for n in range(4)}


def test_what_lists_deletes_nothing(stui: Stui, farm: Farm, runtime: Path) -> None:
    """A process that cannot be seen from here may be one of another namespace."""
    path = tell(runtime, farm.add(Behaviour(name="alpha")), pid=2**30)
    assert [item["name"] for item in stui.items("images", "discover")] == ["alpha"]
    assert path.exists()
