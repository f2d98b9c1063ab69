"""What a sweep takes besides sessions, and what it must not: anything in use, and anything that an undo needs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from orphan_worlds import DAY, World

from stui_cli.local.dialects import DIALECTS
from stui_cli.local.launching import only_one_start
from stui_cli.local.proc import start_of
from stui_cli.local.starting import AGENT_FILE, KEY_FILE
from stui_cli.model.history import Entry
from stui_cli.model.images import Image
from stui_cli.model.operations import ImageDetails, Kind
from stui_cli.work.images.register import remove_image
from stui_cli.work.sweeping.files import SweptFiles, sweep_files

if TYPE_CHECKING:
    from farm import Farm

    from stui_cli.store.transaction import Draft


@pytest.fixture
def world(farm: Farm, tmp_path: Path) -> World:
    made = World(farm, tmp_path / "store")
    made.image("well")
    return made


def launched(world: World, name: str, *, registered: bool = False, saved: bool = False) -> Path:
    """The folder of a launched image that does not run."""
    folder = Path(world.store.home.launched(name))
    folder.mkdir(parents=True, mode=0o700)
    (folder / KEY_FILE).write_text("secret")
    if saved:
        (folder / DIALECTS["gst"].saved_image).write_text("objects")
    if registered:
        image = Image(name, "tcp://127.0.0.1:1", world.now, f"id-{name}", launch_directory=str(folder))

        def change(draft: Draft) -> ImageDetails:
            draft.images[name] = image
            return ImageDetails(Kind.IMAGE_ADD, name)

        world.store.commit(change)
    return folder


def test_nothing_to_sweep_says_nothing(world: World) -> None:
    assert str(sweep_files(world.bench)) == ""
    assert str(SweptFiles()) == ""


def test_a_store_that_is_not_there_is_not_made(farm: Farm, tmp_path: Path) -> None:
    world = World(farm, tmp_path / "none")
    assert sweep_files(world.bench) == SweptFiles()
    assert not (tmp_path / "none").exists()


def test_one_line_tells_what_went() -> None:
    swept = SweptFiles(1, 2, 2, 0, 1, ("alpha", "beta"))
    assert str(swept) == (
        "swept 1 operation, 2 unreferenced objects, 2 histories, 1 old crash log, the folders of alpha, beta"
    )


class TestLaunchedFolders:
    def test_of_an_image_that_is_not_registered_goes_with_its_keys(self, world: World) -> None:
        folder = launched(world, "old")
        assert sweep_files(world.bench).folders == ("old",)
        assert not folder.exists()

    def test_of_a_registered_one_stays_whatever_it_is_called_now_and_wherever_the_home_is(self, world: World) -> None:
        folder = launched(world, "old", registered=True)
        world.change_image("old", launch_directory="/elsewhere/launched/old")
        assert sweep_files(world.bench).folders == ()
        assert (folder / KEY_FILE).exists()

    def test_in_which_a_process_lives_stays(self, world: World) -> None:
        folder = launched(world, "running")
        runtime = folder / "running.toml"
        start = start_of(os.getpid())
        runtime.write_text(
            f'schema = 1\nname = "running"\naddress = "tcp://127.0.0.1:1"\nimage_id = "x"\nincarnation = "y"\n'
            f'pid = {os.getpid()}\nprocess_start = {start}\ndialect = "gst"\n'
        )
        (folder / AGENT_FILE).write_text(str(runtime))
        swept = sweep_files(world.bench)
        assert swept.folders == ()
        assert swept.left == (f"{folder} stays: its image (running) runs, or may run, though it is not registered",)
        assert (folder / KEY_FILE).exists()

    @pytest.mark.skipif(not os.path.exists("/proc/self/cwd"), reason="the system does not show processes in /proc")
    def test_in_which_a_process_works_stays_although_its_agent_was_stopped(self, world: World) -> None:
        folder = launched(world, "running")
        code = "print(flush=True); input()"
        with subprocess.Popen(
            [sys.executable, "-c", code], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            assert sweep_files(world.bench).folders == ()
            process.communicate("\n")
        assert sweep_files(world.bench).folders == ("running",)

    def test_that_is_being_started_stays(self, world: World) -> None:
        folder = launched(world, "starting")
        with only_one_start(folder, "starting"):
            assert sweep_files(world.bench).folders == ()
        assert sweep_files(world.bench).folders == ("starting",)

    def test_with_a_saved_image_stays_while_undo_can_bring_its_entry_back(self, world: World) -> None:
        folder = launched(world, "saved", registered=True, saved=True)
        remove_image(world.bench, world.state.images["saved"])
        swept = sweep_files(world.bench)
        assert swept.folders == ()
        assert "stui undo can bring its entry back" in swept.left[0]
        assert (folder / DIALECTS["gst"].saved_image).exists()

    def test_with_a_saved_image_that_no_operation_knows_goes(self, world: World) -> None:
        launched(world, "saved", saved=True)
        assert sweep_files(world.bench).folders == ("saved",)

    def test_a_link_is_not_followed(self, world: World, tmp_path: Path) -> None:
        precious = tmp_path / "precious"
        precious.mkdir()
        launched(world, "old")
        Path(world.store.home.launched("link")).symlink_to(precious)
        assert sweep_files(world.bench).folders == ("old",)
        assert precious.exists()

    def test_one_that_cannot_be_removed_is_told_and_the_rest_goes_on(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        launched(world, "old")

        def fail(path: Path) -> None:
            raise PermissionError(13, "Permission denied", str(path))

        with monkeypatch.context() as patched:
            patched.setattr("shutil.rmtree", fail)
            swept = sweep_files(world.bench)
        assert swept.folders == ()
        assert ["could not be swept: Permission denied" in f.what for f in swept.failures] == [True]


def test_old_crash_logs_go_and_young_ones_stay(world: World) -> None:
    crashes = Path(world.store.home.crashes)
    crashes.mkdir()
    for name, age in (("old.log", 31 * DAY), ("young.log", 29 * DAY), ("notes.txt", 99 * DAY)):
        (crashes / name).touch()
        at = (world.now - age) / 1000
        os.utime(crashes / name, (at, at))
    assert sweep_files(world.bench).crash_logs == 1
    assert sorted(p.name for p in crashes.iterdir()) == ["notes.txt", "young.log"]


def test_histories_objects_and_operations_go_when_no_undo_needs_them(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    import stui_cli.store.retention as retention
    from stui_cli.model.orphans import Rules
    from stui_cli.work.sweeping.carry_out import remove_orphans
    from stui_cli.work.sweeping.survey import everything, find_orphans, probed

    farmed = world.farm.images[0]
    session = world.record(farmed, "lost", incarnation="earlier")
    world.store.append_history(
        farmed.image_id, session.session_id, Entry(world.now, "3", "returned", "3", "X", None, 1, "i")
    )
    scope = everything(world.state)
    survey = find_orphans(world.bench, scope, probed(world.bench, scope.images, dry=False), Rules(grace=0))
    assert len(remove_orphans(world.bench, survey, Rules(grace=0)).gone) == 1
    assert str(sweep_files(world.bench)) == ""  # the history too is what an undo brings back
    world.store.undo()
    assert len(world.store.history(farmed.image_id, session.session_id)) == 1
    world.store.redo()

    monkeypatch.setattr(retention, "KEPT_OPERATIONS", 1)
    monkeypatch.setattr(retention.prune, "__kwdefaults__", {"keep": 1, "keep_ms": DAY})
    world.now += 90 * DAY
    world.change_image("well", metadata={"a": "b"})
    swept = sweep_files(world.bench)
    assert swept.histories == 1
    assert swept.operations >= 3
    assert swept.objects >= 1
    assert "1 history" in str(swept)


def test_runtime_files_of_dead_agents_go(world: World) -> None:
    folder = world.folder.parent / "run" / "stui"
    folder.mkdir(parents=True)
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        pass
    (folder / f"old-{process.pid}.toml").write_text(
        'schema = 1\nname = "old"\naddress = "tcp://127.0.0.1:1"\nimage_id = "x"\nincarnation = "y"\n'
        f'pid = {process.pid}\nprocess_start = 1\ndialect = "gst"\n'
    )
    swept = sweep_files(world.bench)
    assert (swept.runtime_files, str(swept)) == (1, "swept 1 stale runtime file")
    assert not list(folder.iterdir())
