"""Integers: divisors, primes, bits, and counting loops."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from stui_cli.playground.classes import primitive
from stui_cli.playground.kernel.elements import one
from stui_cli.playground.kernel.numbers import adapted, arithmetic_error, charge_work, domain_error
from stui_cli.playground.objects import Array, ByteArray, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine

_SMALLEST, _LARGEST = -(1 << 60), (1 << 60) - 1  # the SmallIntegers of a 64-bit image
_MOST_PRIMES = 5_000_000


@primitive("SmallInteger class", "maxVal", category="constants")
def largest(machine: Machine, receiver: Value) -> Value:
    return _LARGEST


@primitive("SmallInteger class", "minVal", category="constants")
def smallest(machine: Machine, receiver: Value) -> Value:
    return _SMALLEST


@primitive("Number class", "new", "basicNew", category="instance creation")
def no_new(machine: Machine, receiver: Value) -> Value:
    return machine.raise_("Error", "numbers are made by literals and arithmetic")


@primitive("Number class", "one", category="constants")
def unit(machine: Machine, receiver: Value) -> Value:
    return 1


@primitive("Number class", "zero", category="constants")
def nought(machine: Machine, receiver: Value) -> Value:
    return 0


# Divisors


@primitive("Integer", "gcd:", category="mathematical functions")
def gcd(machine: Machine, receiver: int, other: Value) -> Value:
    if type(other) is not int:
        return adapted(machine, receiver, other, "gcd:")
    charge_work(machine, receiver, other)
    return math.gcd(receiver, other)


@primitive("Integer", "lcm:", category="mathematical functions")
def lcm(machine: Machine, receiver: int, other: Value) -> Value:
    if type(other) is not int:
        return adapted(machine, receiver, other, "lcm:")
    charge_work(machine, receiver, other)
    return math.lcm(receiver, other)


@primitive("Integer", "factorial", category="mathematical functions")
def factorial(machine: Machine, receiver: int) -> Value:
    if receiver < 0:
        return machine.raise_("Error", "Not valid for negative integers")
    machine.charge_bits(receiver * max(receiver.bit_length() - 1, 1) if receiver < 1 << 40 else receiver)
    return math.factorial(receiver)


@primitive("Integer", "numberOfCombinationsTaken:", "take:", category="mathematical functions")
def combinations(machine: Machine, receiver: int, taken: Value) -> Value:
    if type(taken) is not int or not 0 <= taken <= receiver:
        return 0
    machine.charge_bits(min(taken, receiver - taken) * receiver.bit_length())
    return math.comb(receiver, taken)


@primitive("Integer", "isPrime", category="testing")
def is_prime(machine: Machine, receiver: int) -> Value:
    return receiver > 1 and all(receiver % divisor for divisor in _divisors(machine, receiver))


def _divisors(machine: Machine, value: int) -> Iterator[int]:
    """2, 3 and what is next to a multiple of 6, up to the root."""
    root = math.isqrt(value)
    yield from (divisor for divisor in (2, 3) if divisor <= root)
    for divisor in range(5, root + 1, 6):
        if machine.attention:
            machine.poll()
        yield divisor
        if divisor + 2 <= root:
            yield divisor + 2


@primitive("Integer", "isProbablyPrime", category="testing")
def is_probably_prime(machine: Machine, receiver: int) -> Value:
    """Miller and Rabin's test with the first 25 primes as witnesses."""
    if receiver < 2 or receiver % 2 == 0:
        return receiver == 2
    witnesses = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97]
    return all(_may_be_prime(machine, receiver, witness) for witness in witnesses if witness < receiver)


def _may_be_prime(machine: Machine, value: int, witness: int) -> bool:
    twos = ((value - 1) & (1 - value)).bit_length() - 1
    power = machine.send(witness, "raisedTo:modulo:", (value - 1) >> twos, value)
    for _ in range(twos):
        if power in (1, value - 1):
            return True
        power = power * power % value
        if power == 1:
            return False
    return bool(power == 1)


@primitive("Integer", "primeFactors", category="mathematical functions")
def prime_factors(machine: Machine, receiver: int) -> Value:
    found: list[Any] = []
    rest = receiver
    while rest > 1:
        factor = next((divisor for divisor in _divisors(machine, rest) if rest % divisor == 0), rest)
        found.append(factor)
        rest //= factor
    return Array(found)


@primitive("Integer class", "primesUpTo:", category="primes")
def primes_up_to(machine: Machine, receiver: Value, last: Value) -> Value:
    if type(last) is not int:
        return adapted(machine, 0, last, "primesUpTo:")
    if last > _MOST_PRIMES:
        return arithmetic_error(machine, f"the primes up to {_MOST_PRIMES} are as many as fit")
    machine.charge_slots(max(last, 0) // 8)
    sieve = bytearray([1]) * (max(last, 1) + 1)
    for number in range(2, math.isqrt(max(last, 0)) + 1):
        if sieve[number]:
            sieve[number * number :: number] = bytes(len(range(number * number, len(sieve), number)))
    return Array([number for number in range(2, last + 1) if sieve[number]])


@primitive("Integer class", "primesUpTo:do:", category="primes")
def primes_up_to_do(machine: Machine, receiver: Value, last: Value, block: Value) -> Value:
    primes = primes_up_to(machine, receiver, last)
    if isinstance(primes, Array):
        give = one(block)
        for prime in primes.items:
            give(machine, prime)
    return receiver


# Bits


def _shifted(machine: Machine, receiver: int, count: int) -> int:
    if count < 0:
        return receiver >> min(-count, receiver.bit_length() + 1)
    machine.charge_bits(receiver.bit_length() + count if receiver else 0)
    return receiver << count if receiver else 0


@primitive("Integer", "bitShift:", "<<", category="bit manipulation")
def bit_shift(machine: Machine, receiver: int, count: Value) -> Value:
    if type(count) is not int:
        return adapted(machine, receiver, count, "bitShift:")
    return _shifted(machine, receiver, count)


@primitive("Integer", ">>", category="bit manipulation")
def bit_shift_right(machine: Machine, receiver: int, count: Value) -> Value:
    if type(count) is not int:
        return adapted(machine, receiver, count, ">>")
    return _shifted(machine, receiver, -count)


@primitive("Integer", "bitAnd:", "&", category="bit manipulation")
def bit_and(machine: Machine, receiver: int, mask: Value) -> Value:
    return receiver & mask if type(mask) is int else adapted(machine, receiver, mask, "bitAnd:")


@primitive("Integer", "bitOr:", "|", category="bit manipulation")
def bit_or(machine: Machine, receiver: int, mask: Value) -> Value:
    return receiver | mask if type(mask) is int else adapted(machine, receiver, mask, "bitOr:")


@primitive("Integer", "bitXor:", category="bit manipulation")
def bit_xor(machine: Machine, receiver: int, mask: Value) -> Value:
    return receiver ^ mask if type(mask) is int else adapted(machine, receiver, mask, "bitXor:")


@primitive("Integer", "bitClear:", category="bit manipulation")
def bit_clear(machine: Machine, receiver: int, mask: Value) -> Value:
    return receiver & ~mask if type(mask) is int else adapted(machine, receiver, mask, "bitClear:")


@primitive("Integer", "bitInvert", category="bit manipulation")
def bit_invert(machine: Machine, receiver: int) -> Value:
    return ~receiver


@primitive("Integer", "bitAt:", category="bit manipulation")
def bit_at(machine: Machine, receiver: int, index: Value) -> Value:
    if type(index) is not int or index < 1:
        return machine.raise_("Error", "bits are counted from 1")
    return _shifted(machine, receiver, 1 - index) & 1


@primitive("Integer", "bitAt:put:", category="bit manipulation")
def bit_at_put(machine: Machine, receiver: int, index: Value, value: Value) -> Value:
    if type(index) is not int or index < 1:
        return machine.raise_("Error", "bits are counted from 1")
    if value not in (0, 1) or type(value) is not int:
        return machine.raise_("Error", "bit value should be 0 or 1")
    bit = _shifted(machine, 1, index - 1)
    return receiver | bit if value else receiver & ~bit


@primitive("Integer", "bitString", category="bit manipulation")
def bit_string(machine: Machine, receiver: int) -> Value:
    """As many bits as a small integer has, or as it takes."""
    width = max(61, -(-receiver.bit_length() // 8) * 8 + (receiver >= 0))
    machine.charge(width)
    return Text(format(receiver & ((1 << width) - 1), "b").rjust(width, "0"))


@primitive("Integer", "asLargerPowerOfTwo", category="truncation and round off")
def larger_power_of_two(machine: Machine, receiver: int) -> Value:
    return 1 << (receiver - 1).bit_length() if receiver > 0 else _no_power(machine)


@primitive("Integer", "asSmallerPowerOfTwo", "asPowerOfTwo", category="truncation and round off")
def smaller_power_of_two(machine: Machine, receiver: int) -> Value:
    return 1 << (receiver.bit_length() - 1) if receiver > 0 else _no_power(machine)


def _no_power(machine: Machine) -> Value:
    return domain_error(machine, "Value outside (0 , infinity)")


@primitive("Integer", "highBit", category="bit manipulation")
def high_bit(machine: Machine, receiver: int) -> Value:
    if receiver < 0:
        return machine.raise_("Error", "highBit is not defined for negative integers")
    return receiver.bit_length()


@primitive("Integer", "highBitOfMagnitude", category="bit manipulation")
def high_bit_of_magnitude(machine: Machine, receiver: int) -> Value:
    return receiver.bit_length()


@primitive("Integer", "lowBit", category="bit manipulation")
def low_bit(machine: Machine, receiver: int) -> Value:
    return (receiver & -receiver).bit_length()


@primitive("Integer", "bitCount", category="bit manipulation")
def bit_count(machine: Machine, receiver: int) -> Value:
    return receiver.bit_count()


@primitive("Integer", "allMask:", category="bit manipulation")
def all_mask(machine: Machine, receiver: int, mask: Value) -> Value:
    return bool(bit_and(machine, receiver, mask) == mask)


@primitive("Integer", "anyMask:", category="bit manipulation")
def any_mask(machine: Machine, receiver: int, mask: Value) -> Value:
    return bool(bit_and(machine, receiver, mask) != 0)


@primitive("Integer", "noMask:", category="bit manipulation")
def no_mask(machine: Machine, receiver: int, mask: Value) -> Value:
    return bool(bit_and(machine, receiver, mask) == 0)


@primitive("Number", "isPowerOfTwo", category="testing")
def is_power_of_two(machine: Machine, receiver: Value) -> Value:
    return type(receiver) is int and receiver > 0 and receiver & (receiver - 1) == 0


@primitive("Integer", "asByteArray", category="converting")
def as_byte_array(machine: Machine, receiver: int) -> Value:
    """Of its magnitude, the highest byte first."""
    return ByteArray(abs(receiver).to_bytes(max(-(-receiver.bit_length() // 8), 1), "big"))


@primitive("Integer", "isLarge", category="testing")
def is_large(machine: Machine, receiver: int) -> Value:
    return not _SMALLEST <= receiver <= _LARGEST


# Loops whose block is no literal


@primitive("Integer", "timesRepeat:", category="enumerating")
def times_repeat(machine: Machine, receiver: int, block: Value) -> Value:
    count = 0
    while count < receiver:
        if machine.attention:
            machine.poll()
        machine.call(block)
        count += 1
    return receiver


@primitive("Number", "to:do:", category="enumerating")
def to_do(machine: Machine, receiver: Value, last: Value, block: Value) -> Value:
    return to_by_do(machine, receiver, last, 1, block)


@primitive("Number", "to:by:do:", category="enumerating")
def to_by_do(machine: Machine, receiver: Value, last: Value, step: Value, block: Value) -> Value:
    if step == 0:
        return machine.raise_("Error", "step must be non-zero")
    give, current = one(block), receiver
    ends = ">" if machine.truth(machine.send(step, ">", 0)) else "<"
    while not machine.truth(machine.send(current, ends, last)):
        if machine.attention:
            machine.poll()
        give(machine, current)
        current = machine.send(current, "+", step)
    return receiver


@primitive(
    "Integer", "asInteger", "truncated", "rounded", "floor", "ceiling", "asFraction", "normalize", category="converting"
)
def itself(machine: Machine, receiver: int) -> Value:
    return receiver


@primitive("Integer", "digitAt:", "decimalDigitAt:", category="accessing")
def decimal_digit_at(machine: Machine, receiver: int, place: Value) -> Value:
    if type(place) is not int or place < 1:
        return machine.raise_("Error", "digits are counted from 1")
    machine.charge_bits(place * 4)
    return abs(receiver) // 10 ** (place - 1) % 10
