"""API collections and their endpoints over HTTP."""

import json
from typing import Any

import pytest

import servers
import worlds

SPEC: dict[str, Any] = {
    "openapi": "3.0.0",
    "info": {"title": "Orders", "version": "2.1"},
    "paths": {
        "/orders": {
            "parameters": [],
            "get": {"summary": "List orders", "responses": {}},
            "post": {"operationId": "createOrder", "responses": {}},
        },
        "/orders/{id}/": {"delete": {}},
    },
}
YAML = """
openapi: 3.0.0
info: {title: Orders, version: 2.1}
paths:
  /orders:
    get: &same {summary: List orders}
    post: {operationId: createOrder}
  /orders/{id}/:
    delete: {description: gone}
"""


def create(client: servers.Client, name: str = "Orders", **more: Any) -> Any:
    """A new collection, made of a description."""
    spec = {"content": json.dumps(SPEC), "format": "json"}
    return client.call("POST", "api_collections", json={"name": name, "openapi_spec": spec} | more)


def listed(client: servers.Client, **params: Any) -> list[Any]:
    """Endpoints."""
    found: list[Any] = client.call("GET", "api_endpoints", params=params)
    return found


@pytest.mark.parametrize(
    "spec", [{"content": json.dumps(SPEC)}, {"content": YAML, "format": "yaml"}], ids=["json", "yaml"]
)
def test_a_description_becomes_a_collection_of_inactive_endpoints(client: servers.Client, spec: dict[str, str]) -> None:
    made = create(client, openapi_spec=spec)

    results = {"success": True, "total_endpoints": 3, "failed_endpoints": 0, "failed_actions": []}
    assert results == made["import_results"]
    assert "2.1" == made["version"]
    found = listed(client, api_collection_id=made["id"])
    first, second = ("List orders", "GET", "orders"), ("createOrder", "POST", "orders")
    expected = {first, second, ("DELETE /orders/{id}/", "DELETE", "orders/{id}")}
    assert expected == {(each["name"], each["method"], each["path"]) for each in found}
    assert {(False, 0, made["id"])} == {(each["active"], each["flow_id"], each["api_collection_id"]) for each in found}
    assert f"{client.server.address}/api-endpoints/orders/orders" == found[0]["url"]


def test_what_cant_become_an_endpoint_is_told(client: servers.Client) -> None:
    paths: dict[str, Any] = {
        "/a": {"get": {}, "options": {}},
        "/a/": {"get": {}},
        "/b": None,
        "/": {"get": {}},
        "x-note": {},
    }
    spec = {"content": json.dumps({"paths": paths}), "format": "json"}

    made = create(client, openapi_spec=spec)

    results = made["import_results"]
    assert (False, 5, 4) == (results["success"], results["total_endpoints"], results["failed_endpoints"])
    assert ["OPTIONS /a", "GET /a/", "? /b", "GET /"] == [each.split(":")[0] for each in results["failed_actions"]]
    assert 1 == len(listed(client, api_collection_id=made["id"]))
    assert made["message"].startswith("API collection created with 1 endpoints")


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"content": "{", "format": "json"}, "not valid JSON"),
        ({"content": "[]", "format": "json"}, "must be a JSON object"),
        ({"content": '{"openapi": "3.0.0"}', "format": "json"}, "holds no `paths`"),
        ({"content": "a: [", "format": "yaml"}, "not valid YAML"),
        ({"content": "[" * 5000, "format": "yaml"}, "nested too deep"),
        ({"content": "just text", "format": "yaml"}, "must be a YAML mapping"),
        ({"content": "paths: !!python/object:os.system x", "format": "yaml"}, "holds no `paths`"),
        ({"content": "x" * 1024 * 1025, "format": "yaml"}, "is longer than"),
        ({"content": json.dumps({"paths": {f"/{n}": {"get": {}} for n in range(1001)}})}, "asks for 1001 endpoints"),
    ],
)
def test_a_description_that_is_none_makes_no_collection(
    client: servers.Client, spec: dict[str, str], message: str
) -> None:
    answer = client.call("POST", "api_collections", 400, json={"name": "Orders", "openapi_spec": spec})

    assert message in answer["errors"]["openapi_spec.content"][0]
    assert [] == client.call("GET", "api_collections")


@pytest.mark.parametrize(
    ("fields", "field"), [({"name": " "}, "name"), ({"name": "A", "proxy_connection_id": 1}, "proxy_connection_id")]
)
def test_what_no_collection_can_be_is_refused(client: servers.Client, fields: dict[str, Any], field: str) -> None:
    assert [field] == list(client.call("POST", "api_collections", 400, json=fields)["errors"])


def test_a_collection_belongs_to_its_project_and_travels_with_it(client: servers.Client) -> None:
    folder = client.folder()
    project = client.call("GET", f"folders/{folder}")["project_id"]

    made = create(client, project_id=str(project))

    assert project == made["project_id"]
    files = worlds.unzipped(client.export(folder))
    assert "orders.api_group.json" in files
    endpoint = json.loads(files["list_orders.api_endpoint.json"])
    assert worlds.reference("orders.api_group.json", "Orders") == endpoint["api_group_id"]
    assert None is endpoint["recipe_id"]
    assert "completed" == client.load(folder, worlds.zipped(files))["status"]
    client.call("POST", "api_collections", 404, json={"name": "Other", "project_id": 999999})


def test_a_name_names_one_collection(client: servers.Client) -> None:
    create(client)

    answer = client.call("POST", "api_collections", 400, json={"name": "Orders"})

    assert "name: 'Orders' has already been taken" == answer["message"]
    assert "/orders-2" in client.call("POST", "api_collections", json={"name": "orders!"})["url"]


def test_collections_are_listed_and_shown_page_by_page(client: servers.Client) -> None:
    ids = [client.call("POST", "api_collections", json={"name": name})["id"] for name in "ABC"]

    assert ids == [each["id"] for each in client.call("GET", "api_collections")]
    assert ids[2:] == [each["id"] for each in client.call("GET", "api_collections", params={"per_page": 2, "page": 2})]
    assert "B" == client.call("GET", f"api_collections/{ids[1]}")["name"]


def test_a_deleted_collection_takes_its_endpoints_along_and_no_others(client: servers.Client) -> None:
    gone, stays = create(client)["id"], create(client, "Other")["id"]

    client.call("DELETE", f"api_collections/{gone}")

    assert {stays} == {each["api_collection_id"] for each in listed(client)}
    client.call("DELETE", f"api_collections/{gone}", 404)
    client.call("GET", f"api_collections/{gone}", 404)
    client.call("GET", "api_endpoints", 404, params={"api_collection_id": gone})


def imported(client: servers.Client, trigger: tuple[str, str] = worlds.ANSWERS) -> Any:
    """An endpoint that a package brought, and the recipe that answers it."""
    endpoint: dict[str, Any] = {
        "name": "Search",
        "method": "GET",
        "path": "search/{term}",
        "legacy": False,
        "recipe_id": worlds.reference("search.recipe.json", "Search"),
        "api_group_id": worlds.reference("shop.api_group.json", "Shop"),
    }
    files = {
        "shop.api_group.json": worlds.document({"name": "Shop", "version": "1.0", "handle": "shop-v1"}),
        "search.api_endpoint.json": worlds.document(endpoint),
        "search.recipe.json": worlds.Recipe("Search", trigger=trigger).bytes,
    }
    client.load(client.folder(), worlds.zipped(files))
    return listed(client)[0], client.recipe("Search")["id"]


def test_an_endpoint_is_enabled_while_its_recipe_runs(client: servers.Client) -> None:
    endpoint, recipe = imported(client)
    assert (recipe, False, "/api-endpoints/shop-v1/search/{term}") == (
        endpoint["flow_id"],
        endpoint["active"],
        endpoint["base_path"],
    )

    refused = client.call("PUT", f"api_endpoints/{endpoint['id']}/enable", 400)
    client.call("PUT", f"recipes/{recipe}/start")
    client.call("PUT", f"api_endpoints/{endpoint['id']}/enable", headers={"Content-Type": "application/json"})

    assert "endpoint 'Search' is answered by recipe 'Search', which is not running" == refused["message"]
    assert [True] == [each["active"] for each in listed(client)]


def test_an_endpoint_is_disabled_whatever_its_recipe_does(client: servers.Client) -> None:
    endpoint, recipe = imported(client)
    client.call("PUT", f"recipes/{recipe}/start")
    client.call("PUT", f"api_endpoints/{endpoint['id']}/enable")

    client.call("PUT", f"recipes/{recipe}/stop")
    client.call("PUT", f"api_endpoints/{endpoint['id']}/disable")
    client.call("PUT", f"api_endpoints/{endpoint['id']}/disable")

    assert [False] == [each["active"] for each in listed(client)]


def test_an_endpoint_is_active_only_while_its_recipe_runs(client: servers.Client) -> None:
    endpoint, recipe = imported(client)
    client.call("PUT", f"recipes/{recipe}/start")
    client.call("PUT", f"api_endpoints/{endpoint['id']}/enable")

    client.call("PUT", f"recipes/{recipe}/stop")
    stopped = listed(client)[0]["active"]
    client.call("PUT", f"recipes/{recipe}/start")
    started = listed(client)[0]["active"]
    client.call("PUT", f"recipes/{recipe}/stop")
    client.call("DELETE", f"recipes/{recipe}")

    assert [False, True, False] == [stopped, started, listed(client)[0]["active"]]


def test_an_endpoint_of_a_recipe_that_no_request_starts_is_not_enabled(client: servers.Client) -> None:
    endpoint, recipe = imported(client, ("clock", "scheduled_event"))
    client.call("PUT", f"recipes/{recipe}/start")

    refused = client.call("PUT", f"api_endpoints/{endpoint['id']}/enable", 400)

    assert "recipe 'Search', whose trigger is 'clock'; only a recipe with a trigger of" in refused["message"]
    assert [False] == [each["active"] for each in listed(client)]


def test_an_endpoint_without_a_recipe_is_not_enabled(client: servers.Client) -> None:
    create(client)

    refused = client.call("PUT", f"api_endpoints/{listed(client)[0]['id']}/enable", 400)

    assert "endpoint 'List orders' has no recipe to answer it: nothing could be enabled" == refused["message"]


def test_an_endpoint_is_added_to_a_collection(client: servers.Client) -> None:
    made = create(client)["id"]
    _, recipe = imported(client)
    wanted = {"name": "Find", "method": "get", "path": "/find/{key}", "flow_id": str(recipe)}

    added = client.call("POST", f"api_collections/{made}/api_endpoints", json=wanted)

    assert ("GET", "find/{key}", recipe, made) == tuple(
        added[name] for name in ("method", "path", "flow_id", "api_collection_id")
    )
    again = client.call("POST", f"api_collections/{made}/api_endpoints", 400, json=wanted)
    assert "path: GET find/{key} is endpoint 'Find' already" == again["message"]


@pytest.mark.parametrize(
    ("change", "field"), [({"name": ""}, "name"), ({"method": "HEAD"}, "method"), ({"path": "/"}, "path")]
)
def test_an_endpoint_needs_a_name_a_method_and_a_path(
    client: servers.Client, change: dict[str, str], field: str
) -> None:
    made = create(client)["id"]
    wanted = {"name": "Find", "method": "GET", "path": "find"} | change

    assert [field] == list(client.call("POST", f"api_collections/{made}/api_endpoints", 400, json=wanted)["errors"])


def test_an_endpoint_of_what_is_not_here_is_not_found(client: servers.Client) -> None:
    wanted = {"name": "Find", "path": "find"}

    client.call("POST", "api_collections/999999/api_endpoints", 404, json=wanted)
    client.call("POST", f"api_collections/{create(client)['id']}/api_endpoints", 404, json=wanted | {"flow_id": 999999})


def test_a_collection_describes_itself(client: servers.Client) -> None:
    made = create(client)

    spec = client.http.get(made["api_spec_url"]).json()

    assert {"/orders": {"get", "post"}, "/orders/{id}": {"delete"}} == {
        path: set(operations) for path, operations in spec["paths"].items()
    }
    parameter = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    assert [parameter] == spec["paths"]["/orders/{id}"]["delete"]["parameters"]
    assert [{"url": made["url"]}] == spec["servers"]


def test_another_workspaces_endpoints_are_not_found(client: servers.Client) -> None:
    create(client)
    endpoint = listed(client)[0]["id"]

    with client.server.workspace() as other:
        assert [] == listed(other)
        other.call("PUT", f"api_endpoints/{endpoint}/enable", 404)
        other.call("PUT", f"api_endpoints/{endpoint}/disable", 404)
