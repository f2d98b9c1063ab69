"""`stui sessions export` and `import`: one file, into the same image or into another one on purpose."""

from __future__ import annotations

import stat
import tomllib
from typing import TYPE_CHECKING

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stui_cli.model.errors import StuiError, UsageProblem
from stui_cli.model.history import Entry
from stui_cli.model.sessions import Checkpoint, CheckpointBinding, SessionFile
from stui_cli.store.session_files import decoded, encoded

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Stui

texts = st.text(max_size=30)
whole = st.integers(0, 2**53)
bindings = st.builds(CheckpointBinding, texts, texts, texts, st.none() | texts)
maybe = st.none() | texts
entries = st.builds(Entry, whole, texts, texts, maybe, maybe, maybe, st.none() | whole, texts, st.none() | whole)
files = st.builds(
    SessionFile,
    name=texts,
    description=st.none() | texts,
    session_id=texts,
    created_at=whole,
    exported_at=whole,
    image_id=texts,
    image_name=st.none() | texts,
    dialect=st.none() | texts,
    image_version=st.none() | texts,
    checkpoint=st.none() | st.builds(Checkpoint, texts, texts, texts, whole, st.lists(bindings, max_size=3).map(tuple)),
    history=st.lists(entries, max_size=3).map(tuple),
)


@given(files, st.sampled_from(["toml", "msgpack"]))
def test_what_goes_out_comes_in(file: SessionFile, form: str) -> None:
    assert decoded(encoded(file, form), form, "it") == file


@pytest.mark.parametrize("form", ["toml", "msgpack"])
def test_what_is_no_text_leaves_a_file_that_anybody_can_read(form: str) -> None:
    entry = Entry(1, "'caf\udce9'", "returned", "\udce9", "String", None, None, "i", None)
    file = SessionFile("work", "d\udcff", "s", 1, 1, "i", "caf\udce9", None, None, None, (entry,))
    data = encoded(file, form)
    (tomllib.loads(data.decode()) if form == "toml" else msgpack.unpackb(data))
    back = decoded(data, form, "it")
    assert (back.description, back.image_name, back.history[0].source) == ("d?", "caf?", "'caf?'")


@given(st.binary(max_size=200), st.sampled_from(["toml", "msgpack"]))
def test_anything_else_is_refused_in_words(data: bytes, form: str) -> None:
    with pytest.raises(StuiError):
        decoded(data, form, "it")


def test_a_file_of_tomorrow_is_refused_with_advice() -> None:
    with pytest.raises(StuiError, match="another version") as caught:
        decoded(b'schema = 2\nkind = "session"\n', "toml", "it")
    assert not isinstance(caught.value, UsageProblem)


@pytest.mark.usefixtures("two_images")
@pytest.mark.parametrize("suffix", ["toml", "msgpack"])
def test_out_and_into_another_image_on_purpose(stui: Stui, tmp_path: Path, suffix: str) -> None:
    stui.ok("sessions", "create", "alpha/work", "--description", "to be moved")
    stui.ok("eval", "-i", "alpha/work", "x := 5", "y := SortedCollection new", "y add: x")
    path = tmp_path / f"work.{suffix}"
    out = stui("sessions", "export", "alpha/work", "-f", str(path))
    assert out.out == f"exported alpha/work to {path}: 2 variables, 3 evaluations\n"
    assert "y (SortedCollection)" in out.err
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stui("sessions", "export", "alpha/work", "-f", str(path)).code == 9
    stui.ok("sessions", "export", "alpha/work", "-f", str(path), "--force")

    back = stui("sessions", "import", str(path))
    assert (back.code, "alpha/work is there already" in back.err) == (9, True)
    stui.ok("images", "rename", "alpha", "renamed")
    assert "imported renamed/again: x" in stui.ok("sessions", "import", str(path), "--as", "again")
    stui.ok("images", "remove", "renamed", "-y")
    refused = stui("sessions", "import", str(path))
    assert (refused.code, "-i IMAGE" in refused.err) == (9, True)
    assert stui("sessions", "import", str(path), "-i", "beta", "--strict").code == 9
    replayed = stui("sessions", "import", str(path), "-i", "beta", "--replay", "--strict")
    assert replayed.code == 0, replayed
    assert stui.ok("eval", "-i", "beta/work", "y first + x") == "10\n"
    item = next(i for i in stui.items("sessions") if i["image"] == "beta")
    assert item["description"] == "to be moved"
    assert len(stui.items("sessions", "history", "beta/work")) == 4


@pytest.mark.usefixtures("two_images")
def test_through_a_pipe(stui: Stui) -> None:
    stui.ok("sessions", "create", "alpha/work")
    stui.ok("eval", "-i", "alpha/work", "x := 'it''s'")
    text = stui.ok("sessions", "export", "alpha/work")
    stui.ok("sessions", "import", "-", "-i", "beta", stdin=text.encode())
    assert stui.ok("eval", "-i", "beta/work", "x") == "'it''s'\n"


@pytest.mark.usefixtures("two_images")
def test_a_session_whose_image_is_silent_is_exported_from_its_checkpoint(stui: Stui, tmp_path: Path) -> None:
    stui.ok("sessions", "create", "alpha/work")
    stui.ok("switch", "alpha/work")
    stui.ok("eval", "x := 5")
    stui.ok("switch", "beta")
    stui.ok("images", "set", "alpha", "--address", "tcp://127.0.0.1:1")
    said = stui("sessions", "export", "alpha/work", "-f", str(tmp_path / "it.toml"))
    assert "1 variables" in said.out
    assert "the last checkpoint is taken" in said.err
    assert stui("sessions", "export", "alpha/work", "-f", str(tmp_path / "it.json")).code == 2
