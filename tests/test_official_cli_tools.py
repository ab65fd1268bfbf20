"""The official command line client beside packages: connections, connectors, properties, projects, API platform.

Each test gives its commands on one desk and asks the server what became of them.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import official_cli
import servers
import worlds

SPEC = {
    "openapi": "3.0.0",
    "info": {"title": "Orders", "version": "1"},
    "paths": {"/a": {"get": {}}, "/b": {"get": {}}},
}


@pytest.fixture
def desk(started: dict[str, servers.Server], tmp_path: Path) -> Iterator[official_cli.Desk]:
    """A desk with a new project of a new workspace."""
    with started["embedded"].workspace() as client:
        yield official_cli.desk(client, tmp_path)


def number(text: str, label: str = "ID") -> int:
    """The number that a command prints behind a label."""
    found = re.search(rf"\b{label}: (\d+)", text)
    assert found, text
    return int(found[1])


def test_a_shell_connection_is_made_listed_and_given_to_a_recipe(desk: official_cli.Desk) -> None:
    client = desk.client
    recipe = worlds.Recipe("A").uses("salesforce", worlds.reference("gone.connection.json", "Gone"))
    client.load(desk.folder_id, worlds.zipped({"a.recipe.json": recipe.bytes}))
    shell = ("--shell-connection", "--external-id", "crm-1")
    recipe_id = client.recipe("A")["id"]

    made = desk.says("connections", "create", "--name", "CRM", "--provider", "salesforce", *shell)
    connection = number(made, "Connection ID")
    listed, missing, pick_list, connected = desk.all_say(
        [
            ("connections", "list", "--folder-id", desk.folder_id),
            ("connections", "list", "--external-id", "another"),
            ("connections", "pick-list", "--id", connection, "--pick-list-name", "sobjects"),
            ("recipes", "update-connection", recipe_id, "--adapter-name", "salesforce", "--connection-id", connection),
        ]
    )

    assert "Connection created successfully" in made
    kept = client.call("GET", f"connections/{connection}")
    assert ("CRM", "salesforce", "crm-1", desk.folder_id, None) == tuple(
        kept[name] for name in ("name", "provider", "external_id", "folder_id", "authorization_status")
    )
    assert "Connections (1 found" in listed
    assert "Not authorized" in listed
    assert "Connections (0 found" in missing
    assert "it has no pick list 'sobjects' of 'salesforce'" in pick_list
    assert f"Successfully updated connection for recipe {recipe_id}" in connected
    assert {connection, None} == {entry["account_id"] for entry in client.recipe("A")["config"]}


def test_a_connection_to_no_known_app_is_refused_by_its_name(desk: official_cli.Desk) -> None:
    said = desk.says("connections", "create", "--name", "X", "--provider", "salesfource", "--shell-connection")

    assert "Invalid request" in said
    assert "'salesfource' is neither an app that this server knows nor a custom connector of this workspace" in said
    assert [] == desk.client.call("GET", "connections")


def test_connectors_are_listed_and_recipes_validated_against_them(desk: official_cli.Desk) -> None:
    code = "{ title: 'My ERP', connection: {}, triggers: {}, actions: {} }"
    desk.client.call("POST", "custom_connectors", json={"title": "My ERP", "code": code})
    good = worlds.Recipe("Good").uses("logger", None, "log_message").value
    good["code"]["uuid"] = good["code"]["block"][0]["uuid"] = "5a1d6a1e-0000-4000-8000-000000000001"
    bad = worlds.Recipe("Bad").value
    desk.put({"good.recipe.json": worlds.document(good), "bad.recipe.json": worlds.document(bad)})

    connectors, passed, failed = desk.all_say(
        [
            ("connectors", "list"),
            ("recipes", "validate", "--path", "Demo/good.recipe.json"),
            ("recipes", "validate", "--path", "Demo/bad.recipe.json"),
        ]
    )

    assert "Salesforce (salesforce)" in connectors
    assert "• my_erp_connector" in connectors
    assert "Recipe validation passed" in passed
    assert "Recipe validation failed" in failed


def test_properties_are_set_and_listed_by_prefix(desk: official_cli.Desk) -> None:
    pairs = ("--property", "mail.from=a=b@example.com", "--property", "url=http://x")

    upserted = desk.says("properties", "upsert", *pairs)
    listed, none = desk.all_say([("properties", "list", "--prefix", "mail."), ("properties", "list", "--prefix", "z")])

    assert "Properties upserted successfully" in upserted
    assert {"mail.from": "a=b@example.com", "url": "http://x"} == desk.client.call(
        "GET", "properties", params={"project_id": desk.project_id, "prefix": ""}
    )
    assert "Properties (1 found)" in listed
    assert "mail.from = a=b@example.com" in listed
    assert "Properties (0 found)" in none


def test_projects_are_listed_for_people_and_for_programs(desk: official_cli.Desk) -> None:
    other = desk.client.call("POST", "folders", json={"name": "Other"})["project_id"]

    remote, both, spoken = desk.all_say(
        [
            ("projects", "list", "--source", "remote"),
            ("projects", "list", "--source", "both"),
            ("projects", "list", "--source", "remote", "--output-mode", "json"),
        ]
    )

    assert "Remote projects:" in remote
    assert f"Project ID: {desk.project_id}" in remote
    assert f"Project ID: {other}" in remote
    assert "Other" in both
    listed = json.loads(spoken.strip().splitlines()[-1])["remote_projects"]
    assert {("Demo", desk.project_id), ("Other", other)} == {(each["name"], each["project_id"]) for each in listed}


def test_a_collection_is_made_of_a_description_and_pulled_at_once(desk: official_cli.Desk) -> None:
    (desk.place / "orders.json").write_text(json.dumps(SPEC))

    made = desk.says("api-collections", "create", "--name", "Orders", "--format", "json", "--content", "orders.json")

    assert f"API collection 'Orders' ({number(made)}) created successfully" in made
    assert "Project synced successfully" in made
    assert {"orders.api_group.json", "get_a.api_endpoint.json", "get_b.api_endpoint.json"} == desk.files.keys()
    listed = desk.client.call("GET", "api_collections")
    assert [("Orders", desk.project_id)] == [(each["name"], each["project_id"]) for each in listed]


def test_endpoints_are_listed_and_enabled_where_a_recipe_answers(desk: official_cli.Desk) -> None:
    client = desk.client
    recipe, group = worlds.reference("a.recipe.json", "A"), worlds.reference("shop.api_group.json", "Shop")
    endpoint: dict[str, Any] = {"method": "GET", "path": "a", "legacy": False, "api_group_id": group}
    files = {
        "a.recipe.json": worlds.Recipe("A", trigger=worlds.ANSWERS).bytes,
        "shop.api_group.json": worlds.document({"name": "Shop", "version": "1", "description": ""}),
        "good.api_endpoint.json": worlds.document({"name": "Good", "recipe_id": recipe} | endpoint),
        "bad.api_endpoint.json": worlds.document({"name": "Bad", "recipe_id": None} | endpoint | {"path": "b"}),
    }
    assert "completed" == client.load(desk.folder_id, worlds.zipped(files))["status"]
    client.call("PUT", f"recipes/{client.recipe('A')['id']}/start")
    collection = client.call("GET", "api_collections")[0]["id"]
    ids = {each["name"]: each["id"] for each in client.call("GET", "api_endpoints")}

    listed, endpoints, good, bad = desk.all_say(
        [
            ("api-collections", "list"),
            ("api-collections", "list-endpoints", "--api-collection-id", collection),
            ("api-collections", "enable-endpoint", "--api-endpoint-id", ids["Good"]),
            ("api-collections", "enable-endpoint", "--api-endpoint-id", ids["Bad"]),
        ]
    )

    assert "(1 collections)" in listed
    assert f"2 API Endpoints for API Collection {collection}" in endpoints
    assert "API endpoint enabled successfully" in good
    assert "endpoint 'Bad' has no recipe to answer it" in bad
    assert {"Good": True, "Bad": False} == {
        each["name"]: each["active"] for each in client.call("GET", "api_endpoints")
    }


def test_an_api_client_and_its_keys_are_made_listed_and_refreshed(desk: official_cli.Desk) -> None:
    collection = desk.client.call("POST", "api_collections", json={"name": "Orders"})["id"]
    wanted = ("--name", "Shop", "--auth-type", "token", "--api-collection-ids", collection)

    made = desk.says("api-clients", "create", *wanted)
    owner = ("--api-client-id", number(made))
    key_made = desk.says("api-clients", "create-key", *owner, "--name", "Till", "--ip-allow-list", "10.0.0.0/8")
    key = number(key_made, "Key ID")
    clients, keys = desk.all_say([("api-clients", "list"), ("api-clients", "list-keys", *owner)])
    refreshed = desk.says("api-clients", "refresh-secret", *owner, "--api-key-id", key, "--force")

    first = re.search(r"API Key: (\S+)", key_made)
    second = re.search(r"New API Key: (\S+)", refreshed)
    assert first
    assert second
    assert first[1] != second[1]
    assert first[1] not in keys
    assert "API client created successfully" in made
    assert "All API Clients (1 found)" in clients
    assert f"Orders (ID: {collection})" in clients
    assert f"API Keys for Client {owner[1]} (1 found)" in keys
    assert "Allow List: 10.0.0.0/8" in keys


def test_a_data_table_is_made_listed_and_pulled_at_once(server: servers.Server, tmp_path: Path) -> None:
    with server.workspace() as client:
        desk = official_cli.desk(client, tmp_path)
        columns = [
            {"name": "article", "type": "string", "optional": False, "hint": "Its number"},
            {"name": "price", "type": "number", "optional": True, "default_value": 1.5},
        ]

        made = desk.says("data-tables", "create", "--name", "Prices", "--schema-json", json.dumps(columns))
        listed = desk.says("data-tables", "list")

        assert "Data table created successfully" in made
        assert "Columns: article, price" in made
        assert "Project synced successfully" in made
        assert ["prices.workato_db_table.json"] == list(desk.files)
        assert "Data Tables (1 found)" in listed
        assert "Columns (2): article, price" in listed
        kept = client.call("GET", "data_tables")["data"][0]
        assert ("Prices", desk.folder_id) == (kept["name"], kept["folder_id"])
        assert [("article", "string"), ("price", "number")] == [(each["name"], each["type"]) for each in kept["schema"]]
