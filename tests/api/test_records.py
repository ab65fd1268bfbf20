"""Records of data tables over HTTP: written, checked, and queried."""

from typing import Any

import pytest

import servers
import worlds
from recipeyard.model import data_tables

COLUMNS: list[dict[str, Any]] = [
    {"name": "Name", "type": "string", "optional": False},
    {"name": "Count", "type": "integer"},
    {"name": "Price", "type": "number"},
    {"name": "Paid", "type": "boolean"},
    {"name": "Day", "type": "date"},
    {"name": "At", "type": "date_time"},
    {"name": "Scan", "type": "file"},
]
FULL = {"Count": 3, "Price": 4.5, "Paid": True, "Day": "2026-01-05", "At": "2026-01-05T09:12:44Z"}


@pytest.fixture
def table(client: servers.Client) -> str:
    """The path of a data table's records."""
    wanted = {"name": "Things", "folder_id": client.folder(), "schema": COLUMNS}
    return f"v1/tables/{client.call('POST', 'data_tables', json=wanted)['data']['id']}"


def names(client: servers.Client, table: str, **asked: Any) -> list[str]:
    return [each["document"]["Name"] for each in client.call("POST", f"{table}/query", json=asked)["records"]]


def fill(client: servers.Client, table: str, *wanted: dict[str, Any]) -> list[str]:
    return [client.call("POST", f"{table}/records", json=each)["record_id"] for each in wanted]


def test_a_record_is_created_and_shown_with_typed_values(client: servers.Client, table: str) -> None:
    made = client.call("POST", f"{table}/records", json={"Name": "desk"} | FULL)

    assert {"Name": "desk", "Scan": None} | FULL == made["document"]
    assert made == client.call("GET", f"{table}/records/{made['record_id']}")


def test_a_record_may_name_its_columns_by_id_and_be_wrapped(client: servers.Client, table: str) -> None:
    schema = client.call("GET", f"data_tables/{table.rpartition('/')[2]}")["data"]["schema"]
    ids = {column["name"]: column["field_id"] for column in schema}

    made = client.call("POST", f"{table}/records", json={f"${ids['Name']}": "desk", ids["Count"]: 3})
    changed = client.call("PUT", f"{table}/records/{made['record_id']}", json={"document": {"Price": 5, "Count": None}})

    assert ("desk", 3) == (made["document"]["Name"], made["document"]["Count"])
    assert ("desk", None, 5) == tuple(changed["document"][name] for name in ("Name", "Count", "Price"))
    assert (made["created_at"], True) == (changed["created_at"], made["updated_at"] <= changed["updated_at"])


def test_a_deleted_record_is_gone(client: servers.Client, table: str) -> None:
    first, _ = fill(client, table, {"Name": "desk"}, {"Name": "lamp"})

    client.call("DELETE", f"{table}/records/{first}")

    assert ["lamp"] == names(client, table)
    client.call("GET", f"{table}/records/{first}", 404)
    client.call("DELETE", f"{table}/records/{first}", 404)


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"Colour": "red"}, "Colour: column unknown: table 'Things' has no such column"),
        ({"Name": None}, "Name: column 'Name' is required and has no value"),
        ({"Name": 5}, "Name: column 'Name' takes a text, not 5"),
        ({"Count": 4.5}, "Count: column 'Count' takes an integer, not 4.5"),
        ({"Count": True}, "Count: column 'Count' takes an integer, not true"),
        ({"Price": "4"}, "Price: column 'Price' takes a number, not \"4\""),
        ({"Paid": "yes"}, "Paid: column 'Paid' takes true or false, not \"yes\""),
        ({"Day": "2026-02-30"}, "Day: column 'Day' takes a date (YYYY-MM-DD), not \"2026-02-30\""),
        ({"At": "2026-01-05T09:12:44"}, "At: column 'At' takes a date-time with offset"),
        ({"Scan": "x"}, "Scan: column 'Scan' takes a file, which this server does not keep"),
    ],
)
def test_values_that_do_not_fit_are_refused_by_column_and_value(
    client: servers.Client, table: str, sent: Any, told: str
) -> None:
    record = fill(client, table, {"Name": "desk"})[0]

    added = client.call("POST", f"{table}/records", 400, json={"Name": "lamp"} | sent)
    changed = client.call("PUT", f"{table}/records/{record}", 400, json=sent)

    assert added["message"].startswith(told)
    assert changed["message"].startswith(told)
    assert ["desk"] == names(client, table)


def test_a_required_column_must_be_sent(client: servers.Client, table: str) -> None:
    answer = client.call("POST", f"{table}/records", 400)

    assert {"Name": ["column 'Name' is required and has no value"]} == answer["errors"]


def test_a_full_table_takes_no_more_records(client: servers.Client) -> None:
    folder = client.folder()
    rows = [["record_id"], *([str(at)] for at in range(data_tables.ROWS))]
    document: dict[str, Any] = {"name": "Full", "schema": [{"id": "x", "title": "X"}], "data": worlds.spelled(rows)}
    client.load(folder, worlds.zipped({"full.workato_db_table.json": worlds.document(document)}))
    table = client.call("GET", "data_tables")["data"][0]["id"]

    answer = client.call("POST", f"v1/tables/{table}/records", 400)

    assert "row over the limit: table 'Full' has 100000 rows already, and that is the most" == answer["message"]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ({"Name": {"$eq": "desk"}}, ["desk"]),
        ({"Name": {"$ne": "desk"}}, ["Lamp", "chair"]),
        ({"Name": {"$eq": {"value": "LAMP", "case_sensitive": False}}}, ["Lamp"]),
        ({"Name": {"$starts_with": "la"}}, []),
        ({"Name": {"$in": ["desk", "chair"]}}, ["desk", "chair"]),
        ({"Count": {"$gt": 1, "$lte": 3}}, ["Lamp"]),
        ({"Count": {"$eq": None}}, ["chair"]),
        ({"$and": [{"Count": {"$gte": 1}}, {"Paid": {"$eq": True}}]}, ["desk"]),
        ({"Day": {"$lt": "2026-02-01"}}, ["desk"]),
        ({"At": {"$gte": "2026-01-05T10:00:00+01:00"}}, ["desk"]),
        ({"$created_at": {"$gt": "2001-01-01T00:00:00Z"}, "Price": {"$gte": 4}}, ["desk"]),
    ],
)
def test_records_are_found_by_conditions(client: servers.Client, table: str, where: Any, found: list[str]) -> None:
    fill(client, table, {"Name": "desk"} | FULL | {"Count": 1}, {"Name": "Lamp", "Count": 3}, {"Name": "chair"})

    assert found == names(client, table, where=where)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"where": {"Colour": {"$eq": 1}}}, "Colour: column unknown: table 'Things' has no such column"),
        ({"where": {"Name": {"$like": "d%"}}}, "where: operator unknown: '$like' is not one of $eq, $ne, "),
        ({"where": {"$or": [{"Name": {"$eq": "a"}}]}}, "where: $or can't be asked so"),
        ({"where": {"Name": "desk"}}, "where: Name: must be an object"),
        ({"where": {"Paid": {"$gt": True}}}, "where: $gt can't be asked of column 'Paid', which is boolean"),
        ({"where": {"Count": {"$eq": "1"}}}, "where: column 'Count' takes an integer, not \"1\""),
        ({"order": {"by": "Name", "order": "up"}}, "order: must name a column in `by`"),
        ({"limit": 0}, "limit: must be 1 to 200"),
        ({"continuation_token": "x"}, "continuation_token: is none that this server has given"),
        ({"select": ["Colour"]}, "Colour: column unknown"),
    ],
)
def test_what_can_not_be_asked_is_refused_in_words(client: servers.Client, table: str, asked: Any, told: str) -> None:
    assert client.call("POST", f"{table}/query", 400, json=asked)["message"].startswith(told)


def test_records_come_in_pages_in_the_order_asked_for(client: servers.Client, table: str) -> None:
    fill(client, table, *({"Name": name, "Count": count} for name, count in [("b", 2), ("c", 3), ("a", 1)]))
    asked: dict[str, Any] = {"order": {"by": "Count", "order": "desc"}, "limit": 2, "select": ["Name"]}

    first = client.call("POST", f"{table}/query", json=asked)
    second = client.call("POST", f"{table}/query", json=asked | {"continuation_token": first["continuation_token"]})

    assert [{"Name": "c"}, {"Name": "b"}] == [each["document"] for each in first["records"]]
    assert ([{"Name": "a"}], None) == ([r["document"] for r in second["records"]], second["continuation_token"])


def test_an_answer_spells_its_records_by_place_too(client: servers.Client, table: str) -> None:
    made = client.call("POST", f"{table}/records", json={"Name": "desk", "Count": 3})

    found = client.call("POST", f"{table}/query", json={"select": ["Name", "Count"]})

    assert ["$record_id", "$created_at", "$updated_at"] == [field["name"] for field in found["schema"][0]]
    assert [("Name", "string"), ("Count", "integer")] == [(each["name"], each["type"]) for each in found["schema"][1]]
    assert [[[made["record_id"], made["created_at"], made["updated_at"]], ["desk", 3]]] == found["data"]
    assert (1, 100) == (found["count"], found["limit"])


def test_files_are_refused_in_words(client: servers.Client, table: str) -> None:
    record = fill(client, table, {"Name": "desk"})[0]

    sent = client.call("POST", f"{table}/fields/x/file", 422)
    asked = client.call("GET", f"{table}/records/{record}/fields/x/file", 422)

    assert "this server keeps no files in records" in sent["message"]
    assert "this server keeps no files in records" in asked["message"]
