"""Queries of records: conditions, orders, pages."""

from datetime import UTC, datetime
from typing import Any

import pytest

from recipeyard.model import data_tables, errors, queries

COLUMNS = [
    data_tables.Column("n", "Name", "string"),
    data_tables.Column("c", "Count", "integer", read_only=True),
    data_tables.Column("p", "Paid", "boolean"),
]
AT = datetime(2026, 1, 5, tzinfo=UTC)


def record(row_id: int, **texts: str) -> data_tables.Record:
    return data_tables.Record(row_id, f"r{row_id}", AT, AT, {"record_id": f"r{row_id}"} | texts)


HELD = [record(1, n="b", c="2"), record(2, n="A", c="many"), record(3, n="c", c="10", p="true"), record(4)]


def ids(held: list[data_tables.Record] | None = None, **asked: Any) -> list[int]:
    return [each.row_id for each in queries.run("T", COLUMNS, queries.Asked(**asked), held or HELD).records]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        (None, [1, 2, 3, 4]),
        ({"Count": {"$gt": 2}}, [3]),
        ({"Count": {"$ne": 2}}, [2, 3, 4]),
        ({"Count": {"$eq": None}}, [2, 4]),
        ({"Count": {"$ne": None}}, [1, 3]),
        ({"Count": {"$in": [2, 10]}}, [1, 3]),
        ({"Name": {"$eq": {"value": "a", "case_sensitive": False}}}, [2]),
        ({"Name": {"$in": {"value": ["a", "B"], "case_sensitive": False}}}, [1, 2]),
        ({"Name": {"$starts_with": "A"}}, [2]),
        ({"$n": {"$gte": "b"}, "Paid": {"$ne": True}}, [1]),
        ({"$and": [{"Name": {"$eq": "c"}}, {"$and": [{"Paid": {"$eq": True}}]}]}, [3]),
        ({"$record_id": {"$eq": "r2"}}, [2]),
    ],
)
def test_records_meet_all_conditions(where: Any, found: list[int]) -> None:
    assert found == ids(where=where)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"where": {"Gone": {"$eq": 1}}}, "column unknown"),
        ({"where": {"Name": {"$eq": 1}}}, "takes a text, not 1"),
        ({"where": {"Name": {"is": "x"}}}, "operator unknown: 'is'"),
        ({"where": {"Name": "x"}}, "must be an object"),
        ({"where": {"$or": []}}, "$or can't be asked so"),
        ({"where": {"$and": {}}}, "$and can't be asked so"),
        ({"where": {"$and": ["x"]}}, "objects of conditions"),
        ({"where": {"Count": {"$in": 1}}}, "$in takes a list"),
        ({"where": {"Count": {"$in": [1, "x"]}}}, "takes an integer"),
        ({"where": {"Count": {"$lt": None}}}, "$lt takes a value, not null"),
        ({"where": {"Count": {"$starts_with": "1"}}}, "can't be asked of column 'Count'"),
        ({"where": {"Paid": {"$gt": True}}}, "can't be asked of column 'Paid'"),
        ({"order": "Gone"}, "column unknown"),
        ({"order": {"by": "Name", "order": "up"}}, "asc or desc"),
        ({"order": {}}, "must name a column"),
        ({"select": ["Gone"]}, "column unknown"),
        ({"limit": 0}, "must be 1 to 200"),
        ({"continuation_token": "?"}, "none that this server has given"),
        ({"continuation_token": "aGVsbG8="}, "none that this server has given"),
    ],
)
def test_what_can_not_be_asked_is_told(asked: Any, told: str) -> None:
    with pytest.raises(errors.Invalid) as refused:
        ids(**asked)

    assert told in refused.value.message


def test_conditions_nest_only_so_deep() -> None:
    where: dict[str, Any] = {"Name": {"$eq": "b"}}
    for _ in range(queries.DEPTH - 1):
        where = {"$and": [where]}

    assert [1] == ids(where=where)
    with pytest.raises(errors.Invalid, match="at most 10 deep"):
        ids(where={"$and": [where]})


@pytest.mark.parametrize(
    ("order", "found"),
    [
        (None, [1, 2, 3, 4]),
        ("Name", [2, 1, 3, 4]),
        ({"by": "Name", "order": "desc"}, [3, 1, 2, 4]),
        ({"by": "Name", "case_sensitive": False}, [2, 1, 3, 4]),
        ({"by": "Count", "order": "desc"}, [3, 1, 2, 4]),
    ],
)
def test_records_come_in_the_order_asked_for_and_last_where_they_have_no_value(order: Any, found: list[int]) -> None:
    assert found == ids(order=order)


def test_pages_follow_one_another_even_where_the_last_record_is_gone() -> None:
    first = queries.run("T", COLUMNS, queries.Asked(limit=2), HELD)

    assert [3, 4] == ids(continuation_token=first.next)
    assert [4] == ids([HELD[0], HELD[2], HELD[3]], continuation_token=first.next)
    assert queries.run("T", COLUMNS, queries.Asked(limit=1000), HELD).next is None


def test_only_what_is_selected_is_shown() -> None:
    asked = queries.Asked(select=["Paid", "$n", "$created_at"])

    assert ["Name", "Paid"] == list(queries.run("T", COLUMNS, asked, HELD).columns)
