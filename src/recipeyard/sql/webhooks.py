"""Webhooks, and what is on its way to them."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from recipeyard.model import errors, webhooks
from recipeyard.sql import database, promotion_tables

_webhooks = promotion_tables.webhooks
_deliveries = promotion_tables.deliveries
_LOOKED_AT = 100


def insert(tx: database.Tx, workspace_id: int, values: Mapping[str, Any]) -> webhooks.Webhook:
    """A new webhook. `values` holds url, events, active and sealed_secret."""
    row = dict(values) | {"workspace_id": workspace_id, "created_at": tx.now, "updated_at": tx.now}
    return find(tx, workspace_id, tx.insert(_webhooks, [row])[0])


def find(tx: database.Tx, workspace_id: int, webhook_id: int) -> webhooks.Webhook:
    """The webhook of that id. Raises `errors.NotFound`."""
    row = tx.first(sa.select(_webhooks).where(_webhooks.c.id == webhook_id, _webhooks.c.workspace_id == workspace_id))
    if row is None:
        raise errors.NotFound.of("webhook", webhook_id)
    return _webhook(row)


def listed(tx: database.Tx, workspace_id: int, *, offset: int, limit: int) -> list[webhooks.Webhook]:
    """A page of a workspace's webhooks, by id."""
    query = sa.select(_webhooks).where(_webhooks.c.workspace_id == workspace_id).order_by(_webhooks.c.id)
    return [_webhook(row) for row in tx.all(query.offset(offset).limit(limit))]


def listening(tx: database.Tx, workspace_id: int, event: webhooks.Event) -> list[int]:
    """The ids of a workspace's active webhooks that are told of an event."""
    query = sa.select(_webhooks).where(_webhooks.c.workspace_id == workspace_id, _webhooks.c.active)
    found = [_webhook(row) for row in tx.all(query.order_by(_webhooks.c.id))]
    return [each.id for each in found if event in (each.events or webhooks.Event)]


def change(tx: database.Tx, webhook: webhooks.Webhook) -> None:
    """Write a webhook's url, events and whether it is active."""
    values = {"url": webhook.url, "events": list(webhook.events), "active": webhook.active, "updated_at": tx.now}
    tx.run(sa.update(_webhooks).where(_webhooks.c.id == webhook.id).values(values))


def delete(tx: database.Tx, webhook: webhooks.Webhook) -> None:
    """Delete a webhook with its deliveries."""
    tx.run(sa.delete(_webhooks).where(_webhooks.c.id == webhook.id))


def deliver(tx: database.Tx, rows: Iterable[Mapping[str, Any]]) -> None:
    """New deliveries, due now; each of `rows` holds webhook_id, package_id, message_id, event and payload."""
    fixed = {"status": webhooks.State.PENDING, "attempts": 0, "answer_status": None, "error": None}
    times = {"due_at": tx.now, "created_at": tx.now, "updated_at": tx.now}
    tx.run(sa.insert(_deliveries), [fixed | dict(row) | times for row in rows])


def deliveries(tx: database.Tx, webhook: webhooks.Webhook, *, offset: int, limit: int) -> list[webhooks.Delivery]:
    """A page of a webhook's deliveries, newest first."""
    query = sa.select(_deliveries).where(_deliveries.c.webhook_id == webhook.id).order_by(_deliveries.c.id.desc())
    return [_delivery(row) for row in tx.all(query.offset(offset).limit(limit))]


def find_delivery(tx: database.Tx, webhook: webhooks.Webhook, delivery_id: int) -> webhooks.Delivery:
    """The delivery of that id. Raises `errors.NotFound`."""
    mine = (_deliveries.c.id == delivery_id, _deliveries.c.webhook_id == webhook.id)
    row = tx.first(sa.select(_deliveries).where(*mine))
    if row is None:
        raise errors.NotFound.of("delivery", delivery_id)
    return _delivery(row)


def repeat(tx: database.Tx, delivery: webhooks.Delivery) -> None:
    """Let a delivery begin anew."""
    values = {"status": webhooks.State.PENDING, "attempts": 0, "due_at": tx.now, "updated_at": tx.now}
    tx.run(sa.update(_deliveries).where(_deliveries.c.id == delivery.id).values(values))


def is_any_due(tx: database.Tx, but: Collection[int]) -> bool:
    """Whether something waits to be sent, to other webhooks than these."""
    return tx.first(_due(tx, but).with_only_columns(_deliveries.c.id).limit(1)) is not None


def claim(tx: database.Tx, but: Collection[int], many: int, lease: timedelta) -> list[webhooks.Sending]:
    """Take deliveries to send, one for each webhook at most and none to these; nobody else takes them meanwhile.

    Unless it is settled, a delivery is due again once the lease is over: whoever took it may have died.
    """
    query = _due(tx, but).order_by(_deliveries.c.due_at, _deliveries.c.id).limit(_LOOKED_AT)
    first: dict[int, sa.Row[Any]] = {}
    for row in tx.all(query.with_for_update(of=_deliveries, skip_locked=True)):
        first.setdefault(row.webhook_id, row)
    taken = list(first.values())[:many]
    values = {"attempts": _deliveries.c.attempts + 1, "due_at": tx.now + lease, "updated_at": tx.now}
    tx.run(sa.update(_deliveries).where(_deliveries.c.id.in_([row.id for row in taken])).values(values))
    return [webhooks.Sending(_delivery(row, 1), row.url, row.sealed_secret) for row in taken]


def settle(tx: database.Tx, delivery: webhooks.Delivery, answer: webhooks.Answer, again_at: datetime | None) -> None:
    """Write down what came of an attempt; nothing, where the delivery has begun anew since."""
    unsent = webhooks.State.PENDING if again_at else webhooks.State.FAILED
    values = {
        "status": unsent if answer.error else webhooks.State.DELIVERED,
        "answer_status": answer.status,
        "error": answer.error,
        "due_at": again_at or tx.now,
        "updated_at": tx.now,
    }
    same = (_deliveries.c.status == webhooks.State.PENDING, _deliveries.c.attempts == delivery.attempts)
    tx.run(sa.update(_deliveries).where(_deliveries.c.id == delivery.id, *same).values(values))


def forget(tx: database.Tx, before: datetime) -> None:
    """Forget the deliveries that ended before a moment."""
    ended = _deliveries.c.status.in_([webhooks.State.DELIVERED, webhooks.State.FAILED])
    tx.run(sa.delete(_deliveries).where(ended, _deliveries.c.due_at < before))


def _due(tx: database.Tx, but: Collection[int]) -> sa.Select[Any]:
    joined = _deliveries.join(_webhooks, _webhooks.c.id == _deliveries.c.webhook_id)
    due = (_deliveries.c.status == webhooks.State.PENDING, _deliveries.c.due_at <= tx.now, _webhooks.c.active)
    query = sa.select(_deliveries, _webhooks.c.url, _webhooks.c.sealed_secret).select_from(joined)
    return query.where(*due, _deliveries.c.webhook_id.not_in(but))


def _webhook(row: sa.Row[Any]) -> webhooks.Webhook:
    return webhooks.Webhook(
        id=row.id,
        workspace_id=row.workspace_id,
        url=row.url,
        events=tuple(webhooks.Event(name) for name in row.events or ()),
        active=row.active,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _delivery(row: sa.Row[Any], more_attempts: int = 0) -> webhooks.Delivery:
    return webhooks.Delivery(
        id=row.id,
        webhook_id=row.webhook_id,
        package_id=row.package_id,
        message_id=row.message_id,
        event=webhooks.Event(row.event),
        payload=row.payload,
        status=webhooks.State(row.status),
        attempts=row.attempts + more_attempts,
        answer_status=row.answer_status,
        error=row.error,
        due_at=row.due_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
