"""Values of a run become what a column holds, and the other way round."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from recipeyard.model import conversions, data_tables

NOON = datetime(2024, 5, 6, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "value", "received"),
    [
        ("string", "a", "a"),
        ("string", "", ""),
        ("string", 5, "5"),
        ("string", True, "true"),
        ("string", NOON, "2024-05-06T12:00:00.000Z"),
        ("string", date(2024, 5, 6), "2024-05-06"),
        ("string", b"gr\xc3\xbcn", "grün"),
        ("string", b"\xff", b"\xff"),
        ("string", ["a"], ["a"]),
        ("integer", "7", 7),
        ("integer", "7.0", 7),
        ("integer", 7.0, 7),
        ("integer", "7.5", 7.5),
        ("integer", "seven", "seven"),
        ("integer", " ", None),
        ("number", "7.5", 7.5),
        ("number", "7", 7),
        ("boolean", "Yes", True),
        ("boolean", 0, False),
        ("boolean", True, True),
        ("boolean", "perhaps", "perhaps"),
        ("date", NOON, "2024-05-06"),
        ("date", date(2024, 5, 6), "2024-05-06"),
        ("date", "2024-05-06T23:00:00+02:00", "2024-05-06"),
        ("date", "2024-05-06 23:00", "2024-05-06"),
        ("date", "6 May", "6 May"),
        ("date_time", NOON.astimezone(timezone(timedelta(hours=2))), "2024-05-06T12:00:00.000Z"),
        ("date_time", date(2024, 5, 6), "2024-05-06T00:00:00.000Z"),
        ("date_time", "2024-05-06", "2024-05-06T00:00:00Z"),
        ("date_time", "2024-05-06 23:00", "2024-05-06 23:00Z"),
        ("date_time", "soon", "soon"),
        ("relation", {"record_id": "r1", "display_name": "One"}, "r1"),
        ("relation", "r1", "r1"),
        ("file", {"filename": "a"}, {"filename": "a"}),
        ("number", None, None),
    ],
)
def test_a_value_becomes_what_its_column_takes_or_stays_to_be_refused(kind: str, value: Any, received: Any) -> None:
    assert received == conversions.received(data_tables.Column("c", "C", kind), value)


@pytest.mark.parametrize(
    ("kind", "text", "shown"),
    [
        ("string", "", None),
        ("string", "a", "a"),
        ("integer", "07", 7),
        ("number", "7.50", 7.5),
        ("boolean", "false", False),
        ("date", "2024-05-06", date(2024, 5, 6)),
        ("date", "soon", "soon"),
        ("date_time", "2024-05-06T12:00:00Z", NOON),
        ("date_time", "soon", "soon"),
        ("relation", "r1", {"record_id": "r1"}),
    ],
)
def test_a_text_is_shown_as_its_column_says_or_as_it_is(kind: str, text: str, shown: Any) -> None:
    assert shown == conversions.shown(data_tables.Column("c", "C", kind), text)
