"""Webhooks as the API takes and shows them, and what they are told."""

from typing import Any

import msgspec

from recipeyard.model import webhooks
from recipeyard.wire import answers, packages


class Webhook(msgspec.Struct):
    """Who is told when packages end. An empty `events` means all; one that is not `active` is told nothing."""

    id: int
    url: str
    events: list[str]
    active: bool
    created_at: str
    updated_at: str


class NewWebhook(Webhook, kw_only=True):
    """A new webhook, with the secret that its messages are signed with: shown in this answer and never again."""

    secret: str


class WebhookList(msgspec.Struct):
    """A page of webhooks, by id."""

    items: list[Webhook]


class WebhookRequest(msgspec.Struct):
    """What a webhook is made of. `events`: package.completed, package.failed."""

    url: str | None = None
    events: list[str] | None = None
    active: bool | None = None


class Delivery(msgspec.Struct):
    """One message to a webhook, which knows it by `message_id`. `status` is pending, delivered or failed."""

    id: int
    webhook_id: int
    message_id: str
    event: str
    package_id: int
    status: str
    attempts: int
    response_status: int | None
    error: str | None
    next_attempt_at: str | None
    payload: dict[str, Any]
    created_at: str
    updated_at: str


class DeliveryList(msgspec.Struct):
    """A page of deliveries, newest first."""

    items: list[Delivery]


class Message(msgspec.Struct):
    """What a webhook is told: the event, when it was, in which workspace, and the package as lists show it."""

    type: str
    timestamp: str
    workspace_id: int
    data: packages.Package


def webhook(shown: webhooks.Webhook) -> Webhook:
    """A webhook's answer."""
    return Webhook(**_fields(shown))


def new_webhook(shown: webhooks.Webhook, secret: bytes) -> NewWebhook:
    """A new webhook's answer."""
    return NewWebhook(**_fields(shown), secret=webhooks.spell(secret))


def delivery(shown: webhooks.Delivery) -> Delivery:
    """A delivery's answer."""
    return Delivery(
        id=shown.id,
        webhook_id=shown.webhook_id,
        message_id=shown.message_id,
        event=shown.event,
        package_id=shown.package_id,
        status=shown.status,
        attempts=shown.attempts,
        response_status=shown.answer_status,
        error=shown.error,
        next_attempt_at=answers.stamp(shown.due_at) if shown.status is webhooks.State.PENDING else None,
        payload=shown.payload,
        created_at=answers.stamp(shown.created_at),
        updated_at=answers.stamp(shown.updated_at),
    )


def body(payload: dict[str, Any]) -> bytes:
    """The bytes of a message."""
    return msgspec.json.encode(payload)


def _fields(shown: webhooks.Webhook) -> dict[str, Any]:
    return {
        "id": shown.id,
        "url": shown.url,
        "events": list(shown.events),
        "active": shown.active,
        "created_at": answers.stamp(shown.created_at),
        "updated_at": answers.stamp(shown.updated_at),
    }
