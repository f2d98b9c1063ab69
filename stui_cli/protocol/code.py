"""Code as a whole: load it, test it, browse it, and see and stop what runs."""

from stui_cli.named_tuples import NamedTuple
from stui_cli.protocol.evaluation import Problem, Value


class ListEvaluations(NamedTuple):
    """What runs in the image, or waits for its turn, as far as it is the caller's to know: an admin sees all."""


class RunningEvaluation(NamedTuple):
    """Something that runs user code, or waits to: an evaluation, a load, a run of tests, a look into an object."""

    evaluation_id: str  # given by the agent, and to nothing else as long as this incarnation lives
    session_id: str | None  # the session in which it runs; nil without one
    client_id: str | None  # who asked for it
    source: str  # the beginning of its text, 200 characters at most
    started_at: int | None  # when it began; nil while it waits for its turn
    elapsed_ms: int  # how long it runs already; 0 while it waits
    connected: bool  # whether anybody is still connected who would get its answer
    method: str | None = None  # the request that it answers


class StopEvaluation(NamedTuple):
    evaluation_id: str  # as list_evaluations told it


class StoppedEvaluation(NamedTuple):
    stopped: bool  # true once it is told to end; false if it had ended, or is not the caller's


class LoadSource(NamedTuple):
    """A whole file of source, which the agent takes apart by its format. Each definition is compiled whole before any
    of it is installed."""

    session_id: str | None  # in which its statements run; nil for a scope that ends with the request
    text: str  # all of it, with the line ends that it has
    name: str | None  # of the file, for messages
    format: str  # chunks, brackets, tonel, statements; auto for what the text itself shows
    stop_at_error: bool  # whether the first piece that fails is the last
    time_limit_ms: int  # for all of it


class Piece(NamedTuple):
    """One piece of a source file. `outcome` is returned, raised or not_run, as of an evaluation; not_run means that
    nothing was changed by it."""

    kind: str  # class, extension, method, comment, statements, or what else the format has
    name: str | None  # what it defines, as in Foo, Foo>>bar: or Foo class>>bar; nil for statements
    line: int  # where it begins in the text, from 1
    outcome: str  # returned (it is done), raised, or not_run (it did not compile, or was refused)
    value: Value | None  # what its statements returned; nil for a definition
    error: Problem | None  # what it raised, or why it did not compile; its line is one of the whole text
    output: str | None = None  # its Transcript text
    undeclared: tuple[str, ...] | None = None  # names in its methods that nothing in the image defines by now


class RunTests(NamedTuple):
    """Each test runs in a process of its own under `test_limit_ms`: a test that never ends is an error of that test."""

    # of classes, packages, categories, or Class>>selector, with * and ?; none for all
    patterns: tuple[str, ...]
    time_limit_ms: int  # for all of them
    test_limit_ms: int  # for each of them, with setUp and tearDown
    fail_fast: bool | None = None  # whether the first that does not pass is the last


class Totals(NamedTuple):
    """The tests counted. Each of them was told by a `test` notification before."""

    total: int  # how many the patterns meant
    passed: int  # how many passed
    failed: int  # how many failed an assertion
    errors: int  # how many raised an error, or were cut at their limit
    skipped: int  # how many were left out by themselves
    elapsed_ms: int  # how long all took
    ended: str  # done; time_limit or fail_fast if tests are left that did not run
    error: Problem | None  # what went wrong outside of any test, so that not all could run


class Tested(NamedTuple):
    """A notification from the image: a test of the request `id` has ended."""

    id: int  # the id of the request whose test it is
    class_name: str  # the class of the test
    selector: str  # its method
    outcome: str  # passed, failed, error or skipped
    message: str | None  # why it did not pass
    stack: tuple[str, ...]  # the frames, innermost first
    elapsed_ms: int  # how long it took
    output: str | None = None  # its Transcript text


class Progressed(NamedTuple):
    """A notification from the image: how far the request `id` has come."""

    id: int  # the id of a load_source or a run_tests
    done: int  # pieces or tests that are done
    total: int  # of how many; 0 where that is not known yet
    doing: str | None = None  # what is under way now


class Browse(NamedTuple):
    """What of the image's code is wanted, page by page. `start` counts from 1."""

    # packages, classes, methods, source, comment, hierarchy, implementors or senders
    what: str
    # the package, class, Class>>selector or selector meant; nil for all of the image
    of: str | None
    pattern: str | None  # of names, with * and ?; nil for all
    start: int  # the first item wanted, from 1
    how_many: int  # items at most


class CodeItem(NamedTuple):
    """A package, a class or a method: what is not told of its kind is nil."""

    package: str | None  # the package, or what a dialect has in its place
    class_name: str | None  # the class, without "class" for its class side
    side: str | None  # instance or class
    selector: str | None  # of a method
    category: str | None  # the category of the class, or the protocol of the method
    # the text: of a method, the definition or the comment of a class; nil where it was not asked for or is not kept
    source: str | None
    superclass: str | None = None  # of a class


class Browsed(NamedTuple):
    total: int  # how many items there are in all
    items: tuple[CodeItem, ...]  # the page of them that was asked for, sorted as people read them
