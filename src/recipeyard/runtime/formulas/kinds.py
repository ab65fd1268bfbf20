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
    measured(frame, value)
    return value


def measured(frame: frames.Frame, value: Any) -> bool:
    """Weigh a value; whether it holds kinds that are of formulas alone."""
    level: list[Any] = [[value]]
    items = characters = depth = 0
    odd = False
    while level:
        deeper: list[Any] = []
        for whole in level:
            length, odd_here = _looked_through(whole, deeper)
            items, characters, odd = items + len(whole), characters + length, odd or odd_here
            if items > frame.limits.items or characters > frame.limits.result_bytes:
                raise _too_large(frame)
        level, depth = deeper, depth + 1
        if depth > frame.limits.nesting + 1:
            raise frames.Refusal(f"the result nests deeper than {frame.limits.nesting} levels")
    frame.spend(items + characters // frames.CHARACTERS)
    return odd


def _looked_through(whole: Any, deeper: list[Any]) -> tuple[int, bool]:
    """The characters of a list's or object's own texts, and whether it holds odd kinds; what is in it to look into."""
    characters, odd = 0, False
    if type(whole) is dict:
        characters = sum(map(len, whole))
        whole = whole.values()
    for each in whole:
        kind = type(each)
        if kind is str or kind is bytes:
            characters += len(each)
        elif kind is list or kind is dict:
            deeper.append(each)
        elif kind in _OWN:
            odd = True
    return characters, odd


_OWN = frozenset((Duration, Range, Pattern))


def _too_large(frame: frames.Frame) -> frames.Refusal:
    limits = frame.limits
    return frames.Refusal(f"the result has more than {limits.items} items or {limits.result_bytes} characters")


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
