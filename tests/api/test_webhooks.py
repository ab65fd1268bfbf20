"""Webhooks: an address is told when packages end, signed, again and again until it has heard."""

import base64
import functools
import hashlib
import hmac
import json
import time
from datetime import datetime
from typing import Any

import pytest

import ears
import servers
import worlds

FILES = {"a.recipe.json": worlds.Recipe("A").bytes}


def hook(client: servers.Client, url: str, **more: Any) -> Any:
    return client.call("POST", "webhooks", json={"url": url} | more)


def test_an_import_that_ends_is_told_with_a_signature(client: servers.Client) -> None:
    with ears.listening() as ear:
        webhook = hook(client, ear.url)
        package = client.load(client.folder(), worlds.zipped(FILES))

        delivery = ears.until(client, webhook, lambda each: each["status"] == "delivered")

    (headers, body), message = ear.heard[0], json.loads(ear.heard[0][1])
    secret = base64.b64decode(webhook["secret"].removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    signature = base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()
    assert f"v1,{signature}" == headers["webhook-signature"]
    assert abs(time.time() - int(headers["webhook-timestamp"])) < 60
    assert ("package.completed", package["id"]) == (message["type"], message["data"]["id"])
    assert (message, headers["webhook-id"]) == (delivery["payload"], delivery["message_id"])
    assert (1, 204, None, None) == tuple(
        delivery[name] for name in ("attempts", "response_status", "error", "next_attempt_at")
    )
    assert 1 == len(ear.heard)


def test_a_failed_export_and_a_cancelled_import_are_told_as_failed(client: servers.Client) -> None:
    with ears.listening() as ear:
        webhook = hook(client, ear.url)
        client.follow(client.call("POST", f"packages/export/{client.manifest(client.folder())}"))

        delivery = ears.until(client, webhook, lambda each: each["status"] == "delivered")

    assert "package.failed" == delivery["event"]
    assert "the manifest selects no asset" == json.loads(ear.heard[0][1])["data"]["error"]


def test_only_events_that_were_asked_for_are_told(client: servers.Client) -> None:
    webhook = hook(client, "http://127.0.0.1:9/", events=["package.failed"])
    folder = client.folder()
    client.load(folder, worlds.zipped(FILES))
    client.load(folder, worlds.zipped({"b.recipe.json": b"{"}))

    assert ["package.failed"] == [each["event"] for each in ears.deliveries(client, webhook)]


def test_one_that_is_not_active_is_told_nothing(client: servers.Client) -> None:
    webhook = hook(client, "http://127.0.0.1:9/", active=False)
    client.load(client.folder(), worlds.zipped(FILES))

    assert [] == ears.deliveries(client, webhook)


def test_what_did_not_arrive_is_sent_again_under_the_same_id(client: servers.Client) -> None:
    with ears.listening(500) as ear:
        webhook = hook(client, ear.url)
        client.load(client.folder(), worlds.zipped(FILES))
        failed = ears.until(client, webhook, lambda each: each["attempts"] == 1 and each["error"])

        ears.hurry(client, failed)
        arrived = ears.until(client, webhook, lambda each: each["status"] == "delivered")

    assert ("pending", 500, "answered 500") == (failed["status"], failed["response_status"], failed["error"])
    assert failed["next_attempt_at"] > failed["updated_at"]
    assert 2 == arrived["attempts"]
    assert 1 == len({headers["webhook-id"] for headers, _ in ear.heard})
    assert 1 == len({body for _, body in ear.heard})


def test_a_redirect_is_not_followed(client: servers.Client) -> None:
    with ears.listening(307) as ear:
        webhook = hook(client, ear.url)
        client.load(client.folder(), worlds.zipped(FILES))
        failed = ears.until(client, webhook, lambda each: each["error"])

        assert "answered 307; redirects are not followed" == failed["error"]
        assert 1 == len(ear.heard)


def test_after_the_last_attempt_it_is_given_up_until_somebody_asks_again(client: servers.Client) -> None:
    with ears.listening(*[500] * 8) as ear:
        webhook = hook(client, ear.url)
        client.load(client.folder(), worlds.zipped(FILES))
        for attempt in range(1, 9):
            failed = ears.until(client, webhook, functools.partial(has_failed, attempt))
            ears.hurry(client, failed)
        given_up = ears.deliveries(client, webhook)[0]

        again = client.call("POST", f"webhooks/{webhook['id']}/deliveries/{given_up['id']}/redeliver")
        arrived = ears.until(client, webhook, lambda each: each["status"] == "delivered")

    assert ("failed", None) == (given_up["status"], given_up["next_attempt_at"])
    assert ("pending", 0) == (again["status"], again["attempts"])
    assert (9, arrived["message_id"]) == (len(ear.heard), ear.heard[-1][0]["webhook-id"])


def has_failed(attempt: int, delivery: Any) -> bool:
    """Whether an attempt has ended: one that is under way holds a delivery for a minute."""
    if delivery["status"] != "pending" or delivery["attempts"] != attempt:
        return bool(delivery["attempts"] == attempt)
    due, changed = (datetime.fromisoformat(delivery[name]) for name in ("next_attempt_at", "updated_at"))
    return (due - changed).total_seconds() != 60


def test_nobody_there_is_an_attempt_that_failed(client: servers.Client) -> None:
    webhook = hook(client, "http://127.0.0.1:9/")
    client.load(client.folder(), worlds.zipped(FILES))

    failed = ears.until(client, webhook, lambda each: each["error"])

    assert "can't be reached: " in failed["error"]
    assert failed["response_status"] is None


def test_a_secret_is_shown_once_and_never_again(client: servers.Client) -> None:
    webhook = hook(client, "https://ci.example/hook")

    shown = client.call("GET", f"webhooks/{webhook['id']}")

    assert webhook["secret"].startswith("whsec_")
    assert [shown] == client.call("GET", "webhooks")["items"]
    assert {"secret"} == webhook.keys() - shown.keys()


def test_a_webhook_is_changed_and_deleted(client: servers.Client) -> None:
    webhook = hook(client, "https://ci.example/hook")
    path = f"webhooks/{webhook['id']}"

    changed = client.call("PUT", path, json={"events": ["package.failed"], "active": False})

    assert (["package.failed"], False, webhook["url"]) == (changed["events"], changed["active"], changed["url"])
    assert {"success": True} == client.call("DELETE", path)
    client.call("GET", path, 404)
    lines = client.call("GET", "activity_logs")["data"]
    assert ["webhook_deleted", "webhook_updated", "webhook_created"] == [each["event_type"] for each in lines]


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({}, "url"),
        ({"url": "ftp://ci.example"}, "url"),
        ({"url": "https://"}, "url"),
        ({"url": "https://me:mine@ci.example"}, "url"),
        ({"url": "http://[::1"}, "url"),
        ({"url": "http://a" + "a" * 2048}, "url"),
        ({"url": "https://ci.example", "events": ["package.done"]}, "events"),
    ],
)
def test_what_can_not_be_a_webhook_is_refused(client: servers.Client, sent: Any, field: str) -> None:
    assert [field] == list(client.call("POST", "webhooks", 400, json=sent)["errors"])
    assert [] == client.call("GET", "webhooks")["items"]


def test_another_workspaces_webhooks_are_not_there(client: servers.Client) -> None:
    webhook = hook(client, "https://ci.example/hook")

    with client.server.workspace() as other:
        other.call("GET", f"webhooks/{webhook['id']}", 404)
        other.call("PUT", f"webhooks/{webhook['id']}", 404, json={"active": False})
        other.call("DELETE", f"webhooks/{webhook['id']}", 404)
        other.call("GET", f"webhooks/{webhook['id']}/deliveries", 404)


def test_nothing_is_sent_again_to_one_that_is_not_active(client: servers.Client) -> None:
    webhook = hook(client, "http://127.0.0.1:9/")
    client.load(client.folder(), worlds.zipped(FILES))
    delivery = ears.deliveries(client, webhook)[0]
    client.call("PUT", f"webhooks/{webhook['id']}", json={"active": False})

    client.call("POST", f"webhooks/{webhook['id']}/deliveries/{delivery['id']}/redeliver", 409)
    client.call("POST", f"webhooks/{webhook['id']}/deliveries/{delivery['id'] + 999}/redeliver", 404)
