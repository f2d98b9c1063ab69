"""Random: numbers that a seed decides (SplitMix64), or the time where none is given."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from stui_cli.playground.classes import primitive
from stui_cli.playground.objects import Array, Instance

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine

_MASK = (1 << 64) - 1


@primitive("Random class", "new", category="instance creation")
def new(machine: Machine, receiver: Any) -> Value:
    return Instance(receiver, payload=secrets.randbits(64))


@primitive("Random class", "seed:", category="instance creation")
def seeded(machine: Machine, receiver: Any, seed: Value) -> Value:
    made = Instance(receiver)
    return set_seed(machine, made, seed)


@primitive("Random", "seed:", category="initialization")
def set_seed(machine: Machine, receiver: Any, seed: Value) -> Value:
    receiver.payload = (seed if type(seed) is int else hash(seed) if type(seed) is float else 0) & _MASK
    return receiver


def _bits(generator: Any) -> int:
    """The next 64."""
    state = ((generator.payload or 0) + 0x9E3779B97F4A7C15) & _MASK
    generator.payload = state
    mixed = (state ^ state >> 30) * 0xBF58476D1CE4E5B9 & _MASK
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB & _MASK
    return mixed ^ mixed >> 31


def _below(generator: Any, limit: int) -> int:
    """An integer from 0, below the limit, all equally likely."""
    size = limit.bit_length()
    words = -(-size // 64)
    while True:
        value = 0
        for _ in range(words):
            value = value << 64 | _bits(generator)
        value >>= words * 64 - size
        if value < limit:
            return value


def _integer(machine: Machine, value: Value) -> int:
    if type(value) is int:
        return value
    machine.raise_("Error", "an integer is expected here")
    return 0


@primitive("Random", "next", category="accessing")
def next_(machine: Machine, receiver: Any) -> Value:
    """A Float from 0.0, below 1.0."""
    return (_bits(receiver) >> 11) / (1 << 53)


@primitive("Random", "next:", category="accessing")
def next_many(machine: Machine, receiver: Any, count: Value) -> Value:
    size = max(_integer(machine, count), 0)
    machine.charge_slots(size)
    return Array([next_(machine, receiver) for _ in range(size)])


@primitive("Random", "nextInteger:", category="accessing")
def next_integer(machine: Machine, receiver: Any, last: Value) -> Value:
    """From 1 to the last."""
    return next_integer_between(machine, receiver, 1, last)


@primitive("Random", "nextIntegerBetween:and:", "between:and:", category="accessing")
def next_integer_between(machine: Machine, receiver: Any, first: Value, last: Value) -> Value:
    low, high = _integer(machine, first), _integer(machine, last)
    if high < low:
        return machine.raise_("Error", "there is no integer between the two")
    return low + _below(receiver, high - low + 1)


@primitive("Random", "nextBetween:and:", category="accessing")
def next_between(machine: Machine, receiver: Any, low: Value, high: Value) -> Value:
    share = next_(machine, receiver)
    return machine.send(low, "+", machine.send(share, "*", machine.send(high, "-", low)))


@primitive("Integer", "atRandom", category="random")
def at_random(machine: Machine, receiver: int) -> Value:
    """From 1 to itself."""
    if receiver < 1:
        return machine.raise_("Error", "there is no integer between 1 and it")
    return 1 + secrets.randbelow(receiver)


@primitive("Integer", "atRandom:", category="random")
def at_random_of(machine: Machine, receiver: int, generator: Value) -> Value:
    return machine.send(generator, "nextInteger:", receiver)
