"""Advice for an image that is not registered yet can be followed."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import pytest
from farm import Behaviour, Habit

from stui_cli.model.errors import StuiError
from stui_cli.model.images import Image
from stui_cli.work.images.register import add_image

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Registry
    from farm import Farm


def advice(registry: Registry, image: Image) -> str:
    with pytest.raises(StuiError) as caught:
        add_image(registry.manager.bench, image, offline=False)
    return caught.value.todo


def test_what_cannot_be_set_yet_is_to_be_added(farm: Farm, registry: Registry, tmp_path: Path) -> None:
    asks = farm.add(Behaviour(keys={"k": ("admin", b"s" * 32)}))
    assert f"stui images add alpha {asks.address} --key-file FILE" in advice(registry, Image("alpha", asks.address, 0))
    keys = tmp_path / "keys"
    keys.write_text(f"k admin {'0' * 64}\n")
    keys.chmod(0o600)
    asks_none = farm.add()
    assert "add it without --key-file" in advice(registry, Image("alpha", asks_none.address, 0, key_file=str(keys)))
    web = farm.add(Behaviour(habit=Habit.GARBAGE))
    assert f"stui doctor --address {web.address}" in advice(registry, Image("alpha", web.address, 0))


def test_plain_text_over_the_network_is_refused_with_better_ways_to_paste(registry: Registry, tmp_path: Path) -> None:
    keys = tmp_path / "my keys"
    keys.write_text(f"k admin {'0' * 64}\n")
    keys.chmod(0o600)
    image = Image("alpha", "tcp://build.example:7001", 0, key_file=str(keys), metadata={"a": "b c"})
    todo = advice(registry, image)
    added = [shlex.split(line) for line in re.findall(r"stui (images add .*?)(?:;|$)", todo)]
    rest = ["--key-file", str(keys), "-l", "a=b c"]
    assert added == [
        ["images", "add", "alpha", "ssh://build.example/127.0.0.1:7001", *rest],
        ["images", "add", "alpha", "tls://build.example:7001", *rest],
        ["images", "add", "alpha", "tcp://127.0.0.1:7001", *rest],
        ["images", "add", "alpha", "tcp://build.example:7001", *rest, "--allow-plaintext"],
    ]
    assert "ssh -N -L 7001:127.0.0.1:7001 build.example and" in todo


def test_an_address_is_no_command_of_a_shell(registry: Registry) -> None:
    todo = advice(registry, Image("alpha", "tcp://$(touch${IFS}x):7001", 0))
    assert "'ssh://$(touch${IFS}x)/127.0.0.1:7001'" in todo
    assert "7001 '$(touch${IFS}x)' and" in todo
    assert "$(" not in re.sub("'[^']*'", "", todo)
