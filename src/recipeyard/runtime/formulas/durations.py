"""Lengths of time, and dates and times moved by them. Months end where they end: 31 January + a month = 28 February."""

import math
from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, cast

from recipeyard.runtime.formulas import frames, kinds

_UNITS: dict[str, Callable[[float], kinds.Duration]] = {
    "second": lambda count: kinds.Duration(seconds=count),
    "minute": lambda count: kinds.Duration(seconds=count * 60),
    "hour": lambda count: kinds.Duration(seconds=count * 3_600),
    "day": lambda count: kinds.Duration(days=count),
    "week": lambda count: kinds.Duration(days=count * 7),
    "fortnight": lambda count: kinds.Duration(days=count * 14),
    "month": lambda count: _months(count, 1),
    "year": lambda count: _months(count, 12),
}


def _months(count: float, each: int) -> kinds.Duration:
    total = count * each
    whole = int(total)
    return kinds.Duration(months=whole, seconds=(total - whole) * 2_629_746)


def _unit(make: Callable[[float], kinds.Duration]) -> Callable[..., kinds.Duration]:
    def run(_: frames.Frame, count: float) -> kinds.Duration:
        if not math.isfinite(kinds.number(count)):
            raise frames.Refusal("a length of time must be finite")
        return make(count)

    return run


UNITS = {name + plural: _unit(make) for name, make in _UNITS.items() for plural in ("", "s")}


def added(frame: frames.Frame, left: Any, right: Any, sign: int) -> kinds.Duration:
    """The sum of two durations; a number counts as seconds."""
    if isinstance(right, (date, datetime)) and sign > 0:
        return cast(kinds.Duration, moved(frame, right, left, 1))
    one, other = _duration(left), scaled(_duration(right), sign)
    return kinds.Duration(one.months + other.months, one.days + other.days, one.seconds + other.seconds)


def _duration(value: Any) -> kinds.Duration:
    return value if isinstance(value, kinds.Duration) else kinds.Duration(seconds=kinds.number(value))


def scaled(value: kinds.Duration, factor: float) -> kinds.Duration:
    """A duration so many times."""
    months = value.months * factor
    whole = int(months)
    return kinds.Duration(whole, value.days * factor, value.seconds * factor + (months - whole) * 2_629_746)


def moved(frame: frames.Frame, start: Any, by: Any, sign: int) -> Any:
    """A date or a time moved. A number moves a date by days, a time by seconds; hours make a time of a date."""
    if not isinstance(by, kinds.Duration):
        if isinstance(by, bool) or not isinstance(by, (int, float)):
            raise frames.Refusal(f"{kinds.name(start)} cannot be moved by {kinds.name(by)}")
        by = kinds.Duration(seconds=by) if isinstance(start, datetime) else kinds.Duration(days=by)
    length = scaled(by, sign)
    try:
        return _moved(frame, start, length)
    except (OverflowError, ValueError):
        raise frames.Refusal("there is no such date: years go from 1 to 9999") from None


def _moved(frame: frames.Frame, start: Any, length: kinds.Duration) -> Any:
    months_on = _months_on(start, length.months) if length.months else start
    if not isinstance(start, datetime):
        days_on = months_on + timedelta(days=int(length.days))
        seconds = length.seconds + (length.days - int(length.days)) * 86_400
        return moved_by_seconds(midnight(frame, days_on), seconds) if seconds else days_on
    zone = start.tzinfo
    days_on = months_on + timedelta(days=length.days) if length.days else months_on
    return moved_by_seconds(existing(days_on, zone), length.seconds)


def moved_by_seconds(start: datetime, seconds: float) -> datetime:
    """A time so many real seconds later, in its own zone."""
    if not seconds:
        return start
    return (start.astimezone(UTC) + timedelta(seconds=seconds)).astimezone(start.tzinfo)


def existing(value: datetime, zone: tzinfo | None) -> datetime:
    """A wall clock's time; one that the clock skips becomes the time as far after the gap."""
    return value.replace(tzinfo=zone, fold=0).astimezone(UTC).astimezone(zone)


def _months_on(start: Any, months: int) -> Any:
    index = start.year * 12 + start.month - 1 + months
    year, month = divmod(index, 12)
    if not 1 <= year <= 9999:
        raise OverflowError
    return start.replace(year=year, month=month + 1, day=min(start.day, monthrange(year, month + 1)[1]))


def midnight(frame: frames.Frame, day: date) -> datetime:
    """The first moment of a day in the workspace's zone."""
    return existing(datetime.combine(day, time(), frame.scope.zone), frame.scope.zone)


def alike(frame: frames.Frame, left: Any, right: Any) -> tuple[Any, Any]:
    """Two dates or two times: where they are mixed, a date stands for its midnight."""
    if isinstance(left, datetime) is isinstance(right, datetime):
        return left, right
    one, other = (each if isinstance(each, datetime) else midnight(frame, each) for each in (left, right))
    return one, other


def between(frame: frames.Frame, left: Any, right: Any) -> int | float:
    """How long after `right` is `left`: in days from a date, in seconds from a time."""
    if not isinstance(left, datetime) and not isinstance(right, datetime):
        return int((left - right).days)
    one, other = alike(frame, left, right)
    seconds = float((one.astimezone(UTC) - other.astimezone(UTC)).total_seconds())
    return seconds if isinstance(left, datetime) else seconds / 86_400


def _start(frame: frames.Frame, given: Any) -> date | datetime:
    if given is None:
        return now(frame)
    if not isinstance(given, date):
        raise frames.Refusal(f"it takes a Date or a Time, not {kinds.name(given)}")
    return given


def _ago(frame: frames.Frame, length: kinds.Duration, start: Any = None) -> Any:
    return moved(frame, _start(frame, start), length, -1)


def _from_now(frame: frames.Frame, length: kinds.Duration, start: Any = None) -> Any:
    return moved(frame, _start(frame, start), length, 1)


def now(frame: frames.Frame) -> datetime:
    """The moment in the workspace's zone."""
    return frame.scope.now.astimezone(frame.scope.zone)


def _inspected(_: frames.Frame, length: kinds.Duration) -> str:
    parts = (("month", length.months), ("day", length.days), ("second", length.seconds))
    said = [f"{count:g} {name}{'' if count == 1 else 's'}" for name, count in parts if count]
    return " and ".join(said) or "0 seconds"


def _whole(_: frames.Frame, length: kinds.Duration) -> int:
    return int(length.total())


DURATION: dict[str, Callable[..., Any]] = {
    "ago": _ago,
    "until": _ago,
    "before": _ago,
    "from_now": _from_now,
    "since": _from_now,
    "after": _from_now,
    "to_i": _whole,
    "to_f": lambda _, length: float(length.total()),
    "inspect": _inspected,
    "in_seconds": lambda _, length: length.total(),
    "in_minutes": lambda _, length: length.total() / 60,
    "in_hours": lambda _, length: length.total() / 3_600,
    "in_days": lambda _, length: length.total() / 86_400,
    "in_weeks": lambda _, length: length.total() / 604_800,
    "in_months": lambda _, length: length.total() / 2_629_746,
    "in_years": lambda _, length: length.total() / 31_556_952,
}
