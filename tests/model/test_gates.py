"""Gates: when windows are open, and what is told of them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from recipeyard.model import errors, gates, packages

NIGHT = gates.Window(("fri",), "22:00", "02:00", "Europe/Berlin")
DAY = gates.Window(("mon", "fri"), "09:00", "17:00", "Europe/Berlin")
FREEZE = gates.Freeze(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC), "audit")


def is_open(window: gates.Window, moment: str) -> bool:
    now = datetime.fromisoformat(moment)
    return not gates.closed(gates.Gates(windows=(window,)), now, lambda zone: now.astimezone(ZoneInfo(zone)))


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-01-05T07:59:59Z", False),
        ("2026-01-05T08:00:00Z", True),
        ("2026-01-05T15:59:59Z", True),
        ("2026-01-05T16:00:00Z", False),
        ("2026-01-06T10:00:00Z", False),
    ],
)
def test_a_window_opens_at_its_start_and_is_closed_at_its_end(moment: str, expected: bool) -> None:
    assert expected is is_open(DAY, moment)


def test_a_window_keeps_to_the_clocks_of_its_zone_in_summer_too() -> None:
    assert [True, False] == [is_open(DAY, "2026-07-06T07:00:00Z"), is_open(DAY, "2026-01-05T07:00:00Z")]


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-01-09T20:59:00Z", False),
        ("2026-01-09T21:00:00Z", True),
        ("2026-01-10T00:59:00Z", True),
        ("2026-01-10T01:00:00Z", False),
        ("2026-01-09T00:30:00Z", False),
        ("2026-01-10T22:00:00Z", False),
    ],
)
def test_a_window_over_midnight_belongs_to_the_day_it_begins_on(moment: str, expected: bool) -> None:
    assert expected is is_open(NIGHT, moment)


def test_a_window_may_last_to_the_end_of_the_day_and_for_a_whole_one() -> None:
    evening = gates.Window(("mon",), "20:00", gates.MIDNIGHT, "UTC")
    whole = gates.Window(("mon",), "00:00", "00:00", "UTC")

    assert [True, False] == [is_open(evening, f"2026-01-0{day}") for day in ("5T23:59:59Z", "6T00:00:00Z")]
    assert [True, True, False] == [
        is_open(whole, f"2026-01-0{day}") for day in ("5T00:00:00Z", "5T23:59:00Z", "6T00:00:00Z")
    ]


def test_a_freeze_holds_from_its_start_to_before_its_end_whatever_windows_say() -> None:
    gated = gates.Gates(windows=(gates.Window(gates.DAYS, "00:00", "24:00", "UTC"),), freezes=(FREEZE,))

    frozen = gates.closed(gated, FREEZE.start, lambda _: FREEZE.start)

    assert ["change_windows: frozen until 2026-01-02T00:00+00:00: audit"] == [str(each) for each in frozen]
    assert [] == gates.closed(gated, FREEZE.end, lambda _: FREEZE.end)


def test_everything_that_is_wrong_with_gates_is_named() -> None:
    window = gates.Window((), "09:00", "10:00", "Mars/Base")
    freeze = gates.Freeze(FREEZE.end, FREEZE.start, " ")

    assert [
        errors.Issue("change_windows.0.time_zone", "'Mars/Base' is no time zone"),
        errors.Issue("change_windows.0.days", "can't be empty"),
        errors.Issue("freezes.0.to", "must be later than from"),
        errors.Issue("freezes.0.reason", "can't be blank"),
    ] == gates.issues(gates.Gates(windows=(window,), freezes=(freeze,)), lambda _: False)


def test_rollbacks_need_approvals_only_where_the_gates_say_so() -> None:
    both = [gates.Gates(approvals=2, rollbacks=rollbacks) for rollbacks in (False, True)]

    assert [0, 2] == [gates.required(each, packages.Operation.ROLLBACK) for each in both]
    assert [2, 2] == [gates.required(each, packages.Operation.IMPORT) for each in both]
