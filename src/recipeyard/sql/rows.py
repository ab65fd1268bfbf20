"""Rows of lookup tables and data tables, as the lists of fields that travel in packages."""

from collections.abc import Sequence

import sqlalchemy as sa

from recipeyard.sql import database, tables

_rows = tables.rows


def replace(tx: database.Tx, asset_id: int, rows: Sequence[Sequence[str]]) -> None:
    """A table's rows are these from now on. They are as old as the table's version: only later ones have times."""
    tx.run(sa.delete(_rows).where(_rows.c.asset_id == asset_id))
    tx.run(sa.insert(_rows), [{"asset_id": asset_id, "position": at, "fields": row} for at, row in enumerate(rows)])


def of_table(tx: database.Tx, asset_id: int) -> list[list[str]]:
    """A table's rows, in their order."""
    rows = tx.all(sa.select(_rows.c.fields).where(_rows.c.asset_id == asset_id).order_by(_rows.c.position))
    return [row.fields for row in rows]


def count(tx: database.Tx, asset_id: int) -> int:
    """How many rows a table has."""
    query = sa.select(sa.func.count()).select_from(_rows).where(_rows.c.asset_id == asset_id)
    return int(tx.connection.execute(query).scalar_one())
