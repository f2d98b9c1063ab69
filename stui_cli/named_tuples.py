"""Named tuples as `typing` has them, which cost a sixth as much to make.

`typing.NamedTuple` compiles the annotation of each field, which nobody asks for here, and `collections.namedtuple`
beneath it compiles a constructor for each class. Here that is compiled once for each number of fields; all others are
copies of it with their own names. A class takes 6 us and not 30, and an evaluation has 50 of them.

From Python 3.14 on `typing` compiles no annotation any more, and it is used as it is.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING or sys.version_info >= (3, 14):
    from typing import NamedTuple as NamedTuple
else:
    from collections import _tuplegetter
    from functools import cache
    from types import CodeType, FunctionType

    _GLOBALS = {"new": tuple.__new__, "__builtins__": {}}

    class _Maker(type):
        """Makes a named tuple of what would be a class below NamedTuple."""

        def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> type:
            if not bases:
                return super().__new__(cls, name, bases, namespace)
            fields = tuple(namespace.get("__annotations__", ()))
            defaults = {field: namespace[field] for field in fields if field in namespace}
            made = {
                **_METHODS,
                "_fields": fields,
                "_field_defaults": defaults,
                "__match_args__": fields,
                "__new__": _constructor(fields, tuple(defaults.values())),
                **namespace,
                **dict(zip(fields, map(_getter, range(len(fields))), strict=True)),
            }
            return type(name, (tuple,), made)

    class NamedTuple(metaclass=_Maker):
        pass

    def _constructor(fields: tuple[str, ...], defaults: tuple[object, ...]) -> FunctionType:
        code = _code_for(len(fields)).replace(co_varnames=("cls", *fields))
        return FunctionType(code, _GLOBALS, "__new__", defaults)

    # Kept by `cache`, since modules may be read in several threads at once.

    @cache
    def _code_for(size: int) -> CodeType:
        places = "".join(f"_{place}, " for place in range(size))
        made: FunctionType = eval(f"lambda cls, {places}: new(cls, ({places}))")  # noqa: S307  numbers alone  # nosec B307
        return made.__code__

    @cache
    def _getter(place: int) -> object:
        return _tuplegetter(place, f"Field {place}.")

    def _make(cls: Any, values: Any) -> Any:
        made = tuple.__new__(cls, values)
        if len(made) != len(cls._fields):
            raise TypeError(f"{cls.__name__} has {len(cls._fields)} fields, not {len(made)}")
        return made

    def _replace(self: Any, /, **changes: Any) -> Any:
        made = self._make(map(changes.pop, self._fields, self))
        if changes:
            raise TypeError(f"{type(self).__name__} has no field {next(iter(changes))!r}")
        return made

    def _asdict(self: Any) -> dict[str, Any]:
        return dict(zip(self._fields, self, strict=True))

    def _repr(self: Any) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self._asdict().items())})"

    def _getnewargs(self: Any) -> tuple[Any, ...]:
        return tuple(self)

    _METHODS = {
        "__slots__": (),
        "_make": classmethod(_make),
        "_replace": _replace,
        "__replace__": _replace,
        "_asdict": _asdict,
        "__repr__": _repr,
        "__getnewargs__": _getnewargs,
    }
