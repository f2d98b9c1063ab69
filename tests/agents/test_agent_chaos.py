"""Ten clients that do their worst at once, cut and interrupted at any moment: everybody gets an answer, always."""

from __future__ import annotations

import random
import threading
import time
from typing import TYPE_CHECKING

import pytest
from stopwatch import Stopwatch
from test_agent_survival import ENDLESS
from wire import RemoteError

if TYPE_CHECKING:
    from running import Clients, RunningAgent

pytestmark = [pytest.mark.long, pytest.mark.alone, pytest.mark.timeout(300)]

SECONDS = 40
SOURCES = (
    *ENDLESS.values(),
    "3 + 4",
    "nil foo",
    "Transcript showCr: 'x'. 5",
    "Processor activeProcess terminate",
    "Processor activeProcess primTerminate",
    "Processor yield. 3",
    "(Delay forMilliseconds: 20) wait. 3",
    "[[true] whileTrue] fork. 3",
    "[(Delay forMilliseconds: 5) wait. nil foo] fork. 1",
    "[(Delay forMilliseconds: 1) wait] valueWithoutPreemption. 3",
    "| d | d := Delay forMilliseconds: 50. [d wait] fork. d wait. 3",
    "(1 to: 200000) asOrderedCollection size",
    "ObjectMemory compact. 3",
    "Object subclass: StuiChaos [ foo [ ^3 ] ]",
)


def test_ten_clients_that_do_their_worst(agent: RunningAgent, clients: Clients) -> None:
    """An image whose delays are dead, or whose watchdog is, was what came of it within seconds."""
    end = time.monotonic() + SECONDS
    failures: list[str] = []
    answered = [0] * 10

    def work(number: int) -> None:
        chance = random.Random(20_261_127 + number)
        wire = clients(f"chaos-{number}")
        wire.call("create_session", session_id="s", name="s", description="")
        while time.monotonic() < end and not failures:
            source = chance.choice(SOURCES)
            asked = wire.request(
                "evaluate",
                session_id=chance.choice(["s", None]),
                source=source,
                time_limit_ms=chance.choice([30, 100, 300]),
            )
            if chance.random() < 0.3:
                time.sleep(chance.random() * 0.1)
                wire.notify("interrupt", id=asked)
            try:
                wire.answer(asked)
            except RemoteError:
                pass
            except Exception as error:  # noqa: BLE001  whatever it is, it is a failure of this test
                failures.append(f"client {number}: {source}: {error!r}")
                return
            answered[number] += 1
            if chance.random() < 0.03:
                wire.close()
                wire = clients(f"chaos-{number}")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    bystander = clients("bystander")
    times = []
    while time.monotonic() < end and not failures:
        watch = Stopwatch(agent.pid)
        bystander.call("ping", message=None)
        times.append(watch.seconds)
        time.sleep(0.005)
    for thread in threads:
        thread.join()
    times.sort()
    print(
        f"{sum(answered)} evaluations; pings beside them: median {times[len(times) // 2] * 1000:.2f} ms, "
        f"99 % {times[int(len(times) * 0.99)] * 1000:.0f} ms, max {times[-1] * 1000:.0f} ms; "
        f"{agent.resident() // 2**20} MB"
    )
    assert not failures
    assert bystander.value("3 + 4") == "7"
    assert times[int(len(times) * 0.99)] < 0.25
