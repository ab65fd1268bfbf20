"""The installation: the mark by which what it owns is known, and the processes that serve it."""

from datetime import timedelta

import sqlalchemy as sa

from recipeyard.sql import database, tables

_nodes = tables.nodes
_ONLY = 1


def mark(tx: database.Tx, wanted: str) -> str:
    """The installation's mark: the one that is wished for where it has none yet."""
    tx.insert_new(tables.installation, [{"id": _ONLY, "mark": wanted}])
    return str(tx.connection.execute(sa.select(tables.installation.c.mark)).scalar_one())


def beat(tx: database.Tx, node: str, patience: timedelta) -> set[str]:
    """Say that a node lives; returns all that live. One that was not seen for `patience` is forgotten."""
    seen = {"seen_at": tx.now}
    if not tx.run(sa.update(_nodes).where(_nodes.c.id == node).values(seen)):
        tx.run(sa.insert(_nodes), [{"id": node} | seen])
    tx.run(sa.delete(_nodes).where(_nodes.c.seen_at < tx.now - patience))
    return {row.id for row in tx.all(sa.select(_nodes.c.id))}


def forget(tx: database.Tx, node: str) -> None:
    """Say that a node lives no more."""
    tx.run(sa.delete(_nodes).where(_nodes.c.id == node))
