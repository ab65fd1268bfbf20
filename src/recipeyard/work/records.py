"""Records of data tables, one at a time and by query, as the API handles them."""

import uuid
from collections.abc import Mapping
from typing import Any

from recipeyard.model import data_tables, queries, tables
from recipeyard.runtime import interface
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import database, rows
from recipeyard.sql import workspaces as workspace_rows
from recipeyard.work import activities
from recipeyard.work import data_tables as table_deeds
from recipeyard.work import tables as any_tables
from recipeyard.work.running import accepting
from recipeyard.work.running import tables as running_tables

Shown = tuple[data_tables.Record, dict[str, data_tables.Column]]
"""A record, and the columns that it is shown with."""


def query(tx: database.Tx, workspace_id: int, key: str, asked: queries.Asked) -> queries.Page:
    """The records of a table that are asked for. Raises `errors.Invalid` for what can't be asked."""
    table = table_deeds.find(tx, workspace_id, key)
    held = [data_tables.record(table, row) for row in rows.listed(tx, table.asset.id)]
    return queries.run(table.asset.name, data_tables.columns(table.value), asked, held)


def find(tx: database.Tx, workspace_id: int, key: str, record_id: str) -> Shown:
    """One record. Raises `errors.NotFound`."""
    table = table_deeds.find(tx, workspace_id, key)
    return _shown(table, rows.of_key(tx, table.asset.id, record_id))


def add(tx: database.Tx, workspace_id: int, key: str, values: Mapping[str, Any]) -> Shown:
    """A new record; columns that are not sent have their default value.

    Raises `errors.Invalid` for unknown columns, values of the wrong type, required columns without a value, and for a
    table that is full.
    """
    table = _held(tx, workspace_id, key)
    columns = data_tables.columns(table.value)
    texts = data_tables.filled(table.asset.name, columns, values, data_tables.defaults(columns))
    any_tables.refuse_full(tx, table.asset, data_tables.ROWS)
    asset_rows.forget_rows_digest(tx, table.asset.id)
    made = data_tables.new_texts(str(uuid.uuid4()), tx.now) | texts
    _log(tx, workspace_id, table, "created", record_id=made[data_tables.RECORD_ID])
    row = rows.add(tx, table.asset.id, made)
    _publish(tx, workspace_id, table, running_tables.news(table, row))
    return _shown(table, row)


def change(tx: database.Tx, workspace_id: int, key: str, record_id: str, values: Mapping[str, Any]) -> Shown:
    """A record under other values; what is not sent stays. Raises `errors.Invalid` as `add` does."""
    table = _held(tx, workspace_id, key)
    row = rows.of_key(tx, table.asset.id, record_id)
    texts = data_tables.filled(table.asset.name, data_tables.columns(table.value), values, row.fields)
    rows.change(tx, row.id, texts | {data_tables.UPDATED_AT: data_tables.stamp(tx.now)})
    asset_rows.forget_rows_digest(tx, table.asset.id)
    _log(tx, workspace_id, table, "updated", record_id=record_id, fields=len(values))
    after = rows.find(tx, table.asset.id, row.id)
    _publish(tx, workspace_id, table, running_tables.news(table, after, row))
    return _shown(table, after)


def delete(tx: database.Tx, workspace_id: int, key: str, record_id: str) -> None:
    """Delete a record."""
    table = _held(tx, workspace_id, key)
    rows.delete(tx, [rows.of_key(tx, table.asset.id, record_id).id])
    asset_rows.forget_rows_digest(tx, table.asset.id)
    _log(tx, workspace_id, table, "deleted", record_id=record_id)


def _held(tx: database.Tx, workspace_id: int, key: str) -> tables.Table:
    """A table whose records nobody else changes before this transaction ends."""
    workspace_rows.lock(tx, workspace_id)
    table = table_deeds.find(tx, workspace_id, key)
    asset_rows.hold(tx, table.asset.id)
    return table


def _log(tx: database.Tx, workspace_id: int, table: tables.Table, what: str, **details: object) -> None:
    """One line of the activity log: which record of which table, and nothing of what it holds."""
    activities.record(tx, workspace_id, f"data_table_record_{what}", activities.of_asset(table.asset), **details)


def _publish(tx: database.Tx, workspace_id: int, table: tables.Table, news: interface.Object) -> None:
    """Tell recipes that listen to the table."""
    accepting.publish(tx, workspace_id, running_tables.subject(table.asset), interface.Event(news))


def _shown(table: tables.Table, row: tables.Row) -> Shown:
    return data_tables.record(table, row), data_tables.labelled(data_tables.columns(table.value))
