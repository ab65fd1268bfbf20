"""Webhooks: made and changed by people, and told of packages in the transaction that ends those."""

import uuid
from dataclasses import replace
from typing import Any

import msgspec

from recipeyard.model import activities, errors, packages, webhooks
from recipeyard.sql import database
from recipeyard.sql import packages as package_rows
from recipeyard.sql import webhooks as rows
from recipeyard.wire import answers
from recipeyard.wire import packages as wire_packages
from recipeyard.wire import webhooks as wire
from recipeyard.work import activities as work_activities


def create(tx: database.Tx, workspace_id: int, fields: dict[str, Any], sealed_secret: bytes) -> webhooks.Webhook:
    """A new webhook of `fields`: url, events, active. Raises `errors.Invalid`."""
    events = webhooks.check(fields.get("url", ""), fields.get("events", []))
    values = {"active": True} | fields | {"events": list(events), "sealed_secret": sealed_secret}
    made = rows.insert(tx, workspace_id, values)
    _record(tx, made, "webhook_created")
    return made


def change(tx: database.Tx, workspace_id: int, webhook_id: int, fields: dict[str, Any]) -> webhooks.Webhook:
    """Change those of url, events, active that `fields` holds. Raises `errors.NotFound`, `errors.Invalid`."""
    found = rows.find(tx, workspace_id, webhook_id)
    changed = replace(found, **fields)
    rows.change(tx, replace(changed, events=webhooks.check(changed.url, [str(each) for each in changed.events])))
    _record(tx, changed, "webhook_updated")
    return rows.find(tx, workspace_id, webhook_id)


def delete(tx: database.Tx, workspace_id: int, webhook_id: int) -> None:
    """Delete a webhook; what is on its way to it is not sent any more. Raises `errors.NotFound`."""
    found = rows.find(tx, workspace_id, webhook_id)
    rows.delete(tx, found)
    _record(tx, found, "webhook_deleted")


def redeliver(tx: database.Tx, workspace_id: int, webhook_id: int, delivery_id: int) -> webhooks.Delivery:
    """Send a message again, as if for the first time. Raises `errors.NotFound`, `errors.Conflict` if inactive."""
    webhook = rows.find(tx, workspace_id, webhook_id)
    delivery = rows.find_delivery(tx, webhook, delivery_id)
    if not webhook.active:
        raise errors.Conflict("The webhook is not active; nothing is sent to it")
    rows.repeat(tx, delivery)
    return rows.find_delivery(tx, webhook, delivery_id)


def tell(tx: database.Tx, package_id: int) -> None:
    """Let every webhook that wants to know be told how a package has ended, once this transaction has committed."""
    package = package_rows.by_id(tx, package_id)
    event = webhooks.event_of(package.status) if package else None
    if package is None or event is None:
        return
    if listening := rows.listening(tx, package.workspace_id, event):
        payload = _payload(tx, package, event)
        told = {"package_id": package.id, "event": event, "payload": payload}
        rows.deliver(tx, [told | {"webhook_id": each, "message_id": f"msg_{uuid.uuid4().hex}"} for each in listening])


def _payload(tx: database.Tx, package: packages.Package, event: webhooks.Event) -> Any:
    outcomes = package_rows.recipe_results(tx, [package.id])[package.id]
    shown = wire_packages.package(package, None, outcomes)
    return msgspec.to_builtins(wire.Message(event, answers.stamp(tx.now), package.workspace_id, shown))


def _record(tx: database.Tx, webhook: webhooks.Webhook, event_type: str) -> None:
    resource = activities.Resource(activities.Kind.WEBHOOK, webhook.id, webhook.host)
    work_activities.record(tx, webhook.workspace_id, event_type, resource)
