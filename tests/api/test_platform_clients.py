"""Platform clients and their keys over HTTP."""

from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa

import servers
from recipeyard.model import tokens
from recipeyard.sql import tables

ALL = "v2/api_clients"


def create(client: servers.Client, name: str = "Shop", **more: Any) -> Any:
    """A new client."""
    wanted = {"name": name, "auth_type": "token", "api_collection_ids": []} | more
    return client.call("POST", ALL, json=wanted)["data"]


def create_key(client: servers.Client, owner: int, name: str = "Key", **more: Any) -> Any:
    """A new key."""
    return client.call("POST", f"{ALL}/{owner}/api_keys", json={"name": name, "active": True} | more)["data"]


def collection(client: servers.Client, name: str) -> int:
    """A new collection's id."""
    return int(client.call("POST", "api_collections", json={"name": name})["id"])


def test_a_client_is_made_shown_listed_and_changed(client: servers.Client) -> None:
    first, second = collection(client, "A"), collection(client, "B")

    made = create(client, api_collection_ids=[first], description="Buys", email="a@b.example")
    changed = client.call("PUT", f"{ALL}/{made['id']}", json={"name": "Store", "api_collection_ids": [str(second)]})

    assert ("Shop", "Buys", "a@b.example", "token") == tuple(
        made[name] for name in ("name", "description", "email", "auth_type")
    )
    assert [{"id": first, "name": "A"}] == made["api_collections"]
    assert ("Store", "Buys", [{"id": second, "name": "B"}]) == tuple(
        changed["data"][name] for name in ("name", "description", "api_collections")
    )
    assert changed == client.call("GET", f"{ALL}/{made['id']}")
    listed = {"data": [changed["data"]], "count": 1, "page": 1, "per_page": 100}
    assert listed == client.call("GET", ALL)


def test_a_list_is_paged_and_narrowed_by_project(client: servers.Client) -> None:
    project = client.call("GET", f"folders/{client.folder()}")["project_id"]
    mine = create(client, project_id=project)["id"]
    other = create(client, "Other")["id"]

    assert [mine] == [each["id"] for each in client.call("GET", ALL, params={"project_id": project})["data"]]
    page = client.call("GET", ALL, params={"page": 2, "per_page": 1})
    assert ([other], 2, 2, 1) == ([each["id"] for each in page["data"]], page["count"], page["page"], page["per_page"])
    client.call("POST", ALL, 404, json={"name": "Lost", "project_id": 999999})


def test_a_deleted_collection_is_open_to_nobody(client: servers.Client) -> None:
    gone = collection(client, "A")
    made = create(client, api_collection_ids=[gone])["id"]

    client.call("DELETE", f"api_collections/{gone}")

    assert [] == client.call("GET", f"{ALL}/{made}")["data"]["api_collections"]


def test_a_token_is_shown_once_and_kept_nowhere(client: servers.Client) -> None:
    owner = create(client)["id"]

    made = create_key(client, owner, ip_allow_list=["10.0.0.0/8"])

    token = made["auth_token"]
    listed = client.http.get(f"/api/{ALL}/{owner}/api_keys")
    shown = listed.json()["data"][0]
    assert token.startswith("ryk-")
    assert token not in listed.text + client.http.get("/api/api_access_profiles").text
    assert (token[:8], token[-4:]) == (shown["auth_token"][:8], shown["auth_token"][-4:])
    assert made | {"auth_token": shown["auth_token"]} == shown
    with client.server.db.read() as tx:
        kept = tx.connection.execute(sa.select(tables.platform_keys).order_by(tables.platform_keys.c.id.desc())).first()
    assert kept
    assert tokens.digest(token) == kept.digest
    assert token not in str(kept) + client.server.log


def test_a_refreshed_key_has_another_token(client: servers.Client) -> None:
    owner = create(client)["id"]
    made = create_key(client, owner)

    refreshed = client.call("PUT", f"{ALL}/{owner}/api_keys/{made['id']}/refresh_secret")["data"]

    assert made["auth_token"] != refreshed["auth_token"]
    assert "*" not in refreshed["auth_token"]
    assert made | {"auth_token": ""} == refreshed | {"auth_token": ""}
    with client.server.db.read() as tx:
        digests = {row.digest for row in tx.all(sa.select(tables.platform_keys.c.digest))}
    assert tokens.digest(refreshed["auth_token"]) in digests
    assert tokens.digest(made["auth_token"]) not in digests


def test_a_key_is_active_since_it_was_switched_on(client: servers.Client) -> None:
    owner = create(client)["id"]
    made = create_key(client, owner, active=False)
    one = f"{ALL}/{owner}/api_keys/{made['id']}"

    renamed = client.call("PUT", one, json={"name": "Renamed", "ip_deny_list": ["::1"]})["data"]
    on = client.call("PUT", one, json={"active": True})["data"]

    assert (False, False, True) == (made["active"], renamed["active"], on["active"])
    assert ("Renamed", ["::1"], made["active_since"]) == (
        renamed["name"],
        renamed["ip_deny_list"],
        renamed["active_since"],
    )
    assert datetime.fromisoformat(on["active_since"]) > datetime.fromisoformat(made["active_since"])
    assert ("Renamed", ["::1"]) == (on["name"], on["ip_deny_list"])


def test_keys_are_counted_by_their_client(client: servers.Client) -> None:
    owner = create(client)["id"]
    create_key(client, owner, "One")
    gone = create_key(client, owner, "Two")["id"]
    create_key(client, owner, "Three", active=False)

    client.call("DELETE", f"{ALL}/{owner}/api_keys/{gone}")

    shown = client.call("GET", f"{ALL}/{owner}")["data"]
    assert (1, 2) == (shown["active_api_keys_count"], shown["total_api_keys_count"])
    client.call("DELETE", f"{ALL}/{owner}/api_keys/{gone}", 404)


def test_a_deleted_client_takes_its_keys_along(client: servers.Client) -> None:
    owner = create(client)["id"]
    create_key(client, owner)

    client.call("DELETE", f"{ALL}/{owner}")

    assert [] == client.call("GET", "api_access_profiles")
    client.call("GET", f"{ALL}/{owner}", 404)
    client.call("GET", f"{ALL}/{owner}/api_keys", 404)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "n" * 256}, "name"),
        ({"name": "Taken"}, "name"),
        ({"name": "A", "auth_type": "jwt"}, "auth_type"),
        ({"name": "A", "api_collection_ids": [999999]}, "api_collection_ids"),
        ({"name": "A", "api_portal_id": 1}, "api_portal_id"),
        ({"name": "A", "api_policy_id": 1}, "api_policy_id"),
        ({"name": "A", "mtls_enabled": True}, "mtls_enabled"),
    ],
)
def test_what_no_client_can_be_is_refused(client: servers.Client, fields: dict[str, Any], field: str) -> None:
    taken = create(client, "Taken")

    answer = client.call("POST", ALL, 400, json=fields)

    assert [field] == list(answer["errors"])
    assert [taken] == client.call("GET", ALL)["data"]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "Taken"}, "name"),
        ({"name": "A", "ip_allow_list": ["10.0.0.1", "here"]}, "ip_allow_list[1]"),
    ],
)
def test_what_no_key_can_be_is_refused(client: servers.Client, fields: dict[str, Any], field: str) -> None:
    owner = create(client)["id"]
    create_key(client, owner, "Taken")
    other = create_key(client, owner, "Other")["id"]

    made = client.call("POST", f"{ALL}/{owner}/api_keys", 400, json=fields)
    changed = client.call("PUT", f"{ALL}/{owner}/api_keys/{other}", 400, json=fields)

    assert [field] == list(made["errors"]) == list(changed["errors"])
    assert ["Taken", "Other"] == [each["name"] for each in client.call("GET", f"{ALL}/{owner}/api_keys")["data"]]


def test_the_first_version_shows_the_same_clients_and_keys(client: servers.Client) -> None:
    open_to_it = collection(client, "A")
    old = client.call("POST", "api_clients", json={"name": "Old", "api_collection_ids": [open_to_it]})

    wanted = {"name": "Key", "api_client_id": str(old["id"]), "api_collection_ids": [open_to_it], "active": True}
    profile = client.call("POST", "api_access_profiles", json=wanted)

    assert [old] == client.call("GET", "api_clients")
    assert "*" not in profile["auth_token"]
    listed = client.call("GET", "api_access_profiles")
    assert [profile | {"auth_token": listed[0]["auth_token"]}] == listed
    assert "*" in listed[0]["auth_token"]
    assert (open_to_it, old["id"]) == (listed[0]["api_collection_ids"][0], listed[0]["api_client_id"])
    assert [profile["id"]] == [each["id"] for each in client.call("GET", f"{ALL}/{old['id']}/api_keys")["data"]]


def test_an_access_profile_opens_no_other_collections_than_its_clients(client: servers.Client) -> None:
    owner = create(client)["id"]
    wanted = {"name": "Key", "api_client_id": owner, "api_collection_ids": [collection(client, "A")]}

    answer = client.call("POST", "api_access_profiles", 400, json=wanted)

    assert "collections are open to whole clients" in answer["errors"]["api_collection_ids"][0]
    assert ["api_client_id"] == list(client.call("POST", "api_access_profiles", 400, json={"name": "Key"})["errors"])
    assert [] == client.call("GET", "api_access_profiles")


def test_another_workspaces_clients_and_keys_are_not_found(client: servers.Client) -> None:
    owner = create(client)["id"]
    key = create_key(client, owner)["id"]

    with client.server.workspace() as other:
        mine = create(other)["id"]
        for method, path in [("GET", ""), ("DELETE", ""), ("GET", "/api_keys"), ("DELETE", f"/api_keys/{key}")]:
            other.call(method, f"{ALL}/{owner}{path}", 404)
        other.call("PUT", f"{ALL}/{owner}", 404, json={"name": "x"})
        other.call("PUT", f"{ALL}/{mine}/api_keys/{key}", 404, json={"name": "x"})
        other.call("PUT", f"{ALL}/{mine}/api_keys/{key}/refresh_secret", 404)
        assert [] == other.call("GET", "api_access_profiles")
