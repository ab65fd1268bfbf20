"""Conversions that steps' schemas name: of what they are given, and of what they put out."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from recipeyard.runtime import values
from recipeyard.runtime.stepping import converting
from walks import action, outputs, pill, play, recipe, shown

AT = datetime(2024, 5, 15, 10, 30, tzinfo=UTC)
OSLO = ZoneInfo("Europe/Oslo")


def converted(name: str, value: values.Value) -> values.Value:
    return converting.CONVERSIONS[name](value, OSLO)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("integer_conversion", "7", 7),
        ("integer_conversion", "7.9", 7),
        ("integer_conversion", "seven", "seven"),
        ("integer_conversion", "1e999", "1e999"),
        ("float_conversion", "1.5", 1.5),
        ("float_conversion", 4, 4.0),
        ("float_conversion", "", ""),
        ("boolean_conversion", "yes", True),
        ("boolean_conversion", "no", False),
        ("string_coercion", 7, "7"),
        ("item_array_wrap", "a", ["a"]),
        ("item_array_wrap", ["a"], ["a"]),
        ("date_conversion", "2024-05-15T23:30:00Z", date(2024, 5, 15)),
        ("date_conversion", AT, date(2024, 5, 15)),
        ("date_conversion", "", None),
        ("date_conversion", "soon", "soon"),
        ("date_time_conversion", "2024-05-15T12:30:00", AT),
        ("parse_iso8601_timestamp", "2024-05-15T10:30:00Z", AT),
        ("render_iso8601_timestamp", AT, "2024-05-15T10:30:00+00:00"),
        ("render_iso8601_date", AT, "2024-05-15"),
        ("parse_epoch_time", "1715769000", AT),
        ("parse_epoch_time", "1e300", "1e300"),
        ("parse_date_time_epoch_millis", 1715769000000, AT),
        ("render_epoch_time", AT, 1715769000),
        ("render_date_time_epoch_millis", "2024-05-15T10:30:00Z", 1715769000000),
    ],
)
def test_a_conversion_makes_of_a_value_what_it_can(name: str, value: values.Value, expected: values.Value) -> None:
    made = converted(name, value)

    assert (expected, type(expected)) == (made, type(made))


def field(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": "string"} | more


def test_what_a_step_is_given_is_converted_in_objects_and_in_their_lists() -> None:
    lines = field("lines", type="array", properties=[field("count", render_input="integer_conversion")])
    schema = [field("order", type="object", properties=[field("paid", render_input="boolean_conversion"), lines])]
    given = {"order": {"paid": "true", "lines": [{"count": "2", "sku": "7"}]}, "other": "1"}

    played = play(recipe(action("one", given, extended_input_schema=schema)))

    assert [{"order": {"paid": True, "lines": [{"count": 2, "sku": "7"}]}, "other": "1"}] == played.inputs


def test_what_a_step_puts_out_is_converted_before_other_steps_see_it() -> None:
    schema = [field("amount", parse_output="float_conversion")]
    document = recipe(
        action("one", extended_output_schema=schema), action("two", {"cents": f"={pill('one', 'amount')} * 100"})
    )

    assert {"cents": 1250.0} == play(document, {}, outputs(one={"amount": "12.5"})).inputs[1]


def test_an_event_is_converted_before_the_recipe_sees_it() -> None:
    schema = [field("guests", parse_output="integer_conversion")]
    document = recipe(action("one", {"n": shown("start", "guests")}), extended_output_schema=schema)

    assert [{"n": 4}] == play(document, {"guests": "4"}).inputs


@pytest.mark.parametrize("named", [None, "nobody_knows_this", {"lambda": "->(value) { value }"}])
def test_without_a_conversion_that_is_known_values_stay(named: Any) -> None:
    schema = [field("n", type="integer", render_input=named)]

    assert [{"n": "7"}] == play(recipe(action("one", {"n": "7"}, extended_input_schema=schema))).inputs


def test_nothing_is_not_converted() -> None:
    schema = [field("paid", render_input="boolean_conversion")]

    assert [{"paid": None}] == play(recipe(action("one", {"paid": "="}, extended_input_schema=schema))).inputs
