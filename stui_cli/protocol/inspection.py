"""Looking into the objects of an image, page by page."""

from stui_cli.named_tuples import NamedTuple


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
