"""Data tables over HTTP: made, changed, and carried by packages."""

import json
from typing import Any

import pytest

import servers
import worlds
from recipeyard.wire import data_tables as wire

COLUMNS: list[dict[str, Any]] = [
    {"name": "Customer", "type": "string", "optional": False, "hint": "Who"},
    {"name": "Total", "type": "number", "optional": True},
    {"name": "Paid", "type": "boolean", "default_value": False},
]


def orders(client: servers.Client, **more: Any) -> Any:
    wanted = {"name": "Orders", "folder_id": client.folder(), "schema": COLUMNS} | more
    return client.call("POST", "data_tables", json=wanted)["data"]


def record(client: servers.Client, table: Any, **values: Any) -> Any:
    return client.call("POST", f"v1/tables/{table['id']}/records", json={"Customer": "C-1"} | values)


def names(table: Any) -> list[str]:
    return [column["name"] for column in table["schema"]]


def exported(client: servers.Client, **more: Any) -> Any:
    """The only data table of an export, and the archive."""
    table = client.call("GET", "data_tables")["data"][0]
    archive = client.export(table["folder_id"], **more)
    return json.loads(worlds.unzipped(archive)["orders.workato_db_table.json"]), archive


def test_a_table_is_made_and_shown_with_typed_columns(client: servers.Client) -> None:
    folder = client.folder("Shop")

    made = orders(client, folder_id=str(folder))

    assert (folder, ["Customer", "Total", "Paid"]) == (made["folder_id"], names(made))
    nowhere = {"table_id": wire.NIL, "field_id": wire.NIL}
    first = {"type": "string", "name": "Customer", "optional": False, "field_id": made["schema"][0]["field_id"]}
    first |= {"hint": "Who", "default_value": None, "metadata": {}, "multivalue": False, "relation": nowhere}
    assert first == made["schema"][0]
    assert {"data": made} == client.call("GET", f"data_tables/{made['id']}")
    assert {"data": [made], "count": 1, "page": 1, "per_page": 100} == client.call("GET", "data_tables")


def test_a_table_has_one_uuid_and_a_number_too(client: servers.Client) -> None:
    made = orders(client)
    assets = client.call("GET", "export_manifests/folder_assets", params={"folder_id": made["folder_id"]})

    number = assets["result"]["assets"][0]["id"]

    assert {"data": made} == client.call("GET", f"data_tables/{number}")
    assert {"data": made} == client.call("GET", f"data_tables/{made['id'].upper()}")
    client.call("GET", f"data_tables/{wire.NIL}", 404)
    client.call("GET", "data_tables/none", 404)


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ({"folder_id": None}, "folder_id: can't be blank"),
        ({"name": ""}, "name must be a text that is not blank"),
        ({"schema": []}, "a table has at least one column"),
        ({"schema": [{"name": "A", "type": "text"}]}, "column 'A': 'text' is not one of string, "),
        ({"schema": [{"name": "A", "type": "date"}, {"name": "a", "type": "date"}]}, "two columns have the name 'A'"),
        ({"schema": [{"name": "A", "type": "integer", "default_value": "x"}]}, 'takes an integer, not "x"'),
        ({"schema": [{"name": "A", "type": "string", "multivalue": True}]}, "no columns that hold lists of values"),
        ({"schema": [{"name": "A", "type": "string", "field_id": "x"}]}, "'x' is no uuid"),
        ({"schema": [{"name": "A", "type": "relation"}]}, "column 'A': a relation names a table"),
        ({"schema": "[{}]"}, "is no list of columns"),
    ],
)
def test_a_table_that_can_not_be_is_refused(client: servers.Client, wanted: Any, told: str) -> None:
    folder = client.folder()

    answer = client.call(
        "POST", "data_tables", 400, json={"name": "T", "folder_id": folder, "schema": COLUMNS} | wanted
    )

    assert told in answer["message"]
    assert [] == client.call("GET", "data_tables")["data"]


def test_columns_keep_their_ids_under_new_names(client: servers.Client) -> None:
    made = orders(client)
    table = f"data_tables/{made['id']}"
    kept = record(client, made, Total=5)
    columns = [made["schema"][0] | {"name": "Buyer"}, {"name": "Note", "type": "string"}, made["schema"][2]]

    changed = client.call("PUT", table, json={"name": "Sales", "schema": columns})["data"]

    assert ("Sales", ["Buyer", "Note", "Paid"]) == (changed["name"], names(changed))
    assert made["schema"][0]["field_id"] == changed["schema"][0]["field_id"]
    shown = client.call("GET", f"v1/tables/{made['id']}/records/{kept['record_id']}")
    assert {"Buyer": "C-1", "Note": None, "Paid": False} == shown["document"]


def test_a_column_takes_no_type_that_its_values_are_not_of(client: servers.Client) -> None:
    made = orders(client)
    record(client, made)
    columns = [made["schema"][0] | {"type": "integer"}, *made["schema"][1:]]

    answer = client.call("PUT", f"data_tables/{made['id']}", 400, json={"schema": columns})

    assert "schema: column 'Customer' can't be integer: a record holds 'C-1' in it" == answer["message"]
    assert {"data": made} == client.call("GET", f"data_tables/{made['id']}")


def test_a_table_moves_to_another_project_and_says_so(client: servers.Client) -> None:
    made = orders(client)
    client.call("PUT", f"data_tables/{made['id']}", json={"folder_id": client.folder("Elsewhere")})

    assert "Elsewhere" == exported(client)[0]["project_name"]


def test_a_relation_points_at_a_column_of_another_table(client: servers.Client) -> None:
    folder = client.folder()
    target = orders(client, name="Customers", folder_id=folder)
    relation = {"table_id": target["id"], "field_id": target["schema"][0]["field_id"]}
    column = {"name": "Customer", "type": "relation", "relation": relation}

    made = orders(client, folder_id=folder, schema=[column])

    assert relation == made["schema"][0]["relation"]
    package = json.loads(worlds.unzipped(client.export(folder))["orders.workato_db_table.json"])
    assert "customers.workato_db_table.json" == package["schema"][3]["relation"]["table_id"]["zip_name"]
    with client.server.workspace() as other:
        other.load(other.folder(), client.export(folder))
        there = {table["name"]: table for table in other.call("GET", "data_tables")["data"]}
        expected = relation | {"table_id": there["Customers"]["id"]}
        assert expected == there["Orders"]["schema"][0]["relation"]


@pytest.mark.parametrize("relation", [{"table_id": wire.NIL[:-1] + "1"}, {"field_id": wire.NIL[:-1] + "1"}])
def test_a_relation_to_what_is_not_here_is_refused(client: servers.Client, relation: Any) -> None:
    target = orders(client)
    there = {"table_id": target["id"], "field_id": target["schema"][0]["field_id"]}
    column = {"name": "A", "type": "relation", "relation": there | relation}

    answer = client.call("PUT", f"data_tables/{target['id']}", 400, json={"schema": [column]})

    assert "column 'A' points at a " in answer["message"]


def test_a_truncated_table_keeps_its_columns(client: servers.Client) -> None:
    made = orders(client)
    record(client, made)

    client.call("POST", f"data_tables/{made['id']}/truncate")

    assert [] == client.call("POST", f"v1/tables/{made['id']}/query")["records"]
    assert {"data": made} == client.call("GET", f"data_tables/{made['id']}")


def test_a_table_in_use_stays(client: servers.Client) -> None:
    made = orders(client)
    reference = worlds.reference("orders.workato_db_table.json", "Orders")
    recipe = worlds.Recipe("Reads").step("workato_db_table", "get_records", {"table_id": reference})
    client.load(made["folder_id"], worlds.zipped({"reads.recipe.json": recipe.bytes}))
    path = f"recipes/{client.recipe('Reads')['id']}"
    assert client.call("PUT", f"{path}/start")["success"]

    refused = client.call("DELETE", f"data_tables/{made['id']}", 400)

    assert "table 'Orders' is in use by running recipes: 'Reads'" == refused["message"]
    client.call("PUT", f"{path}/stop")
    client.call("DELETE", f"data_tables/{made['id']}")
    client.call("GET", f"data_tables/{made['id']}", 404)


def test_records_written_by_hand_travel_and_come_back(client: servers.Client) -> None:
    made = orders(client)
    first = record(client, made, Total=4.5)

    document, archive = exported(client, include_data=True)
    record(client, made, Customer="C-2")
    client.load(made["folder_id"], archive)

    header, line = document["data"].splitlines()
    ids = [column["field_id"] for column in made["schema"]]
    assert ["record_id", "created_at", "updated_at", *ids] == header.split(",")
    assert [first["record_id"], "C-1", "4.5", "false"] == [line.split(",")[at] for at in (0, 3, 4, 5)]
    assert [first] == client.call("POST", f"v1/tables/{made['id']}/query")["records"]
    assert archive == exported(client, include_data=True)[1]


def test_a_table_of_a_package_shows_as_one_made_here_and_leaves_as_it_came(client: servers.Client) -> None:
    made = orders(client)
    record(client, made)
    _, archive = exported(client, include_data=True)
    with client.server.workspace() as other:
        other.load(other.folder(), archive)

        there = other.call("GET", "data_tables")["data"][0]

        assert made["schema"] == there["schema"]
        assert archive == other.export(there["folder_id"], include_data=True)


def test_values_go_with_the_columns_that_a_package_takes_away(client: servers.Client) -> None:
    made = orders(client)
    with client.server.workspace() as other:
        there = other.folder()
        other.load(there, client.export(made["folder_id"]))
        copy = other.call("GET", "data_tables")["data"][0]
        kept = record(other, copy, Total=5)
        client.call("PUT", f"data_tables/{made['id']}", json={"schema": made["schema"][:1]})

        other.load(there, client.export(made["folder_id"]))

        found = other.call("GET", f"v1/tables/{copy['id']}/records/{kept['record_id']}")
        assert {"Customer": "C-1"} == found["document"]
        ids = [made["schema"][0]["field_id"]]
        header = exported(other, include_data=True)[0]["data"].splitlines()[0]
        assert ["record_id", "created_at", "updated_at", *ids] == header.split(",")


def test_another_workspace_sees_no_table(client: servers.Client) -> None:
    made = orders(client)
    held = record(client, made)["record_id"]
    with client.server.workspace() as other:
        assert [] == other.call("GET", "data_tables")["data"]
        for method in ("GET", "PUT", "DELETE"):
            other.call(method, f"data_tables/{made['id']}", 404)
            other.call(method, f"v1/tables/{made['id']}/records/{held}", 404)
        for path in ("query", "records"):
            other.call("POST", f"v1/tables/{made['id']}/{path}", 404)
        other.call("POST", f"data_tables/{made['id']}/truncate", 404)
