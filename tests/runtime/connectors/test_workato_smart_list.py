"""Lists that SQL queries: made, added to, read, and the limits of reading."""

from typing import Any

import pytest

import connector_calls
from recipeyard.runtime import codec, interface, relations, values
from recipeyard.runtime.connectors import workato_smart_list

_ORDERS: list[values.Value] = [
    {"Order No": 1, "city": "Bonn", "sum": 10.5, "paid": True},
    {"Order No": 2, "city": "Ulm", "sum": 20, "paid": False, "note": {"a": 1}},
    {"Order No": 3, "city": "Bonn", "sum": 30, "paid": True},
]


def _perform(action: str, given: interface.Object, **rest: Any) -> interface.Result:
    return connector_calls.perform(workato_smart_list.CONNECTOR, action, given, **rest)


def _created() -> interface.Object:
    """What a run has kept once the list is made, as it comes back from the journal."""
    updates = _perform("create_list", {"list_name": "My Orders", "list_source": _ORDERS}).updates
    kept = codec.decode(codec.encode(updates))
    assert isinstance(kept, dict)
    return kept


def _query(sql: str, outputs: interface.Object | None = None, **given: Any) -> interface.Object:
    return _perform("query_list", {"sql": sql, **given}, outputs=_created() if outputs is None else outputs).output


def test_a_list_tells_how_sql_spells_its_name_and_columns() -> None:
    output = _perform("create_list", {"list_name": "My Orders", "list_source": _ORDERS}).output

    assert "My_Orders" == output["list_name"]
    assert {each: each for each in ("Order_No", "city", "sum", "paid", "note")} == output["columns"]
    assert 3 == output["row_count"]


def test_sql_finds_groups_and_sums() -> None:
    output = _query("SELECT city, SUM(sum) AS total FROM my_orders WHERE paid GROUP BY city")

    assert [{"city": "Bonn", "total": 40.5}] == output["rows"]


def test_text_in_double_quotes_and_joins_are_understood() -> None:
    sql = 'SELECT a.Order_No FROM My_Orders a JOIN My_Orders b ON a.Order_No = b.Order_No + 1 WHERE a.city LIKE "U%";'

    assert [{"Order_No": 2}] == _query(sql)["rows"]


def test_rows_take_names_and_types_of_the_recipes_schema() -> None:
    schema = '[{"name": "where", "type": "string"}, {"name": "is_paid", "type": "boolean"}]'
    by_name = '[{"name": "paid", "type": "boolean"}]'

    by_index = _query("SELECT city, paid FROM My_Orders LIMIT 1", result_schema_json=schema, output_schema_by="index")

    assert [{"where": "Bonn", "is_paid": True}] == by_index["rows"]
    assert [{"city": "Bonn", "paid": True}] == _query(
        "SELECT city, paid FROM My_Orders LIMIT 1", result_schema_json=by_name, output_schema_by="name"
    )["rows"]


def test_what_is_found_comes_as_csv_too() -> None:
    output = _query("SELECT city, sum FROM My_Orders", csv="true", headers="true", col_sep="semicolon")

    assert "city;sum\nBonn;10.5\nUlm;20\nBonn;30\n" == output["csv"]


def test_rows_are_added_and_columns_with_them() -> None:
    grown = _perform(
        "insert_rows", {"list_name": "MY ORDERS", "list_source": [{"city": "Kiel", "vat": 1}]}, outputs=_created()
    )

    assert 4 == grown.output["row_count"]
    assert [{"city": "Ulm", "vat": None}, {"city": "Kiel", "vat": 1}] == _query(
        "SELECT city, vat FROM My_Orders WHERE city > 'C'", grown.updates
    )["rows"]


def test_a_list_is_made_by_its_first_rows_only_where_the_step_says_so() -> None:
    given: interface.Object = {"list_name": "New", "list_source": [{"a": 1}]}

    assert 1 == _perform("insert_rows", {**given, "create_table_if_not_exist": "true"}).output["row_count"]
    with pytest.raises(interface.Failure, match="there is no list New"):
        _perform("insert_rows", given)


def test_lists_are_made_of_csv() -> None:
    created = _perform("create_list_from_csv", {"list_name": "c", "csv_content": "id,city\n1,Bonn\n"})

    grown = _perform(
        "insert_rows_from_csv",
        {"list_name": "c", "csv_content": b"id;city\n2;Ulm\n", "col_sep": ";"},
        outputs=created.updates,
    )

    assert [{"n": 2}] == _query("SELECT COUNT(*) AS n FROM c WHERE city IN ('Bonn', 'Ulm')", grown.updates)["rows"]


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM My_Orders",
        "INSERT INTO My_Orders (city) VALUES ('x')",
        "DROP TABLE My_Orders",
        "ATTACH DATABASE '/tmp/x.db' AS other",
        "PRAGMA database_list",
        "CREATE TABLE x (a)",
        "SELECT load_extension('x')",
        "VACUUM INTO '/tmp/x.db'",
    ],
)
def test_a_query_does_nothing_but_read(sql: str) -> None:
    with pytest.raises(interface.Failure, match="the query can't be done"):
        _query(sql)


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("", "sql is required"),
        ("SELECT missing FROM My_Orders", "the query can't be done: no such column: missing"),
        ("SELECT * FROM Nowhere", "no such table: Nowhere"),
        ("SELECT 1; SELECT 2", "one statement at a time"),
        (
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n",
            "more than 100,000,000 steps",
        ),
        (
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100001) SELECT i FROM n",
            "more than 100,000 rows",
        ),
        ("SELECT replace(hex(zeroblob(4000000)), '0', 'abc')", "too big"),
    ],
)
def test_a_query_that_goes_wrong_or_too_far_says_so(sql: str, words: str) -> None:
    with pytest.raises(interface.Failure, match=words):
        _query(sql)


def test_lists_are_bounded() -> None:
    with pytest.raises(interface.Failure, match="more than 100,000 rows"):
        relations.relation("many", [1] * (relations.MOST_ROWS + 1))
    with pytest.raises(interface.Failure, match="more than 500 columns"):
        relations.relation("wide", [{f"c{number}": 1 for number in range(501)}])


def test_columns_that_sql_would_take_for_one_are_told_apart() -> None:
    assert ("a_b", "A_B_2", "_1st") == relations.relation("t", [{"a b": 1, "A-B": 2, "1st": 3}]).columns


def test_a_list_needs_a_name() -> None:
    with pytest.raises(interface.Failure, match="list_name is required"):
        _perform("create_list", {"list_source": []})


def test_a_query_of_few_but_slow_steps_is_stopped_too() -> None:
    many = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT 5000)"
    sql = f"{many} SELECT sum(length(x)) FROM (SELECT randomblob(1000000) x FROM c)"

    with pytest.raises(interface.Failure, match=r"the query takes more than 0\.1 seconds"):
        relations.query([], sql, seconds=0.1)
