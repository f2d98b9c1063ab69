"""A server of a team that restarts, or stays away, while a command waits: for code that runs, or between two rounds."""

from __future__ import annotations

import json
import os
import signal
from typing import TYPE_CHECKING

import pytest
from shell import Shell, own_environ
from team_server import TeamServer

if TYPE_CHECKING:
    from collections.abc import Iterator

# A busy machine takes its time to make a server.
pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]

SLOW = "(Delay forMilliseconds: 1500) wait. 3 + 4"


@pytest.fixture(scope="module")
def server() -> Iterator[TeamServer]:
    """One of its own, which is restarted."""
    made = TeamServer(durable=True)
    yield made
    made.end()


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory, server: TeamServer) -> Iterator[Shell]:
    """`alpha`, a playground with the session `work`, in the store of a team."""
    folder = tmp_path_factory.mktemp("team")
    made = Shell({**own_environ(folder, os.environ["PATH"]), "STUI_HOME": server.url()}, folder)
    made.ok("store", "init")
    made.ok("images", "launch", "alpha", "--dialect", "playground")
    made.ok("sessions", "create", "alpha/work")
    yield made
    made.stui("images", "stop", "alpha")
    made.end()


def lines_of_audit(server: TeamServer) -> int:
    ((count,),) = server.sql("select count(*) from stui.audit where convert_from(content, 'UTF8') like '%3 + 4%'")
    assert isinstance(count, int)
    return count


def test_code_that_ran_over_a_restart_is_recorded(shell: Shell, server: TeamServer) -> None:
    with shell.started("eval", "-s", "work", "-i", "alpha", SLOW) as evaluating:
        server.until("select 1 from stui.audit where convert_from(content, 'UTF8') like '%3 + 4%'")
        server.restart()
        assert (*evaluating.communicate(timeout=30), evaluating.returncode) == ("7\n", "", 0)
    (item,) = shell.ok("sessions", "history", "alpha/work", "-o", "json").json["items"]
    assert (item["source"], item["result"]) == (SLOW, "7")
    last = shell.ok("audit", "-o", "json").json["items"][-1]
    assert (last["action"], last["outcome"], last["source"]) == ("evaluate", "returned", SLOW)
    shell.ok("audit", "--verify")


def test_code_that_ran_while_the_server_went_for_good_is_printed_all_the_same(shell: Shell, server: TeamServer) -> None:
    begun = lines_of_audit(server)
    with shell.started("eval", "-s", "work", "-i", "alpha", "--lock-timeout", "0.5", SLOW) as evaluating:
        server.until(
            f"select 1 from stui.audit where convert_from(content, 'UTF8') like '%3 + 4%' having count(*) > {begun}"
        )
        server.stop()
        out, err = evaluating.communicate(timeout=30)
    server.start()
    assert (out, evaluating.returncode) == ("7\n", 0)
    assert err.startswith("stui: warning: what was evaluated could not be recorded: the connection to ")
    assert "it could not be made again" in err
    assert shell.ok("audit", "-o", "json").json["items"][-1]["outcome"] == "began"
    shell.ok("audit", "--verify")


def test_who_watches_goes_on_after_a_restart(shell: Shell, server: TeamServer) -> None:
    watching = shell.started("status", "--watch=0.5", "-o", "jsonl")
    assert watching.stdout is not None

    def seen() -> str:
        assert watching.stdout is not None
        return str(json.loads(watching.stdout.readline())["name"])

    try:
        assert seen() == "alpha"
        server.restart()
        shell.ok("images", "add", "beta", "tcp://127.0.0.1:9", "--offline")
        while seen() != "beta":
            pass
        server.stop()
        server.start()
        shell.ok("images", "rename", "beta", "gamma")
        while seen() != "gamma":
            pass
        os.killpg(watching.pid, signal.SIGINT)
        _, err = watching.communicate(timeout=40)
    finally:
        watching.kill()
    assert watching.returncode == 0
    assert all(line.startswith("stui: warning: monitoring waits: ") for line in err.splitlines())
