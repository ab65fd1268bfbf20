"""Events that are sent to recipes' own addresses: kept before they are acknowledged, each once, or refused in words."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

import errands
import servers
import services
from recipeyard.model import runs
from recipeyard.sql import runtime_tables


@pytest.fixture
def client(started: dict[str, servers.Server]) -> Iterator[servers.Client]:
    """A client of a new workspace: but for one test, no backend makes a difference."""
    with started["embedded"].workspace() as made:
        yield made


@pytest.fixture
def recipe(client: servers.Client) -> int:
    """A recipe that runs, and takes events in JSON."""
    return errands.started(client, errands.hooked())


@pytest.fixture
def address(client: servers.Client, recipe: int) -> str:
    """Where its events are sent to."""
    return str(client.call("GET", f"recipes/{recipe}")["webhook_url"])


@pytest.fixture
def keeping() -> Iterator[servers.Client]:
    """A client of a server of its own, which keeps the events of stopped recipes."""
    backend = services.Backend("embedded", "", "")
    with servers.serving(backend, events_of_stopped="keep") as server, server.workspace() as made:
        yield made


def sent(address: str, status: int = 200, method: str = "POST", **more: Any) -> Any:
    answer = httpx.request(method, address, **more)
    assert answer.status_code == status, answer.text
    return answer.json()


def test_an_event_is_acknowledged_with_its_job(client: servers.Client, recipe: int, address: str) -> None:
    told = sent(address, json={"order": 7})

    jobs = client.call("GET", f"recipes/{recipe}/jobs")["items"]
    assert {"job_id": jobs[0]["id"], "new": True, "held": False, "success": True} == told


def test_the_address_is_absolute_and_ends_as_the_recipe_says(client: servers.Client, address: str) -> None:
    assert address.startswith(f"{client.server.address}/webhooks/rest/")
    assert address.endswith("/new-order")
    sent(address.removesuffix("/new-order"), json={})


def test_an_event_that_is_sent_again_is_the_same_event(server: servers.Server) -> None:
    with server.workspace() as client:
        recipe = errands.started(client, errands.hooked())
        address = client.call("GET", f"recipes/{recipe}")["webhook_url"]

        first = sent(address, json={"order": 7}, headers={"X-Event-Id": "order-7"})
        again = sent(address, json={"order": 7}, headers={"X-Event-Id": "order-7"})
        other = sent(address, json={"order": 7}, headers={"X-Event-Id": "order-8"})
        listed = client.call("GET", f"recipes/{recipe}/jobs")["items"]

    assert (first["job_id"], False) == (again["job_id"], again["new"])
    assert [other["job_id"], first["job_id"]] == [each["id"] for each in listed]


@pytest.mark.parametrize("event_id", ["x" * 256, "a\u0007"])
def test_an_events_name_is_short_and_plain(address: str, event_id: str) -> None:
    sent(address, 400, json={}, headers={"X-Event-Id": event_id.encode()})


def test_an_address_that_is_not_right_takes_nothing(client: servers.Client, recipe: int, address: str) -> None:
    key = address.split("/")[-2]
    wrong = ["nothing", "-", "1-", key[:-1], f"{key}0", f"1{key}", f"zzzzzzzzzzzzz-{key.partition('-')[2]}"]

    for each in wrong:
        sent(f"{client.server.address}/webhooks/rest/{each}", 404, json={})
    assert [] == client.call("GET", f"recipes/{recipe}/jobs")["items"]


def test_a_body_that_the_recipe_cant_read_is_refused(client: servers.Client, recipe: int, address: str) -> None:
    said = sent(address, 400, content=b"{")

    assert said["message"].startswith("The request's body is not JSON")
    assert "The recipe takes events by POST or PUT" == sent(address, 405, "GET")["message"]
    assert [] == client.call("GET", f"recipes/{recipe}/jobs")["items"]


@pytest.mark.parametrize("method", ["DELETE", "PATCH"])
def test_a_method_that_sends_no_event_is_refused_by_those_that_do(address: str, method: str) -> None:
    answer = httpx.request(method, address)

    assert (405, "GET, HEAD, POST, PUT") == (answer.status_code, answer.headers["allow"])
    assert 404 == httpx.request(method, address.replace("-", "-0", 1)).status_code


def test_what_the_query_names_several_times_is_a_list(client: servers.Client, recipe: int, address: str) -> None:
    told = sent(f"{address}?tag=a&tag=b&size=3", json={})

    job = errands.ended(client, recipe, told["job_id"])
    assert {"tag": ["a", "b"], "size": "3"} == job["lines"][0]["output"]["query_params"]


def test_a_body_that_is_too_large_is_refused(address: str) -> None:
    sent(address, 413, content=b'"' + b"x" * (10 * 1024 * 1024) + b'"')


def test_an_address_can_be_looked_at_without_an_event(client: servers.Client, recipe: int, address: str) -> None:
    assert 200 == httpx.head(address).status_code
    assert 404 == httpx.head(f"{client.server.address}/webhooks/rest/nothing").status_code
    assert 404 == httpx.options(address).status_code
    assert [] == client.call("GET", f"recipes/{recipe}/jobs")["items"]


def test_a_stopped_recipe_refuses_events(client: servers.Client, recipe: int, address: str) -> None:
    client.call("PUT", f"recipes/{recipe}/stop")

    assert "The recipe does not run, so it takes no events" == sent(address, 409, json={})["message"]
    shown = client.call("GET", f"recipes/{recipe}")
    assert (address, "refuse", 0) == (shown["webhook_url"], shown["events_of_stopped"], shown["held_events_count"])


def test_a_server_may_keep_the_events_of_stopped_recipes(keeping: servers.Client) -> None:
    recipe = errands.started(keeping, errands.hooked())
    keeping.call("PUT", f"recipes/{recipe}/stop")
    address = keeping.call("GET", f"recipes/{recipe}")["webhook_url"]

    told = sent(address, json={"order": 7}, headers={"X-Event-Id": "7"})
    again = sent(address, json={"order": 7}, headers={"X-Event-Id": "7"})

    assert (True, True, True, False) == (told["held"], told["new"], again["held"], again["new"])
    shown = keeping.call("GET", f"recipes/{recipe}")
    assert ("keep", 1) == (shown["events_of_stopped"], shown["held_events_count"])
    jobs = keeping.call("GET", f"recipes/{recipe}/jobs", params={"status": "pending"})["items"]
    assert [("held", "pending", told["job_id"])] == [(each["state"], each["status"], each["id"]) for each in jobs]
    keeping.call("PUT", f"recipes/{recipe}/start")
    assert 0 == keeping.call("GET", f"recipes/{recipe}")["held_events_count"]
    assert "succeeded" == errands.ended(keeping, recipe, told["job_id"])["status"]


def test_a_flood_is_told_to_come_again_later(keeping: servers.Client) -> None:
    recipe = errands.started(keeping, errands.hooked())
    keeping.call("PUT", f"recipes/{recipe}/stop")
    address = keeping.call("GET", f"recipes/{recipe}")["webhook_url"]
    first = sent(address, json={}, headers={"X-Event-Id": "first"})
    with keeping.server.db.write() as tx:
        held = tx.connection.execute(sa.select(runtime_tables.runs)).one()._asdict()
        del held["id"]
        tx.run(sa.insert(runtime_tables.runs), [held | {"event_key": str(at)} for at in range(runs.MOST_PENDING - 1)])

    flooded = httpx.post(address, json={})

    assert (429, "30") == (flooded.status_code, flooded.headers["retry-after"])
    assert "10000 events wait for this recipe; no more are taken now" == flooded.json()["message"]
    assert runs.MOST_PENDING == keeping.call("GET", f"recipes/{recipe}")["held_events_count"]
    assert first["job_id"] == sent(address, json={}, headers={"X-Event-Id": "first"})["job_id"]


def test_a_recipe_without_a_hook_has_no_address(client: servers.Client) -> None:
    recipe = errands.made(client, errands.function())

    shown = client.call("GET", f"recipes/{recipe}")

    assert (None, None) == (shown["webhook_url"], shown["events_of_stopped"])


def test_the_address_is_shown_in_lists_without_code(client: servers.Client, recipe: int, address: str) -> None:
    listed = client.call("GET", "recipes", params={"exclude_code": "1"})["items"]

    assert [("", address)] == [(each["code"], each["webhook_url"]) for each in listed if each["id"] == recipe]


def test_an_event_needs_no_token_and_a_token_does_not_help(client: servers.Client, address: str) -> None:
    wrong = f"{client.server.address}/webhooks/rest/1-{'0' * 32}"

    assert 404 == client.http.post(wrong, json={}).status_code
    assert 200 == httpx.post(address, content=json.dumps({}), headers={"Authorization": "Bearer nobody"}).status_code
