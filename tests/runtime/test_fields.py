"""Texts of an input become what fields say, or the field is named."""

from datetime import UTC, date, datetime

import pytest

from recipeyard.runtime import fields, interface, values

_AT = datetime(2024, 5, 15, 10, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "given", "taken"),
    [
        ("integer", "42", 42),
        ("integer", " 42.0 ", 42),
        ("integer", 42.0, 42),
        ("integer", "", None),
        ("integer", None, None),
        ("number", "4.5", 4.5),
        ("number", "4", 4),
        ("boolean", "true", True),
        ("boolean", "no", False),
        ("boolean", 0, False),
        ("boolean", "", None),
        ("date", "2024-05-15", date(2024, 5, 15)),
        ("date", _AT, date(2024, 5, 15)),
        ("date_time", "2024-05-15T10:30:00Z", _AT),
        ("date_time", "15 May 2024 10:30", _AT),
        ("date_time", "Wed, 15 May 2024 05:30:00 EST", _AT),
        ("date_time", date(2024, 5, 15), datetime(2024, 5, 15, tzinfo=UTC)),
        ("string", 4, "4"),
        ("string", True, "true"),
        ("string", date(2024, 5, 15), "2024-05-15"),
        ("string", {"a": [1]}, '{"a": [1]}'),
        ("string", b"\x00", b"\x00"),
        ("string", "", ""),
        ("object", '{"a": 1}', {"a": 1}),
        ("array", '[{"a": 1}]', [{"a": 1}]),
        ("array", {"a": 1}, [{"a": 1}]),
        ("any", [1], [1]),
    ],
)
def test_a_value_becomes_what_its_field_says(kind: str, given: values.Value, taken: values.Value) -> None:
    result = fields.convert(interface.Field("it", kind), given)

    assert (taken, type(taken)) == (result, type(result))


@pytest.mark.parametrize(
    ("kind", "given", "words"),
    [
        ("integer", "4.5", "limit must be a whole number, not “4.5”"),
        ("integer", "many", "limit must be a whole number, not “many”"),
        ("integer", "inf", "limit must be a whole number"),
        ("integer", "1_000", "limit must be a whole number"),
        ("number", "nan", "limit must be a number"),
        ("number", "infinity", "limit must be a number"),
        ("number", "1,5", "limit must be a number, not “1,5”"),
        ("boolean", "perhaps", "limit must be true or false, not “perhaps”"),
        ("date", "soon", "limit must be a date, not “soon”"),
        ("date_time", 5, "limit must be a date and time, not “5”"),
        ("object", "[1]", "limit must be an object, not “\\[1\\]”"),
        ("array", "one", "limit must be a list, not “one”"),
    ],
)
def test_what_is_not_of_the_type_fails_and_names_the_field(kind: str, given: values.Value, words: str) -> None:
    with pytest.raises(interface.Failure, match=words):
        fields.take([interface.Field("limit", kind)], {"limit": given})


@pytest.mark.parametrize("given", [{}, {"to": None}, {"to": "  "}])
def test_a_required_field_must_be_there(given: interface.Object) -> None:
    with pytest.raises(interface.Failure, match="to is required"):
        fields.take([interface.Field("to", optional=False)], given)


def test_fields_of_objects_and_of_items_are_converted_and_named_by_place() -> None:
    rows = interface.Field("rows", "array", fields=(interface.Field("id", "integer"),))

    assert {"rows": [{"id": 1}, {"id": 2, "x": "3"}]} == fields.take(
        [rows], {"rows": [{"id": "1"}, {"id": 2, "x": "3"}]}
    )
    with pytest.raises(interface.Failure, match=r"rows\[1\].id must be a whole number"):
        fields.take([rows], {"rows": [{"id": "1"}, {"id": "b"}]})


def test_what_no_field_names_passes() -> None:
    assert {"other": "5"} == fields.take([], {"other": "5"})


@pytest.mark.parametrize(
    ("value", "said"),
    [(1e20, "1.0e+20"), (float("inf"), "Infinity"), (1.5, "1.5"), (7, "7"), (None, ""), (True, "true")],
)
def test_a_number_in_words_is_spelled_as_formulas_spell_it(value: values.Value, said: str) -> None:
    assert said == fields.text(value)


def test_a_schema_is_read_from_json_text_or_a_list() -> None:
    text = '[{"name": "a", "type": "integer"}, {"name": "b", "properties": [{"name": "c"}], "type": "object"}]'

    assert (
        interface.Field("a", "integer"),
        interface.Field("b", "object", fields=(interface.Field("c"),)),
    ) == fields.schema(text)
    assert () == fields.schema("not json")
