"""What a file of source consists of. Each part knows where it begins, so that an error has a line of the file."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Place:
    """Where a text begins: line and column, from 1."""

    line: int
    column: int = 1


@dataclass(frozen=True)
class Statement:
    """Something to evaluate. `declared` are variables that hold for it and all that follows."""

    text: str
    place: Place
    declared: tuple[str, ...] = ()


@dataclass(frozen=True)
class MethodPart:
    """A method to compile into the class, or into its class side."""

    class_name: str
    class_side: bool
    category: str
    selector: str
    text: str
    place: Place


@dataclass(frozen=True)
class CommentText:
    """What a class is for."""

    class_name: str
    text: str
    place: Place


@dataclass(frozen=True)
class ClassVariable:
    """`text` is what it begins with; none for nil."""

    name: str
    text: str | None
    place: Place


@dataclass
class ClassBody:
    """A class with all that its body holds, or what an extension adds to one that is there. It is installed whole."""

    name: str
    place: Place
    superclass: str | None = None
    extends: bool = False
    category: str | None = None
    comment: str | None = None
    variables: list[str] = field(default_factory=list)
    class_side_variables: list[str] = field(default_factory=list)
    class_variables: list[ClassVariable] = field(default_factory=list)
    methods: list[MethodPart] = field(default_factory=list)


@dataclass(frozen=True)
class Unread:
    """What cannot be read, or what a playground does not have; `place` is where that shows."""

    kind: str
    name: str | None
    why: str
    begin: Place
    place: Place


Part = Statement | MethodPart | CommentText | ClassBody | Unread
