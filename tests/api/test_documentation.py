"""The OpenAPI document and its page: there, true, and from this server alone."""

import re
from typing import Any

import httpx
import pytest

import servers


@pytest.fixture
def address(started: dict[str, servers.Server]) -> str:
    return started["embedded"].address


@pytest.fixture
def document(address: str) -> Any:
    return httpx.get(f"{address}/api/openapi.json").json()


def operations(document: Any) -> list[Any]:
    return [operation for path in document["paths"].values() for operation in path.values()]


def is_given(operation: Any) -> bool:
    """Whether an operation has parameters of its own."""
    return any(parameter["in"] != "header" for parameter in operation.get("parameters", ()))


def test_the_document_names_every_route_and_its_errors(document: Any) -> None:
    heart = ["/api/packages/export/{manifest_id}", "/api/packages/import/{folder_id}", "/api/packages/{package_id}"]

    assert {*heart, "/api/packages/{package_id}/download"} <= document["paths"].keys()
    assert all({"401", "403", "429", "500"} <= each["responses"].keys() for each in operations(document))
    assert all({"400", "404"} <= each["responses"].keys() for each in operations(document) if is_given(each))
    assert "application/octet-stream" in str(document["paths"][heart[1]]["post"]["requestBody"])


def test_an_operation_lists_no_error_that_it_can_not_give(document: Any) -> None:
    paths = document["paths"]

    assert {"400", "404", "413", "422"}.isdisjoint(paths["/api/users/me"]["get"]["responses"])
    assert {"413", "422"}.isdisjoint(paths["/api/folders/{folder_id}"]["get"]["responses"])
    assert {"413", "422"} <= paths["/api/packages/import/{folder_id}"]["post"]["responses"].keys()
    assert ["Location"] == [
        name
        for name in paths["/api/packages/{package_id}/download"]["get"]["responses"]["302"]["headers"]
        if not name.startswith("X-")
    ]


def test_every_part_of_the_document_is_described_once(document: Any) -> None:
    named = [each["operationId"] for each in operations(document)]
    structs = [each["title"] for each in document["components"]["schemas"].values()]

    assert len(named) == len(set(named))
    assert len(structs) == len(set(structs))
    assert [] == [name for name, each in document["components"]["schemas"].items() if not each.get("description")]
    assert [] == [each["operationId"] for each in operations(document) if not each.get("description")]
    assert [] == [
        (each["operationId"], parameter["name"])
        for each in operations(document)
        for parameter in each.get("parameters", ())
        if not parameter.get("description") and parameter["in"] != "path"
    ]
    assert {tag["name"] for tag in document["tags"]} >= {tag for each in operations(document) for tag in each["tags"]}


def test_requests_may_spell_numbers_and_flags_as_texts_and_answers_may_not(document: Any) -> None:
    schemas = document["components"]["schemas"]

    assert {"type": "string", "pattern": "^[1-9][0-9]{0,17}$"} in schemas["ConnectionRequest"]["properties"][
        "folder_id"
    ]["anyOf"]
    assert {"type": "integer"} == schemas["Connection"]["properties"]["folder_id"]
    assert ["success"] == schemas["Success"]["required"]


def test_methods_that_a_path_does_not_have_are_unknown(client: servers.Client) -> None:
    assert "API not found" == client.call("OPTIONS", "folders", 404)["message"]
    assert "API not found" == client.call("PATCH", "folders", 404)["message"]


@pytest.mark.parametrize(("sent", "error_type"), [({"parent_id": "x"}, "malformed"), ({"name": ""}, "invalid")])
def test_what_is_malformed_is_told_from_what_can_not_be_used(
    client: servers.Client, sent: Any, error_type: str
) -> None:
    assert error_type == client.call("POST", "folders", 400, json=sent)["error_type"]


def test_the_page_loads_nothing_from_elsewhere(address: str) -> None:
    page = httpx.get(f"{address}/docs").text
    links = re.findall(r'(?:href|src)="([^"]+)"', page)

    assert links
    assert all(link.startswith("/docs/assets/") for link in links)
    assert {200} == {httpx.get(f"{address}{link}").status_code for link in links}
    assert page == httpx.get(f"{address}/").text


def test_answers_have_the_shape_that_the_document_says(client: servers.Client) -> None:
    document = client.http.get("/api/openapi.json").json()
    folder = client.folder()
    asked = {
        "/api/users/me": "users/me",
        "/api/folders/{folder_id}": f"folders/{folder}",
        "/api/export_manifests": "export_manifests",
        "/api/packages": "packages",
        "/api/recipes": "recipes",
    }

    for path, call in asked.items():
        schema = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        assert_fits(client.call("GET", call), schema, document["components"]["schemas"])


def assert_fits(value: Any, schema: dict[str, Any], schemas: dict[str, Any]) -> None:
    """The required members of objects are there, and nothing that the schema does not know."""
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    if schema.get("type") == "array":
        for each in value:
            assert_fits(each, schema["items"], schemas)
    elif "properties" in schema:
        assert set(schema.get("required", [])) <= value.keys() <= schema["properties"].keys()
        for name, member in value.items():
            assert_fits(member, schema["properties"][name], schemas)
