"""Operators between values."""

import math
import operator
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeAlias

from recipeyard.runtime.formulas import durations, formats, frames, kinds, patterns

Operator: TypeAlias = Callable[[frames.Frame, Any, Any], Any]
_NUMBERS = (int, float)
_TIMES = (date, datetime)


def _is_number(value: Any) -> bool:
    return type(value) is int or type(value) is float


def _unknown(sign: str, left: Any, right: Any) -> frames.Refusal:
    if left is None or right is None:
        return frames.Refusal(f"{sign} cannot work with nil ({kinds.name(left)} {sign} {kinds.name(right)})")
    hint = "; .to_s makes a text of it" if isinstance(left, str) and sign == "+" else ""
    return frames.Refusal(f"{sign} cannot work with {kinds.name(left)} and {kinds.name(right)}{hint}")


def plus(frame: frames.Frame, left: Any, right: Any) -> Any:
    """`+`: numbers, texts, lists, dates and durations."""
    if type(left) is int and type(right) is int:
        return frame.integer(left + right)
    if _is_number(left) and _is_number(right):
        return left + right
    if type(left) is type(right):
        if type(left) is str or type(left) is bytes:
            frame.room(len(left) + len(right))
            return left + right
        if type(left) is list:
            frame.items(len(left) + len(right))
            return left + right
    if isinstance(left, _TIMES):
        return durations.moved(frame, left, right, 1)
    if isinstance(left, kinds.Duration) or isinstance(right, kinds.Duration):
        return durations.added(frame, left, right, 1)
    raise _unknown("+", left, right)


def minus(frame: frames.Frame, left: Any, right: Any) -> Any:
    """`-`: numbers, lists, dates and durations."""
    if type(left) is int and type(right) is int:
        return frame.integer(left - right)
    if _is_number(left) and _is_number(right):
        return left - right
    if type(left) is list and type(right) is list:
        frame.items(len(left) + len(right))
        gone = {kinds.key(each) for each in right}
        return [each for each in left if kinds.key(each) not in gone]
    if isinstance(left, _TIMES):
        if isinstance(right, _TIMES):
            return durations.between(frame, left, right)
        return durations.moved(frame, left, right, -1)
    if isinstance(left, kinds.Duration) or isinstance(right, kinds.Duration):
        return durations.added(frame, left, right, -1)
    raise _unknown("-", left, right)


def times(frame: frames.Frame, left: Any, right: Any) -> Any:
    """`*`: numbers, texts and lists repeated, durations."""
    if type(left) is int and type(right) is int:
        _fits(frame, left.bit_length() + right.bit_length())
        return left * right
    if _is_number(left) and _is_number(right):
        return left * right
    if type(left) is str and type(right) is int:
        return _repeated(frame, left, right)
    if type(left) is list and type(right) is int:
        frame.items(len(left) * max(right, 0))
        return kinds.weigh(frame, left * right)
    if isinstance(left, kinds.Duration) and _is_number(right):
        return durations.scaled(left, right)
    if isinstance(right, kinds.Duration) and _is_number(left):
        return durations.scaled(right, left)
    raise _unknown("*", left, right)


def _repeated(frame: frames.Frame, text: str, count: int) -> str:
    if count < 0:
        raise frames.Refusal("a text cannot be repeated less than 0 times")
    frame.room(len(text) * count)
    return text * count


def divide(_: frames.Frame, left: Any, right: Any) -> Any:
    """`/`: integers are divided towards minus infinity, as Ruby does."""
    if isinstance(left, kinds.Duration) and _is_number(right) and right:
        return durations.scaled(left, 1 / right)
    if not _is_number(left) or not _is_number(right):
        raise _unknown("/", left, right)
    if type(left) is int and type(right) is int:
        if right == 0:
            raise frames.Refusal("divided by 0")
        return left // right
    return _ratio(float(left), float(right))


def _ratio(left: float, right: float) -> float:
    if right == 0:
        return math.nan if left == 0 or math.isnan(left) else math.copysign(math.inf, left) * math.copysign(1, right)
    return left / right


def modulo(frame: frames.Frame, left: Any, right: Any) -> Any:
    """`%`: the rest of a division, or a text formatted."""
    if type(left) is str:
        return formats.formatted(frame, left, right)
    if not _is_number(left) or not _is_number(right):
        raise _unknown("%", left, right)
    if right == 0:
        if type(left) is int and type(right) is int:
            raise frames.Refusal("divided by 0")
        return math.nan
    return left % right


def power(frame: frames.Frame, left: Any, right: Any) -> Any:
    """`**`."""
    if not _is_number(left) or not _is_number(right):
        raise _unknown("**", left, right)
    if type(left) is int and type(right) is int and right >= 0:
        _fits(frame, left.bit_length() * right)
        return left**right
    if left == 0 and right < 0:
        raise frames.Refusal("divided by 0")
    try:
        value = float(left) ** right
    except OverflowError:
        return math.inf
    if isinstance(value, complex):
        return math.nan
    return value


def _fits(frame: frames.Frame, bits: int) -> None:
    if bits > frame.limits.integer_bits + 1:
        raise frames.Refusal(f"a number of more than {frame.limits.integer_bits} bits is too large")


def negate(value: Any) -> Any:
    """`-` before a number or a duration."""
    if isinstance(value, kinds.Duration):
        return durations.scaled(value, -1)
    if not _is_number(value):
        raise frames.Refusal(f"- cannot work with {kinds.name(value)}")
    return -value


def compared(frame: frames.Frame, left: Any, right: Any) -> int | None:
    """-1, 0 or 1; None where the two cannot be compared."""
    if _is_number(left) and _is_number(right):
        return None if math.isnan(left) or math.isnan(right) else int(left > right) - int(left < right)
    if isinstance(left, _TIMES) and isinstance(right, _TIMES):
        left, right = durations.alike(frame, left, right)
    elif isinstance(left, kinds.Duration) or isinstance(right, kinds.Duration):
        return compared(frame, *(each.total() if isinstance(each, kinds.Duration) else each for each in (left, right)))
    elif type(left) is list and type(right) is list:
        return _lists_compared(frame, left, right)
    elif type(left) is not type(right) or not isinstance(left, (str, bytes)):
        return 0 if kinds.same(left, right) else None
    return int(left > right) - int(left < right)


def _lists_compared(frame: frames.Frame, left: list[Any], right: list[Any]) -> int | None:
    frame.spend(min(len(left), len(right)))
    for one, other in zip(left, right, strict=False):
        if order := compared(frame, one, other):
            return order
        if order is None:
            return None
    return int(len(left) > len(right)) - int(len(left) < len(right))


def ordered(frame: frames.Frame, left: Any, right: Any) -> int:
    """As `compared`; Refusal where they cannot be."""
    order = compared(frame, left, right)
    if order is None:
        raise frames.Refusal(f"{kinds.name(left)} cannot be compared with {kinds.name(right)}")
    return order


def equal(frame: frames.Frame, left: Any, right: Any) -> bool:
    """`==`."""
    if type(left) is str and type(right) is str:
        return left == right
    if type(left) is not type(right) and isinstance(left, _TIMES) and isinstance(right, _TIMES):
        left, right = durations.alike(frame, left, right)
    if isinstance(left, kinds.Duration) or isinstance(right, kinds.Duration):
        return compared(frame, left, right) == 0
    return kinds.same(left, right)


def case_equal(frame: frames.Frame, left: Any, right: Any) -> bool:
    """`===`: a range or a pattern matches what is in it."""
    if isinstance(left, kinds.Range):
        return within(frame, left, right)
    if isinstance(left, kinds.Pattern):
        return isinstance(right, str) and patterns.found(frame, left, right) is not None
    return equal(frame, left, right)


def within(frame: frames.Frame, bounds: kinds.Range, value: Any) -> bool:
    """Whether a value lies in a range."""
    low = None if bounds.first is None else compared(frame, bounds.first, value)
    high = None if bounds.last is None else compared(frame, value, bounds.last)
    if (bounds.first is not None and low is None) or (bounds.last is not None and high is None):
        return False
    return (low or 0) <= 0 and (high is None or high < 0 or (high == 0 and not bounds.exclusive))


def match(frame: frames.Frame, left: Any, right: Any) -> int | None:
    """`=~`: where the pattern is found first; None where it is not, or where nothing can be matched."""
    pattern, text = (left, right) if isinstance(left, kinds.Pattern) else (right, left)
    if text is None:
        return None
    if not isinstance(pattern, kinds.Pattern):
        raise _unknown("=~", left, right)
    found = patterns.found(frame, pattern, kinds.text(text))
    return found.start() if found else None


def shift(frame: frames.Frame, left: Any, right: Any) -> Any:
    """`<<`: an item or a text appended to a new list or text; nothing is changed."""
    if type(left) is list:
        frame.items(len(left) + 1)
        return kinds.weigh(frame, [*left, right])
    if type(left) is str:
        return plus(frame, left, right)
    if type(left) is int and type(right) is int:
        _fits(frame, left.bit_length() + max(right, 0))
        return left << right if right >= 0 else left >> -right
    raise _unknown("<<", left, right)


def _bits(sign: str, operate: Callable[[Any, Any], Any]) -> Operator:
    def run(frame: frames.Frame, left: Any, right: Any) -> Any:
        if type(left) is list and type(right) is list and sign != "^":
            return _united(frame, left, right) if sign == "|" else _shared(frame, left, right)
        if type(left) is bool:
            return operate(left, kinds.truthy(right))
        if type(left) is int and type(right) is int:
            return operate(left, right)
        raise _unknown(sign, left, right)

    return run


def _united(frame: frames.Frame, left: list[Any], right: list[Any]) -> list[Any]:
    frame.items(len(left) + len(right))
    return kinds.unique([*left, *right])


def _shared(frame: frames.Frame, left: list[Any], right: list[Any]) -> list[Any]:
    frame.items(len(left) + len(right))
    keys = {kinds.key(each) for each in right}
    return kinds.unique([each for each in left if kinds.key(each) in keys])


def listed(frame: frames.Frame, bounds: kinds.Range) -> list[Any]:
    """The items of a range of integers, of single letters or of dates."""
    first, last = bounds.first, bounds.last
    if type(first) is int and isinstance(last, _NUMBERS):
        end = int(last // 1) + (0 if bounds.exclusive and last == last // 1 else 1)
        frame.items(max(end - first, 0))
        return list(range(first, end))
    if type(first) is date and type(last) is date:
        days = range(first.toordinal(), last.toordinal() + (0 if bounds.exclusive else 1))
        frame.items(len(days))
        return [date.fromordinal(day) for day in days]
    if isinstance(first, str) and isinstance(last, str) and len(first) == len(last) == 1:
        letters = range(ord(first), ord(last) + (0 if bounds.exclusive else 1))
        frame.items(len(letters))
        return list(map(chr, letters))
    raise frames.Refusal(f"a range from {kinds.name(first)} to {kinds.name(last)} has no items")


def _ordering(natural: Callable[[Any, Any], bool]) -> Operator:
    def run(frame: frames.Frame, left: Any, right: Any) -> bool:
        kind = type(left)
        if kind is type(right) and (kind is int or kind is str):
            return natural(left, right)
        return natural(ordered(frame, left, right), 0)

    return run


BINARY: dict[str, Operator] = {
    "+": plus,
    "-": minus,
    "*": times,
    "/": divide,
    "%": modulo,
    "**": power,
    "<<": shift,
    ">>": lambda frame, left, right: shift(frame, left, negate(right)),
    "==": equal,
    "!=": lambda frame, left, right: not equal(frame, left, right),
    "===": case_equal,
    "<=>": compared,
    "<": _ordering(operator.lt),
    ">": _ordering(operator.gt),
    "<=": _ordering(operator.le),
    ">=": _ordering(operator.ge),
    "=~": match,
    "!~": lambda frame, left, right: match(frame, left, right) is None,
    "&": _bits("&", lambda left, right: left & right),
    "|": _bits("|", lambda left, right: left | right),
    "^": _bits("^", lambda left, right: left ^ right),
}
