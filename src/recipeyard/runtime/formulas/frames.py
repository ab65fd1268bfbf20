"""What an evaluation carries with it: the run's scope, what it may still spend, and the names of its blocks.

Everything that can grow is paid for here: operations are counted, texts and lists are paid by length, regular
expressions by time. What cannot be paid is refused.
"""

import time
from dataclasses import dataclass
from typing import Any

from recipeyard.runtime.stepping import scope as scopes


class ExpressionError(Exception):
    """An expression that cannot be parsed or evaluated; `position` is the offset in the leaf's text."""

    def __init__(self, message: str, position: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.position = position


class Refusal(Exception):
    """A method or operator that cannot do what it is asked; the call adds the position."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one expression may use. Exceeding any of these is an ExpressionError that names the limit."""

    length: int = 65_536
    """Characters of a formula."""
    nesting: int = 100
    """Levels of operators, calls and brackets within each other, and of values within values."""
    operations: int = 2_000_000
    """Calls, and items and characters handled (32 characters count as one)."""
    result_bytes: int = 10 * 1024 * 1024
    """Characters of a text, bytes of bytes, and of all texts in a result together."""
    items: int = 500_000
    """Items of a list or an object, and of all lists in a result together."""
    integer_bits: int = 4_096
    """Bits of an integer."""
    pattern_length: int = 2_000
    """Characters of a regular expression."""
    pattern_seconds: float = 1.0
    """Time that all regular expressions of one evaluation may take together."""


SURPRISES = (ArithmeticError, ValueError, TypeError, LookupError, AttributeError, RecursionError, MemoryError)
"""What Python raises where a value is not what a method can handle. The expression fails, and nothing else does."""
DEFAULT = Limits()
CHARACTERS = 32


class Frame:
    """One evaluation."""

    __slots__ = ("left", "limits", "names", "scope", "seconds")

    def __init__(self, scope: scopes.Scope, limits: Limits) -> None:
        self.scope = scope
        self.limits = limits
        self.left = limits.operations
        self.seconds = limits.pattern_seconds
        self.names: dict[int, Any] = {}

    def spend(self, operations: int) -> None:
        """Pay for so many operations."""
        self.left -= operations
        if self.left < 0:
            raise Refusal(f"it takes more than {self.limits.operations} operations")

    def room(self, length: int) -> None:
        """See that a text of this length may be, and pay for it."""
        if length > self.limits.result_bytes:
            raise Refusal(f"a text of {length} characters is longer than {self.limits.result_bytes}")
        self.spend(length // CHARACTERS)

    def items(self, count: int) -> None:
        """See that a list of this length may be, and pay for it."""
        if count > self.limits.items:
            raise Refusal(f"a list of {count} items is longer than {self.limits.items}")
        self.spend(count)

    def integer(self, number: int) -> int:
        """See that an integer is no larger than it may be."""
        if number.bit_length() > self.limits.integer_bits:
            raise Refusal(f"a number of more than {self.limits.integer_bits} bits is too large")
        return number

    def timed(self) -> "Stopwatch":
        """Time for a regular expression."""
        if self.seconds <= 0:
            raise Refusal(f"its regular expressions take longer than {self.limits.pattern_seconds} seconds")
        return Stopwatch(self)


class Stopwatch:
    """Takes the time of a regular expression from what the evaluation has."""

    __slots__ = ("frame", "since")

    def __init__(self, frame: Frame) -> None:
        self.frame = frame

    def __enter__(self) -> float:
        self.since = time.monotonic()
        return self.frame.seconds

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self.frame.seconds -= time.monotonic() - self.since
        if kind is TimeoutError:
            limit = self.frame.limits.pattern_seconds
            raise Refusal(f"its regular expressions take longer than {limit} seconds") from None
