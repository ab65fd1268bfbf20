"""Connections' own state. Credentials are kept sealed and leave this table only towards what runs recipes."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from recipeyard.model import assets, connections, errors
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import database, runtime_tables, tables

_connections = tables.connections
_tests = runtime_tables.connection_tests
_RENEWALS = 1 << 62
"""Where the numbers of the locks begin that stand for connections, one after the other."""


def add(tx: database.Tx, ids: Sequence[int], external_id: str | None = None, parent_id: int | None = None) -> None:
    """Give new connections their state: without credentials."""
    tx.run(
        sa.insert(_connections),
        [{"asset_id": each, "external_id": external_id, "parent_id": parent_id} for each in ids],
    )


def authorize(tx: database.Tx, connection_id: int, sealed_input: bytes) -> None:
    """A connection holds these credentials from now on."""
    _hold(tx, connection_id, {"authorized_at": tx.now, "sealed_input": sealed_input}, None)


def fail(tx: database.Tx, connection_id: int, sealed_input: bytes, error: str) -> None:
    """A connection holds these credentials from now on, and they do not work."""
    _hold(tx, connection_id, {"authorized_at": None, "sealed_input": sealed_input}, error)


def disconnect(tx: database.Tx, connection_id: int) -> None:
    """Forget a connection's credentials."""
    _hold(tx, connection_id, {"authorized_at": None, "sealed_input": None}, None)


def _hold(tx: database.Tx, connection_id: int, values: dict[str, Any], error: str | None) -> None:
    tx.run(sa.update(_connections).where(_connections.c.asset_id == connection_id).values(values))
    tx.run(sa.delete(_tests).where(_tests.c.connection_id == connection_id))
    if error is not None:
        tx.run(sa.insert(_tests), [{"connection_id": connection_id, "error": error, "failed_at": tx.now}])


def sealed(tx: database.Tx, connection_id: int) -> tuple[bytes, bool] | None:
    """A connection's credentials as they are kept, and whether they are known to work; None where it holds none."""
    columns = (_connections.c.sealed_input, _connections.c.authorized_at)
    found = tx.all(sa.select(*columns).where(_connections.c.asset_id == connection_id))
    held = [(row.sealed_input, row.authorized_at is not None) for row in found if row.sealed_input is not None]
    return held[0] if held else None


def replace(tx: database.Tx, connection_id: int, before: bytes, after: bytes) -> bool:
    """Renewed credentials take the place of those before; not where there are others by now."""
    mine = (_connections.c.asset_id == connection_id, _connections.c.sealed_input == before)
    return bool(tx.run(sa.update(_connections).where(*mine).values(sealed_input=after)))


def renew_alone(tx: database.Tx, connection_id: int, seconds: float) -> bool:
    """Let no other server renew a connection before this transaction ends. On PostgreSQL alone.

    False where another one does for longer than that; the transaction is of no use then.
    """
    tx.run(sa.select(sa.func.set_config("lock_timeout", f"{max(1, round(seconds * 1000))}ms", sa.true())))
    try:
        tx.run(sa.select(sa.func.pg_advisory_xact_lock(_RENEWALS + connection_id)))
    except sa.exc.DBAPIError as e:
        if not database.has_waited_too_long(e):
            raise
        return False
    return True


def annotate(tx: database.Tx, connection_id: int, values: dict[str, Any]) -> None:
    """Set `external_id` or `parent_id`."""
    if values:
        tx.run(sa.update(_connections).where(_connections.c.asset_id == connection_id).values(values))


def authorized(tx: database.Tx, ids: Iterable[int]) -> set[int]:
    """Which of these connections hold credentials that recipes may run with."""
    return _which(tx, ids, _connections.c.authorized_at)


def holding(tx: database.Tx, ids: Iterable[int]) -> set[int]:
    """Which of these connections hold credentials, whether they work or not."""
    return _which(tx, ids, _connections.c.sealed_input)


def _which(tx: database.Tx, ids: Iterable[int], column: sa.Column[Any]) -> set[int]:
    query = sa.select(_connections.c.asset_id).where(column.is_not(None))
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
    joined = joined.outerjoin(_tests, _tests.c.connection_id == _connections.c.asset_id)
    query = sa.select(_connections, _tests.c.error, *columns).select_from(joined)
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
            error=row.error,
        )
        for row in sorted(rows, key=lambda row: -row.asset_id)
    ]
