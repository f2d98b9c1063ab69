"""Which defects are known of which version."""

from __future__ import annotations

import pytest

from stui_cli.model.defects import DEFECTS, known_defects


def numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


def test_a_range_includes_its_ends() -> None:
    old = {defect.name for defect in known_defects("gst", "3.2.5")}
    new = {defect.name for defect in known_defects("gst", "3.2.92")}
    assert "wrong products beyond 2 to the 62nd" in old - new
    assert "infinite floats from 1e39 on" in old & new
    assert {defect.name for defect in known_defects("gst", "3.2.90")} == new


UNKNOWN = [
    *(("gst", version) for version in ("3.2.4", "3.2.93", "3.3", "kernel", "", "\u0663.2.5")),
    ("pharo", "3.2.5"),
]


@pytest.mark.parametrize(("dialect", "version"), [*UNKNOWN, ("gst", None), (None, None)])
def test_nothing_is_known_of_what_was_not_measured(dialect: str | None, version: str | None) -> None:
    assert list(known_defects(dialect, version)) == []


def test_each_is_told_apart_by_its_name_and_its_range_is_one() -> None:
    assert len({(defect.dialect, defect.name) for defect in DEFECTS}) == len(DEFECTS)
    assert all(numbers(defect.first) <= numbers(defect.last) for defect in DEFECTS)
