"""`stui keys`: somebody is let in, and let in no longer, while the image runs."""

from __future__ import annotations

import os
import re
import shlex
import stat
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from shell import Shell, own_environ, wait_until

from stui_cli.commands.keys.list import next_step
from stui_cli.image.key_lines import keys_of
from stui_cli.work.keys.place import KeyPlace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shell import Ran

    from stui_cli.api import SessionManager


class Told(Shell):
    """A shell that keeps all that was printed."""

    said: list[str]

    def stui(self, *words: str, **more: object) -> Ran:
        ran = super().stui(*words, **more)  # type: ignore[arg-type]
        self.said.append(f"{ran.out}{ran.err}")
        return ran


def made(folder: Path, path: str) -> Told:
    shell = Told(own_environ(folder, path), folder)
    shell.said = []
    return shell


@pytest.fixture(scope="module", params=["gst", "playground"])
def owner(request: pytest.FixtureRequest, gst_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """Somebody whose image alpha runs."""
    shell = made(tmp_path_factory.mktemp(request.param), gst_path)
    shell.ok("images", "launch", "alpha", "--dialect", request.param, "--wait", "20s")
    yield shell
    shell.end()


@pytest.fixture
def colleague(owner: Told, tmp_path: Path) -> Told:
    """Somebody with a store of their own."""
    shell = made(tmp_path, owner.environ["PATH"])
    shell.said = owner.said
    return shell


def key_file(shell: Shell) -> Path:
    """The one that the agent of alpha reads."""
    return Path(shell.ok("keys", "list", "-i", "alpha", "-o", "json").json["items"][0]["file"])


def roles(shell: Shell) -> dict[str, str]:
    return {item["key_id"]: item["role"] for item in shell.ok("keys", "-o", "json").json["items"]}


def printed_command(ran: Ran) -> list[str]:
    """What the colleague has to run on this machine, as it is printed."""
    return shlex.split(next(line for line in ran.out.splitlines() if line.startswith("stui images add")))[1:]


def test_a_colleague_is_let_in_and_let_in_no_longer(owner: Told, colleague: Told) -> None:
    before = key_file(owner).read_bytes()
    assert roles(owner) == {"admin": "admin", "developer": "developer", "observer": "observer"}
    given = owner.ok("keys", "new", "bob", "--role", "developer")
    assert "bob may come into alpha as developer" in given.out
    assert re.search(r"^stui images add alpha ssh://\S+/127\.0\.0\.1:\d+ --key-file bob\.key$", given.out, re.MULTILINE)
    colleague.ok(*printed_command(given))
    assert colleague.ok("eval", "3 + 4").out == "7\n"
    file = Path(printed_command(given)[-1])
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700

    shown = owner.ok("keys", "show", "bob", "-o", "json").json["items"][0]
    assert (shown["role"], shown["image"], shown["key_file"], shown["used_by"]) == ("developer", "alpha", str(file), [])
    assert owner.ok("keys", "list", "-o", "name").out.split() == ["admin", "developer", "observer", "bob"]
    again = owner.stui("keys", "new", "bob", "--role", "admin")
    assert (again.code, "stui keys rotate bob" in again.err) == (8, True)

    taken = owner.ok("keys", "revoke", "bob")
    assert "alpha refuses the key" in taken.out
    assert colleague.stui("eval", "3 + 4").code == 4
    pinged = colleague.stui("ping", "-o", "json")
    assert (pinged.code, pinged.json["errors"][0]["code"]) == (4, "not_permitted")
    assert key_file(owner).read_bytes() == before
    assert owner.stui("keys", "revoke", "bob").code == 3


@pytest.mark.long
def test_what_is_open_under_a_key_ends_with_it(owner: Told, colleague: Told) -> None:
    """Taken back, or exchanged: whoever waits under it is told, and others go on."""
    for verb in (("revoke", "bob"), ("rotate", "bob", "--to", str(colleague.folder / "fresh.key"))):
        key = colleague.folder / "bob.key"
        key.unlink(missing_ok=True)
        given = owner.ok("keys", "new", "bob", "--role", "developer", "--to", str(key))
        colleague.stui(*printed_command(given))
        waiting = colleague.started("eval", "-i", "alpha", f"'{verb[0]}' size. [true] whileTrue", "--time-limit", "60")
        wait_until(lambda it=verb[0]: f"'{it}' size" in owner.ok("jobs").out, "it runs")  # type: ignore[misc]
        owner.ok("keys", *verb)
        _, err = waiting.communicate(timeout=40)
        assert (waiting.returncode, "withdrawn or changed" in err) == (6, True), err
        assert colleague.ok("audit", "-o", "json").json["items"][-1]["outcome"] == "unknown"
        assert owner.ok("eval", "3 + 4").out == "7\n"
    owner.ok("keys", "revoke", "bob")


def test_an_observer_sees_and_runs_nothing(owner: Told, colleague: Told) -> None:
    to = colleague.folder / "mine.key"
    given = owner.ok("keys", "new", "eve", "--role", "observer", "--to", str(to))
    assert str(to) in given.out
    colleague.ok(*printed_command(given))
    assert colleague.ok("status", "-o", "json").json["items"][0]["status"] == "connected"
    assert colleague.stui("eval", "3 + 4").code == 4
    assert owner.stui("keys", "new", "carol", "--role", "observer", "--to", str(to)).code == 9
    assert "carol" not in roles(owner)
    owner.ok("keys", "revoke", "eve")
    assert to.exists()  # not of this store


def test_fresh_bytes_shut_out_who_has_the_old_ones(owner: Told, colleague: Told) -> None:
    """The images of this store go on: their key file is the agent's, or changed along with it."""
    given = owner.ok("keys", "new", "bob", "--role", "developer", "--to", str(colleague.folder / "bob.key"))
    colleague.ok(*printed_command(given))
    told = owner.ok("keys", "rotate")
    assert "alpha of this store goes on with it" in told.out
    assert owner.ok("eval", "3 + 4").out == "7\n"
    fresh = owner.ok("keys", "rotate", "bob", "--to", str(colleague.folder / "fresh.key"))
    assert colleague.stui("eval", "3 + 4").code == 4
    colleague.ok("images", "set", "alpha", "--key-file", str(colleague.folder / "fresh.key"))
    assert colleague.ok("eval", "3 + 4").out == "7\n"
    assert "fresh.key" in fresh.out

    key, old = colleague.folder / "fresh.key", owner.ok("images", "show", "alpha", "-o", "json").json["items"][0]
    owner.ok("images", "set", "alpha", "--key-file", str(key))  # the entry has a key file that is not the agent's
    try:
        owner.ok("keys", "rotate", "bob")
        assert owner.ok("eval", "3 + 4").out == "7\n"
    finally:
        owner.ok("images", "set", "alpha", "--key-file", old["key_file"])
    owner.ok("keys", "revoke", "bob")


def test_an_agent_that_was_not_asked_is_not_said_to_refuse_a_key(owner: Told) -> None:
    """Plain text to another machine is refused here, as a certificate is that is not trusted."""
    owner.ok("images", "add", "beta", "tcp://192.0.2.1:7001", "--offline")
    there = ("-i", "beta", "--file", str(key_file(owner)))
    assert "beta could not be asked" in owner.ok("keys", "new", "dan", "--role", "observer", *there).err
    assert "beta could not be asked" in owner.ok("keys", "rotate", "dan", *there).err
    taken = owner.ok("keys", "revoke", "dan", *there)
    assert "beta could not be asked, so it was not seen to refuse the key" in taken.err
    assert "refuses the key" not in taken.out
    owner.ok("images", "remove", "beta", "-y")


def test_the_last_admin_stays_unless_it_is_forced(owner: Told) -> None:
    refused = owner.stui("keys", "revoke", "admin")
    assert refused.code == 9
    assert "stui keys revoke admin --force" in refused.err
    owner.ok("keys", "new", "second", "--role", "admin")
    before = key_file(owner).read_bytes()
    forced = owner.ok("keys", "revoke", "admin")
    assert "alpha is entered in this store with that key" in forced.err
    owner.ok("images", "set", "alpha", "--key-id", "admin")
    gone = owner.stui("eval", "3 + 4")
    assert (gone.code, "it has developer" in gone.err) == (4, True)
    # What the warning advises holds, whichever key was named before.
    old = owner.ok("images", "show", "alpha", "-o", "json").json["items"][0]["key_file"]
    owner.ok("images", "set", "alpha", "--key-file", str(owner.folder / "stui" / "keys" / "alpha" / "second.key"))
    assert owner.ok("eval", "3 + 4").out == "7\n"
    owner.ok("images", "set", "alpha", "--key-file", old)
    assert owner.stui("keys", "revoke", "second").code == 9
    owner.ok("keys", "revoke", "second", "--force")
    assert set(roles(owner).values()) == {"developer", "observer"}
    key_file(owner).write_bytes(before)
    owner.ok("keys", "revoke", "second")


def test_many_at_once_lose_nothing_and_a_reader_never_sees_half_a_file(owner: Told) -> None:
    file = key_file(owner)
    with file.open("ab") as text:
        text.write(b"\n# a line of mine\r\n")
    over, seen = threading.Event(), []

    def read() -> None:
        while not over.is_set():
            seen.append({key.key_id for key in keys_of(file.read_bytes(), "")})

    reader = threading.Thread(target=read)
    reader.start()
    running = [owner.started("keys", "new", f"many{n}", "--role", "observer") for n in range(6)]
    running += [owner.started("keys", "new", "same", "--role", "observer") for _ in range(2)]
    codes = [each.wait(60) for each in running]
    for each in running:
        owner.said.append("".join(each.communicate()))
    over.set()
    reader.join()
    assert codes[:6] == [0] * 6
    assert sorted(codes[6:]) in ([0, 8], [0, 9])  # by the name in the file, or by the holder's file
    assert all("admin" in keys for keys in seen)
    assert {f"many{n}" for n in range(6)} | {"same"} < roles(owner).keys()
    assert file.read_bytes().count(b"\r\n") == 1
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    for name in [*(f"many{n}" for n in range(6)), "same"]:
        owner.ok("keys", "revoke", name)


def test_who_did_it_is_in_the_audit_log_and_no_key_is_anywhere(owner: Told) -> None:
    """In nothing that was printed, and in no file of the store that is not a key file."""
    owner.ok("keys", "new", "last", "--role", "admin", "-o", "json")
    owner.ok("keys", "rotate", "last", "-v")
    owner.ok("keys", "show", "last", "-o", "json")
    entries = owner.ok("audit", "-i", "alpha", "-o", "json").json["items"]
    told = {(item["action"], item["outcome"].partition(" in ")[0]) for item in entries}
    assert {("key.new", "last (admin)"), ("key.rotate", "last (admin)")} <= told
    secrets, others = set(), []
    for path in owner.folder.rglob("*"):
        if path.is_file() and (path.suffix == ".key" or path.name == "keys"):
            secrets |= {key.secret for key in keys_of(path.read_bytes(), "")} if path.parent.name != "names" else set()
        elif path.is_file():
            others.append(path.read_bytes())
    assert len(secrets) >= 4
    told_anywhere = b"".join([*others, *(text.encode() for text in owner.said)]).lower()
    for secret in secrets:
        assert secret not in told_anywhere
        assert secret.hex().encode() not in told_anywhere
    owner.ok("keys", "revoke", "last")
    assert "key.revoke" in owner.ok("audit", "-n", "1").out


def test_an_agent_that_reads_another_file_is_noticed(owner: Told, tmp_path: Path) -> None:
    """What is said to be given is let in."""
    other = tmp_path / "other"
    other.write_bytes(key_file(owner).read_bytes())
    other.chmod(0o600)
    refused = owner.stui("keys", "new", "bob", "--role", "admin", "-i", "alpha", "--file", str(other))
    assert refused.code == 9
    assert "nothing was left there" in refused.err
    assert other.read_bytes() == key_file(owner).read_bytes()
    assert not list(owner.folder.rglob("bob.key"))
    partly = owner.stui("keys", "revoke", "observer", "-i", "alpha", "--file", str(other))
    assert partly.code == 8
    assert "still lets it in" in partly.err


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("tcp://192.0.2.7:7001", "lie on 192.0.2.7, where it runs"),
        ("tls://build.example:7001", "lie on build.example, where it runs"),
        ("unix:///run/other/agent.sock", "runs as another user"),
    ],
)
def test_what_cannot_be_reached_from_here(owner: Told, address: str, said: str) -> None:
    owner.ok("images", "add", "far", address, "--offline")
    refused = owner.stui("keys", "new", "bob", "--role", "observer", "-i", "far")
    listed = owner.ok("keys", "list")
    owner.ok("images", "remove", "far", "-y")
    assert refused.code == 9
    assert said in refused.err
    assert "stui keys new bob --role observer --file KEY_FILE" in refused.err
    assert "left out: " in listed.err
    assert "alpha" in listed.out


def test_where_no_key_is_to_be_listed_the_next_step_is_told(manager: SessionManager) -> None:
    assert next_step(manager.bench, []).startswith("no image is registered yet: ")
    manager.import_images("""[[images]]\nname = "far"\naddress = "unix:///run/other/agent.sock"\n""")
    assert next_step(manager.bench, []).endswith("stui images launch NAME")
    far = manager.read().images["far"]
    assert next_step(manager.bench, [KeyPlace("/k", far)]).endswith("stui keys new WHO --role developer -i far")
    assert next_step(manager.bench, [KeyPlace("/a key", None)]).endswith("--role developer --file '/a key'")


def test_names_for_tab(owner: Told) -> None:
    owner.ok("keys")
    offered = owner.stui(more={"_STUI_COMPLETE": "bash_complete", "COMP_WORDS": "stui keys show ", "COMP_CWORD": "3"})
    assert os.path.exists(owner.folder / "stui" / "names" / "keys")
    assert "admin" in offered.out


def role_told(shell: Shell) -> tuple[object, bool]:
    """The role of the store's own key, as `images show` tells it, and whether it tells when that was proved."""
    item = shell.ok("images", "show", "alpha", "-o", "json").json["items"][0]
    lines = dict(re.findall(r"^(you are|as was proved) +(.*)$", shell.ok("images", "show", "alpha").out, re.MULTILINE))
    assert lines.get("you are") == item["role"]
    assert ("as was proved" in lines) == (item["role"] is not None)
    return item["role"], item["role_checked_at"] is not None


def test_the_role_is_the_one_that_was_proved_last(owner: Told, colleague: Told) -> None:
    """Never one that nobody checked: not before the first contact, after a change of the key, or after a refusal."""
    owner.ok("status")
    assert role_told(owner) == ("admin", True)
    given = owner.ok("keys", "new", "dora", "--role", "developer", "--to", str(colleague.folder / "dora.key"))
    colleague.ok(*printed_command(given))
    assert role_told(colleague) == (None, False)
    colleague.ok("eval", "3 + 4")
    assert role_told(colleague) == ("developer", True)
    colleague.ok("images", "set", "alpha", "--key-id", "dora")
    assert role_told(colleague) == (None, False)
    colleague.ok("status")
    assert role_told(colleague) == ("developer", True)
    owner.ok("keys", "revoke", "dora")
    assert role_told(colleague) == ("developer", True)  # as it was proved then
    assert colleague.stui("eval", "3 + 4").code == 4
    assert role_told(colleague) == (None, False)
