"""Stubs over HTTP: shown, bound, and what that lets recipes do."""

import json
from typing import Any

import pytest

import errands
import servers
import worlds

ANSWER: dict[str, Any] = {"operation": "post_message", "output": {"ok": True}}
STUB = worlds.document({"name": "Chat answers", "provider": "slack", "answers": [ANSWER]})
FILES = {
    "chat.connection.json": worlds.connection("Chat", "slack"),
    "crm.connection.json": worlds.connection("CRM", "rest"),
    "chat_answers.stub.json": STUB,
    "with.recipe.json": worlds.Recipe("With")
    .uses("slack", worlds.reference("chat.connection.json", "Chat"), "post_message")
    .bytes,
    "without.recipe.json": worlds.Recipe("Without").uses("slack", None, "post_message").bytes,
}

READ = worlds.Recipe("Read mail", trigger=("gmail", "new_email"))
READ.step("logger", "log_message", {"message": errands.pill("gmail", "t", "subject")})
READ.config.append({"provider": "gmail", "account_id": worlds.reference("mail.connection.json", "Mail")})
MAIL = {
    "mail.connection.json": worlds.connection("Mail", "gmail"),
    "mails.stub.json": worlds.document({"name": "Mails", "provider": "gmail", "answers": []}),
    "read.recipe.json": READ.bytes,
}


@pytest.fixture
def stub(client: servers.Client) -> int:
    """The stub's id."""
    assert "completed" == client.load(client.folder(), worlds.zipped(FILES))["status"]
    return int(client.call("GET", "stubs")["items"][0]["id"])


def connection(client: servers.Client, name: str) -> int:
    return next(int(each["id"]) for each in client.call("GET", "connections") if each["name"] == name)


def starts(client: servers.Client, name: str) -> Any:
    return client.call("PUT", f"recipes/{client.recipe(name)['id']}/start")


def test_a_stub_shows_what_it_answers(client: servers.Client, stub: int) -> None:
    shown = client.call("GET", f"stubs/{stub}")

    assert ("Chat answers", "slack", [], False) == (
        shown["name"],
        shown["provider"],
        shown["connection_ids"],
        shown["without_connection"],
    )
    assert [{"input": {}, "error": None, "times": None} | ANSWER] == shown["answers"]


def test_a_recipe_starts_with_a_connection_that_is_bound_to_a_stub(client: servers.Client, stub: int) -> None:
    refused = starts(client, "With")
    chat = connection(client, "Chat")

    bound = client.call("PUT", f"stubs/{stub}/bindings", json={"connection_ids": [str(chat)]})

    assert refused["success"] is False
    assert [chat] == bound["connection_ids"]
    assert {"success": True} == starts(client, "With")


def test_a_recipe_starts_without_a_connection_where_a_stub_answers(client: servers.Client, stub: int) -> None:
    refused = starts(client, "Without")

    client.call("PUT", f"stubs/{stub}/bindings", json={"without_connection": True})

    assert refused["success"] is False
    assert {"success": True} == starts(client, "Without")


def test_what_is_bound_anew_was_all_that_is_bound(client: servers.Client, stub: int) -> None:
    chat = connection(client, "Chat")
    client.call("PUT", f"stubs/{stub}/bindings", json={"connection_ids": [chat], "without_connection": True})

    client.call("PUT", f"stubs/{stub}/bindings", json={})

    assert ([], False) == tuple(
        client.call("GET", "stubs")["items"][0][key] for key in ("connection_ids", "without_connection")
    )
    assert starts(client, "With")["success"] is False


def test_a_connection_is_bound_to_the_last_stub_alone(client: servers.Client, stub: int) -> None:
    chat = connection(client, "Chat")
    other = worlds.document({"name": "Other", "provider": "slack", "answers": []})
    client.load(client.folder(), worlds.zipped({"other.stub.json": other}))
    second = next(each["id"] for each in client.call("GET", "stubs")["items"] if each["name"] == "Other")
    client.call("PUT", f"stubs/{stub}/bindings", json={"connection_ids": [chat]})

    client.call("PUT", f"stubs/{second}/bindings", json={"connection_ids": [chat]})

    bound = {each["name"]: each["connection_ids"] for each in client.call("GET", "stubs")["items"]}
    assert {"Chat answers": [], "Other": [chat]} == bound


def test_a_connection_of_another_provider_is_refused(client: servers.Client, stub: int) -> None:
    crm = connection(client, "CRM")

    answer = client.call("PUT", f"stubs/{stub}/bindings", 400, json={"connection_ids": [crm, 987654]})

    assert {
        "connection_ids[0]": ["connection 'CRM' is for 'rest', the stub for 'slack'"],
        "connection_ids[1]": ["there is no connection 987654 here"],
    } == answer["errors"]


@pytest.fixture
def mail(client: servers.Client) -> int:
    """A recipe whose trigger, an app's that nobody has here, is answered for by a stub; it runs."""
    client.load(client.folder(), worlds.zipped(MAIL))
    stub = client.call("GET", "stubs")["items"][0]["id"]
    client.call("PUT", f"stubs/{stub}/bindings", json={"connection_ids": [connection(client, "Mail")]})
    assert {"success": True} == starts(client, "Read mail")
    return int(client.recipe("Read mail")["id"])


def address(client: servers.Client, recipe_id: int) -> Any:
    return client.call("GET", f"recipes/{recipe_id}")["webhook_url"]


def test_what_is_sent_to_a_stubbed_triggers_address_is_its_output(client: servers.Client, mail: int) -> None:
    job = errands.ended(client, mail, errands.sent(client, mail, {"subject": "Broken"}))

    assert address(client, mail).endswith("/new-email")
    assert ("succeeded", {"subject": "Broken"}, {"message": "Broken"}) == (
        job["status"],
        job["lines"][0]["output"],
        job["lines"][1]["input"],
    )


def test_an_event_of_a_stubbed_trigger_is_known_by_its_name(client: servers.Client, mail: int) -> None:
    first, again = (errands.sent(client, mail, {}, **{"X-Event-Id": "mail-7"}) for _ in range(2))

    assert first == again


@pytest.mark.parametrize(("method", "status", "more"), [("POST", 400, {"json": [1]}), ("GET", 405, {})])
def test_a_stubbed_trigger_takes_objects_alone(
    client: servers.Client, mail: int, method: str, status: int, more: Any
) -> None:
    assert status == client.http.request(method, address(client, mail), **more).status_code


def test_nobody_speaks_for_an_app_whose_trigger_no_stub_answers_for(client: servers.Client, mail: int) -> None:
    before = address(client, mail)
    client.call("PUT", f"stubs/{client.call('GET', 'stubs')['items'][0]['id']}/bindings", json={})

    assert address(client, mail) is None
    assert 404 == client.http.post(before, json={}).status_code


def test_a_stub_is_unbound_from_recipes_that_run_and_their_steps_find_nobody(client: servers.Client, stub: int) -> None:
    client.call("PUT", f"stubs/{stub}/bindings", json={"without_connection": True})
    posts = errands.hooked(errands.step(1, "slack", "post_message", {}))
    config = json.dumps([{"keyword": "application", "provider": "slack", "account_id": None}])
    recipe_id = errands.started(client, posts, config=config)
    before = errands.ended(client, recipe_id, errands.sent(client, recipe_id, {}))

    client.call("PUT", f"stubs/{stub}/bindings", json={})
    after = errands.ended(client, recipe_id, errands.sent(client, recipe_id, {}))

    assert ("succeeded", True) == (before["state"], client.call("GET", f"recipes/{recipe_id}")["running"])
    assert "Step 1: provider 'slack' is not installed here" == after["error"]


def test_anothers_stub_is_not_found(client: servers.Client, stub: int) -> None:
    with client.server.workspace() as other:
        other.call("GET", f"stubs/{stub}", 404)
        other.call("PUT", f"stubs/{stub}/bindings", 404, json={})


def test_a_provider_that_is_not_installed_is_refused_by_name(client: servers.Client, stub: int) -> None:
    problems = starts(client, "With")["config_errors"]

    said = "provider 'slack' is not installed here; bind its connection 'Chat' to a stub"
    assert [[1, [["account_id", "Chat", said, "config.slack.account_id"]]]] == problems
