"""The official command line client against a real server: connectors, connections, collections, clients and keys."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import official_cli
import servers
import worlds

SPEC: dict[str, Any] = {
    "openapi": "3.0.0",
    "info": {"title": "Orders", "version": "1.0"},
    "paths": {"/orders": {"get": {"summary": "List orders"}, "post": {"summary": "Create order"}}},
}


@pytest.fixture
def desk(started: dict[str, servers.Server], tmp_path: Path) -> Iterator[official_cli.Desk]:
    """A desk with a new project of a new workspace."""
    with started["embedded"].workspace() as client:
        yield official_cli.desk(client, tmp_path)


def number(said: str, label: str) -> int:
    """The number behind a label."""
    match = re.search(rf"{label}: (\d+)", said)
    assert match, said
    return int(match[1])


def numbered(recipe: worlds.Recipe) -> bytes:
    """A recipe whose steps have the uuids that the client insists on."""
    value = recipe.value
    for at, step in enumerate([value["code"], *recipe.steps]):
        step["uuid"] = f"00000000-0000-4000-8000-{at:012}"
    return worlds.document(value)


def with_endpoint(desk: official_cli.Desk) -> int:
    """A collection that a package brings, with one endpoint that a recipe answers; the collection's id."""
    endpoint: dict[str, Any] = {
        "name": "Search",
        "method": "GET",
        "path": "search",
        "recipe_id": worlds.reference("search.recipe.json", "Search"),
        "api_group_id": worlds.reference("shop.api_group.json", "Shop"),
    }
    files = {
        "shop.api_group.json": worlds.document({"name": "Shop", "version": "1.0"}),
        "search.api_endpoint.json": worlds.document(endpoint),
        "search.recipe.json": worlds.Recipe("Search", trigger=worlds.ANSWERS).bytes,
    }
    desk.client.load(desk.folder_id, worlds.zipped(files))
    return int(desk.client.call("GET", "api_collections")[0]["id"])


def test_a_collection_is_made_of_a_description_and_pulled(desk: official_cli.Desk) -> None:
    (desk.place / "orders.json").write_text(json.dumps(SPEC))

    made = desk.says("api-collections", "create", "--name", "Orders", "--format", "json", "--content", "orders.json")

    assert "API collection 'Orders'" in made
    assert "Project synced successfully" in made
    assert {"orders.api_group.json", "list_orders.api_endpoint.json", "create_order.api_endpoint.json"} == set(
        desk.files
    )
    collection = desk.client.call("GET", "api_collections")[0]["id"]
    listed, endpoints, enabled = desk.all_say(
        [
            ("api-collections", "list"),
            ("api-collections", "list-endpoints", "--api-collection-id", collection),
            ("api-collections", "enable-endpoint", "--api-collection-id", collection, "--all"),
        ]
    )
    assert f"ID: {collection}" in listed
    assert "2 API Endpoints" in endpoints
    assert f"Base URL: {desk.client.server.address}/orders" in endpoints
    assert "endpoint 'List orders' has no recipe to answer it" in enabled


def test_an_endpoint_is_enabled_once_its_recipe_runs(desk: official_cli.Desk) -> None:
    collection = with_endpoint(desk)
    endpoint = desk.client.call("GET", "api_endpoints", params={"api_collection_id": collection})[0]["id"]
    enable = ("api-collections", "enable-endpoint", "--api-endpoint-id", endpoint)

    refused = desk.says(*enable)
    desk.client.call("PUT", f"recipes/{desk.client.recipe('Search')['id']}/start")
    enabled = desk.says(*enable)

    assert "answered by recipe 'Search', which is not running" in refused
    assert "enabled successfully" in enabled
    assert desk.client.call("GET", "api_endpoints")[0]["active"]


def test_clients_and_keys_are_made_listed_and_refreshed(desk: official_cli.Desk) -> None:
    collection = with_endpoint(desk)
    wanted = ("--name", "Store", "--auth-type", "token", "--api-collection-ids", collection)

    made = desk.says("api-clients", "create", *wanted, "--project-id", desk.project_id)
    client = number(made, "ID")
    of_client = ("--api-client-id", client)
    keyed = desk.says("api-clients", "create-key", *of_client, "--name", "Main", "--ip-allow-list", "10.0.0.0/8")
    key = number(keyed, "Key ID")
    refreshed = desk.says("api-clients", "refresh-secret", *of_client, "--api-key-id", key, "--force")
    listed, keys = desk.all_say(
        [("api-clients", "list", "--project-id", desk.project_id), ("api-clients", "list-keys", *of_client)]
    )

    assert "Collections: Shop" in made
    first, second = re.findall(r"API Key: (ryk-[\w-]+)", keyed + refreshed)
    assert first != second
    assert "(1 found)" in listed
    assert f"📚 Shop (ID: {collection})" in listed
    assert f"{second[:8]}...{second[-4:]}" in keys
    assert second not in keys
    assert "Allow List: 10.0.0.0/8" in keys


def test_a_client_that_others_would_vouch_for_is_refused_in_words(desk: official_cli.Desk) -> None:
    wanted = ("--name", "Store", "--auth-type", "oauth2", "--api-collection-ids", "1")

    assert "must be token" in desk.says("api-clients", "create", *wanted)


def test_connectors_are_listed_and_recipes_checked_against_them(desk: official_cli.Desk) -> None:
    desk.client.call("POST", "custom_connectors", json={"title": "My app", "code": "{}"})
    good = worlds.Recipe("Good").uses("my_app_connector", None).step("logger", "log_message", {"message": "hello"})
    desk.put(
        {"good.recipe.json": numbered(good), "bad.recipe.json": numbered(worlds.Recipe("Bad").uses("nonsense", None))}
    )

    listed, passed, failed = desk.all_say(
        [
            ("connectors", "list"),
            ("recipes", "validate", "--path", desk.project / "good.recipe.json"),
            ("recipes", "validate", "--path", desk.project / "bad.recipe.json"),
        ]
    )

    assert "my_app_connector" in listed
    assert "salesforce" in listed
    assert "Recipe validation passed" in passed
    assert "Unknown provider 'nonsense'" in failed


def test_connections_are_made_to_known_apps_alone(desk: official_cli.Desk) -> None:
    desk.client.call("POST", "custom_connectors", json={"title": "My app", "code": "{}"})
    create = ("connections", "create", "--shell-connection", "--name", "C", "--provider")

    providers = ("salesforce", "rest", "postgresql", "my_app_connector")
    said = desk.all_say([(*create, provider) for provider in (*providers, "sales_farce")])

    assert ["Connection created successfully" in each for each in said] == [True, True, True, True, False]
    assert "'sales_farce' is neither an app that this server knows" in said[4]


def test_what_only_an_app_could_tell_ends_in_a_sentence(desk: official_cli.Desk) -> None:
    made = desk.client.call("POST", "connections", json={"name": "CRM", "provider": "salesforce"})["id"]

    values, consent = desk.all_say(
        [
            ("connections", "pick-list", "--id", made, "--pick-list-name", "sobject"),
            ("connections", "create-oauth", "--parent-id", made, "--external-id", "me"),
        ]
    )

    assert "no pick list 'sobject' of 'salesforce'" in values
    assert "does not ask apps for the consent of 'me'" in consent
