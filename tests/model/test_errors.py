"""Failures: whom they concern is a field, and its name is put in front in one place."""

from __future__ import annotations

from stui_cli.model.errors import Busy, StuiError, TooLate


def test_a_failure_that_names_nobody_is_told_with_its_image_in_front() -> None:
    error = TooLate("no answer", todo="wait").about("alpha")
    assert (error.what, error.reason, error.image, str(error)) == ("alpha: no answer", "no answer", "alpha", error.what)


def test_it_may_be_told_of_a_session_of_the_image() -> None:
    error = StuiError("stopped").about("alpha", "alpha/work")
    assert (error.what, error.image) == ("alpha/work: stopped", "alpha")


def test_what_names_its_image_already_is_told_as_it_is() -> None:
    error = Busy("alpha is busy", image="alpha").about("alpha", "alpha/work")
    assert (error.what, error.image) == ("alpha is busy", "alpha")
    twice = StuiError("stopped").about("alpha", "alpha/work").about("alpha")
    assert twice.what == "alpha/work: stopped"


def test_a_reason_that_becomes_another_one_keeps_its_name() -> None:
    error = StuiError("full disk").about("alpha")
    error.reason = f"ended, and not recorded: {error.reason}"
    assert error.what == "alpha: ended, and not recorded: full disk"
