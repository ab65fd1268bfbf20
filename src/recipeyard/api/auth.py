"""Who asks, and whether they may: a token opens one workspace, as far as its API client's role goes.

At a customer's address it opens the customer's workspace, where the token's own manages that. Tokens are looked up by
digest; nothing here or below ever stores one.
"""

import secrets
from collections.abc import Iterator
from typing import Any

import anyio.to_thread
from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.enums import ScopeType
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult
from litestar.routes import HTTPRoute
from litestar.types import ASGIApp

from recipeyard.api import context
from recipeyard.model import clients, errors, tokens, workspaces
from recipeyard.sql import clients as client_rows
from recipeyard.work import customers

Connection = ASGIConnection[Any, Any, Any, Any]

CUSTOMER = "customer_id"
"""The path parameter of a customer's address."""


class Authentication(AbstractAuthenticationMiddleware):
    """Finds the workspace of every request whose route does not opt out. Raises `errors.Unauthenticated`."""

    def __init__(self, app: ASGIApp, context: context.Context) -> None:
        super().__init__(app, exclude=["^/docs/schema"])
        self.context = context

    async def authenticate_request(self, connection: Connection) -> AuthenticationResult:
        """The workspace as the request's user, and who asks as its auth."""
        token = _token(connection, legacy=self.context.legacy_auth)
        if not token:
            raise errors.Unauthenticated("Unauthorized")
        customer = connection.path_params.get(CUSTOMER)
        workspace, caller = await anyio.to_thread.run_sync(self._asked, tokens.digest(token), customer)
        return AuthenticationResult(user=workspace, auth=caller)

    def _asked(self, token_digest: str, customer: str | None) -> tuple[workspaces.Workspace, clients.Caller]:
        """Whose workspace is asked for, and who asks. Raises `errors.NotFound` for another manager's customer."""
        with self.context.deed.db.read() as tx:
            caller = client_rows.caller(tx, token_digest)
            workspace = caller.workspace
            return customers.find(tx, workspace.id, customer).workspace if customer else workspace, caller


async def authorize(connection: Connection, handler: BaseRouteHandler) -> None:
    """Refuse calls that the caller's role does not hold, and addresses that it can't be used from."""
    caller = connection.scope.get("auth")
    scope = connection.scope
    if isinstance(caller, clients.Caller) and isinstance(handler, HTTPRouteHandler) and scope["type"] == ScopeType.HTTP:
        call = clients.Call(group(handler), scope["method"], scope["path_template"])
        clients.refuse(caller, call, connection.client.host if connection.client else "")


def calls(app: Litestar) -> Iterator[clients.Call]:
    """Every call that privileges can name."""
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                if handler.tags:
                    for method in handler.http_methods:
                        yield clients.Call(group(handler), method, route.path_format)


def group(handler: HTTPRouteHandler) -> str:
    """The name that privileges give the calls of a handler: its tag in the OpenAPI document."""
    return next(iter(handler.tags or ()), "")


def new_token() -> str:
    """A token that nobody has had before; whoever gets it is told once."""
    return f"ryd-{secrets.token_urlsafe(32)}"


def _token(connection: Connection, *, legacy: bool) -> str:
    scheme, _, token = connection.headers.get("authorization", "").strip().partition(" ")
    if scheme.lower() == "bearer":
        return token.strip()
    if not legacy:
        return ""
    headers, query = connection.headers, connection.query_params
    if headers.get("x-user-email"):
        return str(headers.get("x-user-token", "")).strip()
    return str(query.get("user_token", "")).strip() if query.get("user_email") else ""
