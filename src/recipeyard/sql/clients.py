"""API clients, and whoever a token stands for. A client points at its token; one that is renewed points at another."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from recipeyard.model import activities, clients, errors, workspaces
from recipeyard.sql import database, roles, tables

_clients = tables.developer_clients
_tokens = tables.tokens
_roles = tables.roles
_workspaces = tables.workspaces


def caller(tx: database.Tx, digest: str) -> clients.Caller:
    """Whoever a token stands for. Raises `errors.Unauthenticated` for one unknown or revoked."""
    joined = _tokens.join(_workspaces, _workspaces.c.id == _tokens.c.workspace_id)
    joined = joined.outerjoin(_clients, _clients.c.token_id == _tokens.c.id)
    columns = (_clients.c.id.label("client_id"), _clients.c.name.label("client_name"), _clients.c.role_id)
    query = sa.select(_workspaces, *columns, _clients.c.ip_allow_list).select_from(joined)
    row = tx.first(query.where(_tokens.c.digest == digest, _tokens.c.revoked_at.is_(None)))
    if row is None:
        raise errors.Unauthenticated("Unauthorized")
    workspace = workspaces.Workspace(row.id, row.name, row.root_folder_id, row.created_at)
    if row.client_id is None:
        return clients.Caller(workspace)
    return clients.Caller(
        workspace,
        activities.Actor(row.client_id, row.client_name),
        roles.find(tx, workspace.id, row.role_id),
        tuple(row.ip_allow_list or ()),
    )


def insert(tx: database.Tx, workspace_id: int, values: Mapping[str, Any], digest: str) -> int:
    """A new client with its token; returns the client's id. `values` holds name, role_id and ip_allow_list."""
    row = {"workspace_id": workspace_id, "token_id": _add_token(tx, workspace_id, digest)}
    return tx.insert(_clients, [dict(values) | row | {"created_at": tx.now, "updated_at": tx.now}])[0]


def find(tx: database.Tx, workspace_id: int, client_id: int) -> clients.Client:
    """The client of that id. Raises `errors.NotFound`."""
    row = tx.first(_select(workspace_id).where(_clients.c.id == client_id))
    if row is None:
        raise errors.NotFound.of("API client", client_id)
    return _client(row)


def listed(tx: database.Tx, workspace_id: int) -> list[clients.Client]:
    """A workspace's clients, by id."""
    return [_client(row) for row in tx.all(_select(workspace_id).order_by(_clients.c.id))]


def change(tx: database.Tx, client: clients.Client) -> None:
    """Write a client's name, role and addresses."""
    values = {"name": client.name, "role_id": client.role_id, "ip_allow_list": list(client.ip_allow_list)}
    tx.run(sa.update(_clients).where(_clients.c.id == client.id).values(values | {"updated_at": tx.now}))


def renew(tx: database.Tx, workspace_id: int, client: clients.Client, digest: str) -> None:
    """Give a client another token; the one it had opens nothing from now on."""
    token_id = _add_token(tx, workspace_id, digest)
    tx.run(sa.update(_clients).where(_clients.c.id == client.id).values(token_id=token_id, updated_at=tx.now))
    _revoke(tx, client)


def delete(tx: database.Tx, client: clients.Client) -> None:
    """Delete a client; its token opens nothing from now on."""
    tx.run(sa.delete(_clients).where(_clients.c.id == client.id))
    _revoke(tx, client)


def environment_of(tx: database.Tx, workspace_id: int) -> str:
    """What a workspace is to the one that deploys to it; one that nobody deploys to is where things are developed."""
    environments = tables.environments
    row = tx.first(sa.select(environments.c.type).where(environments.c.target_id == workspace_id))
    return str(row.type) if row else "dev"


def _add_token(tx: database.Tx, workspace_id: int, digest: str) -> int:
    return tx.insert(_tokens, [{"workspace_id": workspace_id, "digest": digest, "created_at": tx.now}])[0]


def _revoke(tx: database.Tx, client: clients.Client) -> None:
    tx.run(sa.update(_tokens).where(_tokens.c.id == client.token_id).values(revoked_at=tx.now))


def _select(workspace_id: int) -> sa.Select[Any]:
    joined = _clients.outerjoin(_tokens, _tokens.c.id == _clients.c.token_id)
    columns = (_tokens.c.created_at.label("token_created_at"),)
    return sa.select(_clients, *columns).select_from(joined).where(_clients.c.workspace_id == workspace_id)


def _client(row: sa.Row[Any]) -> clients.Client:
    return clients.Client(
        id=row.id,
        name=row.name,
        role_id=row.role_id,
        token_id=row.token_id,
        token_created_at=row.token_created_at,
        ip_allow_list=tuple(row.ip_allow_list or ()),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
