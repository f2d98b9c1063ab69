"""Our named tuples are as those of `typing`, but that their annotations are not looked into."""

from __future__ import annotations

import copy
import inspect
import pickle
import types
import typing
from typing import Any

import pytest

from stui_cli import named_tuples


class Theirs(typing.NamedTuple):
    """One."""

    name: str
    count: int | None = None
    words: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        return f"{self.name} {self.count}"

    def __str__(self) -> str:
        return self.name

    @classmethod
    def of(cls, name: str) -> Any:
        return cls(name)


class Ours(named_tuples.NamedTuple):
    """One."""

    name: str
    count: int | None = None
    words: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        return f"{self.name} {self.count}"

    def __str__(self) -> str:
        return self.name

    @classmethod
    def of(cls, name: str) -> Any:
        return cls(name)


@pytest.mark.parametrize("shape", [Theirs, Ours])
def test_what_can_be_done_with_it(shape: Any) -> None:
    one = shape("a", count=3)
    assert one == ("a", 3, ())
    assert one.told == "a 3"
    assert str(one) == "a"
    assert shape.of("b").name == "b"
    assert one._replace(name="c") == shape("c", 3)
    assert one._asdict() == {"name": "a", "count": 3, "words": ()}
    assert repr(one) == f"{shape.__name__}(name='a', count=3, words=())"
    assert shape._fields == ("name", "count", "words")
    assert shape._field_defaults == {"count": None, "words": ()}
    assert (shape.__doc__, shape.__qualname__, shape.__module__) == ("One.", shape.__name__, __name__)
    assert pickle.loads(pickle.dumps(one)) == copy.copy(one) == one
    assert typing.get_type_hints(shape) == {"name": str, "count": int | None, "words": tuple[str, ...]}
    assert shape.__bases__ == (tuple,)
    match one:
        case shape(name, 3):
            assert name == "a"
    with pytest.raises(TypeError):
        shape()
    with pytest.raises(AttributeError):
        one.name = "b"


def test_they_are_called_alike() -> None:
    assert inspect.signature(Ours).parameters.keys() == inspect.signature(Theirs).parameters.keys()
    assert [each.default for each in inspect.signature(Ours).parameters.values()] == [
        each.default for each in inspect.signature(Theirs).parameters.values()
    ]


def test_one_may_have_no_fields() -> None:
    class Empty(named_tuples.NamedTuple):
        """Nothing."""

    assert Empty() == ()


@pytest.mark.parametrize("size", [1, 2, 11, 40])
def test_each_of_its_fields_is_what_was_given_for_it(size: int) -> None:
    names = [f"field_{place}" for place in range(size)]
    body = {"__annotations__": dict.fromkeys(names, int), "__module__": __name__}
    made: Any = types.new_class("Made", (named_tuples.NamedTuple,), {}, lambda made: made.update(body))
    one = made(*range(size))
    assert one == made(**{name: place for place, name in enumerate(names)}) == tuple(range(size))
    assert [getattr(one, name) for name in names] == list(range(size))
    with pytest.raises(TypeError):
        made(*range(size + 1))
    with pytest.raises(TypeError):
        made._make(range(size - 1))
    with pytest.raises((TypeError, ValueError)):  # ValueError until Python 3.12
        one._replace(another=1)
