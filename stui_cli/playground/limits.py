"""How much one evaluation may take. What goes beyond is told as a Smalltalk error, which code may handle."""

from __future__ import annotations

INTEGER_BITS = 1_000_000  # 300,000 digits; one of half as many divides them in 0.4 s, and nothing interrupts that
BYTES = 384 * 1024 * 1024  # of the whole process, beyond what it had at its start
COLLECTION_SIZE = 20_000_000  # elements or characters of one object
PYTHON_FRAMES = 45_000  # 10,000 levels of a method whose recursion goes through a block of a collection
NESTED_IN_C = 200  # calls back from a Python dictionary or sort: they use the stack of C
SOURCE_NESTING = 100  # brackets within brackets of one source
SENDS = 5_000  # of one method or do-it
LOOP_NESTING = 8  # loops within loops that become Python loops; those further in become blocks
TRANSCRIPT = 1_000_000  # characters of output of one evaluation
STACK_FRAMES = 100  # told of an error
GRACE_S = 0.5  # of ensure: blocks, all of one evaluation together, once it was stopped
REPORTED_TEXT = 10_000  # characters of a messageText
