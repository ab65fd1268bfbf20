"""Methods of dates and times."""

from calendar import isleap, monthrange
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeAlias

from recipeyard.runtime.formulas import date_formats, durations, frames, kinds, operators, spelling, zones

Moment: TypeAlias = "date | datetime"
_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _as_time(value: Moment) -> datetime:
    """A date as the first moment of its day, for formats alone."""
    return value if isinstance(value, datetime) else datetime.combine(value, time(), UTC)


def _strftime(frame: frames.Frame, value: Moment, form: Any) -> str:
    text = date_formats.written(_as_time(value), kinds.text(form, "the format"))
    frame.room(len(text))
    return text


def _in_time_zone(frame: frames.Frame, value: Moment, name: Any = None) -> datetime:
    zone = frame.scope.zone if name is None else zones.zone(kinds.text(name, "the time zone"))
    if isinstance(value, datetime):
        return value.astimezone(zone)
    return durations.existing(datetime.combine(value, time(), zone), zone)


def _to_date(_: frames.Frame, value: Moment) -> date:
    return value.date() if isinstance(value, datetime) else value


def _to_time(frame: frames.Frame, value: Moment) -> datetime:
    return value if isinstance(value, datetime) else durations.midnight(frame, value)


def _kept(value: Moment, day: date, at: time = time()) -> Moment:
    """A day as what the value is: a date, or a time in the same zone."""
    if not isinstance(value, datetime):
        return day
    return durations.existing(datetime.combine(day, at, value.tzinfo), value.tzinfo)


_LAST = time(23, 59, 59, 999_999)


def _edge(bounds: Callable[[date], tuple[date, date]], *, end: bool) -> Callable[..., Any]:
    def run(_: frames.Frame, value: Moment) -> Moment:
        first, last = bounds(date(value.year, value.month, value.day))
        return _kept(value, last, _LAST) if end else _kept(value, first)

    return run


def _day_edge(*, end: bool) -> Callable[..., Any]:
    def run(frame: frames.Frame, value: Moment) -> Moment:
        return _kept(_to_time(frame, value), date(value.year, value.month, value.day), _LAST if end else time())

    return run


def _month(day: date) -> tuple[date, date]:
    return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])


def _quarter(day: date) -> tuple[date, date]:
    first = (day.month - 1) // 3 * 3 + 1
    return date(day.year, first, 1), _month(date(day.year, first + 2, 1))[1]


def _year(day: date) -> tuple[date, date]:
    return date(day.year, 1, 1), date(day.year, 12, 31)


def _week(day: date, start: int = 0) -> tuple[date, date]:
    first = day - timedelta(days=(day.weekday() - start) % 7)
    return first, first + timedelta(days=6)


def _week_edge(*, end: bool) -> Callable[..., Any]:
    def run(_: frames.Frame, value: Moment, start: Any = "monday") -> Moment:
        if start not in _WEEK:
            raise frames.Refusal("the first day of the week must be a day's name")
        first, last = _week(date(value.year, value.month, value.day), _WEEK.index(start))
        return _kept(value, last, _LAST) if end else _kept(value, first)

    return run


def _clock(unit: str, *, end: bool) -> Callable[..., Any]:
    def run(frame: frames.Frame, value: Moment) -> datetime:
        at = _to_time(frame, value)
        minute = at.minute if unit == "minute" else 59 if end else 0
        return at.replace(minute=minute, second=59 if end else 0, microsecond=999_999 if end else 0)

    return run


def _step(unit: str, sign: int) -> Callable[..., Any]:
    def run(frame: frames.Frame, value: Moment) -> Moment:
        length = durations.UNITS[unit](frame, 1)
        moved: Moment = durations.moved(frame, value, length, sign)
        return moved

    return run


def _day_name(sign: int) -> Callable[..., Moment]:
    """That weekday of the next or last week, as it begins; Monday where none is named."""

    def run(_: frames.Frame, value: Moment, weekday: Any = "monday") -> Moment:
        if weekday not in _WEEK:
            raise frames.Refusal("it takes a day's name")
        start = _week(date(value.year, value.month, value.day))[0] + timedelta(days=7 * sign)
        return _kept(value, start + timedelta(days=_WEEK.index(weekday)))

    return run


_PARTS = {"years", "months", "weeks", "days", "hours", "minutes", "seconds"}


def _advance(frame: frames.Frame, value: Moment, parts: Any) -> Moment:
    given = kinds.options(parts)
    if unknown := given.keys() - _PARTS:
        raise frames.Refusal(f"there is no unit {min(unknown)!r}")
    for unit, count in given.items():
        value = durations.moved(frame, value, durations.UNITS[unit](frame, count), 1)
    return value


_FIELDS = {"year": "year", "month": "month", "day": "day", "hour": "hour", "min": "minute", "sec": "second"}
_CLOCK = ("hour", "minute", "second", "microsecond")


def _change(_: frames.Frame, value: Moment, parts: Any) -> Moment:
    """The value with some parts replaced; what is smaller than a part of the clock that is given becomes 0."""
    given = {key: kinds.whole(item) for key, item in kinds.options(parts).items()}
    if unknown := given.keys() - _FIELDS.keys():
        raise frames.Refusal(f"there is no part {min(unknown)!r}")
    changed: dict[str, Any] = {_FIELDS[key]: item for key, item in given.items()}
    if not isinstance(value, datetime):
        changed = {key: item for key, item in changed.items() if key not in _CLOCK}
    elif named := [at for at, part in enumerate(_CLOCK) if part in changed]:
        changed = {**dict.fromkeys(_CLOCK[named[0] :], 0), **changed}
    try:
        return value.replace(**changed)
    except ValueError:
        raise frames.Refusal("there is no such date") from None


def _minus(frame: frames.Frame, value: Moment, other: Any) -> Any:
    return operators.minus(frame, value, other)


def _between(frame: frames.Frame, value: Moment, low: Any, high: Any) -> bool:
    return operators.ordered(frame, low, value) <= 0 <= operators.ordered(frame, high, value)


def _today(frame: frames.Frame, value: Moment) -> date:
    """The day of the value, as far as it has to do with today: a time's is the workspace's."""
    return value.astimezone(frame.scope.zone).date() if isinstance(value, datetime) else value


def _days_from_today(days: int) -> Callable[..., bool]:
    def run(frame: frames.Frame, value: Moment) -> bool:
        return _today(frame, value) == durations.now(frame).date() + timedelta(days=days)

    return run


def _to_s(_: frames.Frame, value: Moment, form: Any = None) -> str:
    if form in (None, "iso8601"):
        return value.isoformat() if not isinstance(value, datetime) else spelling.time(value)
    forms = _NAMED.get(kinds.text(form, "the format's name"))
    if not forms:
        raise frames.Refusal(f"there is no date format named {form[:50]!r}")
    return date_formats.written(_as_time(value), forms[isinstance(value, datetime)])


_NAMED = {
    "db": ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S"),
    "short": ("%d %b", "%d %b %H:%M"),
    "long": ("%B %-d, %Y", "%B %d, %Y %H:%M"),
    "number": ("%Y%m%d", "%Y%m%d%H%M%S"),
    "rfc822": ("%-d %b %Y", "%a, %d %b %Y %H:%M:%S %z"),
}


def _iso8601(_: frames.Frame, value: Moment, digits: Any = 0) -> str:
    if not isinstance(value, datetime):
        return value.isoformat()
    text = spelling.time(value, min(max(kinds.whole(digits), 0), 6))
    return text.replace("+00:00", "Z") if value.tzinfo in (UTC, zones.zone("UTC")) else text


def _weekday(number: int) -> Callable[..., bool]:
    return lambda _, value: value.weekday() == number


_COMMON: dict[str, Callable[..., Any]] = {
    "strftime": _strftime,
    "in_time_zone": _in_time_zone,
    "to_date": _to_date,
    "to_time": _to_time,
    "to_datetime": _to_time,
    "to_s": _to_s,
    "to_formatted_s": _to_s,
    "to_fs": _to_s,
    "iso8601": _iso8601,
    "xmlschema": _iso8601,
    "year": lambda _, value: value.year,
    "month": lambda _, value: value.month,
    "mon": lambda _, value: value.month,
    "day": lambda _, value: value.day,
    "mday": lambda _, value: value.day,
    "wday": lambda _, value: value.isoweekday() % 7,
    "cwday": lambda _, value: value.isoweekday(),
    "yday": lambda _, value: value.timetuple().tm_yday,
    "yweek": lambda _, value: value.isocalendar().week,
    "cweek": lambda _, value: value.isocalendar().week,
    "cwyear": lambda _, value: value.isocalendar().year,
    "quarter": lambda _, value: (value.month - 1) // 3 + 1,
    "leap?": lambda _, value: isleap(value.year),
    "beginning_of_day": _day_edge(end=False),
    "at_beginning_of_day": _day_edge(end=False),
    "midnight": _day_edge(end=False),
    "end_of_day": _day_edge(end=True),
    "beginning_of_week": _week_edge(end=False),
    "end_of_week": _week_edge(end=True),
    "beginning_of_month": _edge(_month, end=False),
    "end_of_month": _edge(_month, end=True),
    "beginning_of_quarter": _edge(_quarter, end=False),
    "end_of_quarter": _edge(_quarter, end=True),
    "beginning_of_year": _edge(_year, end=False),
    "end_of_year": _edge(_year, end=True),
    "next_day": _step("day", 1),
    "tomorrow": _step("day", 1),
    "prev_day": _step("day", -1),
    "yesterday": _step("day", -1),
    "next_week": _day_name(1),
    "last_week": _day_name(-1),
    "prev_week": _day_name(-1),
    "next_month": _step("month", 1),
    "last_month": _step("month", -1),
    "prev_month": _step("month", -1),
    "next_year": _step("year", 1),
    "last_year": _step("year", -1),
    "prev_year": _step("year", -1),
    "advance": _advance,
    "change": _change,
    "minus": _minus,
    "between?": _between,
    "today?": _days_from_today(0),
    "tomorrow?": _days_from_today(1),
    "yesterday?": _days_from_today(-1),
    "past?": lambda frame, value: operators.ordered(frame, value, durations.now(frame)) < 0,
    "future?": lambda frame, value: operators.ordered(frame, value, durations.now(frame)) > 0,
    "on_weekend?": lambda _, value: value.weekday() > 4,
    "on_weekday?": lambda _, value: value.weekday() < 5,
    **{f"{name}?": _weekday(number) for number, name in enumerate(_WEEK)},
}
DATE: dict[str, Callable[..., Any]] = {**_COMMON, "inspect": lambda _, value: value.isoformat()}
TIME: dict[str, Callable[..., Any]] = {
    **_COMMON,
    "hour": lambda _, value: value.hour,
    "min": lambda _, value: value.minute,
    "minute": lambda _, value: value.minute,
    "sec": lambda _, value: value.second,
    "second": lambda _, value: value.second,
    "usec": lambda _, value: value.microsecond,
    "nsec": lambda _, value: value.microsecond * 1_000,
    "zone": lambda _, value: date_formats.zone_name(value) or None,
    "utc_offset": lambda _, value: int(value.utcoffset().total_seconds()),
    "dst?": lambda _, value: bool(value.dst()),
    "utc?": lambda _, value: value.tzinfo in (UTC, zones.zone("UTC")),
    "utc": lambda _, value: value.astimezone(UTC),
    "getutc": lambda _, value: value.astimezone(UTC),
    "gmtime": lambda _, value: value.astimezone(UTC),
    "localtime": lambda frame, value: value.astimezone(frame.scope.zone),
    "to_i": lambda _, value: int(value.timestamp() // 1),
    "to_f": lambda _, value: value.timestamp(),
    "round": lambda _, value: (value + timedelta(microseconds=500_000)).replace(microsecond=0),
    "seconds_since_midnight": lambda _, value: (
        value.hour * 3_600.0 + value.minute * 60 + value.second + value.microsecond / 1e6
    ),
    "beginning_of_hour": _clock("hour", end=False),
    "end_of_hour": _clock("hour", end=True),
    "beginning_of_minute": _clock("minute", end=False),
    "end_of_minute": _clock("minute", end=True),
    "ago": lambda frame, value, seconds: durations.moved(frame, value, seconds, -1),
    "since": lambda frame, value, seconds: durations.moved(frame, value, seconds, 1),
}
