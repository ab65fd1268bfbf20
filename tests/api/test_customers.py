"""Customers: workspaces that another one manages, with that one's token."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import quote

import httpx
import pytest

import servers
import worlds
from recipeyard.model import tokens
from recipeyard.sql import workspaces

_numbers = count(1)


@dataclass
class Customer:
    """A customer as its manager reaches it."""

    manager: servers.Client
    shown: Any
    address: str

    def call(self, method: str, path: str, status: int = 200, **more: Any) -> Any:
        return self.manager.call(method, f"managed_users/{self.address}/{path}", status, **more)

    def follow(self, package: Any, noun: str) -> Any:
        """A package as it ended."""
        while package["status"] == "in_progress":
            package = self.call("GET", f"{noun}/{package['id']}")
        return package

    def load(self, folder: int, content: bytes, **params: Any) -> Any:
        """Import an archive; gives the package as it ended."""
        asked = self.call("POST", "imports", content=content, params={"folder_id": folder} | params)
        return self.follow(asked, "imports")


@pytest.fixture
def customer(client: servers.Client) -> Customer:
    """A customer, addressed by an external id that is not at home in addresses."""
    external_id = f"C&A {next(_numbers)}%"
    wanted = {"name": name(), "external_id": external_id, "notification_email": "ops@example.com"}
    return Customer(client, client.call("POST", "managed_users", json=wanted), quote(f"E{external_id}", safe=""))


def name() -> str:
    return f"customer {next(_numbers)} of {id(_numbers)}"


@contextmanager
def own(customer: Customer) -> Iterator[servers.Client]:
    """The customer with a token of its own, as the operator makes it."""
    server, token = customer.manager.server, f"ryd-{secrets.token_urlsafe()}"
    with server.db.write() as tx:
        workspaces.add_token(tx, workspaces.named(tx, customer.shown["name"]), tokens.digest(token))
    with server.client(token) as client:
        yield client


@contextmanager
def another(customer: Customer) -> Iterator[servers.Client]:
    """A manager that has a customer of its own, and not this one."""
    with customer.manager.server.workspace() as other:
        other.call("POST", "managed_users", json={"name": name(), "external_id": "mine"})
        yield other


def test_a_customer_is_made_shown_changed_and_listed(client: servers.Client) -> None:
    made = client.call("POST", "managed_users", json={"name": (called := name()), "email": "a@b.c", "external_id": "7"})
    renamed = client.call("PUT", "managed_users/E7", json={"name": f"{called} & Co", "external_id": "8"})
    client.call("POST", "managed_users", json={"name": name()})

    assert (called, "7", "a@b.c") == (made["name"], made["external_id"], made["notification_email"])
    assert made | {"name": f"{called} & Co", "external_id": "8", "updated_at": renamed["updated_at"]} == renamed
    assert renamed == client.call("GET", f"managed_users/{made['id']}") == client.call("GET", "managed_users/E8")
    first = client.call("GET", "managed_users", params={"per_page": 1})
    assert ([renamed], 1, 1, 1) == (first["result"], first["count"], first["page"], first["per_page"])
    assert 2 == client.call("GET", "managed_users/")["count"]
    assert [] == client.call("GET", "managed_users?page=2")["result"]


def test_what_is_done_to_customers_is_logged_at_their_managers(customer: Customer) -> None:
    path = f"managed_users/{customer.shown['id']}"
    customer.manager.call("PUT", path, json={"name": name()})
    customer.manager.call("DELETE", path)

    logged = [each["event_type"] for each in customer.manager.call("GET", "activity_logs")["data"]]

    assert ["customer_deleted", "customer_updated", "customer_created"] == logged


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({}, "name: can't be blank"),
        ({"name": "{taken}"}, "name: there is a workspace '{taken}' already"),
        ({"name": "{new}", "external_id": "{external}"}, "external_id: '{external}' has already been taken"),
        ({"name": "{new}", "external_id": "a/b"}, "external_id: can't contain slashes or control characters"),
        ({"name": "{new}", "external_id": " "}, "external_id: can't be blank"),
    ],
)
def test_a_customer_that_cant_be_is_refused_and_not_made(
    customer: Customer, wanted: dict[str, str], message: str
) -> None:
    words = {"taken": customer.shown["name"], "external": customer.shown["external_id"], "new": name()}
    asked = {key: value.format(**words) for key, value in wanted.items()}

    refused = customer.manager.call("POST", "managed_users", 400, json=asked)

    assert message.format(**words) == refused["message"]
    assert 1 == customer.manager.call("GET", "managed_users")["count"]


def test_a_customer_can_have_no_customers(customer: Customer) -> None:
    with own(customer) as client:
        refused = client.call("POST", "managed_users", 403, json={"name": name()})

    assert f"'{customer.shown['name']}' is a customer itself, and can't manage others" == refused["message"]


def test_an_emptied_customer_can_be_deleted_with_what_its_packages_left(customer: Customer) -> None:
    folder = customer.call("POST", "folders", json={"name": "Orders"})
    package = customer.load(folder["id"], worlds.zipped({"a.recipe.json": worlds.Recipe("A").bytes}))
    path = f"managed_users/{customer.address}"
    refused = customer.manager.call("DELETE", path, 400)["message"]
    with own(customer) as client:
        client.call("DELETE", f"projects/{folder['project_id']}")

        assert {"success": True} == customer.manager.call("DELETE", path)

        client.call("GET", "users/me", 401)
    assert f"Workspace '{customer.shown['name']}' can't be deleted: it holds projects ('Orders')" == refused
    assert httpx.get(package["download_url"]).status_code in {403, 404}
    assert [] == customer.manager.call("GET", "managed_users")["result"]


def test_a_package_is_imported_at_a_customers(customer: Customer) -> None:
    folder = customer.call("POST", "folders", json={"name": "Orders"})["id"]

    package = customer.load(folder, worlds.zipped(worlds.project()), restart_recipes="True")

    assert ("import", "completed", folder) == (package["operation_type"], package["status"], package["folder_id"])
    assert {"First", "Second"} == {recipe["name"] for recipe in customer.call("GET", "recipes")["result"]}
    assert [] == customer.manager.call("GET", "recipes")["items"]
    customer.manager.call("GET", f"packages/{package['id']}", 404)


def test_what_a_normal_import_refuses_is_refused_here(customer: Customer) -> None:
    root = customer.shown["root_folder_id"]

    assert "Invalid package: not a zip archive" == customer.call("POST", "imports", 400, content=b"no")["message"]
    customer.call("POST", "imports?folder_id=999999999", 404, content=worlds.zipped(worlds.project()))
    content = worlds.zipped(worlds.project())
    refused = customer.call("POST", "imports", 422, content=content, params={"folder_id_for_home_assets": root})
    assert "folder_id_for_home_assets: can't be the workspace's root folder" == refused["message"]


def test_an_export_is_read_at_the_top_and_as_result(customer: Customer) -> None:
    folder = customer.call("POST", "folders", json={"name": "Orders"})["id"]
    customer.load(folder, worlds.zipped(worlds.project()))
    wanted = {"name": "All", "folder_id": folder, "auto_generate_assets": True}
    manifest = customer.call("POST", "export_manifests", 201, json={"export_manifest": wanted})["result"]["id"]

    asked = customer.call("POST", f"exports/{manifest}")
    package = customer.follow(asked, "exports")

    assert ("in_progress", manifest) == (asked["status"], asked["export_manifest_id"])
    assert asked["result"] == {key: value for key, value in asked.items() if key != "result"}
    assert package["result"] == {key: value for key, value in package.items() if key != "result"}
    assert worlds.project().keys() == worlds.unzipped(httpx.get(package["download_url"]).content).keys()
    path = f"/api/managed_users/{customer.address}/exports/{package['id']}/download"
    followed = customer.manager.http.get(path, follow_redirects=True)
    assert httpx.get(package["download_url"]).content == followed.content


def test_imports_are_no_exports_and_exports_no_imports(customer: Customer) -> None:
    folder = customer.call("POST", "folders", json={"name": "Orders"})["id"]
    imported = customer.load(folder, worlds.zipped(worlds.project()))["id"]

    customer.call("GET", f"exports/{imported}", 404)
    customer.call("GET", f"exports/{imported}/download", 404)


def test_a_customers_manifests_are_kept_like_ones_own(customer: Customer) -> None:
    folder = customer.call("POST", "folders", json={"name": "Orders"})["id"]
    customer.load(folder, worlds.zipped(worlds.project()))

    listed = customer.call("GET", f"export_manifests/folder_assets?folder_id={folder}")["result"]["assets"]
    wanted = {"name": "Some", "folder_id": folder, "assets": [{"id": listed[0]["id"], "type": listed[0]["type"]}]}
    made = customer.call("POST", "export_manifests", 201, json=wanted)["result"]
    path = f"export_manifests/{made['id']}"

    assert "Other" == customer.call("PUT", path, json={"name": "Other"})["result"]["name"]
    assert "Other" == customer.call("GET", path)["result"]["name"]
    assert [made["id"]] == [each["id"] for each in customer.call("GET", "export_manifests")["result"]["items"]]
    assert customer.call("DELETE", path)["success"]
    customer.call("GET", path, 404)


def test_a_customers_things_are_listed_with_their_page(customer: Customer) -> None:
    folder = customer.call("POST", "folders", json={"name": "Orders"})["id"]
    customer.load(folder, worlds.zipped(worlds.project()))

    pages = {
        noun: customer.call("GET", noun, params={"per_page": 1})
        for noun in ("folders", "projects", "recipes", "connections")
    }

    assert dict.fromkeys(pages, (1, 1, 1)) == {
        noun: (page["count"], page["page"], page["per_page"]) for noun, page in pages.items()
    }
    assert [folder] == [each["id"] for each in pages["folders"]["result"]]
    assert [folder] == [each["folder_id"] for each in pages["projects"]["result"]]
    assert 4 == customer.call("GET", "folders", params={"with_nested_folders": True})["count"] + 1
    recipe = pages["recipes"]["result"][0]
    assert [recipe] == customer.call("GET", f"recipes/{recipe['id']}")["result"]


def test_a_customers_recipes_are_started_and_stopped(customer: Customer) -> None:
    folder = customer.call("POST", "folders", json={"name": "Orders"})["id"]
    customer.load(folder, worlds.zipped({"a.recipe.json": worlds.Recipe("A").bytes}))
    recipe = customer.call("GET", "recipes")["result"][0]["id"]

    assert {"success": True} == customer.call("PUT", f"recipes/{recipe}/start")
    assert [True] == [each["running"] for each in customer.call("GET", f"recipes/{recipe}")["result"]]
    assert {"success": True, "jobs_under_way": 0} == customer.call("PUT", f"recipes/{recipe}/stop")


def test_a_customers_connections_and_properties_are_set(customer: Customer) -> None:
    wanted = {"name": "CRM", "provider": "rest", "input": {"password": "hush"}}
    made = customer.call("POST", "connections", json=wanted)
    customer.call("POST", "properties", json={"properties": {"rate": "3"}})

    renamed = customer.call("PUT", f"connections/{made['id']}", json={"name": "Sales"})

    assert ("Sales", "success") == (renamed["name"], renamed["authorization_status"])
    assert {"rate": "3"} == customer.call("GET", "properties")
    assert ({}, []) == (customer.manager.call("GET", "properties"), customer.manager.call("GET", "connections"))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("PUT", ""),
        ("DELETE", ""),
        ("POST", "imports"),
        ("GET", "imports/1"),
        ("POST", "exports/1"),
        ("GET", "exports/1"),
        ("GET", "exports/1/download"),
        ("GET", "export_manifests"),
        ("POST", "folders"),
        ("GET", "projects"),
        ("GET", "recipes"),
        ("PUT", "recipes/1/start"),
        ("POST", "connections"),
        ("POST", "properties"),
    ],
)
def test_another_managers_customer_is_not_found(customer: Customer, method: str, path: str) -> None:
    with another(customer) as other:
        for address in (customer.shown["id"], customer.address, "Enobody", "0", "x", 10**30):
            refused = other.call(method, f"managed_users/{address}/{path}", 404, json={})
            assert refused["message"].startswith("Not found: there is no customer ")


def test_a_customers_own_token_reaches_no_customer(customer: Customer) -> None:
    with own(customer) as client:
        client.call("GET", f"managed_users/{customer.shown['id']}", 404)
        assert customer.shown["id"] == client.call("GET", "users/me")["id"]
