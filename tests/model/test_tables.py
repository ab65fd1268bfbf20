"""Rows as the CSV that travels."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipeyard.model import errors, tables

FIELDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6)
ROWS = st.integers(1, 3).flatmap(lambda width: st.lists(st.lists(FIELDS, min_size=width, max_size=width), max_size=4))
PAIR = [tables.Column("col1", "Article"), tables.Column("col2", "Price")]
TEXT = {"control_type": "text", "type": "string"}


@given(ROWS)
def test_rows_read_back_as_they_were_spelled(rows: list[list[str]]) -> None:
    assert rows == tables.parse(tables.spell(rows))


def test_quotes_stand_only_where_they_are_needed() -> None:
    assert 'a,"b,c","d""e",""\n' == tables.spell([["a", "b,c", 'd"e', ""]])


@pytest.mark.parametrize(
    ("schema", "columns"),
    [
        ([{"label": "A", "sticky": True}, {"label": "B", "sticky": False}, "odd"], [("col1", "A")]),
        ([{"label": "B", "sticky": False}, {"name": "x", "label": "A"}], [("x", "A")]),
        ([{"name": "n"}, {"label": "A"}, {"label": "A"}], [("n", "n"), ("col2", "col2"), ("col3", "col3")]),
        ("none", []),
    ],
)
def test_columns_in_use_are_told_by_their_labels(schema: Any, columns: list[tuple[str, str]]) -> None:
    assert [tables.Column(*each) for each in columns] == tables.columns({"schema": schema})


def test_a_row_takes_values_by_label_and_by_name_and_keeps_the_rest() -> None:
    fields = tables.fields("T", PAIR, {"Article": 5, "col2": True}, ["a", "b", "beyond"])

    assert ["5", "true", "beyond"] == fields
    assert ["", ""] == tables.fields("T", PAIR, {"Article": None})


@pytest.mark.parametrize("data", [{"Colour": "red"}, {"Article": ["a"]}, {"Article": {}}, {"Article": "\0"}])
def test_a_row_takes_only_texts_of_its_columns(data: dict[str, object]) -> None:
    with pytest.raises(errors.Invalid) as refused:
        tables.fields("T", PAIR, data)

    assert [next(iter(data))] == [issue.where for issue in refused.value.issues]


def test_a_short_row_is_empty_where_it_ends() -> None:
    assert {"Article": "a", "Price": ""} == tables.by_label(PAIR, ["a"])


def test_a_new_schema_has_ten_columns_of_which_those_wanted_are_in_use() -> None:
    made = tables.schema([tables.Wanted("A"), tables.Wanted("B", "col7")])

    assert [("col1", "A"), ("col7", "B")] == [(each.name, each.label) for each in tables.columns({"schema": made})]
    assert tables.COLUMNS == len(made)
    assert {"name": "col2", "label": "Untitled column 2", "sticky": False} | TEXT == made[1]


def test_columns_that_stay_keep_their_places_under_new_labels_or_old() -> None:
    before = {"schema": tables.schema([tables.Wanted("A"), tables.Wanted("B"), tables.Wanted("C")])}
    wanted = [tables.Wanted("New"), tables.Wanted("C"), tables.Wanted("Also A", "col1")]

    made = tables.schema(wanted, before)

    columns = tables.columns({"schema": made})
    assert [("col1", "Also A"), ("col3", "C"), ("col4", "New")] == [(each.name, each.label) for each in columns]
    assert {"col1", "col3"} == tables.staying(wanted, before)


def test_a_new_column_takes_the_place_of_one_that_goes_where_no_other_is_free() -> None:
    before = {"schema": tables.schema([tables.Wanted(f"L{at}") for at in range(tables.COLUMNS)])}
    wanted = [tables.Wanted(f"L{at}") for at in range(1, tables.COLUMNS)] + [tables.Wanted("New")]

    made = tables.schema(wanted, before)

    assert tables.Column("col1", "New") == tables.columns({"schema": made})[0]
    assert "col1" not in tables.staying(wanted, before)


def test_a_label_that_passes_to_another_column_is_not_taken_for_its_own() -> None:
    before = {"schema": tables.schema([tables.Wanted("A"), tables.Wanted("B")])}

    made = tables.schema([tables.Wanted("B", "col1"), tables.Wanted("A", "col2")], before)

    assert ["B", "A"] == [each.label for each in tables.columns({"schema": made})]


@pytest.mark.parametrize(
    "wanted",
    [
        [],
        [("A", None)] * 2,
        [(" ", None)],
        [("A", "col1"), ("B", "col1")],
        [(f"L{at}", None) for at in range(11)],
    ],
)
def test_columns_that_can_not_be_are_refused(wanted: list[tuple[str, str | None]]) -> None:
    with pytest.raises(errors.Invalid, match="schema: "):
        tables.schema([tables.Wanted(*each) for each in wanted])


def test_fields_follow_their_columns() -> None:
    after = [tables.Column("col3", "New"), tables.Column("col1", "Article")]

    assert ["", "a", "beyond"] == tables.carried(["a", "b", "beyond"], PAIR, after, {"col1", "col2"})
    assert ["", ""] == tables.carried(["a", "b"], PAIR, after, {"col2"})


def test_a_full_table_is_named_with_its_limit() -> None:
    assert "row over the limit: table 'T' has 3 rows already, and that is the most" == tables.full("T", 3).message
