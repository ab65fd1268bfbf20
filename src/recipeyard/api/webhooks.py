"""Webhooks: who is told when packages end, and what became of each message. `/api/webhooks`."""

import secrets

from litestar import delete, get, post, put

from recipeyard.api import context, documentation, params
from recipeyard.model import webhooks as model
from recipeyard.sql import webhooks as webhook_rows
from recipeyard.wire import answers
from recipeyard.wire import webhooks as wire
from recipeyard.work import webhooks

_TAGS = ["Webhooks"]
_ONE = "/api/webhooks/{webhook_id:int}"


@get("/api/webhooks", sync_to_thread=True, tags=_TAGS, summary="List webhooks")
def listed(request: context.Asked, context: context.Context, paging: params.Paging) -> wire.WebhookList:
    """A page of the workspace's webhooks, by id."""
    offset, limit = paging.window
    with context.deed.db.read() as tx:
        found = webhook_rows.listed(tx, request.user.id, offset=offset, limit=limit)
    return wire.WebhookList([wire.webhook(each) for each in found])


@post("/api/webhooks", status_code=200, sync_to_thread=True, tags=_TAGS, summary="Create a webhook")
def create(request: context.Asked, context: context.Context, data: wire.WebhookRequest) -> wire.NewWebhook:
    """A new webhook. The secret that its messages are signed with is in this answer, and never shown again."""
    secret = secrets.token_bytes(model.SECRET_BYTES)
    with context.deed.db.write() as tx:
        made = webhooks.create(tx, request.user.id, _fields(data), context.seal(secret))
    return wire.new_webhook(made, secret)


@get(_ONE, sync_to_thread=True, tags=_TAGS, summary="Get a webhook")
def show(request: context.Asked, context: context.Context, webhook_id: params.Key) -> wire.Webhook:
    """One webhook, without its secret."""
    with context.deed.db.read() as tx:
        return wire.webhook(webhook_rows.find(tx, request.user.id, webhook_id))


@put(_ONE, sync_to_thread=True, tags=_TAGS, summary="Update a webhook")
def update(
    request: context.Asked, context: context.Context, webhook_id: params.Key, data: wire.WebhookRequest
) -> wire.Webhook:
    """The webhook, as it is now; what is not sent stays, its secret always."""
    with context.deed.db.write() as tx:
        return wire.webhook(webhooks.change(tx, request.user.id, webhook_id, _fields(data)))


@delete(_ONE, status_code=200, sync_to_thread=True, tags=_TAGS, summary="Delete a webhook")
def remove(request: context.Asked, context: context.Context, webhook_id: params.Key) -> answers.Success:
    """With its deliveries; what is on its way to it is not sent any more."""
    with context.deed.db.write() as tx:
        webhooks.delete(tx, request.user.id, webhook_id)
    return answers.Success()


@get(f"{_ONE}/deliveries", sync_to_thread=True, tags=_TAGS, summary="List a webhook's deliveries")
def deliveries(
    request: context.Asked, context: context.Context, webhook_id: params.Key, paging: params.Paging
) -> wire.DeliveryList:
    """A page of the messages to the webhook, newest first: what became of each, and what it says."""
    offset, limit = paging.window
    with context.deed.db.read() as tx:
        webhook = webhook_rows.find(tx, request.user.id, webhook_id)
        found = webhook_rows.deliveries(tx, webhook, offset=offset, limit=limit)
    return wire.DeliveryList([wire.delivery(each) for each in found])


@post(
    f"{_ONE}/deliveries/{{delivery_id:int}}/redeliver",
    status_code=200,
    sync_to_thread=True,
    tags=_TAGS,
    summary="Deliver a message again",
    responses=documentation.ends_in(409),
)
def redeliver(
    request: context.Asked, context: context.Context, webhook_id: params.Key, delivery_id: params.Key
) -> wire.Delivery:
    """Sends the same message once more, with all its attempts before it. 409 where the webhook is not active."""
    with context.deed.db.write() as tx:
        return wire.delivery(webhooks.redeliver(tx, request.user.id, webhook_id, delivery_id))


def _fields(data: wire.WebhookRequest) -> dict[str, object]:
    return answers.sent({"url": data.url, "events": data.events, "active": data.active})


ROUTES = [listed, create, show, update, remove, deliveries, redeliver]
