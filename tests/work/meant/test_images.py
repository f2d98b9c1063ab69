"""Which of many images a command means."""

from __future__ import annotations

import pytest

from stui_cli.model.errors import NotFound
from stui_cli.model.images import Image
from stui_cli.model.state import State
from stui_cli.work.meant.images import unparked_images


def test_images_to_run_code_in_are_chosen_by_pattern_and_labels() -> None:
    images = [
        Image("build-1", "tcp://127.0.0.1:1", 0, metadata={"role": "build"}),
        Image("build-2", "tcp://127.0.0.1:2", 0, metadata={"role": "build"}, parked=True),
        Image("web", "tcp://127.0.0.1:3", 0, metadata={"role": "web"}),
    ]
    state = State(images={image.name: image for image in images})
    assert [i.name for i in unparked_images(state, None, {})] == ["build-1", "web"]
    assert [i.name for i in unparked_images(state, "build-*", {})] == ["build-1"]
    assert [i.name for i in unparked_images(state, None, {"role": "web"})] == ["web"]
    assert [i.name for i in unparked_images(state, "[wx]*", {"role": "web"})] == ["web"]
    with pytest.raises(NotFound, match="no image's name fits 'x\\*'"):
        unparked_images(state, "x*", {"role": "web"})
    with pytest.raises(NotFound, match="no image fits 'b\\*' role=web"):
        unparked_images(state, "b*", {"role": "web"})
    with pytest.raises(NotFound, match="no image is registered yet"):
        unparked_images(State(), "b*", {})
    with pytest.raises(NotFound, match="is parked"):
        unparked_images(state, "build-2*", {})
