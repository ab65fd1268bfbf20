"""Who asks: a token opens one workspace. Tokens are looked up by digest; nothing here or below ever stores one."""

import hashlib
from typing import Any

import anyio.to_thread
from litestar.connection import ASGIConnection
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult
from litestar.types import ASGIApp

from recipeyard.api import context
from recipeyard.model import errors, workspaces
from recipeyard.sql import workspaces as workspace_rows

Connection = ASGIConnection[Any, Any, Any, Any]


class Authentication(AbstractAuthenticationMiddleware):
    """Finds the workspace of every request whose route does not opt out. Raises `errors.Unauthenticated`."""

    def __init__(self, app: ASGIApp, context: context.Context) -> None:
        super().__init__(app, exclude=["^/docs/schema"])
        self.context = context

    async def authenticate_request(self, connection: Connection) -> AuthenticationResult:
        """The workspace as the request's user."""
        token = _token(connection, legacy=self.context.legacy_auth)
        if not token:
            raise errors.Unauthenticated("Unauthorized")
        workspace = await anyio.to_thread.run_sync(self._workspace, digest(token))
        return AuthenticationResult(user=workspace, auth=None)

    def _workspace(self, token_digest: str) -> workspaces.Workspace:
        with self.context.deed.db.read() as tx:
            return workspace_rows.by_token(tx, token_digest)


def digest(token: str) -> str:
    """What is kept of a token. Tokens are long and random, so a plain hash of one can't be searched."""
    return hashlib.sha256(token.encode()).hexdigest()


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
