"""Running code in an image, looking into its objects, stopping it, hearing its Transcript."""

from typing import NamedTuple


class Evaluate(NamedTuple):
    """Without a session the source runs in a scope of its own. `once` makes a repeated key answer the first result."""

    session_id: str | None  # the session whose variables are meant; nil for a scope that ends with the request
    source: str  # what a workspace takes: statements, with or without temporaries
    time_limit_ms: int  # when the code is stopped; the answer is then Timeout
    print_limit: int  # characters of the printed value at most
    once: str | None = None  # a key under which the code runs once


class Value(NamedTuple):
    """A result as text. `ref` keeps the object in its session; `float64` is its exact value if it is one."""

    print: str  # its printString; of one whose printString raises or never ends, a safe description
    class_name: str  # the name of its class
    truncated: bool  # whether print was cut at the limit
    ref: int | None  # the number under which the session keeps it; nil without a session
    float64: float | None = None  # the exact value of a float


class Problem(NamedTuple):
    """An exception, or why the source did not compile; line and column count from 1."""

    class_name: str  # the class of the exception
    message: str  # its text
    line: int | None  # of the source, from 1
    column: int | None  # from 1
    stack: tuple[str, ...]  # the frames, innermost first


class Evaluation(NamedTuple):
    """`outcome` is returned, raised or not_run (it did not compile, or was refused). `output_truncated`: the output
    was longer than the image keeps, and lost its end."""

    outcome: str  # returned, raised or not_run (it did not compile)
    value: Value | None  # what it returned
    error: Problem | None  # what it raised, or why it did not compile
    output: str  # its Transcript text, whole or up to the agent's limit
    elapsed_ms: int  # how long the code ran
    output_truncated: bool | None = None  # true where the output was longer than that and lost its end


class Inspect(NamedTuple):
    """Exactly one of expression, ref and binding is given. `start` counts from 1."""

    session_id: str | None  # where ref and binding are looked up and slots are kept; nil for an expression alone
    depth: int  # levels of slots, from 1
    start: int  # the first indexed slot wanted, from 1
    how_many: int  # indexed slots at most
    print_limit: int  # characters of each value at most
    expression: str | None = None  # look into the value of this source
    ref: int | None = None  # look into a kept result
    binding: str | None = None  # look into a variable


class Slot(NamedTuple):
    """One slot of an object, named or indexed; with a depth above 1 it carries its own slots."""

    name: str  # of an indexed slot its index
    class_name: str  # of the value
    print: str  # of the value
    ref: int | None  # the number under which the session keeps the value
    named: tuple["Slot", ...] | None = None  # the slots of the value, where depth asks for them
    indexed: tuple["Slot", ...] | None = None  # likewise


class Inspection(NamedTuple):
    """An object. `size` is the number of all its indexed slots, `indexed` the page asked for."""

    class_name: str  # the name of its class
    print: str  # as in evaluate
    hash: int  # the same for the same object as long as it lives
    size: int  # how many indexed slots there are in all
    named: tuple[Slot, ...]  # its named slots, all of them
    indexed: tuple[Slot, ...]  # the page of indexed slots that was asked for
    ref: int | None = None  # the number under which the session keeps it


class Interrupt(NamedTuple):
    """A notification: stop the evaluation that the request `id` of this connection started."""

    id: int  # the id of a request of this very connection


class Output(NamedTuple):
    """A notification from the image: Transcript text of the request `id`, as it appears."""

    id: int  # the id of the evaluation that said it
    text: str  # what it said since the last such notification


class Queued(NamedTuple):
    """A notification from the image: the request `id` waits behind another of its session, which runs since `busy_ms`;
    `source` is the beginning of its text."""

    id: int  # the id of a request that waits behind another of its session
    busy_ms: int  # for how long that other runs already
    source: str  # what runs, 200 characters at most
