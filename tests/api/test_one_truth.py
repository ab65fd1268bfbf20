"""One truth, however a client spells it: content types, empty bodies, booleans, ids, lists, pages, fields, tokens.

How archives may be wrapped is tested with the uploads.
"""

import json
import secrets
from typing import Any

import pytest

import servers
import worlds
from recipeyard.model import tokens
from recipeyard.sql import workspaces

JSON = {"Content-Type": "application/json"}


def test_a_json_type_without_a_body_is_no_offence(client: servers.Client) -> None:
    folder = client.folder()
    client.load(folder, worlds.zipped({"a.recipe.json": worlds.Recipe("A").bytes}))
    recipe, manifest = client.recipe("A")["id"], client.manifest(folder)
    asked = [
        ("GET", "users/me"),
        ("PUT", f"recipes/{recipe}/start"),
        ("PUT", f"recipes/{recipe}/stop"),
        ("PUT", f"recipes/{recipe}"),
        ("POST", f"recipes/{recipe}/copy"),
        ("POST", f"packages/export/{manifest}"),
        ("PUT", f"export_manifests/{manifest}"),
        ("DELETE", f"export_manifests/{manifest}"),
        ("DELETE", f"recipes/{recipe}"),
    ]

    answers = {
        f"{method} {path}": client.http.request(method, f"/api/{path}", headers=JSON, content=b"").status_code
        for method, path in asked
    }

    assert dict.fromkeys(answers, 200) == answers


@pytest.mark.parametrize("accept", [None, "*/*", "application/json", "application/zip", "text/html", "image/*;q=0.1"])
def test_whatever_a_client_accepts_it_gets_the_answer(client: servers.Client, accept: str | None) -> None:
    headers = {} if accept is None else {"Accept": accept}
    if accept is None:
        del client.http.headers["Accept"]
    folder = client.folder()

    package = client.follow(
        client.call("POST", f"packages/import/{folder}", content=worlds.zipped(worlds.project()), headers=headers)
    )
    listed = client.http.get("/api/folders", headers=headers)
    content = client.http.get(f"/api/packages/{package['id']}/download", headers=headers, follow_redirects=True)

    assert [folder] == [each["id"] for each in listed.json()]
    assert ("application/zip", b"PK") == (content.headers["content-type"], content.content[:2])


@pytest.mark.parametrize(
    ("spelled", "meant"), [("True", 1), ("1", 1), ("true", 1), ("False", 0), ("0", 0), ("false", 0)]
)
def test_booleans_may_be_spelled_in_many_ways(client: servers.Client, spelled: str, meant: int) -> None:
    top = client.folder()
    client.folder("Below", top)

    found = client.call("GET", "folders", params={"with_nested_folders": spelled})

    assert 1 + meant == len(found)


@pytest.mark.parametrize("spell", [int, str])
def test_ids_may_be_numbers_or_texts_everywhere(client: servers.Client, spell: Any) -> None:
    top = client.folder()
    project = client.call("GET", f"folders/{top}")["project_id"]
    client.load(top, worlds.zipped({"a.recipe.json": worlds.Recipe("A").uses("rest", None).bytes}))
    recipe = client.recipe("A")["id"]

    below = client.call("POST", "folders", json={"name": "Below", "parent_id": spell(top)})["id"]
    crm = {"name": "CRM", "provider": "rest", "folder_id": spell(below)}
    connection = client.call("POST", "connections", json=crm)["id"]
    client.call("PUT", f"recipes/{recipe}/connect", json={"adapter_name": "rest", "connection_id": spell(connection)})
    client.call("PUT", f"recipes/{recipe}", json={"folder_id": spell(below)})
    copied = client.call("POST", f"recipes/{recipe}/copy", json={"folder_id": spell(top)})["new_flow_id"]
    collection = client.call("POST", "api_collections", json={"name": "C", "project_id": spell(project)})
    assets = [{"id": spell(recipe), "type": "recipe", "zip_name": "a.recipe.json"}]
    manifest = client.call(
        "POST", "export_manifests", 201, json={"name": "M", "folder_id": spell(top), "assets": assets}
    )["result"]["id"]

    assert "completed" == client.follow(client.call("POST", f"packages/export/{manifest}"))["status"]
    assert (below, top) == tuple(client.call("GET", f"recipes/{each}")["folder_id"] for each in (recipe, copied))
    assert (below, project) == (client.call("GET", "connections")[0]["folder_id"], collection["project_id"])


LISTS = [
    [("includes[]", "tags")],
    [("includes[]", "tags"), ("includes[]", "x")],
    [("adapter_names_any", "clock,rest")],
    [("adapter_names_all", "clock,logger")],
    [("running", "false"), ("per_page", "100"), ("page", "0")],
]


@pytest.mark.parametrize("params", LISTS, ids=str)
def test_lists_may_be_repeated_or_separated_by_commas(client: servers.Client, params: list[tuple[str, str]]) -> None:
    recipe = worlds.Recipe("A").uses("logger", None, "log_message")
    client.load(client.folder(), worlds.zipped({"a.recipe.json": recipe.bytes}))

    found = client.call("GET", "recipes", params=params)["items"]

    assert ["A"] == [each["name"] for each in found]


def test_pages_start_at_one_and_hold_up_to_500(client: servers.Client) -> None:
    root = client.call("GET", "users/me")["root_folder_id"]
    recipe = worlds.Recipe("A").bytes
    client.load(root, worlds.zipped({f"Project {at:03}/a.recipe.json": recipe for at in range(101)}))
    ids = [each["id"] for each in client.call("GET", "projects", params={"per_page": 500})]

    assert 101 == len(ids)
    assert ids[:100] == [each["id"] for each in client.call("GET", "projects")]
    assert ids[:100] == [each["id"] for each in client.call("GET", "projects", params={"page": 0})]
    assert ids[100:] == [each["id"] for each in client.call("GET", "projects", params={"page": 2})]
    assert ids == [each["id"] for each in client.call("GET", "projects", params={"per_page": 100_000})]
    assert 101 == len(client.call("GET", "folders", params={"per_page": 500}))
    assert 101 == len(client.call("GET", "recipes", params={"per_page": 500})["items"])


def test_unknown_fields_are_passed_over(client: servers.Client) -> None:
    fields = {"name": "Orders", "color": "red", "settings": {"a": [1, None]}}

    made = client.call("POST", "folders", json=fields, params={"verbose": "1", "x[]": "y"})

    assert ("Orders", set()) == (made["name"], {"color", "settings"} & made.keys())
    assert [made] == client.call("GET", "folders", params={"sort": "-name"})


@pytest.mark.parametrize("wrap", [lambda fields: {"lookup_table": fields}, lambda fields: fields], ids=["in", "flat"])
def test_fields_may_come_wrapped_or_flat(client: servers.Client, wrap: Any) -> None:
    made = client.call("POST", "lookup_tables", json=wrap({"name": "Prices", "schema": [{"label": "Article"}]}))

    assert ["Prices"] == [each["name"] for each in client.call("GET", "lookup_tables") if each["id"] == made["id"]]


def test_a_body_on_a_get_is_read_as_parameters(client: servers.Client) -> None:
    client.call("POST", "custom_connectors", json={"title": "My ERP", "code": "{ title: 'My ERP' }"})
    client.call("POST", "custom_connectors", json={"title": "Other", "code": "{ title: 'Other' }"})

    by_body = client.call("GET", "custom_connectors/search", content=json.dumps({"title": "My ERP"}), headers=JSON)
    by_query = client.call("GET", "custom_connectors/search", params={"title": "My ERP"})
    apps = client.call("GET", "integrations", content=json.dumps({"applications": "slack,jira"}), headers=JSON)

    assert ["My ERP"] == [each["title"] for each in by_body["data"]]
    assert by_query == by_body
    assert {"slack", "jira"} == {each["name"] for each in apps["items"]}


def test_a_token_may_be_very_long(client: servers.Client) -> None:
    token = secrets.token_hex(2000)
    with client.server.db.write() as tx:
        mine = workspaces.by_token(tx, tokens.digest(client.token))
        workspaces.add_token(tx, mine, tokens.digest(token))

    with client.server.client(token) as long:
        assert client.call("GET", "users/me")["id"] == long.call("GET", "users/me")["id"]
