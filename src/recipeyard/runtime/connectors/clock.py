"""Schedules, waits and the time."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Protocol

from recipeyard.runtime import fields, interface, schedules, values
from recipeyard.runtime.formulas import frames, zones

MOST_DAYS = 732
"""How long one step may wait."""

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_EVERY = 5
_YEARS = range(1970, 9000)
_UNITS = {"minutes": timedelta(minutes=1), "hours": timedelta(hours=1)}
_WEEK_FIELDS = ("days_of_week", "trigger_on", "weekdays", "days")
_MONTH_FIELDS = ("days_of_month", "trigger_on", "days")
_CRON_FIELDS = ("cron_expression", "cron", "schedule")


class _Schedule(Protocol):
    def following(self, after: datetime) -> datetime | None: ...


def _scheduled(given: interface.Object, after: datetime) -> _Schedule:
    """The schedule that a `scheduled_event` describes. Without a unit it goes by minutes, without a number by five."""
    zone = _zone(given, after)
    start = _start(given, "start_after", zone)
    cron = fields.first(given, *_CRON_FIELDS)
    unit = fields.text(given.get("time_unit")).strip().lower() or "minutes"
    unit = unit if unit.endswith("s") else f"{unit}s"
    if cron:
        return schedules.Cron(fields.text(cron).strip(), zone, start)
    number = _count(given, "trigger_every")
    if unit in _UNITS:
        return schedules.Every(_UNITS[unit] * number, start)
    return _daily(given, unit, number, (zone, start))


def _daily(given: interface.Object, unit: str, number: int, frame: tuple[tzinfo, datetime | None]) -> schedules.Days:
    zone, start = frame
    first = start.astimezone(zone).date() if start else None
    if unit == "days":
        fits = schedules.every_days(number, first)
    elif unit == "weeks":
        weekdays = _weekdays(given, _WEEK_FIELDS) or frozenset([first.weekday() if first else 0])
        fits = schedules.every_weeks(number, weekdays, first)
    elif unit == "months":
        fits = schedules.every_months(number, _days(given) or frozenset([first.day if first else 1]), first)
    else:
        raise interface.Failure(f"time_unit must be minutes, hours, days, weeks or months, not “{unit}”", "Invalid")
    return schedules.Days(fits, (_time_of_day(given),), zone, start)


def _timer(given: interface.Object, after: datetime) -> _Schedule:
    return schedules.Every(timedelta(minutes=_count(given, "interval")), _start(given, "start_at", _zone(given, after)))


def _daily_task(given: interface.Object, after: datetime) -> _Schedule:
    """At a minute of an hour, or of every hour where none is given, on the weekdays that are switched on."""
    zone = _zone(given, after)
    minute = _within(given, "minute", 59) or 0
    hour = _within(given, "hour", 23)
    hours = range(24) if hour is None else (hour,)
    weekdays = _weekdays(given, _WEEK_FIELDS)
    chosen = frozenset(range(7)) if weekdays is None else weekdays
    return schedules.Days(
        schedules.every_weeks(1, chosen, None),
        tuple(time(each, minute) for each in hours),
        zone,
        _start(given, "start_at", zone),
    )


def _zone(given: interface.Object, after: datetime) -> tzinfo:
    """The zone of the input, else that of the moment from which the schedule is asked: the workspace's."""
    name = fields.text(fields.first(given, "timezone", "time_zone")).strip()
    try:
        return zones.zone(name) if name else after.tzinfo or UTC
    except frames.Refusal as refusal:
        raise interface.Failure(str(refusal), kind="UnknownTimeZone") from None


def _start(given: interface.Object, name: str, zone: tzinfo) -> datetime | None:
    words = fields.text(given.get(name)).strip()
    found = fields.moment(words, zone) if words else None
    if words and (found is None or found.year not in _YEARS):
        raise interface.Failure(f"{name} must be a date and time of our days, not “{words}”", kind="Invalid")
    return found.astimezone(UTC) if found else None


def _count(given: interface.Object, name: str) -> int:
    number = fields.convert(interface.Field(name, "integer"), given.get(name))
    if number is None:
        return _EVERY
    if not isinstance(number, int) or not 1 <= number <= 1_000_000:
        raise interface.Failure(f"{name} must be a whole number from 1 on, not {number}", kind="Invalid")
    return number


def _within(given: interface.Object, name: str, most: int) -> int | None:
    number = fields.convert(interface.Field(name, "integer"), given.get(name))
    if number is None:
        return None
    if not isinstance(number, int) or not 0 <= number <= most:
        raise interface.Failure(f"{name} must be a whole number from 0 to {most}, not {number}", kind="Invalid")
    return number


def _time_of_day(given: interface.Object) -> time:
    words = fields.text(fields.first(given, "trigger_at", "time")).strip()
    found = fields.moment(f"2000-01-01 {words}") if words else None
    if words and found is None:
        raise interface.Failure(f"trigger_at must be a time of the day, not “{words}”", kind="Invalid")
    return found.time().replace(microsecond=0) if found else time()


def _weekdays(given: interface.Object, names: tuple[str, ...]) -> frozenset[int] | None:
    """Weekdays, Monday as 0: listed in a field, or each a switch of its own. None where nothing is said of them."""
    switches = {day: fields.truth(given[day]) for day in _WEEKDAYS if day in given}
    listed = _listed(fields.first(given, *names))
    if not switches and not listed:
        return None
    return frozenset(
        [number for number, day in enumerate(_WEEKDAYS) if switches.get(day)] + [_weekday(each) for each in listed]
    )


def _weekday(word: str) -> int:
    """A weekday by its name's first letters, or by number with Sunday as 0 or 7."""
    if word.isdigit() and int(word) <= 7:
        return (int(word) + 6) % 7
    found = [number for number, day in enumerate(_WEEKDAYS) if len(word) > 1 and day.startswith(word.lower())]
    if len(found) != 1:
        raise interface.Failure(f"“{word}” is no day of the week", kind="Invalid")
    return found[0]


def _days(given: interface.Object) -> frozenset[int]:
    """Days of the month, 0 as the last one."""
    return frozenset(_day(each) for each in _listed(fields.first(given, *_MONTH_FIELDS)))


def _day(word: str) -> int:
    if word.lower() in ("last", "last_day", "l", "-1"):
        return 0
    if not word.isdigit() or not 1 <= int(word) <= 31:
        raise interface.Failure(f"“{word}” is no day of the month", kind="Invalid")
    return int(word)


def _listed(value: values.Value) -> list[str]:
    if isinstance(value, Mapping):
        return [name for name, each in value.items() if fields.truth(each)]
    if isinstance(value, list | tuple):
        return [fields.text(each).strip() for each in value]
    return [each for each in fields.text(value).replace(",", " ").split() if each]


def _event(given: interface.Object, moment: datetime) -> interface.Object:
    """When it was due, and that day's place in its week (Sunday is 0), its week's and month's in the year, from 0."""
    local = moment.astimezone(_zone(given, moment))
    return {
        "scheduled_time": local,
        "scheduled_day": local.isoweekday() % 7,
        "scheduled_week": local.isocalendar().week - 1,
        "scheduled_month": local.month - 1,
    }


def _wait_for_interval(call: interface.Call) -> interface.Result | interface.Wait:
    return _waited(call, _seconds(call.input, ("interval", "seconds", "duration")))


def _pause(call: interface.Call) -> interface.Result | interface.Wait:
    """The older wait: so many minutes where the field says minutes, else seconds."""
    minutes = fields.convert(interface.Field("minutes", "number"), call.input.get("minutes"))
    if isinstance(minutes, int | float):
        return _waited(call, minutes * 60)
    return _waited(call, _seconds(call.input, ("interval", "seconds", "duration", "wait")))


def _seconds(given: interface.Object, names: tuple[str, ...]) -> float:
    name = next((each for each in names if given.get(each) not in (None, "")), None)
    if name is None:
        raise interface.Failure(f"{names[0]} is required: the seconds to wait", kind="Invalid")
    seconds = fields.convert(interface.Field(name, "number"), given[name])
    return float(seconds) if isinstance(seconds, int | float) else 0


def _waited(call: interface.Call, seconds: float) -> interface.Result | interface.Wait:
    if not seconds <= MOST_DAYS * 86400:
        raise interface.Failure(f"a step can wait for {MOST_DAYS} days, not for {seconds:,.0f} seconds", "TooLong")
    until = call.resumed if isinstance(call.resumed, datetime) else call.now + timedelta(seconds=max(seconds, 0))
    if call.now < until:
        return interface.Wait(state=until, until=until)
    return interface.Result({"resumed_at": call.now})


def _time_now(call: interface.Call) -> interface.Result:
    now = call.now.astimezone(_zone(call.input, call.now))
    return interface.Result({"current_time": now, "time": now})


_PURE = interface.Effect.PURE
_ZONE = interface.Field("timezone", label="Time zone")
_DUE = (
    interface.Field("scheduled_time", "date_time"),
    interface.Field("scheduled_day", "integer"),
    interface.Field("scheduled_week", "integer"),
    interface.Field("scheduled_month", "integer"),
)

CONNECTOR = interface.Connector(
    name="clock",
    title="Scheduler",
    triggers=(
        interface.Trigger(
            "scheduled_event",
            interface.Schedule(lambda given, after: _scheduled(given, after).following(after), _event),
            "Scheduled event",
            (
                interface.Field("time_unit"),
                interface.Field("trigger_every", "integer"),
                interface.Field("trigger_at"),
                _ZONE,
                interface.Field("start_after"),
                *(interface.Field(name, "any") for name in ("days_of_week", "days_of_month")),
                interface.Field("cron_expression"),
            ),
            _DUE,
        ),
        interface.Trigger(
            "timer",
            interface.Schedule(lambda given, after: _timer(given, after).following(after), _event),
            "Timer",
            (interface.Field("interval", "integer", label="Minutes"), interface.Field("start_at"), _ZONE),
            _DUE,
        ),
        interface.Trigger(
            "daily_task",
            interface.Schedule(lambda given, after: _daily_task(given, after).following(after), _event),
            "Daily task",
            (
                interface.Field("hour", "integer"),
                interface.Field("minute", "integer"),
                _ZONE,
                *(interface.Field(day, "boolean") for day in _WEEKDAYS),
            ),
            _DUE,
        ),
    ),
    actions=(
        interface.Action(
            "wait_for_interval",
            _wait_for_interval,
            "Wait",
            _PURE,
            (interface.Field("interval", label="Seconds"),),
            (interface.Field("resumed_at", "date_time"),),
        ),
        interface.Action("pause", _pause, "Wait (older)", _PURE, (interface.Field("interval", label="Seconds"),)),
        interface.Action(
            "get_time",
            _time_now,
            "Get the time",
            _PURE,
            (_ZONE,),
            (interface.Field("current_time", "date_time"), interface.Field("time", "date_time")),
        ),
    ),
)
