"""Tokens, and what every answer has in common."""

import re
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

import servers
import services
import worlds


def test_a_token_opens_its_workspace_even_with_blanks_behind_it(client: servers.Client) -> None:
    head = f"GET /api/users/me HTTP/1.1\r\nHost: x\r\nauthorization: bearer  {client.token}  \r\n\r\n"
    with socket.create_connection(("127.0.0.1", client.server.port)) as wire:
        wire.sendall(head.encode())

        assert wire.recv(1000).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer wrong", "Basic dXNlcjpwYXNz", "Bearer " + "x" * 6000])
def test_no_token_and_wrong_tokens_are_refused(started: dict[str, servers.Server], header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}

    answer = httpx.get(f"{started['embedded'].address}/api/users/me", headers=headers)

    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert answer.json() == {"message": "Unauthorized", "error": "Unauthorized", "error_type": "unauthorized"}


def test_a_revoked_token_opens_nothing(client: servers.Client) -> None:
    revoked = client.server.run("workspace", "revoke", client.token)

    assert revoked.returncode == 0, revoked.stderr
    client.call("GET", "users/me", 401)


def test_another_workspaces_things_are_not_found(server: servers.Server) -> None:
    with server.workspace() as mine, server.workspace() as other:
        folder = other.folder()
        package = other.load(folder, worlds.zipped(worlds.project()))["id"]
        manifest = other.manifest(folder)
        recipe = other.recipe("First")["id"]
        connection = other.call("GET", "connections")[0]["id"]
        project = other.call("GET", "projects")[0]["id"]
        asked: list[tuple[str, str, dict[str, Any]]] = [
            ("GET", f"packages/{package}", {}),
            ("GET", f"packages/{package}/download", {}),
            ("DELETE", f"packages/{package}", {}),
            ("POST", f"packages/export/{manifest}", {}),
            ("POST", f"packages/import/{folder}", {"content": b"PK\3\4"}),
            ("GET", f"export_manifests/{manifest}", {}),
            ("PUT", f"export_manifests/{manifest}", {"json": {"name": "x"}}),
            ("DELETE", f"export_manifests/{manifest}", {}),
            ("GET", "export_manifests/folder_assets", {"params": {"folder_id": folder}}),
            ("POST", "export_manifests", {"json": {"name": "x", "folder_id": folder, "auto_generate_assets": True}}),
            ("GET", f"folders/{folder}", {}),
            ("GET", "folders", {"params": {"parent_id": folder}}),
            ("POST", "folders", {"json": {"name": "x", "parent_id": folder}}),
            ("PUT", f"folders/{folder}", {"json": {"name": "x"}}),
            ("DELETE", f"folders/{folder}", {}),
            ("PUT", f"projects/{project}", {"json": {"name": "x"}}),
            ("DELETE", f"projects/{project}", {}),
            ("GET", f"recipes/{recipe}", {}),
            ("PUT", f"recipes/{recipe}", {"json": {"name": "x"}}),
            ("DELETE", f"recipes/{recipe}", {}),
            ("PUT", f"recipes/{recipe}/start", {}),
            ("PUT", f"recipes/{recipe}/stop", {}),
            ("POST", f"recipes/{recipe}/copy", {}),
            ("GET", f"recipes/{recipe}/versions", {}),
            ("GET", f"recipes/{recipe}/jobs", {}),
            ("GET", "recipes", {"params": {"folder_id": folder}}),
            ("GET", f"connections/{connection}", {}),
            ("PUT", f"connections/{connection}", {"json": {"name": "x"}}),
            ("DELETE", f"connections/{connection}", {}),
            ("POST", f"connections/{connection}/disconnect", {}),
            ("GET", "properties", {"params": {"project_id": project}}),
            ("POST", "properties", {"params": {"project_id": project}, "json": {"properties": {"a": "b"}}}),
        ]

        answers = {
            f"{method} {path}": mine.http.request(method, f"/api/{path}", **more) for method, path, more in asked
        }

        assert dict.fromkeys(answers, 404) == {name: answer.status_code for name, answer in answers.items()}


@pytest.mark.parametrize("path", ["nothing", "packages/1/2/3/4", "packages/export", "recipes/abc"])
def test_an_unknown_route_is_said_so_in_json(client: servers.Client, path: str) -> None:
    assert client.call("GET", path, 404)["message"] == "API not found"


def test_an_unknown_method_of_a_known_route_is_not_found(client: servers.Client) -> None:
    assert client.call("PATCH", "folders", 404)["message"] == "API not found"


def test_answers_name_their_request_and_are_not_kept(client: servers.Client) -> None:
    plain = client.http.get("/api/folders")
    named = client.http.get("/api/nothing", headers={"x-correlation-id": "my-request-7"})

    assert re.fullmatch("[0-9a-f]{32}", plain.headers["x-request-id"])
    assert plain.headers["x-request-id"] == plain.headers["x-correlation-id"]
    assert named.headers["x-correlation-id"] == "my-request-7"
    assert plain.headers["cache-control"] == "no-cache, no-store"
    assert plain.headers["content-type"].partition(";")[0] == "application/json"


@pytest.mark.parametrize("body", [b"{", b"[]", b'"text"', b"\xff\xfe", b'{"name": 5}', b'{"name": "\\ud800"}'])
def test_a_body_that_is_no_object_of_the_right_shape_is_refused(client: servers.Client, body: bytes) -> None:
    answer = client.call("POST", "folders", 400, content=body, headers={"Content-Type": "application/json"})

    assert answer["message"]
    assert answer["message"] == answer["error"]


def test_ids_out_of_range_are_refused_and_ids_as_texts_are_taken(client: servers.Client) -> None:
    folder = client.folder()

    assert folder == client.call("POST", "folders", json={"name": "Sub", "parent_id": str(folder)})["parent_id"]
    assert {400, 404} >= {client.http.get(f"/api/folders/{number}").status_code for number in (0, -1, 2**63, 10**30)}


def test_characters_that_cant_be_kept_are_refused(client: servers.Client) -> None:
    client.call("POST", "folders", 400, json={"name": "a\0b"})
    client.call("POST", "properties", 400, json={"properties": {"a\0": "b"}})
    client.call("POST", "connections", 400, json={"name": "a\0b", "provider": "rest"})
    assert client.http.get("/api/properties", params={"prefix": "\0"}).status_code < 500


@pytest.fixture(scope="module")
def strict() -> Iterator[servers.Server]:
    """A server with rate limits and without legacy credentials."""
    backend = services.Backend("embedded", "", "")
    with servers.serving(backend, rate_limits="true", legacy_auth="false") as server:
        yield server


def test_legacy_credentials_are_taken_on_loopback(started: dict[str, servers.Server]) -> None:
    server = started["embedded"]
    with server.workspace() as client:
        by_header = {"x-user-email": "a@example.com", "x-user-token": client.token}
        by_query = {"user_email": "a@example.com", "user_token": client.token}

        answers = [
            httpx.get(f"{server.address}/api/users/me", headers=by_header),
            httpx.get(f"{server.address}/api/users/me", params=by_query),
            httpx.get(f"{server.address}/api/users/me", params={"user_token": client.token}),
        ]

        assert [answer.status_code for answer in answers] == [200, 200, 401]


def test_legacy_credentials_can_be_switched_off(strict: servers.Server) -> None:
    with strict.workspace() as client:
        headers = {"x-user-email": "a@example.com", "x-user-token": client.token}

        assert httpx.get(f"{strict.address}/api/users/me", headers=headers).status_code == 401


def test_the_61st_call_of_a_minute_is_told_how_long_to_wait(strict: servers.Server) -> None:
    with strict.workspace() as client, strict.workspace() as other:
        answers = [client.http.get("/api/projects") for _ in range(61)]

        assert [answer.status_code for answer in answers] == [200] * 60 + [429]
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
        assert answers[-1].json()["message"].startswith("Rate limit exceeded. Retry after ")
        other.call("GET", "projects")
        assert client.http.post("/api/packages/import/99", content=b"PK\3\4").status_code == 404


def test_answers_on_a_kept_connection_do_not_wait_for_acknowledgements(client: servers.Client) -> None:
    took_s = [client.http.get("/docs").elapsed.total_seconds() for _ in range(30)]

    assert min(took_s[1:]) < 0.03
