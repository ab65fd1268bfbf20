"""The OpenAPI document and its page: there, true, and from this server alone."""

import re
from typing import Any

import httpx
import pytest

import servers


@pytest.fixture
def address(started: dict[str, servers.Server]) -> str:
    return started["embedded"].address


def test_the_document_names_every_route_and_its_errors(address: str) -> None:
    document = httpx.get(f"{address}/api/openapi.json").json()

    heart = ["/api/packages/export/{manifest_id}", "/api/packages/import/{folder_id}", "/api/packages/{package_id}"]
    assert {*heart, "/api/packages/{package_id}/download"} <= document["paths"].keys()
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert all({"400", "401", "404", "500"} <= operation["responses"].keys() for operation in operations)
    assert len(operations) == len({operation["operationId"] for operation in operations})
    assert "application/octet-stream" in str(document["paths"][heart[1]]["post"]["requestBody"])


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
