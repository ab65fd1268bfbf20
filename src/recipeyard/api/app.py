"""The whole API as one ASGI application."""

import uuid
from collections.abc import Callable

from litestar import Litestar, Router
from litestar.di import Provide
from litestar.exceptions import MethodNotAllowedException
from litestar.handlers import BaseRouteHandler
from litestar.middleware import DefineMiddleware
from litestar.middleware.rate_limit import RateLimitConfig
from litestar.types import HTTPScope, Message, Scope

import recipeyard
from recipeyard.api import (
    activities,
    api_collections,
    auth,
    bindings,
    clients,
    connections,
    custom_connectors,
    customers,
    data_tables,
    deployments,
    documentation,
    draining,
    endpoints,
    errors,
    events,
    folders,
    gates,
    histories,
    hooks,
    idempotency,
    integrations,
    jobs,
    lookup_tables,
    manifests,
    packages,
    params,
    plans,
    platform_clients,
    projects,
    properties,
    recipes,
    records,
    samples,
    stubs,
    tags,
    test_cases,
    webhooks,
    workspaces,
)
from recipeyard.api import context as api_context
from recipeyard.model import clients as model
from recipeyard.model import tokens

JSON_BYTES = 32 * 1024 * 1024
"""The largest body of any call but an import."""

_NOUNS = (
    samples,
    platform_clients,
    api_collections,
    custom_connectors,
    packages,
    plans,
    events,
    manifests,
    folders,
    histories,
    projects,
    recipes,
    connections,
    stubs,
    lookup_tables,
    data_tables,
    records,
    properties,
    bindings,
    workspaces,
    integrations,
    tags,
    jobs,
    test_cases,
    activities,
    clients,
    deployments,
    customers,
    webhooks,
    gates,
    hooks,
    endpoints,
)
_IMPORT = "^/api/(packages/import/|plans$|managed_users/[^/]+/imports$)"


def create(context: api_context.Context) -> draining.Draining:
    """Build the application around its parts."""
    nouns = [Router("/", route_handlers=noun.ROUTES) for noun in _NOUNS]
    api = Litestar(
        route_handlers=[*nouns, *documentation.ROUTES, documentation.assets()],
        dependencies={
            "context": Provide(_acting(context), sync_to_thread=False),
            "paging": Provide(params.Paging, sync_to_thread=False),
        },
        middleware=[*_rate_limits(context), *_behind(context)],
        guards=[_documented, auth.authorize],
        request_class=api_context.Reading,
        exception_handlers=errors.table(),
        before_send=[_stamp],
        openapi_config=documentation.settings(recipeyard.__version__),
        request_max_body_size=JSON_BYTES,
        logging_config=None,
    )
    return draining.Draining(api)


def _documented(asked: auth.Connection, _: BaseRouteHandler) -> None:
    """No route documents OPTIONS; the framework's own answer to it names only some of a path's methods."""
    if asked.scope.get("method") == "OPTIONS":
        raise MethodNotAllowedException


def _acting(context: api_context.Context) -> Callable[[api_context.Asked], api_context.Context]:
    """Each request's context: what is changed by it, is changed by who asks."""

    def acting(request: api_context.Asked) -> api_context.Context:
        caller = request.scope.get("auth")
        acted = context.by(caller.actor) if isinstance(caller, model.Caller) else context
        conclude = request.scope["state"].get(idempotency.CONCLUDE)
        return acted.concluding(conclude) if conclude else acted

    return acting


def _rate_limits(context: api_context.Context) -> list[DefineMiddleware]:
    """The published limits, by token: 500 imports an hour, 60 other calls a minute."""
    if not context.rate_limits:
        return []
    imports = RateLimitConfig(
        ("hour", 500), exclude=[f"(?!{_IMPORT}).*"], identifier_for_request=_caller, store="imports"
    )
    others = RateLimitConfig(("minute", 60), exclude=[_IMPORT, "^(?!/api/)"], identifier_for_request=_caller)
    return [imports.middleware, others.middleware]


def _behind(context: api_context.Context) -> list[DefineMiddleware]:
    """Who asks, and whether that very request came before."""
    return [
        DefineMiddleware(auth.Authentication, context=context),
        DefineMiddleware(idempotency.Idempotency, context=context),
    ]


def _caller(request: api_context.Asked) -> str:
    return tokens.digest(request.headers.get("authorization", "") + request.headers.get("x-user-token", ""))


async def _stamp(message: Message, scope: Scope) -> None:
    """Every answer says which request it answers, and that it is not to be kept."""
    if message["type"] != "http.response.start":
        return
    sent = {name.lower(): value for name, value in scope["headers"]}
    request_id = uuid.uuid4().hex.encode()
    headers = list(message.get("headers", []))
    headers += [(b"x-request-id", request_id), (b"x-correlation-id", sent.get(b"x-correlation-id", request_id)[:255])]
    if not _is_asset(scope):
        headers.append((b"cache-control", b"no-cache, no-store"))
    message["headers"] = headers


def _is_asset(scope: Scope | HTTPScope) -> bool:
    return scope["path"].startswith("/docs/assets")
