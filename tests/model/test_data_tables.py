"""Data tables' columns and records, and the CSV in which records travel."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipeyard.model import assets, bundles, data_tables, errors, tables

NOW = datetime(2026, 1, 5, 9, 12, 44, tzinfo=UTC)
ID = "83ef08c1-2b80-51ca-97d9-c4c33e25aff3"
SCHEMA: list[Any] = [
    {"id": data_tables.SYSTEM_COLUMNS[0][0], "title": "Record ID"},
    {"id": ID.upper(), "title": "Name", "type": "long-text", "required": True, "hint": "Who", "metadata": {"a": 1}},
    {"id": "n", "title": "Twice", "type": "integer", "default_value": 5},
    {"id": "m", "title": "Twice", "type": "number", "default_value": "none"},
    {"name": "bare"},
    "odd",
]
COLUMNS = data_tables.columns({"schema": SCHEMA})
FIELDS = st.dictionaries(st.sampled_from(["n", "m", "other"]), st.text(st.characters(codec="utf-8"), max_size=4))


def column(kind: str, **more: Any) -> data_tables.Column:
    return data_tables.Column("k", "K", kind, **more)


def table() -> tables.Table:
    content = assets.Content("digest")
    asset = assets.Asset(1, assets.DATA_TABLE, "T", "t", 1, 1, 1, content, content)
    return tables.Table(asset, {"schema": SCHEMA}, None, NOW, NOW)


def test_columns_are_told_without_those_that_every_table_has() -> None:
    expected = [(ID, "Name", "string"), ("n", "Twice", "integer"), ("m", "Twice", "number"), ("bare", "bare", "string")]
    assert expected == [(each.key.lower(), each.name, each.type) for each in COLUMNS]
    assert (True, "Who", {"a": 1}) == (COLUMNS[0].required, COLUMNS[0].hint, COLUMNS[0].metadata)
    assert [] == data_tables.columns({"schema": "none"})


def test_a_column_has_a_uuid_even_where_its_document_gives_none() -> None:
    assert ID == COLUMNS[0].id
    assert data_tables.is_uuid(COLUMNS[1].id)
    assert len({each.id for each in COLUMNS}) == len(COLUMNS)


def test_a_relation_names_its_table_and_column() -> None:
    reference = {"zip_name": "t.workato_db_table.json", "name": "T", "folder": ""}
    related = data_tables.column({"id": "r", "relation": {"table_id": reference, "field_id": ID}})

    assert related.table
    assert ("T", ID) == (related.table.name, related.related)
    assert data_tables.column({"id": "r", "relation": {"table_id": 5, "field_id": "x"}}).related is None


def test_names_that_are_shared_give_way_to_ids() -> None:
    assert ["Name", "$n", "$m", "bare"] == list(data_tables.labelled(COLUMNS))
    assert {"Name", "$n", "n", ID, f"${ID}"} <= data_tables.by_reference(COLUMNS).keys()


@given(st.lists(FIELDS, max_size=3))
def test_records_read_back_as_they_were_spelled(wanted: list[dict[str, str]]) -> None:
    records = [each | {"record_id": str(at)} for at, each in enumerate(wanted)]

    read = data_tables.parse(data_tables.spell({"schema": SCHEMA}, records))

    assert records == [{name: each[name] for name in record} for each, record in zip(read, records, strict=True)]


def test_what_no_column_holds_any_more_stands_behind_the_rest() -> None:
    header = data_tables.spell({"schema": SCHEMA[2:3]}, [{"gone": "x", "record_id": "1"}]).splitlines()[0]

    assert "record_id,created_at,updated_at,n,gone" == header


def test_a_record_without_an_id_gets_one_that_stays() -> None:
    first, second = data_tables.parse("n\n5\n5\n")

    assert first["record_id"] != second["record_id"]
    assert [first, second] == data_tables.parse("n\n5\n5\n")
    assert [] == data_tables.parse("")


@pytest.mark.parametrize("data", ["record_id,n,n\n1,2,3\n", "record_id\na\0\n"])
def test_records_that_could_not_be_kept_are_refused(data: str) -> None:
    with pytest.raises(errors.Invalid, match="data has "):
        bundles.describe(assets.DATA_TABLE, "t", {"name": "T", "schema": [], "data": data}, "{}")


def test_records_are_not_looked_at_in_a_table_of_no_shape() -> None:
    with pytest.raises(errors.Invalid, match="schema must be a list of columns"):
        bundles.describe(assets.DATA_TABLE, "t", {"name": "T", "data": "a,a\n"}, "{}")


def test_a_record_has_its_own_times_or_those_of_its_row_or_of_its_table() -> None:
    later = datetime(2026, 2, 1, tzinfo=UTC)
    own = {"record_id": "a", "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-99-01T00:00:00Z"}

    of_row = data_tables.record(table(), tables.Row(1, own, None, later))
    of_table = data_tables.record(table(), tables.Row(1, {"record_id": "a"}, None, None))

    assert (datetime(2026, 1, 1, tzinfo=UTC), later) == (of_row.created_at, of_row.updated_at)
    assert (NOW, NOW) == (of_table.created_at, of_table.updated_at)
    assert "2026-01-05T09:12:44.000Z" == of_table.texts["created_at"] == data_tables.new_texts("a", NOW)["created_at"]


def test_a_record_is_filled_by_name_and_id_and_keeps_the_rest() -> None:
    made = data_tables.filled("T", COLUMNS, {"Name": "x", "$n": 7, "m": None}, {"m": "1", "gone": "y"})

    assert {COLUMNS[0].key: "x", "n": "7", "m": "", "gone": "y"} == made


def test_everything_that_a_record_can_not_be_is_told_at_once() -> None:
    with pytest.raises(errors.Invalid) as refused:
        data_tables.filled("T", COLUMNS, {"Colour": "red", "n": "7"}, {})

    assert ["Colour", "n", "Name"] == [issue.where for issue in refused.value.issues]


def test_default_values_that_fit_are_taken() -> None:
    assert {"n": "5"} == data_tables.defaults(COLUMNS)


@pytest.mark.parametrize(
    ("kind", "fits", "not_so"),
    [
        ("string", ["", "x"], [5, "\0"]),
        ("integer", [5, -1], [True, 5.0, "5", 10**18]),
        ("number", [5, 0.5], [True, "5", float("inf"), float("nan")]),
        ("boolean", [True, False], [1, "true"]),
        ("date", ["2026-02-28"], ["2026-02-30", "20260228", 5]),
        ("date_time", ["2026-02-28T10:00:00Z", "2026-02-28 10:00+0100"], ["2026-02-28T10:00:00", "2026-02-28", 5]),
        ("relation", ["some-id"], ["", 5]),
        ("file", [], ["x"]),
    ],
)
def test_a_value_fits_its_column_or_is_told(kind: str, fits: list[Any], not_so: list[Any]) -> None:
    assert [None] * (len(fits) + 1) == [data_tables.problem(column(kind), value) for value in [*fits, None]]
    told = [data_tables.problem(column(kind), value) for value in not_so]
    assert all(what and what.startswith("column 'K' takes ") for what in told)


def test_columns_that_are_not_written_say_so() -> None:
    assert "column 'K' is read-only" == data_tables.problem(column("string", read_only=True), "x")
    told = data_tables.problem(column("string", multivalue=True), ["x"])
    assert "column 'K' holds lists of values, which this server does not write" == told


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("string", "x", "x"),
        ("string", "", None),
        ("integer", "-5", -5),
        ("integer", "5.5", "5.5"),
        ("number", "5", 5),
        ("number", "5.5", 5.5),
        ("number", "inf", "inf"),
        ("number", "much", "much"),
        ("boolean", "true", True),
        ("boolean", "yes", "yes"),
        ("date", "2026-01-05", "2026-01-05"),
    ],
)
def test_a_text_is_shown_as_its_columns_type_where_it_is_of_it(kind: str, text: str, value: Any) -> None:
    assert value == data_tables.shown(column(kind), text)


def test_a_text_that_is_not_of_a_columns_type_keeps_it_from_having_that_type() -> None:
    told = data_tables.misfit(column("date"), {"k": "soon"})

    assert "column 'K' can't be date: a record holds 'soon' in it" == told
    fitting = [("date", "2026-01-05"), ("date", ""), ("string", "soon"), ("date_time", "2026-01-05T00:00Z")]
    assert [None] * 4 == [data_tables.misfit(column(kind), {"k": text}) for kind, text in fitting]


def test_a_table_has_one_uuid_of_its_own() -> None:
    assert data_tables.is_uuid(data_tables.table_id(1))
    assert data_tables.table_id(1) != data_tables.table_id(2)
