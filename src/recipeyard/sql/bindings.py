"""Bindings: one row for each version of a workspace's; the newest holds."""

from typing import Any

import msgspec
import sqlalchemy as sa

from recipeyard.model import activities, bindings
from recipeyard.sql import database, promotion_tables

_bindings = promotion_tables.bindings


def newest(tx: database.Tx, workspace_id: int) -> bindings.Version:
    """What holds now; number 0 where nothing was ever set."""
    return next(iter(listed(tx, workspace_id, limit=1)), bindings.Version())


def listed(tx: database.Tx, workspace_id: int, *, offset: int = 0, limit: int) -> list[bindings.Version]:
    """A workspace's bindings as they were set, newest first."""
    query = sa.select(_bindings).where(_bindings.c.workspace_id == workspace_id)
    rows = tx.all(query.order_by(_bindings.c.version_no.desc()).offset(offset).limit(limit))
    return [_version(row) for row in rows]


def add(tx: database.Tx, workspace_id: int, number: int, content: bindings.Bindings) -> bindings.Version:
    """Let these hold from now on, as the version of that number."""
    row = {
        "workspace_id": workspace_id,
        "version_no": number,
        "content": msgspec.to_builtins(content),
        "set_by": msgspec.to_builtins(tx.actor),
        "created_at": tx.now,
    }
    tx.run(sa.insert(_bindings), [row])
    return bindings.Version(number, content, tx.actor, tx.now)


def _version(row: sa.Row[Any]) -> bindings.Version:
    content = msgspec.convert(row.content, bindings.Bindings)
    return bindings.Version(row.version_no, content, activities.Actor(**row.set_by), row.created_at)
