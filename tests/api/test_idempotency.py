"""Requests that are sent again under their key."""

import time
from collections.abc import Iterator
from concurrent import futures
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

import servers
import worlds
from recipeyard.sql import promotion_tables

KEY = "a1f0c3e2"
_keys = promotion_tables.idempotency_keys


def post(client: servers.Client, path: str, key: str, **more: Any) -> httpx.Response:
    return client.http.post(f"/api/{path}", headers={"Idempotency-Key": key}, **more)


def names(client: servers.Client) -> list[str]:
    return [folder["name"] for folder in client.call("GET", "folders")]


def rewrite(client: servers.Client, **values: Any) -> None:
    """Let the database hold something else of the key of this workspace."""
    workspace_id = client.call("GET", "users/me")["id"]
    with client.server.db.write() as tx:
        tx.run(sa.update(_keys).where(_keys.c.workspace_id == workspace_id).values(**values))


def wait_for(client: servers.Client) -> None:
    """Until a request under a key has begun in this workspace."""
    workspace_id = client.call("GET", "users/me")["id"]
    for _ in range(1000):
        with client.server.db.read() as tx:
            if tx.first(sa.select(_keys.c.key).where(_keys.c.workspace_id == workspace_id)):
                return
        time.sleep(0.01)
    raise TimeoutError(KEY)


def test_the_same_request_is_done_once_and_answered_again(client: servers.Client) -> None:
    answers = [post(client, "folders", "a", json={"name": "Orders"}) for _ in range(3)]

    assert [200] * 3 == [each.status_code for each in answers]
    assert 1 == len({each.content for each in answers})
    assert [None, "true", "true"] == [each.headers.get("idempotency-replayed") for each in answers]
    assert {"application/json"} == {each.headers["content-type"] for each in answers}
    assert ["Orders"] == names(client)


def test_an_import_whose_answer_was_lost_is_not_accepted_twice(client: servers.Client) -> None:
    folder, content = client.folder(), worlds.zipped(worlds.project())

    first, again = (post(client, f"packages/import/{folder}", "import", content=iter([content])) for _ in range(2))

    assert first.json() == again.json()
    client.follow(first.json())
    assert 1 == len(client.call("GET", "packages")["items"])


@pytest.mark.parametrize(
    ("path", "body"), [("folders", {"name": "B"}), ("folders?x=1", {"name": "A"}), ("tags", {"name": "A"})]
)
def test_another_request_under_the_same_key_is_refused(client: servers.Client, path: str, body: Any) -> None:
    post(client, "folders", KEY, json={"name": "A"})

    refused = post(client, path, KEY, json=body)

    assert (422, "unprocessable") == (refused.status_code, refused.json()["error_type"])
    assert ["A"] == names(client)


def test_a_larger_body_under_the_same_key_is_refused(client: servers.Client) -> None:
    post(client, "folders", KEY, json={"name": "A"})

    assert 422 == post(client, "folders", KEY, content=b" " * 5_000_000).status_code


def test_a_refusal_is_answered_again(client: servers.Client) -> None:
    folder = client.folder()
    refused = post(client, "folders", KEY, json={"name": "A", "parent_id": folder + 1})
    client.folder("Next")

    again = post(client, "folders", KEY, json={"name": "A", "parent_id": folder + 1})

    assert (404, refused.content) == (again.status_code, again.content)
    assert "true" == again.headers["idempotency-replayed"]


def test_keys_of_workspaces_have_nothing_to_do_with_each_other(client: servers.Client) -> None:
    post(client, "folders", KEY, json={"name": "A"})

    with client.server.workspace() as other:
        assert "idempotency-replayed" not in post(other, "folders", KEY, json={"name": "A"}).headers
        assert ["A"] == names(other)


def test_keys_of_callers_have_nothing_to_do_with_each_other(client: servers.Client) -> None:
    role = next(each["id"] for each in client.call("GET", "roles") if each["name"] == "Admin")
    wanted = {"name": "CI", "api_privilege_group_id": role}
    made = client.call("POST", "developer_api_clients", json=wanted)
    token = made["token"]["value"]
    post(client, "folders", KEY, json={"name": "A"})

    with client.server.client(token) as other:
        assert "idempotency-replayed" not in post(other, "folders", KEY, json={"name": "A"}).headers


def test_one_that_is_in_progress_is_told_so(client: servers.Client) -> None:
    folder, content, refused = client.folder(), worlds.zipped(worlds.project()), []

    def body() -> Iterator[bytes]:
        yield content[:100]
        wait_for(client)
        refused.append(post(client, f"packages/import/{folder}", KEY, content=content))
        yield content[100:]

    assert 200 == post(client, f"packages/import/{folder}", KEY, content=body()).status_code
    assert [409] == [each.status_code for each in refused]
    assert "is still in progress" in refused[0].json()["message"]


def test_of_many_at_once_one_is_done(client: servers.Client) -> None:
    def make(_: int) -> int:
        with client.server.client(client.token) as mine:
            return post(mine, "folders", KEY, json={"name": "A"}).status_code

    with futures.ThreadPoolExecutor(8) as threads:
        statuses = set(threads.map(make, range(8)))

    assert {200} <= statuses <= {200, 409}
    assert ["A"] == names(client)


def test_one_whose_place_was_taken_changes_nothing(client: servers.Client) -> None:
    folder, content, second = client.folder(), worlds.zipped(worlds.project()), []

    def body() -> Iterator[bytes]:
        yield content[:100]
        wait_for(client)
        rewrite(client, created_at=earlier(minutes=2))
        second.append(post(client, f"packages/import/{folder}", KEY, content=content))
        yield content[100:]

    late = post(client, f"packages/import/{folder}", KEY, content=body())

    assert (409, 200) == (late.status_code, second[0].status_code)
    assert [second[0].json()["id"]] == [each["id"] for each in client.call("GET", "packages")["items"]]


def test_one_that_died_before_anything_came_of_it_is_done(client: servers.Client) -> None:
    made = post(client, "tags", KEY, json={"title": "A"}).json()
    client.call("DELETE", f"tags/{made['handle']}")
    rewrite(client, answer_status=None, answer=None, carried_out=False, created_at=earlier(minutes=2))

    done = post(client, "tags", KEY, json={"title": "A"})

    assert (200, None) == (done.status_code, done.headers.get("idempotency-replayed"))
    assert ["A"] == [tag["title"] for tag in client.call("GET", "tags")["data"]["tags"]]


def test_one_that_died_after_it_was_done_is_never_done_again(client: servers.Client) -> None:
    post(client, "folders", KEY, json={"name": "A"})
    rewrite(client, answer_status=None, answer=None, created_at=earlier(hours=2))

    refused = post(client, "folders", KEY, json={"name": "A"})

    assert (409, ["A"]) == (refused.status_code, names(client))
    assert "was carried out" in refused.json()["message"]


def test_a_key_is_forgotten_after_a_day(client: servers.Client) -> None:
    made = post(client, "tags", KEY, json={"title": "A"})
    rewrite(client, created_at=earlier(hours=25))

    again = post(client, "tags", KEY, json={"title": "A"})

    assert (200, 400) == (made.status_code, again.status_code)


@pytest.mark.parametrize("key", ["", "two words", "x" * 256, "\u00e9"])
def test_what_is_no_key_is_refused(client: servers.Client, key: str) -> None:
    refused = client.http.post("/api/folders", headers=[(b"Idempotency-Key", key.encode())], json={"name": "A"})

    assert (400, ["Idempotency-Key"]) == (refused.status_code, list(refused.json()["errors"]))
    assert [] == names(client)


def test_the_document_tells_of_the_key_wherever_something_is_posted(started: dict[str, servers.Server]) -> None:
    document = httpx.get(f"{started['embedded'].address}/api/openapi.json").json()
    posts = [each["post"] for each in document["paths"].values() if "post" in each]

    assert posts
    assert all("Idempotency-Key" in [parameter["name"] for parameter in each["parameters"]] for each in posts)
    assert all({"409", "422"} <= each["responses"].keys() for each in posts)


def earlier(**by: int) -> datetime:
    return datetime.now(UTC) - timedelta(**by)
