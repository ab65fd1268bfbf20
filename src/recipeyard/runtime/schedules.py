"""When the clock's triggers fire: plain arithmetic on moments, the same for the same input.

Days are those of a time zone. A time that a change of clocks leaves out comes as much later as clocks go forward; of
one that comes twice, the first counts.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

import croniter

from recipeyard.runtime import interface

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_DAY = date(1970, 1, 1)
_FIRST_MONDAY = date(1970, 1, 5)
_LONGEST_LOOK = 366 * 9
"""Days that are looked at for the next one: a 29th of February may be eight years away."""


@dataclass(frozen=True, slots=True)
class Every:
    """At `start`, and every so often after it; without it, at full multiples since 1970 (UTC)."""

    length: timedelta
    start: datetime | None = None

    def following(self, after: datetime) -> datetime | None:
        """The next moment after that one."""
        start = self.start or _EPOCH
        if start > after:
            return start
        return start + self.length * ((after - start) // self.length + 1)


@dataclass(frozen=True, slots=True)
class Days:
    """On the days that `fits` knows, at times of the day, in a zone; not before `start`."""

    fits: Callable[[date], bool]
    times: tuple[time, ...]
    zone: tzinfo
    start: datetime | None = None

    def following(self, after: datetime) -> datetime | None:
        """The next moment after that one. None where no day fits."""
        first = after.astimezone(self.zone).date() - timedelta(days=1)
        if self.start is not None:
            first = max(first, self.start.astimezone(self.zone).date() - timedelta(days=1))
        days = (first + timedelta(days=number) for number in range(_LONGEST_LOOK))
        moments = (moment for day in days if self.fits(day) for moment in self._moments(day))
        return next((each for each in moments if self._counts(each, after)), None)

    def _moments(self, day: date) -> Iterable[datetime]:
        return sorted(instant(datetime.combine(day, each), self.zone) for each in self.times)

    def _counts(self, moment: datetime, after: datetime) -> bool:
        return moment > after and (self.start is None or moment >= self.start)


@dataclass(frozen=True, slots=True)
class Cron:
    """A cron expression of five fields, in a zone; not before `start`."""

    expression: str
    zone: tzinfo
    start: datetime | None = None

    def __post_init__(self) -> None:
        if len(self.expression.split()) != 5 or not croniter.croniter.is_valid(self.expression):
            raise interface.Failure(f"“{self.expression}” is no cron expression of five fields", kind="Invalid")

    def following(self, after: datetime) -> datetime | None:
        """The next moment after that one. None where there is none any more."""
        least = after if self.start is None else max(after, self.start - timedelta(microseconds=1))
        found: datetime | None = None
        for wall in self._walls(least):
            instants = self._instants(wall)
            if found is not None and instants[0] > found:
                break
            found = min((each for each in (*instants, found) if each is not None and each > least), default=None)
        return found

    def _walls(self, least: datetime) -> Iterator[datetime]:
        """Times on the clock on the wall, from two hours before: clocks may have gone back."""
        wall = least.astimezone(self.zone).replace(tzinfo=None) - timedelta(hours=2)
        times = croniter.croniter(self.expression, wall)
        while True:
            try:
                yield times.get_next(datetime)
            except croniter.CroniterBadDateError:
                return

    def _instants(self, wall: datetime) -> list[datetime]:
        """What has every hour happens in both of those that clocks show twice."""
        first = instant(wall, self.zone)
        second = wall.replace(tzinfo=self.zone, fold=1).astimezone(UTC)
        return [first, second] if self.expression.split()[1].startswith("*") and second > first else [first]


def instant(wall: datetime, zone: tzinfo) -> datetime:
    """The moment, in UTC, when clocks of a zone show that time."""
    return wall.replace(tzinfo=zone).astimezone(UTC)


def every_days(number: int, start: date | None) -> Callable[[date], bool]:
    """Every so many days, counted from a day."""
    anchor = start or _FIRST_DAY
    return lambda day: (day - anchor).days % number == 0


def every_weeks(number: int, weekdays: frozenset[int], start: date | None) -> Callable[[date], bool]:
    """On weekdays (Monday is 0) of every so many weeks, counted from a day's week."""
    anchor = start - timedelta(days=start.weekday()) if start else _FIRST_MONDAY
    return lambda day: day.weekday() in weekdays and (day - anchor).days // 7 % number == 0


def every_months(number: int, days: frozenset[int], start: date | None) -> Callable[[date], bool]:
    """On days (0 is the last) of every so many months, counted from a day's month."""
    anchor = _month(start or _FIRST_DAY)

    def fits(day: date) -> bool:
        last = (day + timedelta(days=1)).month != day.month
        return (_month(day) - anchor) % number == 0 and (day.day in days or (last and 0 in days))

    return fits


def _month(day: date) -> int:
    return day.year * 12 + day.month
