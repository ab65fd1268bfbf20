"""Refusals name what they are about: the thing that is not here, the field at fault, in the request's own words."""

from typing import Any

import pytest

import servers

NOWHERE = "00000000-0000-0000-0000-000000000000"


@pytest.mark.parametrize(
    ("path", "thing"),
    [
        ("project_builds/99999999", "build 99999999"),
        ("deployments/99999999", "deployment 99999999"),
        (f"data_tables/{NOWHERE}", f"data table '{NOWHERE}'"),
        ("developer_api_clients/99999999", "API client 99999999"),
        ("developer_api_client_roles/99999999", "role 99999999"),
        ("managed_users/99999999", "customer 99999999"),
        ("managed_users/Enobody", "customer 'nobody'"),
        ("custom_connectors/99999999/code", "custom connector 99999999"),
        ("api_collections/99999999", "API collection 99999999"),
    ],
)
def test_what_is_not_here_is_named_as_people_say_it(client: servers.Client, path: str, thing: str) -> None:
    assert f"Not found: there is no {thing} here" == client.call("GET", path, 404)["message"]


def test_rows_and_records_that_are_not_here_are_named(client: servers.Client) -> None:
    table = {"name": "Prices", "schema": [{"label": "Article"}]}
    lookup = client.call("POST", "lookup_tables", json={"lookup_table": table})["id"]
    wanted = {"name": "Orders", "folder_id": client.folder(), "schema": [{"name": "n", "type": "integer"}]}
    orders = client.call("POST", "data_tables", json=wanted)["data"]["id"]

    row = client.call("GET", f"lookup_tables/{lookup}/rows/99999999", 404)
    found = client.call("GET", f"lookup_tables/{lookup}/lookup", 404, params={"by[Article]": "sofa"})
    record = client.call("GET", f"v1/tables/{orders}/records/{NOWHERE}", 404)

    assert "Not found: there is no row 99999999 here" == row["message"]
    assert "Not found: no row of table 'Prices' has 'sofa' in 'Article'" == found["message"]
    assert f"Not found: there is no record '{NOWHERE}' here" == record["message"]


@pytest.mark.parametrize(
    ("path", "params", "name"),
    [
        ("deployments", {"state": "odd"}, "state"),
        ("activity_logs", {"page[size]": 0}, "page[size]"),
        ("activity_logs", {"page[after]": "x"}, "page[after]"),
        ("activity_logs", {"users_ids[]": "x"}, "users_ids[]"),
        ("activity_logs", {"from": "yesterday"}, "from"),
        ("recipes", {"updated_after": "2030-13-01"}, "updated_after"),
    ],
)
def test_a_parameter_at_fault_has_the_name_that_was_sent(
    client: servers.Client, path: str, params: dict[str, Any], name: str
) -> None:
    assert [name] == list(client.call("GET", path, 400, params=params)["errors"])


@pytest.mark.parametrize(
    ("method", "path", "body", "errors"),
    [
        ("PUT", "recipes/1/connect", {"connection_id": 1}, {"adapter_name": ["is required"]}),
        ("PUT", "recipes/1/connect", [], {"body": ["Expected `object`, got `array`"]}),
        ("POST", "properties", {"properties": {"a": "1", "b": 2}}, {"properties.b": ["must be a text"]}),
        ("POST", "recipes", {"name": "A"}, {"code": ["must be an object: the trigger step"]}),
        (
            "POST",
            "recipes",
            {"name": "A", "code": {"number": 0}},
            {"recipe": ["the recipe has no trigger: its first step must have the keyword trigger"]},
        ),
    ],
)
def test_a_member_at_fault_is_named(
    client: servers.Client, method: str, path: str, body: Any, errors: dict[str, list[str]]
) -> None:
    assert errors == client.call(method, path, 400, json=body)["errors"]


def test_a_number_that_no_record_can_hold_is_too_large(client: servers.Client) -> None:
    wanted = {"name": "Orders", "folder_id": client.folder(), "schema": [{"name": "n", "type": "integer"}]}
    table = client.call("POST", "data_tables", json=wanted)["data"]["id"]

    refused = client.call("POST", f"v1/tables/{table}/records", 400, json={"n": 10**30})

    assert f"n: column 'n' takes whole numbers of up to 18 digits: {10**30} is too large" == refused["message"]


@pytest.mark.parametrize("name", ["from", "to"])
def test_a_date_is_its_midnight_in_utc(client: servers.Client, name: str) -> None:
    client.folder()

    shown = [
        len(client.call("GET", "activity_logs", params={name: when})["data"])
        for when in ("2000-01-01", "2000-01-01T00:00:00Z", "946684800", "9990-01-01")
    ]

    assert ([1, 1, 1, 0] if name == "from" else [0, 0, 0, 1]) == shown


def test_recipes_are_asked_for_by_date(client: servers.Client) -> None:
    code = {"number": 0, "provider": "clock", "name": "scheduled_event", "keyword": "trigger", "input": {}}
    client.call("POST", "recipes", json={"name": "A", "code": code})

    found = [
        [each["name"] for each in client.call("GET", "recipes", params={"updated_after": when})["items"]]
        for when in ("2000-01-01", "9990-01-01")
    ]

    assert [["A"], []] == found
