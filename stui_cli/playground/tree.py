"""The classes that every image starts with, as one table; users' classes grow below them."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from stui_cli.playground.classes import PRIMITIVES, Behavior, BooleanTable, Method
from stui_cli.playground.objects import PAYLOADS

if TYPE_CHECKING:
    from stui_cli.playground.classes import Function

# Each line: a class, then its payload (of objects.PAYLOADS) where its instances have one; the indent says below whom.
_TREE = """
Object
  Boolean
    True
    False
  UndefinedObject
  Magnitude
    Character Character
    Number
      Integer
        SmallInteger
        LargeInteger
          LargePositiveInteger
          LargeNegativeInteger
      Float
        BoxedFloat64
      Fraction
      ScaledDecimal ScaledDecimal
    LookupKey
      Association Association
    Date
    Time
    Duration
    DateAndTime
  Point Point
  Behavior
    ClassDescription
      Class
      Metaclass
  Collection
    SequenceableCollection
      ArrayedCollection
        Array Array
        ByteArray ByteArray
        Interval Interval
        String Text
          Symbol Symbol
      OrderedCollection Ordered
        SortedCollection Sorted
    HashedCollection
      Set Set
        IdentitySet IdentitySet
      Dictionary Dictionary
        IdentityDictionary IdentityDictionary
        OrderedDictionary OrderedDictionary
    Bag Bag
  Stream
    PositionableStream
      ReadStream ReadStream
      WriteStream WriteStream
        ReadWriteStream ReadWriteStream
    TranscriptStream
  BlockClosure Block
  Message Message
  CompiledMethod
  Exception
    Error
      ArithmeticError
        ZeroDivide
        DomainError
      MessageNotUnderstood
      SubscriptOutOfBounds
      NotFound
        KeyNotFound
        ValueNotFound
      CollectionIsEmpty
      SizeMismatch
      InvalidValue
      InvalidArgument
      ArgumentsCountMismatch
      NonBooleanReceiver
      BlockCannotReturn
      SelectorException
        ShouldNotImplement
        SubclassResponsibility
      PrimitiveFailed
      RecursionTooDeep
      OutOfMemory
      SyntaxErrorNotification
      AssertionFailure
    IllegalResumeAttempt
    Warning
      Deprecation
    Notification
    Halt
    TestFailure
    TestSkip
  ExceptionSet ExceptionSet
  FluidClassBuilder
  Random
  Delay
  Semaphore
  Process
  ProcessorScheduler
  SystemDictionary
  TestCase
  TestResult
  TestSuite
"""


def new_class(name: str, superclass: Behavior | None, payload: type | None, metaclass: Behavior | None) -> Behavior:
    """A class and its metaclass."""
    meta = Behavior(f"{name} class", superclass.cls if superclass is not None else None)
    behavior = Behavior(name, superclass, payload)
    behavior.cls, meta.sole = meta, behavior
    if metaclass is not None:
        meta.cls = metaclass
    return behavior


def build() -> dict[str, Behavior]:
    """A fresh tree: name -> class, each with its primitives."""
    classes: dict[str, Behavior] = {}
    above: list[Behavior] = []
    for line in _TREE.strip().splitlines():
        depth = (len(line) - len(line.lstrip())) // 2
        name, *payload = line.split()
        del above[depth:]
        superclass = above[-1] if above else None
        inherited = superclass.payload if superclass is not None else None
        made = new_class(name, superclass, PAYLOADS[payload[0]] if payload else inherited, None)
        classes[name] = made
        above.append(made)
    root = classes["Object"].cls
    root.superclass = classes["Class"]
    classes["Class"].subclasses.append(root)
    for behavior in classes.values():
        behavior.cls.cls = classes["Metaclass"]
    _add_primitives(classes)
    return classes


def _add_primitives(classes: dict[str, Behavior]) -> None:
    for (name, selector), primitive in PRIMITIVES.items():
        behavior = classes[name[:-6]].cls if name.endswith(" class") else classes[name]
        behavior.methods[selector] = Method(selector, primitive.function, category=primitive.category)


def tables(classes: dict[str, Behavior]) -> dict[type, dict[str, Function]]:
    """Python class -> the table of its Smalltalk class: how a send finds its method."""
    found: dict[type, dict[str, Function]] = {
        behavior.payload: behavior.table
        for behavior in classes.values()
        if behavior.payload is not None and _owns(behavior)
    }
    found[type(None)] = classes["UndefinedObject"].table
    found[bool] = BooleanTable(classes["True"].table, classes["False"].table)
    found[float] = classes["BoxedFloat64"].table
    found[Fraction] = classes["Fraction"].table
    found[int] = classes["SmallInteger"].table  # of large ones too: primitives are Integer's
    return found


def _owns(behavior: Behavior) -> bool:
    """Whether it is the class of its payload, not one that inherits the payload."""
    return behavior.superclass is None or behavior.superclass.payload is not behavior.payload
