"""API endpoints that recipes answer: who may call them, what recipes are told, and what callers hear."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

import errands
import servers
import worlds

Call = Callable[..., httpx.Response]


def answering(*block: Any, path_params: bool = True) -> dict[str, Any]:
    """A recipe that answers endpoints with what it was asked."""
    asked = {
        "content_type": "json",
        "headers": [{"name": "X-Guest"}],
        "path_params": json.dumps([{"name": "id"}]) if path_params else "[]",
    }
    echo = {
        "id": errands.pill("workato_api_platform", "t", "path_params", "id"),
        "name": errands.pill("workato_api_platform", "t", "request", "name"),
        "guest": errands.pill("workato_api_platform", "t", "headers", "X-Guest"),
        "client": errands.pill("workato_api_platform", "t", "context", "client", "name"),
    }
    given = {"http_status_code": "201", "headers": {"X-Kind": "echo"}, "response": echo}
    answer = errands.step(1, "workato_api_platform", "return_response", given)
    return errands.recipe(
        "workato_api_platform", "receive_request", {"request": asked, "response": {}}, *(block or (answer,))
    )


def endpoint(client: servers.Client, code: dict[str, Any], method: str = "POST", path: str = "guests/{id}") -> int:
    """A recipe that answers an endpoint of the collection `desk`, which is enabled; the recipe's id."""
    recipe = errands.started(client, code)
    collections = client.call("GET", "api_collections")
    made = collections[0] if collections else client.call("POST", "api_collections", json={"name": "Desk"})
    wanted = {"name": f"{method} {path}", "method": method, "path": path, "flow_id": recipe}
    added = client.call("POST", f"api_collections/{made['id']}/api_endpoints", json=wanted)
    client.call("PUT", f"api_endpoints/{added['id']}/enable")
    return recipe


def key(client: servers.Client, **more: Any) -> Any:
    """A key of a new platform client that the collections are open to."""
    ids = [each["id"] for each in client.call("GET", "api_collections")]
    wanted = {"name": "Guests", "api_collection_ids": ids}
    made = client.call("POST", "v2/api_clients", json=wanted)["data"]["id"]
    found = client.call("POST", f"v2/api_clients/{made}/api_keys", json={"name": "main"} | more)["data"]
    return found | {"client_id": made}


@pytest.fixture
def client(started: dict[str, servers.Server]) -> Iterator[servers.Client]:
    """A client of a new workspace: but for one test, no backend makes a difference."""
    with started["embedded"].workspace() as made:
        yield made


@pytest.fixture
def call(client: servers.Client) -> Call:
    """Calls the endpoint of a recipe that answers, with a key that opens it."""
    endpoint(client, answering())
    token = key(client)["auth_token"]

    def called(path: str = "desk/guests/7", method: str = "POST", **more: Any) -> httpx.Response:
        headers = {"API-TOKEN": token} | more.pop("headers", {})
        return httpx.request(
            method, f"{client.server.address}/api-endpoints/{path}", headers=headers, timeout=60, **more
        )

    return called


def test_a_recipe_answers_with_what_it_was_asked(client: servers.Client, call: Call) -> None:
    answer = call(json={"name": "Ann"}, headers={"X-Guest": "yes"})

    assert (201, "echo", "application/json; charset=utf-8") == (
        answer.status_code,
        answer.headers["x-kind"],
        answer.headers["content-type"],
    )
    assert {"id": "7", "name": "Ann", "guest": "yes", "client": "Guests"} == answer.json()


def test_a_recipe_answers_on_each_backend(server: servers.Server) -> None:
    with server.workspace() as client:
        endpoint(client, answering())
        headers = {"API-TOKEN": key(client)["auth_token"]}

        answer = httpx.post(f"{server.address}/api-endpoints/desk/guests/7", json={"name": "Ann"}, headers=headers)

    assert (201, "Ann") == (answer.status_code, answer.json()["name"])


@pytest.mark.parametrize("headers", [{"Content-Length": "3"}, {"Transfer-Encoding": "gzip"}, {"X-Job-Id": "j-1"}])
def test_a_recipe_cant_break_the_way_that_its_answer_travels(client: servers.Client, headers: dict[str, str]) -> None:
    given = {"headers": headers, "response": {"name": "Ann"}}
    endpoint(client, answering(errands.step(1, "workato_api_platform", "return_response", given)))
    token = key(client)["auth_token"]

    answer = httpx.post(
        f"{client.server.address}/api-endpoints/desk/guests/7", json={}, headers={"API-TOKEN": token}, timeout=20
    )

    assert {"name": "Ann"} == answer.json()
    assert {(name.lower(), value) for name, value in headers.items()}.isdisjoint(answer.headers.multi_items())


def test_a_header_that_http_cant_carry_fails_its_step(client: servers.Client) -> None:
    given = {"headers": {"X-City": "\u4eac\u90fd"}, "response": "x"}
    recipe = endpoint(client, answering(errands.step(1, "workato_api_platform", "return_response", given)))
    token = key(client)["auth_token"]

    httpx.post(
        f"{client.server.address}/api-endpoints/desk/guests/7", json={}, headers={"API-TOKEN": token}, timeout=20
    )

    job = client.call("GET", f"recipes/{recipe}/jobs")["items"][0]
    assert "Step 1: x-city: '\u4eac\u90fd' can't be a header of an HTTP answer" == job["error"]


def test_a_recipe_is_not_told_the_key_that_it_is_called_with(client: servers.Client) -> None:
    pills = [errands.pill("workato_api_platform", "t", "headers", name) for name in ("API-TOKEN", "Authorization")]
    code = answering(errands.step(1, "workato_api_platform", "return_response", {"response": {"told": "".join(pills)}}))
    asked = code["input"]["request"]
    code["input"]["request"] = asked | {"headers": [{"name": "API-TOKEN"}, {"name": "Authorization"}]}
    endpoint(client, code)
    token = key(client)["auth_token"]
    sent = {"API-TOKEN": token, "Authorization": f"Bearer {token}"}

    answer = httpx.post(f"{client.server.address}/api-endpoints/desk/guests/7", json={}, headers=sent, timeout=20)

    assert 200 == answer.status_code
    assert token not in answer.text


def test_a_text_is_answered_as_it_is(client: servers.Client) -> None:
    endpoint(client, answering(errands.step(1, "workato_api_platform", "return_response", {"response": "grün"})))
    headers = {"API-TOKEN": key(client)["auth_token"]}

    answer = httpx.post(f"{client.server.address}/api-endpoints/desk/guests/7", json={}, headers=headers)

    assert ("grün", "text/plain; charset=utf-8") == (answer.text, answer.headers["content-type"])


def test_the_address_that_the_api_shows_is_the_one_that_answers(client: servers.Client, call: Call) -> None:
    shown = client.call("GET", "api_endpoints")[0]["url"]

    assert f"{client.server.address}/api-endpoints/desk/guests/{{id}}" == shown
    assert 201 == call(shown.replace("{id}", "7").partition("/api-endpoints/")[2], json={}).status_code


def test_a_bearer_token_is_as_good_as_a_key_in_its_own_header(client: servers.Client) -> None:
    endpoint(client, answering())
    headers = {"Authorization": f"Bearer {key(client)['auth_token']}"}

    answer = httpx.post(f"{client.server.address}/api-endpoints/desk/guests/7", json={}, headers=headers)

    assert 201 == answer.status_code


@pytest.mark.parametrize("headers", [{"API-TOKEN": ""}, {"API-TOKEN": "ryk-nobody"}])
def test_who_has_no_key_is_not_answered(call: Call, headers: dict[str, str]) -> None:
    assert 401 == call(json={}, headers=headers).status_code


def test_a_token_of_the_api_opens_no_endpoint(client: servers.Client, call: Call) -> None:
    assert 401 == call(json={}, headers={"API-TOKEN": client.token}).status_code


@pytest.mark.parametrize("more", [{"active": False}, {"ip_allow_list": ["10.9.9.9"]}, {"ip_deny_list": ["127.0.0.1"]}])
def test_a_key_that_cant_be_used_is_refused(client: servers.Client, call: Call, more: dict[str, Any]) -> None:
    ids = client.call("GET", "v2/api_clients")["data"][0]["id"]
    token = client.call("POST", f"v2/api_clients/{ids}/api_keys", json={"name": "other"} | more)["data"]["auth_token"]

    assert 403 == call(json={}, headers={"API-TOKEN": token}).status_code


def test_a_collection_that_is_not_open_to_the_client_is_refused(client: servers.Client, call: Call) -> None:
    made = client.call("GET", "v2/api_clients")["data"][0]["id"]
    client.call("PUT", f"v2/api_clients/{made}", json={"api_collection_ids": []})

    answer = call(json={})

    assert (403, "The collection 'Desk' is not open to the client 'Guests'") == (
        answer.status_code,
        answer.json()["message"],
    )


@pytest.mark.parametrize("path", ["desk", "desk/guests", "desk/guests/7/more", "other/guests/7", "desk/guests/"])
def test_a_path_that_no_endpoint_has_is_not_found(call: Call, path: str) -> None:
    assert 404 == call(path, json={}).status_code


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_another_method_than_the_endpoints_is_refused_by_name(call: Call, method: str) -> None:
    answer = call(method=method)

    assert (405, "POST") == (answer.status_code, answer.headers["allow"])


def test_words_of_a_path_go_before_parameters_and_parameters_may_hold_anything(
    client: servers.Client, call: Call
) -> None:
    said = errands.step(1, "workato_api_platform", "return_response", {"response": {"which": "all"}})
    endpoint(client, answering(said), path="guests/all")

    assert {"which": "all"} == call("desk/guests/all", json={}).json()
    assert "a/b c" == call("desk/guests/a%2Fb%20c", json={}).json()["id"]


def test_an_endpoint_that_is_disabled_or_stopped_is_not_found(client: servers.Client, call: Call) -> None:
    shown = client.call("GET", "api_endpoints")[0]
    client.call("PUT", f"api_endpoints/{shown['id']}/disable")
    disabled = call(json={}).status_code
    client.call("PUT", f"api_endpoints/{shown['id']}/enable")
    client.call("PUT", f"recipes/{shown['flow_id']}/stop")

    assert (404, 404) == (disabled, call(json={}).status_code)


def test_a_request_that_cant_be_read_makes_no_job(client: servers.Client, call: Call) -> None:
    assert 400 == call(content=b"{").status_code
    assert [] == client.call("GET", f"recipes/{client.recipe('Made')['id']}/jobs")["items"]


def test_a_recipe_that_fails_before_it_answers_is_a_server_error(client: servers.Client) -> None:
    code = answering(errands.step(1, "workato_api_platform", "return_response", {"http_status_code": "no"}))
    recipe = endpoint(client, code)
    headers = {"API-TOKEN": key(client)["auth_token"]}

    answer = httpx.post(f"{client.server.address}/api-endpoints/desk/guests/7", json={}, headers=headers)

    assert (500, "The recipe failed before it answered") == (answer.status_code, answer.json()["message"])
    job = errands.ended(client, recipe, answer.headers["x-job-id"])
    assert "failed" == job["status"]


def test_a_recipe_that_does_not_answer_gives_no_content(client: servers.Client) -> None:
    endpoint(client, answering(errands.step(1, "logger", "log_message", {"message": "x"})))
    headers = {"API-TOKEN": key(client)["auth_token"]}

    answer = httpx.post(f"{client.server.address}/api-endpoints/desk/guests/7", json={}, headers=headers)

    assert (204, b"") == (answer.status_code, answer.content)


def waiting(client: servers.Client, *before: Any) -> Any:
    """What a caller hears of a recipe that does these steps, then rests for an hour."""
    rest = errands.step(len(before) + 1, "clock", "wait_for_interval", {"interval": "60", "time_unit": "minutes"})
    code = answering(*before, rest)
    group = {"name": "Inn", "version": "1.0", "handle": "inn-v1"}
    document: Any = worlds.Recipe("Inn").value | {"code": code}
    asked: Any = {
        "name": "Rooms", "method": "POST", "path": "rooms", "recipe_timeout": 1,
        "recipe_id": worlds.reference("inn.recipe.json", "Inn"),
        "api_group_id": worlds.reference("inn.api_group.json", "Inn"),
    }  # fmt: skip
    client.load(
        client.folder(),
        worlds.zipped(
            {
                "inn.api_group.json": worlds.document(group),
                "inn.recipe.json": worlds.document(document),
                "rooms.api_endpoint.json": worlds.document(asked),
            }
        ),
    )
    assert client.call("PUT", f"recipes/{client.recipe('Inn')['id']}/start")["success"]
    client.call("PUT", f"api_endpoints/{client.call('GET', 'api_endpoints')[0]['id']}/enable")
    headers = {"API-TOKEN": key(client)["auth_token"]}
    return httpx.post(f"{client.server.address}/api-endpoints/inn-v1/rooms", json={}, headers=headers, timeout=30)


def test_the_answer_leaves_while_the_recipe_goes_on(client: servers.Client) -> None:
    answer = errands.step(1, "workato_api_platform", "return_response", {"response": {"ok": "yes"}})

    said = waiting(client, answer)

    assert {"ok": "yes"} == said.json()
    job = client.call("GET", f"recipes/{client.recipe('Inn')['id']}/jobs/{said.headers['x-job-id']}")
    assert ("pending", None) == (job["status"], job["completed_at"])


def test_a_caller_waits_no_longer_than_the_endpoint_says(client: servers.Client) -> None:
    said = waiting(client)

    assert (504, "The recipe has not answered within 1 s; its job goes on") == (
        said.status_code,
        said.json()["message"],
    )
