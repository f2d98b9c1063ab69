"""An image as an item."""

from __future__ import annotations

import pytest

from stui_cli.contract.image import measured_before
from stui_cli.model.times import moment


@pytest.mark.parametrize(
    ("measured", "checked", "before"),
    [(None, 5_000, False), (5_000, 5_000, False), (4_900, 5_100, False), (4_001, 5_000, False), (4_000, 5_000, True)],
)
def test_as_of_is_told_only_of_what_is_older_than_a_second(measured: int | None, checked: int, before: bool) -> None:
    item = {"measured_at": moment(measured), "checked_at": moment(checked)}
    assert measured_before(item) is before
