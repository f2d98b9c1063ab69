"""`--sort`, `--limit` and `--template`, command by command: whatever lists several items takes them in every form.

One store with two real images and three sessions is made once; every command then lists it.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from stui_cli.api import open_manager
from stui_cli.invocation import Invocation
from stui_cli.main import run
from stui_cli.model.operations import ImageDetails, Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from stui_cli.model.images import Image
    from stui_cli.store.transaction import Draft

INTEGERS = [
    "SmallInteger",
    "LargeZeroInteger",
    "LargePositiveInteger",
    "LargeNegativeInteger",
    "LargeInteger",
    "Integer",
]
SESSIONS = ["alpha/work", "alpha/zebra", "beta/able"]

# What lists, by which fields, a template, and the lines that come of it, so many of them as are told here.
LISTS = {
    "images list": ("-name", "{name} {metadata[team]}", ["beta core", "alpha "]),
    "images": ("name", "{IMAGE}", ["alpha", "beta"]),
    "images discover": ("-name", "{name} {registered}", ["beta beta", "alpha alpha"]),
    "sessions list": ("-owner,name", "{owner}/{name} {bindings}", ["beta/able 0", "alpha/work 1", "alpha/zebra 0"]),
    "sessions": ("-Session", "{name}", ["zebra", "work", "able"]),
    "status": ("-name", "{name} {status}", ["beta connected", "alpha connected"]),
    "status --cached --group-by team": ("-name", "{name} {group}", ["beta core", "alpha "]),
    "ping alpha beta": ("-name", "{name} {sent:03d}", ["beta 001", "alpha 001"]),
    "log": ("kind,-number", "{number} {kind}", ["1 image.add", "2 image.change", "5 session.create"]),
    "audit": ("action,-source", "{action} {source:.3}", ["evaluate x :", "evaluate 3 +", "image.add "]),
    "sessions history alpha/work": (
        "-#",
        "{number} {source} {class}",
        ["2 3 + 4 SmallInteger", "1 x := 5 SmallInteger"],
    ),
    "keys list": ("-image,role", "{image} {role}", ["beta admin", "beta developer"]),
    "config list": ("-key", "{key}", ["timeout"]),
    "browse classes -i alpha --pattern *Integer": ("-class", "{name}", INTEGERS),
    "sessions stats": ("recorded", "{image} {recorded}", ["beta 1", "alpha 2"]),
    "cleanup -n": ("session", "{session} {action}", [f"{session} keep" for session in SESSIONS]),
}


@dataclass(frozen=True)
class Said:
    """What one command printed, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def items(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.out)["items"]
        return found


def said(*words: str) -> Said:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(list(words))
    return Said(code, out.getvalue(), err.getvalue())


@pytest.fixture(scope="module")
def life(shared_images: tuple[Image, Image], tmp_path_factory: pytest.TempPathFactory) -> Path:
    def register(draft: Draft) -> ImageDetails:
        draft.images.update({image.name: image for image in shared_images})
        return ImageDetails(Kind.IMAGE_ADD, "alpha")

    home = tmp_path_factory.mktemp("listed") / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STUI_HOME", str(home))
        patch.setattr(sys, "argv", ["stui", "test"])
        open_manager().store.commit(register)
        for line in ("images set beta team=core", "sessions create alpha/zebra", "sessions create alpha/work",
                     "sessions create beta/able", "eval -i alpha -s work x", "eval -i alpha -s work 3"):  # fmt: skip
            words = {"x": "x := 5", "3": "3 + 4"}
            assert said(*(words.get(word, word) for word in line.split())).code == 0
    return home


@pytest.fixture
def listed(life: Path, shared_images: tuple[Image, Image], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Said]:
    """Runs commands on the store of this life, and where the two images run."""
    monkeypatch.setenv("STUI_HOME", str(life))
    shared = Path(shared_images[0].key_file or "").parents[3]
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(shared / "run"))
    return said


@pytest.mark.parametrize("command", LISTS)
def test_a_list_is_sorted_limited_and_filled_into_a_template(listed: Callable[..., Said], command: str) -> None:
    sort, template, lines = LISTS[command]
    words = command.split()
    whole = listed(*words, "--sort", sort, "--template", template)
    assert whole.code == 0, whole
    printed = whole.out.splitlines()
    if command == "cleanup -n":  # the images hold what other tests made there, as other clients
        printed = list(dict.fromkeys(line for line in printed if line in lines))
    assert printed[: len(lines)] == lines
    count = len(whole.out.splitlines())
    one = listed(*words, "--sort", sort, "--limit", "1", "-o", "json")
    (item,) = one.items
    many = listed(*words, "-o", "json").items
    assert item in many or command.startswith(("status", "ping", "sessions stats", "audit", "images discover"))
    if command != "audit":  # people get one line for what began and ended
        assert len(many) == count
    assert f"{len(many) - 1} of {len(many)} left out: --limit 1" in one.err
    quiet = listed(*words, "--sort", sort, "--limit", "1", "-q")
    assert (quiet.code, quiet.err, len(quiet.out.splitlines())) == (0, "", 2)  # a heading and a row


@pytest.mark.parametrize("command", [*LISTS, "jobs"])
@pytest.mark.parametrize("words", [("--sort", "nmae"), ("--columns", "nmae"), ("--template", "{nmae}")])
def test_an_unknown_field_is_told_before_anything_is_sent(
    listed: Callable[..., Said], monkeypatch: pytest.MonkeyPatch, command: str, words: tuple[str, ...]
) -> None:
    monkeypatch.setattr(Invocation, "bench", None)
    monkeypatch.setattr(Invocation, "open_store", None)
    told = listed(*command.split(), *words)
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith(f"stui: there is no {'field' if 'template' in words[0] else 'column'} 'nmae'")


@pytest.mark.parametrize("form", ["plain", "table", "tsv", "json", "jsonl"])
@pytest.mark.parametrize(
    ("words", "columns"),
    [("audit", "action,source"), ("sessions history alpha/work", "number,source"), ("log", "number,kind")],
)
def test_one_of_a_log_is_the_newest_in_every_form(
    listed: Callable[..., Said], words: str, columns: str, form: str
) -> None:
    """The log of changes begins with the newest, what was done and evaluated ends with it."""

    def rows(*more: str) -> list[object]:
        told = listed(*words.split(), "-o", form, "--columns", columns, "--no-headers", *more)
        assert told.code == 0
        return [*told.items] if form == "json" else [line.split() for line in told.out.splitlines()]

    every, one = rows(), rows("--limit", "1")
    assert len(every) > 1
    assert one == (every[:1] if words == "log" else every[-1:])


FORMS = {
    "table": "IMAGE  ADDRESS\n",
    "plain": "IMAGE  ADDRESS\nbeta   ",
    "tsv": "name\taddress\nbeta\t",
    "jsonl": '{"name":"beta","address":',
    "name": "beta\n",
}


@pytest.mark.parametrize("form", FORMS)
def test_the_order_holds_in_every_form(listed: Callable[..., Said], form: str) -> None:
    told = listed("images", "--sort=-Image", "--limit", "1", "-o", form, "--columns", "image,ADDRESS")
    assert told.out.startswith(FORMS[form])
    assert "alpha" not in told.out
    assert told.err == "1 of 2 left out: --limit 1\n"


@pytest.mark.parametrize(
    ("line", "what", "todo"),
    [
        ("undo --sort time", "--sort is for commands that list, and stui undo is none", "stui undo --help"),
        (
            "images --limit 1 show alpha",
            "--limit is for commands that list, and stui images show",
            "images show --help",
        ),
        ("--sort name images", "--sort stands behind", "stui images --sort"),
        ("images --template {name} -o json", "--template and --output", "leave one"),
        ("images --template {name} --columns name", "--template and --columns", "leave one"),
        ("status -o prometheus --limit 1", "-o prometheus tells of all images", ""),
        ("status --textfile x --sort name", "--textfile", "--sort"),
        ("images --limit -1", "-1 is too small: at least 0", ""),
        ("cleanup --limit 1 -y", "--limit would show fewer", "cleanup -n"),
        ("cleanup --template {session}", "no room for a question", "-y"),
        ("demo --template {name}", "prints no items", ""),
    ],
)
def test_where_they_mean_nothing_they_are_refused(listed: Callable[..., Said], line: str, what: str, todo: str) -> None:
    told = listed(*line.split())
    assert told.code == 2
    assert what in told.err + told.out
    assert todo in told.err + told.out


def test_what_acts_and_what_runs_code_fill_in_a_template_too(listed: Callable[..., Said]) -> None:
    told = listed("eval", "--all", "3 + 4", "--template", "{image}: {value[print]} {value[class]}{error[message]}")
    assert (told.code, told.out) == (0, "alpha: 7 SmallInteger\nbeta: 7 SmallInteger\n")
    told = listed("eval", "-i", "alpha", "1/0", "--template", r"{outcome}\t{value[print]}|{error[class]:>14}")
    assert (told.code, told.out) == (7, "raised\t|    ZeroDivide\n")
    assert listed("images", "set", "alpha", "a=b", "--template", "{name} {metadata[a]}").out == "alpha b\n"
    assert listed("inspect", "-i", "alpha", "#(5)", "--template", "{slot}={print}").out.splitlines()[-1] == "1=5"


def test_a_variable_names_no_other_form_than_a_template(
    listed: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUI_OUTPUT", "json")
    assert listed("images", "--sort", "name", "--template", "{name}").out == "alpha\nbeta\n"
    assert listed("images", "--template", "{nmae}").err.startswith("stui: there is no field 'nmae'")
