"""The public Python API: the example of its manual page runs, and the seed's methods do what they say."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stui_cli.api import SessionManager
from stui_cli.model.errors import Refused

if TYPE_CHECKING:
    from stui_cli.model.images import Image

PAGE = Path(__file__).resolve().parents[2] / "man" / "stui-api.3"


def example() -> str:
    """The program in the manual page, as `man` shows it."""
    found = re.search(r"^\.EX\n(.*?)^\.EE$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert found is not None
    return found[1].replace(r"\-", "-").replace(r"\e", "\\")


def test_the_example_of_the_manual_page_runs(
    two_images: tuple[Image, Image], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from stui_cli.work.meant import terminals

    monkeypatch.setattr(terminals, "terminal_key", lambda: None)
    exec(compile(example(), str(PAGE), "exec"), {"__name__": "__main__"})
    assert capsys.readouterr().out == "alpha nightly active\nbeta nightly active\nalpha\n1\n"


def test_every_public_method_and_view_is_in_the_manual_page() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for name in (
        "create_session_for_image",
        "switch_image_context",
        "get_image_session_stats",
        "cleanup_orphaned_sessions",
        "list_image_sessions",
        "get_image_connection_status",
        "active_sessions",
        "image_connections",
        "current_image_context",
        "image_session_map",
    ):
        assert hasattr(SessionManager, name)
        assert f".B {name}" in page


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
