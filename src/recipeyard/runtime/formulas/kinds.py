"""The kinds of values that formulas know, those beside JSON's among them, and what is common to all.

Nothing here is reached by name from a formula: methods are looked up in tables of their own.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import regex

from recipeyard.runtime import values
from recipeyard.runtime.formulas import frames

Block = Callable[..., Any]
"""A block or `&:method`, to be called with items."""


@dataclass(frozen=True, slots=True)
class Range:
    """`first..last`; None at an end is no end."""

    first: Any
    last: Any
    exclusive: bool = False


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time: months that have no fixed length, days that follow the clock, and seconds."""

    months: int = 0
    days: float = 0
    seconds: float = 0

    def total(self) -> float:
        """In seconds, a month as a twelfth of a mean year."""
        return self.months * 2_629_746 + self.days * 86_400 + self.seconds


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression: as it was written, and ready to run."""

    source: str
    flags: str
    program: regex.Pattern[str]


NAMES: dict[type, str] = {
    type(None): "nil",
    bool: "Boolean",
    int: "Integer",
    float: "Float",
    str: "String",
    bytes: "Binary",
    date: "Date",
    datetime: "Time",
    list: "Array",
    dict: "Hash",
    Range: "Range",
    Duration: "Duration",
    Pattern: "Regexp",
    values.Special: "skip or clear",
}


def name(value: Any) -> str:
    """What errors call a value's kind."""
    return NAMES.get(type(value), type(value).__name__)


def plain(value: Any) -> Any:
    """A value of a kind that formulas know: sequences are lists, mappings dicts, subclasses what they derive from."""
    if type(value) in NAMES:
        return value
    if isinstance(value, Mapping):
        return {str(key): item for key, item in value.items()}
    for kind in (bool, int, float, str, bytes, datetime, date):
        if isinstance(value, kind):
            return value
    if isinstance(value, Sequence):
        return list(value)
    raise frames.Refusal(f"{type(value).__name__} is no kind of value that formulas know")


def truthy(value: Any) -> bool:
    """All but nil and false."""
    return value is not None and value is not False


def blank(value: Any) -> bool:
    """As Rails has it: nil, false, and what is empty or white space alone."""
    if isinstance(value, str):
        return not value or value.isspace()
    if value is None or value is False:
        return True
    return isinstance(value, (list, dict, bytes)) and not value


def same(left: Any, right: Any) -> bool:
    """Whether two values are equal: 1 and 1.0 are, 1 and true are not."""
    if type(left) is not type(right):
        return not isinstance(left, bool) and not isinstance(right, bool) and bool(left == right)
    if type(left) is list:
        return len(left) == len(right) and all(map(same, left, right))
    if type(left) is dict:
        return left.keys() == right.keys() and all(same(item, right[key]) for key, item in left.items())
    return bool(left == right)


def key(value: Any) -> Any:
    """A hashable stand-in for a value: equal values have equal ones."""
    if isinstance(value, list):
        return ("list", *map(key, value))
    if isinstance(value, dict):
        return ("dict", *((each, key(item)) for each, item in value.items()))
    return (isinstance(value, bool), value)


def unique(items: Sequence[Any]) -> list[Any]:
    """The items, of equal ones the first."""
    found: dict[Any, Any] = {}
    for each in items:
        found.setdefault(key(each), each)
    return list(found.values())


def weigh(frame: frames.Frame, value: Any) -> Any:
    """The value, if it is no larger and no deeper than a result may be, counted as if nothing in it were shared."""
    items = characters = 0
    waiting = [(value, 0)]
    while waiting:
        each, depth = waiting.pop()
        if isinstance(each, (str, bytes)):
            characters += len(each)
        elif isinstance(each, (list, dict)):
            items += len(each)
            _fits(frame, items, characters, depth)
            inner = each.values() if isinstance(each, dict) else each
            waiting += [(item, depth + 1) for item in inner if isinstance(item, (str, bytes, list, dict))]
            characters += sum(map(len, each)) if isinstance(each, dict) else 0
    _fits(frame, items, characters, 0)
    frame.spend(items + characters // frames.CHARACTERS)
    return value


def _fits(frame: frames.Frame, items: int, characters: int, depth: int) -> None:
    if items > frame.limits.items:
        raise frames.Refusal(f"the result has more than {frame.limits.items} items")
    if characters > frame.limits.result_bytes:
        raise frames.Refusal(f"the result has more than {frame.limits.result_bytes} characters")
    if depth > frame.limits.nesting:
        raise frames.Refusal(f"the result nests deeper than {frame.limits.nesting} levels")


def whole(value: Any, what: str = "the argument") -> int:
    """An integer argument; a number with a fraction is cut, as Ruby cuts it."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise frames.Refusal(f"{what} must be a number, not {name(value)}")
    if not math.isfinite(value):
        raise frames.Refusal(f"{what} must be a finite number")
    return int(value)


def number(value: Any, what: str = "the argument") -> int | float:
    """A number argument."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise frames.Refusal(f"{what} must be a number, not {name(value)}")
    return value


def text(value: Any, what: str = "the argument") -> str:
    """A text argument."""
    if not isinstance(value, str):
        raise frames.Refusal(f"{what} must be a String, not {name(value)}")
    return value


def octets(value: Any, what: str = "the argument") -> bytes:
    """Bytes, or a text's in UTF-8."""
    if isinstance(value, bytes):
        return value
    return text(value, what).encode("utf-8", "surrogatepass")


def options(value: Any) -> dict[str, Any]:
    """An object given as the last argument."""
    if not isinstance(value, dict):
        raise frames.Refusal(f"the argument must be a Hash, not {name(value)}")
    return value
