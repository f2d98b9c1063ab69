"""A session that is made in its image and cannot be recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stui_cli.image.client import Client
from stui_cli.model.errors import StoreProblem, Unreachable
from stui_cli.model.probe_outcome import ProbeOutcome

if TYPE_CHECKING:
    from conftest import Registry
    from farm import Farm


@pytest.mark.parametrize("there", [True, False])
def test_why_it_could_not_be_recorded_is_what_is_told(
    farm: Farm, registry: Registry, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    """It is closed in its image again; where the image is gone by then, a cleanup finds it later as a stray."""
    image = farm.add()
    registry.register(image, "alpha")

    def gone(*arguments: object, **more: object) -> None:
        raise Unreachable("nobody listens there", outcome=ProbeOutcome.REFUSED)

    def full(change: object) -> None:
        assert len(image.sessions) == 1
        if not there:
            monkeypatch.setattr(Client, "call", gone)
        raise StoreProblem("the disk is full")

    monkeypatch.setattr(registry.manager.store, "commit", full)
    with pytest.raises(StoreProblem, match="the disk is full"):
        registry.manager.create_session_for_image("alpha", session_name="work")
    assert len(image.sessions) == (0 if there else 1)
