"""The public Python API: the example of its manual page runs, and the seed's methods do what they say."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stui_cli.api import SessionManager
from stui_cli.contract.evaluation import EVALUATION
from stui_cli.model.errors import NotFound, Refused, UsageProblem
from stui_cli.model.names import Target
from stui_cli.model.status import ConnectionHealth, ConnectionStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from stui_cli.model.images import Image

PAGE = Path(__file__).resolve().parents[2] / "man" / "stui-api.3"


def example() -> str:
    """The program in the manual page, as `man` shows it."""
    found = re.search(r"^\.EX\n(.*?)^\.EE$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert found is not None
    return found[1].replace(r"\-", "-").replace(r"\e", "\\")


@pytest.fixture
def gamma(manager: SessionManager, two_images: tuple[Image, Image]) -> None:
    """A third image, at an address where nobody listens."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        manager.register_image("gamma", f"tcp://127.0.0.1:{bound.getsockname()[1]}", offline=True)


@pytest.mark.usefixtures("gamma")
def test_the_example_of_the_manual_page_evaluates_in_three_images_of_which_one_is_dead(
    manager: SessionManager, two_images: tuple[Image, Image]
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", example()],
        capture_output=True,
        text=True,
        check=True,
        start_new_session=True,  # no terminal, whoever runs the tests
    )
    printed = json.loads(done.stdout)
    alpha, beta, gamma = printed["answers"]
    assert (alpha["value"]["print"], beta["value"]["print"]) == ("55", "55")
    assert (gamma["image"], gamma["outcome"], gamma["value"]) == ("gamma", "not_run", None)
    assert set(alpha) == set(EVALUATION.keys)
    assert "gamma" in done.stderr
    assert "(exit code 5)" in done.stderr
    assert "no image is called 'delta'" in done.stderr
    by_name, by_id = (printed["by_hand"][image] for image in ("alpha", two_images[0].image_id))
    for each in (by_name, by_id):
        assert each["created"]
        assert each["monitored"]
        assert (each["connection"]["status"], each["switched"]["name"]) == ("connected", "alpha")
        assert each["stats"]["source"] == "image"
        assert each["health"]["alpha"] in ("healthy", "warning")  # where it answers late, as on a busy machine
        assert (each["disconnected"], each["moved"], each["cleaned"]) == ([], [], 0)
        assert {verdict["action"] for verdict in each["swept"]} == {"keep"}


@pytest.mark.usefixtures("two_images")
def test_the_program_of_the_readme_runs() -> None:
    program = (
        (PAGE.parents[1] / "README.md").read_text(encoding="utf-8").partition("```python\n")[2].partition("```")[0]
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    assert lines[0].startswith("alpha 'GNU Smalltalk")
    assert lines[1].startswith("beta 'GNU Smalltalk")
    assert [each["name"] for each in json.loads("\n".join(lines[2:]))] == ["alpha", "beta"]


def test_the_example_names_each_of_the_twelve_methods_of_the_design() -> None:
    program = example()
    for name in SEEDS_METHODS:
        assert re.search(rf"manager\.{name}\((0\.1, )?\[?image[],)]", program), name


@pytest.mark.long
def test_the_types_of_the_example_are_right_for_a_strict_checker(tmp_path: Path) -> None:
    script = tmp_path / "example.py"
    script.write_text(example(), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", str(script)],  # with what mypy keeps of the package, 2 s and not 25
        capture_output=True,
        text=True,
        cwd=PAGE.parents[1],
    )
    assert (done.returncode, done.stdout.splitlines()[-1:]) == (0, ["Success: no issues found in 1 source file"])


def test_every_public_method_and_view_is_in_the_manual_page() -> None:
    page = PAGE.read_text(encoding="utf-8")
    names = [name for name in dir(SessionManager) if not name.startswith("_")]
    inner = {"bench", "store", "read", "probe", "target", "session", "metadata_of", "find_orphans"}
    assert {name for name in names if not re.search(rf"^\.B {name}(\(|$)", page, re.MULTILINE)} == inner


def test_every_field_of_a_record_is_described_in_the_manual_page() -> None:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    fields = [number for number, line in enumerate(lines) if re.match(r'\.BR \w+ " \(', line)]
    assert len(fields) > 300
    assert [lines[number] for number in fields if lines[number + 1] == r"\&"] == []


def test_the_seeds_methods(manager: SessionManager, two_images: tuple[Image, Image]) -> None:
    alpha, beta = two_images
    assert alpha.image_id is not None
    first = manager.create_session_for_image(alpha.image_id, alpha.address, "work", "by its id")
    second = manager.create_session_for_image("beta")
    assert manager.image_session_map == {alpha.image_id: [first], beta.image_id: [second]}
    assert {image_id: len(found) for image_id, found in manager.active_sessions.items()} == {
        alpha.image_id: 1,
        beta.image_id: 1,
    }
    metadata = manager.list_image_sessions(alpha.image_id)[0]
    assert (metadata.image, metadata.image_id, metadata.image_address) == ("alpha", alpha.image_id, alpha.address)
    assert (metadata.session.name, metadata.session.description) == ("work", "by its id")
    assert manager.current_image_context is None
    switched = manager.switch_image_context(f"{alpha.image_id}/work", "default")
    assert (str(switched.target), manager.current_image_context) == ("alpha/work", "alpha")
    assert manager.get_image_session_stats("alpha").live
    assert manager.get_image_connection_status("alpha").status == "connected"
    assert manager.image_connections["alpha"].status == "connected"
    assert manager.cleanup_orphaned_sessions("alpha") == 0
    with pytest.raises(Refused, match="is registered at"):
        manager.create_session_for_image("beta", alpha.address)


SEEDS_METHODS: dict[str, Callable[[SessionManager, str], object]] = {
    "create_session_for_image": lambda manager, image: len(manager.create_session_for_image(image)),
    "switch_image_context": lambda manager, image: manager.switch_image_context(Target(image), "default").target,
    "get_image_session_stats": lambda manager, image: manager.get_image_session_stats(image).image,
    "cleanup_orphaned_sessions": lambda manager, image: manager.cleanup_orphaned_sessions(image),
    "list_image_sessions": lambda manager, image: manager.list_image_sessions(image),
    "get_image_connection_status": lambda manager, image: manager.get_image_connection_status(image).image_id,
    "update_image_connection_status": lambda manager, image: manager.update_image_connection_status(
        image, ConnectionStatus.CONNECTED, ConnectionHealth.HEALTHY
    ),
    "detect_disconnected_images": lambda manager, image: manager.detect_disconnected_images([image]),
    "handle_image_disconnection": lambda manager, image: manager.handle_image_disconnection(image),
    "get_connection_health_summary": lambda manager, image: list(manager.get_connection_health_summary([image])),
    "start_connection_monitoring": lambda manager, image: monitored(manager, image),
    "handle_network_change": lambda manager, image: manager.handle_network_change([image]),
}


def monitored(manager: SessionManager, image: str) -> int:
    with manager.start_connection_monitoring(0.01, [image]) as monitoring:
        return min(monitoring.wait(0, 10), 1)


@pytest.mark.parametrize("method", SEEDS_METHODS)
def test_each_of_the_seeds_methods_takes_the_image_id_as_well_as_the_name(
    manager: SessionManager, two_images: tuple[Image, Image], method: str
) -> None:
    alpha = two_images[0]
    assert alpha.image_id is not None
    call = SEEDS_METHODS[method]
    assert call(manager, "alpha") == call(manager, alpha.image_id)
    with pytest.raises(NotFound, match="nobody"):
        call(manager, "nobody")


def test_one_name_is_no_list_of_names_and_an_empty_list_means_no_image(
    manager: SessionManager, two_images: tuple[Image, Image]
) -> None:
    with pytest.raises(UsageProblem, match="one name, not a list") as refused:
        manager.detect_disconnected_images("alpha")
    assert (refused.value.todo, refused.value.exit_code) == ("write ['alpha']", 2)
    assert manager.get_connection_health_summary([]) == {}
    assert set(manager.get_connection_health_summary()) == {"alpha", "beta"}
