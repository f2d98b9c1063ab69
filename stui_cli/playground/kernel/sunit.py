"""SUnit: test cases, suites, and results that print as in Pharo.

A test case keeps its selector as its payload, a suite its tests, a result its lists.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stui_cli.playground.classes import Behavior, primitive
from stui_cli.playground.kernel.elements import fill, gathered
from stui_cli.playground.kernel.naming import distinct
from stui_cli.playground.kernel.printing import put
from stui_cli.playground.objects import Array, Block, ExceptionSet, Instance, Ordered, Set, Signal, Symbol, symbol

if TYPE_CHECKING:
    from stui_cli.playground.classes import Value
    from stui_cli.playground.machine import Machine

_CAUGHT = ("TestFailure", "TestSkip", "Error", "Warning", "Halt")


@dataclass(eq=False)
class Lists:
    """The test cases of a result by what became of them."""

    passed: list[Value] = field(default_factory=list)
    failures: list[Value] = field(default_factory=list)
    errors: list[Value] = field(default_factory=list)
    skipped: list[Value] = field(default_factory=list)
    expected: list[Value] = field(default_factory=list)  # failures and errors that are expected
    unexpected: list[Value] = field(default_factory=list)  # passes of tests that were expected to fail

    def all(self) -> list[Value]:
        return self.passed + self.skipped + self.expected + self.failures + self.errors + self.unexpected


def lists(result: Instance) -> Lists:
    if result.payload is None:
        result.payload = Lists()
    found: Lists = result.payload
    return found


# Which tests there are


def test_selectors(machine: Machine, behavior: Behavior) -> list[str]:
    """In order; those of an abstract superclass too."""
    own = sorted(name for name in behavior.methods if name.startswith("test") and ":" not in name)
    above = behavior.superclass
    if above is None or above is machine.image.classes["TestCase"]:
        return own
    if own and not machine.truth(machine.send(above, "isAbstract")):
        return own
    return sorted({*own, *test_selectors(machine, above)})


def case(machine: Machine, behavior: Behavior, selector: str) -> Value:
    made = machine.send(behavior, "new")
    made.payload = selector
    return made


def cases(machine: Machine, behavior: Behavior) -> list[Value]:
    if machine.truth(machine.send(behavior, "isAbstract")):
        return [each for below in behavior.subclasses for each in cases(machine, below)]
    return [case(machine, behavior, selector) for selector in test_selectors(machine, behavior)]


@primitive("TestCase class", "isAbstract")
def is_abstract(machine: Machine, receiver: Behavior) -> Value:
    return receiver is machine.image.classes["TestCase"]


@primitive("TestCase class", "testSelectors", "allTestSelectors")
def all_test_selectors(machine: Machine, receiver: Behavior) -> Value:
    return fill(machine, Set(), [symbol(name) for name in test_selectors(machine, receiver)])


@primitive("TestCase class", "selector:")
def with_selector(machine: Machine, receiver: Behavior, selector: Value) -> Value:
    return case(machine, receiver, _name(selector))


def _name(selector: Value) -> str:
    return selector.name if isinstance(selector, Symbol) else getattr(selector, "chars", "")


@primitive("TestCase class", "suite", "buildSuite")
def suite(machine: Machine, receiver: Behavior) -> Value:
    return Instance(machine.image.classes["TestSuite"], payload=cases(machine, receiver))


# Run


def run_case(machine: Machine, test: Value) -> tuple[str, Signal | None]:
    """What became of it (passed, failure, error or skipped), and the exception that it ended with."""
    ended: list[Signal] = []

    def noted(machine: Machine, exception: Signal) -> Value:
        ended.append(exception)
        return None

    kinds = ExceptionSet([machine.image.classes[name] for name in _CAUGHT])
    body = Block(lambda machine: _perform(machine, test), 0)
    machine.on_do(body, kinds, Block(noted, 1))
    if not ended:
        return "passed", None
    classes = machine.image.classes
    if ended[0].cls.inherits_from(classes["TestFailure"]):
        return "failure", ended[0]
    return ("skipped" if ended[0].cls.inherits_from(classes["TestSkip"]) else "error"), ended[0]


def _perform(machine: Machine, test: Value) -> Value:
    def body(machine: Machine) -> Value:
        machine.send(test, "setUp")
        return machine.send(test, "performTest")

    return machine.ensure(Block(body, 0), Block(lambda machine: machine.send(test, "tearDown"), 0))


def run_into(machine: Machine, result: Instance, test: Value) -> None:
    outcome, _ = run_case(machine, test)
    found = lists(result)
    expected = machine.send(machine.send(test, "expectedFailures"), "includes:", symbol(test.payload or "")) is True
    if expected:
        chosen = found.unexpected if outcome == "passed" else found.expected
    else:
        by_outcome = {"passed": found.passed, "failure": found.failures, "error": found.errors}
        chosen = by_outcome.get(outcome, found.skipped)
    chosen.append(test)


def _result(machine: Machine) -> Instance:
    return Instance(machine.image.classes["TestResult"], payload=Lists())


@primitive("TestSuite", "run")
def run_suite(machine: Machine, receiver: Instance) -> Value:
    result = _result(machine)
    for each in list(receiver.payload or []):
        run_into(machine, result, each)
    return result


@primitive("TestCase", "run")
def run(machine: Machine, receiver: Instance) -> Value:
    result = _result(machine)
    run_into(machine, result, receiver)
    return result


@primitive("TestCase class", "run:")
def run_selector(machine: Machine, receiver: Behavior, selector: Value) -> Value:
    return run(machine, case(machine, receiver, _name(selector)))


@primitive("TestCase", "debug", "runCase")
def debug(machine: Machine, receiver: Instance) -> Value:
    """Errors go on to whoever asked."""
    return _perform(machine, receiver)


@primitive("TestCase class", "debug:")
def debug_selector(machine: Machine, receiver: Behavior, selector: Value) -> Value:
    return _perform(machine, case(machine, receiver, _name(selector)))


@primitive("TestCase", "performTest")
def perform_test(machine: Machine, receiver: Instance) -> Value:
    return machine.send(receiver, receiver.payload or "testWithoutSelector")


@primitive("TestCase", "setUp", "tearDown")
def nothing(machine: Machine, receiver: Instance) -> Value:
    return receiver


@primitive("TestCase", "expectedFailures")
def expected_failures(machine: Machine, receiver: Instance) -> Value:
    return Array([])


@primitive("TestCase", "selector", "testSelector")
def selector_of(machine: Machine, receiver: Instance) -> Value:
    return symbol(receiver.payload) if receiver.payload else None


@primitive("TestCase", "printOn:", category="printing")
def print_case(machine: Machine, receiver: Instance, stream: Value) -> Value:
    put(machine, stream, receiver.cls.name + (f">>#{receiver.payload}" if receiver.payload else ""))
    return receiver


# Suites


@primitive("TestSuite", "tests")
def tests(machine: Machine, receiver: Instance) -> Value:
    return Ordered(list(receiver.payload or []))


@primitive("TestSuite", "addTest:")
def add_test(machine: Machine, receiver: Instance, test: Value) -> Value:
    """A test case, or the tests of another suite."""
    added = test.payload if isinstance(test, Instance) and isinstance(test.payload, list) else [test]
    receiver.payload = [*(receiver.payload or []), *added]
    return test


@primitive("TestSuite", "addTests:")
def add_tests(machine: Machine, receiver: Instance, others: Value) -> Value:
    for each in gathered(machine, others):
        add_test(machine, receiver, each)
    return receiver


# Results


def _counted(name: str, *selectors: str) -> None:
    @primitive("TestResult", *selectors)
    def counted(machine: Machine, receiver: Instance) -> Value:
        return len(getattr(lists(receiver), name))

    distinct(counted, name)


_counted("passed", "passedCount", "correctCount")
_counted("failures", "failureCount", "unexpectedFailureCount")
_counted("errors", "errorCount", "unexpectedErrorCount")
_counted("skipped", "skippedCount")
_counted("expected", "expectedDefectCount")
_counted("unexpected", "unexpectedPassCount")


@primitive("TestResult", "runCount")
def run_count(machine: Machine, receiver: Instance) -> Value:
    return len(lists(receiver).all()) - len(lists(receiver).skipped)


@primitive("TestResult", "passed")
def passed(machine: Machine, receiver: Instance) -> Value:
    return Ordered(list(lists(receiver).passed))


@primitive("TestResult", "failures")
def failures(machine: Machine, receiver: Instance) -> Value:
    return fill(machine, Set(), lists(receiver).failures)


@primitive("TestResult", "errors")
def errors(machine: Machine, receiver: Instance) -> Value:
    return Ordered(list(lists(receiver).errors))


@primitive("TestResult", "skipped")
def skipped(machine: Machine, receiver: Instance) -> Value:
    return Ordered(list(lists(receiver).skipped))


@primitive("TestResult", "defects")
def defects(machine: Machine, receiver: Instance) -> Value:
    return Ordered(lists(receiver).errors + lists(receiver).failures)


@primitive("TestResult", "tests")
def all_tests(machine: Machine, receiver: Instance) -> Value:
    return Ordered(lists(receiver).all())


@primitive("TestResult", "hasPassed")
def has_passed(machine: Machine, receiver: Instance) -> Value:
    return not lists(receiver).errors and not lists(receiver).failures and not lists(receiver).unexpected


@primitive("TestResult", "hasErrors")
def has_errors(machine: Machine, receiver: Instance) -> Value:
    return bool(lists(receiver).errors)


@primitive("TestResult", "hasFailures")
def has_failures(machine: Machine, receiver: Instance) -> Value:
    return bool(lists(receiver).failures)


@primitive("TestResult", "printOn:", category="printing")
def print_result(machine: Machine, receiver: Instance, stream: Value) -> Value:
    found = lists(receiver)
    ran = len(found.all()) - len(found.skipped)
    if not found.all():
        put(machine, stream, "No tests ran")
        return receiver
    parts = [
        f"{ran} ran",
        f"{len(found.passed)} passed",
        f"{len(found.skipped)} skipped",
        _plural(len(found.expected), "expected failure"),
        _plural(len(found.failures), "failure"),
        _plural(len(found.errors), "error"),
        f"{len(found.unexpected)} passed unexpected",
    ]
    put(machine, stream, ", ".join(parts))
    return receiver


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
