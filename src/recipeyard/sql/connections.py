"""Connections' own state. Credentials are kept sealed and leave this table only towards what runs recipes."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from recipeyard.model import assets, connections, errors
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import database, tables

_connections = tables.connections


def add(tx: database.Tx, ids: Sequence[int], external_id: str | None = None, parent_id: int | None = None) -> None:
    """Give new connections their state: without credentials."""
    tx.run(
        sa.insert(_connections),
        [{"asset_id": each, "external_id": external_id, "parent_id": parent_id} for each in ids],
    )


def authorize(tx: database.Tx, connection_id: int, sealed_input: bytes) -> None:
    """A connection holds these credentials from now on."""
    values = {"authorized_at": tx.now, "sealed_input": sealed_input}
    tx.run(sa.update(_connections).where(_connections.c.asset_id == connection_id).values(values))


def disconnect(tx: database.Tx, connection_id: int) -> None:
    """Forget a connection's credentials."""
    values = {"authorized_at": None, "sealed_input": None}
    tx.run(sa.update(_connections).where(_connections.c.asset_id == connection_id).values(values))


def annotate(tx: database.Tx, connection_id: int, values: dict[str, Any]) -> None:
    """Set `external_id` or `parent_id`."""
    if values:
        tx.run(sa.update(_connections).where(_connections.c.asset_id == connection_id).values(values))


def authorized(tx: database.Tx, ids: Iterable[int]) -> set[int]:
    """Which of these connections hold credentials."""
    query = sa.select(_connections.c.asset_id).where(_connections.c.authorized_at.is_not(None))
    pieces = database.in_pieces(sorted(set(ids)))
    return {row.asset_id for piece in pieces for row in tx.all(query.where(_connections.c.asset_id.in_(piece)))}


def only_one(tx: database.Tx, workspace_id: int, provider: str) -> int | None:
    """The connection of a provider, where a workspace has exactly one."""
    table = tables.assets
    mine = (table.c.workspace_id == workspace_id, table.c.kind == assets.CONNECTION, table.c.provider == provider)
    rows = tx.all(sa.select(table.c.id).where(*mine).limit(2))
    return int(rows[0].id) if len(rows) == 1 else None


def find(tx: database.Tx, workspace_id: int, connection_id: int) -> connections.Connection:
    """The connection of that id. Raises `errors.NotFound`."""
    found = listed(tx, workspace_id, tables.assets.c.id == connection_id)
    if not found:
        raise errors.NotFound.of("connection", connection_id)
    return found[0]


def listed(tx: database.Tx, workspace_id: int, *where: sa.ColumnElement[bool]) -> list[connections.Connection]:
    """A workspace's connections, newest first."""
    found = {asset.id: asset for asset in asset_rows.of_kind(tx, workspace_id, assets.CONNECTION, *where)}
    columns = (tables.assets.c.created_at, tables.assets.c.updated_at, tables.folders.c.project_id)
    joined = _connections.join(tables.assets, tables.assets.c.id == _connections.c.asset_id)
    joined = joined.join(tables.folders, tables.folders.c.id == tables.assets.c.folder_id)
    query = sa.select(_connections, *columns).select_from(joined)
    rows = [r for p in database.in_pieces(sorted(found)) for r in tx.all(query.where(_connections.c.asset_id.in_(p)))]
    return [
        connections.Connection(
            asset=found[row.asset_id],
            project_id=row.project_id,
            external_id=row.external_id,
            parent_id=row.parent_id,
            authorized_at=row.authorized_at,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )
        for row in sorted(rows, key=lambda row: -row.asset_id)
    ]
