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


@pytest.fixture
def shared_desk(started: dict[str, servers.Server], tmp_path: Path) -> Iterator[official_cli.Desk]:
    """A desk as `desk`, of a server on PostgreSQL and S3."""
    with started["shared"].workspace() as client:
        yield official_cli.desk(client, tmp_path)


def number(text: str, label: str = "ID") -> int:
    """The number that a command prints behind a label."""
    found = re.search(rf"\b{label}: (\d+)", text)
    assert found, text
    return int(found[1])


def numbered(recipe: worlds.Recipe) -> bytes:
    """A recipe whose steps have the uuids that the client insists on."""
    value = recipe.value
    for at, step in enumerate([value["code"], *recipe.steps]):
        step["uuid"] = f"00000000-0000-4000-8000-{at:012}"
    return worlds.document(value)


def test_a_shell_connection_is_made_listed_and_given_to_a_recipe(desk: official_cli.Desk) -> None:
    client = desk.client
    recipe = worlds.Recipe("A").uses("postgresql", worlds.reference("gone.connection.json", "Gone"))
    client.load(desk.folder_id, worlds.zipped({"a.recipe.json": recipe.bytes}))
    shell = ("--shell-connection", "--external-id", "crm-1")
    recipe_id = client.recipe("A")["id"]

    made = desk.says("connections", "create", "--name", "CRM", "--provider", "postgresql", *shell)
    connection = number(made, "Connection ID")
    listed, missing, pick_list, connected = desk.all_say(
        [
            ("connections", "list", "--folder-id", desk.folder_id),
            ("connections", "list", "--external-id", "another"),
            ("connections", "pick-list", "--id", connection, "--pick-list-name", "tables"),
            ("recipes", "update-connection", recipe_id, "--adapter-name", "postgresql", "--connection-id", connection),
        ]
    )

    assert "Connection created successfully" in made
    kept = client.call("GET", f"connections/{connection}")
    assert ("CRM", "postgresql", "crm-1", desk.folder_id, None) == tuple(
        kept[name] for name in ("name", "provider", "external_id", "folder_id", "authorization_status")
    )
    assert "Connections (1 found" in listed
    assert "Not authorized" in listed
    assert "Connections (0 found" in missing
    assert "it has no pick list 'tables' of 'postgresql'" in pick_list
    assert f"Successfully updated connection for recipe {recipe_id}" in connected
    assert {connection, None} == {entry["account_id"] for entry in client.recipe("A")["config"]}


def test_connections_are_made_to_known_apps_alone(desk: official_cli.Desk) -> None:
    desk.client.call("POST", "custom_connectors", json={"title": "My ERP", "code": "{}"})
    create = ("connections", "create", "--name", "X", "--shell-connection", "--provider")

    known, unknown = desk.all_say([(*create, "my_erp_connector"), (*create, "salesfource")])

    assert "Connection created successfully" in known
    assert "Invalid request" in unknown
    assert "'salesfource' is neither an app that this server knows nor a custom connector of this workspace" in unknown
    assert ["my_erp_connector"] == [each["provider"] for each in desk.client.call("GET", "connections")]


def test_a_consent_that_this_server_does_not_ask_for_is_refused_by_whose_it_is(desk: official_cli.Desk) -> None:
    made = desk.client.call("POST", "connections", json={"name": "CRM", "provider": "salesforce"})["id"]

    said = desk.says("connections", "create-oauth", "--parent-id", made, "--external-id", "me")

    assert "does not ask apps for the consent of 'me'" in said


def test_connectors_are_listed_and_recipes_validated_against_them(desk: official_cli.Desk) -> None:
    code = "{ title: 'My ERP', connection: {}, triggers: {}, actions: {} }"
    desk.client.call("POST", "custom_connectors", json={"title": "My ERP", "code": code})
    step = worlds.Recipe("Good").uses("my_erp_connector", None).step("logger", "log_message", {"message": "hello"})
    desk.put({"good.recipe.json": numbered(step), "bad.recipe.json": numbered(worlds.Recipe("Bad").uses("shop", None))})

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
    assert "Unknown provider 'shop'" in failed


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
    collection = client.call("GET", "api_collections")[0]["id"]
    ids = {each["name"]: each["id"] for each in client.call("GET", "api_endpoints")}

    enable = ("api-collections", "enable-endpoint")

    listed, endpoints, early = desk.all_say(
        [
            ("api-collections", "list"),
            ("api-collections", "list-endpoints", "--api-collection-id", collection),
            (*enable, "--api-endpoint-id", ids["Good"]),
        ]
    )
    client.call("PUT", f"recipes/{client.recipe('A')['id']}/start")
    good = desk.says(*enable, "--api-endpoint-id", ids["Good"])
    every = desk.says(*enable, "--api-collection-id", collection, "--all")

    assert "(1 collections)" in listed
    assert f"ID: {collection}" in listed
    assert f"2 API Endpoints for API Collection {collection}" in endpoints
    assert f"Base URL: {client.server.address}/api-endpoints/shop" in endpoints
    assert "answered by recipe 'A', which is not running" in early
    assert "API endpoint enabled successfully" in good
    assert "endpoint 'Bad' has no recipe to answer it" in every
    assert {"Good": True, "Bad": False} == {
        each["name"]: each["active"] for each in client.call("GET", "api_endpoints")
    }


def test_a_platform_client_and_its_keys_are_made_listed_and_refreshed(desk: official_cli.Desk) -> None:
    collection = desk.client.call("POST", "api_collections", json={"name": "Orders"})["id"]
    wanted = ("--name", "Shop", "--auth-type", "token", "--api-collection-ids", collection)
    project = ("--project-id", desk.project_id)

    made = desk.says("api-clients", "create", *wanted, *project)
    owner = ("--api-client-id", number(made))
    key_made = desk.says("api-clients", "create-key", *owner, "--name", "Till", "--ip-allow-list", "10.0.0.0/8")
    key = number(key_made, "Key ID")
    refreshed = desk.says("api-clients", "refresh-secret", *owner, "--api-key-id", key, "--force")
    clients, keys = desk.all_say([("api-clients", "list", *project), ("api-clients", "list-keys", *owner)])

    first, second = re.findall(r"API Key: (ryk-[\w-]+)", key_made + refreshed)
    assert first != second
    assert f"{second[:8]}...{second[-4:]}" in keys
    assert second not in keys
    assert "API client created successfully" in made
    assert "Collections: Orders" in made
    assert "(1 found)" in clients
    assert f"Orders (ID: {collection})" in clients
    assert f"API Keys for Client {owner[1]} (1 found)" in keys
    assert "Allow List: 10.0.0.0/8" in keys


def test_a_platform_client_that_others_would_vouch_for_is_refused_in_words(desk: official_cli.Desk) -> None:
    wanted = ("--name", "Store", "--auth-type", "oauth2", "--api-collection-ids", "1")

    assert "must be token" in desk.says("api-clients", "create", *wanted)


def test_recipes_connections_and_properties_work_on_shared_storage(shared_desk: official_cli.Desk) -> None:
    desk, client = shared_desk, shared_desk.client
    made_of = {"a.recipe.json": worlds.Recipe("A").uses("postgresql", None).bytes}
    client.load(desk.folder_id, worlds.zipped(made_of | {"b.recipe.json": worlds.Recipe("B").bytes}))
    wired_recipe, recipe = client.recipe("A")["id"], client.recipe("B")["id"]
    create = ("connections", "create", "--name", "DB", "--provider", "postgresql", "--shell-connection")

    made, upserted = desk.all_say([create, ("properties", "upsert", "--property", "mail.from=a@example.com")])
    connection = number(made, "Connection ID")
    wire = ("--adapter-name", "postgresql", "--connection-id", connection)
    connections, properties, wired = desk.all_say(
        [
            ("connections", "list", "--folder-id", desk.folder_id),
            ("properties", "list", "--prefix", "mail."),
            ("recipes", "update-connection", wired_recipe, *wire),
        ]
    )
    begun = desk.says("recipes", "start", "--id", recipe)
    running = client.recipe("B")["running"]
    ended = desk.says("recipes", "stop", "--id", recipe)

    assert "Properties upserted successfully" in upserted
    assert "Connections (1 found" in connections
    assert "mail.from = a@example.com" in properties
    assert f"Successfully updated connection for recipe {wired_recipe}" in wired
    assert f"Recipe {recipe} started successfully" in begun
    assert f"Recipe {recipe} stopped successfully" in ended
    assert (True, False) == (running, client.recipe("B")["running"])


def test_collections_and_platform_clients_work_on_shared_storage(shared_desk: official_cli.Desk) -> None:
    desk = shared_desk
    (desk.place / "orders.json").write_text(json.dumps(SPEC))

    made = desk.says("api-collections", "create", "--name", "Orders", "--format", "json", "--content", "orders.json")
    collection = number(made)
    wanted = ("--name", "Shop", "--auth-type", "token", "--api-collection-ids", collection)
    endpoints, client = desk.all_say(
        [
            ("api-collections", "list-endpoints", "--api-collection-id", collection),
            ("api-clients", "create", *wanted),
        ]
    )
    keyed = desk.says("api-clients", "create-key", "--api-client-id", number(client), "--name", "Till")

    assert {"orders.api_group.json", "get_a.api_endpoint.json", "get_b.api_endpoint.json"} == desk.files.keys()
    assert f"2 API Endpoints for API Collection {collection}" in endpoints
    assert "API Key: ryk-" in keyed
    assert [1] == [each["active_api_keys_count"] for each in desk.client.call("GET", "v2/api_clients")["data"]]


def test_a_profile_is_made_chosen_worked_with_and_deleted(desk: official_cli.Desk) -> None:
    desk.said = {}
    address = ("--region", "custom", "--api-url", desk.client.server.address, "--non-interactive")
    create = ("profiles", "create")

    made = desk.says(*create, "dev", *address, f"--api-token={desk.client.token}")
    refused = desk.says(*create, "bad", *address, "--api-token=wrong")
    listed = desk.says("profiles", "list")
    used = desk.says("profiles", "use", "dev")
    workspace = desk.says("workspace")
    deleted = desk.says("profiles", "delete", "dev", "--yes")

    assert "Profile 'dev' created successfully" in made
    assert "Unauthorized" in refused
    assert "• dev (current)" in listed
    assert f"URL: {desk.client.server.address}" in listed
    assert "bad" not in listed
    assert "Set 'dev' as profile" in used
    assert f"Folder ID: {desk.folder_id}" in workspace
    assert "Profile 'dev' deleted successfully" in deleted
    assert {} == json.loads((desk.home / ".workato" / "profiles").read_text())["profiles"]


def test_projects_on_disk_are_listed_and_chosen(desk: official_cli.Desk) -> None:
    alone = desk.says("projects", "switch")
    other = desk.client.call("POST", "folders", json={"name": "Other"})
    (desk.place / "Other").mkdir()
    settings = {"project_id": other["project_id"], "project_name": "Other", "folder_id": other["id"]}
    (desk.place / "Other" / ".workatoenv").write_text(json.dumps(settings))

    listed, unknown = desk.all_say([("projects", "list"), ("projects", "use", "Nowhere")])
    used = desk.says("projects", "use", "Other")

    assert "Only one project available" in alone
    assert "• Demo (current)" in listed
    assert f"Project ID: {other['project_id']}" in listed
    assert "Project 'Nowhere' not found" in unknown
    assert "Switched to project 'Other'" in used
    assert other["id"] == desk.folder_id


def test_what_the_client_knows_by_itself_is_told(desk: official_cli.Desk) -> None:
    topics, parameters, pick_lists = desk.all_say(
        [
            ("guide", "topics"),
            ("connectors", "parameters", "--provider", "salesforce"),
            ("connections", "pick-lists", "--adapter", "salesforce"),
        ]
    )

    assert "recipe-fundamentals" in json.loads(topics)["core_topics"]
    assert "Salesforce (salesforce)" in parameters
    assert "Pick Lists for 'salesforce'" in pick_lists


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
