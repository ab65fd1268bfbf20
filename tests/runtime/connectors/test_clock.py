"""When schedules fire, across changes of clocks too; waits that hold no thread; the time."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import connector_calls
from recipeyard.runtime import interface
from recipeyard.runtime.connectors import clock

_AFTER = datetime(2024, 5, 15, 10, 32, tzinfo=UTC)
_BERLIN = "Europe/Berlin"


def _schedule(name: str = "scheduled_event") -> interface.Schedule:
    trigger = clock.CONNECTOR.trigger(name)
    assert trigger is not None
    assert isinstance(trigger.listening, interface.Schedule)
    return trigger.listening


def _moments(given: interface.Object, count: int, after: datetime = _AFTER, name: str = "scheduled_event") -> list[str]:
    """The next moments, in UTC, to the minute."""
    found: list[str] = []
    moment: datetime | None = after
    while len(found) < count:
        assert moment is not None
        moment = _schedule(name).following(given, moment)
        assert moment is not None
        found.append(f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}")
    return found


def _at(words: str) -> datetime:
    return datetime.fromisoformat(words).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "moments"),
    [
        ({}, ["2024-05-15 10:35", "2024-05-15 10:40"]),
        ({"time_unit": "minutes", "trigger_every": "15"}, ["2024-05-15 10:45", "2024-05-15 11:00"]),
        ({"time_unit": "hours", "trigger_every": "1"}, ["2024-05-15 11:00", "2024-05-15 12:00"]),
        (
            {"time_unit": "minutes", "trigger_every": "10", "start_after": "2024-05-15T10:01:00Z"},
            ["2024-05-15 10:41", "2024-05-15 10:51"],
        ),
        (
            {"time_unit": "hours", "trigger_every": "2", "start_after": "2024-06-01T09:15:00", "timezone": _BERLIN},
            ["2024-06-01 07:15", "2024-06-01 09:15"],
        ),
        (
            {"time_unit": "days", "trigger_every": "1", "trigger_at": "05:00:00.000", "timezone": "Asia/Tokyo"},
            ["2024-05-15 20:00", "2024-05-16 20:00"],
        ),
        (
            {"time_unit": "days", "trigger_every": "2", "trigger_at": "3:23 PM", "start_after": "2024-05-20T00:00:00Z"},
            ["2024-05-20 15:23", "2024-05-22 15:23"],
        ),
        (
            {"time_unit": "weeks", "trigger_every": "1", "trigger_at": "09:00", "days_of_week": "monday\nfri"},
            ["2024-05-17 09:00", "2024-05-20 09:00", "2024-05-24 09:00"],
        ),
        (
            {"time_unit": "weeks", "trigger_every": "2", "days_of_week": ["1"], "start_after": "2024-05-13T00:00:00Z"},
            ["2024-05-27 00:00", "2024-06-10 00:00"],
        ),
        (
            {"time_unit": "months", "trigger_every": "1", "days_of_month": "1,last", "trigger_at": "12:00"},
            ["2024-05-31 12:00", "2024-06-01 12:00", "2024-06-30 12:00"],
        ),
        (
            {"time_unit": "months", "trigger_every": "3", "days_of_month": "31", "start_after": "2024-01-01T00:00:00Z"},
            ["2024-07-31 00:00", "2024-10-31 00:00", "2025-01-31 00:00", "2025-07-31 00:00"],
        ),
        (
            {
                "time_unit": "days",
                "trigger_every": "1",
                "trigger_at": "05:00",
                "timezone": "Pacific Time (US & Canada)",
            },
            ["2024-05-15 12:00", "2024-05-16 12:00"],
        ),
        ({"time_unit": "custom", "cron_expression": "0 9 * * 1-5"}, ["2024-05-16 09:00", "2024-05-17 09:00"]),
        ({"cron_expression": "0 0 L * *"}, ["2024-05-31 00:00", "2024-06-30 00:00"]),
    ],
)
def test_a_schedule_fires_when_it_says(given: interface.Object, moments: list[str]) -> None:
    assert moments == _moments(given, len(moments))


def test_without_a_zone_days_are_those_of_the_moment_that_is_asked_from() -> None:
    after = _AFTER.astimezone(ZoneInfo(_BERLIN))

    assert ["2024-05-16 07:00"] == _moments({"time_unit": "days", "trigger_every": 1, "trigger_at": "09:00"}, 1, after)


def test_nine_oclock_stays_nine_oclock_when_clocks_change() -> None:
    given = {"time_unit": "days", "trigger_every": "1", "trigger_at": "09:00", "timezone": _BERLIN}

    assert ["2024-10-26 07:00", "2024-10-27 08:00"] == _moments(given, 2, _at("2024-10-26"))


def test_a_time_that_is_left_out_comes_an_hour_later_and_one_that_comes_twice_fires_once() -> None:
    given = {"time_unit": "days", "trigger_every": "1", "trigger_at": "02:30", "timezone": _BERLIN}

    assert ["2024-03-30 01:30", "2024-03-31 01:30", "2024-04-01 00:30"] == _moments(given, 3, _at("2024-03-30"))
    assert ["2024-10-26 00:30", "2024-10-27 00:30", "2024-10-28 01:30"] == _moments(given, 3, _at("2024-10-26"))


def test_cron_by_the_hour_fires_in_both_of_two_equal_hours_and_by_day_once() -> None:
    hourly = {"cron_expression": "30 * * * *", "timezone": _BERLIN}
    daily = {"cron_expression": "30 2 * * *", "timezone": _BERLIN}

    assert ["00:30", "01:30", "02:30"] == [each[-5:] for each in _moments(hourly, 3, _at("2024-10-27"))]
    assert ["2024-10-27 00:30", "2024-10-28 01:30"] == _moments(daily, 2, _at("2024-10-27"))
    assert ["2024-03-31 01:30", "2024-04-01 00:30"] == _moments(daily, 2, _at("2024-03-31"))


@pytest.mark.parametrize("zone", [_BERLIN, "America/New_York", "Australia/Lord_Howe"])
@pytest.mark.parametrize(
    "given",
    [
        {"cron_expression": "*/20 * * * *"},
        {"time_unit": "hours", "trigger_every": "1"},
        {"time_unit": "days", "trigger_every": "1", "trigger_at": "02:15"},
    ],
)
def test_moments_only_go_forward_through_a_whole_year(given: dict[str, str], zone: str) -> None:
    moment: datetime | None = _at("2024-03-01") if "cron_expression" not in given else _at("2024-10-26")
    found = [moment]
    for _ in range(400):
        assert moment is not None
        moment = _schedule().following({**given, "timezone": zone}, moment)
        found.append(moment)

    gaps = [later - earlier for earlier, later in pairwise(found) if later and earlier]
    assert timedelta(0) < min(gaps)
    assert max(gaps) <= timedelta(hours=25)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"timezone": "Mars/Olympus"}, "there is no time zone 'Mars/Olympus'"),
        ({"timezone": "../../etc/passwd"}, "there is no time zone"),
        ({"time_unit": "fortnights"}, "time_unit must be minutes, hours, days, weeks or months, not “fortnights”"),
        ({"trigger_every": "0"}, "trigger_every must be a whole number from 1 on, not 0"),
        ({"trigger_every": "often"}, "trigger_every must be a whole number, not “often”"),
        ({"time_unit": "days", "trigger_at": "tea time"}, "trigger_at must be a time of the day, not “tea time”"),
        ({"time_unit": "weeks", "days_of_week": "someday"}, "“someday” is no day of the week"),
        ({"time_unit": "months", "days_of_month": "32"}, "“32” is no day of the month"),
        ({"cron_expression": "every day"}, "“every day” is no cron expression of five fields"),
        ({"cron_expression": "* * * * * *"}, "is no cron expression of five fields"),
        ({"start_after": "later"}, "start_after must be a date and time of our days, not “later”"),
        ({"time_unit": "days", "start_after": "9999-12-31"}, "start_after must be a date and time of our days"),
    ],
)
def test_a_schedule_that_makes_no_sense_is_refused_by_its_field(given: interface.Object, words: str) -> None:
    with pytest.raises(interface.Failure, match=words):
        _schedule().following(given, _AFTER)


def test_a_schedule_that_never_comes_has_no_moment() -> None:
    assert _schedule().following({"cron_expression": "0 0 30 2 *"}, _AFTER) is None
    assert _schedule("daily_task").following({"hour": "1", "monday": "no"}, _AFTER) is None


def test_the_event_says_when_it_was_due() -> None:
    moment = datetime(2024, 12, 29, 23, 30, tzinfo=UTC)

    output = _schedule().event({"timezone": _BERLIN}, moment)

    assert {
        "scheduled_time": moment,
        "scheduled_day": 1,
        "scheduled_week": 0,
        "scheduled_month": 11,
    } == output


@pytest.mark.parametrize(
    ("name", "given", "moments"),
    [
        ("timer", {}, ["2024-05-15 10:35"]),
        ("timer", {"interval": "30", "start_at": ""}, ["2024-05-15 11:00", "2024-05-15 11:30"]),
        ("timer", {"interval": "30", "start_at": "2024-05-16T08:10:00Z"}, ["2024-05-16 08:10", "2024-05-16 08:40"]),
        ("daily_task", {"minute": "15"}, ["2024-05-15 11:15", "2024-05-15 12:15"]),
        (
            "daily_task",
            {"hour": "13", "minute": "15", "monday": "yes", "tuesday": "true", "friday": "no"},
            ["2024-05-20 13:15", "2024-05-21 13:15", "2024-05-27 13:15"],
        ),
    ],
)
def test_the_older_triggers_fire_as_they_did(name: str, given: interface.Object, moments: list[str]) -> None:
    assert moments == _moments(given, len(moments), name=name)


def _waiting(action: str, given: interface.Object, **rest: Any) -> interface.Result | interface.Wait:
    known = clock.CONNECTOR.action(action)
    assert known is not None
    return known.run(connector_calls.call(given, **rest))


@pytest.mark.parametrize(
    ("action", "given", "seconds"),
    [
        ("wait_for_interval", {"interval": "300"}, 300),
        ("pause", {"interval": 10}, 10),
        ("pause", {"minutes": "2"}, 120),
    ],
)
def test_a_wait_rests_until_its_moment_and_then_goes_on(action: str, given: interface.Object, seconds: int) -> None:
    until = connector_calls.NOW + timedelta(seconds=seconds)

    assert interface.Wait(state=until, until=until) == _waiting(action, given)
    assert interface.Wait(state=until, until=until) == _waiting(action, given, resumed=until)
    assert interface.Result({"resumed_at": until}) == _waiting(action, given, resumed=until, now=until)


@pytest.mark.parametrize(
    ("interval", "words"),
    [
        ("soon", "interval must be a number"),
        ("", "interval is required"),
        ("1e12", "732 days"),
        ("nan", "interval must be a number"),
    ],
)
def test_a_wait_that_makes_no_sense_is_refused(interval: str, words: str) -> None:
    with pytest.raises(interface.Failure, match=words):
        _waiting("wait_for_interval", {"interval": interval})


def test_a_wait_of_nothing_goes_on_at_once() -> None:
    assert interface.Result({"resumed_at": connector_calls.NOW}) == _waiting("wait_for_interval", {"interval": "0"})


def test_the_time_is_the_runs_own_moment() -> None:
    result = connector_calls.perform(clock.CONNECTOR, "get_time", {"timezone": _BERLIN})

    assert connector_calls.NOW == result.output["current_time"]
    assert "2024-05-15T12:30:00+02:00" == str(result.output["time"]).replace(" ", "T")
