"""Methods of integers and floats."""

import math
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import Any

from recipeyard.runtime.formulas import formats, frames, kinds, operators, spelling

Number = int | float
_MOST_DIGITS = 100
_HALVES = {"up": ROUND_HALF_UP, "even": ROUND_HALF_EVEN, "down": ROUND_HALF_DOWN, "": ROUND_HALF_UP}


def rounded(value: Number, digits: Any, mode: str) -> Number:
    """A number to so many digits after the point; a whole one where that is none."""
    places = kinds.whole(digits, "digits")
    if abs(places) > _MOST_DIGITS:
        raise frames.Refusal(f"digits go from -{_MOST_DIGITS} to {_MOST_DIGITS}")
    if not math.isfinite(value):
        if places <= 0:
            raise frames.Refusal(f"{spelling.real(value)} cannot be rounded to a whole number")
        return value
    if isinstance(value, int) and places >= 0:
        return value
    exact = Decimal(repr(value))
    if places > 0 and places > -int(exact.as_tuple().exponent):
        return value
    result = exact.scaleb(places).to_integral_value(mode).scaleb(-places)
    return float(result) if places > 0 else int(result)


def _round(_: frames.Frame, value: Number, digits: Any = 0, *, half: Any = None) -> Number:
    mode = _HALVES.get(spelling.text(half))
    if not mode:
        raise frames.Refusal("half must be up, even or down")
    return rounded(value, digits, mode)


def _cut(mode: str) -> Callable[..., Number]:
    return lambda _, value, digits=0: rounded(value, digits, mode)


def _to_i(frame: frames.Frame, value: Number) -> int:
    if not math.isfinite(value):
        raise frames.Refusal(f"{spelling.real(float(value))} is no whole number")
    return frame.integer(int(value))


def _to_s(frame: frames.Frame, value: Number, base: Any = 10) -> str:
    if base == 10:
        return spelling.text(value, frame)
    base = kinds.whole(base, "the base")
    if not isinstance(value, int) or not 2 <= base <= 36:
        raise frames.Refusal("the base of a whole number goes from 2 to 36")
    digits, rest = "", abs(value)
    while rest:
        rest, digit = divmod(rest, base)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return ("-" if value < 0 else "") + (digits or "0")


def _floored(value: Number) -> int:
    if not math.isfinite(value):
        raise frames.Refusal(f"{spelling.real(value)} is no whole number")
    return math.floor(value)


def _divmod(frame: frames.Frame, value: Number, other: Any) -> list[Any]:
    rest = operators.modulo(frame, value, kinds.number(other))
    return [_floored(operators.divide(frame, value - rest, other)), rest]


def _clamp(frame: frames.Frame, value: Number, low: Any, high: Any = None) -> Any:
    if isinstance(low, kinds.Range):
        low, high = low.first, low.last
    if low is not None and operators.ordered(frame, value, low) < 0:
        return low
    return high if high is not None and operators.ordered(frame, value, high) > 0 else value


def _times(frame: frames.Frame, value: int, *, block: kinds.Block | None = None) -> Any:
    frame.items(max(value, 0))
    items = list(range(value))
    return items if block is None else kinds.weigh(frame, [block(each) for each in items])


def _to_time(_: frames.Frame, value: Number) -> datetime:
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        raise frames.Refusal("there is no such time") from None


def _common(frame: frames.Frame, value: int, other: Any, *, least: bool) -> int:
    number = kinds.whole(other)
    return frame.integer(math.lcm(value, number) if least else math.gcd(value, number))


def _chr(_: frames.Frame, value: int) -> str:
    if not 0 <= value <= 0x10FFFF or 0xD800 <= value < 0xE000:
        raise frames.Refusal(f"{spelling.text(value)[:50]} is no character")
    return chr(value)


def _digits(_: frames.Frame, value: int) -> list[int]:
    return [int(digit) for digit in reversed(str(abs(value)))]


def _between(frame: frames.Frame, value: Number, low: Any, high: Any) -> bool:
    return operators.ordered(frame, low, value) <= 0 <= operators.ordered(frame, high, value)


def _delimited(_: frames.Frame, value: Number, options: Any = None) -> str:
    said = kinds.options(options) if options is not None else {}
    if not math.isfinite(value) or "e" in spelling.text(value):
        return spelling.text(value)
    whole, point, fraction = spelling.text(abs(value)).partition(".")
    parted = f"{int(whole):,}".replace(",", spelling.text(said.get("delimiter", ",")))
    return ("-" if value < 0 else "") + parted + (spelling.text(said.get("separator", ".")) if point else "") + fraction


NUMBER: dict[str, Callable[..., Any]] = {
    "abs": lambda _, value: abs(value),
    "magnitude": lambda _, value: abs(value),
    "round": _round,
    "ceil": _cut(ROUND_CEILING),
    "floor": _cut(ROUND_FLOOR),
    "truncate": _cut(ROUND_DOWN),
    "to_i": _to_i,
    "to_int": _to_i,
    "to_f": lambda _, value: float(value),
    "to_s": _to_s,
    "to_d": lambda _, value: float(value),
    "to_time": _to_time,
    "to_currency": formats.to_currency,
    "to_phone": formats.to_phone,
    "to_delimited": _delimited,
    "zero?": lambda _, value: value == 0,
    "positive?": lambda _, value: value > 0,
    "negative?": lambda _, value: value < 0,
    "nonzero?": lambda _, value: value or None,
    "integer?": lambda _, value: isinstance(value, int),
    "finite?": lambda _, value: math.isfinite(value),
    "infinite?": lambda _, value: (1 if value > 0 else -1) if math.isinf(value) else None,
    "nan?": lambda _, value: math.isnan(value),
    "is_number?": lambda _, __: True,
    "is_int?": lambda _, value: isinstance(value, int),
    "divmod": _divmod,
    "div": lambda frame, value, other: _floored(operators.divide(frame, value, other)),
    "fdiv": lambda frame, value, other: operators.divide(frame, float(value), other),
    "modulo": lambda frame, value, other: operators.modulo(frame, value, other),
    "pow": lambda frame, value, other: operators.power(frame, value, other),
    "clamp": _clamp,
    "between?": _between,
}
INTEGER: dict[str, Callable[..., Any]] = {
    "even?": lambda _, value: value % 2 == 0,
    "odd?": lambda _, value: value % 2 == 1,
    "succ": lambda frame, value: frame.integer(value + 1),
    "next": lambda frame, value: frame.integer(value + 1),
    "pred": lambda frame, value: frame.integer(value - 1),
    "times": _times,
    "gcd": lambda frame, value, other: _common(frame, value, other, least=False),
    "lcm": lambda frame, value, other: _common(frame, value, other, least=True),
    "digits": _digits,
    "chr": _chr,
    "ordinalize": formats.ordinalize,
    "to_hex": lambda _, value: f"{value:x}",
    "bit_length": lambda _, value: value.bit_length(),
}
FLOAT: dict[str, Callable[..., Any]] = {}
