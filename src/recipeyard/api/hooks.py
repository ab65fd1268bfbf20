"""Recipes' own addresses: `/webhooks/rest/…`. Who knows one may send events; 200 means that it is durable."""

import hashlib
import hmac
from typing import Any

from litestar import Request, Response, route

from recipeyard.api import context
from recipeyard.model import errors, runs
from recipeyard.runtime import bodies, interface, values
from recipeyard.wire import answers
from recipeyard.wire import hooks as wire
from recipeyard.work import hooks

LARGEST_BODY = 10 * 1024 * 1024
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_SIGNED = 32
_METHODS = "GET, HEAD, POST, PUT"
_AT = "/webhooks/rest"
_PATH = f"{_AT}/{{address:path}}"


def address(context: context.Context, base_url: str, recipe_id: int, suffix: str) -> str:
    """Where a recipe's events are sent to. Nobody can guess it; it stays while the server's secret does."""
    number, spelled = recipe_id, ""
    while number:
        number, digit = divmod(number, len(_DIGITS))
        spelled = _DIGITS[digit] + spelled
    key = f"{spelled}-{_signature(context, recipe_id)}"
    return f"{base_url}{_AT}/{key}/{suffix}" if suffix else f"{base_url}{_AT}/{key}"


@route(
    _PATH,
    http_method=["GET", "POST", "PUT"],
    status_code=200,
    sync_to_thread=True,
    include_in_schema=False,
    exclude_from_auth=True,
    request_max_body_size=LARGEST_BODY,
)
def receive(
    request: Request[Any, Any, Any], context: context.Context, address: str, body: bytes
) -> Response[wire.Received | answers.Error]:
    """An event."""
    sent = interface.Request(request.method, query(request), headers(request), body)
    keep = context.events_of_stopped == "keep"
    try:
        accepted = hooks.receive(context.deed.db, _recipe_id(context, address), sent, keep=keep)
    except hooks.NotTaken as e:
        said: wire.Received | answers.Error = answers.Error(e.message, e.message, "method_not_allowed")
        return Response(said, status_code=405, headers={"Allow": _METHODS})
    held = accepted.status is runs.Status.HELD
    said = wire.Received(runs.handle(accepted.run_id), accepted.new, held)
    return Response(said)


@route(
    _PATH,
    http_method=["DELETE", "PATCH"],
    status_code=405,
    sync_to_thread=True,
    include_in_schema=False,
    exclude_from_auth=True,
)
def refuse(context: context.Context, address: str) -> Response[answers.Error]:
    """Whatever sends no event."""
    _recipe_id(context, address)
    said = f"Events are sent by one of {_METHODS}"
    return Response(answers.Error(said, said, "method_not_allowed"), headers={"Allow": _METHODS})


@route(
    _PATH, http_method=["HEAD"], status_code=200, sync_to_thread=True, include_in_schema=False, exclude_from_auth=True
)
def look(context: context.Context, address: str) -> None:
    """Whether there is such an address; no event."""
    _recipe_id(context, address)


def query(request: Request[Any, Any, Any]) -> dict[str, values.Value]:
    """What a request's query says; what it names several times is a list."""
    return bodies.gathered(request.query_params.multi_items())


def headers(request: Request[Any, Any, Any]) -> dict[str, str]:
    """A request's headers by name, in lower case; lines of the same name are one, as HTTP has it."""
    found: dict[str, str] = {}
    for name, value in request.headers.multi_items():
        found[name.lower()] = f"{found[name.lower()]}, {value}" if name.lower() in found else value
    return found


def _recipe_id(context: context.Context, address: str) -> int:
    """The recipe whose key an address begins with; what follows is for people. Raises `errors.NotFound`."""
    spelled, _, signature = address.strip("/").partition("/")[0].partition("-")
    recipe_id = 0
    if spelled and len(spelled) < 14 and set(spelled) <= set(_DIGITS):
        recipe_id = int(spelled, len(_DIGITS))
    if not hmac.compare_digest(signature.encode(), _signature(context, recipe_id).encode()):
        raise errors.NotFound("Not found: no recipe takes events at this address")
    return recipe_id


def _signature(context: context.Context, recipe_id: int) -> str:
    return hmac.new(context.link_secret, f"hook:{recipe_id}".encode(), hashlib.sha256).hexdigest()[:_SIGNED]


ROUTES = [receive, refuse, look]
