"""Platform clients and their keys. Every function that takes a workspace sees nothing of another's."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from recipeyard.model import assets, errors, platform_clients
from recipeyard.sql import database, tables

_clients = tables.platform_clients
_keys = tables.platform_keys


def clients(tx: database.Tx, workspace_id: int) -> list[platform_clients.Client]:
    """A workspace's clients, by id."""
    rows = tx.all(sa.select(_clients).where(_clients.c.workspace_id == workspace_id).order_by(_clients.c.id))
    collections, counts = _collections(tx, workspace_id), _counts(tx, workspace_id)
    return [_client(row, collections, counts.get(row.id, (0, 0))) for row in rows]


def find(tx: database.Tx, workspace_id: int, client_id: int) -> platform_clients.Client:
    """The client of that id. Raises `errors.NotFound`."""
    found = [each for each in clients(tx, workspace_id) if each.id == client_id]
    if not found:
        raise errors.NotFound.of("platform client", client_id)
    return found[0]


def insert(tx: database.Tx, workspace_id: int, name: str, collection_ids: list[int], details: Mapping[str, Any]) -> int:
    """A new client; returns its id."""
    values = {"workspace_id": workspace_id, "name": name, "collection_ids": collection_ids, "details": dict(details)}
    return tx.insert(_clients, [values | {"created_at": tx.now, "updated_at": tx.now}])[0]


def change(tx: database.Tx, client: platform_clients.Client, values: Mapping[str, Any]) -> None:
    """Set some of a client's `name`, `collection_ids` and `details`."""
    statement = sa.update(_clients).where(_clients.c.id == client.id)
    tx.run(statement.values(dict(values) | {"updated_at": tx.now}))


def delete(tx: database.Tx, client: platform_clients.Client) -> None:
    """Delete a client with its keys."""
    tx.run(sa.delete(_clients).where(_clients.c.id == client.id))


def keys(tx: database.Tx, workspace_id: int, client_id: int | None = None) -> list[platform_clients.Key]:
    """A workspace's keys by id, or those of one client."""
    joined = _keys.join(_clients, _clients.c.id == _keys.c.client_id)
    query = sa.select(_keys).select_from(joined).where(_clients.c.workspace_id == workspace_id).order_by(_keys.c.id)
    return [_key(row) for row in tx.all(query if client_id is None else query.where(_keys.c.client_id == client_id))]


def find_key(tx: database.Tx, workspace_id: int, client_id: int, key_id: int) -> platform_clients.Key:
    """The key of that id of a client. Raises `errors.NotFound`."""
    found = [each for each in keys(tx, workspace_id, client_id) if each.id == key_id]
    if not found:
        raise errors.NotFound.of("key", key_id)
    return found[0]


def by_token(tx: database.Tx, digest: str) -> tuple[int, platform_clients.Key] | None:
    """The workspace and the key that a token is of; None where it is nobody's."""
    joined = _keys.join(_clients, _clients.c.id == _keys.c.client_id)
    query = sa.select(_keys, _clients.c.workspace_id).select_from(joined)
    row = tx.first(query.where(_keys.c.digest == digest))
    return (row.workspace_id, _key(row)) if row else None


def insert_key(tx: database.Tx, client: platform_clients.Client, values: Mapping[str, Any]) -> int:
    """A new key with these columns; returns its id."""
    fixed = {"client_id": client.id, "active_since": tx.now, "created_at": tx.now, "updated_at": tx.now}
    return tx.insert(_keys, [fixed | dict(values)])[0]


def change_key(tx: database.Tx, key: platform_clients.Key, values: Mapping[str, Any]) -> None:
    """Set some of a key's columns. One that becomes active is so from now on."""
    since = {"active_since": tx.now} if values.get("active") and not key.active else {}
    statement = sa.update(_keys).where(_keys.c.id == key.id)
    tx.run(statement.values(dict(values) | since | {"updated_at": tx.now}))


def delete_key(tx: database.Tx, key: platform_clients.Key) -> None:
    """Delete a key: its token opens nothing any more."""
    tx.run(sa.delete(_keys).where(_keys.c.id == key.id))


def _collections(tx: database.Tx, workspace_id: int) -> dict[int, str]:
    table = tables.assets
    mine = (table.c.workspace_id == workspace_id, table.c.kind == assets.API_GROUP)
    return {row.id: row.name for row in tx.all(sa.select(table.c.id, table.c.name).where(*mine))}


def _counts(tx: database.Tx, workspace_id: int) -> dict[int, tuple[int, int]]:
    found: dict[int, tuple[int, int]] = {}
    for key in keys(tx, workspace_id):
        active, total = found.get(key.client_id, (0, 0))
        found[key.client_id] = (active + key.active, total + 1)
    return found


def _client(row: sa.Row[Any], collections: Mapping[int, str], counts: tuple[int, int]) -> platform_clients.Client:
    return platform_clients.Client(
        id=row.id,
        name=row.name,
        description=row.details["description"],
        email=row.details["email"],
        project_id=row.details["project_id"],
        collections=tuple((each, collections[each]) for each in row.collection_ids if each in collections),
        active_keys=counts[0],
        keys=counts[1],
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _key(row: sa.Row[Any]) -> platform_clients.Key:
    return platform_clients.Key(
        id=row.id,
        client_id=row.client_id,
        name=row.name,
        active=row.active,
        masked=row.masked,
        ip_allow_list=tuple(row.details["ip_allow_list"]),
        ip_deny_list=tuple(row.details["ip_deny_list"]),
        active_since=row.active_since,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
