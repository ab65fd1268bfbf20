"""Lookup tables over HTTP: made, changed, filled, looked up, and carried by packages."""

import json
from typing import Any

import pytest

import servers
import worlds
from recipeyard.model import tables


def prices(client: servers.Client, **more: Any) -> int:
    wanted = {"name": "Prices", "schema": [{"label": "Article"}, {"label": "Price"}]} | more
    return int(client.call("POST", "lookup_tables", json={"lookup_table": wanted})["id"])


def fill(client: servers.Client, table: int, *rows: tuple[str, str]) -> list[int]:
    data = [{"Article": article, "Price": price} for article, price in rows]
    return [client.call("POST", f"lookup_tables/{table}/rows", json={"data": each})["id"] for each in data]


def held(client: servers.Client, table: int, **params: Any) -> list[list[str]]:
    return [list(row["data"].values()) for row in client.call("GET", f"lookup_tables/{table}/rows", params=params)]


def test_a_table_is_made_and_shown_with_its_schema_as_text(client: servers.Client) -> None:
    client.folder("Shop")
    project = client.call("GET", "projects")[0]["id"]

    made = client.call(
        "POST",
        "lookup_tables",
        json={"name": "Prices", "project_id": str(project), "schema": [{"label": "Article"}, {"label": "Price"}]},
    )

    assert ("Prices", str(project)) == (made["name"], made["project_id"])
    assert [("col1", "Article"), ("col2", "Price")] == [
        (column["name"], column["label"]) for column in json.loads(made["schema"])
    ]
    assert made == client.call("GET", f"lookup_tables/{made['id']}")
    assert [made] == client.call("GET", "lookup_tables")
    assert [] == client.call("GET", "lookup_tables", params={"page": 2})


def test_a_table_of_no_project_shows_none(client: servers.Client) -> None:
    assert client.call("GET", f"lookup_tables/{prices(client)}")["project_id"] is None


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"name": " ", "schema": [{"label": "A"}]}, "name"),
        ({"name": "T"}, "schema"),
        ({"name": "T", "schema": [{"label": f"L{at}"} for at in range(11)]}, "schema"),
        ({"name": "T", "schema": "[{]"}, "schema"),
    ],
)
def test_a_table_that_can_not_be_is_refused(client: servers.Client, wanted: Any, field: str) -> None:
    answer = client.call("POST", "lookup_tables", 400, json=wanted)

    assert [field] == list(answer["errors"])
    assert [] == client.call("GET", "lookup_tables")


def test_rows_are_added_changed_and_deleted(client: servers.Client) -> None:
    table = prices(client)
    first, second = fill(client, table, ("desk", "349"), ("lamp", "59"))

    changed = client.call("PUT", f"lookup_tables/{table}/rows/{first}", json={"row": {"data": {"col2": 299}}})
    client.call("DELETE", f"lookup_tables/{table}/rows/{second}")

    assert {"Article": "desk", "Price": "299"} == changed["data"]
    assert changed == client.call("GET", f"lookup_tables/{table}/rows/{first}")
    assert [["desk", "299"]] == held(client, table)
    client.call("GET", f"lookup_tables/{table}/rows/{second}", 404)


def test_rows_come_in_pages_and_by_values(client: servers.Client) -> None:
    table = prices(client)
    fill(client, table, ("desk", "349"), ("lamp", "59"), ("desk", "299"))

    assert [["lamp", "59"]] == held(client, table, page=2, per_page=1)
    assert [["desk", "349"], ["desk", "299"]] == held(client, table, **{"by[Article]": "desk"})
    assert [["desk", "299"]] == held(client, table, **{"by[Article]": "desk", "by[col2]": "299"})


def test_a_row_is_looked_up(client: servers.Client) -> None:
    table = prices(client)
    fill(client, table, ("desk", "349"), ("lamp", "59"))

    found = client.call("GET", f"lookup_tables/{table}/lookup", params={"by[Article]": "lamp"})

    assert {"Article": "lamp", "Price": "59"} == found["data"]
    client.call("GET", f"lookup_tables/{table}/lookup", 404, params={"by[Article]": "sofa"})
    client.call("GET", f"lookup_tables/{table}/lookup", 400)


def test_a_filter_that_names_no_column_is_refused(client: servers.Client) -> None:
    table = prices(client)

    refused = client.call("GET", f"lookup_tables/{table}/rows", 400, params={"by": "1"})

    assert "by: must name a column: by[column]=value" == refused["message"]


@pytest.mark.parametrize("name", ["Colour", "col3"])
def test_a_column_that_is_not_there_is_refused_by_name(client: servers.Client, name: str) -> None:
    table = prices(client)

    added = client.call("POST", f"lookup_tables/{table}/rows", 400, json={"data": {name: "red"}})
    asked = client.call("GET", f"lookup_tables/{table}/rows", 400, params={f"by[{name}]": "red"})

    assert {name: ["column unknown: table 'Prices' has no such column"]} == added["errors"] == asked["errors"]
    assert [] == held(client, table)


def test_a_full_table_takes_no_more_rows(client: servers.Client) -> None:
    rows = worlds.spelled([["a", str(at)] for at in range(tables.ROWS)])
    client.load(client.folder(), worlds.zipped({"p.lookup_table.json": worlds.lookup_table("P", rows)}))
    table = client.call("GET", "lookup_tables")[0]["id"]

    answer = client.call("POST", f"lookup_tables/{table}/rows", 400, json={"data": {}})

    assert "row over the limit: table 'P' has 10000 rows already, and that is the most" == answer["message"]


def test_fields_stay_with_their_columns(client: servers.Client) -> None:
    table = prices(client)
    fill(client, table, ("desk", "349"))
    columns = [{"label": "Stock"}, {"label": "Amount", "name": "col2"}]

    changed = client.call("PUT", f"lookup_tables/{table}", json={"name": "Rates", "schema": json.dumps(columns)})

    assert "Rates" == changed["name"]
    assert {"Amount": "349", "Stock": ""} == client.call("GET", f"lookup_tables/{table}/rows")[0]["data"]


def test_a_table_moves_to_another_project(client: servers.Client) -> None:
    client.folder("Shop")
    table, project = prices(client), client.call("GET", "projects")[0]["id"]

    assert str(project) == client.call("PUT", f"lookup_tables/{table}", json={"project_id": project})["project_id"]


def test_a_table_in_use_stays_and_the_batch_with_it(client: servers.Client) -> None:
    used, spare = prices(client), prices(client, name="Spare")
    looked_up = prices(client, name="Rates")
    folder = client.folder()
    by_reference = {"lookup_table_id": worlds.reference("prices.lookup_table.json", "Prices")}
    by_formula = {"message": '=lookup("Rates", "Article": 1)["Price"]'}
    files = {
        "a.recipe.json": worlds.Recipe("By reference").step("lookup_table", "search_entries", by_reference).bytes,
        "b.recipe.json": worlds.Recipe("By formula").step("logger", "log_message", by_formula).bytes,
    }
    client.load(folder, worlds.zipped(files))
    for name in ("By reference", "By formula"):
        assert client.call("PUT", f"recipes/{client.recipe(name)['id']}/start")["success"], name

    refused = client.call("POST", "lookup_tables/batch_delete", 400, json={"ids": [spare, used]})
    client.call("DELETE", f"lookup_tables/{looked_up}", 400)

    assert "table 'Prices' is in use by running recipes: 'By reference'" == refused["message"]
    assert 3 == len(client.call("GET", "lookup_tables"))
    client.call("PUT", f"recipes/{client.recipe('By reference')['id']}/stop")
    client.call("POST", "lookup_tables/batch_delete", json={"ids": [spare, str(used)]})
    assert [looked_up] == [table["id"] for table in client.call("GET", "lookup_tables")]


def test_rows_written_by_hand_travel_and_come_back(client: servers.Client) -> None:
    folder = client.folder()
    project = client.call("GET", "projects")[0]["id"]
    table = prices(client, project_id=project)
    fill(client, table, ("desk", "349"), ("lamp", "5,9"))

    exported = client.export(folder, include_data=True)
    fill(client, table, ("sofa", "999"))
    client.load(folder, exported)

    assert 'desk,349\nlamp,"5,9"\n' == json.loads(worlds.unzipped(exported)["prices.lookup_table.json"])["data"]
    assert [["desk", "349"], ["lamp", "5,9"]] == held(client, table)
    assert exported == client.export(folder, include_data=True)


def test_rows_follow_the_columns_that_a_package_brings(client: servers.Client) -> None:
    folder = client.folder()
    table = prices(client, project_id=client.call("GET", "projects")[0]["id"])
    with client.server.workspace() as other:
        there = other.folder()
        other.load(there, client.export(folder))
        copy = other.call("GET", "lookup_tables")[0]["id"]
        fill(other, copy, ("lamp", "59"))
        columns = [{"name": "col2", "label": "Price"}, {"label": "New"}]
        client.call("PUT", f"lookup_tables/{table}", json={"schema": columns})

        other.load(there, client.export(folder))

        assert {"Price": "59", "New": ""} == other.call("GET", f"lookup_tables/{copy}/rows")[0]["data"]


def test_rows_of_a_package_are_as_old_as_their_table(client: servers.Client) -> None:
    client.load(client.folder(), worlds.zipped({"p.lookup_table.json": worlds.lookup_table("P", "a,1\n")}))
    table = client.call("GET", "lookup_tables")[0]

    row = client.call("GET", f"lookup_tables/{table['id']}/rows")[0]

    assert (table["updated_at"], table["updated_at"]) == (row["created_at"], row["updated_at"])


def test_another_workspace_sees_no_table(client: servers.Client) -> None:
    table = prices(client)
    row = fill(client, table, ("desk", "349"))[0]
    with client.server.workspace() as other:
        assert [] == other.call("GET", "lookup_tables")
        for method, path in [("GET", ""), ("PUT", ""), ("DELETE", ""), ("GET", "/rows"), ("GET", f"/rows/{row}")]:
            other.call(method, f"lookup_tables/{table}{path}", 404)
        other.call("POST", f"lookup_tables/{table}/rows", 404, json={"data": {}})
        other.call("POST", "lookup_tables/batch_delete", 404, json={"ids": [table]})
