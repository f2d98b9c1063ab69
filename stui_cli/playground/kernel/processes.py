"""Processes, as far as one evaluation needs them: waiting, forking, ending.

A forked process does not run beside the code that forked it. It runs when that code yields or waits, to its end or to
where it ends itself; so two never change an object at once, and none outlives its evaluation. An error that it does
not handle ends it alone: it is told on the Transcript, and the code that forked it goes on.
"""

from __future__ import annotations

import time
from fractions import Fraction
from typing import TYPE_CHECKING

from stui_cli.playground.classes import primitive
from stui_cli.playground.kernel.naming import distinct
from stui_cli.playground.objects import Instance, Text
from stui_cli.playground.signals import EndedItself, Raised

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine

_LONGEST_S = 100_000_000.0
_STEP_S = 3600.0
_PRIORITY = 40


class Terminated(BaseException):
    """The process that runs ends here; its ensure: blocks run."""

    def __init__(self, process: Instance) -> None:
        super().__init__()
        self.process = process


class Running:
    """What Python keeps of a process: its block, and whether it is suspended, ready, running or over."""

    __slots__ = ("block", "name", "priority", "state")

    def __init__(self, block: Value) -> None:
        self.block = block
        self.state = "suspended"
        self.name = "a process"
        self.priority = _PRIORITY


def _seconds(value: Value) -> float | None:
    """A number of seconds, or None for what is no number."""
    if isinstance(value, int | float | Fraction) and not isinstance(value, bool) and value == value:  # no NaN
        return max(0.0, float(min(value, _LONGEST_S)))
    return None


def pause(machine: Machine, seconds: float) -> None:
    """Others that are ready run first. Raises Stopped."""
    until = time.monotonic() + seconds
    run_ready(machine)
    while (left := until - time.monotonic()) > 0:
        machine.pause(min(left, _STEP_S))


# Delays


def _delay(selector: str, unit: float) -> None:
    @primitive("Delay class", selector)
    def made(machine: Machine, receiver: Value, amount: Value) -> Value:
        seconds = _seconds(amount)
        if seconds is None:
            return machine.raise_("Error", "a delay takes a number")
        return Instance(receiver, payload=seconds * unit)

    distinct(made, selector)


_delay("forSeconds:", 1.0)
_delay("forMilliseconds:", 0.001)
_delay("forMicroseconds:", 0.000001)


@primitive("Delay", "wait")
def delay_wait(machine: Machine, receiver: Value) -> Value:
    pause(machine, receiver.payload or 0.0)
    return receiver


@primitive("Delay", "delayInMilliseconds", "millisecondDelayDuration")
def delay_milliseconds(machine: Machine, receiver: Value) -> Value:
    return round((receiver.payload or 0.0) * 1000)


# Semaphores: the payload counts the signals that nobody waited for


@primitive("Semaphore class", "forMutualExclusion")
def for_mutual_exclusion(machine: Machine, receiver: Value) -> Value:
    return Instance(receiver, payload=1)


@primitive("Semaphore", "signal")
def semaphore_signal(machine: Machine, receiver: Value) -> Value:
    receiver.payload = (receiver.payload or 0) + 1
    return receiver


@primitive("Semaphore", "wait")
def semaphore_wait(machine: Machine, receiver: Value) -> Value:
    """For ever, when nobody is left who could signal: the time limit of the evaluation ends that."""
    _wait(machine, receiver, None)
    return receiver


@primitive("Semaphore", "wait:", "waitTimeoutMilliseconds:", "waitTimeoutMSecs:")
def semaphore_wait_limited(machine: Machine, receiver: Value, milliseconds: Value) -> Value:
    """Whether the time was over."""
    seconds = _seconds(milliseconds)
    return _wait(machine, receiver, 0.0 if seconds is None else seconds / 1000)


@primitive("Semaphore", "waitTimeoutSeconds:")
def semaphore_wait_seconds(machine: Machine, receiver: Value, seconds: Value) -> Value:
    return _wait(machine, receiver, _seconds(seconds) or 0.0)


def _wait(machine: Machine, semaphore: Value, seconds: float | None) -> bool:
    until = time.monotonic() + (_LONGEST_S if seconds is None else seconds)
    while not semaphore.payload:
        if run_ready(machine):
            continue
        left = until - time.monotonic()
        if left <= 0:
            return True
        machine.pause(min(left, _STEP_S))
    semaphore.payload -= 1
    return False


@primitive("Semaphore", "critical:")
def critical(machine: Machine, receiver: Value, block: Value) -> Value:
    _wait(machine, receiver, None)
    try:
        return machine.call(block)
    finally:
        semaphore_signal(machine, receiver)


# Processes


def _process(machine: Machine, block: Value) -> Instance:
    return Instance(machine.image.classes["Process"], payload=Running(block))


def _start(machine: Machine, process: Instance) -> Instance:
    if process.payload.state == "suspended":
        process.payload.state = "ready"
        machine.forked.append(process)
        machine.charge(1000)
    return process


@primitive("BlockClosure", "fork")
def fork(machine: Machine, receiver: Value) -> Value:
    return _start(machine, _process(machine, receiver))


@primitive("BlockClosure", "forkAt:")
def fork_at(machine: Machine, receiver: Value, priority: Value) -> Value:
    process = _process(machine, receiver)
    process.payload.priority = priority
    return _start(machine, process)


@primitive("BlockClosure", "forkAt:named:")
def fork_at_named(machine: Machine, receiver: Value, priority: Value, name: Value) -> Value:
    process = fork_at(machine, receiver, priority)
    process.payload.name = name.chars if isinstance(name, Text) else "a process"
    return process


@primitive("BlockClosure", "forkNamed:")
def fork_named(machine: Machine, receiver: Value, name: Value) -> Value:
    return fork_at_named(machine, receiver, _PRIORITY, name)


@primitive("BlockClosure", "newProcess")
def new_process(machine: Machine, receiver: Value) -> Value:
    return _process(machine, receiver)


def run_ready(machine: Machine) -> bool:
    """Let those that are ready run, each to its end; whether there were any."""
    found = bool(machine.forked)
    while machine.forked:
        _run(machine, machine.forked.pop(0))
    return found


def _run(machine: Machine, process: Instance) -> None:
    """In a process of its own no handler of the code below is in force, and its errors end it alone."""
    if process.payload.state != "ready":
        return
    before = machine.handlers, machine.process, machine.strand
    machine.handlers, machine.process, machine.strand = None, process, process
    process.payload.state = "running"
    try:
        machine.within(_body, process.payload.block)
    except Raised as raised:
        _tell(machine, process.payload.name, raised)
    except Terminated as terminated:
        if terminated.process is not process:
            raise
    finally:
        process.payload.state = "over"
        machine.handlers, machine.process, machine.strand = before


def _body(machine: Machine, block: Value) -> Value:
    return machine.call(block)


def _tell(machine: Machine, name: str, raised: Raised) -> None:
    """What ended it, in one line."""
    told = ": ".join(filter(None, (raised.kind, raised.message)))
    machine.say(" ".join(f"{name} ended: {told}".splitlines()) + "\n")


@primitive("Process", "resume")
def process_resume(machine: Machine, receiver: Value) -> Value:
    return _start(machine, receiver)


@primitive("Process", "suspend")
def process_suspend(machine: Machine, receiver: Value) -> Value:
    if receiver.payload.state == "ready":
        receiver.payload.state = "suspended"
        machine.forked.remove(receiver)
    return receiver


@primitive("Process", "terminate")
def terminate(machine: Machine, receiver: Value) -> Value:
    """Of the process of the evaluation itself: the evaluation ends."""
    running: Running = receiver.payload
    if running.state == "running":
        raise EndedItself if running.block is None else Terminated(receiver)
    if running.state == "ready":
        machine.forked.remove(receiver)
    running.state = "over"
    return receiver


@primitive("Process", "isTerminated")
def is_terminated(machine: Machine, receiver: Value) -> Value:
    return receiver.payload.state == "over"


@primitive("Process", "isSuspended")
def is_suspended(machine: Machine, receiver: Value) -> Value:
    return receiver.payload.state == "suspended"


@primitive("Process", "priority")
def priority(machine: Machine, receiver: Value) -> Value:
    return receiver.payload.priority


@primitive("Process", "priority:")
def set_priority(machine: Machine, receiver: Value, number: Value) -> Value:
    receiver.payload.priority = number
    return receiver


@primitive("Process", "name")
def name(machine: Machine, receiver: Value) -> Value:
    return Text(receiver.payload.name)


@primitive("Process", "name:")
def set_name(machine: Machine, receiver: Value, text: Value) -> Value:
    receiver.payload.name = text.chars if isinstance(text, Text) else "a process"
    return receiver


@primitive("ProcessorScheduler", "activeProcess")
def active_process(machine: Machine, receiver: Value) -> Value:
    if machine.process is None:
        machine.process = _process(machine, None)
        machine.process.payload.state = "running"
    return machine.process


@primitive("ProcessorScheduler", "yield")
def yield_(machine: Machine, receiver: Value) -> Value:
    run_ready(machine)
    if machine.attention:
        machine.poll()
    return receiver


@primitive("ProcessorScheduler", "sleep")
def sleep(machine: Machine, receiver: Value) -> Value:
    """Until the evaluation is stopped."""
    pause(machine, _LONGEST_S)
    return receiver


@primitive("ProcessorScheduler", "terminateActive")
def terminate_active(machine: Machine, receiver: Value) -> Value:
    return terminate(machine, active_process(machine, receiver))


@primitive("ProcessorScheduler", "activePriority")
def active_priority(machine: Machine, receiver: Value) -> Value:
    return active_process(machine, receiver).payload.priority


def _named_priority(selector: str, number: int) -> None:
    @primitive("ProcessorScheduler", selector)
    def priority_of_that_name(machine: Machine, receiver: Value) -> Value:
        return number

    distinct(priority_of_that_name, selector)


for _selector, _number in {
    "userBackgroundPriority": 30, "userSchedulingPriority": 40, "userInterruptPriority": 50, "lowIOPriority": 60,
    "highIOPriority": 70, "timingPriority": 80, "highestPriority": 80, "lowestPriority": 10,
    "systemBackgroundPriority": 20,
}.items():  # fmt: skip
    _named_priority(_selector, _number)
