"""Values in the journal: what comes back is what went in; what is no value is refused by name."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipeyard.runtime import codec, interface, values

_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | st.dates()
    | st.datetimes(timezones=st.sampled_from([UTC, ZoneInfo("Europe/Berlin"), timezone(timedelta(hours=-7))]))
)
NOW = datetime(2024, 5, 15, tzinfo=UTC)
_VALUES = st.recursive(_SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


@given(_VALUES)
def test_what_is_decoded_is_what_was_encoded(value: values.Value) -> None:
    assert value == codec.decode(codec.encode(value))


def test_numbers_keep_their_kind_and_their_size() -> None:
    numbers: list[values.Value] = [1, 1.0, True, 10**40, -(2**63) - 1]

    back = codec.decode(codec.encode(numbers))

    assert isinstance(back, list)
    assert [int, float, bool, int, int] == [type(each) for each in back]
    assert numbers == back


def test_a_time_keeps_the_name_of_its_zone_for_later_sums() -> None:
    before = datetime(2024, 10, 26, 12, tzinfo=ZoneInfo("Europe/Berlin"))

    back = codec.decode(codec.encode(before))

    assert isinstance(back, datetime)
    assert timedelta(hours=1) == (back + timedelta(days=1)).utcoffset()


def test_the_second_of_two_equal_hours_stays_the_second() -> None:
    second = datetime(2024, 10, 27, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=1)

    back = codec.decode(codec.encode(second))

    assert isinstance(back, datetime)
    assert second.astimezone(UTC) == back.astimezone(UTC)


def test_long_values_are_deflated() -> None:
    assert len(codec.encode("recipe " * 10_000)) < 1_000


def test_what_is_larger_than_the_limit_fails_and_names_it() -> None:
    with pytest.raises(interface.Failure, match=r"lookup_table/get_entries takes 2,0\d\d bytes; the limit is 2,000"):
        codec.encode("x" * 2_000, "lookup_table/get_entries", most=2_000)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"rows": [1, {2}]}, "acme/find has something of the type set at rows\\[1\\], which is no value"),
        ({"at": NOW.replace(tzinfo=None)}, "acme/find has a time without a time zone at at"),
        ({1: "x"}, "acme/find has something of the type int as the name of a field"),
        (object(), "acme/find has something of the type object, which is no value"),
        ({"text": "\ud800"}, "acme/find has text that is no Unicode at text"),
    ],
)
def test_what_is_no_value_is_refused_by_operation_place_and_type(value: object, words: str) -> None:
    with pytest.raises(interface.Failure, match=words):
        codec.checked(value, "acme/find")


def test_what_lies_too_deep_is_refused() -> None:
    value: list[object] = []
    for _ in range(codec.MOST_DEPTH + 2):
        value = [value]

    with pytest.raises(interface.Failure, match="more than 200 levels"):
        codec.checked(value, "acme/find")


def test_tuples_and_mappings_become_lists_and_objects() -> None:
    assert {"a": [1, 2]} == codec.checked({"a": (1, 2)}, "acme/find")


def test_people_see_times_and_bytes_as_text() -> None:
    value: values.Value = {
        "at": datetime(2024, 5, 15, 10, 30, tzinfo=UTC),
        "on": date(2024, 5, 15),
        "small": b"\x00\x01",
        "large": b"x" * 5_000,
        "none": float("nan"),
        "whole": 10**30,
    }

    assert {
        "at": "2024-05-15T10:30:00+00:00",
        "on": "2024-05-15",
        "small": "AAE=",
        "large": "(5,000 bytes)",
        "none": "nan",
        "whole": "1" + "0" * 30,
    } == codec.plain(value)
